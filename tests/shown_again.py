"""Waves without ids, released again and again: what a home keeps of them are the ledger and the fingerprints beside it.

The survey half of a publish, which is enough to see which figures stand, in a third of the time.
"""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from data.settings import Settings, Thresholds
from metrics.ledger import remember_released
from metrics.publish import _release
from metrics.snapshot import Role
from tests.waves import ONE_WAVE, measured, waves_of
from tests.whole_waves import Rows

WAVE = "| wave | opened | closed |\n| {0} | 2026-{1}-01 | 2026-{1}-15 |\n"  # its name and month
ITEMS = """
| item  | min | max | construct  |
| heard | 1   | 5   | engagement |
| told  | 1   | 5   | engagement |
"""


def release(
    home: Path,
    said: Rows | Mapping[str, Rows],
    *,
    dimensions: tuple[str, ...] = ("team",),
    thresholds: Thresholds | None = None,
    items: str = ITEMS,
    waves: str = ONE_WAVE,
) -> pd.DataFrame:
    """What the manager is shown of the wave spring, or of several by name, after the attack."""
    settings = Settings(dimensions=dimensions, thresholds=thresholds or Thresholds())
    drawn = {
        name: pd.DataFrame(rows) for name, rows in (said if isinstance(said, Mapping) else {"spring": said}).items()
    }
    with waves_of(items=items, said=drawn, waves=waves, segments=("team", "division", "site")) as connection:
        measured(connection, dimensions=dimensions, settings=settings)
        connection.execute("create temp table results as from survey_results")
        _release(connection, home, settings, lambda stage, share: None)
        for name in Role:
            remember_released(connection, home, f"released_{name}", name, "")
        return connection.execute("from released_manager where status = 'final' order by all").df()


def sizes_of(
    shown: pd.DataFrame, item: str = "heard", metric: str = "item_score", wave: str = "spring"
) -> dict[str, int]:
    """How many people the number of each group that is shown is about."""
    rows = shown[shown["metric"].eq(metric) & shown["breakdown"].eq(item) & shown["period"].eq(wave)]
    return dict(zip(rows["segment"], rows["people"].astype(int), strict=True))


def scores_of(shown: pd.DataFrame, item: str = "heard", wave: str = "spring") -> dict[str, float]:
    """The sum of the scores of each group that is shown."""
    rows = shown[shown["metric"].eq("item_score") & shown["breakdown"].eq(item) & shown["period"].eq(wave)]
    return dict(zip(rows["segment"], rows["numerator"], strict=True))
