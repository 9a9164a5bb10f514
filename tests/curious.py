"""A curious reader who knows the organisation chart, written without the code that he attacks.

He knows who is in which group of every dimension and who answered, and sees what is released of one question. A combination
of groups that somebody is in is an atom; every published number is a sum over atoms. He tries subtraction, every
linear combination (the row space), and a linear program over what each atom may have answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import linprog

from data.store import opened
from metrics.metric import RESULT_COLUMNS

DIMENSIONS = {"team": 8, "level": 3, "region": 3, "tenure": 3}
FEWER_THAN = 20


def organisation(number: int, *, agreeing: float = 0.6) -> pd.DataFrame:
    """Who answered one question of a wave in an invented organisation: a row a respondent, unequal groups in four dimensions."""
    random = Random(number)
    people = range(round(random.randint(40, 300) * random.uniform(0.45, 0.9)))
    columns = {
        name: random.choices(range(size), weights=[random.paretovariate(1.0) for _ in range(size)], k=len(people))
        for name, size in DIMENSIONS.items()
    }
    return pd.DataFrame(columns).assign(favourable=[int(random.random() < agreeing) for _ in people])


def results_of(people: pd.DataFrame, wave: str = "spring") -> pd.DataFrame:
    """The columns of a result: the whole and every group of every dimension, before the gate."""
    groups = [("all", "all", people)]
    groups += [(name, f"{name} {label}", group) for name in DIMENSIONS for label, group in people.groupby(name)]
    frame = pd.DataFrame(
        [
            {
                "metric": "favourable",
                "grain": "wave",
                "period": wave,
                "dimension": dimension,
                "segment": segment,
                "breakdown": "q1",
                "value": group["favourable"].mean(),
                "numerator": float(group["favourable"].sum()),
                "denominator": float(len(group)),
                "people": len(group),
                "status": "final",
            }
            for dimension, segment, group in groups
        ]
    )
    return frame.reindex(columns=list(RESULT_COLUMNS))


@contextmanager
def gate_of(results: pd.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with `results` and the empty tables that the gate reads beside them."""
    with opened(":memory:") as connection:
        connection.register("frame", results)
        cast = ", ".join(f"{name}::double as {name}" for name in ("low", "high", "expected", "p"))
        connection.execute(
            f"create temp table results as select * replace ({cast}, verdict::varchar as verdict) from frame"
        )
        connection.execute("create temp table periods (grain varchar, period varchar, starts_on date, ends_on date)")
        connection.execute("create temp table survey_waves (wave varchar, previous varchar)")
        connection.execute("create temp table survey_items (item_id varchar, wave varchar, construct varchar)")
        connection.execute(
            "create temp table nesting (wave varchar default '', dimension varchar, segment varchar, within_dimension varchar, within_segment varchar)"
        )
        yield connection


class Reader:
    """What is released of one question, and what follows from it."""

    def __init__(self, released: pd.DataFrame, people: pd.DataFrame, k: int) -> None:
        self.k = k
        self.cells: list[dict[str, Any]] = released.to_dict("records")
        atoms = people.groupby(list(DIMENSIONS)).size()
        self.sizes = atoms.to_numpy(dtype=float)
        charts = [dict(zip(DIMENSIONS, atom, strict=True)) for atom in atoms.index]
        self.sets = [_members(cell, charts) for cell in self.cells]
        self.people = [float(chosen @ self.sizes) for chosen in self.sets]

    def is_in(self, *statuses: str) -> list[int]:
        return [place for place, cell in enumerate(self.cells) if cell["status"] in statuses]

    @property
    def attacked(self) -> list[int]:
        """Withheld groups in which somebody answered."""
        return [place for place in self.is_in("withheld") if self.people[place] > 0]

    def find_small(self) -> list[str]:
        """Shown groups of fewer than k people."""
        return [self._name(place) for place in self.is_in("final", "banded") if 0 < self.people[place] < self.k]

    def subtract(self) -> list[str]:
        """What is left of a whole by the groups of a dimension, or of one shown group by another, where that is 1 to k-1 people."""
        shown = self.is_in("final", "banded")
        left = [
            (f"all but the {name}s shown", self.sets[whole] - sum(self.sets[part] for part in parts))
            for whole in shown
            for name in DIMENSIONS
            if self.cells[whole]["dimension"] == "all"
            and (parts := [part for part in shown if self.cells[part]["dimension"] == name])
        ]
        left += [
            (f"{self._name(outer)} without {self._name(inner)}", self.sets[outer] - self.sets[inner])
            for outer in shown
            for inner in shown
            if np.all(self.sets[inner] <= self.sets[outer])
        ]
        return [name for name, rest in left if 0 < float(rest @ self.sizes) < self.k]

    def combine(self) -> list[str]:
        """Withheld groups of fewer than k people whose numbers are a linear combination of shown ones."""
        known = np.array([self.sets[place] for place in self.is_in("final")])
        if not len(known):
            return []
        basis = _row_space(known)
        return [
            self._name(place)
            for place in self.attacked
            if self.people[place] < self.k
            and np.abs(self.sets[place] - basis.T @ (basis @ self.sets[place])).max() < 1e-7
        ]

    def bound(self) -> dict[str, float]:
        """For every withheld group of fewer than k people, how wide the interval is in which its share must lie, by linear programs over the atoms."""
        known = [place for place in self.is_in("final") if not pd.isna(self.cells[place]["numerator"])]
        lines = np.array([self.sets[place] for place in known])
        sums = [float(self.cells[place]["numerator"]) for place in known]
        low_high = [(self.sets[place], self.cells[place], self.people[place]) for place in self.is_in("banded")]
        ends = [
            part
            for chosen, cell, people in low_high
            for part in ((chosen, cell["high"] * people), (-chosen, -cell["low"] * people))
        ]
        more = {"A_ub": np.array([line for line, _ in ends]), "b_ub": [end for _, end in ends]} if ends else {}
        widths = {}
        for place in self.attacked:
            if self.people[place] >= self.k:
                continue
            found = [
                linprog(
                    sign * self.sets[place], A_eq=lines if len(lines) else None, b_eq=sums or None,
                    bounds=[(0, size) for size in self.sizes], **more,
                ).fun
                for sign in (1, -1)
            ]  # fmt: skip
            widths[self._name(place)] = (-found[1] - found[0]) / self.people[place]
        return widths

    def find_uncoded(self, answers: Mapping[str, tuple[int, int]]) -> list[str]:
        """Shown groups of fewer than 20 in which all or all but one answered alike, though their number stands there."""
        return [
            name
            for place in self.is_in("final")
            if (name := self._name(place)) in answers
            and answers[name][1] < FEWER_THAN
            and not 1 < answers[name][0] < answers[name][1] - 1
        ]

    def _name(self, place: int) -> str:
        return str(self.cells[place]["segment"])


def _members(cell: Mapping[str, Any], charts: Sequence[Mapping[str, int]]) -> np.ndarray:
    dimension, segment = cell["dimension"], cell["segment"]
    return np.array([float(dimension == "all" or segment == f"{dimension} {chart[dimension]}") for chart in charts])


def _row_space(lines: np.ndarray) -> np.ndarray:
    """An orthonormal basis of the sums that can be made of these lines."""
    _, values, vectors = np.linalg.svd(lines, full_matrices=False)
    return np.asarray(vectors[values > 1e-9 * max(lines.shape) * values.max()])
