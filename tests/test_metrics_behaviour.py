"""Behaviour metrics on communities small enough to count by hand. Weeks: Mon 5 Jan, 12 Jan, 19 Jan 2026."""

from datetime import date
from math import isnan

from tests.facts import cells_of, counts, warehouse_of

AS_OF = date(2026, 1, 27)
COVERS = ("2026-01-05", "2026-01-25")

FIVE = """
| who  | team | type   | joined     | left       |
| ann  | A    |        |            |            |
| bob  | A    |        |            |            |
| cyd  | B    |        | 2026-01-14 |            |
| dan  | B    |        |            | 2026-01-12 |
| eve  | B    | staff  |            |            |
| bot1 |      | bot    |            |            |
"""


def test_participation_counts_distinct_members_of_the_roster_of_each_week() -> None:
    """Roster: ann, bob, dan in week 1 (dan's last day is the 12th, so week 2 has lost him); ann, bob, cyd in week 2 and 3."""
    with warehouse_of(
        members=FIVE,
        events="""
        | event | on         | type    |
        | e1    | 2026-01-06 | meeting |
        | e2    | 2026-01-07 | meeting |
        | e3    | 2026-01-13 | social  |
        """,
        attendance="""
        | event | who  |
        | e1    | ann  |
        | e2    | ann  |
        | e2    | dan  |
        | e1    | eve  |
        | e3    | bob  |
        | e3    | ann  |
        """,
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "event_participation", "2026-01-05") == (2, 3)
    assert counts(cells, "event_participation", "2026-01-12") == (2, 3)
    assert counts(cells, "event_participation", "2026-01-19") == (0, 3)
    assert counts(cells, "event_participation", "2026-01-05", segment="B") == (1, 1)
    assert counts(cells, "event_return", "2026-01-12") == (1, 2), "dan left and stays in the denominator"
    assert counts(cells, "first_timers", "2026-01-12") == (1, 2), "bob; ann had come before"
    assert counts(cells, "attendance_per_event", "2026-01-05") == (1 + 2, 2), "eve is staff"
    assert counts(cells, "attendance_per_event", "2026-01-12", breakdown="social") == (2, 1)
    assert isnan(counts(cells, "attendance_per_event", "2026-01-19")[0]), "no event, no row"


def test_show_up_counts_places_kept_of_places_taken() -> None:
    with warehouse_of(
        members=FIVE,
        events="| event | on |\n| e1 | 2026-01-06 |",
        attendance="""
        | event | who | came | registered | cancelled |
        | e1    | ann | yes  | yes        |           |
        | e1    | bob | no   | yes        |           |
        | e1    | dan | no   | yes        | yes       |
        | e1    | eve | yes  | yes        |           |
        """,
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "show_up", "2026-01-05") == (1, 2)
    assert counts(cells, "event_participation", "2026-01-05") == (1, 3)


TALK = """
| at               | from | to  | kind     | thread | id | intent |
| 2026-01-06 09:00 | ann  |     | post     | t1     | 1  | ask    |
| 2026-01-06 10:00 | bot1 | ann | reply    | t1     | 2  |        |
| 2026-01-07 08:00 | bob  |     | reply    | t1     | 3  | answer |
| 2026-01-07 09:30 | eve  |     | post     | t2     | 4  |        |
| 2026-01-08 09:00 | bob  | ann | mention  |        | 5  |        |
| 2026-01-08 09:05 | bob  | bob | mention  |        | 6  |        |
| 2026-01-09 12:00 | bob  |     | post     | t3     | 7  | ask    |
| 2026-01-09 12:30 | bob  |     | post     | t3     | 8  |        |
| 2026-01-12 11:00 | eve  | bob | reply    | t3     | 9  |        |
| 2026-01-13 09:00 | zoe  | ann | message  |        | 10 |        |
| 2026-01-20 09:00 | cyd  | ann | message  |        | 11 |        |
"""


