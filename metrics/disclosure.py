"""The gate: the one way out for every number, where small groups are withheld.

Primary: a segment's number about 1 to k-1 distinct people is withheld. Complementary: what is withheld
in a table must hide at least two groups and k people together, or the total minus the shown groups would
give it away; the next smallest groups go with it until it does. Those who are in no group of a dimension are one
too: without a name, and so never shown. The total of a table is the whole community's number, which is shown:
behaviour of everybody always, answers from k respondents on.
Numbers are withheld whole: value, counts, people, margins and verdict leave together.
"""

import duckdb

from data.errors import HearthError
from metrics.indices import INDICES
from metrics.nesting import withhold_in_nests
from metrics.row_space import WITHHELD, listed, same_key
from metrics.shown_groups import withhold_ties
from metrics.sums import MEMBERS, NOT_SUMS, WITHIN_A_DIMENSION
from metrics.suppression import protect
from metrics.unanimity import code_unanimity

__all__ = ["count_eligible", "count_gate", "protect", "protect_distributions", "withhold"]

# A change between waves is shown only where the number it is a change of is shown in both waves.
_MEASURES = ", ".join(
    [
        "values ('favourable', 'favourable'), ('score', 'item_score'), ('nps', 'nps')",
        *(f"('index', '{index}')" for index in sorted(set(INDICES.values()))),
    ]
)

# Numbers of a cohort: also of the whole community they may be about very few, who would know each other in them.
_COHORTS = "'after_programme', 'newcomers_with_tie', 'newcomer_conversion', 'newcomer_integration', 'time_to_first', 'mentoring_coverage'"

_SETS = "'member_flow'"

_NOT_SUMS = listed(NOT_SUMS)

_WITHIN = listed(WITHIN_A_DIMENSION)


