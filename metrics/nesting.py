"""Groups made of groups, as teams make up a division: which they are, and how those who are in a division and in no team of it
are not told."""

import duckdb

from metrics.attack import NOT_SUMS
from metrics.row_space import MEMBERS, same_key

# A group is made of groups of another dimension when each of those lies wholly in it and they are all of it but for who is in
# none. Where the roster does not say it of two dimensions, respondents do.
_NESTING = """
create or replace temp table nesting as
with placed as (
    select 'roster' as source, segments.person::varchar as who, segments.dimension, segments.segment
    from member_groups as segments
    join versions
      on versions.person = segments.person
     and versions.stored_from = segments.valid_from
    where versions.valid_to = date '9999-12-31'
      and versions.member_type = 'member'
    union all
    select 'answers', wave || chr(31) || respondent, dimension, segment
    from respondent_groups
),
pairs as (
    select source, part.dimension, part.segment, whole.dimension as within_dimension, whole.segment as within_segment
    from placed as part
    join placed as whole using (source, who)
    where whole.dimension <> part.dimension
    group by all
),
judged as (
    select *,
           count(*) over (partition by source, dimension, segment, within_dimension) = 1 as is_inside
    from pairs
    where source = 'roster'
       or (dimension, within_dimension) not in (select (dimension, within_dimension) from pairs where source = 'roster')
)
select dimension, segment, within_dimension, within_segment
from judged
qualify bool_and(is_inside) over (partition by dimension, within_dimension, within_segment)
order by all
"""


def lay_out_nesting(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp table `nesting`: which groups make up a group of another dimension, as teams a division. Needs `versions` of the panel."""
    connection.execute(_NESTING)


def withhold_in_nests(connection: duckdb.DuckDBPyConnection, released: str, k: int, sizes: str, nesting: str) -> None:
    """Withhold the smallest parts of a group in `released` until what it leaves over beside the others is about `k` people.

    Of whom 1 to k - 1 are in none of its parts. `sizes` says how many people rows are about that are withheld already.
    """
    blank = ("value", "numerator", "denominator", "people", "low", "high", "expected", "p", "verdict")
    connection.execute(
        f"""with counted as (
                select given.metric, given.grain, given.period, given.dimension, given.segment, given.breakdown, given.status,
                       coalesce({MEMBERS.format("given")}, {MEMBERS.format("sizes")}, 0) as members
                from {released} as given
                left join {sizes} as sizes using (metric, grain, period, dimension, segment, breakdown)
                where given.dimension in (select unnest([dimension, within_dimension]) from {nesting})
                  and given.status <> 'no data'
                  and given.metric not in ({", ".join(repr(name) for name in NOT_SUMS)})
            ),
            parts as (
                select parts.*, nests.within_dimension, nests.within_segment, sum(parts.members) over nest as placed,
                       sum(parts.members) over (
                           partition by metric, grain, period, breakdown, dimension, within_dimension, within_segment
                           order by parts.status = 'withheld' desc, parts.status = 'banded', parts.members, segment
                           rows between unbounded preceding and 1 preceding
                       ) as smaller
                from counted as parts
                join {nesting} as nests using (dimension, segment)
                window nest as (partition by metric, grain, period, breakdown, dimension, within_dimension, within_segment)
            ),
            told as (
                select parts.metric, parts.grain, parts.period, parts.dimension, parts.segment, parts.breakdown
                from parts
                join counted as whole using (metric, grain, period, breakdown)
                where whole.dimension = parts.within_dimension
                  and whole.segment = parts.within_segment
                  and whole.status <> 'withheld'
                  and whole.members - parts.placed between 1 and {k - 1}
                  and parts.status <> 'withheld'
                  and whole.members - parts.placed + coalesce(parts.smaller, 0) < {k}
            )
            update {released} as shown
            set {", ".join(f"{name} = null" for name in blank)}, status = 'withheld'
            from told
            where {same_key("told", "shown")}"""
    )
