"""The big list of naughty strings as names, teams, comments and headings: what goes in comes out, letter by letter.

What "unchanged" means: blanks at the ends are trimmed (a cell of blanks is an empty cell), NUL is refused, and an
apostrophe straight before what a spreadsheet would run is the guard of an export and is taken off. All else stays,
control characters, invisible ones and right-to-left marks among them.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from cli import app
from data.errors import BadFile
from data.settings import Settings
from ingest.guarding import guard, unguard
from ingest.layout import BLANKS, shape
from report.exports import RISKY, write_csv, write_xlsx
from tests.figures_of_proof import record
from tests.uploads import ask, take_in


@pytest.fixture(scope="module")
def naughty(reference: Path) -> list[str]:
    """All 515, as they are."""
    found = json.loads((reference / "csv-corpora" / "blns" / "blns.json").read_text(encoding="utf-8"))
    assert len(found) == 515
    assert not any("\0" in text for text in found)
    return [str(text) for text in found]


TEAMS = Settings(as_of=date(2026, 11, 16), dimensions=("team",))


def kept(text: str) -> str | None:
    """What the store holds of a text."""
    return unguard(text.strip(BLANKS)).strip(BLANKS) or None


def file_of(rows: list[list[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def distinct(texts: list[str]) -> Iterator[str]:
    """Those that can be told apart as headings, without blank ones."""
    seen = {"", "line", "reason"}
    for text in texts:
        if shape(text) not in seen:
            seen.add(shape(text))
            yield text


def test_hardly_any_is_changed(naughty: list[str]) -> None:
    """Of 515 only those with blanks at their ends, or of blanks alone."""
    changed = [text for text in naughty if kept(text) != text]
    assert all(text.strip(BLANKS) == (kept(text) or "") for text in changed)
    assert len(changed) <= 12


def test_names_stay(home: Path, naughty: list[str]) -> None:
    rows = [["member_id", "name"], *([f"M{at:03d}", text] for at, text in enumerate(naughty))]
    receipt = take_in(home, file_of(rows), "members")
    assert (receipt.new, receipt.rejected) == (515, 0)
    found = ask(home, "select name from members join people using (person) order by member_id")
    assert [name for (name,) in found] == [kept(text) for text in naughty]


def test_ids_stay(home: Path, naughty: list[str]) -> None:
    ids = [text for text in dict.fromkeys(kept(text) for text in naughty) if text and len(text) <= 200]
    assert len(ids) > 480
    take_in(home, file_of([["member_id", "name"], *([text, "x"] for text in ids)]), "members")
    assert {text for (text,) in ask(home, "select member_id from people")} == set(ids)


def test_teams_stay_to_the_last_json(home: Path, naughty: list[str]) -> None:
    """Five people in each team, one event; every team is published and printed."""
    teams = [text for text in dict.fromkeys(kept(text) for text in naughty) if text]
    (home / "settings.toml").write_text('as_of = 2026-11-16\ndimensions = ["team"]\n', encoding="utf-8")
    people = [[f"M{at:04d}", "2025-01-01", teams[at // 5]] for at in range(5 * len(teams))]
    take_in(home, file_of([["member_id", "joined_on", "team"], *people]), "members", settings=TEAMS)
    attended = [
        ["E1", person, "2026-11-10", title] for (person, *_), title in zip(people, ["Tea"] * 9999, strict=False)
    ]
    take_in(home, file_of([["event_id", "member_id", "starts_at", "title"], *attended]), "attendance")
    found = ask(home, "select distinct segment from segments")
    assert {text for (text,) in found} == set(teams)
    run = CliRunner()
    assert run.invoke(app, ["publish", "--home", str(home)]).exit_code == 0
    shown = ["show", "event_participation", "--grain", "quarter", "--by", "team", "--home", str(home), "--format"]
    rows = json.loads(run.invoke(app, [*shown, "json"]).stdout)
    assert {row["segment"] for row in rows} == set(teams)
    printed = list(csv.DictReader(io.StringIO(run.invoke(app, [*shown, "csv"]).stdout, newline="")))
    assert {unguard(row["segment"]) for row in printed} == set(teams)
    assert not [row["segment"] for row in printed if row["segment"].startswith(RISKY) and not is_number(row["segment"])]


def test_comments_stay(home: Path, naughty: list[str], tmp_path: Path) -> None:
    items = tmp_path / "items.csv"
    items.write_text("column,item_id,wording,kind\nwhy,why,Why?,text\n", encoding="utf-8")
    rows = [["respondent_id", "submitted_at", "why"]]
    rows += [[f"r{at:03d}", "2026-03-02 10:00", text] for at, text in enumerate(naughty)]
    details = {"wave": "spring", "opened": "2026-03-01", "closed": "2026-03-31", "items": items}
    receipt = take_in(home, file_of(rows), "survey", **details)
    assert (receipt.new, receipt.rejected) == (515, 0)
    found = ask(home, "select line, text from respondents left join answers using (wave, respondent) order by line")
    assert found == [(at, kept(text)) for at, text in enumerate_lines(rows)]


def enumerate_lines(rows: list[list[str]]) -> Iterator[tuple[int, str]]:
    """The line on which each row after the header starts, and its last cell."""
    line = 2
    for row in rows[1:]:
        yield line, row[-1]
        line += file_of([row]).count("\n")


@pytest.mark.parametrize("waves", [8, pytest.param(1, marks=pytest.mark.prove)])
def test_questions_stay(home: Path, naughty: list[str], tmp_path: Path, waves: int) -> None:
    """In eight waves of sixty questions: one wave of them all takes three times as long, and is left to `make prove`."""
    questions = list(distinct(naughty))
    assert len(questions) > 470
    items = tmp_path / "items.csv"
    for wave, asked in enumerate(parts(questions, waves)):
        rows = [
            ["respondent_id", "submitted_at", *asked],
            *([f"r{at}", "2026-03-02 10:00", *["3"] * len(asked)] for at in range(5)),
        ]
        described = [[guard(text), f"q{wave}-{at}", guard(text), "likert", "1", "5"] for at, text in enumerate(asked)]
        items.write_text(
            file_of([["column", "item_id", "wording", "kind", "scale_min", "scale_max"], *described]), encoding="utf-8"
        )
        details = {"wave": f"wave {wave}", "opened": "2026-03-01", "closed": "2026-03-31", "items": items}
        receipt = take_in(home, file_of(rows), "survey", **details)
        assert receipt.new == 5
    found = ask(home, "select column_name from wave_items order by wave, position")
    assert [name for (name,) in found] == [kept(text) for text in questions]


@pytest.mark.parametrize("rosters", [4, pytest.param(1, marks=pytest.mark.prove)])
def test_dimensions_stay(home: Path, naughty: list[str], rosters: int) -> None:
    """In four rosters, each of people of its own; one with all of them takes twice as long, and is left to `make prove`."""
    dimensions = [text for text in distinct(naughty) if kept(text)]
    for roster, headings in enumerate(parts(dimensions, rosters)):
        rows = [[f"M{roster}{at}", *["North"] * len(headings)] for at in range(10)]
        assert take_in(home, file_of([["member_id", *headings], *rows]), "members").new == 10
    found = ask(home, "select distinct dimension from segments")
    assert {name for (name,) in found} == {kept(text) for text in dimensions}


def parts(texts: list[str], count: int) -> list[list[str]]:
    """The texts in so many runs, none of them empty."""
    size = -(-len(texts) // count)
    return [texts[at : at + size] for at in range(0, len(texts), size)]


@pytest.mark.figure
def test_exports_hold_texts_and_give_them_back(home: Path, naughty: list[str]) -> None:
    rows = pd.DataFrame({"member_id": [f"M{at:03d}" for at in range(515)], "name": naughty})
    take_in(home, write_csv(rows), "members")
    found = ask(home, "select name from members join people using (person) order by member_id")
    assert [name for (name,) in found] == [kept(text) for text in naughty]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(write_xlsx(rows))).get_sheet_by_index(0).to_python()
    cells = [str(row[1]) for row in sheet[1:]]
    assert len(cells) == 515
    assert not [cell for cell in cells if cell.startswith(RISKY) and not is_number(cell)]
    for before, coded in zip(naughty, cells, strict=True):
        after = re.sub("_x([0-9A-F]{4})_", lambda code: chr(int(code.group(1), 16)), coded)  # as Excel reads it
        assert unguard(after).strip() in (before.strip(), before.replace("\r\n", "\n").strip()), before
    record("hostile names/headers/filters", strings=len(naughty))


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_taking_the_guard_off_undoes_putting_it_on(text: str) -> None:
    assert unguard(guard(text)) == text or text.startswith(("\0",)) or is_guarded_already(text)


def is_guarded_already(text: str) -> bool:
    """A number after an apostrophe cannot be told from a guarded one; it loses its apostrophe."""
    return text.startswith("'") and unguard(guard(text)) == text[1:]


def test_nul_is_refused_with_its_line(home: Path) -> None:
    with pytest.raises(BadFile, match="NUL bytes") as refused:
        take_in(home, "member_id,name\nM1,a\nM2,b\0c\n", "members")
    assert refused.value.where == "file.csv, line 3"
