"""Tie flow: which ties are new, which last, which are gone, from one period to the next."""

from collections.abc import Mapping

import duckdb

from metrics.cells import quote
from metrics.metric import ALL, Better, Grain, Metric, Source, Unit

TIE_FLOW_CARDS = (
    Metric(
        name="tie_flow",
        title="New, kept and lost ties",
        question="Do ties last, and do new ones come?",
        formula="ties between members in the period that were not there in the period before (new), that were (kept), and those of the period before that are not here any more (lost)",
        unit=Unit.TIES,
        better=Better.NEITHER,
        grains=(Grain.MONTH, Grain.QUARTER),
        segment_grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        of_previous=True,
        breakdown="new, kept, lost",
        reading="New and kept are all ties of the period, kept and lost all of the one before. Many kept: people know whom to ask.",
        reference="The Orbit model, new and recurring connections.",
        caveats="A tie is a pair of members with at least one direct interaction in the period, so a pair that talks every second month is lost and new in turn. A group's are the ties that touch it, lost ones by the groups of the period before; in quarters only. People are the members on the roster, of lost ties those of the period before.",
        practices=("strong-relationships", "beyond-sessions"),
    ),
)

# Periods of a grain are numbered one after the other.
_FLOWS = """
create or replace temp type tie_flow_name as enum ('kept', 'lost', 'new');

create or replace temp table tie_flows as
with here as (
    select number, person, partner
    from ties
    where grain in ('month', 'quarter')
),
before as (
    select (here.number + 1)::smallint as number, person, partner
    from here
    where here.number not in (select max(number) from periods group by grain)
)
select number, person, partner,
       case when before.person is null then 'new' when here.person is null then 'lost' else 'kept' end::tie_flow_name as flow
from here
full join before using (number, person, partner)
"""

# Each tie at both of its ends, with their groups; in months only the whole community is counted.
_PLACED = """
create or replace temp table placed_flows as
select tie_flows.number, tie_flows.flow{segments}
from tie_flows
join periods
  on periods.number = tie_flows.number
 and periods.grain = 'quarter'
join panel as one
  on one.number = tie_flows.number - (tie_flows.flow = 'lost')::smallint
 and one.person = tie_flows.person
join panel as other
  on other.number = one.number
 and other.person = tie_flows.partner
"""

_WHOLE = """
select periods.grain, periods.period, 'all' as segment, flow, count(*) as ties
from tie_flows
join periods using (number)
group by all
"""

_GROUPS = """
select periods.grain, periods.period, segment, flow, sum(ties) as ties
from (
    select number, a_{name} as segment, flow, count(*) as ties
    from placed_flows
    group by all
    union all
    select number, b_{name}, flow, count(*)
    from placed_flows
    where a_{name} is distinct from b_{name}
    group by all
)
join periods using (number)
where segment is not null
group by all
"""

_COUNTS = """
insert into cells by name
with counted as ({counted}),
sizes as (
    select number, {segment} as segment, count(*) as people
    from panel
    where list_contains({grains}, grain)
      and {segment} is not null
    group by all
),
places as (
    select number, segment, unnest(['new', 'kept']) as flow, people
    from sizes
    union all
    select (number + 1)::smallint, segment, 'lost', people
    from sizes
)
select 'tie_flow' as metric, periods.grain, periods.period, {dimension} as dimension, places.segment, places.flow as breakdown,
       coalesce(counted.ties, 0) as value, places.people
from places
join periods using (number)
left join counted
  on counted.grain = periods.grain
 and counted.period = periods.period
 and counted.segment = places.segment
 and counted.flow = places.flow
where periods.ordinal > 1
"""


def count_tie_flow(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `tie_flow` to `cells`; needs the ties of the panel. Nothing is said of the first period."""
    connection.execute(_FLOWS)
    connection.execute(
        _COUNTS.format(counted=_WHOLE, segment=quote(ALL), dimension=quote(ALL), grains="['month', 'quarter']")
    )
    if columns:
        segments = "".join(f", one.{name} as a_{name}, other.{name} as b_{name}" for name in columns.values())
        connection.execute(_PLACED.format(segments=segments))
    for dimension, name in columns.items():
        connection.execute(
            _COUNTS.format(
                counted=_GROUPS.format(name=name), segment=name, dimension=quote(dimension), grains="['quarter']"
            )
        )
