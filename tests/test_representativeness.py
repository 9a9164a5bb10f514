"""The mix of those who answered: D by hand, what chance gives, and small groups as one."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.representativeness import compare_mix_with_chance, mix_difference
from tests.test_weighting import ONE, roster
from tests.waves import drawn, find, measured, repeated, waves_of


def said_by(teams: dict[str, int]) -> pd.DataFrame:
    return pd.concat([repeated(voice={4: count}).assign(team=team) for team, count in teams.items() if count])


def test_by_hand() -> None:
    """Respondents 30, 10; roster 50, 50: half of |0.75 - 0.5| + |0.25 - 0.5|."""
    with waves_of(
        items=ONE, said={"spring": said_by({"red": 30, "blue": 10})}, members=roster({"red": 50, "blue": 50})
    ) as connection:
        results = measured(connection)
    row = results[results["metric"] == "representativeness"].iloc[0]
    assert (row["dimension"], row["segment"], row["breakdown"]) == ("team", "all", "all")
    assert row["value"] == pytest.approx((0.25 + 0.25) / 2)
    assert (row["denominator"], row["people"], row["status"]) == (40, 100, "final")
    assert row["p"] < 0.001 < row["expected"] < 0.1


def test_the_same_mix_differs_by_nothing() -> None:
    assert mix_difference([10, 20, 30], [100, 200, 300]) == pytest.approx(0)
    assert mix_difference([5, 0], [0, 7]) == 1


def test_small_groups_are_one() -> None:
    """Green and grey have three members each: one group of six."""
    teams, answered = {"red": 50, "blue": 44, "green": 3, "grey": 3}, {"red": 25, "blue": 22, "green": 3, "grey": 0}
    with waves_of(items=ONE, said={"spring": said_by(answered)}, members=roster(teams)) as connection:
        results = measured(connection)
    row = find(results, "representativeness")
    assert row["value"] == pytest.approx(mix_difference([25, 22, 3], [50, 44, 6]))


def test_more_answers_than_a_group_has_members_is_no_data() -> None:
    with waves_of(
        items=ONE, said={"spring": said_by({"red": 30, "blue": 10})}, members=roster({"red": 20, "blue": 50})
    ) as connection:
        row = find(measured(connection), "representativeness")
    assert row["status"] == "no data"
    assert pd.isna(row["value"])


def test_a_wave_that_did_not_ask_for_teams_has_no_mix() -> None:
    with waves_of(
        items=ONE, said={"spring": drawn("| voice |\n| 5 |")}, members=roster({"red": 20, "blue": 50})
    ) as connection:
        assert "representativeness" not in set(measured(connection)["metric"])


counts = st.lists(st.integers(0, 20), min_size=2, max_size=6)


@given(counts, st.lists(st.integers(1, 20), min_size=6, max_size=6))
def test_it_agrees_with_pandas_and_stays_between_0_and_1(said: list[int], there: list[int]) -> None:
    if sum(said):
        frame = pd.DataFrame({"said": said, "there": there[: len(said)]})
        expected = (frame / frame.sum()).pipe(lambda shares: (shares["said"] - shares["there"]).abs().sum() / 2)
        found = float(mix_difference(frame["said"], frame["there"]))
        assert found == pytest.approx(expected)
        assert 0 <= found <= 1


def test_chance_is_the_same_for_the_same_wave_and_another_for_another() -> None:
    there, said = [40] * 5, [20, 10, 10, 10, 10]
    assert compare_mix_with_chance(said, there, "spring", "team") == compare_mix_with_chance(
        said, there, "spring", "team"
    )
    assert compare_mix_with_chance(said, there, "spring", "team") != compare_mix_with_chance(
        said, there, "autumn", "team"
    )
