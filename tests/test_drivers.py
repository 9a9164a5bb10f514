"""Drivers: correlations, shares and slopes against other code, ranks that do not move by the clock, strengths by rule."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from metrics.association import (
    correlation_limits,
    find_stability,
    linear_correlation,
    rank_correlation,
    regress,
    weigh_drivers,
)
from tests.waves import drawn, find, measured, waves_of

ITEMS = """
| item    | kind   | min | max | outcome |
| heard   | likert | 1   | 5   |         |
| leads   | likert | 1   | 5   |         |
| people  | likert | 1   | 5   |         |
| time    | likert | 1   | 5   |         |
| outcome | nps    | 0   | 10  | yes     |
"""


def answers(n: int, seed: int = 1) -> pd.DataFrame:
    """The outcome follows heard closely, leads a little, and the two others not at all."""
    generator = np.random.default_rng(seed)
    heard, leads, people, time = generator.integers(1, 6, (4, n))
    outcome = np.clip(np.round(1.4 * heard + 0.5 * leads + generator.normal(0, 1, n)), 0, 10).astype(int)
    return pd.DataFrame({"heard": heard, "leads": leads, "people": people, "time": time, "outcome": outcome})


def results_of(said: pd.DataFrame, items: str = ITEMS) -> pd.DataFrame:
    with waves_of(items=items, said={"spring": said}) as connection:
        return measured(connection)


def test_correlations_are_those_of_pandas() -> None:
    said = answers(60)
    results = results_of(said)
    for item in ("heard", "leads", "people", "time"):
        row, linear = find(results, "drivers", item), find(results, "drivers_linear", item)
        assert row["value"] == pytest.approx(said[item].corr(said["outcome"], method="spearman"))
        assert linear["value"] == pytest.approx(said[item].corr(said["outcome"]))
        assert row["low"] < row["value"] < row["high"]
        assert (row["people"], row["status"]) == (60, "final")
    assert "outcome" not in set(results.loc[results["metric"] == "drivers", "breakdown"])


def test_ranks_are_wider_than_fishers_interval() -> None:
    """Fisher for r = 0.5, n = 28: artanh 0.5493, error 1/5; Bonett and Wright: times the root of 1.125."""
    low, high = correlation_limits(0.5, 28, of_ranks=False)
    assert (low, high) == (pytest.approx(np.tanh(0.549306 - 0.392)), pytest.approx(np.tanh(0.549306 + 0.392)))
    low, high = correlation_limits(0.5, 28)
    assert high == pytest.approx(np.tanh(0.549306 + 0.392 * math.sqrt(1.125)))


@pytest.mark.parametrize(("n", "status"), [(29, "no data"), (30, "final")])
def test_thirty_are_needed(n: int, status: str) -> None:
    results = results_of(answers(n))
    assert find(results, "drivers", "heard")["status"] == status
    assert ("driver_weights" in set(results["metric"])) is (status == "final")


def test_a_team_of_fewer_than_thirty_has_no_drivers_and_a_larger_one_has() -> None:
    said = answers(70).assign(team=["red"] * 45 + ["blue"] * 25)
    results = results_of(said)
    red, blue = (find(results, "drivers", "heard", segment=team) for team in ("red", "blue"))
    part = said[said["team"] == "red"]
    assert red["value"] == pytest.approx(part["heard"].corr(part["outcome"], method="spearman"))
    assert (blue["status"], blue["people"]) == ("no data", 25)
    assert math.isnan(blue["value"])


def test_without_a_marked_outcome_it_is_the_engagement_index() -> None:
    items = """
    | item  | min | max | construct  |
    | proud | 1   | 5   | engagement |
    | love  | 1   | 5   | engagement |
    | heard | 1   | 5   | voice      |
    | help  | 1   | 5   | voice      |
    """
    said = answers(40).rename(columns={"people": "proud", "time": "love", "leads": "help"})[
        ["proud", "love", "heard", "help"]
    ]
    results = results_of(said, items)
    row = find(results, "drivers", "heard")
    assert row["value"] == pytest.approx(said["heard"].corr(said[["proud", "love"]].mean(axis=1), method="spearman"))
    assert set(results.loc[results["metric"] == "drivers", "breakdown"]) == {"heard", "help"}


def test_without_any_outcome_there_are_no_drivers() -> None:
    results = results_of(answers(40).drop(columns="outcome"))
    assert not {"drivers", "driver_weights", "strengths"} & set(results["metric"])


def test_an_item_that_never_varies_goes_with_nothing() -> None:
    results = results_of(answers(40).assign(time=3))
    assert find(results, "drivers", "time")["status"] == "no data"
    assert "driver_weights" not in set(results["metric"])


def naive_shares(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What each column adds to R squared, averaged over every order, by regressions one after another."""
    columns = range(x.shape[1])
    orders = list(itertools.permutations(columns))
    gains = np.zeros(x.shape[1])
    for order in orders:
        before = 0.0
        for place in range(1, len(order) + 1):
            design = np.column_stack([np.ones(len(y)), x[:, list(order[:place])]])
            after = OLS(y, design).fit().rsquared
            gains[order[place - 1]] += after - before
            before = after
    return gains / len(orders)


