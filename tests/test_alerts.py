"""Alerts say what, how sure, since when, whom to ask and what to try, and fall quiet when they were said."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import metrics.snapshot
import metrics.writing
from data.settings import Settings
from data.store import warehouse
from metrics.alert import Alert, cool_down
from metrics.alerts import _responses, _withdrawn_groups
from metrics.benchmarks import read_references
from metrics.publish import publish
from metrics.reminders import remind_of_references
from metrics.snapshot import Role, open_lists, open_snapshot, published_folder
from tests.communities import Community, draw, fill
from tests.demo import demo_home

AS_OF = date(2026, 11, 16)


@pytest.fixture(scope="module")
def alerts() -> dict[str, dict[str, object]]:
    snapshot = open_snapshot(demo_home(), Role.MANAGER)
    rows = snapshot.table("alerts").to_dict("records")
    snapshot.close()
    return {str(row["key"]): row for row in rows}


def test_the_low_week_of_events_is_an_alert_with_a_remedy(alerts: dict[str, dict[str, object]]) -> None:
    found = alerts["signal:event_participation:all:all:down"]
    assert found["what"] == "Came to an event: 13%, worse than usual (usual 20% to 41%)."
    assert "52 weeks" in str(found["how_sure"])
    assert str(found["since"])[:10] == "2026-11-09"
    assert not found["is_quiet"]
    assert found["what_to_try"]
    assert found["whom_to_ask"]


def test_sooner_answers_were_said_weeks_ago(alerts: dict[str, dict[str, object]]) -> None:
    found = alerts["signal:answered_within_day:all:all:up"]
    assert "better than usual" in str(found["what"])
    assert str(found["what_to_try"]).startswith("Find out what helped")
    assert found["is_quiet"], "since early October, and said again only after four weeks"


def test_an_action_that_is_due_is_its_owners(alerts: dict[str, dict[str, object]]) -> None:
    overdue = [row for row in alerts.values() if row["kind"] == "overdue"]
    assert {str(row["whom_to_ask"]) for row in overdue} == {"Community team"}
    assert any("2026-11-13" in str(row["what"]) and not row["is_quiet"] for row in overdue)


def test_counts_of_people_match_the_lists(alerts: dict[str, dict[str, object]]) -> None:
    lists = open_lists(demo_home(), Role.MANAGER)
    drifting = int(lists.query("select count(*) as n from people_lists where list = 'drifting members'")["n"].iloc[0])
    lists.close()
    assert str(alerts["drifting members"]["what"]).startswith(f"{drifting} members ")


def test_members_get_no_alerts_and_leaders_none_about_what_they_do_not_see() -> None:
    shown = {}
    for role in Role:
        snapshot = open_snapshot(demo_home(), role)
        shown[role] = snapshot.query(
            """select alerts.key, alerts.segment, observations.status
               from alerts
               left join series
                 on series.metric = alerts.metric
                and series.segment = alerts.segment
                and series.grain = 'week'
                and series.breakdown = 'all'
               left join observations
                 on observations.series = series.series
                and observations.period = '2026-11-09'
               where alerts.kind = 'signal'"""
        )
        snapshot.close()
    assert shown[Role.MEMBER].empty
    for role in (Role.MANAGER, Role.LEADER):
        assert "withheld" not in set(shown[role]["status"])


def test_an_alert_is_heard_for_a_week_then_again_when_its_cool_down_is_over() -> None:
    said = Alert("overdue", "k", "w", "h", AS_OF, "o", "t", cool_down_days=28)
    heard = [day for day in range(60) if not cool_down(said, AS_OF + timedelta(days=day)).is_quiet]
    assert heard == [*range(7), *range(28, 35), *range(56, 60)]


def published(home: Path, community: Community, as_of: date) -> list[str]:
    with warehouse(home, reach=(published_folder(home),)) as connection:
        if not connection.execute("select count(*) from people").fetchone()[0]:
            fill(connection, community)
        publish(connection, home, Settings(), as_of)
    snapshot = open_snapshot(home, Role.MANAGER)
    keys = snapshot.query("select key from alerts")["key"].tolist()
    snapshot.close()
    return [str(key) for key in keys]


def test_a_changed_formula_is_said_in_the_next_snapshot(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    community = draw(3, members=12, weeks=8, said=100, held=3)
    assert not [key for key in published(home, community, community.as_of) if key.startswith("definition")]
    family, (first, *rest) = next(iter(metrics.writing.FAMILIES.items()))
    monkeypatch.setitem(metrics.writing.FAMILIES, family, (replace(first, formula="something else"), *rest))
    assert f"definition:{first.name}" in published(home, community, community.as_of)


def test_one_voice_that_makes_half_of_the_talk_is_an_alert(home: Path) -> None:
    community = draw(4, members=10, weeks=30, said=300, held=3)
    loud = community.talk.assign(who=[who if n % 2 else "p001" for n, who in enumerate(community.talk["who"])])
    steady = community.members.assign(joined=None, left=None, kind="member")
    keys = published(home, Community(steady, loud, community.events, community.lists, community.last), community.as_of)
    assert "absence" in keys


def quarters_of(connection: duckdb.DuckDBPyConnection, outward: list[int], people: int) -> None:
    """The E-I index of team A in quarters that end one after another: so many ties outward, ten inside."""
    connection.execute("insert into published.series values (1, 'ei_index', 'quarter', 'team', 'A', 'all')")
    for place, ties in enumerate(outward):
        start = pd.Timestamp("2025-01-01") + pd.DateOffset(months=3 * place)
        end = start + pd.DateOffset(months=3, days=-1)
        connection.execute(
            "insert into published.periods by name select 'quarter' as grain, ? as period, ?::date as starts_on, ?::date as ends_on, '' as label, true as complete",
            [f"{start:%Y-%m-%d}", start, end],
        )
        connection.execute(
            "insert into published.observations by name select 1 as series, ? as period, ? as numerator, ? as denominator, ? as people, 'final' as status",
            [f"{start:%Y-%m-%d}", ties - 10, ties + 10, people],
        )


@pytest.mark.parametrize(
    ("outward", "people", "is_heard"),
    [
        ([40, 40, 44, 36, 19], 20, True),
        ([40, 40, 44, 36, 20], 20, False),
        ([40, 40, 44, 36, 5], 9, False),
        ([40, 44, 36, 5], 20, False),
    ],
    ids=["below half", "exactly half", "nine people", "only three quarters before"],
)
def test_a_group_that_withdraws_is_heard(
    role_file: duckdb.DuckDBPyConnection, outward: list[int], people: int, is_heard: bool
) -> None:
    """Its usual is the median of four quarters: 40 ties outward among 20 members, two a member."""
    quarters_of(role_file, outward, people)
    found = _withdrawn_groups(role_file)
    assert bool(found) is is_heard
    if found:
        assert found[0].what == "A has 0.9 ties to others a member, less than half of its usual 2.0."
        assert found[0].since == date(2026, 3, 31)


def test_a_live_wave_below_half_is_heard_from_half_time_on(role_file: duckdb.DuckDBPyConnection) -> None:
    role_file.execute(
        "insert into waves by name select 'spring' as wave, 'survey' as instrument, date '2026-03-01' as opened_on, date '2026-03-21' as closed_on, 'confidential' as promise, false as linked, 5 as k_scores, 10 as k_distributions"
    )
    role_file.execute(
        "insert into published.waves by name select 'spring' as wave, 'survey' as instrument, date '2026-03-01' as opened_on, null as closed_on, 0 as completed, '' as promise, false as linked, 1 as position"
    )
    role_file.execute("insert into published.series values (1, 'survey_response', 'wave', 'all', 'all', 'all')")
    role_file.execute(
        "insert into published.observations by name select 1 as series, 'spring' as period, 0.4 as value, 40 as numerator, 100 as denominator, 'provisional' as status"
    )
    assert _responses(role_file, date(2026, 3, 10)) == []
    (found,) = _responses(role_file, date(2026, 3, 11))
    assert found.what == "spring: 40 of 100 members answered."
    role_file.execute("update published.observations set value = 0.5")
    assert _responses(role_file, date(2026, 3, 11)) == []


def test_a_reference_that_runs_out_is_heard_two_months_before(role_file: duckdb.DuckDBPyConnection) -> None:
    last = max(row.expires_on for row in read_references().rows if row.expires_on and row.metric == "engagement_index")
    heard = {
        day: [alert.metric for alert in remind_of_references(role_file, last - timedelta(days=day))] for day in (61, 60)
    }
    assert "engagement_index" not in heard[61]
    assert "engagement_index" in heard[60]
    # One that matches less well and never runs out does not take its place.
    role_file.execute(
        """insert into benchmarks by name
           select 'engagement_index' as metric, 60 as value, 'Our sector' as publisher, 2020 as year, 'C' as match, 9 as batch, 2 as line"""
    )
    again = [alert.metric for alert in remind_of_references(role_file, last - timedelta(days=60))]
    assert "engagement_index" in again
