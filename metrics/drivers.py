"""Drivers: which questions go together with what a community wants, how surely, and which of them are strong or weak.

What goes together is not a cause. Ranks of correlations move from sample to sample, so each comes with how often it
stays where it is when the respondents are drawn again.
"""

from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from metrics.association import (
    RESAMPLES,
    TOP,
    correlation_limits,
    drop_unknown,
    find_stability,
    linear_correlation,
    rank_correlation,
    regress,
    varies,
    weigh_drivers,
)
from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.survey_frames import add_results, lay_out_scores, read_places

FEWEST = 30
MOST_WEIGHED = 10
HIGH_IMPACT = 0.40
VERY_HIGH_IMPACT = 0.60
FEWEST_ELIGIBLE = 2
NAMED = 3

_OUTCOME = "The outcome is the item that the items file marks as outcome; without one it is each respondent's own engagement index, and its items are no drivers."
_NO_CAUSE = "Going together is not a cause: a question may follow the outcome, or both a third thing."

DRIVER_CARDS = (
    Metric(
        name="drivers",
        title="Goes together with the outcome",
        question="Which questions go together with what we want?",
        formula="Spearman's rank correlation of each item's score with the outcome's, over those who answered both",
        unit=Unit.CORRELATION,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading=f"-1 to 1; from {VERY_HIGH_IMPACT:.2f} very high, from {HIGH_IMPACT:.2f} high, below that low impact. Read it beside how favourable the item is.",
        reference="Viva Glint and TalentMap driver analysis; 95 % margins by Fisher's transformation with the error of Bonett and Wright 2000.",
        caveats=f"{_NO_CAUSE} Needs {FEWEST} who answered both; a smaller group has none, and the community's stands for it. {_OUTCOME}",
        practices=("framing",),
    ),
    Metric(
        name="drivers_linear",
        title="Goes together in a straight line",
        question="Does the outcome rise in step with the answers?",
        formula="Pearson's correlation of each item's score with the outcome's, over those who answered both",
        unit=Unit.CORRELATION,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Beside the rank correlation: where the two differ much, a few answers far from the others carry it.",
        reference="Viva Glint driver analysis; margins by Fisher's transformation.",
        caveats=f"{_NO_CAUSE} Needs {FEWEST} who answered both. {_OUTCOME}",
        practices=("framing",),
    ),
    Metric(
        name="driver_stability",
        title="Stays among the first three",
        question="Would the same questions come first with other respondents?",
        formula=f"share of {RESAMPLES:,} samples drawn from the respondents with replacement in which the item is among the {TOP} highest correlations",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Near 1: a first place to rely on; near a half: a toss-up, so do not call it the first.",
        reference="Bootstrap (Efron 1979) with the seed of the series; ranks as in the whole sample.",
        caveats=f"Only with more than {TOP} drivers and {FEWEST} respondents. {_NO_CAUSE}",
    ),
    Metric(
        name="driver_weights",
        title="Share of what is explained",
        question="How much of the outcome does each question explain beside the others?",
        formula="mean over all orders of the items of what each adds to the R squared of a regression of the outcome (LMG), as a share of the whole R squared",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Shares add up to 1; the numerator is the item's part of R squared, the denominator R squared itself. A small R squared makes large shares of little.",
        reference="Lindeman, Merenda and Gold 1980; gives the published figures of R's relaimpo.",
        caveats=f"{_NO_CAUSE} Up to {MOST_WEIGHED} items, over those who answered all; beyond that only the correlations. Items that say nearly the same share what they explain. {_OUTCOME}",
    ),
    Metric(
        name="driver_slopes",
        title="Slope beside the others",
        question="What does a question add when the others are held?",
        formula="standardised coefficient of each item in a least-squares regression of the outcome on all items, over those who answered all",
        unit=Unit.CORRELATION,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Standard deviations of the outcome for one of the item. A slope against the sign of the correlation is a suppressor: by itself the item goes one way, beside the others the other way.",
        reference="Ordinary least squares of statsmodels, margins by t.",
        caveats=f"{_NO_CAUSE} Moves much where items say nearly the same. Up to {MOST_WEIGHED} items. {_OUTCOME}",
    ),
    Metric(
        name="strengths",
        title="Strengths and opportunities",
        question="Of what matters most, what is strong and what could be better?",
        formula=f"favourable share of the item minus that of the median item among the drivers, in points, for items with a correlation of {HIGH_IMPACT:.2f} or more: up to {NAMED} furthest above and {NAMED} furthest below",
        unit=Unit.POINTS,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="strength or opportunity:item",
        reading="Above 0: a strength to keep; below 0: an opportunity.",
        reference="Viva Glint strengths and opportunities.",
        caveats=f"Beside the other questions of the same wave, so something is always below. None where fewer than {FEWEST_ELIGIBLE} items have a high impact. Not tested. {_NO_CAUSE}",
    ),
)


def measure_drivers(connection: duckdb.DuckDBPyConnection, answers: pd.DataFrame, dimensions: Sequence[str]) -> None:
    """Add the drivers of every closed wave that has an outcome, from `read_answers`."""
    places = read_places(connection)
    marked = connection.execute(
        """select survey_items.wave, first(item_id order by survey_items.position)
           from survey_items
           join items using (item_id)
           where items.outcome
             and survey_items.kind in ('likert', 'nps')
           group by survey_items.wave"""
    ).fetchall()
    shares = connection.execute(
        "select wave, breakdown, share from survey_counts where level = 'item' and dimension = 'all'"
    ).df()
    for wave, said in answers.groupby("wave"):
        outcome, drivers = _choose(said, dict(marked).get(wave))
        if outcome is None or drivers.empty:
            continue
        here = places[(places["wave"] == wave) & places["dimension"].isin(list(dimensions))]
        rows = _correlations(outcome, drivers, here)
        whole = rows[(rows["dimension"] == "all") & (rows["metric"] == "drivers")].set_index("breakdown")["value"]
        parts = [
            rows,
            _stability(outcome, drivers, str(wave)),
            _weights(outcome, drivers),
            _strengths(
                whole, shares[shares["wave"] == wave].set_index("breakdown")["share"].reindex(drivers.columns), rows
            ),
        ]
        for part in parts:
            add_results(connection, part.assign(period=wave))


