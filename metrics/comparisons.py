"""Comparisons: what each published number is held against.

Everything here reads one role's released numbers (schema `published`) and writes beside them, so it can
say nothing that these do not hold.
"""

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from metrics.benchmarks import References, find_peers, gather_references
from metrics.catalogue import find_metric
from metrics.metric import Better, Verdict
from metrics.published import insert_published
from metrics.verdicts import judge_quarters

_HISTORY = """
insert into published.comparisons by name
with ordered as (
    select observations.*, series.grain, periods.ends_on,
           waves.instrument,
           row_number() over (partition by observations.series, waves.instrument order by periods.starts_on) as place
    from published.observations
    join published.series using (series)
    join published.periods
      on periods.grain = series.grain
     and periods.period = observations.period
    left join published.waves
      on series.grain = 'wave'
     and waves.wave = observations.period
    where series.grain in ('quarter', 'wave')
      and observations.value is not null
      and series.metric not in ('wave_change', 'panel_change', 'change_split')
)
select now.series, now.period, 'own history' as kind, 'the four before' as against,
       quantile_cont(before.value, 0.5) as value, quantile_cont(before.value, 0.25) as low,
       quantile_cont(before.value, 0.75) as high, count(*) as n,
       now.value - quantile_cont(before.value, 0.5) as difference, 'not tested' as verdict
from ordered as now
join ordered as before
  on before.series = now.series
 and before.instrument is not distinct from now.instrument
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
    values ('favourable', 'favourable'), ('item_score', 'score'), ('engagement_index', 'index'), ('nps', 'nps'),
           ('sense_of_community', 'index'), ('psychological_safety', 'index'), ('wellbeing', 'index')
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
     || case when measures.measure <> 'index' then now_series.breakdown
             when now_series.breakdown = 'all' then now_series.metric
             else now_series.metric || '/' || now_series.breakdown end
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


def compare_numbers(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill `comparisons`: the period before, last year, own history, internal peers, outside references and targets."""
    for statement in (_HISTORY, _EARLIER, _WAVE_BEFORE, _TARGETS):
        connection.execute(statement)
    _compare_with_peers(connection)
    references, _ = gather_references(connection)
    _compare_with_references(connection, references)
    judge_quarters(connection)


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
             and series.metric not in ('wave_change', 'panel_change', 'change_split')
             and observations.value is not null
             and whole_now.value is not null
           order by whole.series, observations.period, series.dimension"""
    ).df()
    if frame.empty:
        return
    starts = frame.index[~frame.duplicated(["series", "period", "dimension"])].to_numpy()
    rows = []
    for first, values in zip(
        frame.loc[starts].to_dict("records"), np.split(frame["value"].to_numpy(), starts[1:]), strict=True
    ):
        card = find_metric(first["metric"])
        peers = find_peers(values, card.better if card else Better.NEITHER)
        if peers is not None:
            rows.append(
                {
                    "series": first["series"],
                    "period": first["period"],
                    "kind": "peers",
                    "against": f"{first['dimension']}s",
                    "value": peers.median,
                    "high": peers.top_quartile,
                    "n": peers.units,
                    "difference": first["whole"] - peers.median,
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
             and list_contains(?, series.metric)
             and observations.value is not null""",
        [sorted({reference.metric for reference in references.rows})],
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


def _insert_comparisons(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    """Comparisons that no rule judges, so they are "not tested"."""
    if rows:
        insert_published(connection, "comparisons", pd.DataFrame(rows).assign(verdict=str(Verdict.NOT_TESTED)))
