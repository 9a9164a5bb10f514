"""Cadence, hours, lift and duplication on small communities, and what is worked out over the groups shown."""

from datetime import date
from math import isnan

import pandas as pd
import pytest

from data.store import opened
from metrics.metric import RESULT_COLUMNS
from metrics.shown_groups import add_shown_groups
from tests.facts import cells_of, counts, rows, value, warehouse_of

COVERS = ("2026-01-01", "2026-12-31")
AS_OF = date(2027, 1, 1)


def test_cadence_counts_events_by_type_and_the_longest_gap() -> None:
    """5 and 15 January, 20 March: gaps 10 and 64 days, and 11 from 20 to 31 March. Nothing in the second quarter: 102 days to 30 June."""
    with warehouse_of(
        members="| who |\n| ann |",
        events="""
        | event | on         | type    |
        | e1    | 2026-01-05 | meeting |
        | e2    | 2026-01-15 | social  |
        | e3    | 2026-03-20 | meeting |
        """,
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, date(2026, 7, 1))
    assert value(cells, "event_cadence", "2026-01-01", grain="month") == 2
    assert value(cells, "event_cadence", "2026-01-01", grain="month", breakdown="meeting") == 1
    assert value(cells, "event_cadence", "2026-02-01", grain="month") == 0
    assert value(cells, "event_cadence", "2026-02-01", grain="month", breakdown="social") == 0
    assert value(cells, "event_cadence", "2026-01-01", breakdown="longest gap in days") == 64
    assert value(cells, "event_cadence", "2026-04-01", breakdown="longest gap in days") == 102


