"""Published answers about surveys: scores, margins, weights, reliability and drivers, each computed anew by Hearth."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from statsmodels.stats.outliers_influence import variance_inflation_factor

from docs.verification import Row
from docs.verification.homes import Survey, published, shown
from metrics.association import regress, weigh_drivers
from metrics.benchmarks import find_peers
from metrics.reliability import cronbach_alpha
from metrics.statistics import find_index, margin_of, nps_standard_error, round_half_up, share_margin
from metrics.weighting import weighted_mean

FEVS_PARTS = {
    "intrinsic": ("Q2", "Q3", "Q4", "Q6", "Q7"),
    "leaders": ("Q57", "Q58", "Q59", "Q61", "Q62"),
    "supervisors": ("Q48", "Q50", "Q51", "Q52", "Q54"),
}
FEVS = {  # invited, response rate and index in percent, parts
    "2023": (4721, 46.1, 77.156, (76.947, 70.097, 84.423)),
    "2024": (5066, 48.8, 74.253, (73.902, 65.960, 82.895)),
    "2025": (5381, 56.9, 76.076, (75.984, 68.547, 83.696)),
}
SWISS = ("Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality")
SWISS_LMG = (0.0570912207681, 0.1711730289002, 0.2601346786244, 0.1055701503735, 0.1127659229265)
SWISS_SHARES = (0.0807816517357, 0.2422025632160, 0.3680795178364, 0.1493772773891, 0.1595589898228)
SWISS_WEIGHTED = (0.0518208063017, 0.1549452302086, 0.2559770835712, 0.1019573530969, 0.1296324182449)
SWISS_SLOPES = (-0.312921282500, -0.164778222539, -0.670400780106, 0.347600028144, 0.251135976299)
ATTITUDE = ("complaints", "privileges", "learning", "raises", "critical", "advance")
ATTITUDE_SLOPES = (0.61319, -0.07305, 0.32033, 0.08173, 0.03838, -0.21706)
ATTITUDE_ERRORS = (0.16098, 0.13572, 0.16852, 0.22148, 0.14700, 0.17821)
ATTITUDE_VIF = (2.667060, 1.600891, 2.271043, 3.078226, 1.228109, 1.951591)
ATTITUDE_LMG = (0.3708, 0.0509, 0.1558, 0.1203, 0.0066, 0.0282)
BFI_ALPHAS = {
    "agree": 0.7030,
    "conscientious": 0.7267,
    "extraversion": 0.7617,
    "neuroticism": 0.8140,
    "openness": 0.6002,
}
STRATA = {"E": 4421, "H": 755, "M": 1018}


def verify(reference: Path) -> list[Row]:
    """Every row of the survey family, in the order of the page."""
    steps = (
        verify_technical_guide, verify_organisations, verify_federal_employees, verify_schools, verify_recommending,
        verify_personality, verify_clerks, verify_swiss,
    )  # fmt: skip
    rows = [row for step in steps for row in step(reference)]
    return [replace(row, source="computed elsewhere") if _was_never_printed(row) else row for row in rows]


def _was_never_printed(row: Row) -> bool:
    """Whether the known number comes with the reference data, computed by other code, and nobody published it."""
    return (
        row.data == "fevs-sample-3fy"
        or (row.data == "nps-examples" and row.how == "by show")
        or (row.data == "psych-bfi" and row.digits == 4)
        or (row.data == "survey-api-stratified" and row.metric == "item_score")
        or (row.data == "attitude-clerical" and (row.metric, row.formula) in _NOT_IN_THE_TABLE)
    )


_NOT_IN_THE_TABLE = {("driver_weights", "LMG part of R squared"), ("scale_reliability", "Cronbach's alpha, raw")}


def verify_technical_guide(reference: Path) -> Iterator[Row]:
    """The worked examples of the Civil Service People Survey's technical guide."""
    file = reference / "csps-technical-guide-examples" / "cases.json"
    cases = {case["id"]: case for case in json.loads(file.read_text(encoding="utf-8"))["cases"]}
    data = "csps-technical-guide-examples"
    alone, group = cases["engagement_respondent"], cases["engagement_group"]
    scores = [[float(alone["scale"][answer]) for answer in alone["answers"]]]
    mean = "mean of respondents' own means"
    yield Row(
        "engagement_index",
        "wave",
        mean,
        data,
        "one respondent",
        "by function",
        find_index(scores).mean,
        alone["expected"],
        0,
    )
    whole = find_index([[float(score)] for score in group["respondent_scores"]])
    yield Row("engagement_index", "wave", mean, data, "group of ten", "by function", whole.mean, group["expected"], 0)
    two = cases["index_vs_positive"]
    for organisation, percents in two["distribution_percent"].items():
        index = float(np.average([100, 75, 50, 25, 0], weights=percents))
        yield Row("item_score", "wave", "(x - min)/(max - min) x 100, mean", data, f"organisation {organisation}", "by function",
                  round_half_up(index), two["expected_index"][organisation], 0)  # fmt: skip
    for case in cases["margin_of_error_fpc"]["groups"]:
        margin = 100 * float(share_margin(case["positive"] / 100, case["responses"], case["headcount"]))
        yield Row("favourable", "wave", "1.96 sqrt(p(1 - p)/n) sqrt((N - n)/(N - 1))", data, f"margin of group {case['name']}",
                  "by function", margin, case["moe"], 0)  # fmt: skip


