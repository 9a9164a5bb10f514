"""The value family on communities small enough to count by hand. Quarters of 2026 start on 1 Jan, 1 Apr and 1 Jul."""

from datetime import date
from math import isnan

from tests.facts import counts, warehouse_of
from tests.registers import keep_register, number, values_of

AS_OF = date(2026, 12, 31)
COVERS = ("2025-10-01", "2026-12-31")
Q1, Q2, Q3, Q4 = "2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"

FIVE = """
| who  | team | type   | joined     | left       |
| ann  | A    |        |            |            |
| bob  | A    |        |            |            |
| cyd  | B    |        | 2026-01-14 |            |
| dan  | B    |        | 2026-02-01 | 2026-05-12 |
| eve  | B    | staff  |            |            |
"""


def test_stories_are_held_against_active_members_and_an_empty_dimension_is_a_zero() -> None:
    """Quarter 1: ann and bob write, eve is staff. Two stories of individual value, one joint; none before the first quarter."""
    with warehouse_of(
        members=FIVE,
        interactions="""
        | at               | from | to  |
        | 2026-01-06 09:00 | ann  | bob |
        | 2026-02-06 09:00 | bob  | ann |
        | 2026-02-07 09:00 | eve  | ann |
        """,
        covers=COVERS,
    ) as connection:
        keep_register(
            connection,
            "stories",
            """
            | story_id | told_on    | dimension  |
            | s1       | 2026-01-05 | individual |
            | s2       | 2026-03-31 | individual |
            | s3       | 2026-02-01 | joint      |
            | s4       | 2027-01-01 | joint      |
            """,
        )
        values = values_of(connection, AS_OF)
    told = {
        kind: number(values, "value_stories", Q1, breakdown=kind)["value"] for kind in ("all", "individual", "micro")
    }
    assert told == {"all": 100 * 3 / 2, "individual": 100 * 2 / 2, "micro": 0}
    assert isnan(number(values, "value_stories", Q2)["value"]), "nobody was active: no data, not 0"
    assert isnan(counts(values, "value_stories", "2025-10-01", grain="quarter")[0]), (
        "before the first story nobody asked"
    )


def test_a_chain_of_stories_counts_once_and_reaches_its_furthest_cycle() -> None:
    """s1 goes on to s2 (cycle 3) within 180 days and to s3 (cycle 5) after them; s4 has no cycle at all; s5 and s6 are a loop."""
    with warehouse_of(members=FIVE, covers=COVERS) as connection:
        keep_register(
            connection,
            "stories",
            """
            | story_id | told_on    | cycle | parent | evidence  | prompted | intent_due_on | confirmed_on |
            | s1       | 2026-01-10 | 1     |        | claim     | yes      | 2026-03-01    | 2026-03-01   |
            | s2       | 2026-05-01 | 3     | s1     | witnessed |          |               |              |
            | s3       | 2026-07-20 | 5     | s2     |           |          |               |              |
            | s4       | 2026-02-01 |       |        |           |          | 2026-03-01    | 2026-03-02   |
            | s5       | 2026-02-01 | 2     | s6     |           |          |               |              |
            | s6       | 2026-02-01 | 2     | s5     |           |          |               |              |
            | s7       | 2026-02-02 | 2     | gone   | claim     |          |               |              |
            """,
        )
        values = values_of(connection, AS_OF)
    reached = [counts(values, "value_cycles", Q1, grain="quarter", breakdown=str(cycle)) for cycle in range(1, 6)]
    assert reached == [(2, 2), (2, 2), (1, 2), (0, 2), (0, 2)], "the chain of s1 and s7; the loop has no first story"
    assert counts(values, "story_evidence", Q1, grain="quarter", breakdown="claim") == (2, 2)
    assert counts(values, "story_evidence", Q2, grain="quarter", breakdown="witnessed") == (1, 1)
    assert counts(values, "prompted_stories", Q1, grain="quarter") == (1, 5)
    assert counts(values, "story_follow_through", Q1, grain="quarter") == (1, 2), "s4 was confirmed a day late"
    assert number(values, "value_cycles", Q1, breakdown="1")["status"] == "final"
    with warehouse_of(members=FIVE, covers=COVERS) as connection:
        keep_register(connection, "stories", "| story_id | told_on | cycle |\n| s1 | 2026-03-31 | 1 |")
        young = values_of(connection, date(2026, 9, 27))
    assert number(young, "value_cycles", Q1, breakdown="1")["status"] == "provisional", "180 days have not passed"


