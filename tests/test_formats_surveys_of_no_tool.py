"""Surveys of no known tool: wide and long tables, and the options that share a cell."""

import csv
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import BadFile
from ingest.formats.export import Export
from ingest.formats.format import Reading, Unsettled
from ingest.formats.pieces import split_cells, split_marked
from ingest.formats.wide import read_wide
from ingest.formats.wording import clean_wording, join_options, name_apart
from ingest.importer import Details
from tests.questionnaires import Rows, answers, questions, read_export, save_csv, save_workbook

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


def wide(file: Path, **said: object) -> tuple[Reading, list[dict[str, str | None]]]:
    reading = read_wide(Export(file, file.name), Details.model_validate(said), "UTC")
    return reading, [dict(zip(reading.columns, cells, strict=True)) for _, cells in reading.rows]


def test_a_survey_file_of_ours_stays_what_it_is() -> None:
    file = SAMPLE / "survey-2026-autumn.csv"
    reading, rows = wide(file)
    with file.open(encoding="utf-8", newline="") as handle:
        written = list(csv.DictReader(handle))
    assert list(reading.columns) == list(written[0])
    for row, own in zip(rows, written, strict=True):
        assert row["submitted_at"] == f"{own.pop('submitted_at')}:00"
        assert {name: cell or "" for name, cell in row.items() if name != "submitted_at"} == own


@pytest.mark.parametrize("save", [save_csv, save_workbook])
def test_ids_and_times_are_known_by_name_and_content(tmp_path: Path, save: object) -> None:
    rows: Rows = [
        ["Autumn survey 2026", "", "", "", "", "", "", ""],
        ["Response ID", "Start time", "Submitted", "Team", "E-mail", "I am <b>proud</b>", "Which tools?", "Time"],
        ["1", "14.09.2026 10:00", "14.09.2026 10:05", "Care", "ann@example.org", "4", "Mail, Chat", "enough"],
        ["2", "14.09.2026 11:00", "14.09.2026 11:05", "IT", "", "5", "Mail", "none"],
        ["3", "14.09.2026 12:00", "", "IT", "", "5", "Chat", ""],
    ]
    reading, table = wide(save(tmp_path, rows))  # type: ignore[operator]
    assert reading.columns == ("respondent_id", "submitted_at", "Team", "I am proud", "Which tools?", "Time")
    assert [row["submitted_at"] for row in table] == ["2026-09-14 10:05:00", "2026-09-14 11:05:00", None]
    assert [row["Which tools?"] for row in table] == ["Mail;Chat", "Mail", "Chat"]
    assert reading.personal == {"E-mail": "e-mail addresses"}


def test_numbers_that_come_back_are_no_ids(tmp_path: Path) -> None:
    reading, _ = wide(save_csv(tmp_path, [["No", "Q"], ["1", "4"], ["1", "5"]]))
    assert reading.columns == ("No", "Q")


def test_what_a_person_says_about_columns_goes_before_what_they_are_called(tmp_path: Path) -> None:
    rows = [["ID", "Who", "When", "Squad", "Q", "Note"], ["1", "M1", "2026-09-14", "Care", "4", "x"]]
    said = {"Who": "respondent_id", "When": "submitted_at", "Squad": "team", "ID": "", "Note": ""}
    reading, table = wide(save_csv(tmp_path, rows), columns=said)
    assert table == [{"respondent_id": "M1", "submitted_at": "2026-09-14", "team": "Care", "Q": "4"}]
    assert reading.personal == {}


def test_linked_waves_need_somebody(tmp_path: Path) -> None:
    linked = {"linked": True, "told": "We link."}
    _, table = wide(save_csv(tmp_path, [["ID", "Member ID", "Q"], ["1", "M1", "4"]]), **linked)
    assert table[0]["respondent_id"] == "M1"
    _, table = wide(save_csv(tmp_path, [["respondent_id", "Q"], ["R1", "4"]]), **linked)
    assert table[0]["respondent_id"] == "R1"
    with pytest.raises(Unsettled) as asked:
        wide(save_csv(tmp_path, [["Response ID", "Q"], ["1", "4"]]), **linked)
    assert '--column "COLUMN=respondent_id"' in asked.value.fix


