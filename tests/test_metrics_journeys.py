"""Habits, flows, newcomers and what comes after a programme, counted by hand."""

from datetime import date, timedelta
from math import isnan

from tests.facts import cells_of, counts, value, warehouse_of

COVERS = ("2026-01-05", "2026-12-31")
AS_OF = date(2027, 1, 1)
MONDAY = date(2026, 1, 5)


def weekly(**weeks: list[int]) -> str:
    """One message of each person in each of their weeks (1 is the week of 5 January), on the Wednesday."""
    lines = ["| at | from | to |"]
    for who, numbers in weeks.items():
        lines += [f"| {MONDAY + timedelta(days=7 * (n - 1) + 2)} 09:00 | {who} | |" for n in numbers]
    return "\n".join(lines)


FOUR = """
| who | team |
| ann | A    |
| bob | A    |
| cyd | B    |
| dan | B    |
"""


def test_habits_count_calendar_weeks_and_not_rows() -> None:
    """Weeks 1 to 12: ann acts in nine of them, bob in eight, cyd in two and an event in a third, dan in none."""
    with warehouse_of(
        members=FOUR,
        interactions=weekly(ann=list(range(4, 13)), bob=list(range(5, 13)), cyd=[1, 1, 1, 2]),
        events="| event | on |\n| e1 | 2026-01-20 |",
        attendance="| event | who |\n| e1 | cyd |",
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
        weeks = connection.execute(
            "select action_weeks from conduct where grain = 'week' and period = '2026-03-23' order by person"
        ).fetchall()
    assert weeks == [(9,), (8,), (3,), (0,)]
    week = "2026-03-23"
    assert counts(cells, "habit_segments", week, breakdown="habitual") == (1, 4)
    assert counts(cells, "habit_segments", week, breakdown="occasional") == (2, 4)
    assert counts(cells, "habit_segments", week, breakdown="none") == (1, 4)
    assert counts(cells, "habit_segments", "2026-03-30", breakdown="habitual") == (1, 4), "weeks 2 to 13"
    assert counts(cells, "habit_segments", "2026-04-20", breakdown="habitual") == (0, 4), "weeks 5 to 16: eight of them"


def test_habits_of_a_month_are_those_of_its_last_whole_week() -> None:
    """March ends on a Tuesday: its last whole week is that of 23 March."""
    with warehouse_of(members=FOUR, interactions=weekly(ann=list(range(4, 13))), covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "habit_segments", "2026-03-01", grain="month", breakdown="habitual") == (1, 4)
    assert counts(cells, "habit_segments", "2026-04-01", grain="month", breakdown="habitual") == (0, 4)


def test_drift_is_counted_in_days_from_the_periods_end() -> None:
    """Last actions on Wed 7 January. To Sunday 1 March 53 days, to 8 March 60, to 3 May 116."""
    with warehouse_of(members=FOUR, interactions=weekly(ann=[1], bob=[1]), covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    for period, kind in (
        ("2026-02-23", "active"),
        ("2026-03-02", "drifting"),
        ("2026-04-20", "drifting"),
        ("2026-04-27", "away"),
    ):
        assert counts(cells, "drift", period, breakdown=kind) == (2, 2), period
    assert counts(cells, "drift", "2026-03-02", breakdown="active") == (0, 2), "cyd and dan never did anything"


def test_flows_say_who_is_new_who_returns_and_who_went_quiet() -> None:
    """January: ann, bob. February: ann, cyd. March: bob. Quarter 1 all three; quarter 2 nobody."""
    with warehouse_of(members=FOUR, interactions=weekly(ann=[1, 6], bob=[2, 10], cyd=[7]), covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    flows = ("new", "returning", "resurrected", "dormant")
    found = {
        period: [value(cells, "member_flow", period, grain="month", breakdown=flow) for flow in flows]
        for period in ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
    }
    assert found == {
        "2026-01-01": [2, 0, 0, 0],
        "2026-02-01": [1, 1, 0, 1],
        "2026-03-01": [0, 0, 1, 2],
        "2026-04-01": [0, 0, 0, 3],
    }
    assert value(cells, "member_flow", "2026-01-01", segment="A", breakdown="new") == 2
    assert isnan(value(cells, "member_flow", "2026-01-01", grain="month", segment="A", breakdown="new"))


def test_stickiness_counts_working_days() -> None:
    """The 28 days to 1 February: ann on four Wednesdays, bob on one Saturday. Mean 4/20 over 2 people."""
    talk = weekly(ann=[1, 2, 3, 4]) + "\n| 2026-01-10 09:00 | bob | |"
    with warehouse_of(members=FOUR, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "stickiness", "2026-01-26") == (4 / 20, 2)
    assert counts(cells, "stickiness", "2026-02-01", grain="month") == (0, 0), "28 days to 28 February begin on the 1st"
    assert counts(cells, "stickiness", "2026-01-01", grain="month") == (4 / 20, 2), "4 to 31 January"


def test_profile_and_funnel_of_a_quarter() -> None:
    """Ann starts a thread and hosts; bob replies; cyd reacts and comes; dan does nothing; eve came only."""
    members = FOUR + "| eve | B |\n"
    talk = """
    | at               | from | kind     | thread |
    | 2026-02-03 09:00 | ann  | post     | t1     |
    | 2026-02-03 10:00 | bob  | reply    | t1     |
    | 2026-02-03 11:00 | cyd  | reaction | t1     |
    """
    with warehouse_of(
        members=members,
        interactions=talk,
        events="| event | on | host |\n| e1 | 2026-02-04 | ann |",
        attendance="| event | who |\n| e1 | cyd |\n| e1 | eve |",
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    quarter = {"grain": "quarter"}
    for kind, members_of in (("creator", 1), ("contributor", 2), ("lurker", 2)):
        assert counts(cells, "participation_profile", "2026-01-01", breakdown=kind, **quarter) == (members_of, 5)
    steps = {"attended": (4, 5), "interacted": (3, 4), "contributed": (2, 3), "led": (1, 2)}
    for step, expected in steps.items():
        assert counts(cells, "participation_funnel", "2026-01-01", breakdown=step, **quarter) == expected


JOINERS = """
| who | team | joined     | left       |
| ann | A    | 2026-04-06 |            |
| bob | A    | 2026-04-07 |            |
| cyd | B    | 2026-04-08 | 2026-05-01 |
| old | B    |            |            |
"""


def test_time_to_the_first_time_counts_who_never_came() -> None:
    """Ann writes after 3 days and comes after 10; bob wrote before he joined (day 0); cyd left without a word."""
    talk = """
    | at               | from | to  | kind  | thread | id |
    | 2026-04-09 09:00 | ann  |     | post  | t1     | 1  |
    | 2026-04-11 09:00 | old  |     | reply | t1     | 2  |
    | 2026-04-01 09:00 | bob  | old | reply | t1     | 3  |
    """
    with warehouse_of(
        members=JOINERS,
        interactions=talk,
        events="| event | on |\n| e1 | 2026-04-16 |",
        attendance="| event | who |\n| e1 | ann |",
        covers=COVERS,
    ) as connection:
        cells = cells_of(connection, AS_OF)
    quarter = "2026-04-01"
    assert value(cells, "time_to_first", quarter, breakdown="contribution") == 3, "0, 3, never: two thirds by day 3"
    assert value(cells, "time_to_first", quarter, breakdown="contribution", column="numerator") == 2
    assert value(cells, "time_to_first", quarter, breakdown="contribution", column="denominator") == 3
    row = cells[
        (cells["metric"] == "time_to_first") & (cells["breakdown"] == "event") & (cells["segment"] == "all")
    ].iloc[0]
    assert row["is_open"], "one of three came"
    assert value(cells, "time_to_first", quarter, breakdown="reply received", column="numerator") == 1
    assert value(cells, "time_to_first", quarter, segment="A", breakdown="contribution") == 0, "bob is half of two"


def test_newcomers_settle_in_on_four_different_days() -> None:
    """Ann acts on four days; bob on three and once before he joined, which counts as his first day; cyd never."""
    days = [("ann", d) for d in ("04-06", "04-07", "04-08", "06-30")] + [
        ("bob", d) for d in ("03-30", "04-09", "04-10", "04-11")
    ]
    days += [("ann", "07-20"), ("bob", "07-06")]
    talk = "| at | from |\n" + "\n".join(f"| 2026-{day} 09:00 | {who} |" for who, day in days)
    with warehouse_of(members=JOINERS, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
        early = cells_of(connection, date(2026, 6, 1))
    assert counts(cells, "newcomer_conversion", "2026-04-01", grain="quarter") == (2, 3), (
        "bob: 30 March is day 0, then three; 6 July is day 90"
    )
    assert isnan(counts(early, "newcomer_conversion", "2026-04-01", grain="quarter")[0]), (
        "nobody has been here for 90 days"
    )


def test_newcomers_partners_are_different_members_within_90_days() -> None:
    """Ann talks with bob and old (both ways count) and with sam, who is staff; with gus only on day 90."""
    members = JOINERS + "| gus | C | | |\n| sam | C | | |\n"
    members = members.replace(
        "| who | team | joined     | left       |", "| who | team | joined     | left       | type |"
    )
    members = "\n".join(
        line + (" staff |" if "sam" in line else " |") if "who" not in line and line.strip() else line
        for line in members.splitlines()
    )
    talk = """
    | at               | from | to  |
    | 2026-04-09 09:00 | ann  | bob |
    | 2026-04-10 09:00 | old  | ann |
    | 2026-04-10 10:00 | ann  | old |
    | 2026-04-11 10:00 | ann  | sam |
    | 2026-07-05 10:00 | ann  | gus |
    """
    with warehouse_of(members=members, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
        partners = dict(
            connection.execute(
                "select members.name, partners from early_partners join members using (person)"
            ).fetchall()
        )
    assert partners == {"ann": 2, "bob": 1, "cyd": 0}
    assert value(cells, "newcomer_integration", "2026-04-01") == 1
    assert value(cells, "newcomer_integration", "2026-04-01", breakdown="three partners in two teams") == 0


def test_after_the_programme_leavers_stay_in() -> None:
    """Ended on 31 March. 30 days: 3 to 30 April; 90: 2 to 29 June; 180: 31 August to 27 September."""
    members = "| who | left |\n| ann | |\n| bob | |\n| cyd | 2026-04-02 |\n"
    programmes = "| who | programme | from | to |\n" + "\n".join(
        f"| {who} | start | 2026-01-06 | 2026-03-31 |" for who in ("ann", "bob", "cyd")
    )
    talk = """
    | at               | from |
    | 2026-04-03 09:00 | ann  |
    | 2026-04-30 09:00 | bob  |
    | 2026-06-29 09:00 | ann  |
    | 2026-06-30 09:00 | bob  |
    | 2026-09-27 09:00 | ann  |
    """
    with warehouse_of(members=members, interactions=talk, programmes=programmes, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
        early = cells_of(connection, date(2026, 6, 1))
    found = {
        days: counts(cells, "after_programme", "2026-01-01", grain="quarter", breakdown=f"{days} days")
        for days in (30, 90, 180)
    }
    assert found == {30: (2, 3), 90: (1, 3), 180: (1, 3)}
    assert counts(early, "after_programme", "2026-01-01", grain="quarter", breakdown="30 days") == (2, 3)
    assert counts(early, "after_programme", "2026-01-01", grain="quarter", breakdown="90 days") == (0, 0), (
        "its day has not come"
    )
