"""People were called silent where an upload was missing.

One fresh source of any kind was enough, so after a month without the chat's export everybody who only writes was said to be
drifting away. Then one event of another tool in January was enough for nobody to be seen drifting from February on, and two
first Tuesdays that lie 35 days apart. Forty-eight hours of waiting were counted to the midnight of UTC, and past the last upload.
"""

from datetime import date

import duckdb
import pytest

from data.settings import Settings
from metrics.watch import watch_people
from tests.facts import cells_of, put_batch, warehouse_of

AS_OF = date(2026, 6, 1)
MEMBERS = "| who | joined |\n| ann | 2025-01-01 |\n| bob | 2025-01-01 |\n| eve | 2026-04-20 |\n"
WEEKS = [f"2026-03-{day:02}" for day in (9, 16, 23, 30)] + [f"2026-04-{day:02}" for day in (6, 13, 20)]
TALK = "| at | from | kind |\n" + "".join(f"| {day} 09:00 | ann | message |\n" for day in WEEKS)
CAME = "| event | who |\n| e0 | bob |\n| e1 | bob |\n"
EVENTS = "| event | on |\n| e0 | 2026-04-01 |\n| e1 | 2026-05-06 |\n"


def reach(connection: duckdb.DuckDBPyConnection, kind: str, last: str) -> None:
    connection.execute("update batches set covers_to = ? where kind = ?", [last, kind])


def watched(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    cells_of(connection, AS_OF)
    watch_people(connection)
    return dict(connection.execute("select kind, count from watched").fetchall())


@pytest.mark.parametrize(
    ("talk_to", "events_to", "drifting", "silent"),
    [
        ("2026-05-31", "2026-05-31", 1, 1),
        ("2026-04-26", "2026-05-31", 0, 0),  # the chat's export is five weeks old
        ("2026-05-31", "2026-04-19", 0, 0),  # nobody knows who came to the events of May
        (
            "2026-05-31",
            "2026-05-20",
            1,
            1,
        ),  # events have a month between them: ann's last day is 30 days before the 20th
        ("2026-05-31", "2026-05-17", 0, 0),  # 27 days after ann's last day
    ],
)
def test_silence_is_counted_to_where_every_source_reaches(
    talk_to: str, events_to: str, drifting: int, silent: int
) -> None:
    with warehouse_of(
        members=MEMBERS, interactions=TALK, events=EVENTS, attendance=CAME, covers=("2026-01-05", "2026-05-31")
    ) as connection:
        reach(connection, "interactions", talk_to)
        reach(connection, "attendance", events_to)
        found = watched(connection)
    assert found["drifting members"] == drifting
    assert found["silent newcomers"] == (silent if events_to >= "2026-05-20" else 0)


def test_a_chat_that_stopped_is_not_hidden_by_another_that_goes_on() -> None:
    with warehouse_of(members=MEMBERS, interactions=TALK, covers=("2026-01-05", "2026-04-26")) as connection:
        put_batch(connection, 9, "interactions", ("2026-01-05", "2026-05-31"))
        connection.execute("update batches set source = 'other' where batch = 9")
        assert watched(connection) == {"unanswered": 0, "silent newcomers": 0, "drifting members": 0}
        connection.execute(
            "insert into ended_sources by name select 'interactions' as kind, source, date '2026-04-26' as ended_on from batches where batch = 1"
        )
        assert watched(connection)["drifting members"] == 1


@pytest.mark.parametrize(("events_to", "knows"), [("2026-04-20", True), ("2026-04-19", False)])
def test_events_of_every_month_s_first_tuesday_are_waited_for(events_to: str, knows: bool) -> None:
    """35 days and a week for the upload."""
    with warehouse_of(
        members=MEMBERS, interactions=TALK, events=EVENTS, attendance=CAME, covers=("2026-01-05", "2026-05-31")
    ) as connection:
        reach(connection, "attendance", events_to)
        watched(connection)
        assert connection.execute("select knows_actions from seen_to").fetchall() == [(knows,)]


@pytest.mark.parametrize(("events", "drifting"), [(["2026-01-13"], 1), (["2026-01-13", "2026-02-10"], 0)])
def test_one_event_of_another_tool_silences_nobody(events: list[str], drifting: int) -> None:
    """Two are a series, of which more is expected until somebody says that it has ended."""
    with warehouse_of(
        members=MEMBERS, interactions=TALK, events=EVENTS, attendance=CAME, covers=("2026-01-05", "2026-05-31")
    ) as connection:
        put_batch(connection, 9, "attendance", (events[0], events[-1]))
        connection.execute("update batches set source = 'other' where batch = 9")
        for day in events:
            connection.execute(
                "insert into events by name select ? as event_id, ?::date as day, ?::timestamp as starts_at, 9 as batch, 2 as line",
                [day, day, day],
            )
            connection.execute(
                "insert into attendance by name select * replace (? as event_id, 9 as batch) from attendance where event_id = 'e1'",
                [day],
            )
        assert watched(connection)["drifting members"] == drifting


@pytest.mark.parametrize(
    ("talk_to", "zone", "waiting"),
    [
        ("2026-05-31", "UTC", 1),  # from 22:00 of the 29th to the midnight after the 31st: 50 hours
        ("2026-05-30", "UTC", 0),  # the upload ends after 26
        ("2026-05-31", "Asia/Tokyo", 0),  # whose 31st ends at 15:00 UTC, after 41
    ],
)
def test_waiting_ends_with_the_last_upload_of_the_community_s_own_days(talk_to: str, zone: str, waiting: int) -> None:
    talk = "| at | from | kind | thread | id | question |\n| 2026-05-29 22:00 | ann | post | t1 | p1 | yes |\n"
    with warehouse_of(members=MEMBERS, interactions=talk, covers=("2026-01-05", talk_to)) as connection:
        cells_of(connection, AS_OF, Settings(zone=zone))
        watch_people(connection)
        assert connection.execute("select count from watched where kind = 'unanswered'").fetchone() == (waiting,)
