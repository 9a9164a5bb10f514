"""Weights: survey scores as they would be if the mix of those who answered were that of the roster.

Raking gives each respondent a weight so that the shares of every dimension are the roster's at once. A weighted score
stands beside the unweighted one and never replaces it: it mends who answered, not what those would say who did not.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.pooling import NOT_STATED, POOL, find_pools
from metrics.statistics import Array, Numbers, margin_of
from metrics.survey_counts import read_counts, read_responses
from metrics.survey_frames import add_results, read_invited, read_places

MOST_ABSENT = 0.10
FEWEST_STATED = 0.50
HIGHEST_WEIGHT = 5.0
ROUNDS = 200
CLOSE_ENOUGH = 1e-10

WEIGHTING_CARDS = (
    Metric(
        name="weighted_item_score",
        title="Item score, mix of the roster",
        question="What would the score be if every group had answered alike often?",
        formula="mean of the item's scores of 0 to 100 with weights raked to the roster on the opening day, over all dimensions of the settings that most respondents filled in",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY, Source.ROSTER),
        breakdown="item, construct",
        reading="Beside the unweighted score: where the two are far apart, who answered matters.",
        reference="Raking: Deming and Stephan 1940. Standard errors within strata as in Lumley's survey package, which gives the published 9.4089 for the California schools.",
        caveats=f"It mends the mix, not what those think who did not answer. Groups too small to be shown count as one. No number where a weight passes {HIGHEST_WEIGHT:g} times the mean, where groups nobody answered for hold more than {MOST_ABSENT:.0%} of the roster, or where no dimension is known to the roster and to {FEWEST_STATED:.0%} of those who answered. Strata are the groups of the first dimension; a construct is the mean of respondents' own means.",
        practices=("inclusivity",),
    ),
)


@dataclass(frozen=True)
class Estimate:
    """A weighted mean, its standard error and the degrees of freedom of its margin."""

    mean: float
    error: float
    freedom: float


def rake(memberships: Sequence[npt.NDArray[np.intp]], targets: Sequence[Numbers]) -> Array | None:
    """Weights with mean 1 under which each margin has its target shares; None where no weights do.

    `memberships` holds for each margin the group of every respondent as 0, 1, …; `targets` the share of each group,
    adding up to 1. Proportional fitting, margin after margin (Deming and Stephan 1940).
    """
    n = len(memberships[0]) if memberships else 0
    weights = np.ones(n)
    wanted = [np.asarray(target, dtype=float) * n for target in targets]
    for _ in range(ROUNDS):
        for groups, total in zip(memberships, wanted, strict=True):
            now = np.bincount(groups, weights, minlength=len(total))
            if np.any((now == 0) & (total > 0)):
                return None
            weights = weights * np.divide(total, now, out=np.zeros_like(total), where=now > 0)[groups]
        gap = max(
            float(np.max(np.abs(np.bincount(groups, weights, minlength=len(total)) - total)))
            for groups, total in zip(memberships, wanted, strict=True)
        )
        if gap <= CLOSE_ENOUGH * n:
            return weights
    return None


def weighted_mean(
    scores: Numbers, weights: Numbers, memberships: Sequence[npt.NDArray[np.intp]], populations: Numbers
) -> Estimate:
    """The weighted mean of respondents, with the standard error of a sample drawn within strata and fitted to margins.

    Strata are the groups of the first margin and `populations` how many each holds (nan: not corrected for). The error
    is that of the residuals from the margins, which for one margin is sqrt(sum W^2 s^2/n (1 - n/N)) over strata.
    """
    y, w = np.asarray(scores, dtype=float), np.asarray(weights, dtype=float)
    strata, whole = memberships[0], np.asarray(populations, dtype=float)
    n = np.bincount(strata, minlength=len(whole))
    mean = float((w * y).sum() / w.sum())
    influence = w * _residuals(y, w, memberships) / w.sum()
    centre = np.bincount(strata, influence, minlength=len(whole)) / np.maximum(n, 1)
    squares = np.bincount(strata, (influence - centre[strata]) ** 2, minlength=len(whole))
    if np.any((n == 1) & ~(whole == 1)):
        return Estimate(mean, float("nan"), float("nan"))  # a stratum of one does not say how it varies
    with np.errstate(divide="ignore", invalid="ignore"):
        left_over = np.where(np.isnan(whole) | (whole < n), 1.0, 1 - n / whole)
        variances = np.where(n > 1, left_over * n / (n - 1) * squares, 0.0)
        freedom = float(variances.sum() ** 2 / (variances[n > 1] ** 2 / (n[n > 1] - 1)).sum())
    return Estimate(mean, float(np.sqrt(variances.sum())), freedom)


def measure_weighted(
    connection: duckdb.DuckDBPyConnection, answers: pd.DataFrame, dimensions: Sequence[str], k: int
) -> None:
    """Add the weighted scores of every closed wave, from `read_answers`. `k` is the largest threshold of any role."""
    answers = answers[answers["kind"].isin(["likert", "nps"])]
    places = read_places(connection).pivot(index=["wave", "respondent"], columns="dimension", values="segment")
    # A dimension may be called as any column here is.
    placed = places.astype("category").add_prefix("in ")
    scores = _scores(answers).join(placed, on=["wave", "respondent"])
    invited = read_invited(connection)
    completed = read_responses(connection)
    pools = find_pools(read_counts(connection), k)
    rows = []
    for (wave, level, breakdown), said in scores.groupby(["wave", "level", "breakdown"]):
        roster, here = invited[invited["wave"] == wave], completed[completed["wave"] == wave]
        stated = {
            name: (said[f"in {name}"], sizes)
            for name in dimensions
            if f"in {name}" in said and _is_stated(said[f"in {name}"], sizes := _count(roster, name, "invited"))
        }
        if any(_lacks_groups(groups, sizes) for groups, sizes in stated.values()):
            continue
        margins = [
            margin
            for name, (groups, sizes) in stated.items()
            if (
                margin := _fit(
                    groups,
                    sizes,
                    _count(here, name, "completed"),
                    pools[str(wave), str(level), str(breakdown), name],
                )
            )
            is not None
        ]
        if margins:
            rows.append({"period": wave, "breakdown": breakdown} | _row(said["score"], margins))
    add_results(connection, pd.DataFrame(rows).assign(metric="weighted_item_score", dimension="all", segment="all"))


@dataclass(frozen=True)
class _Margin:
    """One dimension as raking needs it: everybody's group, and share and people of each group on the roster."""

    groups: npt.NDArray[np.intp]
    shares: Array
    populations: Array


