"""The curious reader: everything that can be worked out of withheld numbers from those that are shown.

Nothing here knows what was withheld; it reads what a role can read. Three ways are tried: differences that leave fewer
than k people, of withheld groups or of none; sums over groups, nested groups and sub-periods in which a withheld number
is the only solution (the row space of what is shown); and, for surveys, the interval in which a withheld group's mean
must lie.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd

from metrics.indices import INDICES
from metrics.nesting import find_in_no_part, rows_of
from metrics.row_space import KEY, Nests, listed, same_key, solve_nested, solve_periods
from metrics.sums import NOT_SUMS, WITHIN_A_DIMENSION

# Where something was found, what it goes through: of a sum the shown number of the fewest people that takes part.
THROUGH = ("through_dimension", "through_grain", "through")
LEAST_WIDTH = 0.25

# Ends of the scale on which a survey number's numerator counts one person.
SCALES: Mapping[str, tuple[float, float]] = {
    "favourable": (0.0, 1.0),
    "neutral": (0.0, 1.0),
    "unfavourable": (0.0, 1.0),
    "item_score": (0.0, 100.0),
    "nps": (-1.0, 1.0),
}

# SQL: the metrics of one wave whose number of people says how many answers their sum is of.
ABOUT_ONE_WAVE = listed({*SCALES, *INDICES.values()})


@dataclass(frozen=True)
class Findings:
    """What an attack on one table of results came to. `recovered`: KEY, `how` (difference, sum or interval) and, for a sum
    over periods, the grain and period of the smallest number it goes `through`. The segment of those who are in no group
    of a dimension is empty.

    `intervals` holds the widths, as shares of the scale, in which the means of withheld survey groups must lie.
    """

    attacked: int
    recovered: pd.DataFrame
    intervals: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*KEY, "width"]))


def attack(
    connection: duckdb.DuckDBPyConnection,
    released: str,
    k: int,
    *,
    additive: Collection[str] = (),
    nested: Sequence[tuple[Collection[str], Nests]] = (),
    remembered: str | None = None,
) -> Findings:
    """Try to work out every withheld row of `released`, a table with the columns of a result.

    `additive` metrics of a longer period are sums of those of the shorter periods in it (needs a table `periods`
    with grain, period, starts_on, ends_on). `nested` names, for a dimension and segment, the segments of another
    dimension that make it up, each time with the waves in which they do ('' of what members do). `remembered` is a table
    of survey rows that were shown before, in the same columns.
    """
    attacked = _count(connection, f"select count(*) from {released} where status = 'withheld'")
    rest = _find_rests(connection, released, k, remembered)
    intervals = _bound_means(rest[rest["is_survey"] & rest["is_cut"]])
    found = [
        _name_hidden(rest[rest["people_left"].between(1, k - 1) & rest["is_cut"]], "difference"),
        _name_hidden(rest[rest["is_nameless"]].assign(segment=""), "difference"),
        _name_hidden(solve_periods(connection, released, additive), "sum"),
        intervals[intervals["width"] < LEAST_WIDTH].assign(how="interval")[[*KEY, "how"]],
    ]
    for waves, nests in nested:
        rows = rows_of(released, waves)
        found += [
            _name_hidden(solve_nested(connection, rows, k, nests), "sum"),
            _name_hidden(find_in_no_part(connection, rows, k, nests, remembered), "difference"),
        ]
    if remembered is not None:
        found.append(_compare_with_remembered(connection, released, remembered, k))
    parts = [part for part in found if not part.empty]
    recovered = pd.concat(parts) if parts else pd.DataFrame(columns=[*KEY, "how"])
    return Findings(attacked, recovered.drop_duplicates(list(KEY)).reset_index(drop=True), intervals)


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _find_rests(connection: duckdb.DuckDBPyConnection, released: str, k: int, remembered: str | None) -> pd.DataFrame:
    """One row a table (whole by one dimension) that withholds something, or all but those in no group (`is_nameless`): the
    whole less what is shown, and the names withheld.

    Where no group is shown now (`is_cut` is false) the rest is the whole, or what was said before, and says nothing new of any
    group. Those in no group are counted as in the gate: of a wave in answers.
    """
    known = f"select *, true as is_now from {released} where status <> 'withheld'"
    if remembered is not None:
        known += f""" union all by name
            select *, false as is_now from {remembered} as earlier
            where exists (
                select 1 from {released} as now
                where now.status = 'withheld' and {same_key("now", "earlier")}
            )"""
    return connection.execute(
        f"""with known as ({known}),
            tables as (
                select metric, grain, period, dimension, breakdown,
                       coalesce(list(segment order by segment) filter (status = 'withheld'), []) as names,
                       coalesce(list(segment order by segment) filter (status = 'banded'), []) as coded
                from {released} as now
                where dimension <> 'all' and segment <> 'all'
                group by all
            ),
            parts as (
                select metric, grain, period, dimension, breakdown, list(segment) as seen, sum(people) as people,
                       sum(numerator) as numerator, sum(denominator) as denominator,
                       count_if(status = 'banded') as banded,
                       coalesce(sum(denominator - 1) filter (status = 'banded' and low > 0.5), 0) as banded_least, count_if(is_now) as now
                from known
                where dimension <> 'all' and segment <> 'all' and status <> 'no data'
                group by all
            ),
            wholes as (
                select metric, grain, period, breakdown, people, numerator, denominator, dimension as of
                from known
                where segment = 'all' and status in ('final', 'provisional', 'banded') and people is not null
            ),
            rests as (
                select tables.* exclude (names),
                       list_filter(names, lambda name: not list_contains(coalesce(seen, []), name)) as hidden,
                       wholes.people - coalesce(parts.people, 0) as people_left,
                       wholes.numerator - coalesce(parts.numerator, 0) as numerator_left,
                       wholes.denominator - coalesce(parts.denominator, 0) as denominator_left,
                       coalesce(parts.banded, 0) as banded, coalesce(parts.banded_least, 0) as banded_least,
                       coalesce(parts.people, 0) > 0 and coalesce(parts.now, 0) > 0 as is_cut,
                       wholes.numerator as whole_numerator, wholes.denominator as whole_denominator,
                       tables.grain = 'wave' and metric in ({listed(SCALES)}) as is_survey,
                       coalesce(
                           is_cut and len(hidden) = 0
                           and wholes.of = case when metric in ({listed(WITHIN_A_DIMENSION)}) then tables.dimension else 'all' end
                           and metric not in ({listed(NOT_SUMS)})
                           and case when tables.grain = 'wave' then denominator_left else people_left end between 1 and {k - 1},
                           false
                       ) as is_nameless,
                       len(names) + len(coded) > 0 as is_holding
                from tables
                join wholes using (metric, grain, period, breakdown)
                left join parts using (metric, grain, period, dimension, breakdown)
                where wholes.of in ('all', tables.dimension)
            )
            select * exclude (is_holding)
            from rests
            where is_holding or is_nameless"""
    ).df()


def _name_hidden(tables: pd.DataFrame, how: str) -> pd.DataFrame:
    if tables.empty:
        return pd.DataFrame(columns=[*KEY, "how"])
    named = tables if "segment" in tables else tables.explode("hidden").rename(columns={"hidden": "segment"})
    return named.assign(how=how).reindex(columns=[*KEY, "how", *THROUGH]).dropna(subset="segment")


def _bound_means(rests: pd.DataFrame) -> pd.DataFrame:
    """The linear program of a table in closed form: withheld groups of one person or more share what is left.

    A group's mean is freest where it is one person and the others take what they can, so both ends are known. Banded
    groups may each be one more than they are at least; where what is left leaves no choice, their width is 0. A whole at
    an end of the scale says the same of everybody, whatever is shown of groups.
    """
    columns = [*KEY, "width"]
    rests = rests[rests["numerator_left"].notna()]
    if rests.empty:
        return pd.DataFrame(columns=columns)
    low = rests["metric"].map(lambda name: SCALES[name][0])
    high = rests["metric"].map(lambda name: SCALES[name][1])
    is_mixed = rests["whole_numerator"].gt(low * rests["whole_denominator"]) & rests["whole_numerator"].lt(
        high * rests["whole_denominator"]
    )
    rests, low, high = rests[is_mixed], low[is_mixed], high[is_mixed]
    n = rests["denominator_left"].clip(lower=0)
    most_left = rests["numerator_left"] - rests["banded_least"]
    least_left = most_left - rests["banded"]
    most = np.minimum(high, most_left - low * (n - 1))
    least = np.maximum(low, least_left - high * (n - 1))
    is_open = (most_left >= 1) & (least_left + 1 <= n)
    widths = rests.assign(width=(most - least) / (high - low), coded_width=np.where(is_open, 1.0, 0.0))
    hidden = widths[n > 0].explode("hidden").rename(columns={"hidden": "segment"})
    coded = widths.explode("coded").drop(columns="width").rename(columns={"coded": "segment", "coded_width": "width"})
    found = [part[columns].dropna(subset="segment") for part in (hidden, coded)]
    return pd.concat([part for part in found if not part.empty] or found[:1], ignore_index=True)


def _compare_with_remembered(
    connection: duckdb.DuckDBPyConnection, released: str, remembered: str, k: int
) -> pd.DataFrame:
    """Figures of a wave that were shown before about 1 to k - 1 people more or fewer."""
    return connection.execute(
        f"""select distinct {", ".join(f"now.{name}" for name in KEY)}, 'difference' as how
            from {released} as now
            join {remembered} as earlier
              on {same_key("now", "earlier")}
            where now.grain = 'wave'
              and now.status = 'final'
              and earlier.status = 'final'
              and now.metric in ({ABOUT_ONE_WAVE})
              and abs(now.people - earlier.people) between 1 and {k - 1}"""
    ).df()
