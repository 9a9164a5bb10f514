"""Actions: whether what was promised is done when it was due."""

import duckdb

from metrics.metric import ALL_GRAINS, Better, Metric, Source, Unit

ACTION_CARDS = (
    Metric(
        name="actions_on_time",
        title="Actions closed on time",
        question="Do we do what we said we would, in time?",
        formula="actions due in the period and closed by their due day / actions due in the period",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.ACTIONS,),
        reading="0: none was closed in time; 1: all were.",
        reference="Hearth's own.",
        caveats="Few actions: read the counts. Actions without a due day are not counted.",
        additive=True,
    ),
)

_ON_TIME = """
insert into cells by name
select 'actions_on_time' as metric, periods.grain, periods.period, 'all' as dimension, 'all' as segment,
       'all' as breakdown, count_if(coalesce(actions.closed_on <= least(actions.due_on, getvariable('as_of')), false)) as numerator, count(*) as denominator,
       count(*) as people
from actions
join periods
  on actions.due_on between periods.starts_on and periods.ends_on
where actions.opened_on <= getvariable('as_of')
group by all
"""


def count_actions(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `actions_on_time` to the temp table `cells`: closed by the due day of those due in the period."""
    connection.execute(_ON_TIME)
