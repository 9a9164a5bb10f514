"""Behaviour metrics: every simple card in one pass over its table for each dimension, then the families that count otherwise."""

from collections.abc import Mapping, Sequence
from functools import cache

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd

from metrics.actions import count_actions
from metrics.activity import share_activity, total_activity
from metrics.cells import insert_cells, lay_out_cells
from metrics.channels import count_channels
from metrics.concentration import measure_concentration
from metrics.conduct import CONDUCT_COLUMNS
from metrics.connections import count_ties_across
from metrics.duplication import count_duplication
from metrics.event_lift import measure_lifts
from metrics.event_plan import count_event_plan
from metrics.graph import read_graphs
from metrics.interactions import count_talk_between_members, count_voices, spread_interactions
from metrics.journeys import count_journeys
from metrics.lifecycle import count_flows
from metrics.metric import ALL, Aggregate, Metric
from metrics.mixing import measure_mixing
from metrics.network import BRIDGES, keep_bridges, measure_network
from metrics.panel import PANEL_COLUMNS
from metrics.participation import count_attendance
from metrics.replies import count_replies
from metrics.tie_flow import count_tie_flow

TABLES = {"panel": PANEL_COLUMNS, "conduct": CONDUCT_COLUMNS}


def measure_behaviour(
    connection: duckdb.DuckDBPyConnection, cards: Sequence[Metric], dimensions: Sequence[str], k: int
) -> None:
    """Temp table `cells`: every behaviour number of every period and segment as counts, before the gate.

    One row per metric, grain, period, dimension, segment and breakdown. `value` is empty unless the
    number is no quotient. A group of `k` people is shown to everybody.
    """
    columns = {dimension: f"s{position}" for position, dimension in enumerate(dimensions)}
    count_simple(connection, cards, columns)
    count_attendance(connection)
    count_event_plan(connection, columns)
    count_voices(connection)
    count_talk_between_members(connection, columns)
    spread_interactions(connection, columns)
    count_replies(connection, columns)
    measure_concentration(connection, columns)
    count_channels(connection, columns)
    count_flows(connection, columns)
    count_journeys(connection, columns)
    count_ties_across(connection, columns)
    count_tie_flow(connection, columns)
    count_duplication(connection, columns)
    connection.execute(BRIDGES)
    for graph in read_graphs(connection, columns):
        insert_cells(connection, pd.DataFrame([*measure_network(graph), *measure_mixing(graph, k)]))
        keep_bridges(connection, graph)
    insert_cells(connection, pd.DataFrame(measure_lifts(connection, columns)))
    count_actions(connection)
    total_activity(connection)
    share_activity(connection)


def count_simple(connection: duckdb.DuckDBPyConnection, cards: Sequence[Metric], columns: Mapping[str, str]) -> None:
    """Temp table `cells`, with what the simple ones of `cards` count over the panel and conduct, and nothing else yet."""
    lay_out_cells(connection)
    simple = [card for card in cards if card.is_simple]
    for table, of_previous in (("panel", False), ("panel", True), ("conduct", False)):
        family = [card for card in simple if card.of_previous is of_previous and card.over == table]
        for dimension, column in {ALL: None, **columns}.items():
            _aggregate(connection, family, dimension, column, "next_period" if of_previous else "period")


@cache
def formula_sql(card: Metric) -> str:
    """The SQL of a simple card over its table, for "how this is computed"; empty where the family counts otherwise."""
    if not card.is_simple:
        return ""
    table = ibis.table(TABLES[card.over], name=card.over)
    period = table.next_period if card.of_previous else table.period
    counts: dict[str, ir.Scalar] = {}
    for breakdown, numerator, denominator in _parts(card):
        name = "" if breakdown == ALL else "_" + breakdown.replace(" ", "_")
        counts |= {f"numerator{name}": numerator(table), f"denominator{name}": denominator(table)}
    expression = table.group_by("grain", period=period).aggregate(**counts)
    return str(ibis.to_sql(expression, dialect="duckdb"))


def _aggregate(
    connection: duckdb.DuckDBPyConnection,
    cards: Sequence[Metric],
    dimension: str,
    column: str | None,
    period: str,
) -> None:
    if not cards:
        return
    segment = column or f"'{ALL}'"
    connection.execute(f"create or replace temp view placed as select *, {segment} as segment from {cards[0].over}")
    connection.execute(f"create or replace temp table counts as {_counts_sql(tuple(cards), period)}")
    for number, (card, breakdown, _, _) in enumerate(_parts_of(cards)):
        grains = card.grains if column is None else [grain for grain in card.grains if grain in card.segment_grains]
        connection.execute(
            f"""insert into cells by name
                select ? as metric, grain, period, ? as dimension, segment, ? as breakdown,
                       n{number} as numerator, d{number} as denominator, p{number} as people
                from counts
                where list_contains(?, grain)""",
            [card.name, dimension, breakdown, [str(grain) for grain in grains]],
        )


@cache  # which dimensions and publishes share: to write the query takes longer than to run it on a small community
def _counts_sql(cards: tuple[Metric, ...], period: str) -> str:
    """What the cards count over `placed`, their table with a segment: `n`, `d` and `p` with the number of each part."""
    table = ibis.table(TABLES[cards[0].over] | {"segment": "string"}, name="placed")
    placed = table.filter(table[period].notnull() & table.segment.notnull())
    counts: dict[str, ir.Scalar] = {}
    for number, (card, _, numerator, denominator) in enumerate(_parts_of(cards)):
        aggregates = {"n": numerator, "d": denominator, "p": card.people or denominator}
        counts |= {f"{letter}{number}": count(placed) for letter, count in aggregates.items()}
    return str(
        ibis.to_sql(placed.group_by("grain", "segment", period=placed[period]).aggregate(**counts), dialect="duckdb")
    )


def _parts_of(cards: Sequence[Metric]) -> list[tuple[Metric, str, Aggregate, Aggregate]]:
    return [(card, *part) for card in cards for part in _parts(card)]


def _parts(card: Metric) -> list[tuple[str, Aggregate, Aggregate]]:
    """What a simple card counts, of what, under which breakdown."""
    found = [(part.name, part.numerator, part.of or card.denominator) for part in card.parts]
    if card.numerator is not None:
        found.append((ALL, card.numerator, card.denominator))
    return [(name, numerator, denominator) for name, numerator, denominator in found if denominator is not None]
