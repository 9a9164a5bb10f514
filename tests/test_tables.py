"""Tables of no known tool: columns are suggested with a confidence, taken when a person says so, and known the next time."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats.format import Unmapped, Unsettled
from ingest.importers import IMPORTERS, find_importer
from ingest.mapping import guess_kind, suggest_columns
from ingest.profiles import find_profile
from tests.uploads import ask, look_at, problems, take_in

SIGN_IN_LIST = """Sign-in list of the autumn fair
Exported by reception

Meeting;Date;E-mail;Came;Duration (min)
Fair;13.11.2026 17:30;ada@example.org;ja;45,5
Fair;13.11.2026 17:30;grace@example.org;nein;
"""

COLUMNS = {
    "Meeting": "event_id",
    "Date": "starts_at",
    "E-mail": "member_id",
    "Came": "attended",
    "Duration (min)": "minutes",
}


def test_a_strange_header_is_suggested_and_never_taken_by_itself(tmp_path: Path) -> None:
    with pytest.raises(Unmapped) as found:
        take_in(tmp_path, SIGN_IN_LIST)
    assert found.value.kind == "attendance"
    assert {one.column: one.target for one in found.value.suggested} == COLUMNS
    assert all(0 < one.confidence < 1 for one in found.value.suggested)
    assert found.value.examples[0] == ("Fair", "13.11.2026 17:30", "ada@example.org", "ja", "45,5")
    assert '--column "E-mail=member_id"' in found.value.fix


def test_what_a_person_says_about_the_columns_is_done_and_remembered(tmp_path: Path) -> None:
    first = take_in(tmp_path, SIGN_IN_LIST, "attendance", columns=COLUMNS)
    assert (first.format, first.new) == ("table", 2)
    assert ask(tmp_path, "select attended, minutes from attendance order by attended") == [(False, None), (True, 45.5)]
    assert ask(tmp_path, "select day from events") == [(date(2026, 11, 13),)]
    again = take_in(tmp_path, SIGN_IN_LIST.replace("Fair;13", "Forum;14"))
    assert again.new == 2
    assert "Read as the last one of its kind was (table, version 1)." in again.warnings


def test_a_second_answer_is_a_new_version_of_the_profile(tmp_path: Path) -> None:
    take_in(tmp_path, SIGN_IN_LIST, "attendance", columns=COLUMNS)
    take_in(tmp_path, SIGN_IN_LIST, "attendance", columns=COLUMNS | {"Duration (min)": ""})
    profile = find_profile(tmp_path, "table", tuple(COLUMNS))
    assert profile is not None
    assert (profile.version, profile.details["columns"]["Duration (min)"]) == (2, "")


def test_a_column_that_nobody_explained_is_refused_by_name(tmp_path: Path) -> None:
    said = {column: target for column, target in COLUMNS.items() if target != "minutes"}
    assert problems(tmp_path, SIGN_IN_LIST, "attendance", columns=said) == [
        (1, "Duration (min)", 'There is no column "Duration (min)" in files of attendance.')
    ]


def test_dates_that_could_be_either_way_round_are_asked_about(tmp_path: Path) -> None:
    content = "When,Who\n01/02/2026 10:00,a\n03/04/2026 11:00,b\n"
    columns = {"When": "occurred_at", "Who": "actor_id"}
    with pytest.raises(Unsettled) as found:
        take_in(tmp_path, content, "interactions", columns=columns)
    question = found.value.questions[0]
    assert question.examples == ("01/02/2026 10:00", "03/04/2026 11:00")
    assert question.choices == (("day-first", "2026-02-01 10:00:00"), ("month-first", "2026-01-02 10:00:00"))
    take_in(tmp_path, content, "interactions", columns=columns, date_order="month-first")
    assert ask(tmp_path, "select day from interactions order by day") == [(date(2026, 1, 2),), (date(2026, 3, 4),)]


def test_one_date_above_twelve_settles_the_others(tmp_path: Path) -> None:
    content = "When,Who\n01/02/2026 10:00,a\n31/01/2026 11:00,b\n"
    take_in(tmp_path, content, "interactions", columns={"When": "occurred_at", "Who": "actor_id"})
    assert ask(tmp_path, "select day from interactions order by day") == [(date(2026, 1, 31),), (date(2026, 2, 1),)]


def test_rows_are_checked_on_the_lines_of_the_file(tmp_path: Path) -> None:
    bad = SIGN_IN_LIST + "Fair;soon;alan@example.org;ja;1\nFair;13.11.2026 17:30;kim@example.org\n"
    assert problems(tmp_path, bad, "attendance", columns=COLUMNS) == [
        (7, "starts_at", '"soon" is no time.'),
        (8, "", "The row has 3 cells and the header 5."),
    ]


def test_looking_at_a_table_says_what_it_would_do(tmp_path: Path) -> None:
    checked = look_at(tmp_path, SIGN_IN_LIST, "attendance", columns=COLUMNS)
    assert (checked.receipt.new, checked.receipt.batch) == (2, None)
    assert checked.details.columns == COLUMNS
    assert ask(tmp_path, "select count(*) from attendance") == [(0,)]


def test_the_kind_is_guessed_by_what_a_header_can_give() -> None:
    assert guess_kind(["E-mail", "Full name", "Team", "Joined"]) == "members"
    assert guess_kind(["Timestamp", "Sender", "Recipient", "Channel name"]) == "interactions"
    assert guess_kind(["a", "b"]) is None


@given(
    st.sampled_from(IMPORTERS),
    st.lists(st.sampled_from(["Name", "E-mail", "Date", "date", "User ID", "Start", "Type", "member_id", "Team", "x"])),
)
def test_no_column_is_suggested_twice(importer: object, header: list[str]) -> None:
    found = suggest_columns(header, find_importer(getattr(importer, "name", "members")))
    targets = [one.target for one in found if one.target]
    assert [one.column for one in found] == header
    assert len(targets) == len(set(targets))
