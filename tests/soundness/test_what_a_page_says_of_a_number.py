"""A page said of a number what was true of another, or the other way round.

A target of less is better counted as met by more; the tile of a construct showed the change of a question whose name begins
like it; a quarter was called better while some of its weeks were missing.
"""

from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import pipeline
from metrics.snapshot import Role, open_snapshot
from metrics.verdicts import judge_quarters
from report.models.scorecard import read_scorecard
from report.models.surveys import read_surveys
from tests.uploads import upload

AS_OF = date(2026, 12, 31)


@pytest.mark.parametrize(("target", "says"), [(30, "Targets met: 1 of 1."), (2, "Targets met: 0 of 1.")])
def test_a_target_of_less_is_met_from_below(home: Path, target: int, says: str) -> None:
    """Everybody has their first reply after four hours."""
    (home / "settings.toml").write_text('scorecard = ["reply_time"]\n')
    members = "member_id,name\n" + "".join(f"m{n},Name {n}\n" for n in range(20))
    talk = "occurred_at,actor_id,kind,thread_id,interaction_id\n" + "".join(
        f"2026-0{1 + n % 9}-1{n % 7} 09:00,m{n},post,t{n},p{n}\n2026-0{1 + n % 9}-1{n % 7} 13:00,m{(n + 1) % 20},reply,t{n},r{n}\n"
        for n in range(20)
    )
    goal = f"objective_id,title,metric,baseline,target,due_on\nO1,Sooner,reply_time,50,{target},2026-12-31\n"
    span = {"covers": (date(2026, 1, 1), date(2026, 12, 31))}
    pipeline.take_in(
        home,
        [
            upload(home, members, "members", "members.csv"),
            upload(home, talk, "interactions", "talk.csv", **span),
            upload(home, goal, "objectives", "goal.csv"),
        ],
        as_of=AS_OF,
    )
    snapshot = open_snapshot(home, Role.MANAGER)
    try:
        assert says in read_scorecard(snapshot, "2026-07-01").support
    finally:
        snapshot.close()


def test_the_tile_of_a_construct_shows_its_own_change(home: Path) -> None:
    """The question "voice at events" rose from nobody to everybody; the construct "voice" stood still."""
    items = home.parent / "items.csv"
    items.write_text(
        "column,item_id,kind,scale_min,scale_max,construct\nvoice_a,voice_at_events,likert,1,5,\nheard,heard,likert,1,5,voice\ntold,told,likert,1,5,voice\n"
    )
    waves = []
    for wave, opened, closed, events in (
        ("w1", "2026-03-01", "2026-03-15", 1),
        ("w2", "2026-09-01", "2026-09-15", 5),
    ):
        rows = "".join(f"r{n},{opened},{events},{2 + 2 * (n % 2)},{2 + 2 * (n % 2)}\n" for n in range(40))
        details = {"wave": wave, "opened": opened, "closed": closed, "invited": 100, "items": items}
        waves.append(
            upload(home, "respondent_id,submitted_at,voice_a,heard,told\n" + rows, "survey", f"{wave}.csv", **details)
        )
    pipeline.take_in(home, waves, as_of=AS_OF)
    snapshot = open_snapshot(home, Role.MANAGER)
    try:
        tile = next(tile for tile in read_surveys(snapshot, "w2", None).tiles if tile.label == "Voice is heard")
    finally:
        snapshot.close()
    assert tile.value == "50%"
    assert tile.chip.startswith("0"), tile.chip


@pytest.mark.parametrize(("status", "verdict"), [("final", "improved"), ("provisional", "not tested")])
def test_a_quarter_with_missing_weeks_is_not_judged(
    role_file: duckdb.DuckDBPyConnection, status: str, verdict: str
) -> None:
    """Seven weeks of a run upwards, in a quarter that is above the one before."""
    role_file.execute(
        """insert into published.series values
               (1, 'posting_members', 'quarter', 'all', 'all', 'all'),
               (2, 'posting_members', 'week', 'all', 'all', 'all')"""
    )
    role_file.execute(
        """insert into published.periods by name
           select 'quarter' as grain, '2026-04-01' as period, date '2026-04-01' as starts_on, date '2026-06-30' as ends_on,
                  '2026-Q2' as label, true as complete"""
    )
    role_file.execute(
        "insert into published.observations by name select 1 as series, '2026-04-01' as period, 0.6 as value, ? as status",
        [status],
    )
    role_file.execute(
        """insert into published.comparisons by name
           select 1 as series, '2026-04-01' as period, 'previous' as kind, '2026-Q1' as against, 0.4 as value, 0.2 as difference,
                  'not tested' as verdict"""
    )
    for week in range(7):
        day = pd.Timestamp("2026-04-06") + pd.Timedelta(weeks=week)
        role_file.execute(
            "insert into published.signals by name select 2 as series, ? as period, 'run' as rule, 'up' as direction, ? as length, '2026-04-06' as since, false as alert, 'improved' as verdict",
            [f"{day:%Y-%m-%d}", 7 + week],
        )
    judge_quarters(role_file)
    assert role_file.execute("select verdict from published.comparisons").fetchone() == (verdict,)
