"""Comparisons: what each published number is held against, and which weekly series signal.

Everything here reads one role's released numbers (schema `published`) and writes beside them, so it can
say nothing that these do not hold.
"""

from typing import Any

import duckdb
import pandas as pd

from data.settings import Settings
from metrics.benchmarks import References, find_peers, read_references
from metrics.catalogue import CATALOGUE, find_metric
from metrics.metric import Better, Grain, Source, Unit, Verdict
from metrics.signals import find_limits, quarter_verdict, verdict_without_weeks

# A stretch is a run of weeks that uploads cover; moving ranges do not reach over the gap between two.
# Kinds of annotation that make a week an exception; the others are only marked on charts.
EXCEPTIONS = ("holiday", "break", "outage")

_WEEKS = """
with stretches as (
    select series.metric, series.breakdown, observations.period,
           count_if(observations.status = 'no data' and observations.denominator is null)
               over (partition by series.series order by observations.period) as stretch
    from published.observations
    join published.series using (series)
    where series.grain = 'week'
      and series.dimension = 'all'
)
select series.series, series.metric, observations.period, observations.value,
       series.dimension <> 'all' as is_segment,
       observations.status = 'final'
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
             and annotations.occurred_on between periods.starts_on - 6 and periods.starts_on
       ) as rebase,
       coalesce(stretches.stretch, 0) as stretch
from published.observations
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

_HISTORY = """
insert into published.comparisons by name
with ordered as (
    select observations.*, series.grain, periods.ends_on,
           row_number() over (partition by observations.series order by periods.starts_on) as place
    from published.observations
    join published.series using (series)
    join published.periods
      on periods.grain = series.grain
     and periods.period = observations.period
    where series.grain in ('quarter', 'wave')
      and observations.value is not null
      and series.metric <> 'wave_change'
)
select now.series, now.period, 'own history' as kind, 'the four before' as against,
       quantile_cont(before.value, 0.5) as value, quantile_cont(before.value, 0.25) as low,
       quantile_cont(before.value, 0.75) as high, count(*) as n,
       now.value - quantile_cont(before.value, 0.5) as difference, 'not tested' as verdict
from ordered as now
join ordered as before
  on before.series = now.series
 and before.place between now.place - 4 and now.place - 1
 and before.status = 'final'
group by now.series, now.period, now.value
"""

_EARLIER = """
insert into published.comparisons by name
select now.series, now.period, earlier.kind, then_periods.label as against, before.value, null::double as low, null::double as high,
       before.people as n, now.value - before.value as difference, 'not tested' as verdict
from published.observations as now
join published.series using (series)
join published.periods
  on periods.grain = series.grain
 and periods.period = now.period
cross join (values ('previous', 3), ('last year', 12)) as earlier(kind, months)
join published.periods as then_periods
  on then_periods.grain = 'quarter'
 and then_periods.starts_on = (periods.starts_on - to_months(earlier.months::integer))::date
join published.observations as before
  on before.series = now.series
 and before.period = then_periods.period
where series.grain = 'quarter'
  and now.value is not null
  and before.value is not null
  and before.status = 'final'
"""

_WAVE_BEFORE = """
insert into published.comparisons by name
with measures(metric, measure) as (
    values ('favourable', 'favourable'), ('item_score', 'score'), ('engagement_index', 'index'), ('nps', 'nps')
)
select now_series.series, now.period, 'previous' as kind, waves.previous as against, before.value, before.low, before.high,
       before.people as n, now.value - before.value as difference, coalesce(changed.verdict, 'not tested') as verdict
from published.observations as now
join published.series as now_series using (series)
join measures
  on measures.metric = now_series.metric
join published.waves
  on waves.wave = now.period
join published.observations as before
  on before.series = now.series
 and before.period = waves.previous
left join published.series as change_series
  on change_series.metric = 'wave_change'
 and change_series.dimension = now_series.dimension
 and change_series.segment = now_series.segment
 and change_series.breakdown = measures.measure || ':'
     || case measures.measure when 'index' then now_series.metric else now_series.breakdown end
left join published.observations as changed
  on changed.series = change_series.series
 and changed.period = now.period
where now.value is not null
  and before.value is not null
"""

_TARGETS = """
insert into published.comparisons by name
select observations.series, observations.period, 'target' as kind, objectives.title as against, objectives.target as value,
       null::double as low, null::double as high, null::bigint as n, observations.value - objectives.target as difference,
       'not tested' as verdict, strftime(objectives.due_on, '%b %Y') as note
