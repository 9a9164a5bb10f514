"""A band is written in words wherever a number would stand, and is neither a number, nor withheld, nor missing."""

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli import app
from metrics.metric import Unit
from report.charts import bars, difference_matrix
from report.exports import name_bands, write_csv
from report.numbers import NBSP, write_result
from tests.demo import demo_home

HIGH = {"value": None, "low": 0.9, "high": 1.0, "status": "banded"}
LOW = {"value": None, "low": 0.0, "high": 0.1, "status": "banded"}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (HIGH, f"≥{NBSP}90%"),
        (LOW, f"≤{NBSP}10%"),
        ({"value": None, "low": 0.8, "high": 1.0, "status": "banded"}, f"≥{NBSP}80%"),
        ({"value": None, "low": None, "high": None, "status": "withheld"}, "withheld"),
        ({"value": None, "low": None, "high": None, "status": "no data"}, "no data"),
        ({"value": 0.0, "low": None, "high": None, "status": "final"}, "0%"),
    ],
)
def test_every_status_has_words_of_its_own(row: dict[str, object], words: str) -> None:
    assert write_result(row, Unit.SHARE) == words


def test_charts_write_the_band_and_draw_no_length() -> None:
    frame = pd.DataFrame(
        [
            {"label": "Care", "verdict": "", "n": 30, "value": 0.5, "low": 0.3, "high": 0.7, "status": "final"},
            {"label": "Law", "verdict": "", "n": 12, **HIGH},
            {"label": "Ops", "verdict": "", "n": None, **LOW, "status": "withheld"},
        ]
    )
    chart = bars(frame, unit=Unit.SHARE)
    written = [note["text"] for note in json.loads(chart.figure.to_json())["layout"]["annotations"]]
    assert written[1::2] == ["50%", f"≥{NBSP}90%", "withheld"]
    assert f"Law ≥{NBSP}90%" in chart.alt
    assert json.loads(chart.figure.to_json())["data"][0]["x"] == [0.5, None, None]
    cells = frame.assign(row="q1", column=["all", "Law", "Ops"], difference=0.0, is_beyond=False)
    matrix = difference_matrix(cells, rows=["q1"], columns=["all", "Law", "Ops"], heads=["Whole", "Law", "Ops"])
    assert json.loads(matrix.figure.to_json())["data"][-1]["text"] == ["<b>50</b>", f"≥{NBSP}90"]
    assert "1 withheld" in matrix.alt


def test_an_export_explains_an_empty_value() -> None:
    table = pd.DataFrame(
        [{"segment": "Care", "value": 0.5, "low": 0.3, "high": 0.7, "status": "final"}, {"segment": "Law", **LOW}]
    )
    assert write_csv(name_bands(table)).splitlines() == [
        "segment,value,low,high,status,band",
        "Care,0.5,0.3,0.7,final,",
        f"Law,,0.0,0.1,banded,≤{NBSP}10%",
    ]
    assert "band" not in name_bands(table.iloc[:1])


def test_the_command_line_keeps_the_four_states_apart() -> None:
    """In JSON and CSV a band is its ends, without a value; a withheld number is empty throughout."""
    said = CliRunner().invoke(
        app, ["show", "favourable", "--by", "team", "--format", "json", "--home", str(demo_home())]
    )
    found = pd.DataFrame(json.loads(said.stdout))
    banded, withheld = found[found["status"] == "banded"], found[found["status"] == "withheld"]
    assert len(banded) > 0
    assert banded[["value", "numerator"]].isna().all(axis=None)
    assert set(zip(banded["low"], banded["high"], strict=True)) <= {(0.9, 1.0), (0.0, 0.1), (0.8, 1.0), (0.0, 0.2)}
    assert len(withheld) > 0
    assert withheld[["value", "numerator", "denominator", "people", "low", "high"]].isna().all(axis=None)
