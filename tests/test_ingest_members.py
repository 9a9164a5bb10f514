"""The roster: additions, complete lists, versions that say from when a team holds, dimensions, aliases."""

from datetime import date
from pathlib import Path

import pytest

from data.settings import Settings
from tests.uploads import ask, problems, take_in, undo

VERSIONS = """
    select member_id, valid_from::varchar, segment
    from members
    join people using (person)
    left join segments using (person, valid_from)
    order by all
"""


def test_the_first_roster_holds_from_always_and_a_move_from_its_effective_day(home: Path) -> None:
    take_in(home, "member_id,team\nM1,A\nM2,B\n")
    receipt = take_in(home, "member_id,team\nM1,B\nM2,B\nM3,A\n", effective_on=date(2026, 10, 1))
    assert (receipt.new, receipt.changed, receipt.unchanged) == (1, 1, 1)
    assert ask(home, VERSIONS) == [
        ("M1", "0001-01-01", "A"),
        ("M1", "2026-10-01", "B"),
        ("M2", "0001-01-01", "B"),
        ("M3", "2026-10-01", "A"),
    ]


def test_a_complete_roster_says_who_has_left_and_who_is_back(home: Path) -> None:
    take_in(home, "member_id\nM1\nM2\n")
    left = "select member_id, left_on::varchar from members join people using (person) order by member_id, valid_from"
    take_in(home, "member_id\nM1\n", effective_on=date(2026, 10, 1))
    assert ask(home, left) == [("M1", None), ("M2", None)]
    receipt = take_in(home, "member_id\nM1\n", effective_on=date(2026, 10, 1), complete=True)
    assert (receipt.changed, receipt.unchanged) == (1, 1)
    assert ask(home, left) == [("M1", None), ("M2", "2026-10-01")]
    take_in(home, "member_id\nM1\nM2\n", effective_on=date(2026, 11, 1), complete=True)
    assert ask(home, left) == [("M1", None), ("M2", "2026-10-01"), ("M2", None)]


def test_an_absent_column_leaves_what_is_known_and_an_empty_cell_clears_it(home: Path) -> None:
    take_in(home, "member_id,name,email,member_type\nM1,Alex,a@example.org,staff\n")
    take_in(home, "member_id,email\nM1,\n", effective_on=date(2026, 10, 1))
    newest = "select name, email, member_type from members order by valid_from desc limit 1"
    assert ask(home, newest) == [("Alex", None, "staff")]


def test_undoing_a_roster_brings_the_one_before_back(home: Path) -> None:
    take_in(home, "member_id,team\nM1,A\nM2,B\n")
    before = ask(home, VERSIONS)
    second = take_in(home, "member_id,team\nM1,B\n", complete=True, effective_on=date(2026, 10, 1))
    assert ask(home, VERSIONS) != before
    undo(home, second.batch or 0)
    assert ask(home, VERSIONS) == before
    assert ask(home, "select count(*) from members where left_on is not null") == [(0,)]


def test_a_column_that_does_not_look_like_groups_is_refused_by_name(home: Path) -> None:
    rows = "".join(f"M{n},desk {n},{'AB'[n % 2]}\n" for n in range(10))
    assert problems(home, "member_id,desk,team\n" + rows) == [
        (1, "desk", "The column desk has 10 values for 10 members, so it does not look like groups.")
    ]
    named = Settings(dimensions=("desk",))
    assert take_in(home, "member_id,desk,team\n" + rows, settings=named).new == 10


@pytest.mark.parametrize(("members", "is_taken"), [(205, True), (204, False)])
def test_forty_one_values_are_too_many_and_one_for_five_members_is_the_limit(
    home: Path, members: int, is_taken: bool
) -> None:
    rows = "".join(f"M{n},{min(n, 40) % 41}\n" for n in range(members))
    assert (problems(home, "member_id,team\n" + rows) == []) is False  # 41 values
    rows = "".join(f"M{n},{n % 40}\n" for n in range(members - 5))
    assert (problems(home, "member_id,team\n" + rows) == []) is is_taken


def test_columns_nobody_confirmed_on_the_page_are_left_out(home: Path) -> None:
    receipt = take_in(home, "member_id,team,phone\nM1,A,1\n", dimensions=("team",))
    assert receipt.warnings == ("The column phone was left out.",)
    assert ask(home, "select distinct dimension from segments") == [("team",)]


def test_a_misspelt_column_of_the_roster_does_not_become_a_dimension(home: Path) -> None:
    assert problems(home, "member_id,membr_type\nM1,staff\n") == [
        (1, "membr_type", 'There is no column "membr_type" in files of members.')
    ]


def test_an_alias_stands_for_its_member(home: Path) -> None:
    take_in(home, "occurred_at,actor_id\n2026-11-12T10:00,alex@example.org\n2026-11-12T11:00,M9\n")
    take_in(home, "member_id,aliases\nM1,alex@example.org; U77\n")
    linked = "select a.member_id, m.member_id from aliases join people a using (person) join people m on m.person = aliases.member"
    assert sorted(ask(home, linked)) == [("U77", "M1"), ("alex@example.org", "M1")]
    receipt = take_in(home, "occurred_at,actor_id\n2026-11-13T10:00,U77\n2026-11-13T11:00,M9\n")
    assert receipt.unmatched == 1


def test_a_history_in_one_file_gives_each_version(home: Path) -> None:
    take_in(home, "member_id,team,valid_from\nM1,A,\nM1,B,2026-03-01\n")
    assert ask(home, VERSIONS) == [("M1", "0001-01-01", "A"), ("M1", "2026-03-01", "B")]


def test_another_spelling_of_a_dimension_is_the_same_dimension(home: Path) -> None:
    take_in(home, "member_id,Home team\nM1,A\n")
    take_in(home, "member_id,home_team\nM1,B\n", effective_on=date(2026, 10, 1))
    assert ask(home, "select dimension, segment from segments order by valid_from") == [
        ("Home team", "A"),
        ("Home team", "B"),
    ]
