"""Exports: a spreadsheet must never run a cell of ours as a formula, and no number may change on the way out."""

import csv
import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from report.exports import RISKY, write_csv


def exported(cells: list[object]) -> list[str]:
    """The cells of one column after export, as a spreadsheet reads them."""
    rows = list(csv.reader(io.StringIO(write_csv(pd.DataFrame({"cell": cells}, dtype=object)), newline="")))
    assert rows[0] == ["cell"]
    return [row[0] if row else "" for row in rows[1:]]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t=1"),
        ("＝1+1", "'＝1+1"),
        ("＠SUM(1)", "'＠SUM(1)"),
    ],
)
def test_a_formula_becomes_text(cell: str, written: str) -> None:
    assert exported([cell]) == [written]


@pytest.mark.parametrize("cell", ["Care", "a=b", "-12", "-0.5", "+3", "9 to 15 Nov", "it's", "−6 points"])
def test_plain_text_and_numbers_stay_as_they_are(cell: str) -> None:
    assert exported([cell]) == [cell]


def test_nothing_is_written_where_there_is_nothing() -> None:
    """Withheld and missing are empty places, never 0 and never the word nan."""
    table = pd.DataFrame({"segment": ["Care", None], "value": [0.25, float("nan")], "people": [-1, 104]})
    assert write_csv(table) == "segment,value,people\nCare,0.25,-1\n,,104\n"


def test_a_heading_is_guarded_like_a_cell() -> None:
    assert write_csv(pd.DataFrame({"=1+1": [1]})) == "'=1+1\n1\n"


def test_the_table_handed_in_is_not_changed() -> None:
    table = pd.DataFrame({"cell": ["=1+1"]})
    write_csv(table)
    assert list(table["cell"]) == ["=1+1"]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=1, max_size=5))
def test_no_text_at_all_is_left_that_a_spreadsheet_would_run(cells: list[str]) -> None:
    for before, after in zip(cells, exported(list(cells)), strict=True):
        if after.startswith(RISKY):
            float(after)
        assert after in (before, f"'{before}")
