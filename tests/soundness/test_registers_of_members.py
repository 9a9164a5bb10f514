"""Registers counted who is not in the community, twice who is named twice, and days that are still to come."""

from datetime import date

from tests.facts import counts, warehouse_of
from tests.registers import keep_register, number, values_of

AS_OF = date(2026, 12, 31)
COVERS = ("2026-01-01", "2026-12-31")
Q1, Q4 = "2026-01-01", "2026-10-01"
PEOPLE = """
| who | team | type   | left       |
| ann | A    | member |            |
| bob | B    | member |            |
| gus | B    | member | 2026-06-30 |
| sam | B    | staff  |            |
"""


def test_pairs_meet_whose_mentee_is_a_member_by_the_day_of_publishing() -> None:
    """Of three open pairs gus has left; ann's is said to meet next January."""
    with warehouse_of(members=PEOPLE, covers=COVERS) as connection:
        keep_register(
            connection,
            "mentoring",
            """
            | pair_id | mentor | mentee | started_on | last_met_on |
            | p1      | sam    | ann    | 2026-02-01 | 2027-01-10  |
            | p2      | sam    | bob    | 2026-02-01 | 2026-12-20  |
            | p3      | sam    | gus    | 2026-02-01 | 2026-12-20  |
            """,
        )
        values = values_of(connection, AS_OF)
    assert counts(values, "mentoring_meetings", Q4, grain="quarter") == (1, 2)


def test_teams_work_together_by_their_members() -> None:
    """c1: ann with staff of the other team is one member; c2: ann and bob, in two collaborations, are two people."""
    with warehouse_of(members=PEOPLE, covers=COVERS) as connection:
        keep_register(
            connection,
            "collaborations",
            """
            | collaboration_id | kind  | members | started_on |
            | c1               | micro | ann sam | 2026-01-10 |
            | c2               | micro | ann bob | 2026-01-11 |
            | c3               | joint | ann bob | 2026-01-12 |
            """,
        )
        values = values_of(connection, AS_OF)
    assert counts(values, "collaborations_across_teams", Q1, grain="quarter") == (2, 2)
    assert number(values, "collaborations_across_teams", Q1)["people"] == 2


def test_the_median_of_two_waits_lies_between_them() -> None:
    with warehouse_of(members=PEOPLE, covers=COVERS) as connection:
        keep_register(
            connection,
            "actions",
            "| action_id | found_on | opened_on |\n| a1 | 2026-01-01 | 2026-01-03 |\n| a2 | 2026-01-01 | 2026-01-05 |",
        )
        values = values_of(connection, AS_OF)
    assert number(values, "action_loop", Q1, breakdown="finding to action")["value"] == 3


def test_an_action_is_not_closed_before_the_day_comes() -> None:
    """As of 15 January one of two that are due this month is closed; the other is planned to be."""
    with warehouse_of(members=PEOPLE, covers=COVERS) as connection:
        for name, closed in (("a1", "2026-01-10"), ("a2", "2026-01-20")):
            connection.execute(
                "insert into actions by name select ? as action_id, ? as title, date '2026-01-02' as opened_on, date '2026-01-31' as due_on, ?::date as closed_on, 3 as batch, 2 as line",
                [name, name, closed],
            )
        values = values_of(connection, date(2026, 1, 15))
    assert counts(values, "actions_on_time", Q1, grain="quarter") == (1, 2)


def test_a_message_without_a_time_has_no_hour() -> None:
    """A day alone stands at midnight; one at 20:00 is outside, one at 10:00 is not."""
    talk = "| at | from |\n| 2026-01-06 | ann |\n| 2026-01-06 10:00 | ann |\n| 2026-01-06 20:00 | ann |"
    with warehouse_of(members=PEOPLE, interactions=talk, covers=COVERS) as connection:
        connection.execute("update interactions set hour = hour(occurred_at)")
        values = values_of(connection, AS_OF)
    assert counts(values, "out_of_hours", Q1, grain="quarter") == (1, 2)
