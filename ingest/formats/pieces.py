"""Pieces: several options in one cell, told apart although options hold the same mark that joins them.

An option is what was answered alone; a longer cell is split where all of it is such options, the longest first. What
was never answered alone counts where it comes back in different cells. A column without such signs stays as it is, so
that a comma in a sentence is a comma.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

MOST_CELLS = 5_000
MOST_WORK = 200_000_000  # of comparing parts with one another; beyond it a column holds texts
LONGEST_PIECE = 120

Run = tuple[str, ...]


def split_cells(cells: Iterable[str], joiner: str, *, is_certain: bool = False) -> dict[str, tuple[str, ...]] | None:
    """The options of each distinct cell of a column whose options are joined by `joiner`; None where it is no such column.

    `is_certain` says that the tool shows that it is one.
    """
    whole = {cell: _atoms(cell, joiner) for cell in dict.fromkeys(cells) if cell.strip()}
    if len(whole) > MOST_CELLS or sum(len(atoms) ** 3 for atoms in whole.values()) > MOST_WORK:
        return None
    runs = list(dict.fromkeys(whole.values()))
    split = _split_by_whole(runs)
    used = {piece for pieces in split.values() for piece in pieces}
    known = {run for run in runs if run not in split and (len(run) == 1 or run in used)}
    known |= _recurring([run for run in runs if run not in split and run not in known], runs)
    for run in runs:
        if run not in split and run not in known and (pieces := _segment(run, known)):
            split[run] = pieces
    longer = [run for run in runs if len(run) > 1 and run not in known]
    if not is_certain and (not split or 2 * len(split) < len(longer) or not _moves(runs, split)):
        return None
    known |= {piece for found in split.values() for piece in found}
    for run in longer:
        pieces = _split_at_known(run, known)
        if is_certain:
            pieces = tuple(
                part for piece in pieces for part in ([piece] if piece in known else [(atom,) for atom in piece])
            )
        split.setdefault(run, pieces)
    if any(len(joiner.join(piece)) > LONGEST_PIECE for found in split.values() for piece in found):
        return None
    return {cell: tuple(joiner.join(piece) for piece in split.get(run, (run,))) for cell, run in whole.items()}


def split_marked(cells: Iterable[str], joiner: str = ";") -> dict[str, tuple[str, ...]] | None:
    """The options of each distinct cell where the tool writes `joiner` without a space: one with a space belongs to an option.

    None where hardly an option comes back: the column then holds sentences.
    """
    counted = Counter(cell for cell in cells if cell.strip())
    mark = re.compile(rf"{re.escape(joiner)}(?!\s)")
    pieces = {cell: tuple(piece for piece in mark.split(cell) if piece.strip()) for cell in counted}
    if all(len(found) < 2 for found in pieces.values()):
        return None
    seen = Counter(piece for cell, found in pieces.items() for piece in found for _ in range(counted[cell]))
    if seen.total() < 1.5 * len(seen) or any(len(piece) > LONGEST_PIECE for piece in seen):
        return None
    return pieces


def _atoms(cell: str, joiner: str) -> Run:
    """The parts of a cell between joiners; a joiner within brackets separates nothing."""
    at = re.escape(joiner) if joiner[-1].isspace() else rf"{re.escape(joiner)}(?!\s)"
    atoms: list[str] = []
    for part in re.split(at, cell.strip()):
        if atoms and atoms[-1].count("(") > atoms[-1].count(")") and ")" in cell:
            atoms[-1] += joiner + part
        else:
            atoms.append(part)
    return tuple(atoms)


def _split_by_whole(runs: Sequence[Run]) -> dict[Run, tuple[Run, ...]]:
    """Cells that consist of other cells."""
    options: set[Run] = set()
    split: dict[Run, tuple[Run, ...]] = {}
    for run in sorted(runs, key=len):
        pieces = _segment(run, options)
        if pieces:
            split[run] = pieces
        else:
            options.add(run)
    return split


def _recurring(unsettled: Sequence[Run], runs: Sequence[Run]) -> set[Run]:
    """What comes back in at least two different cells: single parts, joined to the next where that continues them in lower case."""
    after: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for run in runs:
        for left, right in zip(("", *run), (*run, ""), strict=True):
            after.setdefault(left, set()).add(right)
            before.setdefault(right, set()).add(left)
    counted: Counter[Run] = Counter()
    chained = {run: _chain(run, after, before) for run in runs}
    for pieces in chained.values():
        counted.update(set(pieces))
    return {piece for run in unsettled for piece in chained[run] if counted[piece] > 1 and piece != run}


def _chain(run: Run, after: dict[str, set[str]], before: dict[str, set[str]]) -> list[Run]:
    pieces: list[Run] = []
    for atom in run:
        belongs = pieces and after[pieces[-1][-1]] == {atom} and before[atom] == {pieces[-1][-1]}
        if belongs and atom[:1].islower():
            pieces[-1] = (*pieces[-1], atom)
        else:
            pieces.append((atom,))
    return pieces


def _segment(run: Run, known: set[Run]) -> tuple[Run, ...] | None:
    """The fewest known pieces, at least two, that a cell consists of; None where there are none."""
    best: list[tuple[Run, ...] | None] = [()]
    for end in range(1, len(run) + 1):
        ways = [
            (*head, run[start:end])
            for start in range(end)
            if (head := best[start]) is not None and run[start:end] in known and end - start < len(run)
        ]
        best.append(min(ways, key=len, default=None))
    return best[-1] or None


def _split_at_known(run: Run, known: set[Run]) -> tuple[Run, ...]:
    """A cell of which only some is known: the known pieces, and what lies between them as it is."""
    pieces: list[Run] = []
    rest: Run = ()
    place = 0
    while place < len(run):
        end = next((end for end in range(len(run), place, -1) if run[place:end] in known and end - place < len(run)), 0)
        if end:
            pieces += [piece for piece in (rest, run[place:end]) if piece]
            rest, place = (), end
        else:
            rest, place = (*rest, run[place]), place + 1
    return tuple([*pieces, rest] if rest else pieces)


def _moves(runs: Sequence[Run], split: dict[Run, tuple[Run, ...]]) -> bool:
    """Whether options stand alone, or first in one cell and later in another: "Monday, morning" does neither."""
    first = {pieces[0] for pieces in split.values()}
    later = {piece for pieces in split.values() for piece in pieces[1:]}
    return bool(first & later) or any(piece in runs for piece in first | later)
