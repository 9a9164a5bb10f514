"""Cell suppression: which cells of a table of counts have to be hidden so that none of them can be worked out.

The table is given with its margins. A hidden cell is safe when other tables, equal in everything that is shown, hold
another number there. Sources: Fischetti and Salazar (2001) for the integer program, Castro (2012) for the
shortest way of giving one cell room, which is taken cell by cell where no minimal pattern is asked for.
"""

from collections.abc import Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from data.errors import HearthError

MARGINS = ("total", "all", "sum", "insgesamt")
COUNTS = ("count", "n", "people", "value")
SHOWN, PRIMARY, SECONDARY = "shown", "primary", "secondary"

_SECONDS = 60.0
_MOVED = 1e-6

Unsafe = str | Sequence[bool] | pd.Series | np.ndarray | Collection[tuple[Hashable, ...]]


def protect(
    table: pd.DataFrame,
    k: int,
    unsafe: Unsafe | None = None,
    minimal: bool = False,
    *,
    count: str | None = None,
    dimensions: Sequence[str] | None = None,
) -> pd.DataFrame:
    """The table with a column `status` (shown, primary, secondary) and the counts of hidden cells emptied; rows as given.

    `table` is tidy: one row a cell, a column of counts (>= 0), one column a dimension in which the label Total (or
    all) marks the margin. `count` and `dimensions` name the columns; else the counts are in `count`, `n`,
    `people`, `value` or the first column of numbers, and dimensions are the columns that hold a margin. Columns
    beside them that are needed to tell rows apart, such as `wave`, hold tables that do not add up with each other. A
    cell that is missing from a line is empty; a table without any margin is protected as if all were shown.

    Primary: counts from 1 to k - 1, and the cells of `unsafe` instead where it is given (the name of a true-or-false
    column, one truth a row, or the labels of cells as tuples in the order of the dimensions). Secondary: so many more
    that every primary cell could be larger by k and no hidden cell is determined, and what is hidden in a line
    whose margin is shown is at least k together. Empty cells that are not unsafe stay shown: who is not there is
    often known. `minimal` hides the fewest cells (an integer program, at most a minute, else what the quicker
    way finds). Margins are hidden only where nothing else helps.

    Raises HearthError for a table without counts, with negative or missing ones, or with two rows for a cell.
    """
    layout = _read_layout(table, count, dimensions)
    primary = _mark_primary(table, layout, k, unsafe)
    statuses = pd.Series(SHOWN, index=range(len(table)))
    rows = table.reset_index(drop=True)
    for _, part in rows.groupby(list(layout.apart), sort=False) if layout.apart else [((), rows)]:
        lattice = _lay_out(part, layout, primary[part.index.to_numpy()], k)
        hidden = _hide(lattice, k, minimal)
        own = len(part)
        statuses[part.index] = np.where(lattice.primary, PRIMARY, np.where(hidden, SECONDARY, SHOWN))[:own]
    status = pd.Series(statuses.to_numpy(), index=table.index)
    return table.assign(**{layout.count: table[layout.count].where(status == SHOWN), "status": status})


@dataclass(frozen=True)
class _Layout:
    count: str
    dimensions: tuple[str, ...]
    apart: tuple[str, ...]
    has_margins: bool


@dataclass(frozen=True)
class _Lattice:
    """Cells with their counts, and the lines between them: each row of `lines` is +1 at a margin and -1 at its parts."""

    counts: np.ndarray
    primary: np.ndarray
    is_margin: np.ndarray
    lines: sparse.csr_array

    @property
    def can_move(self) -> np.ndarray:
        return np.asarray((self.counts > 0) | self.primary | self.is_margin)


def _read_layout(table: pd.DataFrame, count: str | None, dimensions: Sequence[str] | None) -> _Layout:
    numeric = [str(name) for name in table.columns if _is_number(table[name])]
    counted = count or next((name for name in COUNTS if name in numeric), numeric[0] if numeric else None)
    if counted is None or counted not in table.columns:
        raise _refuse("The table has no column of counts.", "Name it `count`.")
    values = table[counted].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(values).any() or (values < 0).any():
        raise _refuse(f"The counts in {counted} are not all there, or some are negative.", "Give every cell its count.")
    others = [str(name) for name in table.columns if name not in (counted, "status")]
    with_margin = [name for name in others if any(_is_margin(label) for label in table[name])]
    texts = [name for name in others if name not in numeric]
    chosen = list(dimensions) if dimensions is not None else with_margin or _needed(table, texts, [])
    apart = _needed(table, [name for name in (*texts, *numeric) if name in others and name not in chosen], chosen)
    if table.duplicated([*chosen, *apart]).any() if chosen or apart else len(table) > 1:
        raise _refuse("Two rows of the table are about the same cell.", "Add them up first.")
    return _Layout(counted, tuple(chosen), tuple(apart), bool(with_margin))


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _is_margin(label: Any) -> bool:
    return str(label).strip().casefold() in MARGINS


