"""Facts: what a row of attendance, interactions, activity and the registers becomes in the warehouse."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest

from data.settings import Settings
from tests.uploads import ask, look_at, problems, take_in, undo

BERLIN = Settings(zone="Europe/Berlin", as_of=date(2026, 11, 16))


@pytest.mark.parametrize(
    ("written", "utc", "day", "hour"),
    [
        ("2026-11-12T00:30", datetime(2026, 11, 11, 23, 30), date(2026, 11, 12), 0),  # winter: local is UTC + 1
        ("2026-07-01 00:30:15", datetime(2026, 6, 30, 22, 30, 15), date(2026, 7, 1), 0),  # summer: UTC + 2
        ("2026-11-12T23:30:00Z", datetime(2026, 11, 12, 23, 30), date(2026, 11, 13), 0),
        ("2026-11-12T00:30:00-05:00", datetime(2026, 11, 12, 5, 30), date(2026, 11, 12), 6),
        ("2026-11-12T00:30+0530", datetime(2026, 11, 11, 19, 0), date(2026, 11, 11), 20),
        ("2026-11-12", datetime(2026, 11, 11, 23, 0), date(2026, 11, 12), 0),
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, 30), date(2026, 3, 29), 3),  # a time that the clocks leave out
    ],
)
def test_times_are_stored_in_utc_and_days_in_the_zone_of_the_community(
    home: Path, written: str, utc: datetime, day: date, hour: int
) -> None:
    take_in(home, f"occurred_at,actor_id\n{written},M1\n", settings=BERLIN)
    assert ask(home, "select occurred_at, day, hour from interactions") == [(utc, day, hour)]


def test_interactions_without_an_id_are_the_nth_of_their_like(home: Path) -> None:
    header = "occurred_at,actor_id,target_id,kind\n"
    twice = "2026-11-12T10:00,M1,M2,\n2026-11-12T10:00,M1,M2,message\n"
    receipt = take_in(home, header + twice)
    assert (receipt.rows, receipt.new) == (2, 2)
    again = take_in(home, header + twice + "2026-11-12T10:00,M1,M2,\n2026-11-12T10:00,M1,,\n")
    assert (again.new, again.changed, again.unchanged) == (2, 0, 2)
    assert ask(home, "select nth, count(*) from interactions group by all order by all") == [(1, 2), (2, 1), (3, 1)]


def test_interactions_with_an_id_are_known_by_it_within_their_source(home: Path) -> None:
    header = "interaction_id,occurred_at,actor_id,topic\n"
    take_in(home, header + "1,2026-11-12T10:00,M1,tea\n")
    receipt = take_in(home, header + "1,2026-11-12T10:05,M1,coffee\n")
    assert (receipt.new, receipt.changed) == (0, 1)
    other = take_in(home, header + "1,2026-11-12T10:05,M1,coffee\n", source="slack")
    assert other.new == 1
    assert problems(home, header + "2,2026-11-12T10:00,M1,a\n2,2026-11-12T10:00,M1,b\n2,2026-11-12T10:00,M1,a\n") == [
        (3, "interaction_id", '"2" is on line 2 already, with other values.')
    ]


def test_rows_with_an_id_and_rows_without_are_each_known_in_their_own_way(home: Path) -> None:
    header = "interaction_id,occurred_at,actor_id,topic\n"
    take_in(home, header + "1,2026-11-12T10:00,M1,tea\n,2026-11-12T10:00,M1,tea\n,2026-11-12T10:00,M1,tea\n")
    again = (
        header
        + ",2026-11-12T10:00,M1,tea\n1,2026-11-12T10:00,M1,jam\n2,2026-11-12T10:00,M1,tea\n,2026-11-12T11:00,M2,\n"
    )
    receipt = take_in(home, again)
    assert (receipt.new, receipt.changed, receipt.unchanged, receipt.unmatched) == (2, 1, 1, 4)
    rows = "select interaction_id, nth, topic, batch, line from interactions order by all"
    assert ask(home, rows) == [
        ("1", 1, "jam", 2, 3),
        ("2", 1, "tea", 2, 4),
        (None, 1, "tea", 1, 3),
        (None, 1, None, 2, 5),
        (None, 2, "tea", 1, 4),
    ]
    undo(home, 2)
    assert ask(home, rows) == [("1", 1, "tea", 1, 2), (None, 1, "tea", 1, 3), (None, 2, "tea", 1, 4)]


def test_the_first_of_several_targets_stands_apart(home: Path) -> None:
    take_in(home, "occurred_at,actor_id,target_id\n2026-11-12T10:00,M1,M2; M4;M3\n2026-11-12T11:00,M1,M2\n")
    first = "select member_id from interactions join people on person = target order by occurred_at"
    assert ask(home, first) == [("M2",), ("M2",)]
    further = """
        select member_id
        from (select unnest(more_targets) as person, generate_subscripts(more_targets, 1) as place from interactions)
        join people using (person)
        order by place
    """
    assert ask(home, further) == [("M4",), ("M3",)]


def test_attendance_with_a_start_makes_the_event_on_the_way(home: Path) -> None:
    receipt = take_in(
        home, "event_id,member_id,starts_at,title\nE1,M1,2026-11-12 17:30,Fair\nE1,M2,,\nE2,M1,2026-11-13,\n"
    )
    assert (receipt.new, receipt.unmatched) == (3, 3)
    assert ask(home, "select event_id, day::varchar, title from events order by all") == [
        ("E1", "2026-11-12", "Fair"),
        ("E2", "2026-11-13", None),
    ]
    assert ask(home, "select attended, count(*) from attendance group by all") == [(True, 3)]
    assert ask(home, "select covers_from::varchar, covers_to::varchar from batches") == [("2026-11-12", "2026-11-13")]


def test_attendance_of_an_event_that_nobody_described_is_a_problem(home: Path) -> None:
    assert problems(home, "event_id,member_id\nE1,M1\n") == [(2, "event_id", 'The event "E1" is not known.')]
    take_in(home, "event_id,starts_at\nE1,2026-11-12\n")
    assert take_in(home, "event_id,member_id\nE1,M1\n").new == 1
    assert take_in(home, "member_id,part\nM2,Host\n", "attendance", event_id="E1").new == 1
    assert ask(home, "select part from attendance where part is not null") == [("host",)]


def test_an_event_has_one_start_in_a_file(home: Path) -> None:
    assert problems(home, "event_id,member_id,starts_at\nE1,M1,2026-11-12\nE1,M2,2026-11-13\n") == [
        (3, "starts_at", 'The event "E1" has another start on line 2.')
    ]


def test_undoing_the_events_that_attendance_needs_is_said(home: Path) -> None:
    events = take_in(home, "event_id,starts_at\nE1,2026-11-12\n")
    take_in(home, "event_id,member_id\nE1,M1\nE1,M2\n")
    receipt = undo(home, events.batch or 0)
    assert receipt.warnings[0].startswith("2 attendances are of events that no file describes any more")
    assert ask(home, "select count(*) from attendance") == [(2,)]


def test_a_row_that_says_the_same_again_changes_nothing(home: Path) -> None:
    receipt = take_in(home, "event_id,starts_at\nE1,2026-11-12\nE1,2026-11-12\n")
    assert (receipt.rows, receipt.new, receipt.unchanged) == (2, 1, 1)


def test_activity_keeps_its_periods(home: Path) -> None:
    header = "period_start,period_end,kind,count\n"
    take_in(home, header + "2026-11-02,2026-11-08,active,212\n2026-11-09,2026-11-15,Active,0\n")
    assert ask(home, "select kind, count from activity order by period_start") == [("active", 212), ("active", 0)]
    assert ask(home, "select covers_from::varchar, covers_to::varchar from batches") == [("2026-11-02", "2026-11-15")]
    assert problems(home, header + "2026-11-08,2026-11-02,active,1\n") == [
        (2, "period_end", '"2026-11-02" is before the start of the period.')
    ]


def test_days_that_a_person_says_are_covered_stand(home: Path) -> None:
    take_in(home, "occurred_at,actor_id\n2026-11-12T10:00,M1\n", covers=(date(2026, 11, 1), date(2026, 11, 15)))
    assert ask(home, "select covers_from::varchar, covers_to::varchar from batches") == [("2026-11-01", "2026-11-15")]


@pytest.mark.parametrize(
    ("content", "query", "row"),
    [
        ("objective_id,title,metric,baseline,target,due_on\nO1,Two in five,reach,.34,0.4,2026-12-31\n",
         "select baseline, target from objectives", (0.34, 0.4)),
        ("action_id,title,opened_on\nA1,Evening slot,2026-10-05\n", "select opened_on from actions", (date(2026, 10, 5),)),
        ("on,label,rebase\n2026-06-01,New chat,\n", "select occurred_on, rebase from annotations", (date(2026, 6, 1), False)),
        ("metric,value,publisher,year,match\nreach,0.5,Body,2025,b\n", "select match, year from benchmarks", ("B", 2025)),
        ("member_id,programme,starts_on\nM1,Onboarding,2026-09-01\n", "select programme from programmes", ("Onboarding",)),
        ("channel,member_id\ngeneral,M1\n", "select channel from channels", ("general",)),
    ],
)  # fmt: skip
def test_each_register_loads(home: Path, content: str, query: str, row: tuple[object, ...]) -> None:
    assert take_in(home, content).new == 1
    assert ask(home, query) == [row]


def test_looking_at_a_file_counts_and_stores_nothing(home: Path) -> None:
    take_in(home, "event_id,starts_at,title\nE1,2026-11-12,Fair\nE2,2026-11-13,Talk\n")
    receipt = look_at(home, "event_id,starts_at,title\nE1,2026-11-12,Fair\nE2,2026-11-13,Tea\nE3,2026-11-14,\n").receipt
    assert (receipt.batch, receipt.new, receipt.changed, receipt.unchanged) == (None, 1, 1, 1)
    assert ask(home, "select count(*) from events") == [(2,)]
    assert ask(home, "select count(*) from batches") == [(1,)]


def test_the_southern_women_are_18_members_14_events_and_89_attendances(home: Path, reference: Path) -> None:
    with (reference / "southern-women" / "attendance.csv").open(encoding="utf-8") as handle:
        came = [(row["person"], *row["event_date"].split("/")) for row in csv.DictReader(handle)]
    members = sorted({name for name, _, _ in came})
    take_in(home, "member_id\n" + "".join(f"{name}\n" for name in members), "members")
    lines = [f"{month}/{day},{name},1936-{int(month):02}-{int(day):02}\n" for name, month, day in came]
    receipt = take_in(home, "event_id,member_id,starts_at\n" + "".join(lines), "attendance")
    assert (receipt.new, receipt.unmatched) == (89, 0)
    counts = [ask(home, f"select count(*) from {table}")[0][0] for table in ("members", "events", "attendance")]
    assert counts == [18, 14, 89]
