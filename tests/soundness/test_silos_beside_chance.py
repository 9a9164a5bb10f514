"""The E-I index of two communities was compared as it stands.

With the same disregard for groups, four groups of 25 give +0.52 and groups of 90 and 10 give -0.64: the second looks
like a silo and is none. Beside its expected value each says the same.
"""

import numpy as np
import pytest

from metrics.graph import Graph, Groups
from metrics.mixing import measure_mixing


def random_graph(sizes: list[int], seed: int) -> Graph:
    """A hundred people who pay no heed to their groups: 400 ties at random."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    pairs = np.array([(a, b) for a in range(100) for b in range(a + 1, 100)])
    ties = pairs[np.random.default_rng(seed).choice(len(pairs), 400, replace=False)]
    names = tuple("abcd"[: len(sizes)])
    return Graph(
        "2026-01-01", np.arange(100), np.ones(100, dtype=bool), {"team": Groups(names, labels)}, ties[:, 0], ties[:, 1],
        np.zeros(400, dtype=bool),
    )  # fmt: skip


@pytest.mark.parametrize(("sizes", "expected"), [([25, 25, 25, 25], 0.515), ([90, 10], -0.636)])
def test_the_index_is_read_beside_what_chance_gives(sizes: list[int], expected: float) -> None:
    rows = [
        row
        for row in measure_mixing(random_graph(sizes, 3), 10)
        if row["metric"] == "ei_index" and row["segment"] == "all"
    ]
    index = rows[0]["numerator"] / rows[0]["denominator"]
    assert round(rows[0]["expected"], 3) == expected
    assert index == pytest.approx(expected, abs=0.09)
    assert rows[0]["p"] > 0.05
    naive_verdict = "silo" if index < 0 else "open"
    assert naive_verdict == ("silo" if sizes == [90, 10] else "open"), (
        "the sign alone calls one of two equal habits a silo"
    )


def test_p_is_right_in_its_mean() -> None:
    """In communities without silos one in twenty has p below 0.05, not all and not none."""
    found = []
    for seed in range(60):
        for row in measure_mixing(random_graph([40, 30, 20, 10], seed), 10):
            if row["metric"] == "ei_index" and row["segment"] == "all":
                found.append(row["p"])
    assert sum(p < 0.05 for p in found) <= 9, "60 at 1 in 20: more than 9 once in 1,500"
    assert sum(p < 0.5 for p in found) >= 15
