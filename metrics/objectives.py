"""Objectives: how far each number has come from its baseline to its target, made from what a reader is shown.

Attainment is another way to write the number it is about, so it is made after the gate, for each role from its own release,
and is withheld wherever that number is withheld or only a band.
"""

import duckdb

from metrics.metric import Better, Grain, Metric, Source, Unit

WAVE_DAYS = 400

OBJECTIVE_CARDS = (
    Metric(
        name="objective_attainment",
        title="Objectives",
        question="How far have we come towards what we set out to reach?",
        formula="(number of the quarter - baseline) / (target - baseline)",
        unit=Unit.RATIO,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.OBJECTIVES,),
        breakdown="objective",
        reading="0: as at the start; 1: reached; below 0: further away than at the start. Expected is the share of the time that has passed: at or above it an objective is on track.",
        reference="Hearth's own.",
        caveats=f"Numbers of surveys are those of the last wave closed by the quarter's end, not older than {WAVE_DAYS} days. Being on track by elapsed time takes steady progress for granted. Not tested.",
        practices=("clear-objectives",),
    ),
)

_ATTAINMENT = """
insert into {released} by name
with goals as (
    select objective_id, split_part(metric, ':', 1) as metric,
           case when contains(metric, ':') then split_part(metric, ':', 2) else 'all' end as breakdown,
           coalesce(segment, 'all') as segment, baseline, target, starts_on, due_on
    from objectives
    where coalesce(starts_on, getvariable('as_of')) <= getvariable('as_of')
),
standing as (
    select periods.period, max_by(waves.wave, waves.closed_on) as wave
    from periods
    join survey_waves as waves
      on waves.instrument = 'survey'
     and waves.closed_on <= least(periods.ends_on, getvariable('as_of'))
     and waves.closed_on >= periods.ends_on - {wave_days}
    where periods.grain = 'quarter'
    group by all
),
numbers as (
    select metric, period, dimension, segment, breakdown, value, people, status
    from {released}
    where grain = 'quarter'
    union all
    select shown.metric, standing.period, shown.dimension, shown.segment, shown.breakdown, shown.value, shown.people,
           shown.status
    from {released} as shown
    join standing
      on standing.wave = shown.period
    where shown.grain = 'wave'
),
found as (
    select goals.*, periods.period, numbers.dimension, numbers.value, numbers.people,
           case
               when numbers.status = 'final' and not periods.complete then 'provisional'
               when numbers.status = 'banded' then 'withheld'
               else numbers.status
           end as status,
           case
               when goals.starts_on < goals.due_on then least(1, greatest(0,
                   (least(periods.ends_on, getvariable('as_of')) - goals.starts_on) / (goals.due_on - goals.starts_on)))
           end as elapsed
    from goals
    join periods
      on periods.grain = 'quarter'
     and periods.ends_on >= coalesce(goals.starts_on, goals.due_on - 366)
     and periods.starts_on <= goals.due_on
    join numbers
      on numbers.metric = goals.metric
     and numbers.breakdown = goals.breakdown
     and numbers.segment = goals.segment
     and numbers.period = periods.period
    where goals.target <> goals.baseline
    qualify row_number() over (partition by goals.objective_id, periods.period order by numbers.dimension) = 1
)
select 'objective_attainment' as metric, 'quarter' as grain, period, dimension, segment, objective_id as breakdown,
       (value - baseline) / (target - baseline) as value, value - baseline as numerator,
       case when value is not null then target - baseline end as denominator, people,
       case when value is not null then elapsed end as expected,
       case when value is not null then 'not tested' end as verdict, status
from found
"""


def add_attainment(connection: duckdb.DuckDBPyConnection, released: str) -> None:
    """Put `objective_attainment` of every objective and quarter into a release, from the numbers that it shows."""
    connection.execute(f"delete from {released} where metric = 'objective_attainment'")
    connection.execute(_ATTAINMENT.format(released=released, wave_days=WAVE_DAYS))
