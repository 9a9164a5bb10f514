"""Behaviour metrics: every simple card in one pass over the panel for each dimension, then the few that count otherwise."""

from collections.abc import Sequence

import duckdb
import ibis
import ibis.expr.types as ir

from metrics.actions import count_actions
from metrics.activity import total_activity
from metrics.connections import count_ties_across
from metrics.interactions import count_talk_between_members, count_voices, spread_interactions
from metrics.metric import ALL, Metric
from metrics.panel import PANEL_COLUMNS
from metrics.participation import count_attendance

CELLS = """
create or replace temp table cells (
    metric varchar not null, grain varchar not null, period varchar not null, dimension varchar not null,
    segment varchar not null, breakdown varchar not null, value double, numerator double, denominator double,
    people bigint
)
"""


def measure_behaviour(
    connection: duckdb.DuckDBPyConnection, cards: Sequence[Metric], dimensions: Sequence[str]
) -> None:
    """Temp table `cells`: every behaviour number of every period and segment as counts, before the gate.

    One row per metric, grain, period, dimension, segment and breakdown. `value` is empty unless the
    number is no quotient.
    """
    connection.execute(CELLS)
    columns = {dimension: f"s{position}" for position, dimension in enumerate(dimensions)}
    simple = [card for card in cards if card.numerator is not None]
    for of_previous in (False, True):
        family = [card for card in simple if card.of_previous is of_previous]
        for dimension, column in {ALL: None, **columns}.items():
            _aggregate(connection, family, dimension, column, "next_period" if of_previous else "period")
    count_attendance(connection)
    count_voices(connection)
    count_talk_between_members(connection, columns)
    spread_interactions(connection, columns)
    count_ties_across(connection, columns)
    count_actions(connection)
    total_activity(connection)


def formula_sql(card: Metric) -> str:
    """The SQL of a simple card over the panel, for "how this is computed"; empty where the family counts otherwise."""
    if card.numerator is None or card.denominator is None:
        return ""
    panel = ibis.table(PANEL_COLUMNS, name="panel")
    period = panel.next_period if card.of_previous else panel.period
    expression = panel.group_by("grain", period=period).aggregate(
        numerator=card.numerator(panel), denominator=card.denominator(panel)
    )
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _aggregate(
    connection: duckdb.DuckDBPyConnection,
    cards: Sequence[Metric],
    dimension: str,
    column: str | None,
    period: str,
) -> None:
    panel = ibis.table(PANEL_COLUMNS | ({column: "string"} if column else {}), name="panel")
    placed = panel.filter(panel[period].notnull() & (panel[column].notnull() if column else True))
    counts: dict[str, ir.Scalar] = {}
    for number, card in enumerate(cards):
        aggregates = {"n": card.numerator, "d": card.denominator, "p": card.people or card.denominator}
        counts |= {f"{letter}{number}": count(placed) for letter, count in aggregates.items() if count}
    keys = {"grain": placed.grain, "period": placed[period]} | ({"segment": placed[column]} if column else {})
    connection.execute(
        f"create or replace temp table counts as {ibis.to_sql(placed.group_by(**keys).aggregate(**counts), dialect='duckdb')}"
    )
    segment = "segment" if column else f"'{ALL}'"
    for number, card in enumerate(cards):
        connection.execute(
            f"""insert into cells by name
                select ? as metric, grain, period, ? as dimension, {segment} as segment, ? as breakdown,
                       n{number} as numerator, d{number} as denominator, p{number} as people
                from counts
                where list_contains(?, grain)""",
            [card.name, dimension, ALL, [str(grain) for grain in card.grains]],
        )
