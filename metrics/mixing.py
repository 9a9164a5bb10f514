"""Mixing: whether ties stay inside groups or cross them, and where they go."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from metrics.graph import Graph, Groups, seed_of
from metrics.metric import ALL, Better, Grain, Metric, Source, Unit

PERMUTATIONS = 999
PERMUTED_UP_TO = 2000

MIXING_CARDS = (
    Metric(
        name="ei_index",
        title="Silo index (E-I)",
        question="Do members talk inside their own group or across groups?",
        formula="(ties to other groups - ties inside) / all ties of members whose groups are known; for a group, of the ties that touch it",
        unit=Unit.BALANCE,
        better=Better.NEITHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        reading="-1: all ties stay inside; +1: all cross. Read it beside the value expected if ties ignored groups, which depends on the sizes of groups; p says how often chance alone lies as far from it.",
        reference="Krackhardt and Stern 1988; expected under random mixing 1 - 2 sum n_g(n_g - 1) / (n(n - 1)), for a group (2n - 3n_g + 1) / (2n - n_g - 1).",
        caveats="Counts ties, not messages; members without a tie count in the sizes. Members in no group are left out; where they are fewer than the threshold they count as one more group, without a row. Never comparable between communities or groups of other sizes without the expected value. p by 999 permutations of the groups over members, beyond 2,000 members by their exact mean and variance. Where groups are withheld, the expected value of the whole takes them as equally large, so that it does not give their sizes away.",
        practices=("silos", "geographic-barriers", "fragmented"),
    ),
    Metric(
        name="group_ties",
        title="Where ties go",
        question="With which other groups does each group talk?",
        formula="ties of the group with the other group (or inside it) / all ties of the group with groups that are shown",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        breakdown="from > to",
        reading="Each row adds up to 1 over the groups shown. Large groups draw more ties by their size alone.",
        reference="Viva Insights, group-to-group matrix.",
        caveats="Counts ties, not messages. Not symmetric: a tie between a small and a large group is a larger share of the small one's. Ties with withheld groups are left out.",
        practices=("silos", "diverse-perspectives"),
    ),
)

Row = dict[str, Any]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Mix:
    """The ties of one dimension: how many groups' members there are (`sizes`), ties by pair of groups, and degrees."""

    sizes: Counts
    between: Counts  # groups x groups, each tie inside once, each tie across in both places
    degrees: Counts
    labels: Counts
    a: Counts
    b: Counts

    @property
    def inside(self) -> Counts:
        return np.diagonal(self.between)

    @property
    def touching(self) -> Counts:
        return np.asarray(self.between.sum(axis=1))


def measure_mixing(graph: Graph, k: int) -> Iterator[Row]:
    """Rows of `cells` for one quarter: the E-I index of each dimension and group, and ties from group to group.

    Fewer than `k` members in no group of a dimension are one without a name and without a row: all ties of the community
    less those between groups would be theirs. As many and more are left out as unknown.
    """
    members = graph.only(graph.is_member)
    for dimension, groups in members.groups.items():
        placed = _place_the_few(groups, k)
        known = members.only(placed.of >= 0)
        mix = mix_of(known, Groups(placed.names, placed.of[placed.of >= 0]))
        yield from _measure_index(known, dimension, groups.names, mix)
        yield from _measure_matrix(known.period, dimension, groups.names, mix)


def _place_the_few(groups: Groups, k: int) -> Groups:
    nowhere = groups.of < 0
    if 0 < nowhere.sum() < k:
        return Groups((*groups.names, ""), np.where(nowhere, len(groups.names), groups.of))
    return groups


def mix_of(known: Graph, groups: Groups) -> Mix:
    """Sizes and ties between the groups of people who all have one."""
    count = len(groups.names)
    a, b = groups.of[known.a], groups.of[known.b]
    directed = np.bincount(a * count + b, minlength=count * count).reshape(count, count)
    between = directed + directed.T - np.diag(np.diagonal(directed))
    return Mix(np.bincount(groups.of, minlength=count), between, known.degrees, groups.of, known.a, known.b)


def expected_index(sizes: npt.ArrayLike) -> float:
    """The E-I index of the whole if ties ignored groups of these sizes: -1 for one group, near +1 for many small ones."""
    n_g = np.asarray(sizes, dtype=float)
    n = n_g.sum()
    return float(1 - 2 * (n_g * (n_g - 1)).sum() / (n * (n - 1))) if n > 1 else float("nan")


def expected_of_group(size: float, n: float) -> float:
    """The E-I index of one group of `size` among `n` if ties ignored groups."""
    return (2 * n - 3 * size + 1) / (2 * n - size - 1) if n > 1 else float("nan")


