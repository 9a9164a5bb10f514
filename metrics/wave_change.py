"""Changes between waves: the difference of unrounded values, tested, and called only what the test allows."""

import duckdb
import numpy as np
import pandas as pd

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.statistics import (
    MINIMUM,
    Z,
    compare_means,
    compare_shares,
    difference_margin,
    mean_standard_error,
    nps_standard_error,
    share_standard_error,
)
from metrics.survey_counts import read_counts
from metrics.survey_frames import add_results, judge_together

WAVE_CHANGE_CARDS = (
    Metric(
        name="wave_change",
        title="Change since the last wave",
        question="What changed since the last wave, beyond chance?",
        formula="this wave minus the closed wave before of the same instrument, same questions only, from unrounded values",
        unit=Unit.POINTS,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="measure:item or construct, measure being favourable, score, index or nps",
        reading="In points. Improved or declined only where the difference is beyond chance; “not tested” where too few answered.",
        reference="CSPS technical guide: z test for shares, t test for scores, 30 answers for a question, 20 for a theme, 10 for an index.",
        caveats="Where one wave has more than five comparisons by one dimension, false discoveries among them are held at 10 % (Benjamini-Hochberg). A construct or the index is compared only where both waves asked all the same questions of it. Other people may have answered: a change is not yet a change of minds.",
        practices=("track-over-time",),
    ),
)

# What has to be equal for two numbers to be about the same thing; `items` are the questions that were asked.
_KEY = ["dimension", "segment", "level", "breakdown", "items"]


def measure_wave_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the changes of every closed wave to the temp table `survey_results`. Needs the tables of `measure_surveys`.

    value, low and high are in points (shares times 100); people are the fewer of the two waves' people;
    p is the two-sided test's, nan where it is not tested.
    """
    paired = _pair(connection)
    if paired.empty:
        return
    items, constructs, index = (paired[paired["level"] == level] for level in ("item", "construct", "index"))
    scales, recommended = items[items["kind"] != "nps"], items[items["kind"] == "nps"]
    parts = [
        _share_changes(scales),
        _mean_changes(constructs, "favourable", "share", "share_deviation", 100),
        _mean_changes(scales, "score", "mean", "deviation", 1),
        _mean_changes(constructs, "score", "mean", "deviation", 1),
        _mean_changes(index, "index", "mean", "deviation", 1),
        _nps_changes(recommended),
    ]
    changes = pd.concat([part for part in parts if not part.empty], ignore_index=True).dropna(subset="value")
    if changes.empty:
        return
    judged = pd.concat(
        [judge_together(page) for _, page in changes.groupby(["period", "dimension"])], ignore_index=True
    )
    add_results(connection, judged)


def _pair(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The counts of every closed wave beside those of the closed wave before it (`…_before`)."""
    counts = read_counts(connection)
    pairs = connection.execute(
        "select wave, previous from survey_waves where closed_on is not null and previous is not null"
    ).df()
    before = counts.rename(columns={"wave": "previous"})
    return counts.merge(pairs, on="wave").merge(before, on=["previous", *_KEY], suffixes=("", "_before"))


def _share_changes(paired: pd.DataFrame) -> pd.DataFrame:
    now, before = paired["favourable"] / paired["n"], paired["favourable_before"] / paired["n_before"]
    error = share_standard_error(now, paired["n"], paired["population"])
    error_before = share_standard_error(before, paired["n_before"], paired["population_before"])
    p = compare_shares(now - before, error, error_before)
    return _rows(paired, "favourable", 100 * (now - before), 100 * Z * np.hypot(error, error_before), p)


def _mean_changes(paired: pd.DataFrame, measure: str, mean: str, deviation: str, factor: float) -> pd.DataFrame:
    difference = paired[mean] - paired[f"{mean}_before"]
    error = mean_standard_error(paired[deviation], paired["n"], paired["population"])
    error_before = mean_standard_error(paired[f"{deviation}_before"], paired["n_before"], paired["population_before"])
    p, _ = compare_means(difference, error, paired["n"], error_before, paired["n_before"])
    margin = difference_margin(error, paired["n"], error_before, paired["n_before"])
    return _rows(paired, measure, factor * difference, factor * margin, p)


def _nps_changes(paired: pd.DataFrame) -> pd.DataFrame:
    shares = [
        (paired[f"promoters{when}"] / paired[f"n{when}"], paired[f"detractors{when}"] / paired[f"n{when}"])
        for when in ("", "_before")
    ]
    errors = [
        nps_standard_error(*share, paired[f"n{when}"], paired[f"population{when}"])
        for share, when in zip(shares, ("", "_before"), strict=True)
    ]
    difference = (shares[0][0] - shares[0][1]) - (shares[1][0] - shares[1][1])
    p = compare_shares(difference, *errors)
    return _rows(paired, "nps", 100 * difference, 100 * Z * np.hypot(*errors), p)


def _rows(paired: pd.DataFrame, measure: str, points: pd.Series, margin: np.ndarray, p: np.ndarray) -> pd.DataFrame:
    is_tested = np.minimum(paired["n"], paired["n_before"]) >= paired["level"].map(MINIMUM).astype(float)
    return pd.DataFrame(
        {
            "metric": "wave_change",
            "grain": "wave",
            "period": paired["wave"],
            "dimension": paired["dimension"],
            "segment": paired["segment"],
            "breakdown": measure + ":" + paired["breakdown"],
            "value": points,
            "people": np.minimum(paired["people"], paired["people_before"]),
            "low": points - margin,
            "high": points + margin,
            "p": np.where(is_tested, p, np.nan),
            "status": "final",
        }
    )
