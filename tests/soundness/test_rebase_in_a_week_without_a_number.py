"""Limits that were to start anew in a week of which a series has no number went on as if nothing had happened."""

import duckdb
import pandas as pd
import pytest

from data.settings import Settings
from metrics.weekly import find_signals

START = pd.Timestamp("2026-01-05")


@pytest.mark.parametrize("missing", [False, True])
def test_limits_start_anew_in_the_next_week_there_is(role_file: duckdb.DuckDBPyConnection, missing: bool) -> None:
    """Thirty weeks about 20 %, then thirty about 60 %; the annotation is of week 30, whose number may be missing."""
    role_file.execute("insert into published.series values (1, 'posting_members', 'week', 'team', 'A', 'all')")
    for week in range(60):
        day = START + pd.Timedelta(weeks=week)
        role_file.execute(
            "insert into published.periods by name select 'week' as grain, ? as period, ?::date as starts_on, ?::date + 6 as ends_on, '' as label, true as complete",
            [f"{day:%Y-%m-%d}", day, day],
        )
        if missing and week == 30:
            continue
        posted = (20 if week < 30 else 60) + week % 3
        role_file.execute(
            "insert into published.observations by name select 1 as series, ? as period, ? / 100 as value, ? as numerator, 100 as denominator, 50 as people, 'final' as status",
            [f"{day:%Y-%m-%d}", posted, posted],
        )
    changed = START + pd.Timedelta(weeks=30)
    role_file.execute(
        "insert into published.annotations by name select ?::date as occurred_on, 'New chat' as label, true as rebase",
        [changed],
    )
    find_signals(role_file, Settings())
    points = role_file.execute("select period, points from published.limits order by period").fetchall()
    last = dict(points)
    assert last[f"{START + pd.Timedelta(weeks=59):%Y-%m-%d}"] == (28 if missing else 29)
    assert role_file.execute("select count(*) from published.signals").fetchone() == (0,)