def test_threads_are_answered_by_other_people_within_their_window() -> None:
    """t1 (ann asks) answered by bob after 23 h; t3 (bob asks) by eve after nearly three days; t2 is started by staff."""
    with warehouse_of(members=FIVE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "thread_response", "2026-01-05") == (2, 2)
    assert counts(cells, "answered_within_day", "2026-01-05") == (1, 2)
    assert counts(cells, "answered_within_day", "2026-01-19")[1] == 0, (
        "cyd's message asks nothing, and this source marks intent"
    )


def test_talk_and_ties_have_both_ends_on_the_roster() -> None:
    """Week 1, known targets: bob>ann twice (a reply to ann's thread and a mention), nothing to oneself, the bot is out."""
    with warehouse_of(members=FIVE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "member_to_member", "2026-01-05") == (2, 2)
    assert counts(cells, "member_to_member", "2026-01-12") == (0, 1), "eve, staff, to bob; zoe is on no roster"
    assert counts(cells, "cross_team_share", "2026-01-05") == (0, 1), "ann and bob are both in A"
    assert counts(cells, "cross_team_share", "2026-01-19") == (1, 1), "cyd of B to ann of A"
    assert counts(cells, "newcomers_with_tie", "2026-01-19") == (1, 1), "cyd joined on the 14th"
    assert counts(cells, "newcomers_with_tie", "2026-01-12") == (0, 1)


def test_members_are_active_by_any_interaction_and_post_by_writing() -> None:
    with warehouse_of(members=FIVE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "active_members", "2026-01-05") == (2, 3)
    assert counts(cells, "posting_members", "2026-01-05") == (2, 3)
    assert counts(cells, "posting_members", "2026-01-12") == (0, 3), "only eve and the unknown zoe wrote"
    assert counts(cells, "interactions_per_member", "2026-01-05") == (1 + 5, 3), (
        "ann 1; bob 1 reply, 2 mentions, 2 posts"
    )
    assert counts(cells, "share_of_voice", "2026-01-05", breakdown="staff") == (1, 1 + 3 + 1)
    assert counts(cells, "share_of_voice", "2026-01-05", breakdown="returning") == (1 + 3, 1 + 3 + 1)


def test_stickiness_is_the_mean_week_over_the_distinct_four_weeks() -> None:
    """Four weeks to 25 January: ann in week 1; bob in week 1; cyd in week 3. Weekly active 2, 0, 1 and an uncovered week of 0."""
    with warehouse_of(members=FIVE, interactions=TALK, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "weekly_stickiness", "2026-01-19") == ((2 + 0 + 1 + 0) / 4, 3)


def test_opted_out_members_are_in_no_number_and_lose_what_was_sent_to_them() -> None:
    members = """
    | who | team | opted_out |
    | ann | A    | yes       |
    | bob | A    |           |
    | cyd | B    |           |
    """
    talk = """
    | at               | from | to  | kind    | thread | id |
    | 2026-01-06 09:00 | ann  | bob | post    | t1     | 1  |
    | 2026-01-06 10:00 | bob  | ann | message |        | 2  |
    | 2026-01-06 11:00 | cyd  |     | reply   | t1     | 3  |
    """
    with warehouse_of(members=members, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "active_members", "2026-01-05") == (2, 2)
    assert isnan(counts(cells, "member_to_member", "2026-01-05")[0])
    assert counts(cells, "thread_response", "2026-01-05") == (0, 1), "bob's own message; ann's thread is hers alone"


def test_movers_belong_to_the_segment_of_the_last_day_with_all_their_facts() -> None:
    members = """
    | who | team | valid_from |
    | ann | A    |            |
    | ann | B    | 2026-01-15 |
    | bob | A    |            |
    """
    with warehouse_of(
        members=members, interactions="| at | from | to |\n| 2026-01-13 09:00 | ann | bob |", covers=COVERS
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "active_members", "2026-01-12", segment="B") == (1, 1), "moved on the 15th, wrote on the 13th"
    assert counts(cells, "active_members", "2026-01-12", segment="A") == (0, 1)
    assert counts(cells, "active_members", "2026-01-05", segment="A") == (0, 2)
