"""Instrument health: alpha by hand and its interval, blanks, one answer throughout, no room at the top."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.reliability import alpha_limits, cronbach_alpha
from tests.waves import drawn, find, measured, waves_of

SCALE = "| item | min | max | construct |\n" + "".join(f"| q{n} | 1 | 5 | voice |\n" for n in range(1, 6))


def results_of(items: str, said: pd.DataFrame) -> pd.DataFrame:
    with waves_of(items=items, said={"spring": said}) as connection:
        return measured(connection)


def test_alpha_by_hand() -> None:
    """Variances 1 and 4, covariance 2: total 1 + 4 + 2 + 2 = 9, so 2 x (1 - 5/9)."""
    assert cronbach_alpha([[1, 1], [2, 3], [3, 5]]) == pytest.approx(2 * (1 - 5 / 9))


def test_questions_that_say_the_same_agree_fully_and_one_alone_does_not_say() -> None:
    assert cronbach_alpha([[1, 1, 1], [4, 4, 4], [5, 5, 5]]) == pytest.approx(1)
    assert math.isnan(cronbach_alpha([[1], [4], [5]]))
    assert math.isnan(cronbach_alpha([[3, 3], [3, 3]]))


scores = st.lists(st.lists(st.integers(1, 5), min_size=4, max_size=4), min_size=5, max_size=30)


@given(scores)
def test_alpha_is_that_of_the_total_score(answers: list[list[int]]) -> None:
    """Without blanks: k/(k-1) x (1 - sum of variances / variance of the sum); a shift or a stretch of all changes nothing."""
    x = np.array(answers, dtype=float)
    if x.sum(axis=1).var(ddof=1) > 0:
        expected = 4 / 3 * (1 - x.var(axis=0, ddof=1).sum() / x.sum(axis=1).var(ddof=1))
        assert cronbach_alpha(x) == pytest.approx(expected, abs=1e-9)
        assert cronbach_alpha(7 + 25 * x) == pytest.approx(expected, abs=1e-9)


def test_feldts_interval_holds_what_psych_prints() -> None:
    """All 25 items of the bfi, 2,800 people: 0.53 (0.51 to 0.56)."""
    low, high = alpha_limits(0.534, 2800, 25)
    assert (round(low, 2), round(high, 2)) == (0.51, 0.56)


def test_a_scale_needs_two_questions_and_twenty_people() -> None:
    generator = np.random.default_rng(1)
    base = generator.integers(1, 6, 20)
    said = pd.DataFrame({f"q{n}": np.clip(base + generator.integers(-1, 2, 20), 1, 5) for n in range(1, 6)})
    row = find(results_of(SCALE, said), "scale_reliability", "voice")
    assert row["value"] == pytest.approx(cronbach_alpha(said))
    assert (row["low"], row["high"]) == alpha_limits(row["value"], 20, 5)
    few = find(results_of(SCALE, said.iloc[:19]), "scale_reliability", "voice")
    assert (few["status"], few["people"]) == ("no data", 19)
    alone = results_of("| item | min | max | construct |\n| q1 | 1 | 5 | voice |", said[["q1"]])
    assert "scale_reliability" not in set(alone["metric"])


def test_blanks_and_the_top_by_hand() -> None:
    """Of four, one left q1 blank and one said it does not apply; of two answers one is at the top, reversed at 1."""
    items = "| item | min | max | reverse |\n| q1 | 1 | 5 | yes |\n| q2 | 1 | 5 | |"
    results = results_of(items, drawn("| q1 | q2 |\n| 1 | 5 |\n| 4 | 5 |\n|  | 2 |\n| n/a | 5 |"))
    blank, top = find(results, "item_nonresponse", "q1"), find(results, "ceiling", "q1")
    assert (blank["numerator"], blank["denominator"]) == (1, 4)
    assert (top["numerator"], top["denominator"]) == (1, 2)
    assert find(results, "ceiling", "q2")["value"] == 3 / 4
    assert find(results, "item_nonresponse", "q2")["value"] == 0


def test_the_same_answer_throughout_is_by_code_and_from_five_answers_on() -> None:
    """Three of the first four gave one code to all five; the last answered four questions and is not counted."""
    said = "| q1 | q2 | q3 | q4 | q5 |\n| 3 | 3 | 3 | 3 | 3 |\n| 5 | 5 | 5 | 5 | 5 |\n| 1 | 1 | 1 | 1 | 1 |\n| 1 | 2 | 1 | 1 | 1 |\n| 4 | 4 | 4 | 4 | |"
    row = find(results_of(SCALE, drawn(said)), "straight_lining")
    assert (row["numerator"], row["denominator"]) == (3, 4)


def test_another_scale_is_no_other_answer() -> None:
    """A 5 of 5 and a 5 of 10 are not the same answer, and a 10 of 10 is no variety."""
    said = drawn("| q1 | q2 | q3 | q4 | q5 | far |\n" + "| 5 | 5 | 5 | 5 | 5 | 10 |\n" * 2)
    assert find(results_of(SCALE + "| far | 0 | 10 | |", said), "straight_lining")["value"] == 1