WORK = """
| collaboration_id | kind          | members     | started_on | ended_on   | became_joint_on | status    |
| c1               | micro         | ann bob     | 2026-01-05 |            | 2026-03-06      | running   |
| c2               | micro         | ann cyd     | 2026-01-20 | 2026-02-20 |                 | done      |
| c3               | micro         | ann zoe     | 2026-02-01 | 2026-03-01 | 2026-08-30      | dropped   |
| c4               | joint         | bob cyd eve | 2026-01-10 | 2026-02-09 |                 | Delivered |
| c5               | joint         | bob         | 2026-02-10 | 2026-02-20 |                 | dropped   |
| c6               | cross_network | cyd         | 2026-04-10 |            |                 | running   |
"""


def with_work() -> str:
    return FIVE + "| zoe  |      | bot    |            |            |\n"


def test_collaborations_are_counted_by_kind_teams_and_what_became_of_them() -> None:
    """c1 became joint after 60 days, c3 after 210, which is too late. c2, c4 cross teams; c3 has one known member, c5 one."""
    with warehouse_of(members=with_work(), covers=COVERS) as connection:
        keep_register(connection, "collaborations", WORK)
        values = values_of(connection, AS_OF)
    assert [number(values, "micro_collaborations", quarter)["value"] for quarter in (Q1, Q2)] == [3, 0]
    assert counts(values, "micro_to_joint", Q1, grain="quarter") == (1, 3)
    assert counts(values, "collaborations_across_teams", Q1, grain="quarter") == (2, 3)
    assert counts(values, "collaboration_reach", Q1, grain="quarter") == (3, 4), "ann, bob, cyd; eve is staff"
    assert counts(values, "collaboration_reach", Q1, grain="quarter", segment="A") == (2, 2)
    assert counts(values, "collaboration_reach", Q2, grain="quarter", segment="B") == (1, 2), "cyd in c6"


def test_joint_projects_that_are_not_delivered_stay_in_the_median() -> None:
    """Begun in quarter 1: c1 (as joint, never delivered), c4 (after 30 days), c5 (dropped): one of three, no median yet."""
    with warehouse_of(members=with_work(), covers=COVERS) as connection:
        keep_register(connection, "collaborations", WORK)
        values = values_of(connection, AS_OF)
    assert counts(values, "joint_actions", Q1, grain="quarter") == (1, 3)
    wait = number(values, "joint_action_days", Q1)
    assert (wait["numerator"], wait["denominator"]) == (1, 3)
    assert isnan(wait["value"]), "the finished one alone would say 30 days"


def test_a_newcomer_is_covered_while_a_pair_is_active() -> None:
    """31 March: cyd and dan joined within 180 days; dan's pair ended in February. June: dan has left. Ann is no newcomer."""
    with warehouse_of(members=FIVE, covers=COVERS) as connection:
        keep_register(
            connection,
            "mentoring",
            """
            | pair_id | mentor | mentee | started_on | ended_on   | last_met_on |
            | p1      | eve    | cyd    | 2026-02-01 |            | 2026-12-01  |
            | p2      | ann    | dan    | 2026-02-01 | 2026-02-28 | 2026-12-20  |
            | p3      | bob    | ann    | 2026-01-05 |            | 2026-12-02  |
            | p4      | bob    | bob    | 2026-01-05 |            | 2026-12-30  |
            """,
        )
        values = values_of(connection, AS_OF)
    assert counts(values, "mentoring_coverage", "2026-02-01", grain="month") == (2, 2)
    assert counts(values, "mentoring_coverage", Q1, grain="quarter") == (1, 2)
    assert counts(values, "mentoring_coverage", Q1, grain="quarter", segment="B") == (1, 2)
    assert counts(values, "mentoring_meetings", Q4, grain="quarter") == (1, 2), "p3 met 29 days ago, p1 30; p2 is over"
    assert isnan(counts(values, "mentoring_meetings", Q3, grain="quarter")[0]), "earlier meetings are not known"


THANKS = """
| recognised_on | receiver | giver | kind  | achieved_on |
| 2026-01-05    | ann      | bob   |       | 2026-01-01  |
| 2026-01-06    | ann      | eve   |       | 2026-01-04  |
| 2026-02-01    | cyd      |       | group | 2026-01-22  |
| 2026-02-02    | bob      | bob   |       |             |
| 2026-02-03    | eve      | ann   |       |             |
"""


