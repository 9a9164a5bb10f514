"""Connections: who is tied to whom, across teams and from the first weeks on.

A tie is an unordered pair of distinct roster members with at least one direct interaction in the
period. Being at the same event is no tie.
"""

from collections.abc import Mapping

import duckdb

from metrics.cells import group_by, group_keys, quote
from metrics.metric import ALL_GRAINS, Better, Metric, Source, Unit

CONNECTION_CARDS = (
    Metric(
        name="newcomers_with_tie",
        title="Newcomers with a tie",
        question="Do newcomers find somebody to talk with?",
        formula="members within 90 days of joining with at least one tie in the period / members within 90 days of joining",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        numerator=lambda m: (m.is_newcomer & (m.partners > 0)).ifelse(1, 0).sum(),
        denominator=lambda m: m.is_newcomer.ifelse(1, 0).sum(),
        reading="0: every newcomer stands alone; 1: each exchanged something with another member.",
        reference="CHAOSS, newcomer experience.",
        caveats="Usually few people: read the counts. Ties to staff do not count.",
    ),
    Metric(
        name="cross_team_share",
        title="Ties across teams",
        question="How much of the community's fabric crosses teams?",
        formula="ties whose two members are in different groups of the first dimension / ties with both groups known",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        reading="0: nobody talks outside the own team; what random mixing would give depends on the sizes of teams.",
        reference="Krackhardt and Stern 1988, in the form of a share of ties.",
        caveats="Counts ties, not messages. A segment's share is over the ties that touch it. Not comparable between communities with other team sizes.",
    ),
)


_TEAM_ENDS = """
create or replace temp view team_ends as
select periods.grain, periods.period, tie_ends.known as ties, tie_ends.crossing{segments}
from tie_ends
join stays using (stay)
join periods using (number)
where tie_ends.known > 0
"""

_INSIDE = """
select periods.grain, periods.period, {dimension} as dimension, stays.{column}::varchar as segment, count(*) as ties,
       count_if(crosses) as crossing
from tied_stays
join stays using (stay)
join periods using (number)
where same_{column}
  and crosses is not null
group by all
"""

# A tie inside a segment is at both of its ends and counts once; of the whole community every tie is inside.
_SHARES = """
insert into cells by name
with touching as (
    select {keys}, sum(ties) as ties, sum(crossing) as crossing, count(*) as people
    from team_ends
    {groups}
),
inside as ({inside})
select 'cross_team_share' as metric, touching.grain, touching.period, touching.dimension, touching.segment,
       'all' as breakdown,
       case when touching.dimension = 'all' then touching.crossing // 2
            else touching.crossing - coalesce(inside.crossing, 0) end as numerator,
       case when touching.dimension = 'all' then touching.ties // 2
            else touching.ties - coalesce(inside.ties, 0) end as denominator,
       touching.people
from touching
left join inside using (grain, period, dimension, segment)
where touching.segment is not null
"""


def count_ties_across(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `cross_team_share` to `cells`. Crossing is always between groups of the first dimension.

    Without a dimension there are no teams and no rows. People are the segment's members who have such a tie.
    """
    if not columns:
        return
    connection.execute(_TEAM_ENDS.format(segments="".join(f", stays.{name}" for name in columns.values())))
    inside = " union all ".join(
        _INSIDE.format(dimension=quote(dimension), column=column) for dimension, column in columns.items()
    )
    connection.execute(_SHARES.format(keys=group_keys(columns), groups=group_by(columns), inside=inside))
