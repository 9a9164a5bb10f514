"""Series of any grain: one period across groups, and one group across periods."""

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import bars
from report.models.page import Panel
from report.models.reading import Card, Period, Row
from report.numbers import days, plural, write_value
from report.words import plain_list, verbatim, withheld_words

NUMBER_COLUMNS = ["period", "segment", "breakdown", "value", "numerator", "denominator", "people", "verdict", "status"]


def read_period(snapshot: Snapshot, metric: str, period: Period, *, dimension: str = "all") -> pd.DataFrame:
    """The rows of a metric in one period and dimension, segments in the order of the settings."""
    return snapshot.query(
        """select results.*
            from results
            left join segments using (dimension, segment)
            where metric = ?
              and grain = ?
              and period = ?
              and dimension = ?
            order by segments.position, breakdown""",
        [metric, period.grain, period.period, dimension],
    )


def read_value(snapshot: Snapshot, metric: str, period: Period, breakdown: str = "all") -> Row | None:
    """The whole community's row of a metric in one period, or None."""
    rows = read_period(snapshot, metric, period)
    found = rows[rows["breakdown"] == breakdown]
    return found.iloc[0].to_dict() if len(found) else None


def group_panel(snapshot: Snapshot, card: Card, period: Period, dimension: str, *, question: str) -> Panel:
    """How the groups of a dimension compare in one period: a bar each, the whole first, withheld ones hatched."""
    whole = read_period(snapshot, card.metric, period)
    groups = read_period(snapshot, card.metric, period, dimension=dimension)
    groups = groups[groups["breakdown"] == "all"]
    is_ratio = card.unit is Unit.RATIO  # of two shares, so that its parts count nobody
    both = pd.concat([whole[whole["breakdown"] == "all"].assign(segment="Whole community"), groups])
    frame = pd.DataFrame(
        {
            "label": both["segment"],
            "value": both["value"],
            "verdict": "",
            "n": both["people"] if is_ratio else both["denominator"],
            "status": both["status"],
        }
    )
    hidden = [verbatim(str(name)) for name in groups.loc[groups["status"] == "withheld", "segment"]]
    by = verbatim(dimension)
    size = "members of the group. 1.00: as much as the highest group" if is_ratio else denominator_words(card)
    return Panel(
        key=f"{card.metric}_by_{dimension}",
        question=question,
        reading=_spread(groups, card),
        chart=bars(frame, unit=card.unit) if len(groups) and frame["value"].notna().any() else None,
        caption=f"{card.title}, {days(period.first, period.last)}, by {by}. n: {size}."
        + (f" {withheld_words(int(snapshot.manifest()['k']))} These are {plain_list(hidden)}." if hidden else ""),
        numbers=both[NUMBER_COLUMNS].reset_index(drop=True),
        method=card.method,
        notice=""
        if len(groups)
        else f"No group can be shown here: it takes a column {by} in the member list, and enough people in a group.",
    )


def denominator_words(card: Card) -> str:
    """What the denominator of a card counts, from its formula."""
    return card.method.formula.partition(" / ")[2].partition(";")[0] or "as in the formula"


def _spread(groups: pd.DataFrame, card: Card) -> str:
    shown = groups[groups["value"].notna()]
    if len(shown) < 2:
        return "Too few groups are shown to compare them."
    ordered = shown.sort_values("value", kind="stable")
    low, high = ordered.iloc[0], ordered.iloc[-1]
    hidden = int((groups["status"] == "withheld").sum())
    least, most = (write_value(row["value"], card.unit) for row in (low, high))
    words = f"From {least} in {verbatim(low['segment'])} to {most} in {verbatim(high['segment'])}"
    if least == most:
        words = f"{most} in every group that is shown"
    return f"{words}; {plural(hidden, 'group')} withheld. Not tested." if hidden else f"{words}. Not tested."
