"""Matching: an id becomes a member by the roster's own words or by a decision, and never by a likeness."""

from pathlib import Path

from data.store import warehouse
from ingest.unmatched import Unmatched, list_unmatched, normalise_name
from tests.uploads import ask, redo, take_in, undo

ROSTER = """member_id,name,email,aliases
M1,Ada Lovelace,ada@example.org,U1;ada.l
M2,Grace Hopper,grace@example.org,
M3,Alan Turing,alan@example.org,
M4,Alan Turing,turing@example.org,
"""

POSTS = """occurred_at,actor_id
2026-11-02 09:00,{}
"""


def member_of(home: Path, id_: str) -> str | None:
    """The member that an id stands for."""
    rows = ask(
        home,
        f"""select owner.member_id
            from people
            join aliases using (person)
            join people as owner
              on owner.person = aliases.member
            where people.member_id = '{id_}'""",
    )
    return rows[0][0] if rows else None


def queue(home: Path) -> list[Unmatched]:
    with warehouse(home) as connection:
        return list_unmatched(connection)


def test_an_alias_and_an_address_in_any_case_stand_for_their_member(tmp_path: Path) -> None:
    take_in(tmp_path, ROSTER, "members")
    for id_ in ("U1", "ADA@example.org", "grace@example.org"):
        assert take_in(tmp_path, POSTS.format(id_), "interactions").unmatched == 0
    assert [member_of(tmp_path, id_) for id_ in ("U1", "ADA@example.org", "grace@example.org")] == ["M1", "M1", "M2"]


def test_a_roster_that_comes_later_finds_the_ids_that_were_there(tmp_path: Path) -> None:
    assert take_in(tmp_path, POSTS.format("grace@example.org"), "interactions").unmatched == 1
    take_in(tmp_path, ROSTER, "members")
    assert member_of(tmp_path, "grace@example.org") == "M2"


def test_the_directory_of_a_tool_finds_a_member_by_address_and_by_login(tmp_path: Path) -> None:
    take_in(tmp_path, ROSTER, "members")
    directory = "id,source,name,email,login\nU7,slack,Grace,Grace@Example.org,gh\nU8,slack,Ada,,ada.l\n"
    take_in(tmp_path, directory, "identities")
    for id_ in ("U7", "U8"):
        assert take_in(tmp_path, POSTS.format(id_), "interactions").unmatched == 0
    assert (member_of(tmp_path, "U7"), member_of(tmp_path, "U8")) == ("M2", "M1")


def test_an_address_of_two_members_stands_for_neither(tmp_path: Path) -> None:
    take_in(tmp_path, "member_id,email\nM1,team@example.org\nM2,team@example.org\n", "members")
    assert take_in(tmp_path, POSTS.format("team@example.org"), "interactions").unmatched == 1


def test_a_name_only_suggests(tmp_path: Path) -> None:
    take_in(tmp_path, ROSTER, "members")
    for id_ in ("Hopper, Grace", "Grace Hoper", "Turing Alan"):
        take_in(tmp_path, POSTS.format(f'"{id_}"'), "interactions")
    waiting = {one.id: one for one in queue(tmp_path)}
    certain = waiting["Hopper, Grace"].certain
    assert certain is not None
    assert certain.member_id == "M2"
    near = waiting["Grace Hoper"]
    assert near.certain is None
    assert [(found.member_id, found.why) for found in near.suggestions] == [("M2", "nearly the same name")]
    assert waiting["Turing Alan"].certain is None, "two members have that name"
    assert [found.member_id for found in waiting["Turing Alan"].suggestions] == ["M3", "M4"]
    assert {one.rows for one in waiting.values()} == {1}


def test_a_decision_counts_is_remembered_and_can_be_undone(tmp_path: Path) -> None:
    take_in(tmp_path, ROSTER, "members")
    take_in(tmp_path, POSTS.format("Grace Hoper"), "interactions")
    decision = take_in(tmp_path, "id,member_id\nGrace Hoper,M2\n", "matches")
    assert decision.batch is not None
    assert member_of(tmp_path, "Grace Hoper") == "M2"
    assert queue(tmp_path) == []
    assert take_in(tmp_path, "occurred_at,actor_id\n2026-11-03 09:00,Grace Hoper\n", "interactions").unmatched == 0
    undo(tmp_path, decision.batch)
    assert member_of(tmp_path, "Grace Hoper") is None
    redo(tmp_path, decision.batch)
    assert member_of(tmp_path, "Grace Hoper") == "M2"


def test_an_id_that_is_nobodys_leaves_the_queue_and_stays_unmatched(tmp_path: Path) -> None:
    take_in(tmp_path, ROSTER, "members")
    take_in(tmp_path, POSTS.format("Conference room"), "interactions")
    take_in(tmp_path, "id,member_id,decided_on\nConference room,,2026-11-16\n", "matches")
    assert queue(tmp_path) == []
    assert member_of(tmp_path, "Conference room") is None


def test_a_name_is_the_same_in_any_order_case_and_accent() -> None:
    assert normalise_name("GARCÍA SIMÓN, José (EXT)") == normalise_name("Jose Garcia Simon")
    assert normalise_name("O'Brien") != normalise_name("Brien")
