"""The graph of a quarter: who is on the roster, in which group, and who is tied to whom.

A tie is an unordered pair of distinct people of the roster with at least one direct interaction in the quarter.
People are places in arrays here; what is random or has to break a tie goes by a person's place in the network,
never by name or number, so that renaming people changes nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

Places = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

_ROUNDS = 4
_SMALL = 2000
_CHOICES = 500


@dataclass(frozen=True)
class Groups:
    """The groups of one dimension: their names, and for each person the number of theirs, -1 where unknown."""

    names: tuple[str, ...]
    of: Places


@dataclass(frozen=True)
class Graph:
    """One quarter: `people` by number, which of them are members (the others are staff), and ties as pairs of places.

    `is_mutual` says that both ends of a tie turned to the other.
    """

    period: str
    people: Places
    is_member: Marks
    groups: Mapping[str, Groups]
    a: Places
    b: Places
    is_mutual: Marks

    @cached_property
    def size(self) -> int:
        return len(self.people)

    @cached_property
    def degrees(self) -> Places:
        """How many ties each person has."""
        return np.bincount(self.a, minlength=self.size) + np.bincount(self.b, minlength=self.size)

    @cached_property
    def standing(self) -> npt.NDArray[np.uint64]:
        """A number for each person's place in the network, the same however people are named.

        Equal numbers are for people who could change places, as those without a tie; where choosing one of several such
        decides who stands beside the others, one is chosen and the rest follow, in graphs small enough for that.
        """
        return tell_apart(
            self.degrees * 2 + self.is_member,
            self.a,
            self.b,
            np.ones(len(self.a), dtype=np.int64),
            choosing=self.size <= _SMALL,
        )

    @cached_property
    def other_teams(self) -> tuple[Places, Places]:
        """For each person, how many teams other than their own they have ties to, and how many ties that is.

        Teams are the groups of the first dimension; without any, everybody is a team of their own.
        """
        teams = next(iter(self.groups.values()), None)
        if teams is None:
            return self.degrees, self.degrees
        one, other = np.r_[self.a, self.b], np.r_[self.b, self.a]
        crosses = (teams.of[other] >= 0) & (teams.of[one] != teams.of[other])
        reached = np.zeros((self.size, len(teams.names)), dtype=bool)
        reached[one[crosses], teams.of[other[crosses]]] = True
        return reached.sum(axis=1), np.bincount(one[crosses], minlength=self.size)

    def only(self, kept: Marks) -> "Graph":
        """The graph of some of the people and the ties between them."""
        place = np.cumsum(kept) - 1
        inside = kept[self.a] & kept[self.b]
        return Graph(
            self.period,
            self.people[kept],
            self.is_member[kept],
            {name: Groups(groups.names, groups.of[kept]) for name, groups in self.groups.items()},
            place[self.a[inside]],
            place[self.b[inside]],
            self.is_mutual[inside],
        )

    def components(self, *, strong: bool = False) -> Places:
        """For each person the number of people in their connected part, themselves included; 1 alone.

        `strong` reads each tie as an arrow from a to b, and a part as people who reach each other along arrows.
        """
        joined = sparse.csr_array((np.ones(len(self.a), dtype=np.int8), (self.a, self.b)), shape=(self.size, self.size))
        _, part = csgraph.connected_components(joined, directed=strong, connection="strong" if strong else "weak")
        return np.asarray(np.bincount(part)[part] if self.size else np.zeros(0, dtype=np.int64))

    def largest(self) -> int:
        """The number of people in the largest connected part; 0 where nobody has a tie."""
        return int(self.components().max()) if len(self.a) else 0


def read_graphs(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> Iterator[Graph]:
    """The graph of every quarter, staff in it, bots out; needs the roster, `day_grains` and the pair rollup."""
    connection.execute(_QUARTER_TIES)
    segments = "".join(f", {column}" for column in columns.values())
    for (period,) in connection.execute(
        "select period from periods where grain = 'quarter' order by period"
    ).fetchall():
        people = connection.execute(
            f"""select person, member_type = 'member' as is_member{segments}
                from roster
                where grain = 'quarter' and period = ?
                order by person""",
            [period],
        ).df()
        ties = connection.execute("select a, b, is_mutual from quarter_ties where period = ?", [period]).fetchnumpy()
        numbers = people["person"].to_numpy(dtype=np.int64)
        a, b = (np.asarray(ties[end], dtype=np.int64) for end in ("a", "b"))
        on_roster = np.isin(a, numbers) & np.isin(b, numbers)
        yield Graph(
            period,
            numbers,
            people["is_member"].to_numpy(dtype=bool),
            {name: _read_groups(people[column]) for name, column in columns.items()},
            np.searchsorted(numbers, a[on_roster]),
            np.searchsorted(numbers, b[on_roster]),
            np.asarray(ties["is_mutual"], dtype=bool)[on_roster],
        )


def tell_apart(
    colours: Places, a: Places, b: Places, weights: Places, *, choosing: bool = True
) -> npt.NDArray[np.uint64]:
    """A number for each of some places, given what each is (`colours`) and which are tied, and how (`weights`).

    See `Graph.standing`; `choosing` goes on until only places without a tie are alike.
    """
    size = len(colours)
    ends = np.r_[a, b], np.r_[b, a]
    neighbours = sparse.csr_array((np.r_[weights, weights].astype(np.uint64), ends), shape=(size, size))
    has_tie = np.flatnonzero(np.bincount(np.r_[a, b], minlength=size))
    found = _refine(_mix(colours.astype(np.uint64)), neighbours)
    for _ in range(_CHOICES if choosing else 0):
        _, first, count = np.unique(found[has_tie], return_index=True, return_counts=True)
        if not (count > 1).any():
            break
        chosen = has_tie[first[np.flatnonzero(count > 1)[0]]]
        found[chosen] = _mix(found[[chosen]] + np.uint64(1))[0]
        found = _refine(found, neighbours)
    return found


def seed_of(*parts: str) -> int:
    """The seed of whatever is drawn for a series: a hash of its key, the same in every run and on every machine."""
    return int.from_bytes(hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).digest(), "big")


_QUARTER_TIES = """
create or replace temp table quarter_ties as
select day_grains.period, least(actor, target) as a, greatest(actor, target) as b,
       bool_or(actor < target) and bool_or(actor > target) as is_mutual
from pair_atoms
join day_grains
  on day_grains.day = pair_atoms.atom
 and day_grains.grain = 'quarter'
group by all
"""


def _read_groups(segments: "pd.Series[str]") -> Groups:
    numbers, names = pd.factorize(segments, sort=True)
    return Groups(tuple(str(name) for name in names), np.asarray(numbers, dtype=np.int64))


def _refine(colours: npt.NDArray[np.uint64], neighbours: "sparse.csr_array") -> npt.NDArray[np.uint64]:
    """Colours that also tell apart who has other neighbours, and these others, and so on (Weisfeiler and Leman 1968)."""
    for _ in range(_ROUNDS):
        colours = _mix(colours + neighbours @ _mix(colours))
    return colours


def _mix(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread the bits of each number over all of it, one to one (the finaliser of splitmix64)."""
    mixed = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)