@given(st.integers(0, 10_000))
def test_shares_are_the_mean_over_all_orders(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(40, 3)) @ generator.normal(size=(3, 3))
    y = x @ generator.normal(size=3) + generator.normal(size=40)
    parts, squared = weigh_drivers(y, x)
    assert parts == pytest.approx(naive_shares(x, y), abs=1e-9)
    assert parts.sum() == pytest.approx(squared)
    assert (parts >= -1e-9).all()


def test_slopes_are_published_with_their_margins() -> None:
    said = answers(60)
    results = results_of(said)
    fit = regress((said["outcome"] - said["outcome"].mean()) / said["outcome"].std(),
                  (said[["heard", "leads", "people", "time"]] - said[["heard", "leads", "people", "time"]].mean())
                  / said[["heard", "leads", "people", "time"]].std())  # fmt: skip
    row = find(results, "driver_slopes", "heard")
    assert row["value"] == pytest.approx(fit.params[1])
    assert (row["low"], row["high"], row["p"]) == pytest.approx((*fit.conf_int()[1], fit.pvalues[1]))


def test_more_than_ten_items_have_correlations_only() -> None:
    items = "\n".join(
        ["| item | min | max | outcome |", "| goal | 1 | 5 | yes |", *(f"| q{n:02d} | 1 | 5 | |" for n in range(11))]
    )
    generator = np.random.default_rng(3)
    said = pd.DataFrame(generator.integers(1, 6, (60, 12)), columns=["goal", *(f"q{n:02d}" for n in range(11))])
    metrics = set(results_of(said, items)["metric"])
    assert "drivers" in metrics
    assert not {"driver_weights", "driver_slopes"} & metrics


def test_the_first_place_is_sure_and_the_last_ones_are_a_toss_up() -> None:
    results = results_of(answers(80))
    found = results[results["metric"] == "driver_stability"].set_index("breakdown")["value"]
    assert found["heard"] == 1
    assert found.sum() == pytest.approx(3)
    assert 0.1 < found["people"] < 0.95


def test_stability_is_the_same_for_the_same_series_and_close_to_drawing_again() -> None:
    said = answers(80)
    names = ["heard", "leads", "people", "time"]
    first, again = (find_stability(said["outcome"], said[names], "spring") for _ in range(2))
    assert (first == again).all()
    other = find_stability(said["outcome"], said[names], "autumn")
    assert other == pytest.approx(first, abs=0.08)
    assert (other != first).any()
    generator = np.random.default_rng(0)
    slow = np.zeros(4)
    for _ in range(300):
        drawn_again = said.sample(frac=1, replace=True, random_state=generator)
        ranks = [rank_correlation(drawn_again[name], drawn_again["outcome"]) for name in names]
        slow[np.argsort(ranks)[-3:]] += 1 / 300
    assert first == pytest.approx(slow, abs=0.1)


def test_strengths_are_beside_the_median_item_and_only_of_high_impact() -> None:
    said = answers(80)
    said["leads"] = (said["heard"] - 2).clip(1, 5)  # goes with the outcome and is rarely favourable
    results = results_of(said)
    found = results[results["metric"] == "strengths"].set_index("breakdown")["value"]
    shares = results[(results["metric"] == "favourable") & (results["segment"] == "all")].set_index("breakdown")[
        "value"
    ]
    middle = shares[["heard", "leads", "people", "time"]].median()
    impact = results[results["metric"] == "drivers"].set_index("breakdown")["value"]
    high = [name for name in shares.index if impact.get(name, 0) >= 0.4]
    assert set(found.index) <= {f"{word}:{name}" for word in ("strength", "opportunity") for name in high}
    assert found["opportunity:leads"] == pytest.approx(100 * (shares["leads"] - middle))


def test_fewer_than_two_of_high_impact_are_not_ranked() -> None:
    results = results_of(answers(60))
    impact = results[results["metric"] == "drivers"].set_index("breakdown")["value"]
    assert (impact >= 0.4).sum() == 1
    assert "strengths" not in set(results["metric"])


def test_blank_answers_leave_only_their_pair() -> None:
    said = answers(40).astype(object)
    said.loc[:4, "heard"] = None
    assert find(results_of(said), "drivers", "heard")["people"] == 35


def test_correlations_of_nothing_are_nothing() -> None:
    assert math.isnan(rank_correlation([1, 1, 1, 1], [1, 2, 3, 4]))
    assert math.isnan(linear_correlation([1, 2], [1, 2]))


def test_an_unanswered_survey_has_no_drivers() -> None:
    assert "drivers" not in set(results_of(drawn("| heard | outcome |\n| n/a | |"))["metric"])