def _needed(table: pd.DataFrame, candidates: Sequence[str], given: Sequence[str]) -> list[str]:
    """The fewest columns, from the left, that tell rows apart beside those given."""
    if given and not table.duplicated(list(given)).any():
        return []
    for size in range(1, len(candidates) + 1):
        for chosen in combinations(candidates, size):
            if not table.duplicated([*given, *chosen]).any():
                return list(chosen)
    return list(candidates)


def _mark_primary(table: pd.DataFrame, layout: _Layout, k: int, unsafe: Unsafe | None) -> np.ndarray:
    counts = table[layout.count].to_numpy(dtype=float)
    if unsafe is None:
        return (counts > 0) & (counts < k)
    if isinstance(unsafe, str):
        return np.asarray(table[unsafe], dtype=bool)
    if isinstance(unsafe, pd.Series) and table.index.is_unique and unsafe.index.is_unique:
        return np.asarray(unsafe.reindex(table.index, fill_value=False), dtype=bool)
    given = list(unsafe)
    if given and isinstance(given[0], tuple):
        cells = set(given)
        keys = table[[*layout.apart, *layout.dimensions]].itertuples(index=False, name=None)
        short = table[list(layout.dimensions)].itertuples(index=False, name=None)
        return np.array([one in cells or other in cells for one, other in zip(keys, short, strict=True)], dtype=bool)
    if given and len(given) != len(table):
        raise _refuse(
            f"{len(given)} marks are given for {len(table)} cells.", "Give one truth a row, or cells as tuples."
        )
    return np.array(given or [False] * len(table), dtype=bool)


def _lay_out(part: pd.DataFrame, layout: _Layout, primary: np.ndarray, k: int) -> _Lattice:
    """The cells of one table and its lines; margins that are not there are added, as shown, where the table has none."""
    keys = [
        tuple(None if _is_margin(label) else label for label in labels)
        for labels in part[list(layout.dimensions)].itertuples(index=False, name=None)
    ]
    counts = list(part[layout.count].to_numpy(dtype=float))
    marks = list(primary)
    if not layout.has_margins:
        for key, total in _add_up(keys, counts).items():
            keys.append(key)
            counts.append(total)
            marks.append(0 < total < k)
    place = {key: number for number, key in enumerate(keys)}
    children: dict[tuple[int, int], list[int]] = {}
    for key, number in place.items():
        for dimension, label in enumerate(key):
            parent = place.get((*key[:dimension], None, *key[dimension + 1 :])) if label is not None else None
            if parent is not None:
                children.setdefault((parent, dimension), []).append(number)
    lines = sparse.lil_array((len(children), len(keys)))
    for row, ((parent, _), parts) in enumerate(children.items()):
        lines[row, parent] = 1.0
        lines[row, parts] = -1.0
    is_margin = np.array([None in key for key in keys], dtype=bool)
    return _Lattice(np.array(counts), np.array(marks, dtype=bool), is_margin, sparse.csr_array(lines))


def _add_up(keys: Sequence[tuple[Any, ...]], counts: Sequence[float]) -> dict[tuple[Any, ...], float]:
    totals: dict[tuple[Any, ...], float] = {}
    for key, number in zip(keys, counts, strict=True):
        for size in range(1, len(key) + 1):
            for left_out in combinations(range(len(key)), size):
                margin = tuple(None if place in left_out else label for place, label in enumerate(key))
                totals[margin] = totals.get(margin, 0.0) + number
    return totals


def _hide(lattice: _Lattice, k: int, minimal: bool) -> np.ndarray:
    if not lattice.primary.any() or not lattice.lines.shape[0]:
        return lattice.primary.copy()
    hidden = _hide_fewest(lattice, k) if minimal else None
    if hidden is None:
        hidden = lattice.primary.copy()
        for cell in sorted(np.flatnonzero(lattice.primary), key=lambda cell: -lattice.counts[cell]):
            hidden |= _give_room(lattice, hidden, int(cell), float(k))
    return _close(lattice, hidden, k)


def _close(lattice: _Lattice, hidden: np.ndarray, k: int) -> np.ndarray:
    """Hide more until no line gives away fewer than k together and no hidden cell is determined."""
    hidden = hidden.copy()
    free: set[int] = set()
    while True:
        more = _next_in_line(lattice, hidden, k)
        if more is None:
            fixed = next((cell for cell in np.flatnonzero(hidden) if cell not in free), None)
            if fixed is None:
                return hidden
            free.add(int(fixed))
            hidden |= _give_room(lattice, hidden, int(fixed), float(k) if lattice.primary[fixed] else 1.0)
        else:
            hidden[more] = True


