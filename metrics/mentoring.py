"""Mentoring: who of the newcomers has a mentor, and whether the pairs meet."""

from collections.abc import Mapping

import duckdb

from metrics.cells import Tally, tally
from metrics.metric import Better, Grain, Metric, Source, Unit

NEWCOMER_DAYS = 180
MEETING_DAYS = 30
GRAINS = (Grain.MONTH, Grain.QUARTER)

MENTORING_CARDS = (
    Metric(
        name="mentoring_coverage",
        title="Newcomers with a mentor",
        question="Does somebody look after those who are new?",
        formula=f"members who joined in the {NEWCOMER_DAYS} days that end with the period and have an active mentor on its last day / members who joined in these days",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=GRAINS,
        needs=(Source.ROSTER, Source.MENTORING),
        reading="0: no newcomer has a mentor; 1: each of them has.",
        reference="CHAOSS, mentorship.",
        caveats="A pair is active from its start to its end, whether the two meet or not. Members without a day of joining are not newcomers. Before the first pair in the register there is no number.",
        practices=("mentorship",),
    ),
    Metric(
        name="mentoring_meetings",
        title="Pairs that met lately",
        question="Do mentors and mentees still meet?",
        formula=f"active pairs that met in the last {MEETING_DAYS} days / active pairs, on the as-of day",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=GRAINS,
        needs=(Source.MENTORING,),
        reading="0: every pair sleeps; 1: all have met within thirty days.",
        reference="Hearth's own.",
        caveats="Only for the period of the as-of day: the register knows the last meeting and no earlier ones, so older periods cannot be said. Pairs that began less than thirty days ago are among them.",
        practices=("mentorship",),
    ),
)

_NEWCOMERS = f"""(
    with mentored as (
        select distinct periods.grain, periods.period, pairs.mentee as person
        from mentoring_pairs as pairs
        join periods
          on pairs.started_on <= periods.ends_on
         and (pairs.ended_on is null or pairs.ended_on >= least(periods.ends_on, getvariable('as_of')))
    )
    select roster.*, mentored.person is not null as has_mentor
    from roster
    left join mentored using (grain, period, person)
    where roster.member_type = 'member'
      and roster.joined_on > roster.ends_on - {NEWCOMER_DAYS}
      and roster.ends_on >= (select min(started_on) from mentoring_pairs)
)"""

_MEETINGS = f"""
insert into cells by name
select 'mentoring_meetings' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       'all' as breakdown,
       count_if(coalesce(
           pairs.last_met_on > getvariable('as_of') - {MEETING_DAYS} and pairs.last_met_on <= getvariable('as_of'), false
       )) as numerator,
       count(*) as denominator, count(distinct pairs.mentee) as people
from periods
join mentoring_pairs as pairs
  on pairs.ended_on is null
  or pairs.ended_on >= getvariable('as_of')
join roster
  on roster.grain = periods.grain
 and roster.period = periods.period
 and roster.person = pairs.mentee
 and roster.member_type = 'member'
where periods.grain in ('month', 'quarter')
  and getvariable('as_of') between periods.starts_on and periods.ends_on
group by all
"""


def count_mentoring(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `mentoring_coverage` to `cells`, whole and by segment, and `mentoring_meetings` of the as-of day."""
    coverage = Tally("mentoring_coverage", numerator="count_if(has_mentor)", denominator="count(*)", grains=GRAINS)
    tally(connection, _NEWCOMERS, [coverage], columns)
    connection.execute(_MEETINGS)
