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
    discover,
    judge,
    mean_standard_error,
    nps_standard_error,
    share_standard_error,
)
from metrics.surveys import read_counts

WAVE_CHANGE_CARDS = (
    Metric(
        name="wave_change",
        title="Change since the last wave",
        question="What changed since the last wave, beyond chance?",
        formula="this wave minus the wave before of the same instrument, same questions only, from unrounded values",
        unit=Unit.POINTS,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="measure:item or construct, measure being favourable, score, index or nps",
        reading="In points. Improved or declined only where the difference is beyond chance; “not tested” where too few answered.",
        reference="CSPS technical guide: z test for shares, t test for scores, 30 answers for a question, 20 for a theme, 10 for an index.",
        caveats="More than five comparisons of one group in one wave hold false discoveries at 10 % (Benjamini-Hochberg). Other people may have answered: a change is not yet a change of minds.",
    ),
)

_KEY = ["dimension", "segment", "level", "breakdown"]


def measure_wave_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the changes of every closed wave to the temp table `survey_results`. Needs the tables of `measure_surveys`.

    value, low and high are in points (shares times 100); people are the fewer respondents of the two waves;
    p is the two-sided test's, nan where it is not tested.
    """
    counts = read_counts(connection)
    pairs = connection.execute(
        "select wave, previous from survey_waves where closed_on is not null and previous is not null"
    ).df()
    paired = counts.merge(pairs, on="wave").merge(
        counts, left_on=["previous", *_KEY], right_on=["wave", *_KEY], suffixes=("", "_before")
    )
    if paired.empty:
        return
    is_scale = paired["kind"] != "nps"
    parts = [
        _share_changes(paired[(paired["level"] == "item") & is_scale]),
        _mean_changes(paired[paired["level"] == "construct"], "favourable", "share", "share_deviation", 100),
        _mean_changes(paired[paired["level"].isin(["item", "construct"]) & is_scale], "score", "mean", "deviation", 1),
        _mean_changes(
            paired[paired["level"] == "index"].assign(breakdown="engagement_index"), "index", "mean", "deviation", 1
        ),
        _nps_changes(paired[paired["kind"] == "nps"]),
    ]
    changes = pd.concat([part for part in parts if not part.empty], ignore_index=True)
    judged = pd.concat(
        [_judge(group) for _, group in changes.groupby(["period", "dimension", "segment"])], ignore_index=True
    )
    connection.register("changes_frame", judged)
    connection.execute("insert into survey_results by name select * from changes_frame")
    connection.unregister("changes_frame")


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
    people = np.minimum(paired["n"], paired["n_before"])
    is_tested = people >= paired["level"].map(MINIMUM)
    return pd.DataFrame(
        {
            "metric": "wave_change",
            "grain": "wave",
            "period": paired["wave"],
            "dimension": paired["dimension"],
            "segment": paired["segment"],
            "breakdown": measure + ":" + paired["breakdown"],
            "value": points,
            "people": people,
            "low": points - margin,
            "high": points + margin,
            "p": np.where(is_tested, p, np.nan),
            "status": "final",
        }
    )


def _judge(changes: pd.DataFrame) -> pd.DataFrame:
    found = discover(changes["p"])
    verdicts = [
        str(judge(value, is_beyond_chance=bool(beyond), is_tested=not np.isnan(p), better=Better.HIGHER))
        for value, p, beyond in zip(changes["value"], changes["p"], found, strict=True)
    ]
    return changes.assign(verdict=verdicts)
