"""Surveys: what members say, as ratios and margins over the counts of a wave, before the gate.

An open wave gives its response rate and nothing else: a number after each new answer would give that answer
away. Everything is about distinct respondents; answers are never joined to what people did.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.statistics import (
    Z,
    compare_shares,
    is_enough,
    mean_margin,
    nps_standard_error,
    share_margin,
    share_standard_error,
)
from metrics.survey_counts import count_surveys, read_counts, read_responses
from metrics.survey_frames import EMPTY_RESULTS, add_results

_NOT_APPLICABLE = "“Not applicable” and blanks leave numerator and denominator."
_MARGIN = "Margins are 95 %, corrected for the finite number of those invited where it is known."

SURVEY_CARDS = (
    Metric(
        name="survey_response",
        title="Answered the survey",
        question="How many of those invited answered?",
        formula="respondents who submitted at least one scored answer / invited (the roster on the opening day where no number was given)",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="0: nobody; 1: everybody. Three quarters is usual in organisations.",
        reference="Viva Glint and Culture Amp, response or participation rate.",
        caveats="Complete counts, so without a margin. A group's rate is over the roster on the opening day; where more answered than it holds there is none. A high rate does not say that the mix is right.",
        practices=("regular-evaluation", "members-in-evaluation", "check-ins", "gathers-feedback"),
    ),
    Metric(
        name="favourable",
        title="Favourable answers",
        question="What share of those who answered is favourable?",
        formula="answers above 70 on the 0 to 100 scale after reversing, or the codes the item names / answers with a code",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item, construct",
        reading="On five points: agree or strongly agree. On four or six points the upper half; nothing is neutral there.",
        reference="FEVS percent positive; Viva Insights favourable.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN} A construct is the mean of its items' shares, as in FEVS, where a group answered them all; its margin comes from respondents' own shares, because answers of one person go together.",
    ),
    Metric(
        name="neutral",
        title="Neutral answers",
        question="What share of those who answered is undecided?",
        formula="answers from 40 to 70 on the 0 to 100 scale, or the codes the item names / answers with a code",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Favourable, neutral and unfavourable add up to 1.",
        reference="FEVS; Viva Insights.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN}",
    ),
    Metric(
        name="unfavourable",
        title="Unfavourable answers",
        question="What share of those who answered is unfavourable?",
        formula="answers below 40 on the 0 to 100 scale after reversing, or the rest of the codes / answers with a code",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Favourable, neutral and unfavourable add up to 1.",
        reference="FEVS; Viva Insights.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN}",
    ),
    Metric(
        name="item_score",
        title="Item score",
        question="How favourable is the mean answer?",
        formula="mean of (answer - lowest) / (highest - lowest) x 100, reversed items counted from the other end",
        unit=Unit.SCORE,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item, construct",
        reading="0: everybody at the worst end; 100: everybody at the best.",
        reference="Viva Glint score; CSPS index arithmetic.",
        caveats=f"{_NOT_APPLICABLE} {_MARGIN} A mean of 50 can hide two camps. A construct is the mean of respondents' own means.",
        practices=("rates-frequency-feedback",),
    ),
    Metric(
        name="nps",
        title="Would recommend",
        question="Would members recommend the community?",
        formula="share of 9 and 10 minus share of 0 to 6, times 100",
        unit=Unit.NPS,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="-100: all would warn; 0: as many as would recommend; 100: all would recommend.",
        reference="Net promoter score; standard error by whuber (Cross Validated) with the finite population.",
        caveats=f"{_MARGIN} Moves a lot in small groups: a single answer of ten is worth ten points.",
    ),
)

# Columns of a result that numbers have; the others are the same for all of them.
_KEY = ["dimension", "segment", "breakdown"]


def measure_surveys(connection: duckdb.DuckDBPyConnection, dimensions: Sequence[str]) -> None:
    """Temp table `survey_results` (columns of a result) from the tables of `count_surveys`, which it makes.

    Needs the temp table `versions` of the panel and the variable `as_of`.
    """
    count_surveys(connection, dimensions)
    counts = read_counts(connection)
    asked, constructs = counts[counts["level"] == "item"], counts[counts["level"] == "construct"]
    items, recommended = asked[asked["kind"] != "nps"], asked[asked["kind"] == "nps"]
    parts = [
        _measure_responses(read_responses(connection)),
        _measure_shares(items, "favourable").assign(p=_compare_with_others(items)),
        _measure_shares(items, "neutral"),
        _measure_shares(items, "unfavourable"),
        _measure_construct_shares(constructs),
        _measure_means(items, "item_score"),
        _measure_means(constructs, "item_score"),
        _measure_indices(counts[counts["level"] == "index"]),
        _measure_nps(recommended),
    ]
    kept = [part for part in parts if not part.empty] or parts[:1]
    connection.execute(EMPTY_RESULTS)
    add_results(connection, pd.concat(kept, ignore_index=True))


def _measure_responses(responses: pd.DataFrame) -> pd.DataFrame:
    """Rates of everybody who answered, so without a margin; "no data" where more answered than the roster knows."""
    possible = responses["completed"] <= responses["invited"]
    completed = responses["completed"].where(possible)
    return pd.DataFrame(
        {
            "metric": "survey_response",
            "grain": "wave",
            "period": responses["wave"],
            "dimension": responses["dimension"],
            "segment": responses["segment"],
            "breakdown": "all",
            "value": completed / responses["invited"],
            "numerator": completed,
            "denominator": responses["invited"].where(possible),
            "people": responses["invited"],
            "status": np.where(~possible, "no data", np.where(responses["is_closed"], "final", "provisional")),
        }
    )


def _measure_shares(items: pd.DataFrame, name: str) -> pd.DataFrame:
    share = items[name] / items["n"]
    margin = share_margin(share, items["n"], items["population"])
    return _lay_out(items, name, share, margin, (0, 1), numerator=items[name])


def _compare_with_others(items: pd.DataFrame) -> np.ndarray:
    """Two-sided p of each group's favourable share against everybody else's; nan where fewer than 30 answered on either side."""
    whole = items[items["dimension"] == "all"]
    both = items.merge(whole, on=["wave", "breakdown"], how="left", suffixes=("", "_whole"))
    n, favourable, population = (both[f"{name}_whole"] - both[name] for name in ("n", "favourable", "population"))
    share, others = both["favourable"] / both["n"], favourable / n.where(n > 0)
    error = share_standard_error(share, both["n"], both["population"])
    error_of_others = share_standard_error(others, n, population.where(population >= n))
    is_tested = (both["dimension"] != "all") & is_enough(both["n"], "item") & is_enough(n, "item")
    return np.where(is_tested, compare_shares(share - others, error, error_of_others), np.nan)


def _measure_construct_shares(constructs: pd.DataFrame) -> pd.DataFrame:
    margin = mean_margin(constructs["share_deviation"], constructs["n"], constructs["population"])
    return _lay_out(constructs, "favourable", constructs["share"], margin, (0, 1))


def _measure_means(counts: pd.DataFrame, metric: str) -> pd.DataFrame:
    margin = mean_margin(counts["deviation"], counts["n"], counts["population"])
    return _lay_out(counts, metric, counts["mean"], margin, (0, 100), numerator=counts["total"])


def _measure_indices(counts: pd.DataFrame) -> pd.DataFrame:
    """Indices under their own names; a sub-score `index/part` is the breakdown `part`."""
    names = [str(name).partition("/") for name in counts["breakdown"]]
    rows = counts.assign(breakdown=[part or "all" for _, _, part in names])
    return _measure_means(rows, "index").assign(metric=[index for index, _, _ in names])


def _measure_nps(items: pd.DataFrame) -> pd.DataFrame:
    """One row a group and question, and again under `all` where the wave asks one such question."""
    promoters, detractors = items["promoters"] / items["n"], items["detractors"] / items["n"]
    margin = 100 * Z * nps_standard_error(promoters, detractors, items["n"], items["population"])
    balance = items["promoters"] - items["detractors"]
    rows = _lay_out(items, "nps", 100 * balance / items["n"], margin, (-100, 100), numerator=balance)
    is_only = rows.groupby("period")["breakdown"].transform("nunique") == 1
    return pd.concat([rows, rows[is_only].assign(breakdown="all")], ignore_index=True)


def _lay_out(
    counts: pd.DataFrame,
    metric: str,
    value: pd.Series,
    margin: np.ndarray,
    ends: tuple[float, float],
    *,
    numerator: pd.Series | None = None,
) -> pd.DataFrame:
    """Rows of a result with the 95 % margin cut at the ends of the scale; "no data" where there is no value."""
    rows = counts[_KEY].assign(
        metric=metric,
        grain="wave",
        period=counts["wave"],
        value=value,
        numerator=np.nan if numerator is None else numerator,
        denominator=counts["n"].where(value.notna()),
        people=counts["people"],
        low=np.maximum(value - margin, ends[0]),
        high=np.minimum(value + margin, ends[1]),
        status=np.where(value.isna(), "no data", "final"),
    )
    return rows.reset_index(drop=True)
