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
with stretches as (
    select series.metric, series.breakdown, observations.period,
           count_if(observations.status = 'no data' and observations.denominator is null)
               over (partition by series.series order by observations.period) as stretch
    from published.observations
    join published.series using (series)
    where series.grain = 'week'
      and series.dimension = 'all'
),
weeks as (
    select *, lag(period) over (partition by series order by period) as week_before
    from published.observations
)
select series.series, series.metric, observations.period, observations.value,
       series.dimension <> 'all' as is_segment,
       observations.status = 'final'
           and observations.numerator is not null
           and periods.holiday is null
           and not exists (
               select 1
               from published.annotations
               where annotations.occurred_on between periods.starts_on and periods.ends_on
                 and list_contains($exceptions, annotations.kind)
                 and coalesce(annotations.metric, series.metric) = series.metric
           )
           and (not list_contains($of_events, series.metric) or exists (
               select 1
               from published.events
               where events.day between periods.starts_on and periods.ends_on
           )) as used,
       exists (
           select 1
           from published.annotations
           where annotations.rebase
             and coalesce(annotations.metric, series.metric) = series.metric
             and annotations.occurred_on <= periods.starts_on
             and annotations.occurred_on > coalesce(try_cast(observations.week_before as date), periods.starts_on - 7)
       ) as rebase,
       coalesce(stretches.stretch, 0) as stretch
from weeks as observations
join published.series using (series)
left join stretches
  on stretches.metric = series.metric
 and stretches.breakdown = series.breakdown
 and stretches.period = observations.period
join published.periods
  on periods.grain = series.grain
 and periods.period = observations.period
where series.grain = 'week'
  and list_contains($metrics, series.metric)
  and (series.dimension = 'all' or list_contains($by_segment, series.metric))
order by series.series, observations.period
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
