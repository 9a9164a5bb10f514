"""Real change and change of the mix: Kitagawa by hand, that the parts add up, pools, and what may be said."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.statistics import split_change
from tests.waves import TWO_WAVES, find, measured, repeated, waves_of

ITEM = "| item | min | max |\n| voice | 1 | 5 |"


def answers(**teams: Mapping[float, int]) -> pd.DataFrame:
    return pd.concat([repeated(voice=codes).assign(team=team) for team, codes in teams.items()])


def split(before: pd.DataFrame, now: pd.DataFrame, items: str = ITEM) -> pd.DataFrame:
    with waves_of(items=items, waves=TWO_WAVES, said={"spring": before, "autumn": now}) as connection:
        return measured(connection)


def part(results: pd.DataFrame, name: str, which: str) -> pd.Series:
    return find(results, "change_split", f"{name}:{which}", wave="autumn")


def test_a_score_that_fell_although_no_group_fell() -> None:
    """Red 80 of 100 twice, blue 20 of 50 then 60 of 150: from 2/3 to 0.56, all of it from who answered."""
    results = split(answers(red={5: 80, 1: 20}, blue={5: 20, 1: 30}), answers(red={5: 80, 1: 20}, blue={5: 60, 1: 90}))
    real, mix = part(results, "favourable:voice", "real"), part(results, "favourable:voice", "composition")
    assert real["value"] == pytest.approx(0)
    assert mix["value"] == pytest.approx(100 * (140 / 250 - 100 / 150))
    assert (real["dimension"], real["segment"], real["verdict"]) == ("team", "all", "no detectable change")
    assert mix["verdict"] == "not tested"
    assert find(results, "wave_change", "favourable:voice", wave="autumn")["value"] == pytest.approx(mix["value"])


def test_both_parts_by_hand_with_the_margin_of_the_real_one() -> None:
    """Weights 1/2 and 1/2, then 3/4 and 1/4; rates 0.8 and 0.4, then 0.6 and 0.4."""
    results = split(answers(red={5: 80, 1: 20}, blue={5: 40, 1: 60}), answers(red={5: 90, 1: 60}, blue={5: 20, 1: 30}))
    real, mix = part(results, "favourable:voice", "real"), part(results, "favourable:voice", "composition")
    assert real["value"] == pytest.approx(100 * (0.6 - 0.8) * (0.5 + 0.75) / 2)
    assert mix["value"] == pytest.approx(100 * ((0.75 - 0.5) * 0.7 + (0.25 - 0.5) * 0.4))
    red, blue = 0.8 * 0.2 / 100 + 0.6 * 0.4 / 150, 0.4 * 0.6 / 100 + 0.4 * 0.6 / 50
    error = 100 * np.sqrt(0.625**2 * red + 0.375**2 * blue)
    assert real["high"] - real["value"] == pytest.approx(1.96 * error, rel=1e-4)
    assert real["verdict"] == "declined"


def test_a_score_is_split_too_and_tested_by_t() -> None:
    results = split(answers(red={5: 30, 4: 20}, blue={2: 50}), answers(red={5: 30, 4: 20}, blue={3: 30, 2: 20}))
    real = part(results, "score:voice", "real")
    assert real["value"] == pytest.approx(0.5 * 25 * 30 / 50)
    assert part(results, "score:voice", "composition")["value"] == pytest.approx(0)
    assert real["verdict"] == "improved"


def test_a_construct_is_split_as_the_mean_of_its_questions() -> None:
    items = "| item | min | max | construct |\n| heard | 1 | 5 | voice |\n| leads | 1 | 5 | voice |"

    def said(red: float, blue: float, n: tuple[int, int]) -> pd.DataFrame:
        rows = [
            repeated(heard={red: size}, leads={5: size}).assign(team=team)
            for team, red, size in (("red", red, n[0]), ("blue", blue, n[1]))
        ]
        return pd.concat(rows)

    results = split(said(5, 1, (30, 30)), said(1, 1, (40, 20)), items)
    real, mix = part(results, "favourable:voice", "real"), part(results, "favourable:voice", "composition")
    heard = [part(results, "favourable:heard", which)["value"] for which in ("real", "composition")]
    assert [real["value"], mix["value"]] == pytest.approx([heard[0] / 2, heard[1] / 2])
    total = find(results, "wave_change", "favourable:voice", wave="autumn")["value"]
    assert real["value"] + mix["value"] == pytest.approx(total)


codes = st.sampled_from([1, 2, 3, 4, 5])
people = st.lists(st.tuples(codes, st.sampled_from(["red", "blue", "green", None])), min_size=3, max_size=60)


@given(people, people)
def test_the_parts_add_up_to_the_change_of_the_whole(before: list[tuple[int, str]], now: list[tuple[int, str]]) -> None:
    frames = [pd.DataFrame(side, columns=["voice", "team"], dtype=object) for side in (before, now)]
    results = split(*frames)
    found = results[(results["metric"] == "change_split") & results["value"].notna()]
    found = found.assign(name=[breakdown.rpartition(":")[0] for breakdown in found["breakdown"]])
    for name, rows in found.groupby("name"):
        total = find(results, "wave_change", str(name), wave="autumn")["value"]
        assert rows["value"].sum() == pytest.approx(total, abs=1e-9), name


shares = st.lists(
    st.tuples(st.floats(0.01, 1), st.floats(0, 1), st.floats(0.01, 1), st.floats(0, 1)), min_size=1, max_size=6
)


@given(shares)
def test_the_formula_adds_up(groups: list[tuple[float, ...]]) -> None:
    w1, r1, w2, r2 = (np.array(column) for column in zip(*groups, strict=True))
    w1, w2 = w1 / w1.sum(), w2 / w2.sum()
    real, mix = split_change(w1, r1, w2, r2)
    assert (real + mix).sum() == pytest.approx((w2 * r2).sum() - (w1 * r1).sum())


def test_a_new_team_of_a_tenth_is_mix_and_of_more_gives_no_split() -> None:
    """Nobody of green was asked before: what it adds is composition, never a change of minds."""
    before = answers(red={5: 50, 1: 50}, blue={5: 50, 1: 50})
    few = split(before, answers(red={5: 50, 1: 50}, blue={5: 50, 1: 50}, green={1: 20}))
    assert part(few, "favourable:voice", "real")["value"] == pytest.approx(0)
    assert part(few, "favourable:voice", "composition")["value"] == pytest.approx(100 * (100 / 220 - 0.5))
    many = split(before, answers(red={5: 50, 1: 50}, blue={5: 50, 1: 50}, green={1: 30}))
    assert "change_split" not in set(many["metric"])


def test_too_few_answers_are_not_tested() -> None:
    results = split(answers(red={5: 12}, blue={1: 17}), answers(red={1: 12}, blue={1: 17}))
    assert part(results, "favourable:voice", "real")["verdict"] == "not tested"


def test_recommending_is_split() -> None:
    items = "| item | kind | min | max |\n| voice | nps | 0 | 10 |"
    before, now = answers(red={10: 30}, blue={0: 30}), answers(red={10: 45}, blue={0: 15})
    results = split(before, now, items)
    assert part(results, "nps:voice", "composition")["value"] == pytest.approx(50)
    assert part(results, "nps:voice", "real")["value"] == pytest.approx(0)


def test_one_group_is_all_real() -> None:
    results = split(answers(red={5: 20, 1: 20}), answers(red={5: 10, 1: 30}))
    assert part(results, "favourable:voice", "real")["value"] == pytest.approx(-25)


def test_without_a_dimension_there_is_no_split() -> None:
    plain: dict[str, Any] = {"voice": {5: 40}}
    results = split(repeated(**plain), repeated(**plain))
    assert "change_split" not in set(results["metric"])