def test_hours_are_those_of_each_members_own_zone() -> None:
    """15:00 UTC is 15:00 in London and 10:00 in New York; 08:30 is too early for both, 17:00 too late in London."""
    with warehouse_of(
        members="| who | team | zone |\n| ann | A | Europe/London |\n| bob | B | America/New_York |\n| cyd | B | nowhere |",
        events="""
        | event | on               | mode      |
        | e1    | 2026-01-05 15:00 | virtual   |
        | e2    | 2026-01-06 08:30 | in_person |
        | e3    | 2026-01-07 17:00 | hybrid    |
        | e4    | 2026-01-08 12:00 |           |
        """,
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    quarter = {"grain": "quarter"}
    assert counts(cells, "schedule_inclusion", "2026-01-01", segment="A", **quarter) == (2, 4), "15:00 and 12:00"
    assert counts(cells, "schedule_inclusion", "2026-01-01", segment="B", **quarter) == (2 + 2, 4 + 4), (
        "10:00 and 12:00; cyd as in UTC"
    )
    assert counts(cells, "schedule_inclusion", "2026-01-01", **quarter) == (6, 12)
    assert counts(cells, "schedule_inclusion", "2026-01-01", breakdown="virtual or hybrid", **quarter) == (2, 3)


def gathering(*, met: bool) -> pd.DataFrame:
    """Forty members, twenty at an event on 1 June. Where they met, each attendee writes to the next one a week later."""
    names = [f"m{n:02}" for n in range(40)]
    talk = ["| at | from | to |"]
    # Everybody is alike before: each has written to one of twenty others, none of whom is at the event with them.
    talk += [f"| 2026-05-04 09:00 | {name} | {names[(place + 20) % 40]} |" for place, name in enumerate(names)]
    if met:
        talk += [f"| 2026-06-08 09:00 | {names[n]} | {names[(n + 1) % 20]} |" for n in range(20)]
    with warehouse_of(
        members="| who |\n" + "\n".join(f"| {name} |" for name in names),
        interactions="\n".join(talk),
        events="| event | on |\n| e1 | 2026-06-01 |",
        attendance="| event | who |\n" + "\n".join(f"| e1 | {name} |" for name in names[:20]),
        covers=COVERS,
    ) as connection:
        return cells_of(connection, AS_OF)


def test_lift_is_what_attendees_do_beyond_those_who_stayed_away() -> None:
    """190 pairs of attendees without a tie, 20 of which talk; of the 190 pairs who stayed away none does."""
    found = gathering(met=True)
    lift = {"breakdown": "e1"}
    assert value(found, "event_lift", "2026-04-01", **lift) == pytest.approx(20 / 190)
    assert value(found, "event_lift", "2026-04-01", column="numerator", **lift) == 20
    assert value(found, "event_lift", "2026-04-01", column="denominator", **lift) == 190
    assert value(found, "event_lift", "2026-04-01", column="expected", **lift) == 0
    low, high = (value(found, "event_lift", "2026-04-01", column=end, **lift) for end in ("low", "high"))
    assert 0.05 < low < 20 / 190 < high < 0.16
    assert value(found, "event_lift", "2026-04-01", breakdown="e1 after 90 days") == 0
    assert value(gathering(met=False), "event_lift", "2026-04-01", **lift) == 0


def test_teams_on_one_topic_without_a_tie_are_counted() -> None:
    """Rota: three of A, three of B, three of C write; A and B have a tie. Pay: only two of B write, so nobody shares it."""
    people = [(f"{team.lower()}{n}", team) for team in "ABC" for n in range(3)]
    talk = ["| at | from | to | topic | channel |"]
    talk += [f"| 2026-02-03 09:00 | {who} | | rota | general |" for who, _ in people]
    talk += ["| 2026-02-04 09:00 | a0 | b0 | | help |", "| 2026-02-04 09:00 | b1 | | pay | help |"]
    with warehouse_of(
        members="| who | team |\n" + "\n".join(f"| {who} | {team} |" for who, team in people),
        interactions="\n".join(talk),
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "duplication_radar", "2026-01-01", breakdown="rota") == 2
    assert value(cells, "duplication_radar", "2026-01-01", breakdown="rota", column="denominator") == 3
    assert value(cells, "duplication_radar", "2026-01-01") == 2
    assert isnan(value(cells, "duplication_radar", "2026-01-01", breakdown="pay"))


def test_activity_shares_are_of_the_newest_seven_days() -> None:
    with warehouse_of(
        members="| who |\n| ann |",
        activity="""
        | from       | to         | kind    | count |
        | 2026-01-05 | 2026-01-11 | active  | 40    |
        | 2026-01-03 | 2026-01-09 | active  | 20    |
        | 2026-01-05 | 2026-01-11 | posting | 10    |
        | 2026-01-11 | 2026-01-11 | members | 400   |
        | 2026-01-09 | 2026-01-09 | members | 100   |
        | 2026-01-11 | 2026-01-11 | active  | 7     |
        """,
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "activity_active_share", "2026-01-05") == (40, 400)
    assert counts(cells, "activity_posting_share", "2026-01-05") == (10, 40)


def released(drawn: str) -> pd.DataFrame:
    """What `add_shown_groups` adds to a release of event_participation: rows of participation_equity by group."""
    with opened(":memory:") as connection:
        connection.execute("create table waves (wave varchar, event_id varchar)")
        typed = ", ".join(
            f"null::{'varchar' if name in (*RESULT_COLUMNS[:6], 'verdict', 'status') else 'double'} as {name}"
            for name in RESULT_COLUMNS
        )
        connection.execute(f"create table released as select {typed} limit 0")
        for row in rows(drawn):
            came, members = (float(row[name]) if row[name] else None for name in ("came", "members"))
            connection.execute(
                """insert into released by name
                   select 'event_participation' as metric, 'quarter' as grain, '2026-01-01' as period, ? as dimension,
                          ? as segment, 'all' as breakdown, ? as numerator, ? as denominator, ? as people,
                          case when ?::double is null then 'withheld' else 'final' end as status""",
                ["all" if row["group"] == "all" else "team", row["group"], came, members, members, came],
            )
        add_shown_groups(connection, "released")
        return connection.execute("select * from released where metric = 'participation_equity' order by segment").df()


def test_equity_is_beside_the_highest_group_that_is_shown() -> None:
    """A withheld group that came whole must not be the highest: with ratios to it, its own share would be there to see."""
    found = released("""
    | group | came | members |
    | all   | 46   | 68      |
    | A     | 24   | 30      |
    | B     | 18   | 30      |
    | C     |      |         |
    | D     |      |         |
    """).set_index("segment")
    assert found.loc["A", "value"] == 1
    assert found.loc["B", "value"] == pytest.approx((18 / 30) / (24 / 30))
    assert found.loc["C", ["value", "numerator", "denominator", "p"]].isna().all()
    assert found.loc["C", "status"] == "withheld"
    assert found.loc["B", "p"] > 0.1, "0.75 is below four fifths, and thirty people are too few to tell"


def test_feedback_is_what_was_favourable_in_the_waves_about_an_event() -> None:
    """Of two waves one names an event; its shown and its withheld rows are taken as they are released."""
    with opened(":memory:") as connection:
        connection.execute(
            "create table waves as select * from (values ('after the gathering', 'e1'), ('spring', null)) as w(wave, event_id)"
        )
        columns = dict.fromkeys((*RESULT_COLUMNS[:6], "verdict", "status"), "varchar")
        typed = ", ".join(f"null::{columns.get(name, 'double')} as {name}" for name in RESULT_COLUMNS)
        connection.execute(f"create table released as select {typed} limit 0")
        for wave, segment, value, status in (
            ("after the gathering", "all", 0.8, "final"),
            ("after the gathering", "A", None, "withheld"),
            ("spring", "all", 0.6, "final"),
        ):
            connection.execute(
                """insert into released by name
                   select 'favourable' as metric, 'wave' as grain, ? as period, ? as dimension, ? as segment,
                          'useful' as breakdown, ? as value, ? as status""",
                [wave, "all" if segment == "all" else "team", segment, value, status],
            )
        add_shown_groups(connection, "released")
        found = connection.execute(
            "select period, segment, value, status from released where metric = 'event_feedback' order by segment desc"
        ).fetchall()
    assert found == [("after the gathering", "all", 0.8, "final"), ("after the gathering", "A", None, "withheld")]
