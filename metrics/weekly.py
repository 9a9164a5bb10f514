"""Weekly signals: the limits of every weekly series of one role's released numbers, and the weeks beyond them.

Everything here reads schema `published` and writes beside it, so it can say nothing that the released numbers do not hold.
"""

import duckdb
import pandas as pd

from data.settings import Settings
from metrics.catalogue import CATALOGUE, find_metric
from metrics.metric import Better, Source, Unit, Verdict
from metrics.published import insert_published
from metrics.signals import find_limits

# Kinds of annotation that make a week an exception; the others are only marked on charts.
EXCEPTIONS = ("holiday", "break", "outage")

# A quartile is no quotient: it jumps between a few whole numbers, so its moving ranges are nearly all 0.
# Limits start anew in the first week of a series after an annotation that says so, also where it has no row for some weeks.
# A stretch is a run of weeks that uploads cover; moving ranges do not reach over the gap between two.
_WEEKS = """
with weeks as (
    select observations.*, series.metric, series.dimension, series.breakdown, periods.starts_on, periods.ends_on, periods.holiday,
           lag(periods.starts_on) over (partition by observations.series order by periods.starts_on) as week_before
    from published.observations
    join published.series using (series)
    join published.periods
      on periods.grain = series.grain
     and periods.period = observations.period
    where series.grain = 'week'
),
stretches as (
    select metric, breakdown, period,
           count_if(status = 'no data' and denominator is null) over (partition by series order by period) as stretch
    from weeks
    where dimension = 'all'
)
select weeks.series, metric, period, weeks.value,
       weeks.dimension <> 'all' as is_segment,
       weeks.status = 'final'
           and weeks.numerator is not null
           and weeks.holiday is null
           and not exists (
               select 1
               from published.annotations
               where annotations.occurred_on between weeks.starts_on and weeks.ends_on
                 and list_contains($exceptions, annotations.kind)
                 and coalesce(annotations.metric, weeks.metric) = weeks.metric
           )
           and (not list_contains($of_events, weeks.metric) or exists (
               select 1
               from published.events
               where events.day between weeks.starts_on and weeks.ends_on
           )) as used,
       exists (
           select 1
           from published.annotations
           where annotations.rebase
             and coalesce(annotations.metric, weeks.metric) = weeks.metric
             and annotations.occurred_on <= weeks.starts_on
             and annotations.occurred_on > coalesce(weeks.week_before, weeks.starts_on - 7)
       ) as rebase,
       coalesce(stretches.stretch, 0) as stretch
from weeks
left join stretches using (metric, breakdown, period)
where list_contains($metrics, metric)
  and (weeks.dimension = 'all' or list_contains($by_segment, metric))
order by weeks.series, period
"""


def find_signals(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fill `limits` and `signals`, and the verdict of weeks that have limits.

    Whole-community series of every share and mean whose weeks are about that week alone; segments only of the numbers
    on Pulse.
    """
    cards = [card for card in CATALOGUE if card.has_usual_range]
    frame = connection.execute(
        _WEEKS,
        {
            "exceptions": list(EXCEPTIONS),
            "of_events": [card.name for card in CATALOGUE if Source.ATTENDANCE in card.needs],
            "metrics": [card.name for card in cards],
            "by_segment": list(settings.pulse),
        },
    ).df()
    shares = {card.name for card in cards if card.unit is Unit.SHARE}
    limits, signals = find_limits(drop_idle_series(frame.assign(is_share=frame["metric"].isin(shares))))
    if limits.empty:
        return
    metric_of = dict(zip(frame["series"], frame["metric"], strict=True))
    signals["verdict"] = [
        _direction_verdict(str(metric_of[series]), direction)
        for series, direction in zip(signals["series"], signals["direction"], strict=True)
    ]
    insert_published(connection, "limits", limits)
    insert_published(connection, "signals", signals)
    connection.execute(
        """update published.observations as noted
           set verdict = coalesce(found.verdict, 'no detectable change')
           from published.limits
           left join (
               select series, period, any_value(verdict) as verdict
               from published.signals
               where alert
               group by all
           ) as found using (series, period)
           where limits.series = noted.series
             and limits.period = noted.period
             and limits.alerting"""
    )


def drop_idle_series(frame: pd.DataFrame) -> pd.DataFrame:
    """Weekly series without those that stand at 0, or at 1 for a share, in half of their weeks or more.

    Their ranges are mostly nothing, so their limits lie beside the bound, and each week that is not there would signal.
    """
    middle = frame[frame["used"].astype(bool)].groupby("series")["value"].median()
    is_share = frame.drop_duplicates("series").set_index("series")["is_share"].reindex(middle.index)
    return frame[~frame["series"].isin(middle.index[(middle == 0) | ((middle == 1) & is_share)])]


def _direction_verdict(metric: str, direction: str) -> str:
    card = find_metric(metric)
    better = card.better if card else Better.NEITHER
    if better is Better.NEITHER:
        return ""
    return str(Verdict.IMPROVED if (direction == "up") is (better is Better.HIGHER) else Verdict.DECLINED)
