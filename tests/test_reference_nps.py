"""A thousand published answers through the command line: the score of all and of each unit, which only the survey file knows."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app


def test_nps_examples_by_show(reference: Path, tmp_path: Path) -> None:
    """462 promoters and 362 detractors of 1,000: +10.0; by unit of 250 each: 14.8, 9.6, 8.0, 7.6."""
    with (reference / "nps-examples" / "nps_testdata.csv").open(encoding="utf-8-sig") as source:
        rows = [(row["BU"], row["REC"]) for row in csv.DictReader(source)]
    survey, items, members = tmp_path / "survey.csv", tmp_path / "items.csv", tmp_path / "members.csv"
    survey.write_text(
        "respondent_id,submitted_at,unit,recommend\n"
        + "".join(f"r{n},2026-03-02,{unit},{score}\n" for n, (unit, score) in enumerate(rows)),
        encoding="utf-8",
    )
    items.write_text("column,item_id,wording,kind\nrecommend,recommend,Would you recommend us?,nps\n", encoding="utf-8")
    members.write_text("member_id\nm1\n", encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text('dimensions = ["unit"]\n', encoding="utf-8")
    done = CliRunner().invoke(
        app,
        ["import", str(survey), "--home", str(home), "--wave", "spring", "--opened", "2026-03-01", "--closed", "2026-03-31",
         "--invited", "5000", "--items", str(items), "--as-of", "2026-04-01", "--json"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    shown = {
        row["segment"]: row
        for by in ([], ["--by", "unit"])
        for row in json.loads(
            CliRunner().invoke(app, ["show", "nps", "--home", str(home), "--format", "json", *by]).stdout
        )
        if row["breakdown"] == "recommend"
    }
    assert shown["all"]["value"] == pytest.approx(100 * (462 - 362) / 1000)
    assert {name: round(row["value"], 1) for name, row in shown.items() if name != "all"} == {
        "Apples": 14.8,
        "Bananas": 9.6,
        "Berries": 8.0,
        "Oranges": 7.6,
    }