from published.observations
join published.series using (series)
join published.periods
  on periods.grain = series.grain
 and periods.period = observations.period
join published.objectives
  on split_part(objectives.metric, ':', 1) = series.metric
 and (series.breakdown = case when contains(objectives.metric, ':') then split_part(objectives.metric, ':', 2) else 'all' end)
where series.grain in ('quarter', 'wave')
  and series.segment = coalesce(objectives.segment, 'all')
  and observations.value is not null
  and (objectives.starts_on is null or objectives.starts_on <= periods.ends_on)
"""


def find_signals(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Fill `limits` and `signals`, and the verdict of weeks that have limits.

    Whole-community series of every share and mean; segments only of the numbers on Pulse.
    """
    cards = [card for card in CATALOGUE if card.unit in (Unit.SHARE, Unit.MEAN) and Grain.WEEK in card.grains]
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
    limits, signals = find_limits(frame.assign(is_share=frame["metric"].isin(shares)))
    if limits.empty:
        return
    metric_of = dict(zip(frame["series"], frame["metric"], strict=True))
    signals["verdict"] = [
        _direction_verdict(str(metric_of[series]), direction)
        for series, direction in zip(signals["series"], signals["direction"], strict=True)
    ]
    _insert(connection, "limits", limits)
    _insert(connection, "signals", signals)
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