def verify_organisations(reference: Path) -> Iterator[Row]:
    """The published benchmark of a measure is the median of the organisations."""
    folder = reference / "csps-orgs-2009-2014"
    scores = pd.read_csv(folder / "organisation_scores_long.csv.gz")
    medians = pd.read_csv(folder / "published_benchmarks.csv")
    medians = medians[(medians["kind"] == "median_benchmark") & medians["year"].isin([2010, 2011, 2012, 2014])]
    equal = 0
    for row in medians.itertuples():
        here = scores[(scores["year"] == row.year) & (scores["measure"] == row.measure)]["value"]
        peers = find_peers(here)
        equal += peers is not None and peers.median == row.value
        if peers is not None and row.measure == "Employee engagement index":
            yield Row("engagement_index", "wave", "median of the units", "csps-orgs-2009-2014", f"benchmark {row.year}",
                      "by function", peers.median, float(str(row.value)), 0)  # fmt: skip
    yield Row("benchmark of peers", "wave", "median of the units", "csps-orgs-2009-2014", "benchmarks reproduced exactly",
              "by function", float(equal), 308.0, 0)  # fmt: skip


def verify_federal_employees(reference: Path) -> Iterator[Row]:
    """Three years of one survey: rates, parts of the index and the index."""
    data = "fevs-sample-3fy"
    every = pd.read_csv(reference / data / "fevs_sample_3fy.csv.gz")
    asked = [question for part in FEVS_PARTS.values() for question in part]
    items = [
        _likert(question, 1, 5, construct=part) for part, questions in FEVS_PARTS.items() for question in questions
    ]
    surveys = [
        Survey(
            every[every["FY"] == int(year)][["Response.ID", *asked]].rename(columns={"Response.ID": "respondent_id"}),
            items,
            {"wave": year, "opened": f"{year}-03-01", "closed": f"{year}-03-31", "invited": invited},
        )
        for year, (invited, *_) in FEVS.items()
    ]
    with published(surveys) as snapshot:
        for year, (_, rate, index, parts) in FEVS.items():
            found = snapshot.results("favourable", segment="all")
            found = found[found["period"] == year].set_index("breakdown")["value"]
            responses = snapshot.results("survey_response", segment="all").set_index("period")["value"]
            yield Row(
                "survey_response", "wave", "answered / invited", data, year, "by show", 100 * responses[year], rate, 1
            )
            ours = [100 * float(found[part]) for part in FEVS_PARTS]
            for part, value, expected in zip(FEVS_PARTS, ours, parts, strict=True):
                yield Row(
                    "favourable",
                    "wave",
                    "mean of the items' shares",
                    data,
                    f"{part} {year}",
                    "by show",
                    value,
                    expected,
                    3,
                )
            yield Row(
                "favourable",
                "wave",
                "mean of the three parts",
                data,
                f"index {year}",
                "by show",
                sum(ours) / 3,
                index,
                3,
            )