def _next_in_line(lattice: _Lattice, hidden: np.ndarray, k: int) -> int | None:
    """The next smallest cell of a line in which too few people are hidden beside a shown margin."""
    for parent, parts in _walk_lines(lattice):
        if hidden[parent] or not hidden[parts].any():
            continue
        if lattice.counts[parts][hidden[parts]].sum() < min(k, lattice.counts[parent]):
            left = [cell for cell in parts if not hidden[cell] and lattice.counts[cell] > 0]
            return min(left, key=lambda cell: (lattice.counts[cell], cell)) if left else parent
    return None


def _walk_lines(lattice: _Lattice) -> Iterable[tuple[int, np.ndarray]]:
    lines = lattice.lines
    for row in range(lines.shape[0]):
        cells = lines.indices[lines.indptr[row] : lines.indptr[row + 1]]
        signs = lines.data[lines.indptr[row] : lines.indptr[row + 1]]
        yield int(cells[signs > 0][0]), cells[signs < 0]


def _give_room(lattice: _Lattice, hidden: np.ndarray, cell: int, room: float) -> np.ndarray:
    """The cells that have to be hidden so that this one could be larger by `room`: the cheapest way through the lines."""
    size = len(lattice.counts)
    cost = np.where(hidden, 1e-6, lattice.counts + 1.0) * np.where(lattice.is_margin & ~hidden, 1e4, 1.0)
    most = np.where(lattice.can_move, np.inf, 0.0)
    up = np.column_stack([np.zeros(size), most])
    down = np.column_stack([np.zeros(size), np.minimum(most, lattice.counts)])
    up[cell], down[cell] = (room, room), (0.0, 0.0)
    found = linprog(
        np.concatenate([cost, cost]),
        A_eq=sparse.hstack([lattice.lines, -lattice.lines], format="csr"),
        b_eq=np.zeros(lattice.lines.shape[0]),
        bounds=np.vstack([up, down]),
        method="highs",
    )
    if found.status != 0:
        raise _refuse("A cell of the table cannot be protected.", "Give the margins of the table too.")
    return np.asarray(np.abs(found.x[:size] - found.x[size:]) > _MOVED)


def _hide_fewest(lattice: _Lattice, k: int) -> np.ndarray | None:
    """The fewest cells that give every primary one room, from one integer program; None where it takes too long."""
    size, targets = len(lattice.counts), np.flatnonzero(lattice.primary)
    reach = 2.0 * k
    whole = size * (1 + len(targets))
    lowest = np.full(whole, -np.inf)
    highest = np.full(whole, np.inf)
    lowest[:size] = lattice.primary
    highest[:size] = lattice.can_move
    rows = [_residuals(lattice, k, whole)]
    for number, target in enumerate(targets, start=1):
        own = slice(number * size, (number + 1) * size)
        lowest[own], highest[own] = -np.minimum(lattice.counts, reach), reach
        lowest[own][target] = highest[own][target] = float(k)
        moves = sparse.eye_array(size, format="csr")
        rows += [
            _constrain(lattice.lines, own, whole, 0.0, 0.0),
            _constrain(moves, own, whole, -np.inf, 0.0, -sparse.diags_array(np.full(size, reach))),
            _constrain(moves, own, whole, 0.0, np.inf, sparse.diags_array(np.minimum(lattice.counts, reach))),
        ]
    cost = np.zeros(whole)
    cost[:size] = np.where(lattice.is_margin, size + 1.0, 1.0) + lattice.counts / (lattice.counts.sum() * 2 + 1)
    integers = np.zeros(whole)
    integers[:size] = 1
    found = milp(
        cost,
        integrality=integers,
        bounds=Bounds(lowest, highest),
        constraints=rows,
        options={"time_limit": _SECONDS},
    )
    return None if found.x is None else np.asarray(found.x[:size] > 0.5)


def _constrain(
    moves: Any, own: slice, whole: int, lowest: float, highest: float, hiding: Any | None = None
) -> LinearConstraint:
    """Rows of the program about the moves of one target, and about what is hidden where `hiding` is given."""
    size = own.stop - own.start
    parts = [sparse.csr_array((moves.shape[0], size))] * (whole // size)
    parts[own.start // size] = moves
    if hiding is not None:
        parts[0] = hiding
    return LinearConstraint(sparse.hstack(parts, format="csc"), lowest, highest)


def _residuals(lattice: _Lattice, k: int, whole: int) -> LinearConstraint:
    """What is hidden in a line whose margin is shown is at least k together."""
    cells: list[tuple[int, int, float]] = []
    row = 0
    for parent, parts in _walk_lines(lattice):
        least = min(float(k), float(lattice.counts[parent]))
        for cell in parts:
            cells += [
                (row, int(part), float(lattice.counts[part]) - (least if part == cell else 0.0)) for part in parts
            ]
            cells.append((row, parent, least))
            row += 1
    places, columns, values = zip(*cells, strict=True)
    matrix = sparse.coo_array((values, (places, columns)), shape=(row, whole))
    return LinearConstraint(sparse.csc_array(matrix), 0.0, np.inf)


def _refuse(what: str, fix: str) -> HearthError:
    return HearthError(what, where="a table of counts to protect", fix=fix)
