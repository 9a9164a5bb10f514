"""Wrong survey numbers of one wave: each by the plain formula that gives it, and what is right."""

import numpy as np
import pandas as pd
import pytest

from tests.facts import rows
from tests.waves import Answers, drawn, find, measured, waves_of

VOICE = """
    | item  | min | max | construct |
    | heard | 1   | 5   | voice     |
    | asked | 1   | 5   | voice     |
    | acted | 1   | 5   | voice     |
"""
FIVE = """
    | item  | min | max | construct  |
    | pride | 1   | 5   | engagement |
    | bond  | 1   | 5   | engagement |
"""


def compute_fav(codes: Answers) -> dict[str, float]:
    """vivainsights-py, compute_fav(drop_neutral=True) in short: neutral rows leave the frame question by question."""
    shares = {}
    for item in codes.columns:
        codes = codes[codes[item] != 3]
        shares[item] = float((codes[item] >= 4).mean())
    return shares


def test_somebody_neutral_on_one_question_is_not_lost_to_the_others() -> None:
    """compute_fav dropped whole respondents inside its loop: ann, neutral on the first question, took her "agree" on the third with her.

    The share of `acted` was 0 of 1 where 2 of 4 agree.
    """
    answers = drawn(
        """
        | who  | heard | asked | acted |
        | ann  | 3     | 4     | 5     |
        | bob  | 5     | 3     | 4     |
        | cem  | 4     | 4     | 1     |
        | dora | 1     | 3     | 2     |
        """
    )
    codes = answers[["heard", "asked", "acted"]].astype(int)
    assert compute_fav(codes)["acted"] == 0 / 1
    with waves_of(items=VOICE, said={"spring": answers}) as connection:
        row = find(measured(connection), "favourable", "acted")
    assert (row["value"], row["denominator"]) == (2 / 4, 4)


def test_not_applicable_is_no_unfavourable_answer() -> None:
    """Of five people two agree and two had nothing to judge: 2 of 5 read as 40 % favourable, 2 of 3 as it is."""
    answers = drawn("| heard |\n| 5 |\n| 4 |\n| 1 |\n| n/a |\n| n/a |")
    assert (pd.to_numeric(answers["heard"], errors="coerce") >= 4).mean() == 2 / 5
    with waves_of(items=VOICE, said={"spring": answers}) as connection:
        assert find(measured(connection), "favourable", "heard")["value"] == 2 / 3


def test_the_margin_of_an_index_is_not_the_mean_of_its_questions_margins() -> None:
    """Item margins, averaged or added as if independent, say nothing about how one person's answers go together.

    Here the two questions are opposites, so everybody's own mean is 50: the index has no margin at all. Averaged item
    margins made it 18 points; answered alike it is 18 points, where "independent" made it 12 (practicalsignificance.com, 2021).
    """
    opposite = pd.DataFrame({"pride": [1, 5] * 15, "bond": [5, 1] * 15})
    alike = pd.DataFrame({"pride": [1, 5] * 15, "bond": [1, 5] * 15})
    margins = {}
    for name, answers in (("opposite", opposite), ("alike", alike)):
        with waves_of(items=FIVE, said={"spring": answers}) as connection:
            results = measured(connection)
        index = find(results, "engagement_index")
        of_items = [
            row["high"] - row["value"] for row in (find(results, "item_score", item) for item in ("pride", "bond"))
        ]
        margins[name] = (
            index["high"] - index["value"],
            sum(of_items) / 2,
            (of_items[0] ** 2 + of_items[1] ** 2) ** 0.5 / 2,
        )
    index, averaged, independent = margins["opposite"]
    assert index == 0
    assert (averaged, independent) == pytest.approx((18.99, 13.43), abs=0.01)
    index, averaged, independent = margins["alike"]
    assert index == pytest.approx(averaged) != pytest.approx(independent)


def test_teams_did_not_stay_away_from_a_wave_that_did_not_ask_for_teams() -> None:
    """An anonymous file without the column `team` joined to the roster: 0 of 2 answered in every team, of four who did."""
    members = "| who | team |\n| ann | care |\n| bob | care |\n| cem | digital |\n| dora | digital |"
    answers = drawn("| heard |\n| 5 |\n| 4 |\n| 2 |\n| 1 |")
    assert {row["team"] for row in rows(members)} == {"care", "digital"}
    with waves_of(items=VOICE, said={"spring": answers}, members=members) as connection:
        results = measured(connection)
    response = results[results["metric"] == "survey_response"]
    assert response[["segment", "value"]].to_numpy().tolist() == [["all", 1.0]]


def test_a_construct_does_not_give_a_hidden_question_away() -> None:
    """Everybody answered `heard`, three answered `asked`: with k = 5 its share was withheld, and computed in one line.

    Twice the construct less the share of `heard` is the share of `asked`. So the construct is about as many people as
    its least answered question, and the gate withholds both.
    """
    items = "\n".join(VOICE.strip().splitlines()[:3])
    answers = pd.DataFrame({"heard": [5] * 6 + [1] * 6, "asked": [5, 1, 1] + [None] * 9})
    with waves_of(items=items, said={"spring": answers}) as connection:
        results = measured(connection)
    heard, asked, voice = (find(results, "favourable", name) for name in ("heard", "asked", "voice"))
    assert 2 * voice["value"] - heard["value"] == pytest.approx(asked["value"])
    assert (heard["people"], asked["people"], voice["people"]) == (12, 3, 3)


def test_the_order_of_the_file_changes_no_digit() -> None:
    """The same answers in another order gave another last digit, so a snapshot made again was not the same snapshot.

    Scores on seven points are no round floats, and (a + b) + c is not a + (b + c).
    """
    chance = np.random.default_rng(7)
    answers = pd.DataFrame(chance.integers(1, 8, size=(3000, 3)), columns=["heard", "asked", "acted"])
    shuffled = answers.sample(frac=1, random_state=7)
    scores = [list((said["heard"] - 1) / 6 * 100) for said in (answers, shuffled)]
    assert sum(scores[0]) != sum(scores[1])
    items = VOICE.replace("| 5 ", "| 7 ").replace("voice     ", "engagement")
    waves = """
        | wave   | opened     | closed     |
        | spring | 2026-03-01 | 2026-03-15 |
        | again  | 2026-03-01 | 2026-03-15 |
    """
    with waves_of(items=items, said={"spring": answers, "again": shuffled}, waves=waves) as connection:
        results = measured(connection)
    one, other = (
        results[(results["period"] == wave) & (results["metric"] != "wave_change")].drop(columns="period")
        for wave in ("spring", "again")
    )
    pd.testing.assert_frame_equal(one.reset_index(drop=True), other.reset_index(drop=True), check_exact=True)
