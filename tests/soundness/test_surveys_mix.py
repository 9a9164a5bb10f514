"""A survey number over all groups: who answered is not what they think, and a sum over groups must not betray two of them."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from metrics.disclosure import withhold
from metrics.representativeness import DIFFERS_ABOVE, compare_mix_with_chance, mix_difference
from metrics.statistics import make_generator
from tests.test_weighting import roster
from tests.waves import TWO_WAVES, find, measured, repeated, waves_of

ITEM = "| item | min | max |\n| voice | 1 | 5 |"


def answers(teams: Mapping[str, Mapping[float, int]]) -> pd.DataFrame:
    return pd.concat([repeated(voice=codes).assign(team=team) for team, codes in teams.items()])


def test_a_change_of_who_answered_is_not_a_change_of_minds() -> None:
    """People saw "voice fell by 11 points, a real decline" where every team had answered exactly as before."""
    before = answers({"red": {5: 80, 1: 20}, "blue": {5: 20, 1: 30}})
    now = answers({"red": {5: 80, 1: 20}, "blue": {5: 60, 1: 90}})
    naive = 100 * (now["voice"].eq(5).mean() - before["voice"].eq(5).mean())
    assert naive == pytest.approx(-10.667, abs=0.001)
    with waves_of(items=ITEM, waves=TWO_WAVES, said={"spring": before, "autumn": now}) as connection:
        results = measured(connection)
    real = find(results, "change_split", "favourable:voice:real", wave="autumn")
    assert (round(real["value"], 9), real["verdict"]) == (0, "no detectable change")


def test_ten_equal_teams_do_not_differ_from_their_own_roster() -> None:
    """D above 0.10 was flagged as an unrepresentative survey, which chance alone does in most samples of 36 of 60."""
    teams = np.full(10, 6)
    generator = make_generator("soundness")
    samples = generator.multivariate_hypergeometric(teams, 36, size=400)
    flagged_naively = np.mean(mix_difference(samples, teams) > DIFFERS_ABOVE)
    assert flagged_naively > 0.8
    flagged = [
        float(mix_difference(sample, teams)) > DIFFERS_ABOVE and compare_mix_with_chance(sample, teams, place)[1] < 0.05
        for place, sample in enumerate(samples)
    ]
    assert np.mean(flagged) <= 0.08


def test_a_mix_that_is_far_off_is_still_found() -> None:
    teams, said = np.full(10, 6), np.array([6, 6, 6, 6, 6, 6, 0, 0, 0, 0])
    assert compare_mix_with_chance(said, teams, "spring")[1] < 0.01


HIDDEN = {"red": {5: 30, 1: 10}, "blue": {4: 25, 2: 15}, "green": {5: 4}, "grey": {1: 6, 4: 3}}
TEAMS = {"red": 50, "blue": 50, "green": 9, "grey": 11}


def test_a_raked_score_beside_the_unweighted_one_does_not_give_two_hidden_teams_away() -> None:
    """Two teams hidden together are two unknown means. The whole is one equation, a score weighted by team is a second."""
    said = answers(HIDDEN)
    scores = (said["voice"] - 1) * 25
    means, n = scores.groupby(said["team"]).mean(), said["team"].value_counts()
    weights = pd.Series(TEAMS) / sum(TEAMS.values())
    naive = float((weights * means).sum())
    shown = ["red", "blue"]
    left = [scores.sum() - (n * means)[shown].sum(), naive - (weights * means)[shown].sum()]
    found = np.linalg.solve([[n["green"], n["grey"]], [weights["green"], weights["grey"]]], left)
    assert found == pytest.approx([means["green"], means["grey"]])  # the naive pair of numbers tells both
    with waves_of(items=ITEM, said={"spring": said}, members=roster(TEAMS)) as connection:
        results = measured(connection)
        withhold(connection, "survey_results", "released", 5)
        released = connection.execute("from released").df()
    assert set(released[(released["metric"] == "item_score") & (released["status"] == "withheld")]["segment"]) == {
        "green",
        "grey",
    }
    ours = find(results, "weighted_item_score", "voice")["value"]
    pool = float((scores[~said["team"].isin(shown)]).mean())
    pooled = (weights * means)[shown].sum() + (weights["green"] + weights["grey"]) * pool
    assert ours == pytest.approx(pooled)  # made of what is shown and of the hidden two as one


def test_the_real_part_does_not_give_two_hidden_teams_away() -> None:
    """Whatever the two hidden teams did among themselves, the split is that of both as one."""
    before = answers({"red": {5: 30, 1: 10}, "blue": {4: 25, 2: 15}, "green": {5: 4}, "grey": {1: 9}})
    one = answers({"red": {5: 30, 1: 10}, "blue": {4: 25, 2: 15}, "green": {5: 4}, "grey": {5: 4, 1: 5}})
    other = answers({"red": {5: 30, 1: 10}, "blue": {4: 25, 2: 15}, "green": {1: 4}, "grey": {5: 8, 1: 1}})
    found = []
    for now in (one, other):
        with waves_of(items=ITEM, waves=TWO_WAVES, said={"spring": before, "autumn": now}) as connection:
            found.append(find(measured(connection), "change_split", "favourable:voice:real", wave="autumn")["value"])
    assert found[0] == pytest.approx(found[1])


def test_an_error_of_a_weighted_mean_is_not_that_of_a_simple_sample() -> None:
    """The weighted mean was shown with s/sqrt(n) of everybody: too wide here, because the teams differ and each is of one mind."""
    said = answers({"red": {5: 38, 4: 2}, "blue": {1: 8, 2: 2}})
    scores = (said["voice"] - 1) * 25
    naive = 1.96 * scores.std() / math.sqrt(len(scores))
    with waves_of(items=ITEM, said={"spring": said}, members=roster({"red": 50, "blue": 50})) as connection:
        row = find(measured(connection), "weighted_item_score", "voice")
    assert row["high"] - row["value"] < naive / 2