def verify_schools(reference: Path) -> Iterator[Row]:
    """Schools as respondents of strata known from the roster: the published stratified mean and its standard error."""
    data = "survey-api-stratified"
    strata, simple = (pd.read_csv(reference / data / f"{name}.csv") for name in ("apistrat", "apisrs"))
    items = [_likert("api00", 0, 1000)]
    roster = [
        {"member_id": f"{level}{number}", "level": level} for level, count in STRATA.items() for number in range(count)
    ]
    answers = strata[["stype", "api00"]].rename(columns={"stype": "level"}).rename_axis("respondent_id").reset_index()
    with published([Survey(answers, items)], members=roster, dimensions=["level"]) as snapshot:
        row = shown(snapshot, "weighted_item_score", "api00")
    groups = strata["stype"].map({name: place for place, name in enumerate(STRATA)}).to_numpy(dtype=np.intp)
    found = weighted_mean(strata["api00"], strata["pw"], [groups], list(STRATA.values()))
    error = 10 * (row["high"] - row["value"]) / margin_of(1.0, found.freedom)
    formula = "sum W mean; sqrt(sum W^2 s^2/n (1 - n/N))"
    yield Row("weighted_item_score", "wave", formula, data, "mean", "by show", 10 * row["value"], 662.29, 2)
    yield Row("weighted_item_score", "wave", formula, data, "standard error", "by show", error, 9.4089, 4)
    yield Row("weighted_item_score", "wave", formula, data, "standard error", "by function", found.error, 9.4089, 4)
    answers = simple[["api00"]].rename_axis("respondent_id").reset_index()
    with published([Survey(answers, items, {"invited": sum(STRATA.values())})]) as snapshot:
        row = shown(snapshot, "item_score", "api00")
    error = 10 * (row["high"] - row["value"]) / margin_of(1.0, len(simple) - 1)
    formula = "mean; s/sqrt(n) sqrt(1 - n/N)"
    yield Row(
        "item_score", "wave", formula, data, "mean of the simple sample", "by show", 10 * row["value"], 656.585, 3
    )
    yield Row("item_score", "wave", formula, data, "its standard error", "by show", error, 9.2497, 4)


def verify_recommending(reference: Path) -> Iterator[Row]:
    """A thousand answers from 0 to 10, in all and by unit, and the variance of a worked example."""
    data = "nps-examples"
    rows = pd.read_csv(reference / data / "nps_testdata.csv", encoding="utf-8-sig", usecols=["REC", "BU"])
    answers = rows.rename(columns={"REC": "recommend", "BU": "unit"}).rename_axis("respondent_id").reset_index()
    items = [{"column": "recommend", "item_id": "recommend", "wording": "recommend", "kind": "nps"}]
    with published([Survey(answers, items, {"invited": 1_000_000})], dimensions=["unit"]) as snapshot:
        whole = shown(snapshot, "nps")
        units = snapshot.results("nps", dimension="unit", breakdown="all").set_index("segment")["value"]
    formula = "share of 9 and 10 - share of 0 to 6"
    yield Row("nps", "wave", formula, data, "all", "by show", whole["value"], 10.0, 1)
    error = (whole["high"] - whole["value"]) / 1.96
    yield Row("nps", "wave", "sqrt((p + d - (p - d)^2)/n)", data, "standard error", "by show", error, 2.85, 2)
    for unit, expected in {"Apples": 14.8, "Bananas": 9.6, "Berries": 8.0, "Oranges": 7.6}.items():
        yield Row("nps", "wave", formula, data, unit, "by show", float(units[unit]), expected, 1)
    example = 100 * float(nps_standard_error(1 / 2, 1 / 6, 324))
    yield Row("nps", "wave", "sqrt((p + d - (p - d)^2)/n)", data, "whuber, n 324", "by function", example, 4.1, 1)


def verify_personality(reference: Path) -> Iterator[Row]:
    """Five scales with reversed items, and what comes out when nothing is turned."""
    data = "psych-bfi"
    every = pd.read_csv(reference / data / "bfi.csv")
    keys = json.loads((reference / data / "scale_keys.json").read_text(encoding="utf-8"))
    items = [
        _likert(item.lstrip("-"), 1, 6, construct=scale, reverse="yes" if item.startswith("-") else "no")
        for scale, names in keys.items()
        for item in names
    ]
    names = [str(item["column"]) for item in items]
    with published([Survey(every[["respondent_id", *names]], items)]) as snapshot:
        for scale, expected in BFI_ALPHAS.items():
            alpha = shown(snapshot, "scale_reliability", scale)["value"]
            yield Row("scale_reliability", "wave", "Cronbach's alpha, raw", data, scale, "by show", alpha, expected, 4)
            if scale == "agree":
                yield Row("scale_reliability", "wave", "Cronbach's alpha, raw", data, scale, "by show", alpha, 0.70, 2)
    unturned = cronbach_alpha(every[names])
    yield Row(
        "scale_reliability",
        "wave",
        "Cronbach's alpha, raw",
        data,
        "all 25 items, none turned",
        "by function",
        unturned,
        0.53,
        2,
    )