def _choose(said: pd.DataFrame, marked: str | None) -> tuple[pd.Series | None, pd.DataFrame]:
    """The outcome of each respondent, and the scores of the items that may go with it."""
    items = sorted(said.loc[said["kind"] == "likert", "item_id"].unique())
    if marked is not None and marked in set(said["item_id"]):
        wide = lay_out_scores(said, sorted({*items, marked}))
        return wide[marked], wide[[item for item in items if item != marked]]
    is_engagement = said["construct"].str.split("/").str[0] == "engagement"
    of_index = sorted(said.loc[is_engagement & said["kind"].isin(["likert", "nps"]), "item_id"].unique())
    wide = lay_out_scores(said, sorted({*items, *of_index}))
    if not of_index:
        return None, wide
    return wide[of_index].mean(axis=1, skipna=False), wide.drop(columns=of_index)


def _correlations(outcome: pd.Series, drivers: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Both correlations of every item, for all and for each group; "no data" for a group of fewer than thirty."""
    groups = {("all", "all"): outcome.index}
    for (dimension, segment), part in places.groupby(["dimension", "segment"]):
        groups[str(dimension), str(segment)] = outcome.index.intersection(pd.Index(part["respondent"]))
    rows = []
    for (dimension, segment), who in groups.items():
        for item in drivers:
            x, y = drop_unknown(drivers[item].loc[who], outcome.loc[who])
            if not len(x):
                continue
            key = {"dimension": dimension, "segment": segment, "breakdown": item, "people": len(x)}
            for metric, correlate in (("drivers", rank_correlation), ("drivers_linear", linear_correlation)):
                value = correlate(x, y) if len(x) >= FEWEST else float("nan")
                low, high = correlation_limits(value, len(x), of_ranks=metric == "drivers")
                state = "no data" if np.isnan(value) else "final"
                rows.append(key | {"metric": metric, "value": value, "low": low, "high": high, "status": state})
    columns = ["dimension", "segment", "breakdown", "people", "metric", "value", "low", "high", "status"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float, "low": float, "high": float})


def _stability(outcome: pd.Series, drivers: pd.DataFrame, wave: str) -> pd.DataFrame:
    known = outcome.notna()
    if known.sum() < FEWEST or drivers.shape[1] <= TOP:
        return pd.DataFrame()
    shares = find_stability(outcome[known], drivers[known], wave)
    return pd.DataFrame(
        {
            "metric": "driver_stability",
            "dimension": "all",
            "segment": "all",
            "breakdown": drivers.columns,
            "value": shares,
            "people": drivers[known].notna().sum().to_numpy(),
        }
    )


def _weights(outcome: pd.Series, drivers: pd.DataFrame) -> pd.DataFrame:
    """LMG shares and standardised slopes over those who answered everything."""
    whole = drivers.assign(outcome_of_all=outcome).dropna()
    x, y = whole[drivers.columns], whole["outcome_of_all"]
    if not 2 <= drivers.shape[1] <= MOST_WEIGHED or len(whole) < FEWEST or not all(map(varies, (y, *x.T.to_numpy()))):
        return pd.DataFrame()
    if np.linalg.matrix_rank(x - x.mean()) < x.shape[1]:
        return pd.DataFrame()  # one item is made of the others, so no slope is its own
    parts, squared = weigh_drivers(y, x)
    fit = regress((y - y.mean()) / y.std(), (x - x.mean()) / x.std())
    low, high = fit.conf_int()[1:].T
    key = {"dimension": "all", "segment": "all", "breakdown": list(x), "people": len(whole)}
    weights = pd.DataFrame(
        key | {"metric": "driver_weights", "value": parts / squared, "numerator": parts, "denominator": squared}
    )
    slopes = pd.DataFrame(
        key | {"metric": "driver_slopes", "value": fit.params[1:], "low": low, "high": high, "p": fit.pvalues[1:]}
    )
    return pd.concat([weights, slopes], ignore_index=True)


def _strengths(impact: pd.Series, shares: pd.Series, rows: pd.DataFrame) -> pd.DataFrame:
    """Up to three items above and three below the median item, among those of high impact."""
    gaps = 100 * (shares - shares.median())
    eligible = gaps[gaps.index.isin(impact.index[impact >= HIGH_IMPACT])].dropna()
    if len(eligible) < FEWEST_ELIGIBLE:
        return pd.DataFrame()
    people = rows[(rows["dimension"] == "all") & (rows["metric"] == "drivers")].set_index("breakdown")["people"]
    named = [
        (f"{word}:{item}", gap, people[str(item)])
        for word, part in (
            ("strength", eligible[eligible > 0].sort_values(ascending=False, kind="stable")),
            ("opportunity", eligible[eligible < 0].sort_values(kind="stable")),
        )
        for item, gap in part.head(NAMED).items()
    ]
    frame = pd.DataFrame(named, columns=["breakdown", "value", "people"])
    return frame.assign(metric="strengths", dimension="all", segment="all", verdict="not tested")
