"""Linked waves: what changed in the same people, where members were told that their answers are linked.

A change between waves mixes changed minds with changed respondents. Where the key of a respondent is the same in both
waves, the pairs say what changed in those who answered both times, and nothing about the others.
"""

import duckdb
import numpy as np
import pandas as pd

from metrics.indices import INDICES
from metrics.metric import Better, Grain, Metric, Source, Unit
from metrics.statistics import (
    MINIMUM,
    Z,
    compare_means,
    compare_pairs,
    mean_margin,
    mean_standard_error,
    paired_share_error,
)
from metrics.survey_frames import add_results, judge_together, read_answers

LINKED_CARDS = (
    Metric(
        name="panel_change",
        title="Change in the same people",
        question="What changed in those who answered both waves?",
        formula="mean over respondents of both waves of (answer now - answer before), favourable as 1 and 0, in points; same questions only",
        unit=Unit.POINTS,
        better=Better.HIGHER,
        grains=(Grain.WAVE,),
        needs=(Source.SURVEY,),
        breakdown="measure:item or construct or index, measure being favourable, score or index",
        reading="In points. Needs waves whose answers are linked; members are told so before they answer.",
        reference="Paired t test for scores, exact McNemar test for favourable.",
        caveats="Those who answer twice are not everybody: newcomers and leavers are in no pair. Without a correction for the finite population. Withheld where those in no pair would be a small group in one of the waves, because the whole less the pairs would give them away. False discoveries of one wave are held at 10 %.",
        practices=("track-over-time",),
    ),
)

_LINKS = """
select now.wave, now.respondent, before.respondent as respondent_before, survey_waves.previous
from survey_waves
join survey_waves as earlier
  on earlier.wave = survey_waves.previous
 and earlier.linked
join survey_respondents as now
  on now.wave = survey_waves.wave
join survey_respondents as before
  on before.wave = survey_waves.previous
 and before.key = now.key
where survey_waves.linked
  and survey_waves.closed_on is not null
"""


def measure_panel_changes(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Add the paired changes of every linked wave. `k` is the largest threshold of any role."""
    links = connection.execute(_LINKS).df()
    if links.empty:
        return
    said = _lay_out(read_answers(connection))
    asked = _sets(connection)
    answered = said.groupby(["wave", "level", "breakdown"]).size().to_dict()
    parts = []
    for (wave, previous), pairs in links.groupby(["wave", "previous"]):
        now, before = said[said["wave"] == wave], said[said["wave"] == previous]
        before = before.rename(columns={name: f"{name}_before" for name in ("respondent", "score", "favourable")})
        both = now.merge(pairs[["respondent", "respondent_before"]], on="respondent").merge(
            before.drop(columns="wave"), on=["respondent_before", "level", "breakdown"]
        )
        same = asked[asked["wave"] == wave].merge(asked[asked["wave"] == previous], on=["level", "breakdown", "items"])
        both = both.merge(same[["level", "breakdown"]], on=["level", "breakdown"])
        changes = [
            _row(pair, str(level), str(breakdown), [answered[side, level, breakdown] for side in (wave, previous)], k)
            for (level, breakdown), pair in both.groupby(["level", "breakdown"])
        ]
        if changes:
            judged = judge_together(pd.concat(changes, ignore_index=True)).drop(columns="level")
            verdicts = judged["verdict"].where(judged["status"] != "withheld", None)
            parts.append(judged.assign(verdict=verdicts, period=str(wave)))
    if parts:
        add_results(
            connection,
            pd.concat(parts, ignore_index=True).assign(metric="panel_change", dimension="all", segment="all"),
        )


def _lay_out(answers: pd.DataFrame) -> pd.DataFrame:
    """Each respondent's score and favourable share of every item, construct and index: wave, respondent, level, breakdown."""
    scored = answers[answers["kind"].isin(["likert", "nps"])].assign(
        favourable=lambda rows: (rows["class"] == "favourable") * 1.0
    )
    items = scored[scored["kind"] == "likert"].assign(level="item", breakdown=lambda rows: rows["item_id"])
    key = ["wave", "respondent", "level", "breakdown"]
    named = scored.dropna(subset="construct").assign(level="construct", breakdown=lambda rows: rows["construct"])
    index = named["construct"].str.split("/").str[0].map(INDICES)
    indices = named.assign(level="index", breakdown=index).dropna(subset="breakdown")
    own = (
        pd.concat([named, indices])
        .groupby(key, as_index=False)
        .agg(score=("score", "mean"), favourable=("favourable", "mean"), answered=("item_id", "count"))
    )
    asked = scored.groupby(["wave", "construct"])["item_id"].nunique().rename("asked").reset_index()
    sizes = (
        pd.concat(
            [
                asked.assign(level="construct", breakdown=asked["construct"]),
                asked.assign(level="index", breakdown=asked["construct"].str.split("/").str[0].map(INDICES)).dropna(),
            ]
        )
        .groupby(["wave", "level", "breakdown"], as_index=False)["asked"]
        .sum()
    )
    whole = own.merge(sizes, on=["wave", "level", "breakdown"])
    whole = whole[whole["answered"] == whole["asked"]]
    return pd.concat([items[[*key, "score", "favourable"]], whole[[*key, "score", "favourable"]]], ignore_index=True)


def _sets(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Which questions a number of a wave is about: wave, level, breakdown, items."""
    return connection.execute(
        "select distinct wave, level, breakdown, items from survey_counts where dimension = 'all'"
    ).df()


def _row(pair: pd.DataFrame, level: str, breakdown: str, answered: list[int], k: int) -> pd.DataFrame:
    """The changes of one item, construct or index; `answered` is how many did in each of the waves."""
    n = len(pair)
    is_hidden = any(0 < everybody - n < k for everybody in answered)
    measures = {"item": ("favourable", "score"), "construct": ("favourable", "score"), "index": ("index",)}[level]
    rows = []
    for measure in measures:
        column, factor = ("favourable", 100) if measure == "favourable" else ("score", 1)
        difference = pair[column] - pair[f"{column}_before"]
        mean, p, margin = _test(difference, is_binary=level == "item" and measure == "favourable")
        is_tested = n >= MINIMUM[level]
        rows.append(
            {
                "level": level,
                "breakdown": f"{measure}:{breakdown}",
                "value": factor * mean,
                "people": n,
                "low": factor * (mean - margin),
                "high": factor * (mean + margin),
                "p": p if is_tested else np.nan,
                "status": "final",
            }
        )
    frame = pd.DataFrame(rows)
    if is_hidden:
        frame[["value", "people", "low", "high", "p"]] = np.nan
        frame["status"] = "withheld"
    return frame


def _test(difference: pd.Series, *, is_binary: bool) -> tuple[float, float, float]:
    """Mean difference of the pairs, its two-sided p and half its 95 % interval."""
    n, mean = len(difference), float(difference.mean())
    if is_binary:
        gained, lost = int((difference > 0).sum()), int((difference < 0).sum())
        return mean, float(compare_pairs(gained, lost)), Z * float(paired_share_error(gained, lost, n))
    deviation = float(difference.std(ddof=1))
    error = mean_standard_error(deviation, n)
    p, _ = compare_means(mean, error, n, 0.0, n)
    return mean, float(p), float(mean_margin(deviation, n))