def verify_clerks(reference: Path) -> Iterator[Row]:
    """The regression table of the attitude survey, and its Shapley shares."""
    data = "attitude-clerical"
    every = pd.read_csv(reference / data / "attitude.csv")
    items = [
        _likert(name, 0, 100, construct="attitude", outcome="yes" if name == "rating" else "no")
        for name in ("rating", *ATTITUDE)
    ]
    answers = every.rename(columns={"department": "respondent_id"})
    with published([Survey(answers, items, {"invited": 1000})]) as snapshot:
        alpha = shown(snapshot, "scale_reliability", "attitude")["value"]
        weights = {name: shown(snapshot, "driver_weights", name) for name in ATTITUDE}
        slopes = {name: shown(snapshot, "driver_slopes", name)["value"] for name in ATTITUDE}
    yield Row("scale_reliability", "wave", "Cronbach's alpha, raw", data, "seven columns", "by show", alpha, 0.843, 3)
    for name, expected in zip(ATTITUDE, ATTITUDE_LMG, strict=True):
        yield Row(
            "driver_weights",
            "wave",
            "LMG part of R squared",
            data,
            name,
            "by show",
            weights[name]["numerator"],
            expected,
            4,
        )
    squared = weights["complaints"]["denominator"]
    yield Row("driver_weights", "wave", "R squared", data, "all six", "by show", squared, 0.7326, 4)
    for name, expected in zip(ATTITUDE, ATTITUDE_SLOPES, strict=True):
        ours = slopes[name] * every["rating"].std() / every[name].std()
        yield Row(
            "driver_slopes", "wave", "least squares, in the units of the file", data, name, "by show", ours, expected, 5
        )
    fit = regress(every["rating"], every[list(ATTITUDE)])
    for name, ours, expected in zip(ATTITUDE, fit.bse[1:], ATTITUDE_ERRORS, strict=True):
        yield Row("driver_slopes", "wave", "standard error", data, name, "by function", float(ours), expected, 5)
    yield Row("driver_slopes", "wave", "F on 6 and 23", data, "all six", "by function", float(fit.fvalue), 10.5, 1)
    for place, (name, expected) in enumerate(zip(ATTITUDE, ATTITUDE_VIF, strict=True), start=1):
        ours = float(variance_inflation_factor(fit.model.exog, place))
        yield Row("driver_slopes", "wave", "variance inflation", data, name, "by function", ours, expected, 6)


def verify_swiss(reference: Path) -> Iterator[Row]:
    """LMG shares and slopes of R's relaimpo, unweighted through a survey and weighted by function."""
    data = "drivers-swiss"
    every = pd.read_csv(reference / data / "swiss.csv")
    items = [_likert(name, 0, 100, outcome="yes" if name == "Fertility" else "no") for name in ("Fertility", *SWISS)]
    answers = every.rename(columns={"province": "respondent_id"})
    with published([Survey(answers, items, {"invited": 1000})]) as snapshot:
        weights = [shown(snapshot, "driver_weights", name) for name in SWISS]
        slopes = [shown(snapshot, "driver_slopes", name)["value"] for name in SWISS]
    for name, row, part, share in zip(SWISS, weights, SWISS_LMG, SWISS_SHARES, strict=True):
        yield Row("driver_weights", "wave", "LMG part of R squared", data, name, "by show", row["numerator"], part, 10)
        yield Row("driver_weights", "wave", "LMG share", data, name, "by show", row["value"], share, 10)
    yield Row(
        "driver_weights",
        "wave",
        "R squared",
        data,
        "all five",
        "by show",
        weights[0]["denominator"],
        0.706735001593,
        10,
    )
    for name, slope, expected in zip(SWISS, slopes, SWISS_SLOPES, strict=True):
        yield Row("driver_slopes", "wave", "standardised least squares", data, name, "by show", slope, expected, 10)
    counted = 1 + np.arange(1, len(every) + 1) % 3
    parts, squared = weigh_drivers(every["Fertility"], every[list(SWISS)], counted)
    for name, part, expected in zip(SWISS, parts, SWISS_WEIGHTED, strict=True):
        yield Row("driver_weights", "wave", "LMG, weighted", data, name, "by function", float(part), expected, 10)
    yield Row(
        "driver_weights", "wave", "R squared, weighted", data, "all five", "by function", squared, 0.694332891423, 10
    )


def _likert(column: str, low: int, high: int, **more: object) -> Mapping[str, object]:
    named = {
        "column": column,
        "item_id": column,
        "wording": column,
        "kind": "likert",
        "scale_min": low,
        "scale_max": high,
    }
    return named | {"construct": "", "reverse": "no", "outcome": "no"} | more
