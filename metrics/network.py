"""Network: how much of the community hangs together, and on whom it depends."""

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.graph import Graph, Groups
from metrics.metric import ALL, Better, Grain, Metric, Source, Unit

TOP_BRIDGES = 3

_TIE = (
    "A tie is a pair of members with at least one direct interaction in the quarter; being at the same event is none."
)

NETWORK_CARDS = (
    Metric(
        name="network_density",
        title="Density of ties",
        question="How many of all possible ties are there?",
        formula="ties between members / pairs of members on the roster",
        unit=Unit.DEGREE,
        better=Better.NEITHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        reading="0: nobody talks with anybody; 1: everybody with everybody. A group's is of ties and pairs inside it.",
        reference="Wasserman and Faust, density of an undirected graph.",
        caveats=f"{_TIE} Falls by itself as a community grows: not comparable between sizes. Published figures of directed graphs count each direction.",
        practices=("fragmented", "collaborative-learning"),
    ),
    Metric(
        name="isolates",
        title="Members without a tie",
        question="How many members talk with nobody?",
        formula="members without any tie in the quarter / members on the roster",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        numerator=lambda m: (m.partners == 0).ifelse(1, 0).sum(),
        denominator=lambda m: m.count(),
        reading="0: everybody has exchanged something with somebody; 1: nobody has.",
        reference="Wasserman and Faust, isolates.",
        caveats=f"{_TIE} Ties to staff do not count, and who only posts to nobody in particular and is never answered is alone here.",
        practices=("fragmented",),
    ),
    Metric(
        name="giant_component",
        title="In one conversation",
        question="How many members hang together, directly or through others?",
        formula="members in the largest connected part of the graph of ties / members on the roster",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        reading="1: word can reach everybody from anybody; a low share: the community is in pieces.",
        reference="SNAP, largest weakly connected component.",
        caveats=f"{_TIE} One tie is enough to be in it. Where several parts are equally large, a group's share counts its members in any of them.",
        practices=("fragmented",),
    ),
    Metric(
        name="reciprocity",
        title="Two-way ties",
        question="How many ties go both ways?",
        formula="ties in which both ends turned to the other in the quarter / ties",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        reading="0: nobody ever gives back; 1: everything is mutual. A group's is over the ties that touch it.",
        reference="Wasserman and Faust, proportion of mutual dyads among those that are not null.",
        caveats=f"{_TIE} Not the share of directed ties that are returned, which is higher.",
        practices=("open-channels", "strong-relationships", "listening-to-each-other"),
    ),
    Metric(
        name="fragility",
        title="What holds it together",
        question="Would the community still hang together without its busiest bridges, or without staff?",
        formula="members and staff in the largest connected part / members and staff: as it is, without the three members with ties to most other teams, without staff; each of those who remain",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        breakdown="as is, without top three, without staff",
        reading="Near each other: nobody is indispensable. A much lower share without staff: the community hangs on staff.",
        reference="Hearth's own; after node removal in Albert, Jeong and Barabási 2000.",
        caveats=f"{_TIE} Here ties to staff count too. Bridges are ranked by the number of other teams they have ties to, then by ties; teams are those of the first dimension. Whole community only.",
        practices=("fragmented", "key-person", "no-longer-controlled"),
    ),
)

Row = dict[str, Any]

# The members who bridge teams, place 0 first, for the managers' list.
BRIDGES = """
create or replace temp table bridge_ranks (
    place integer, person integer, period varchar, other_teams integer, ties integer
)
"""
BRIDGES_KEPT = 100


def measure_network(graph: Graph) -> Iterator[Row]:
    """Rows of `cells` for one quarter: density, giant component, reciprocity and fragility."""
    members = graph.only(graph.is_member)
    everybody = Groups((ALL,), np.zeros(members.size, dtype=np.int64))
    sizes = members.components()
    in_largest = (sizes == sizes.max()) & bool(len(members.a)) if members.size else np.zeros(0, dtype=bool)
    for dimension, groups in {ALL: everybody, **members.groups}.items():
        yield from _measure_groups(members, dimension, groups, in_largest)
    yield from _measure_fragility(graph)


def rank_bridges(graph: Graph) -> npt.NDArray[np.int64]:
    """Places of the members with a tie to another team, the ones with ties to most other teams first."""
    teams, ties = graph.other_teams
    bridges = np.flatnonzero(graph.is_member & (teams > 0))
    order = np.lexsort((graph.standing[bridges], -graph.degrees[bridges], -ties[bridges], -teams[bridges]))
    return np.asarray(bridges[order])


def keep_bridges(connection: duckdb.DuckDBPyConnection, graph: Graph) -> None:
    """Add the best bridges of a quarter to the temp table `bridge_ranks`."""
    order = rank_bridges(graph)[:BRIDGES_KEPT]
    teams, ties = graph.other_teams
    kept = pd.DataFrame(
        {
            "place": np.arange(len(order)),
            "person": graph.people[order],
            "other_teams": teams[order],
            "ties": ties[order],
        }
    )
    connection.register("kept_bridges", kept.assign(period=graph.period))
    connection.execute("insert into bridge_ranks by name select * from kept_bridges")
    connection.unregister("kept_bridges")


def _measure_groups(members: Graph, dimension: str, groups: Groups, in_largest: npt.NDArray[np.bool_]) -> Iterator[Row]:
    count = len(groups.names)
    a, b = groups.of[members.a], groups.of[members.b]
    people = np.bincount(groups.of[groups.of >= 0], minlength=count)
    inside = np.bincount(a[(a == b) & (a >= 0)], minlength=count)
    touching, mutual = (_touching(a[kept], b[kept], count) for kept in (slice(None), members.is_mutual))
    largest = np.bincount(groups.of[in_largest & (groups.of >= 0)], minlength=count)
    if dimension == ALL:
        largest = np.array([members.largest()])
    with_tie = members.degrees > 0
    tied = np.bincount(groups.of[with_tie & (groups.of >= 0)], minlength=count)
    for place, name in enumerate(groups.names):
        n = int(people[place])
        for metric, numerator, denominator, counted in (
            ("network_density", inside[place], n * (n - 1) // 2, n),
            ("giant_component", largest[place], n, n),
            ("reciprocity", mutual[place], touching[place], tied[place]),
        ):
            yield _row(metric, members.period, dimension, name, ALL, numerator, denominator, counted)


def _touching(a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Ties that touch each group, a tie inside it once."""
    first = np.bincount(a[a >= 0], minlength=count)
    second = np.bincount(b[(b >= 0) & (a != b)], minlength=count)
    return np.asarray(first + second)


def _measure_fragility(graph: Graph) -> Iterator[Row]:
    top = np.zeros(graph.size, dtype=bool)
    top[rank_bridges(graph)[:TOP_BRIDGES]] = True
    cases: Sequence[tuple[str, Graph]] = (
        ("as is", graph),
        ("without top three", graph.only(~top)),
        ("without staff", graph.only(graph.is_member)),
    )
    for name, left in cases:
        yield _row("fragility", graph.period, ALL, ALL, name, left.largest(), left.size, left.size)


def _row(
    metric: str,
    period: str,
    dimension: str,
    segment: str,
    breakdown: str,
    numerator: Any,
    denominator: Any,
    people: Any,
) -> Row:
    return {
        "metric": metric,
        "grain": str(Grain.QUARTER),
        "period": period,
        "dimension": dimension,
        "segment": segment,
        "breakdown": breakdown,
        "numerator": float(numerator),
        "denominator": float(denominator),
        "people": int(people),
    }