def test_a_summary_is_no_survey(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no table"):
        wide(save_csv(tmp_path, [["Only a title"], ["and a line"]]))


LONG = [
    ["Respondent ID", "Team", "Mood", "Question ID", "Question", "Answer", "Submitted at"],
    ["1", "Care", "a", "q1", "I am <b>proud</b>", "4", "2026-09-14 10:00"],
    ["1", "Care", "b", "q2", "Topics", "data", "2026-09-14 10:00"],
    ["1", "Care", "c", "q2", "Topics", "cloud; local", "2026-09-14 10:00"],
    ["2", "IT", "d", "q1", "I am proud", "5", "2026-09-14 11:00"],
]


def test_one_row_an_answer_becomes_one_row_a_respondent(tmp_path: Path) -> None:
    read = read_export(save_csv(tmp_path, LONG, separator=";"))
    assert (read.format.name, read.reading.kind, questions(read)) == (
        "long",
        "survey",
        ["Team", "I am proud", "Topics"],
    )
    assert answers(read, "I am proud") == ["4", "5"]
    assert answers(read, "Topics") == ["data;cloud, local", None]
    assert answers(read, "line") == [2, 5]
    assert read.reading.keys == {"I am proud": "q1", "Topics": "q2"}
    assert '"Mood"' in read.reading.warnings[0]


def test_wordings_are_read_as_a_person_would() -> None:
    assert clean_wording("<p>How&nbsp;is<br/>your<style>p{x}</style> <i>t</i>eam,\u200b\n${q://QID1}?</p>") == (
        "How is your team, …?"
    )
    assert clean_wording("Fewer than &lt;5 and > 3?") == "Fewer than <5 and > 3?"
    assert name_apart(["Why?", "why", "Line", "", "Why? (2)"]) == [
        "Why?",
        "why (2)",
        "Line (2)",
        "Column 4",
        "Why? (2) (2)",
    ]


def test_single_answers_with_commas_are_no_options() -> None:
    assert split_cells(["Yes, always", "Yes, sometimes", "No", "Yes"], ", ") is None
    assert split_cells(["Monday, morning", "Monday, evening", "Tuesday, morning", "Tuesday, evening"], ", ") is None
    assert split_cells(["Good people, nice rooms", "Good people", "Too late, too long"], ", ") is None
    assert split_marked(["I like it; really", "Not so much", "Well; no"]) is None


def test_two_of_many_without_one_alone() -> None:
    split = split_cells(["A, B", "B, C", "A, C", "C, D"], ", ")
    assert split == {"A, B": ("A", "B"), "B, C": ("B", "C"), "A, C": ("A", "C"), "C, D": ("C", "D")}


options = st.lists(
    st.text(st.sampled_from("abcdefg ,"), min_size=1, max_size=12)
    .map(lambda text: " ".join(text.replace(",", ", ").split()).strip(", "))
    .filter(bool),
    min_size=2,
    max_size=5,
    unique=True,
)


@given(options, st.data())
def test_what_was_answered_alone_is_found_in_longer_cells(known: list[str], data: st.DataObject) -> None:
    """However options look, a cell is put together again from what it was split into, and no letter is lost."""
    chosen = data.draw(st.lists(st.lists(st.sampled_from(known), min_size=1, unique=True), min_size=1, max_size=6))
    cells = [*known, *(", ".join(picks) for picks in chosen)]
    split = split_cells(cells, ", ")
    if split is not None:
        assert all(", ".join(pieces) == cell for cell, pieces in split.items())
        assert all(split[cell] for cell in cells)


@given(st.lists(st.text(st.sampled_from("ab; "), max_size=6), max_size=4))
def test_options_never_hold_what_joins_them(chosen: list[str]) -> None:
    cell = join_options(chosen)
    assert cell.count(";") == max(0, sum(bool(part.replace(";", "").strip()) for part in chosen) - 1)


def test_times_of_a_workbook_are_times(tmp_path: Path) -> None:
    rows: Rows = [["Response ID", "Date", "Q"], [1, datetime(2026, 1, 2, 3, 4), 4], [2, datetime(2026, 1, 3, 3, 4), 5]]
    _, table = wide(save_workbook(tmp_path, rows))
    assert table[0] == {"respondent_id": "1", "submitted_at": "2026-01-02 03:04:00", "Q": "4"}
