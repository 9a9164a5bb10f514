"""Registers for tests: drawn tables of mentoring, recognitions, stories, collaborations and actions in a warehouse of drawn tables."""

from datetime import date

import duckdb
import pandas as pd

from data.settings import Settings, Thresholds
from metrics.value_family import measure_value_family
from tests.facts import cells_of, rows

# Column of the warehouse, and how the cell is read; columns that a drawing lacks are empty.
COLUMNS = {
    "mentoring": ("pair_id", "mentor", "mentee", "started_on", "ended_on", "last_met_on"),
    "recognitions": ("recognised_on", "receiver", "giver", "kind", "achieved_on"),
    "stories": (
        "story_id", "told_on", "dimension", "cycle", "parent", "prompted", "event_id", "evidence", "intent_due_on",
        "confirmed_on", "consent", "text",
    ),
    "collaborations": (
        "collaboration_id", "title", "kind", "members", "started_on", "ended_on", "became_joint_on", "status",
    ),
    "actions": ("action_id", "title", "found_on", "opened_on", "owner", "effect_seen_on"),
}  # fmt: skip
DEFAULTS = {"kind": "individual", "prompted": "no", "consent": "no", "title": "a title", "dimension": "individual"}


def keep_register(connection: duckdb.DuckDBPyConnection, table: str, drawn: str) -> None:
    """Put the drawn rows of a register into the warehouse; people are named as in the drawing of the members."""
    numbers = dict(connection.execute("select member_id, person from people").fetchall())
    for line, row in enumerate(rows(drawn), start=2):
        cells: list[object] = []
        for column in COLUMNS[table]:
            cell = row.get(column) or DEFAULTS.get(column)
            if column in ("mentor", "mentee", "receiver", "giver"):
                cells.append(numbers[cell] if cell else None)
            elif column == "members":
                cells.append([numbers[name] for name in (cell or "").split()])
            else:
                cells.append(cell)
        names = ", ".join(f"? as {column}" for column in COLUMNS[table])
        connection.execute(f"insert into {table} by name select {names}, 3 as batch, {line} as line", cells)


def values_of(connection: duckdb.DuckDBPyConnection, as_of: date, *, k: int = 5) -> pd.DataFrame:
    """Every number of the value family before the gate: counts as cells, and those with a status of their own."""
    cells_of(connection, as_of)
    dimensions = ("team",) if connection.execute("select 1 from segments").fetchone() else ()
    measure_value_family(connection, dimensions, Thresholds(manager=5, leader=k, member=k))
    return connection.execute(
        """select metric, grain, period, dimension, segment, breakdown, value, numerator, denominator, people,
                  null::double as low, null::double as high, null::double as p, null::varchar as verdict,
                  null::varchar as status
           from cells
           union all by name
           select * exclude (expected) from register_results
           order by all"""
    ).df()


def number(values: pd.DataFrame, metric: str, period: str, **cut: str) -> pd.Series:
    """The one row of a number; grain quarter, segment and breakdown all unless said."""
    wanted = {"grain": "quarter", "segment": "all", "breakdown": "all"} | cut
    found = values[(values["metric"] == metric) & (values["period"] == period)]
    for column, value in wanted.items():
        found = found[found[column] == value]
    (place,) = found.index
    return found.loc[place]


def settings_of(k: int) -> Settings:
    """Settings with one threshold for every role."""
    return Settings(thresholds=Thresholds(manager=k, leader=k, member=k, distributions=k))
