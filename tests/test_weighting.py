"""Raking: margins are met, known errors come out, small groups are one, and the unweighted score stays beside it."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.pooling import find_pool
from metrics.weighting import rake, weighted_mean
from tests.waves import drawn, find, measured, repeated, waves_of

ONE = "| item | min | max |\n| voice | 1 | 5 |"


def roster(teams: Mapping[str, int]) -> str:
    """A members table with so many in each team."""
    names = [team for team, count in teams.items() for _ in range(count)]
    return "\n".join(["| who | team |", *(f"| m{place} | {team} |" for place, team in enumerate(names))])


def test_two_margins_by_hand() -> None:
    """Four people, one in each cell; both margins 3 to 1: weights 9/16, 3/16, 3/16, 1/16 of four."""
    team, place = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    weights = rake([team, place], [[0.75, 0.25], [0.75, 0.25]])
    assert weights is not None
    assert weights.tolist() == pytest.approx([4 * 9 / 16, 4 * 3 / 16, 4 * 3 / 16, 4 * 1 / 16])


def test_a_group_without_anybody_cannot_be_weighted_up() -> None:
    assert rake([np.array([0, 0])], [[0.5, 0.5]]) is None


cells = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), min_size=6, max_size=40)


@given(cells, st.lists(st.floats(0.2, 1), min_size=3, max_size=3), st.floats(0.2, 0.8))
def test_raking_meets_every_margin_it_finds(
    people: list[tuple[int, int]], by_team: list[float], by_place: float
) -> None:
    team, place = (np.array(column) for column in zip(*people, strict=True))
    targets = [np.array(by_team) / sum(by_team), np.array([by_place, 1 - by_place])]
    weights = rake([team, place], targets)
    if weights is not None:
        assert weights.mean() == pytest.approx(1)
        for groups, target in zip((team, place), targets, strict=True):
            assert np.bincount(groups, weights, minlength=len(target)) / len(people) == pytest.approx(target, abs=1e-6)


def test_the_error_of_one_margin_is_that_of_strata() -> None:
    """sqrt(sum W^2 s^2/n (1 - n/N)): strata of 3 of 30 and 2 of 10."""
    scores, groups = np.array([10.0, 20, 30, 50, 70]), np.array([0, 0, 0, 1, 1])
    weights = rake([groups], [[0.75, 0.25]])
    found = weighted_mean(scores, weights, [groups], [30, 10])
    assert found.mean == pytest.approx(0.75 * 20 + 0.25 * 60)
    variances = 0.75**2 * 100 / 3 * (1 - 3 / 30), 0.25**2 * 200 / 2 * (1 - 2 / 10)
    assert found.error == pytest.approx(math.sqrt(sum(variances)))
    assert found.freedom == pytest.approx(sum(variances) ** 2 / (variances[0] ** 2 / 2 + variances[1] ** 2 / 1))


def test_a_wave_in_which_one_team_answered_more() -> None:
    """Red: 40 of 50 answered, all 5; blue: 10 of 50, all 1. As it is 80, with the mix of the roster 50."""
    said = pd.concat([repeated(voice={5: 40}).assign(team="red"), repeated(voice={1: 10}).assign(team="blue")])
    with waves_of(items=ONE, said={"spring": said}, members=roster({"red": 50, "blue": 50})) as connection:
        results = measured(connection)
    assert find(results, "item_score", "voice")["value"] == 100 * 40 / 50
    row = find(results, "weighted_item_score", "voice")
    assert row["value"] == pytest.approx(50)
    assert (row["low"], row["high"], row["people"]) == (pytest.approx(50), pytest.approx(50), 50)


def test_without_a_roster_nothing_is_weighted() -> None:
    said = repeated(voice={5: 40, 1: 10}).assign(team="red")
    with waves_of(items=ONE, said={"spring": said}) as connection:
        assert "weighted_item_score" not in set(measured(connection)["metric"])


def test_groups_that_nobody_answered_for_are_too_many() -> None:
    """Blue, a third of the roster, is silent: red's answers cannot stand for it."""
    said = pd.concat([repeated(voice={5: 15}).assign(team=name) for name in ("red", "green")])
    teams = {"red": 20, "green": 20, "blue": 20}
    with waves_of(items=ONE, said={"spring": said}, members=roster(teams)) as connection:
        assert "weighted_item_score" not in set(measured(connection)["metric"])


def test_a_weight_above_five_gives_no_number() -> None:
    said = pd.concat([repeated(voice={5: 190}).assign(team="red"), repeated(voice={1: 10}).assign(team="blue")])
    with waves_of(items=ONE, said={"spring": said}, members=roster({"red": 200, "blue": 100})) as connection:
        row = find(measured(connection), "weighted_item_score", "voice")
    assert (row["status"], row["people"]) == ("no data", 200)
    assert math.isnan(row["value"])


def test_who_states_no_team_keeps_their_share() -> None:
    """Of 40, ten state no team: they stay a quarter, and the rest is red and blue as on the roster, 3 to 1."""
    rows = "| red | 5 |\n" * 15 + "| blue | 1 |\n" * 15 + "|  | 3 |\n" * 10
    said = drawn("| team | voice |\n" + rows)
    with waves_of(items=ONE, said={"spring": said}, members=roster({"red": 60, "blue": 20})) as connection:
        row = find(measured(connection), "weighted_item_score", "voice")
    assert row["value"] == pytest.approx(0.25 * 50 + 0.75 * (0.75 * 100 + 0.25 * 0))


def test_small_groups_are_weighted_as_one() -> None:
    """Blue and green have six answers each and are one group of 12, which is a third of the roster."""
    parts = {"red": {5: 28}, "blue": {1: 6}, "green": {3: 6}}
    said = pd.concat([repeated(voice=codes).assign(team=team) for team, codes in parts.items()])
    teams = {"red": 40, "blue": 15, "green": 5}
    with waves_of(items=ONE, said={"spring": said}, members=roster(teams)) as connection:
        row = find(measured(connection), "weighted_item_score", "voice")
    assert row["value"] == pytest.approx(2 / 3 * 100 + 1 / 3 * (6 * 0 + 6 * 50) / 12)


@pytest.mark.parametrize("site", ["north", "North (head office)"])
def test_a_dimension_that_few_filled_in_takes_nothing_away(site: str) -> None:
    """Two of 50 say where they sit, or all say it in other words than the roster: teams are weighted as without it."""
    said = pd.concat([repeated(voice={5: 40}).assign(team="red"), repeated(voice={1: 10}).assign(team="blue")])
    with waves_of(items=ONE, said={"spring": said}, members=roster({"red": 50, "blue": 50})) as connection:
        connection.execute(
            """insert into segments
               select person, valid_from, 'site', case when person % 2 = 0 then 'north' else 'south' end
               from members"""
        )
        connection.execute(
            "insert into respondent_segments select wave, respondent, 'site', $site from respondents where respondent < $few",
            {"site": site, "few": 2 if site == "north" else 50},
        )
        results = measured(connection, dimensions=("team", "site"))
    assert find(results, "weighted_item_score", "voice")["value"] == pytest.approx(50)


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30), max_size=8), st.integers(5, 10))
def test_a_pool_hides_two_groups_and_k_people_or_everybody(sizes: dict[str, int], k: int) -> None:
    pool = find_pool(sizes, k)
    small = {name for name, size in sizes.items() if 0 < size < k}
    assert small <= pool
    assert bool(pool) == bool(small)
    if pool and pool != {name for name, size in sizes.items() if size}:
        assert len(pool) >= 2
        assert sum(sizes[name] for name in pool) >= k
