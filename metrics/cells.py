"""Cells: every behaviour number as counts, by period and group, before the gate sees it.

A family says what it counts over a table with one row per grain, period and person (or pair, or thread); all
groups are then counted in one pass over that table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from metrics.metric import ALL, ALL_GRAINS, Grain

# `is_open`: the number is known and lies beyond what could be watched, as a median that was not reached.
_CELLS = """
create or replace temp table cells (
    metric varchar not null, grain varchar not null, period varchar not null, dimension varchar not null,
    segment varchar not null, breakdown varchar not null, value double, numerator double, denominator double,
    people bigint, low double, high double, expected double, p double, is_open boolean
)
"""


@dataclass(frozen=True)
class Tally:
    """One number as SQL aggregates; `value` is empty unless the number is no quotient, and people is the denominator then."""

    metric: str
    denominator: str = ""
    numerator: str = ""
    people: str = ""
    value: str = ""
    breakdown: str = ALL
    grains: tuple[Grain, ...] = ALL_GRAINS
    segment_grains: tuple[Grain, ...] = ALL_GRAINS


def lay_out_cells(connection: duckdb.DuckDBPyConnection) -> None:
    """Temp table `cells`, empty: one row per metric, grain, period, dimension, segment and breakdown."""
    connection.execute(_CELLS)


def tally(
    connection: duckdb.DuckDBPyConnection, source: str, tallies: Sequence[Tally], columns: Mapping[str, str]
) -> None:
    """Add numbers over `source` (a table or a query with grain, period and the columns of the groups) to `cells`.

    `columns` maps each dimension to its column. Who has no group in a dimension is not counted in it.
    """
    counts: dict[str, str] = {}
    for place, number in enumerate(tallies):
        parts = {"n": number.numerator, "d": number.denominator, "v": number.value, "p": number.people}
        counts |= {f"{letter}{place}": sql for letter, sql in parts.items() if sql}
    selected = "".join(f",\n       {sql} as {name}" for name, sql in counts.items())
    connection.execute(
        f"""create or replace temp table tallied as
            select {group_keys(columns)}{selected}
            from {source}
            {group_by(columns)}"""
    )
    for place, number in enumerate(tallies):
        given = {
            "numerator": number.numerator and f"n{place}",
            "denominator": number.denominator and f"d{place}",
            "value": number.value and f"v{place}",
            "people": f"p{place}" if number.people else f"d{place}",
        }
        named = ", ".join(f"{column} as {name}" for name, column in given.items() if column)
        connection.execute(
            f"""insert into cells by name
                select ? as metric, grain, period, dimension, segment, ? as breakdown, {named}
                from tallied
                where segment is not null
                  and list_contains(case when dimension = '{ALL}' then ? else ? end, grain)""",
            [
                number.metric,
                number.breakdown,
                [str(grain) for grain in number.grains],
                [str(grain) for grain in number.grains if grain in number.segment_grains],
            ],
        )


def insert_cells(connection: duckdb.DuckDBPyConnection, rows: pd.DataFrame) -> None:
    """Add rows worked out in Python to `cells`; a number that is nan is empty there."""
    if rows.empty:
        return
    connection.register("worked_out", rows.astype(object).where(rows.notna(), None))
    connection.execute("insert into cells by name select * from worked_out order by all")
    connection.unregister("worked_out")


def group_keys(columns: Mapping[str, str]) -> str:
    """The select list grain, period, dimension, segment of a query that ends in `group_by`; segment is empty where unknown."""
    if not columns:
        return f"grain, period, '{ALL}' as dimension, '{ALL}' as segment"
    dimension = " ".join(f"when grouping({column}) = 0 then {quote(name)}" for name, column in columns.items())
    segment = " ".join(f"when grouping({column}) = 0 then {column}" for column in columns.values())
    return f"grain, period, case {dimension} else '{ALL}' end as dimension, case {segment} else '{ALL}' end as segment"


def group_by(columns: Mapping[str, str], *more: str) -> str:
    """The clause that groups by period and each dimension in turn, the whole first, always with `more`."""
    also = "".join(f", {column}" for column in more)
    sets = [f"(grain, period{also})", *(f"(grain, period, {column}{also})" for column in columns.values())]
    return f"group by grouping sets ({', '.join(sets)})"


def quote(text: str) -> str:
    """A text as an SQL literal, for names from the data that cannot be bound."""
    return "'" + text.replace("'", "''") + "'"
