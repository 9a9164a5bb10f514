"""One person with two ids was counted twice: on a list of an event, and among those a message was addressed to."""

from datetime import date

import duckdb
import pytest

from tests.facts import cells_of, value, warehouse_of

AS_OF = date(2027, 1, 1)
COVERS = ("2026-01-01", "2026-12-31")
WEEK = "2026-01-05"


def test_who_registered_by_an_alias_and_came_is_no_no_show() -> None:
    """Ann registered as ann@x and came as ann; bob registered and did not come: one of two places, and not none."""
    with warehouse_of(
        members="| who |\n| ann |\n| bob |\n| ann@x |\n",
        events="| event | on |\n| e1 | 2026-01-06 |",
        attendance="""
| event | who   | came | registered |
| e1    | ann@x | no   | yes        |
| e1    | ann   | yes  |            |
| e1    | bob   | no   | yes        |
""",
        covers=COVERS,
    ) as connection:
        same(connection, "ann@x", "ann")
        cells = cells_of(connection, AS_OF)
    assert value(cells, "show_up", WEEK, grain="week") == 1 / 2
    assert value(cells, "event_participation", WEEK, grain="week") == 1 / 2


@pytest.mark.parametrize("again", ["bob", "bobx"])
def test_a_message_that_names_somebody_twice_is_addressed_to_them_once(again: str) -> None:
    with warehouse_of(
        members="| who |\n| ann |\n| bob |\n",
        interactions=f"| at | from | to |\n| 2026-01-06 09:00 | ann | bob |\n| 2026-01-06 09:05 | ann | {again} |",
        covers=COVERS,
    ) as connection:
        if again != "bob":
            same(connection, again, "bob")
        connection.execute("delete from interactions where occurred_at = '2026-01-06 09:05'")
        connection.execute(
            "update interactions set more_targets = [(select person from people where member_id = ?)]", [again]
        )
        cells = cells_of(connection, AS_OF)
    assert value(cells, "member_to_member", WEEK, grain="week", column="denominator") == 1


def same(connection: duckdb.DuckDBPyConnection, alias: str, member: str) -> None:
    """Say that two ids are one person; the alias is on no member list."""
    connection.execute("delete from members where person = (select person from people where member_id = ?)", [alias])
    connection.execute(
        "insert into aliases select one.person, other.person from people as one, people as other where one.member_id = ? and other.member_id = ?",
        [alias, member],
    )