def test_recognition_is_of_members_by_others() -> None:
    """Quarter 1, roster ann, bob, cyd, dan: ann twice, cyd in a group, bob only by himself; eve is staff and thanked by ann."""
    with warehouse_of(members=FIVE, covers=COVERS) as connection:
        keep_register(connection, "recognitions", THANKS)
        values = values_of(connection, AS_OF)
    assert counts(values, "recognition_coverage", Q1, grain="quarter") == (2, 4)
    assert counts(values, "recognition_coverage", Q1, grain="quarter", breakdown="group") == (1, 4)
    assert counts(values, "recognition_coverage", Q1, grain="quarter", segment="A") == (1, 2)
    assert counts(values, "recognition_coverage", "2026-01-05") == (1, 2), "cyd and dan had not joined"
    assert counts(values, "recognition_coverage", Q3, grain="quarter") == (0, 3)
    assert isnan(counts(values, "recognition_coverage", "2025-10-01", grain="quarter")[0])
    assert counts(values, "recognition_givers", Q1, grain="quarter") == (2, 4)
    assert counts(values, "recognition_from_peers", Q1, grain="quarter") == (1, 2)
    assert counts(values, "recognition_top_tenth", Q1, grain="quarter") == (2, 3), "one of two members is the tenth"
    assert number(values, "recognition_delay", Q1)["value"] == 4, "of 4, 2 and 10 days"


def test_learning_counts_members_hours_and_first_roles() -> None:
    """w1 has minutes for ann and its own length for bob; w2 no length; a social is no learning. Ann hosts w1 and s1."""
    with warehouse_of(
        members=FIVE,
        events="""
        | event | on         | type     |
        | w1    | 2026-01-20 | workshop |
        | w2    | 2026-04-20 | training |
        | s1    | 2026-05-05 | social   |
        """,
        attendance="""
        | event | who |
        | w1    | ann |
        | w1    | bob |
        | w1    | eve |
        | w2    | cyd |
        | s1    | dan |
        """,
        covers=COVERS,
    ) as connection:
        connection.execute("update events set ends_at = starts_at + interval 2 hour, host = 0 where event_id = 'w1'")
        connection.execute("update events set host = 0 where event_id = 's1'")
        connection.execute("update attendance set minutes = 45 where event_id = 'w1' and person = 0")
        connection.execute("update attendance set part = 'speaker' where event_id = 's1'")
        keep_register(
            connection, "mentoring", "| pair_id | mentor | mentee | started_on |\n| p1 | bob | cyd | 2026-04-01 |"
        )
        values = values_of(connection, AS_OF)
    assert counts(values, "learning", Q1, grain="quarter") == (2, 4)
    assert counts(values, "learning_hours", Q1, grain="quarter") == (0.75 + 2, 4)
    assert isnan(counts(values, "learning_hours", Q2, grain="quarter")[0]), "nobody knows how long w2 was"
    assert counts(values, "learning_hours", Q3, grain="quarter") == (0, 3)
    assert counts(values, "new_roles", Q1, grain="quarter") == (1, 4), "ann hosts"
    assert counts(values, "new_roles", Q2, grain="quarter") == (2, 4), "dan speaks, bob mentors; ann has hosted before"


def test_hours_are_those_of_the_member() -> None:
    """Tuesday 6 January, UTC: 17:59 and 18:00 by ann; Saturday by ann; 23:30 by bob in Auckland is Wednesday 12:30 there."""
    with warehouse_of(
        members=FIVE,
        interactions="""
        | at               | from | to  |
        | 2026-01-06 17:59 | ann  | bob |
        | 2026-01-06 18:00 | ann  | bob |
        | 2026-01-10 10:00 | ann  | bob |
        | 2026-01-06 23:30 | bob  | ann |
        | 2026-01-06 23:30 | eve  | ann |
        """,
        covers=COVERS,
    ) as connection:
        connection.execute("update interactions set hour = hour(occurred_at)")
        connection.execute("update members set timezone = 'Pacific/Auckland' where person = 1")
        values = values_of(connection, AS_OF)
    assert counts(values, "out_of_hours", Q1, grain="quarter") == (2, 4)
    assert counts(values, "out_of_hours", Q1, grain="quarter", segment="A") == (2, 4)