def withhold(
    connection: duckdb.DuckDBPyConnection,
    source: str,
    target: str,
    k: int,
    sizes: str | None = None,
    nesting: str | None = None,
    remembered: str | None = None,
) -> None:
    """Temp table `target`: the rows of `source` with everything withheld that a group under `k` people could be read from.

    Groups of one mind are coded first (see `metrics.unanimity`). A coded group hides nobody: others are withheld beside it as
    if it were shown, because the whole less these would be its number. Both tables have the columns of a result. What
    is already withheld in `source` stays so, so that a role built from another's release never sees more; how many
    people those are about is read from `sizes`, a table of the same rows before any gate, without which they count
    as nobody and more is withheld beside them. Beside a small group those go last that were shown before (`remembered`),
    for they are known. `target` may be `source`. Needs the temp tables `survey_waves` and
    `survey_items`. Raises HearthError where a segment's number does not say how many people it is about.

    Where 1 to k - 1 people of a shown whole are in no group (`nameless`), others are withheld beside them as beside a small
    group; and of a group made of groups of another dimension, as the table `nesting` has them, as few in none of these.
    Groups that overlap leave less than nothing, of which nothing follows.
    """
    known = remembered or f"(from {source} limit 0)"
    _refuse_unknown_people(connection, source)
    code_unanimity(connection, source, "coded_source")
    connection.execute(
        f"""create or replace temp table {target} as
            with counted as (
                select given.*, coalesce(given.people, sizes.people) as size,
                       exists (from {known} as known where {same_key("known", "given")}) as is_known,
                       coalesce({MEMBERS.format("given")}, {MEMBERS.format("sizes")}) as members,
                       given.people > 0 and given.people < {k}
                       and (given.segment <> 'all' or given.grain = 'wave' or given.metric in ({_COHORTS})) as is_small
                from coded_source as given
                left join {sizes or source} as sizes using (metric, grain, period, dimension, segment, breakdown)
            ),
            grouped as (
                select metric, grain, period, dimension, breakdown, sum(members) as members
                from counted
                where dimension <> 'all'
                  and segment <> 'all'
                group by all
            ),
            nameless as (
                select metric, grain, period, grouped.dimension, '' as segment, breakdown, whole.status, true as is_small,
                       false as is_coded, false as is_known, whole.members - grouped.members as size
                from grouped
                join counted as whole using (metric, grain, period, breakdown)
                where whole.dimension = case when metric in ({_WITHIN}) then grouped.dimension else 'all' end
                  and whole.segment = 'all'
                  and whole.status not in ('withheld', 'no data')
                  and not whole.is_small
                  and metric not in ({_NOT_SUMS})
                  and whole.members - grouped.members between 1 and {k - 1}
            ),
            hiding as (
                select metric, grain, period, dimension, segment, breakdown, status, is_small, is_coded, is_known, size
                from counted
                where dimension <> 'all'
                  and segment <> 'all'
                  and (people > 0 or status = 'withheld')
                union all by name
                from nameless
            ),
            ranked as (
                select metric, grain, period, dimension, segment, breakdown,
                       is_coded and size >= {k} as is_banded, row_number() over in_table as place,
                       sum(case when is_coded and size >= {k} then 0 else size end) over in_table as hidden_people,
                       count_if(is_small or status in ('withheld', 'banded')) over whole_table as small_groups,
                       count_if(is_coded and size >= {k}) over whole_table as banded_groups
                from hiding
                window whole_table as (
                           partition by metric, grain, period, dimension, breakdown
                       ),
                       in_table as (
                           partition by metric, grain, period, dimension, breakdown
                           order by status in ('withheld', 'banded') or is_small desc, is_known, size, segment
                           rows between unbounded preceding and current row
                       )
            ),
            cuts as (
                select metric, grain, period, dimension, breakdown,
                       coalesce(
                           min(place) filter (
                               place >= small_groups and place >= 2 and hidden_people >= {k}
                               and place - banded_groups >= case when small_groups > banded_groups then 2 else 1 end
                           ),
                           max(place)
                       ) as last_hidden,
                       max(place) - any_value(banded_groups) >= any_value(case when small_groups > banded_groups then 2 else 1 end)
                           and max(hidden_people) >= {k} as has_company
                from ranked
                where small_groups > 0
                group by all
            ),
            hidden as (
                select ranked.metric, ranked.grain, ranked.period, ranked.dimension, ranked.segment, ranked.breakdown
                from ranked
                join cuts using (metric, grain, period, dimension, breakdown)
                where ranked.place <= cuts.last_hidden
                  and (not ranked.is_banded or not cuts.has_company)
                union
                select metric, grain, period, dimension, segment, breakdown
                from counted
                where dimension = 'all'
                  and is_small
            )
            select counted.* exclude (is_small, is_coded, is_known, size, members) replace (
                       {_blanked("value", "numerator", "denominator", "people", "low", "high", "expected", "p", "verdict")},
                       case when hidden.metric is null then counted.status else 'withheld' end as status
                   )
            from counted
            left join hidden using (metric, grain, period, dimension, segment, breakdown)"""
    )
    if nesting:
        withhold_in_nests(connection, target, k, sizes or source, nesting, known)
    _withhold_changes(connection, target)
    _withhold_sets(connection, target)
    withhold_ties(connection, target)


def count_gate(connection: duckdb.DuckDBPyConnection, released: str) -> list[tuple[str, int]]:
    """How many cells of a release are shown and withheld: totals only, never which."""
    return connection.execute(
        f"""select case when status = 'withheld' then 'withheld' else 'shown' end as reason, count(*)
            from {released}
            group by all
            order by all"""
    ).fetchall()


def count_eligible(connection: duckdb.DuckDBPyConnection, released: str, sizes: str, k: int) -> list[tuple[str, int]]:
    """How many numbers of groups with at least `k` people (by `sizes`, the rows before any gate) there are and are shown."""
    eligible, shown = connection.execute(
        f"""select count(*), count(*) filter (released.status <> 'withheld')
            from {released} as released
            join {sizes} as sizes using (metric, grain, period, dimension, segment, breakdown)
            where dimension <> 'all' and segment <> 'all' and sizes.people >= {k} and sizes.status <> 'no data'"""
    ).fetchone() or (0, 0)
    return [("eligible numbers of groups", eligible), ("eligible numbers of groups, shown", shown)]


