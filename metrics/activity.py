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
)

# Counts of things can be added up over days; counts of distinct people cannot.
_TOTALS = """
insert into cells by name
select 'activity_total' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       activity.kind as breakdown, sum(activity.count) as value
from activity
join periods
  on activity.period_start >= periods.starts_on
 and activity.period_end <= periods.ends_on
where activity.period_end <= getvariable('as_of')
  and (activity.kind in ('messages', 'reactions', 'views')
       or (activity.period_start = periods.starts_on and activity.period_end = periods.ends_on))
group by all
"""


def total_activity(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `activity_total` to the temp table `cells`, cut by kind, whole community."""
    connection.execute(_TOTALS)
