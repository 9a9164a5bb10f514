"""Groups made of groups, as teams make up a division: which they are, and how those who are in a division and in no team of it
are not told."""

from collections.abc import Collection

import duckdb
import pandas as pd

from metrics.row_space import WITHHELD, Nests, listed, same_key
from metrics.sums import MEMBERS, NOT_SUMS, WITHIN_A_DIMENSION

# SQL: the wave that a row is of, by which its nests are found.
_WAVE = "case when grain = 'wave' then period else '' end"

_SUMS = f"metric not in ({listed((*NOT_SUMS, *WITHIN_A_DIMENSION))})"

# A group is made of groups of another dimension when each of those lies wholly in it and they are all of it but for who is in
# none. Of a wave respondents say which; of what members do the roster of today does.
_NESTING = """
create or replace temp table nesting as
with placed as (
    select '' as wave, segments.person::varchar as who, segments.dimension, segments.segment
    from member_groups as segments
    join versions
      on versions.person = segments.person
     and versions.stored_from = segments.valid_from
    where versions.valid_to = date '9999-12-31'
      and versions.member_type = 'member'
    union all
    select wave, respondent::varchar, dimension, segment
    from respondent_groups
),
pairs as (
    select wave, part.dimension, part.segment, whole.dimension as within_dimension, whole.segment as within_segment
    from placed as part
    join placed as whole using (wave, who)
    where whole.dimension <> part.dimension
    group by all
),
judged as (
    select *,
           count(*) over (partition by wave, dimension, segment, within_dimension) = 1 as is_inside
    from pairs
)
select wave, dimension, segment, within_dimension, within_segment
from judged
qualify bool_and(is_inside) over (partition by wave, dimension, within_dimension, within_segment)
order by all
"""


def lay_out_nesting(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp table `nesting`: which groups make up a group of another dimension, as teams a division: in each wave, and ('') of what
    members do. Needs `versions` of the panel."""
    connection.execute(_NESTING)


def read_nests(connection: duckdb.DuckDBPyConnection) -> list[tuple[list[str], Nests]]:
    """The nests of the table `nesting`, each time with the waves that have just these."""
    found: dict[str, dict[tuple[str, str], list[tuple[str, str]]]] = {}
    for wave, dimension, segment, whole, name in connection.execute(
        "select wave, dimension, segment, within_dimension, within_segment from nesting order by all"
    ).fetchall():
        found.setdefault(wave, {}).setdefault((whole, name), []).append((dimension, segment))
    alike: list[tuple[list[str], Nests]] = []
    for wave, nests in found.items():
        waves = next((waves for waves, others in alike if others == nests), None)
        if waves is None:
            alike.append(([wave], nests))
        else:
            waves.append(wave)
    return alike


def rows_of(released: str, waves: Collection[str]) -> str:
    """SQL: the rows of some waves, and of what members do where '' is one of them, as a table."""
    names = ", ".join("'" + wave.replace("'", "''") + "'" for wave in waves)
    return f"(from {released} where {_WAVE} in ({names}))"


def withhold_in_nests(
    connection: duckdb.DuckDBPyConnection, released: str, k: int, sizes: str, nesting: str, remembered: str
) -> None:
    """Withhold the smallest parts of a group in `released` until what it leaves over beside the others is about `k` people.

    Of whom 1 to k - 1 are in none of its parts, or in such that are withheld. `sizes` says how many people rows are about that
    are withheld already; parts that were shown before (`remembered`) are withheld last, for they are known.
    """
    nest = "metric, grain, period, breakdown, dimension, within_dimension, within_segment"
    connection.execute(
        f"""with counted as (
                select given.metric, given.grain, given.period, given.dimension, given.segment, given.breakdown, given.status,
                       coalesce({MEMBERS.format("given")}, {MEMBERS.format("sizes")}, 0) as members
                from {released} as given
                left join {sizes} as sizes using (metric, grain, period, dimension, segment, breakdown)
                where given.dimension in (select unnest([dimension, within_dimension]) from {nesting})
                  and given.status <> 'no data'
                  and given.{_SUMS}
            ),
            parts as (
                select counted.*, within_dimension, within_segment, sum(members) over (partition by {nest}) as placed,
                       coalesce(
                           sum(members) over (
                               partition by {nest}
                               order by status = 'withheld' desc, status = 'banded',
                                        exists (from {remembered} as known where {same_key("known", "counted")}), members, segment
                               rows between unbounded preceding and 1 preceding
                           ), 0
                       ) as hidden
                from counted
                join {nesting} as nests using (dimension, segment)
                where nests.wave = {_WAVE}
            ),
            told as (
                select parts.metric, parts.grain, parts.period, parts.dimension, parts.segment, parts.breakdown
                from parts
                join counted as whole using (metric, grain, period, breakdown)
                where whole.dimension = parts.within_dimension
                  and whole.segment = parts.within_segment
                  and whole.status <> 'withheld'
                  and parts.status <> 'withheld'
                  and whole.members - parts.placed + parts.hidden between 1 and {k - 1}
            )
            update {released} as shown
            set {WITHHELD}
            from told
            where {same_key("told", "shown")}"""
    )


def find_in_no_part(
    connection: duckdb.DuckDBPyConnection, released: str, k: int, nested: Nests, remembered: str | None
) -> pd.DataFrame:
    """Groups that leave over 1 to k - 1 people beside all the groups they are made of: KEY of the dimension that gives them away,
    without a segment. What was shown before counts as known; then it is the group that does, else its parts."""
    nests = [(*part, *whole) for whole, parts in nested.items() for part in parts]
    connection.register(
        "nests", pd.DataFrame(nests, columns=["dimension", "segment", "within_dimension", "within_segment"])
    )
    earlier = f"select * from {remembered}" if remembered else f"select * from {released} limit 0"
    found = connection.execute(
        f"""with now as (
                select *
                from {released}
                where status <> 'no data'
                  and {_SUMS}
            ),
            known as (
                select *, true as is_now
                from now
                where status <> 'withheld'
                union all by name
                select earlier.*, false as is_now
                from ({earlier}) as earlier
                join now
                  on {same_key("now", "earlier")}
                where now.status = 'withheld'
            ),
            parts as (
                select metric, grain, period, breakdown, dimension, within_dimension, within_segment, bool_and(is_now) as are_now,
                       sum({MEMBERS.format("known")}) as members
                from now
                join nests using (dimension, segment)
                left join known using (metric, grain, period, breakdown, dimension, segment)
                group by all
                having bool_and(known.metric is not null)
            )
            select distinct metric, grain, period, case when are_now then parts.dimension else within_dimension end as dimension,
                   '' as segment, breakdown
            from parts
            join known as whole using (metric, grain, period, breakdown)
            where whole.dimension = within_dimension
              and whole.segment = within_segment
              and (are_now or whole.is_now)
              and {MEMBERS.format("whole")} - parts.members between 1 and {k - 1}
            order by all"""
    ).df()
    connection.unregister("nests")
    return found
