"""Usual ranges over whole communities without any effect: how often they cry, and what they miss.

The small version runs always; `make prove` takes two hundred communities and holds the shares that the rules promise.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data.settings import Settings
from data.store import opened
from metrics.catalogue import CATALOGUE
from metrics.metric import Source, Unit
from metrics.publish import publish
from metrics.signals import find_limits
from metrics.snapshot import published_folder
from metrics.weekly import _WEEKS, EXCEPTIONS, drop_idle_series
from tests.communities import draw, fill

WEEKS = 104
SETTINGS = Settings()


def weekly_series(seed: int) -> tuple[pd.DataFrame, bool]:
    """The weeks of every series that has limits, as `find_signals` reads them, and whether an alert names a segment."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        published_folder(home).mkdir()
        with opened(":memory:", reach=(published_folder(home),)) as connection:
            community = draw(seed, members=120, weeks=WEEKS, said=12_000, held=3 * WEEKS, steady=True)
            fill(connection, community)
            snapshot = publish(connection, home, SETTINGS, community.as_of)
        with duckdb.connect() as reader:
            reader.execute(f"attach '{published_folder(home) / snapshot / 'manager.duckdb'}' as published (read_only)")
            frame = reader.execute(
                _WEEKS,
                {
                    "exceptions": list(EXCEPTIONS),
                    "of_events": [card.name for card in CATALOGUE if Source.ATTENDANCE in card.needs],
                    "metrics": [card.name for card in CATALOGUE if card.has_usual_range],
                    "by_segment": list(SETTINGS.pulse),
                },
            ).df()
            named = reader.execute(
                "select count(*) from published.alerts where kind = 'signal' and segment <> 'all'"
            ).fetchone()
    shares = {card.name for card in CATALOGUE if card.unit is Unit.SHARE}
    return drop_idle_series(frame.assign(is_share=frame["metric"].isin(shares))), bool(named and named[0])


def alarms(frame: pd.DataFrame) -> Iterator[tuple[str, bool]]:
    """For each week of a whole-community series that may alert: how many points its limits rest on, and whether it does."""
    limits, signals = find_limits(frame[~frame["is_segment"]])
    loud = set(signals.loc[signals["alert"], ["series", "period"]].itertuples(index=False, name=None))
    for series, period, points in limits.loc[limits["alerting"], ["series", "period", "points"]].itertuples(
        index=False
    ):
        yield "26 to 51" if points < 52 else "52", (series, period) in loud


def low_weeks(frame: pd.DataFrame) -> Iterator[str]:
    """What becomes of the last week of each whole-community series when it is set 4 SD below its mean."""
    whole = frame[~frame["is_segment"] & frame["used"] & frame["value"].notna()]
    for _, rows in whole.groupby("series"):
        if len(rows) < 53:
            continue
        past = rows["value"].iloc[:-1].tail(52)
        changed = rows.copy()
        changed.iloc[-1, changed.columns.get_loc("value")] = past.mean() - 4 * past.std()
        limits, signals = find_limits(changed)
        last = limits[limits["period"] == rows["period"].iloc[-1]].iloc[0]
        if last["lower_cut"] or (past.mean() - 4 * past.std() < 0 and bool(rows["is_share"].iloc[0])):
            yield "cannot signal low"
        else:
            seen = signals[
                (signals["period"] == rows["period"].iloc[-1]) & signals["alert"] & (signals["direction"] == "down")
            ]
            yield "seen" if len(seen) else "missed"


def over(seeds: range) -> tuple[dict[str, float], Counter[str], float]:
    """Shares of false alarms by points, what became of low weeks, and the share of communities in which a segment is named."""
    heard, weeks, lows, named = Counter[str](), Counter[str](), Counter[str](), 0
    for seed in seeds:
        frame, is_named = weekly_series(seed)
        named += is_named
        for points, is_loud in alarms(frame):
            weeks[points] += 1
            heard[points] += is_loud
        lows.update(low_weeks(frame))
    return {points: heard[points] / weeks[points] for points in weeks}, lows, named / len(seeds)


def test_three_communities_without_effect_are_quiet() -> None:
    """A few series and a few hundred weeks: bounds so wide that only a broken rule passes them."""
    false, lows, named = over(range(100, 103))
    assert false["26 to 51"] < 0.025
    assert false["52"] < 0.02
    assert lows["seen"] >= 0.8 * (lows["seen"] + lows["missed"])
    assert named < 1


@pytest.mark.prove
def test_two_hundred_communities_without_effect_are_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    false, lows, named = over(range(200))
    judged = lows["seen"] + lows["missed"]
    with capsys.disabled():
        print(
            f"\nfalse alarms: {false['26 to 51']:.2%} of weeks with 26 to 51 points, {false['52']:.2%} from 52; "
            f"a segment named in {named:.1%} of communities; a week 4 SD low seen in {lows['seen'] / judged:.1%} of series; "
            f"{lows['cannot signal low'] / lows.total():.1%} of series cannot signal low"
        )
    assert false["26 to 51"] < 0.012
    assert false["52"] < 0.008
    assert named <= 0.10
    assert lows["seen"] >= 0.90 * judged