def _scores(answers: pd.DataFrame) -> pd.DataFrame:
    """One row per respondent and item, and per respondent and construct: wave, respondent, level, breakdown, score."""
    own = answers.dropna(subset="construct").groupby(["wave", "respondent", "construct"])["score"].mean().reset_index()
    asked = answers[answers["kind"] == "likert"].rename(columns={"item_id": "breakdown"})
    both = [asked.assign(level="item"), own.rename(columns={"construct": "breakdown"}).assign(level="construct")]
    return pd.concat([part[["wave", "respondent", "level", "breakdown", "score"]] for part in both], ignore_index=True)


def _count(groups: pd.DataFrame, dimension: str, counted: str) -> dict[str, int]:
    part = groups[groups["dimension"] == dimension]
    return {str(name): int(count) for name, count in zip(part["segment"], part[counted], strict=True)}


def _is_stated(stated: pd.Series, roster: Mapping[str, int]) -> bool:
    """Whether most respondents placed themselves in a group of this dimension that the roster knows."""
    return bool(stated.isin(list(roster)).mean() >= FEWEST_STATED)


def _lacks_groups(stated: pd.Series, roster: Mapping[str, int]) -> bool:
    """Whether groups that nobody said hold more than MOST_ABSENT of the roster."""
    here = set(stated.cat.remove_unused_categories().cat.categories)
    absent = sum(size for name, size in roster.items() if name not in here)
    return absent > MOST_ABSENT * sum(roster.values())


def _fit(
    stated: pd.Series, roster: Mapping[str, int], completed: Mapping[str, int], pool: Collection[str]
) -> _Margin | None:
    """A dimension, as the category each respondent stated, with small groups pooled; None where it cannot be fitted to the roster.

    The population of a group of which more completed the wave than the roster holds is unknown.

    Who said no group, or one that the roster does not know, is a group of its own and keeps its share.
    """
    stands_for = [NOT_STATED, *(str(name) if str(name) in roster else NOT_STATED for name in stated.cat.categories)]
    codes = stated.cat.codes.to_numpy() + 1
    sizes = dict.fromkeys(stands_for, 0)
    for name, size in zip(stands_for, np.bincount(codes, minlength=len(stands_for)), strict=True):
        sizes[name] += int(size)
    if not sum(roster.values()):
        return None
    pooled = [POOL if name in pool else name for name in stands_for]
    names = sorted({group for name, group in zip(stands_for, pooled, strict=True) if sizes[name]})
    known = [name for name in names if name != NOT_STATED]
    if len(known) < 2:
        return None
    parts = {name: pool if name == POOL else (name,) for name in known}
    counts = {name: float(sum(roster.get(part, 0) for part in parts[name])) for name in known}
    populations = {
        name: counts[name] if sum(completed.get(part, 0) for part in parts[name]) <= counts[name] else np.nan
        for name in known
    }
    share_known = 1 - sizes[NOT_STATED] / len(stated)
    shares = [
        share_known * counts[name] / sum(counts.values()) if name in counts else 1 - share_known for name in names
    ]
    places = {name: place for place, name in enumerate(names)}
    groups = np.array([places.get(group, 0) for group in pooled], dtype=np.intp)[codes]
    return _Margin(groups, np.array(shares), np.array([populations.get(name, np.nan) for name in names]))


def _row(scores: pd.Series, margins: Sequence[_Margin]) -> dict[str, object]:
    weights = rake([margin.groups for margin in margins], [margin.shares for margin in margins])
    row: dict[str, object] = {"people": len(scores), "denominator": float(len(scores))}
    if weights is None or weights.max() > HIGHEST_WEIGHT:
        return row | {"denominator": None, "status": "no data"}
    found = weighted_mean(scores, weights, [margin.groups for margin in margins], margins[0].populations)
    margin = margin_of(found.error, found.freedom)
    return row | {
        "value": found.mean,
        "low": max(found.mean - margin, 0.0),
        "high": min(found.mean + margin, 100.0),
        "status": "final",
    }


def _residuals(y: Array, w: Array, memberships: Sequence[npt.NDArray[np.intp]]) -> Array:
    """What the margins do not explain of the scores: residuals of a weighted least-squares fit on all groups."""
    columns = [groups[:, None] == np.arange(groups.max() + 1) for groups in memberships]
    design = np.hstack(columns).astype(float)
    root = np.sqrt(w)
    fitted, *_ = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)
    return np.asarray(y - design @ fitted)
