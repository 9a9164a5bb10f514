"""Instrument health: whether the questions of a scale belong together, and whether people answered or only clicked."""

from collections.abc import Iterator
from math import nan

import duckdb
import numpy as np
import pandas as pd
from scipy import stats

from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.statistics import Numbers
from metrics.survey_frames import add_results, lay_out_scores

FEWEST_FOR_ALPHA = 20
FEWEST_SAME = 5

RELIABILITY_CARDS = (
    Metric(
        name="scale_reliability",
        title="Questions of a scale agree",
        question="Do the questions of a scale measure one thing?",
        formula="Cronbach's alpha: k/(k - 1) x (1 - sum of the items' variances / sum of all their covariances), reversed items turned, covariances over those who answered both",
        unit=Unit.ALPHA,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="construct",
        reading="From 0.7 the score of the scale can be used for groups; below 0.5 read its questions one by one; above 0.95 some say the same twice.",
        reference="Cronbach 1951, raw alpha as in R's psych package; 95 % margins by Feldt 1965.",
        caveats=f"From two questions and {FEWEST_FOR_ALPHA} respondents. A reversed question that is not marked as reversed pulls it down: all 25 items of the bfi data give 0.53 without turning. Alpha rises with the number of questions; it does not say what they measure.",
        practices=("regular-evaluation",),
    ),
    Metric(
        name="item_nonresponse",
        title="Left blank",
        question="Which questions did people leave blank?",
        formula="respondents who gave no answer to the item, “not applicable” being one / respondents",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Above 0.1 a question may be unclear or feel unsafe.",
        reference="FEVS technical report, item non-response.",
        caveats="Only items on a scale. A question that was put to some only looks left blank by the others.",
        practices=("regular-evaluation",),
    ),
    Metric(
        name="straight_lining",
        title="The same answer throughout",
        question="How many gave the same answer to everything?",
        formula=f"respondents with one and the same code on all of their answers / respondents with {FEWEST_SAME} answers or more on the wave's most frequent scale",
        unit=Unit.SHARE,
        better=Better.LOWER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        reading="A few are honest; more than 0.1 asks for a shorter survey.",
        reference="Kim and others 2019, straight-lining in web surveys: no variation.",
        caveats="Codes as answered, before reversing: where a reversed question is among them, the same code is no consistent opinion. Without one, it may be.",
        practices=("regular-evaluation",),
    ),
    Metric(
        name="ceiling",
        title="At the top of the scale",
        question="Which questions have no room to rise?",
        formula="answers at the most favourable end of the scale / answers with a code",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="item",
        reading="Above 0.6 the question cannot show an improvement any more.",
        reference="Ceiling effect; 15 % is the usual flag for scales, a single question may bear more.",
        caveats="High is good news for the community and bad news for the question.",
        practices=("regular-evaluation",),
    ),
)


def cronbach_alpha(scores: Numbers) -> float:
    """Raw alpha of respondents x items, nan where unanswered: covariances over those who answered both, as in R's psych.

    nan for a single item, or where nothing varies.
    """
    frame = pd.DataFrame(np.asarray(scores, dtype=float))
    items = frame.shape[1]
    covariances = frame.cov().to_numpy()
    total = float(covariances.sum())
    if items < 2 or np.isnan(total) or total <= 0:
        return nan
    return items / (items - 1) * (1 - float(np.trace(covariances)) / total)


def alpha_limits(alpha: float, n: int, items: int) -> tuple[float, float]:
    """The 95 % interval of alpha by Feldt 1965, from the F distribution."""
    freedom = (n - 1, (n - 1) * (items - 1))
    low = 1 - (1 - alpha) * float(stats.f.ppf(0.975, *freedom))
    high = 1 - (1 - alpha) * float(stats.f.ppf(0.025, *freedom))
    return low, high


def measure_reliability(connection: duckdb.DuckDBPyConnection, answers: pd.DataFrame) -> None:
    """Add the health of every closed wave's instrument, over the whole community, from `read_answers`."""
    skipped = connection.execute(
        """select answers.wave, answers.item_id, count(*) as skipped
           from answers
           join survey_completed using (wave, respondent)
           where not_applicable
           group by all"""
    ).df()
    asked = connection.execute("select wave, item_id from survey_items where kind in ('likert', 'nps')").df()
    ends = connection.execute("select item_id, scale_min, scale_max, reverse from items").df().set_index("item_id")
    rows: list[dict[str, object]] = []
    for wave, said in answers.groupby("wave"):
        likert = said[said["kind"] == "likert"]
        people = said["respondent"].nunique()
        beside = skipped[skipped["wave"] == wave].set_index("item_id")["skipped"]
        items = asked.loc[asked["wave"] == wave, "item_id"]
        found = [*_alphas(likert), *_item_health(said, items, people, beside), *_same_answers(likert, ends)]
        rows += [row | {"period": wave} for row in found]
    add_results(connection, pd.DataFrame(rows).assign(dimension="all", segment="all"))


def _alphas(likert: pd.DataFrame) -> Iterator[dict[str, object]]:
    named = likert.dropna(subset="construct")
    for construct, part in named.groupby("construct"):
        wide = lay_out_scores(part, sorted(part["item_id"].unique()))
        least = int(wide.notna().sum().min())
        if wide.shape[1] < 2:
            continue
        row: dict[str, object] = {"metric": "scale_reliability", "breakdown": construct, "people": least}
        alpha = cronbach_alpha(wide) if least >= FEWEST_FOR_ALPHA else nan
        if np.isnan(alpha):
            yield row | {"status": "no data"}
            continue
        low, high = alpha_limits(alpha, least, wide.shape[1])
        yield row | {"value": alpha, "low": low, "high": high, "status": "final"}


def _item_health(said: pd.DataFrame, items: pd.Series, people: int, skipped: pd.Series) -> Iterator[dict[str, object]]:
    for item in items:
        scores = said.loc[said["item_id"] == item, "score"]
        blank = people - len(scores) - int(skipped.get(item, 0))
        top = int((scores == 100).sum())
        for metric, count, of in (("item_nonresponse", blank, people), ("ceiling", top, len(scores))):
            if not of:
                continue
            yield {
                "metric": metric,
                "breakdown": item,
                "value": count / of,
                "numerator": count,
                "denominator": of,
                "people": of,
                "status": "final",
            }


def _same_answers(likert: pd.DataFrame, ends: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Over the items of the scale that most items have, so that a 4 means the same on all of them."""
    scales = ends.loc[sorted(likert["item_id"].unique()), ["scale_min", "scale_max"]]
    if scales.empty:
        return
    (low, high) = scales.value_counts().index[0]
    alike = scales.index[(scales["scale_min"] == low) & (scales["scale_max"] == high)]
    own = likert[likert["item_id"].isin(alike)].groupby("respondent")["code"].agg(["count", "nunique"])
    enough = own[own["count"] >= FEWEST_SAME]
    if len(enough):
        same = int((enough["nunique"] == 1).sum())
        yield {
            "metric": "straight_lining",
            "breakdown": "all",
            "value": same / len(enough),
            "numerator": same,
            "denominator": len(enough),
            "people": len(enough),
            "status": "final",
        }
