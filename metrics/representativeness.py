"""Representativeness: whether those who answered are the same mix as the roster, and whether chance would do that too."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.pooling import POOL, find_pool
from metrics.statistics import Array, Numbers, make_generator
from metrics.survey_counts import read_responses
from metrics.survey_frames import add_results

SAMPLES = 1000
DIFFERS_ABOVE = 0.10

REPRESENTATIVENESS_CARDS = (
    Metric(
        name="representativeness",
        title="Mix of those who answered",
        question="Is the mix of those who answered that of the roster?",
        formula="half the sum over the groups of a dimension of |share of respondents - share of roster|, the roster being that of the opening day",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY, Source.ROSTER),
        reading=f"0: the same mix; 0.07: the mix differs by 7 %, so many answers would have to come from other groups. “Expected” is what as many answers drawn by lot give on average. Flagged above {DIFFERS_ABOVE:g} where fewer than 5 % of {SAMPLES:,} random samples differ as much.",
        reference="Dissimilarity index (Duncan and Duncan 1955) of respondents and roster; random samples without replacement, seeded by wave and dimension.",
        caveats="Only the dimensions that the survey asked for. Groups too small to be shown count as one. The same mix by team does not make it the same mix of opinions. Without chance beside it the number misleads: ten equal teams pass 0.10 in 86 % of samples of 36.",
        practices=("inclusivity",),
    ),
)


def mix_difference(respondents: Numbers, roster: Numbers) -> Array:
    """D, 0 to 1: half the sum of the differences of shares. Counts by group in the last axis, in the same order."""
    said, there = np.asarray(respondents, dtype=float), np.asarray(roster, dtype=float)
    shares = said / said.sum(axis=-1, keepdims=True) - there / there.sum(axis=-1, keepdims=True)
    return np.asarray(np.abs(shares).sum(axis=-1) / 2)


def compare_mix_with_chance(respondents: Numbers, roster: Numbers, *key: object) -> tuple[float, float]:
    """What D is on average, and how often it is as large, in random samples of that size; the same for the same key."""
    there = np.asarray(roster, dtype=np.int64)
    n = int(np.asarray(respondents).sum())
    samples = make_generator("representativeness", *key).multivariate_hypergeometric(
        there, n, size=SAMPLES, method="marginals"
    )
    by_chance = mix_difference(samples, there)
    as_large = int((by_chance >= mix_difference(respondents, there) - 1e-12).sum())
    return float(by_chance.mean()), (1 + as_large) / (1 + SAMPLES)


def measure_representativeness(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str], k: int) -> None:
    """Add D of every closed wave and dimension. `k` is the largest threshold of any role."""
    responses = read_responses(connection)
    closed = responses[responses["is_closed"] & responses["dimension"].isin(list(dimensions))]
    rows = [
        {"period": wave, "dimension": dimension} | row
        for (wave, dimension), groups in closed.groupby(["wave", "dimension"])
        if (row := _measure(groups, k, str(wave), str(dimension)))
    ]
    add_results(connection, pd.DataFrame(rows).assign(metric="representativeness", segment="all", breakdown="all"))


def _measure(groups: pd.DataFrame, k: int, wave: str, dimension: str) -> dict[str, object]:
    """One row; empty where nobody answered or only one group is left, "no data" where more answered than are there."""
    pool = find_pool(dict(zip(groups["segment"], groups["invited"], strict=True)), k)
    pooled = groups.assign(group=groups["segment"].where(~groups["segment"].isin(pool), POOL))
    counts = pooled.groupby("group")[["completed", "invited"]].sum()
    people = int(counts["invited"].sum())
    if len(counts) < 2 or counts["completed"].sum() == 0:
        return {}
    if (counts["completed"] > counts["invited"]).any():
        return {"people": people, "status": "no data"}
    expected, p = compare_mix_with_chance(counts["completed"], counts["invited"], wave, dimension)
    return {
        "value": float(mix_difference(counts["completed"], counts["invited"])),
        "denominator": float(counts["completed"].sum()),
        "people": people,
        "expected": expected,
        "p": p,
        "status": "final",
    }