def test_members_evaluate_by_coming_to_a_review_or_owning_an_action() -> None:
    """r1 is a review by its topic, w1 because a story was told there; the owner bob is a member, "Events team" nobody."""
    with warehouse_of(
        members=FIVE,
        events="| event | on | type |\n| r1 | 2026-01-20 | meeting |\n| w1 | 2026-04-20 | workshop |",
        attendance="| event | who |\n| r1 | ann |\n| r1 | eve |\n| w1 | cyd |",
        covers=COVERS,
    ) as connection:
        connection.execute("update events set topic = 'Review' where event_id = 'r1'")
        keep_register(connection, "stories", "| story_id | told_on | event_id |\n| s1 | 2026-04-20 | w1 |")
        keep_register(
            connection,
            "actions",
            """
            | action_id | owner       | opened_on  |
            | a1        | BOB         | 2026-02-01 |
            | a2        | Events team | 2026-02-01 |
            """,
        )
        values = values_of(connection, AS_OF)
    assert counts(values, "evaluation_engagement", Q1, grain="quarter") == (2, 4)
    assert counts(values, "evaluation_engagement", Q2, grain="quarter") == (1, 4)


def test_actions_without_an_effect_still_wait() -> None:
    """Found to opened: 2, 4 and 9 days. Effect after 10 and 20 days, two not yet: half are through by day 20."""
    with warehouse_of(members=FIVE, covers=COVERS) as connection:
        keep_register(
            connection,
            "actions",
            """
            | action_id | found_on   | opened_on  | effect_seen_on |
            | a1        | 2026-01-01 | 2026-01-03 | 2026-01-13     |
            | a2        | 2026-01-01 | 2026-01-05 | 2026-01-25     |
            | a3        | 2026-01-01 | 2026-01-10 |                |
            | a4        |            | 2026-01-10 | 2026-12-30     |
            """,
        )
        values = values_of(connection, AS_OF)
    assert number(values, "action_loop", Q1, breakdown="finding to action")["value"] == 4
    effect = number(values, "action_loop", Q1, breakdown="action to effect")
    assert (effect["value"], effect["numerator"], effect["denominator"], effect["status"]) == (20, 2, 4, "final")


def test_without_registers_there_is_no_number() -> None:
    with warehouse_of(members=FIVE, covers=COVERS) as connection:
        values = values_of(connection, AS_OF)
    found = set(values["metric"]) & {
        "value_stories", "value_cycles", "micro_collaborations", "collaboration_reach", "mentoring_coverage",
        "mentoring_effect", "recognition_coverage", "recognition_givers", "joint_actions", "action_loop",
    }  # fmt: skip
    assert found == set()


def test_the_order_of_rows_and_entries_that_come_later_change_nothing() -> None:
    """The same registers upside down give the same numbers, and so they do with entries from after the as-of day."""
    later = "| 2027-01-02    | bob      | ann   |       |             |\n"
    lines = THANKS.strip().splitlines()
    found = []
    for drawn in (THANKS, "\n".join([lines[0], *lines[:0:-1]]), THANKS.rstrip() + "\n" + later):
        with warehouse_of(members=FIVE, covers=COVERS) as connection:
            keep_register(connection, "recognitions", drawn)
            values = values_of(connection, AS_OF)
            found.append(values[values["metric"].str.startswith("recognition")].reset_index(drop=True))
    assert len(found[0]) > 100
    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def test_another_id_of_a_member_is_the_member() -> None:
    """Bob is known as bobby elsewhere: thanks to bobby are bob's, and bob thanking bobby is thanking himself."""
    members = FIVE + "| bobby |      | bot    |            |            |\n"
    with warehouse_of(members=members, covers=COVERS) as connection:
        connection.execute("delete from members where person = 5")
        connection.execute("insert into aliases values (5, 1)")
        keep_register(
            connection,
            "recognitions",
            """
            | recognised_on | receiver | giver |
            | 2026-01-05    | bobby    | ann   |
            | 2026-04-06    | bobby    | bob   |
            """,
        )
        values = values_of(connection, AS_OF)
    assert counts(values, "recognition_coverage", Q1, grain="quarter") == (1, 4)
    assert counts(values, "recognition_coverage", Q2, grain="quarter") == (0, 4)
