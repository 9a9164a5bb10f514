"""Pooling: numbers over all groups of a dimension are made of the groups that are shown and of one pool of the others.

A sum over every group, weighted in another way than the whole, is a second equation about the groups that the gate
hides: with two of them hidden it gives both. So such numbers take the hidden groups as one. The pool is chosen by the
gate's own rule with the largest threshold of any role, so it holds every group that any role does not see.
"""

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

POOL = "other"
NOT_STATED = "not stated"


def find_pool(sizes: Mapping[str, int], k: int) -> frozenset[str]:
    """The groups to be taken as one: those under `k` people, and the next smallest until two groups and `k` people are hidden.

    `sizes` counts the distinct people of each group; empty groups are in no pool. Empty where no group is small.
    """
    ordered = sorted((size, name) for name, size in sizes.items() if size > 0)
    small = sum(size < k for size, _ in ordered)
    if not small:
        return frozenset()
    hidden = 0
    for place, (size, _) in enumerate(ordered, start=1):
        hidden += size
        if place >= small and place >= 2 and hidden >= k:
            return frozenset(name for _, name in ordered[:place])
    return frozenset(name for _, name in ordered)


Pools = Mapping[tuple[str, str, str, str], frozenset[str]]


def find_pools(counts: pd.DataFrame, k: int) -> Pools:
    """The pool of every wave, level, breakdown and dimension of `read_counts`, by the people that the gate counts; empty where none is."""
    pools: defaultdict[tuple[str, str, str, str], frozenset[str]] = defaultdict(frozenset)
    groups = counts[counts["dimension"] != "all"]
    for (wave, level, breakdown, dimension), rows in groups.groupby(["wave", "level", "breakdown", "dimension"]):
        sizes = {str(name): int(people) for name, people in zip(rows["segment"], rows["people"], strict=True)}
        pools[str(wave), str(level), str(breakdown), str(dimension)] = find_pool(sizes, k)
    return pools
