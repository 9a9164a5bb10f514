"""The row space of what is shown: withheld numbers that are sums and differences of shown ones.

Two kinds of sums are known to every reader: a whole and its groups, of which some are made of groups of another dimension;
and a period with the shorter ones in it.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from metrics.metric import RESULT_COLUMNS

KEY = RESULT_COLUMNS[:6]
WITHHELD = ", ".join(f"{name} = null" for name in RESULT_COLUMNS[6:-1]) + ", status = 'withheld'"  # SQL, after `set`

Nests = Mapping[tuple[str, str], Collection[tuple[str, str]]]


def listed(names: Iterable[str]) -> str:
    """SQL: the names in the brackets of an `in`."""
    return ", ".join(f"'{name}'" for name in sorted(names))


def same_key(one: str, other: str) -> str:
    """SQL: whether rows of two tables of results are of the same number."""
    return " and ".join(f"{one}.{name} = {other}.{name}" for name in KEY)


def determined(lines: np.ndarray) -> np.ndarray:
    """Which unknowns of a system of equations have only one solution: a row a line, a column an unknown.

    An unknown is determined when its indicator lies in the row space, that is, when the null space does not move it.
    """
    if not lines.size:
        return np.zeros(lines.shape[1], dtype=bool)
    _, values, vectors = np.linalg.svd(lines)
    rank = int((values > 1e-9 * max(lines.shape) * max(values.max(), 1.0)).sum())
    return np.asarray(np.abs(vectors[rank:]).max(axis=0, initial=0.0) < 1e-7)


def solve_nested(connection: duckdb.DuckDBPyConnection, released: str, k: int, nested: Nests) -> pd.DataFrame:
    """Withheld groups of fewer than k people that follow from a whole, its groups and groups made of groups.

    Which follow, and from what, depends only on which groups there are and which of them are withheld, so it is worked
    out once for all tables that are alike in that.
    """
    concerned = {name for name, _ in nested} | {name for parts in nested.values() for name, _ in parts}
    rows = connection.execute(
        f"""select metric, grain, period, breakdown, dimension, segment, people, status = 'withheld' as is_hidden
            from {released}
            where status <> 'no data' and (dimension = 'all' or dimension in (select unnest(?)))
            qualify bool_or(status = 'withheld') over (partition by metric, grain, period, breakdown)
            order by all""",
        [sorted(concerned)],
    ).df()
    names = pd.MultiIndex.from_frame(rows[["dimension", "segment"]])
    codes, cells = names.factorize()
    hidden = rows["is_hidden"].to_numpy(dtype=bool)
    people = rows["people"].to_numpy(dtype=float, na_value=np.nan)
    alike: dict[bytes, list[slice]] = {}
    for table in _slices(rows[["metric", "grain", "period", "breakdown"]]):
        alike.setdefault(codes[table].tobytes() + hidden[table].tobytes(), []).append(table)
    found: list[tuple[int, int]] = []
    for tables in alike.values():
        first = tables[0]
        present = [(str(dimension), str(segment)) for dimension, segment in cells[codes[first]]]
        known = np.array([people[table] for table in tables])
        groups = np.array([dimension != "all" for dimension, _ in present])
        for cell, shares in _follow(present, hidden[first], nested):
            used = shares != 0
            if not (used & groups).any():
                continue  # the only group there is: the whole, which is shown to everybody, says nothing new of it
            solved = known[:, used] @ shares[used]
            is_small = (solved > 0.5) & (solved < k - 0.5)
            fewest = np.where(used & groups, known, np.inf).argmin(axis=1)
            found += [
                (table.start + cell, table.start + int(through))
                for table, small, through in zip(tables, is_small, fewest, strict=True)
                if small
            ]
    cells_found, through_cells = [cell for cell, _ in found], [through for _, through in found]
    return rows.iloc[cells_found][list(KEY)].assign(through_dimension=rows["dimension"].to_numpy()[through_cells])


def _slices(keys: pd.DataFrame) -> list[slice]:
    """The runs of equal rows, in order."""
    changes = np.flatnonzero((keys != keys.shift()).any(axis=1).to_numpy())
    return [slice(int(start), int(end)) for start, end in pairwise([*changes, len(keys)])]


def _follow(
    cells: Sequence[tuple[str, str]], hidden: np.ndarray, nested: Mapping[tuple[str, str], Collection[tuple[str, str]]]
) -> Iterator[tuple[int, np.ndarray]]:
    """Each withheld cell that follows, by its place, and how often each shown cell counts in it.

    Withheld cells that no line joins are solved apart, so that the matrices stay small.
    """
    place = {cell: number for number, cell in enumerate(cells)}
    lines = [[(place[whole], -1.0), *((place[part], 1.0) for part in parts)] for whole, parts in _lines(place, nested)]
    matrix = np.zeros((len(lines), len(cells)))
    for number, line in enumerate(lines):
        for cell, sign in line:
            matrix[number, cell] += sign
    matrix = matrix[(matrix[:, hidden] != 0).any(axis=1)]
    joined = sparse.coo_array(np.abs(matrix[:, hidden]))
    if not joined.nnz:
        return
    count, labels = connected_components(
        sparse.coo_array(
            (joined.data, (joined.coords[0], joined.coords[1] + len(matrix))), shape=(sum(joined.shape),) * 2
        ),
        directed=False,
    )
    unknown = np.flatnonzero(hidden)
    for label in range(count):
        part = matrix[labels[: len(matrix)] == label]
        of_part = unknown[labels[len(matrix) :] == label]
        is_known = determined(part[:, of_part])
        if is_known.any():
            shown = np.where(hidden, 0.0, part)
            shares = -np.linalg.pinv(part[:, of_part])[is_known] @ shown
            yield from zip(of_part[is_known].tolist(), np.where(np.abs(shares) < 1e-9, 0.0, shares), strict=True)


def _lines(
    cells: Mapping[tuple[str, str], Any], nested: Mapping[tuple[str, str], Collection[tuple[str, str]]]
) -> Iterator[tuple[tuple[str, str], list[tuple[str, str]]]]:
    for dimension in sorted({name for name, _ in cells} - {"all"}):
        if ("all", "all") in cells:
            yield ("all", "all"), [cell for cell in cells if cell[0] == dimension and cell[1] != "all"]
    for whole, parts in nested.items():
        present = [cell for cell in parts if cell in cells]
        if whole in cells and present:
            yield whole, present


def solve_periods(connection: duckdb.DuckDBPyConnection, released: str, additive: Collection[str]) -> pd.DataFrame:
    """Withheld periods of a group that follow from longer and shorter ones. A period without a row is an empty one, so known.

    A span of days is an edge between its first day and the day after its last: the row space of edges is what they
    connect, so a withheld span follows exactly when its two ends are joined by shown ones.
    """
    if not additive:
        return pd.DataFrame(columns=KEY)
    series = ["metric", "dimension", "segment", "breakdown"]
    rows = connection.execute(
        f"""with hiding as (
                select metric, dimension, segment, breakdown, grain, period, people, status
                from {released}
                where metric in (select unnest(?)) and dimension <> 'all' and grain <> 'wave'
                qualify bool_or(status = 'withheld') over (partition by metric, dimension, segment, breakdown)
            ),
            series as (
                select metric, dimension, segment, breakdown, grain, min(starts_on) as first, max(ends_on) as last
                from hiding
                join periods using (grain, period)
                group by all
            )
            select series.metric, series.dimension, series.segment, series.breakdown, periods.grain, periods.period,
                   date_diff('day', date '1970-01-01', periods.starts_on::date) as first,
                   date_diff('day', date '1970-01-01', periods.ends_on::date) + 1 as after,
                   coalesce(hiding.status = 'withheld', false) as is_hidden, coalesce(hiding.people, 0) as people
            from series
            join periods
              on periods.grain = series.grain and periods.starts_on >= series.first and periods.ends_on <= series.last
            left join hiding
              on {" and ".join(f"hiding.{name} = series.{name}" for name in (*series, "grain"))}
             and hiding.period = periods.period
            order by all""",
        [sorted(additive)],
    ).df()
    if rows.empty:
        return pd.DataFrame(columns=KEY)
    of = rows.groupby(series, sort=False).ngroup().to_numpy()
    hidden = rows["is_hidden"].to_numpy(dtype=bool)
    days = np.stack([rows["first"], rows["after"]]).astype(np.int64)
    nodes = np.unique(of * (days.max() + 1) + days, return_inverse=True)[1].reshape(days.shape)
    shown = nodes[:, ~hidden]
    _, labels = connected_components(
        sparse.coo_array((np.ones(shown.shape[1]), (shown[0], shown[1])), shape=(nodes.max() + 1,) * 2), directed=False
    )
    found = np.flatnonzero(hidden & (labels[nodes[0]] == labels[nodes[1]]))
    edges: dict[int, list[tuple[int, int]]] = {}
    for number in np.flatnonzero(~hidden & np.isin(of, of[found])):
        start, end = int(nodes[0, number]), int(nodes[1, number])
        edges.setdefault(start, []).append((end, int(number)))
        edges.setdefault(end, []).append((start, int(number)))
    through = [
        _weakest(rows, int(number), _walk(edges, int(nodes[0, number]), int(nodes[1, number]))) for number in found
    ]
    return rows.iloc[found][list(KEY)].assign(
        through_grain=rows["grain"].to_numpy()[through], through=rows["period"].to_numpy()[through]
    )


def _weakest(rows: pd.DataFrame, number: int, path: Sequence[int]) -> int:
    """The number of the fewest people on a way, else the withheld one itself."""
    people, grains, periods = rows["people"].to_numpy(), rows["grain"].to_numpy(), rows["period"].to_numpy()
    return min(
        (step for step in path if people[step] > 0),
        key=lambda step: (people[step], grains[step], periods[step]),
        default=number,
    )


def _walk(edges: Mapping[int, Sequence[tuple[int, int]]], start: int, end: int) -> list[int]:
    """The fewest spans from a day to another that are joined."""
    came: dict[int, tuple[int, int]] = {start: (start, -1)}
    waiting = deque([start])
    while waiting and end not in came:
        day = waiting.popleft()
        for other, number in edges.get(day, ()):
            if other not in came:
                came[other] = (day, number)
                waiting.append(other)
    path: list[int] = []
    day = end
    while day != start:
        day, number = came[day]
        path.append(number)
    return path
