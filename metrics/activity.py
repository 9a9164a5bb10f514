"""Activity: totals from analytics exports, taken as they are and never turned into single interactions."""

import duckdb

from metrics.metric import ALL_GRAINS, Better, Metric, Source, Unit

ACTIVITY_CARDS = (
    Metric(
        name="activity_total",
        title="Activity totals",
        question="What do the tool's own totals say?",
        formula="sum of the totals of the rows that lie inside the period, by kind; distinct people only from rows of exactly that period",
        unit=Unit.COUNT,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        needs=(Source.ACTIVITY,),
        breakdown="kind",
        reading="As counted by the tool that made the export, with its own rules.",
        reference="The analytics export itself.",
        caveats="Daily numbers of distinct people (active, posting, members) are never added up over days. A missing day is a gap, so a period with one is provisional. Totals of a period longer than the grain are not spread.",
    ),
    Metric(
        name="activity_active_share",
        title="Active by the tool's totals",
        question="What share of members does the tool itself count as active in a week?",
        formula="total of active people over seven days / total of members on the last of these days; of the last such seven days that end in the period, or on the weekday in the settings",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ACTIVITY,),
        reading="0: nobody was active in seven days; 1: everybody.",
        reference="Slack, weekly active members; NHS-R community, 7 % of enabled members.",
        caveats="Needs totals over exactly seven days and a total of members on the day they end. Not the same people as in active members: the tool counts guests and staff, and what it calls active.",
    ),
    Metric(
        name="activity_posting_share",
        title="Posting by the tool's totals",
        question="Of those the tool counts as active, how many wrote?",
        formula="total of posting people over seven days / total of active people over the same seven days; of the last such seven days that end in the period, or on the weekday in the settings",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ACTIVITY,),
        reading="0: everybody only read; 1: everybody wrote.",
        reference="Slack, members posting; NHS-R community, 26 % of the weekly active.",
        caveats="Slack's windows of active and posting differ by a day. Only as good as the totals.",
    ),
)

# Counts of things can be added up over days; counts of distinct people cannot. A source may tell the same things at several
# levels (of the community, of each member, of each channel) and in periods that lie inside each other: one level counts,
# the widest, and of periods inside each other the longest that the reporting period holds.
_TOTALS = """
insert into cells by name
with told as (
    select activity.*, batches.source,
           case when person is null and channel is null then 1 when channel is null then 2 else 3 end as level
    from activity
    join batches using (batch)
    where period_end <= getvariable('as_of')
),
inside as (
    select told.*, periods.grain, periods.period
    from told
    join periods
      on told.period_start >= periods.starts_on
     and told.period_end <= periods.ends_on
    where told.kind in ('messages', 'reactions', 'views')
       or (told.period_start = periods.starts_on and told.period_end = periods.ends_on)
),
widest as (
    select grain, period, source, kind, min(level) as level
    from inside
    group by all
),
spans as (
    select distinct grain, period, source, kind, level, period_start, period_end
    from inside
    semi join widest using (grain, period, source, kind, level)
),
counted as (
    select span.*
    from spans as span
    where not exists (
        select 1
        from spans as longer
        where (longer.grain, longer.period, longer.source, longer.kind) = (span.grain, span.period, span.source, span.kind)
          and longer.period_start <= span.period_start
          and longer.period_end >= span.period_end
          and (longer.period_start, longer.period_end) <> (span.period_start, span.period_end)
    )
)
select 'activity_total' as metric, grain, period, 'all' as dimension, 'all' as segment,
       kind as breakdown, sum(count) as value
from inside
semi join counted using (grain, period, source, kind, level, period_start, period_end)
group by all
"""

# Totals of distinct people over seven days, held against another total that ends on the same day.
_SHARES = """
insert into cells by name
with totals as (
    select period_end as day, kind, period_end - period_start + 1 as days, sum(count) as people
    from activity
    where channel is null
      and person is null
      and kind in ('active', 'posting', 'members')
      and period_end <= getvariable('as_of')
      and (getvariable('activity_weekday') is null or isodow(period_end) = getvariable('activity_weekday'))
    group by all
),
members as (
    select day, arg_min(people, days) as people
    from totals
    where kind = 'members'
    group by all
),
pairs as (
    select part.day, 'activity_active_share' as metric, part.people as part, members.people as whole
    from totals as part
    join members using (day)
    where part.kind = 'active'
      and part.days = 7
    union all
    select part.day, 'activity_posting_share', part.people, whole.people
    from totals as part
    join totals as whole
      on whole.day = part.day
     and whole.kind = 'active'
     and whole.days = 7
    where part.kind = 'posting'
      and part.days = 7
)
select pairs.metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment, 'all' as breakdown,
       arg_max(part, day) as numerator, arg_max(whole, day) as denominator, arg_max(whole, day)::bigint as people
from pairs
join periods
  on pairs.day between periods.starts_on and periods.ends_on
group by pairs.metric, periods.grain, periods.period
"""


def total_activity(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `activity_total` to the temp table `cells`, cut by kind, whole community."""
    connection.execute(_TOTALS)


def share_activity(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `activity_active_share` and `activity_posting_share` to `cells`, from the newest seven days of each period."""
    connection.execute(_SHARES)