def protect_distributions(
    connection: duckdb.DuckDBPyConnection, source: str, target: str, released: str, k: int
) -> None:
    """Temp table `target`: option counts of groups with at least `k` answers whose item is shown in `released`; others withheld.

    In each item and dimension the groups withheld hide at least two groups and `k` answers together.
    """
    connection.execute(
        f"""create or replace temp table {target} as
            with groups as (
                select distinct d.wave, d.item_id, d.dimension, d.segment, d.n,
                       d.n < {k} or coalesce(shown.status in ('withheld', 'banded'), false) as is_small
                from {source} as d
                left join {released} as shown
                  on shown.metric in ('favourable', 'nps')
                 and shown.period = d.wave
                 and shown.breakdown = d.item_id
                 and shown.dimension = d.dimension
                 and shown.segment = d.segment
            ),
            ranked as (
                select *,
                       row_number() over in_table as place,
                       sum(n) over in_table as hidden_people,
                       count_if(is_small) over whole_table as small_groups
                from groups
                window whole_table as (partition by wave, item_id, dimension),
                       in_table as (
                           partition by wave, item_id, dimension
                           order by is_small desc, n, segment
                           rows between unbounded preceding and current row
                       )
            ),
            judged as (
                select *,
                       is_small or (
                           dimension <> 'all'
                           and small_groups > 0
                           and place <= coalesce(
                               min(place) filter (place >= small_groups and place >= 2 and hidden_people >= {k})
                                   over (partition by wave, item_id, dimension),
                               max(place) over (partition by wave, item_id, dimension)
                           )
                       ) as is_hidden
                from ranked
            )
            select d.wave, d.item_id, d.dimension, d.segment, d.option, d.position,
                   case when judged.is_hidden then null else d.count end as count,
                   case when judged.is_hidden then null else d.n end as n,
                   case when judged.is_hidden then 'withheld' else 'final' end as status
            from {source} as d
            join judged using (wave, item_id, dimension, segment)"""
    )


def _blanked(*columns: str) -> str:
    return ",\n                       ".join(
        f"case when hidden.metric is null then counted.{column} end as {column}" for column in columns
    )


def _refuse_unknown_people(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    unknown = connection.execute(
        f"""select metric
            from {source}
            where people is null
              and status not in ('withheld', 'no data')
              and (dimension <> 'all' or grain = 'wave')
            limit 1"""
    ).fetchone()
    if unknown:
        raise HearthError(
            f"{unknown[0]} does not say how many people a number is about, so it cannot be published.",
            where="the disclosure gate",
            fix="Give the metric a count of people.",
        )


def _withhold_sets(connection: duckdb.DuckDBPyConnection, released: str) -> None:
    """Counts of people that add up to a published number go together: with three of four shown, the fourth is known."""
    connection.execute(
        f"""update {released} as part
            set {WITHHELD}
            where part.metric in ({_SETS})
              and part.status <> 'withheld'
              and exists (
                  select 1
                  from {released} as other
                  where other.metric = part.metric
                    and other.grain = part.grain
                    and other.period = part.period
                    and other.dimension = part.dimension
                    and other.segment = part.segment
                    and other.status = 'withheld'
              )"""
    )


def _withhold_changes(connection: duckdb.DuckDBPyConnection, released: str) -> None:
    connection.execute(
        f"""update {released} as changed
            set {WITHHELD}
            where changed.metric = 'wave_change'
              and changed.status <> 'withheld'
              and exists (
                  select 1
                  from {released} as shown
                  join ({_MEASURES}) as measures(measure, metric)
                    on measures.metric = shown.metric
                  where shown.status in ('withheld', 'banded')
                    and shown.dimension = changed.dimension
                    and shown.segment = changed.segment
                    and changed.breakdown in (
                        measures.measure || ':' || shown.breakdown,
                        measures.measure || ':' || shown.metric,
                        measures.measure || ':' || shown.metric || '/' || shown.breakdown
                    )
                    and shown.period in (
                        changed.period,
                        (select previous from survey_waves where survey_waves.wave = changed.period)
                    )
              )"""
    )