def _measure_index(known: Graph, dimension: str, names: tuple[str, ...], mix: Mix) -> Iterator[Row]:
    n, ties, inside = known.size, len(mix.a), int(mix.inside.sum())
    if not ties:
        return
    # Distances from chance: of the whole, ties across less ties inside; of a group, the same against its expected share.
    fair = np.array([expected_of_group(size, n) for size in mix.sizes])
    whole_p, group_p = (_permute if n <= PERMUTED_UP_TO else _by_moments)(known, dimension, mix, fair)
    yield _row(known.period, dimension, ALL, ties - 2 * inside, ties, n, expected_index(mix.sizes), whole_p)
    for place, name in enumerate(names):
        touching, own = int(mix.touching[place]), int(mix.inside[place])
        if touching:
            yield _row(
                known.period,
                dimension,
                name,
                touching - 2 * own,
                touching,
                int(mix.sizes[place]),
                fair[place],
                group_p[place],
            )


def _permute(
    known: Graph, dimension: str, mix: Mix, fair: npt.NDArray[np.float64]
) -> tuple[float, npt.NDArray[np.float64]]:
    """Two-sided p of whole and groups: how many of 999 ways to deal the groups out to members lie as far from chance."""
    order = np.argsort(known.standing, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    a, b, degrees, labels = place[mix.a], place[mix.b], mix.degrees[order].astype(float), mix.labels[order].copy()
    count, expected = len(mix.sizes), len(mix.a) * (1 - expected_index(mix.sizes))

    def distances(dealt: Counts) -> npt.NDArray[np.float64]:
        one = dealt[a]
        inside = np.bincount(one[one == dealt[b]], minlength=count).astype(float)
        ends = np.bincount(dealt, weights=degrees, minlength=count)
        of_groups = (ends - 3 * inside) - fair * (ends - inside)
        return np.asarray(np.abs(np.concatenate(([expected - 2 * inside.sum()], of_groups))))

    seen, deck = distances(labels), np.sort(labels)
    chance = np.random.default_rng(seed_of("ei_index", dimension, known.period))
    as_far = np.zeros(count + 1)
    for _ in range(PERMUTATIONS):
        as_far += distances(chance.permutation(deck)) >= seen - 1e-9 * (1 + len(a))
    p = (as_far + 1) / (PERMUTATIONS + 1)
    return float(p[0]), p[1:]


def _by_moments(
    known: Graph, dimension: str, mix: Mix, fair: npt.NDArray[np.float64]
) -> tuple[float, npt.NDArray[np.float64]]:
    """The same from the exact variance over all permutations and the normal curve (join counts, sampling without return)."""
    n, ties = known.size, len(mix.a)
    d = mix.degrees.astype(float)
    squares = float((d**2).sum())
    sharing = squares - 2 * ties  # ordered pairs of ties that share a person
    n_g = mix.sizes.astype(float)
    two, three, four = (_falling(n_g, k) / _falling(float(n), k) for k in (2, 3, 4))
    crossed = ((n_g * (n_g - 1)).sum() ** 2 - ((n_g * (n_g - 1)) ** 2).sum()) / _falling(float(n), 4)
    whole_mean = ties * two.sum()
    whole_variance = (
        whole_mean + sharing * three.sum() + (ties * (ties - 1) - sharing) * (four.sum() + crossed) - whole_mean**2
    )
    mean = ties * two
    variance = mean + sharing * three + (ties * (ties - 1) - sharing) * four - mean**2
    ends_mean = 2 * ties * n_g / n
    ends_variance = n_g * (n - n_g) / (n * (n - 1)) * (squares - 4 * ties**2 / n)
    covariance = two * squares + three * (2 * ties**2 - squares) - ends_mean * mean
    spread = (1 - fair) ** 2 * ends_variance + (3 - fair) ** 2 * variance - 2 * (1 - fair) * (3 - fair) * covariance
    inside = mix.inside.astype(float)
    ends = np.bincount(mix.labels, weights=d, minlength=len(n_g))
    distance = (ends - 3 * inside) - fair * (ends - inside)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole_p = 2 * stats.norm.sf(abs(inside.sum() - whole_mean) / np.sqrt(whole_variance))
        group_p = 2 * stats.norm.sf(np.abs(distance) / np.sqrt(spread))
    return float(whole_p), np.asarray(group_p)


def _falling(number: Any, times: int) -> Any:
    product = 1.0
    for step in range(times):
        product = product * (number - step)
    return product


def _measure_matrix(period: str, dimension: str, names: tuple[str, ...], mix: Mix) -> Iterator[Row]:
    for one, name in enumerate(names):
        total = int(mix.touching[one])
        for other, target in enumerate(names):
            if total:
                yield {
                    **_row(
                        period, dimension, ALL, int(mix.between[one, other]), total, int(mix.sizes[one]), None, None
                    ),
                    "metric": "group_ties",
                    "breakdown": f"{name} > {target}",
                }


def _row(
    period: str, dimension: str, segment: str, numerator: float, denominator: float, people: int, expected: Any, p: Any
) -> Row:
    return {
        "metric": "ei_index",
        "grain": str(Grain.QUARTER),
        "period": period,
        "dimension": dimension,
        "segment": segment,
        "breakdown": ALL,
        "numerator": float(numerator),
        "denominator": float(denominator),
        "people": people,
        "expected": expected,
        "p": p,
    }
