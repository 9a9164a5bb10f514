"""Margins, tests and verdicts against published worked examples, typed in and from the reference data."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from data.errors import Refused
from metrics.metric import Better, Verdict
from metrics.statistics import (
    classify,
    compare_mean_with_reference,
    compare_means,
    compare_share_with_reference,
    compare_shares,
    difference_margin,
    discover,
    find_index,
    is_enough,
    judge,
    mean_margin,
    mean_standard_error,
    nps_standard_error,
    rescale,
    round_half_up,
    share_margin,
    share_standard_error,
)

# Civil Service People Survey, technical guide 2018, page 20: name, invited, answered, share positive, printed margin.
GUIDE = (("A", 200, 120, 0.43, 6), ("B", 150, 80, 0.50, 8), ("C", 50, 40, 0.30, 6), ("D", 500, 375, 0.60, 2))


@pytest.fixture(scope="session")
def guide(reference: Path) -> dict[str, Any]:
    """The worked examples of the technical guide by their id."""
    file = reference / "csps-technical-guide-examples" / "cases.json"
    return {case["id"]: case for case in json.loads(file.read_text(encoding="utf-8"))["cases"]}


@pytest.mark.parametrize(("name", "invited", "n", "share", "printed"), GUIDE)
def test_the_margins_of_the_technical_guide(name: str, invited: int, n: int, share: float, printed: int) -> None:
    unrounded = {"A": 5.62, "B": 7.51, "C": 6.42, "D": 2.48}
    margin = 100 * float(share_margin(share, n, invited))
    assert round(margin, 2) == unrounded[name]
    assert round_half_up(margin) == printed


def test_an_unknown_population_corrects_nothing() -> None:
    uncorrected = 1.96 * math.sqrt(0.43 * 0.57 / 120)
    assert round(100 * uncorrected, 2) == 8.86
    assert share_margin(0.43, 120) == pytest.approx(uncorrected)
    assert share_margin(0.43, 120, None) == pytest.approx(uncorrected)  # type: ignore[arg-type]
    assert mean_standard_error(12, 36) == pytest.approx(12 / 6)


def test_half_of_a_thousand_gives_the_published_glint_margin() -> None:
    assert round(100 * float(share_margin(0.5, 500, 1000)), 2) == 3.10


def test_columns_of_many_groups_are_computed_at_once() -> None:
    groups = pd.DataFrame(GUIDE, columns=["name", "invited", "n", "share", "printed"])
    margins = 100 * share_margin(groups["share"], groups["n"], groups["invited"])
    assert [round_half_up(margin) for margin in margins] == groups["printed"].to_list()


def test_a_census_has_no_margin() -> None:
    assert share_margin(0.3, 50, 50) == 0
    assert share_margin(1.0, 1, 1) == 0
    assert mean_margin(20, 50, 50) == 0
    assert nps_standard_error(0.5, 0.2, 50, 50) == 0


def test_more_answers_than_invited_are_refused() -> None:
    with pytest.raises(Refused, match="More people answered than were invited"):
        share_standard_error([0.5, 0.5], [10, 51], [math.nan, 50])
    with pytest.raises(Refused):
        mean_standard_error(20, 51, 50)
    with pytest.raises(Refused):
        nps_standard_error(0.5, 0.2, 51, 50)


def test_mean_margins_use_t_and_their_own_correction() -> None:
    # t of 15 degrees of freedom at 97.5 % is 2.13145 in every table.
    assert mean_margin(8, 16) == pytest.approx(2.13145 * 8 / 4, rel=1e-5)
    assert mean_margin(8, 16, 64) == pytest.approx(2.13145 * 8 / 4 * math.sqrt(1 - 16 / 64), rel=1e-5)
    assert math.isnan(mean_margin(math.nan, 1))


def test_significance_in_the_technical_guide() -> None:
    errors = {name: share_standard_error(share, n, invited) for name, invited, n, share, _ in GUIDE}
    assert compare_shares(0.43 - 0.50, errors["A"], errors["B"]) > 0.05
    assert compare_shares(0.43 - 0.60, errors["A"], errors["D"]) < 0.05


def test_two_means_are_compared_by_welch() -> None:
    first, second = [52.0, 61.0, 47.0, 70.0, 55.0, 49.0], [66.0, 72.0, 59.0, 81.0, 90.0]
    errors = [mean_standard_error(np.std(group, ddof=1), len(group)) for group in (first, second)]
    difference = sum(first) / 6 - sum(second) / 5
    p, freedom = compare_means(difference, errors[0], 6, errors[1], 5)
    a, b = np.var(first, ddof=1) / 6, np.var(second, ddof=1) / 5
    assert freedom == pytest.approx((a + b) ** 2 / (a**2 / 5 + b**2 / 4))
    assert p == pytest.approx(stats.ttest_ind(first, second, equal_var=False).pvalue)
    margin = difference_margin(errors[0], 6, errors[1], 5)
    assert margin == pytest.approx(stats.t.ppf(0.975, float(freedom)) * math.sqrt(a + b))
    assert (abs(difference) > margin) == (p < 0.05)


def test_one_sample_against_a_fixed_benchmark() -> None:
    # 60 of 100 against one half: z = 0.1 / sqrt(0.5 x 0.5 / 100) = 2, of which the table says 0.0455.
    assert compare_share_with_reference(0.6, 100, 0.5) == pytest.approx(0.0455, abs=5e-5)
    # Scores of 62 with s = 10 in 25 answers against 58: t = 4 / (10 / 5) = 2 with 24 degrees.
    assert compare_mean_with_reference(62, 10, 25, 58) == pytest.approx(0.0569, abs=5e-5)
    # Half of them asked: the error is smaller by sqrt(1 - 25/50), so t = 2.83.
    assert compare_mean_with_reference(62, 10, 25, 58, 50) == pytest.approx(0.0093, abs=5e-5)


def test_minimum_answers_by_level() -> None:
    assert is_enough([29, 30], "item").tolist() == [False, True]
    assert is_enough([19, 20], "construct").tolist() == [False, True]
    assert is_enough([9, 10], "index").tolist() == [False, True]


@pytest.mark.parametrize(
    ("difference", "beyond", "better", "verdict"),
    [
        (+6, True, Better.HIGHER, Verdict.IMPROVED),
        (-6, True, Better.HIGHER, Verdict.DECLINED),
        (+6, True, Better.LOWER, Verdict.DECLINED),
        (-6, True, Better.LOWER, Verdict.IMPROVED),
        (+6, False, Better.HIGHER, Verdict.NO_CHANGE),
        (0, True, Better.HIGHER, Verdict.NO_CHANGE),
        (+6, True, Better.NEITHER, Verdict.NOT_TESTED),
        (math.nan, True, Better.HIGHER, Verdict.NOT_TESTED),
    ],
)
def test_what_may_be_said_of_a_tested_difference(
    difference: float, beyond: bool, better: Better, verdict: Verdict
) -> None:
    assert judge(difference, is_beyond_chance=beyond, is_tested=True, better=better) is verdict


def test_too_few_answers_are_not_tested_whatever_the_difference() -> None:
    for beyond in (True, False):
        assert judge(40, is_beyond_chance=beyond, is_tested=False, better=Better.HIGHER) is Verdict.NOT_TESTED


def test_up_to_five_comparisons_are_judged_alone() -> None:
    assert discover([0.049, 0.051, 0.9, math.nan, 0.01, 0.5]).tolist() == [True, False, False, False, True, False]


def test_more_than_five_comparisons_share_their_false_discoveries() -> None:
    # Benjamini-Hochberg at 0.10 of six: the largest rank i with p_i <= i/6 x 0.10. Third: 0.045 <= 0.05; fourth: 0.07 > 0.0667.
    assert discover([0.5, 0.07, 0.01, 0.045, 0.9, 0.03]).tolist() == [False, False, True, True, False, True]
    # A p of 0.04 alone among twenty is no discovery: 0.04 > 1/20 x 0.10.
    assert not discover([0.04, *[0.5] * 19]).any()


@given(st.lists(st.floats(0, 1), min_size=6, max_size=40))
def test_discoveries_are_the_smallest_p_and_obey_the_step_up_rule(values: list[float]) -> None:
    found = discover(values)
    kept = [p for p, is_found in zip(values, found, strict=True) if is_found]
    left = [p for p, is_found in zip(values, found, strict=True) if not is_found]
    ranked = sorted(values)
    passing = [rank for rank, p in enumerate(ranked, start=1) if p <= rank / len(values) * 0.10 * (1 + 1e-12)]
    assert len(kept) == max(passing, default=0)
    assert not kept or not left or max(kept) <= min(left)


@given(st.permutations([0.001, 0.02, 0.03, 0.04, 0.2, 0.7, math.nan]))
def test_discoveries_do_not_depend_on_the_order(values: list[float]) -> None:
    found = dict(zip(values, discover(values), strict=True))
    assert [p for p in (0.001, 0.02, 0.03, 0.04, 0.2, 0.7) if found[p]] == [0.001, 0.02, 0.03, 0.04]


def test_the_respondent_and_the_group_of_the_technical_guide() -> None:
    strongly_agree, agree, neither, disagree = 5, 4, 3, 2
    respondent = find_index(rescale([strongly_agree, agree, agree, neither, disagree], 1, 5))
    assert respondent.mean == 65 == (100 + 75 + 75 + 50 + 25) / 5
    group = find_index([[score] for score in (65, 25, 70, 35, 50, 100, 90, 40, 20, 35)])
    assert (group.mean, group.n) == (530 / 10, 10)


def test_the_same_share_positive_can_hide_two_indices() -> None:
    for shares, index in (([10, 40, 10, 16, 24], 49), ([22, 28, 34, 12, 4], 63)):
        codes = np.repeat([5, 4, 3, 2, 1], shares)
        assert Counter(classify(rescale(codes, 1, 5), 5))["favourable"] == 50
        assert round_half_up(find_index(rescale(codes, 1, 5)[:, None]).mean) == index


def test_an_index_needs_every_item_of_a_respondent() -> None:
    blank = math.nan
    index = find_index([[100, 50], [0, blank], [50, 50]])
    assert (index.mean, index.n) == ((75 + 50) / 2, 2)
    assert index.deviation == pytest.approx(math.sqrt(2 * 12.5**2))
    nobody = find_index([[blank, 50]])
    assert nobody.n == 0
    assert math.isnan(nobody.mean)


@pytest.mark.parametrize(
    ("points", "classes"),
    [
        (2, "uf"),
        (3, "unf"),
        (4, "uuff"),
        (5, "uunff"),
        (6, "uuufff"),
        (7, "uuunnff"),
        (10, "uuuunnnfff"),
        (11, "uuuunnnnfff"),
    ],
)
def test_favourable_on_every_length_of_scale(points: int, classes: str) -> None:
    scores = rescale(range(1, points + 1), 1, points)
    assert "".join(word[0] for word in classify(scores, points)) == classes


def test_five_points_as_scores() -> None:
    assert rescale([1, 2, 3, 4, 5], 1, 5).tolist() == [0, 25, 50, 75, 100]
    assert rescale([1, 2, 3, 4, 5], 1, 5, is_reversed=True).tolist() == [100, 75, 50, 25, 0]
    assert classify([math.nan, 75.0], 5).tolist() == [None, "favourable"]
    with pytest.raises(Refused, match="has no two ends"):
        rescale(1, 1, 1)


def test_promoters_less_detractors() -> None:
    promoters, passives, detractors = 25, 55, 20
    assert promoters + passives + detractors == 100
    assert promoters - detractors == +5
    # Cross Validated (whuber): 1/2, 1/3, 1/6 have variance 5/9; in 324 answers the error is 4.14 points.
    error = 100 * float(nps_standard_error(1 / 2, 1 / 6, 324))
    assert error == pytest.approx(100 * math.sqrt(5 / 9 / 324))
    assert round(error, 2) == 4.14


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (18.23, 0, 18),
        (16.99, 0, 17),
        (100 * 269 / 565, 0, 48),
        (0.5, 0, 1),
        (1.5, 0, 2),
        (2.5, 0, 3),
        (-5.543, 0, -6),
        (-0.4, 0, 0),
        (2.25, 1, 2.3),
        (1.005, 2, 1.01),
    ],
)
def test_rounding_for_display(value: float, digits: int, shown: float) -> None:
    assert round_half_up(value, digits) == shown


def test_differences_come_from_unrounded_values() -> None:
    for first, second, shown in ((52.952, 58.495, (53, 58, -6)), (75.43647583, 74.63572484, (75, 75, 1))):
        assert tuple(map(round_half_up, (first, second, first - second))) == shown


def test_every_case_of_the_technical_guide(guide: dict[str, Any]) -> None:
    case = guide["engagement_respondent"]
    answers = [case["scale"][answer] for answer in case["answers"]]
    assert find_index(answers).mean == case["expected"]
    for name in ("engagement_group", "proxy_stress_group", "perma_group"):
        group = find_index([[score] for score in guide[name]["respondent_scores"]])
        assert round_half_up(group.mean) == guide[name]["expected"], name
    assert (
        100 - find_index(guide["proxy_stress_respondent"]["scores"]).mean
        == guide["proxy_stress_respondent"]["expected"]
    )
    assert find_index(guide["perma_respondent"]["scores"]).mean == guide["perma_respondent"]["expected"]
    case = guide["index_vs_positive"]
    for name, shares in case["distribution_percent"].items():
        scores = np.repeat([100, 75, 50, 25, 0], shares)
        assert round_half_up(find_index(scores[:, None]).mean) == case["expected_index"][name]
        assert Counter(classify(scores, 5))["favourable"] == case["expected_percent_positive"][name]


def test_margins_and_significance_from_the_file(guide: dict[str, Any]) -> None:
    case = guide["margin_of_error_fpc"]
    groups = {group["name"]: group for group in case["groups"]}
    for group in groups.values():
        margin = share_margin(group["positive"] / 100, group["responses"], group["headcount"])
        assert round_half_up(100 * float(margin)) == group["moe"]
    for pair, is_significant in case["expected_significant"].items():
        first, second = (groups[name] for name in pair.split("-"))
        errors = [
            share_standard_error(group["positive"] / 100, group["responses"], group["headcount"])
            for group in (first, second)
        ]
        p = compare_shares((first["positive"] - second["positive"]) / 100, *errors)
        assert discover(p).tolist() == [is_significant]


def test_rounding_from_the_file(guide: dict[str, Any]) -> None:
    case = guide["rounding_counts"]
    shares = [100 * count / sum(case["counts"]) for count in case["counts"]]
    assert [round_half_up(share, 2) for share in shares] == case["expected_percent"]
    shown = [round_half_up(share) for share in shares]
    assert shown == case["expected_display"]
    assert sum(shown) == case["expected_display_sum"]
    positive = 100 * case["positive_count"] / sum(case["counts"])
    assert round_half_up(positive) == case["expected_positive_display"]


def test_a_thousand_promoters_and_detractors(reference: Path) -> None:
    file = reference / "nps-examples" / "nps_testdata.csv"
    answers = pd.read_csv(file, usecols=[0, 5]).set_axis(["score", "unit"], axis="columns")
    promoters, detractors = (answers["score"] >= 9).mean(), (answers["score"] <= 6).mean()
    assert (promoters, detractors) == (0.462, 0.362)
    assert round(100 * (promoters - detractors), 1) == 10.0
    assert round(100 * float(nps_standard_error(promoters, detractors, 1000)), 3) == 2.853
    by_unit = answers.groupby("unit")["score"].agg(lambda score: 100 * ((score >= 9).mean() - (score <= 6).mean()))
    assert by_unit.round(1).to_dict() == {"Apples": 14.8, "Bananas": 9.6, "Berries": 8.0, "Oranges": 7.6}