def compare_numbers(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `comparisons`: the period before, last year, own history, internal peers, outside references and targets."""
    for statement in (_HISTORY, _EARLIER, _WAVE_BEFORE, _TARGETS):
        connection.execute(statement)
    _compare_with_peers(connection)
    _compare_with_references(connection, read_references())
    _judge_quarters(connection)


def _direction_verdict(metric: str, direction: str) -> str:
    card = find_metric(metric)
    better = card.better if card else Better.NEITHER
    if better is Better.NEITHER:
        return ""
    return str(Verdict.IMPROVED if (direction == "up") is (better is Better.HIGHER) else Verdict.DECLINED)


def _compare_with_peers(connection: duckdb.DuckDBPyConnection) -> None:
    """Median and top quartile over the shown units of a dimension, held against the whole community's number."""
    frame = connection.execute(
        """select whole.series, series.metric, observations.period, series.dimension, whole_now.value as whole, observations.value
           from published.observations
           join published.series using (series)
           join published.series as whole
             on whole.metric = series.metric
            and whole.grain = series.grain
            and whole.breakdown = series.breakdown
            and whole.dimension = 'all'
           join published.observations as whole_now
             on whole_now.series = whole.series
            and whole_now.period = observations.period
           where series.grain in ('quarter', 'wave')
             and series.dimension <> 'all'
             and series.metric <> 'wave_change'
             and observations.value is not null
             and whole_now.value is not null
           order by all"""
    ).df()
    rows = []
    for (series, period, dimension), units in frame.groupby(["series", "period", "dimension"]):
        card = find_metric(units["metric"].iloc[0])
        peers = find_peers(units["value"], card.better if card else Better.NEITHER)
        if peers is not None:
            rows.append(
                {
                    "series": series,
                    "period": period,
                    "kind": "peers",
                    "against": f"{dimension}s",
                    "value": peers.median,
                    "high": peers.top_quartile,
                    "n": peers.units,
                    "difference": units["whole"].iloc[0] - peers.median,
                }
            )
    _insert_comparisons(connection, rows)


def _compare_with_references(connection: duckdb.DuckDBPyConnection, references: References) -> None:
    """Outside references, each for the periods in which it is not too old; an indicative one is never judged."""
    frame = connection.execute(
        """select series.series, series.metric, observations.period, observations.value, periods.ends_on
           from published.observations
           join published.series using (series)
           join published.periods
             on periods.grain = series.grain
            and periods.period = observations.period
           where series.grain in ('quarter', 'wave')
             and series.dimension = 'all'
             and series.breakdown = 'all'
             and observations.value is not null"""
    ).df()
    rows = []
    for row in frame.to_dict("records"):
        reference = references.find(row["metric"], row["ends_on"].date())
        if reference is not None:
            rows.append(
                {
                    "series": row["series"],
                    "period": row["period"],
                    "kind": "outside",
                    "against": f"{reference.publisher} {reference.year}",
                    "value": reference.value,
                    "low": reference.low,
                    "high": reference.high,
                    "difference": row["value"] - reference.value,
                    "match": str(reference.match),
                    "note": reference.population,
                }
            )
    _insert_comparisons(connection, rows)


def _judge_quarters(connection: duckdb.DuckDBPyConnection) -> None:
    """The verdict of a quarter's behaviour number: against last year where there is one, else the quarter before."""
    frame = connection.execute(
        """select comparisons.series, comparisons.period, comparisons.kind, comparisons.difference, series.metric,
                  week_series.series as weekly, periods.starts_on, periods.ends_on
           from published.comparisons
           join published.series using (series)
           join published.periods
             on periods.grain = 'quarter'
            and periods.period = comparisons.period
            and periods.complete
           join published.series as week_series
             on week_series.metric = series.metric
            and week_series.grain = 'week'
            and week_series.dimension = series.dimension
            and week_series.segment = series.segment
            and week_series.breakdown = series.breakdown
           where comparisons.kind in ('previous', 'last year')
           order by comparisons.series, comparisons.period, comparisons.kind"""
    ).df()
    signals = connection.execute(
        "select series, period::date as week, rule, direction, length from published.signals"
    ).df()
    by_series = dict(iter(signals.groupby("series")))
    connection.execute(
        """update published.observations as noted
           set verdict = 'not tested'
           from published.series, published.periods
           where series.series = noted.series
             and series.grain = 'quarter'
             and periods.grain = 'quarter'
             and periods.period = noted.period
             and periods.complete
             and noted.status = 'final'"""
    )
    verdicts = []
    for row in frame.drop_duplicates(["series", "period"]).to_dict("records"):
        card = find_metric(row["metric"])
        weeks = by_series.get(row["weekly"])
        if card is None or weeks is None:
            continue
        inside = weeks[(weeks["week"] >= row["starts_on"]) & (weeks["week"] <= row["ends_on"])]
        verdict = quarter_verdict(row["difference"], card.better, inside)
        if verdict is not Verdict.NOT_TESTED:
            verdicts.append((str(verdict), row["series"], row["period"], row["kind"]))
    _write_verdicts(connection, [*verdicts, *_judge_without_weeks(connection)])


def _judge_without_weeks(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str, str]]:
    """Verdicts of quarter numbers that have no weekly series: beyond the limits of their own twelve quarters before."""
    names = [card.name for card in CATALOGUE if Grain.QUARTER in card.grains and Grain.WEEK not in card.grains]
    frame = connection.execute(
        """select observations.series, observations.period, observations.value, series.metric, comparisons.difference,
                  comparisons.kind
           from published.observations
           join published.series using (series)
           left join published.comparisons
             on comparisons.series = observations.series
            and comparisons.period = observations.period
            and comparisons.kind in ('previous', 'last year')
           where series.grain = 'quarter'
             and list_contains(?, series.metric)
             and observations.status = 'final'
           order by observations.series, observations.period, comparisons.kind""",
        [names],
    ).df()
    verdicts = []
    for _, rows in frame.drop_duplicates(["series", "period"]).groupby("series"):
        card = find_metric(rows["metric"].iloc[0])
        for place, row in enumerate(rows.to_dict("records")):
            if card is None or not isinstance(row["kind"], str):
                continue
            before = rows["value"].iloc[:place].to_numpy(dtype=float)
            verdict = verdict_without_weeks(row["difference"], card.better, row["value"], before)
            if verdict is not Verdict.NOT_TESTED:
                verdicts.append((str(verdict), row["series"], row["period"], row["kind"]))
    return verdicts


def _write_verdicts(connection: duckdb.DuckDBPyConnection, verdicts: list[tuple[str, int, str, str]]) -> None:
    connection.register("judged", pd.DataFrame(verdicts, columns=["verdict", "series", "period", "kind"]))
    for table, same in (("comparisons", " and noted.kind = judged.kind"), ("observations", "")):
        connection.execute(
            f"""update published.{table} as noted
                set verdict = judged.verdict
                from judged
                where noted.series = judged.series
                  and noted.period = judged.period{same}"""
        )
    connection.unregister("judged")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    connection.register("found_rows", frame)
    connection.execute(f"insert into published.{table} by name select * from found_rows order by all")
    connection.unregister("found_rows")


def _insert_comparisons(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """Comparisons that no rule judges, so they are "not tested"."""
    if rows:
        _insert(connection, "comparisons", pd.DataFrame(rows).assign(verdict=str(Verdict.NOT_TESTED)))
