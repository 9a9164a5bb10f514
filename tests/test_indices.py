"""Indices: a fixed set of questions, respondents' own means first, parts with names of their own."""

import math

import pytest

from tests.waves import TWO_WAVES, drawn, find, measured, waves_of

EIGHT = """
| item  | min | max | construct                     |
| need1 | 1   | 5   | sense_of_community/needs      |
| need2 | 1   | 5   | sense_of_community/needs      |
| mem1  | 1   | 5   | sense_of_community/membership |
| mem2  | 1   | 5   | sense_of_community/membership |
| inf1  | 1   | 5   | sense_of_community/influence  |
| inf2  | 1   | 5   | sense_of_community/influence  |
| con1  | 1   | 5   | sense_of_community/connection |
| con2  | 1   | 5   | sense_of_community/connection |
"""
SAID = """
| need1 | need2 | mem1 | mem2 | inf1 | inf2 | con1 | con2 |
| 5     | 5     | 4    | 4    | 3    | 3    | 2    | 2    |
| 1     | 3     | 5    | 5    | 1    | 1    | 3    | 5    |
| 4     | 4     |      | 5    | 2    | 2    | 5    | 5    |
"""


def test_the_brief_sense_of_community_scale_by_hand() -> None:
    """The third left one question out: no total and no membership of theirs, but the other parts."""
    with waves_of(items=EIGHT, said={"spring": drawn(SAID)}) as connection:
        results = measured(connection)
    total = find(results, "sense_of_community")
    first, second = (100 + 100 + 75 + 75 + 50 + 50 + 25 + 25) / 8, (0 + 50 + 100 + 100 + 0 + 0 + 50 + 100) / 8
    assert (total["value"], total["people"]) == ((first + second) / 2, 2)
    parts = {
        name: find(results, "sense_of_community", name) for name in ("needs", "membership", "influence", "connection")
    }
    assert parts["needs"]["value"] == (100 + 25 + 75) / 3
    assert (parts["membership"]["value"], parts["membership"]["people"]) == ((75 + 100) / 2, 2)
    assert parts["influence"]["value"] == (50 + 0 + 25) / 3
    assert parts["connection"]["value"] == (25 + 75 + 100) / 3


def test_edmondsons_scale_turns_its_reversed_questions() -> None:
    """Seven questions, the first, third and fifth reversed: who always feels safe answers 1 to these and 5 to the others."""
    lines = [f"| safe{n} | 1 | 5 | psychological_safety | {'yes' if n in (1, 3, 5) else ''} |" for n in range(1, 8)]
    items = "\n".join(["| item | min | max | construct | reverse |", *lines])
    names = " | ".join(f"safe{n}" for n in range(1, 8))
    said = drawn(f"| {names} |\n| 1 | 5 | 1 | 5 | 1 | 5 | 5 |\n| 3 | 3 | 3 | 3 | 3 | 3 | 3 |")
    with waves_of(items=items, said={"spring": said}) as connection:
        index = find(measured(connection), "psychological_safety")
    assert index["value"] == (100 + 50) / 2
    assert index["high"] == 100  # a margin of t with one degree is wider than the scale


@pytest.mark.parametrize(("construct", "metric"), [("safety", "psychological_safety"), ("wellbeing", "wellbeing")])
def test_one_question_makes_an_index_too(construct: str, metric: str) -> None:
    items = f"| item | min | max | construct |\n| one | 1 | 5 | {construct} |"
    with waves_of(items=items, said={"spring": drawn("| one |\n| 5 |\n| 2 |")}) as connection:
        assert find(measured(connection), metric)["value"] == (100 + 25) / 2


def test_an_index_changes_between_waves_and_so_do_its_parts() -> None:
    before = drawn(SAID)
    with waves_of(items=EIGHT, waves=TWO_WAVES, said={"spring": before, "autumn": before.iloc[:1]}) as connection:
        results = measured(connection)
    change = find(results, "wave_change", "index:sense_of_community", wave="autumn")
    assert change["value"] == pytest.approx(62.5 - (62.5 + 50) / 2)
    assert change["verdict"] == "not tested"
    part = find(results, "wave_change", "index:sense_of_community/needs", wave="autumn")
    assert part["value"] == pytest.approx(100 - 200 / 3)


def test_a_construct_that_is_no_index_has_a_score_and_no_index() -> None:
    items = "| item | min | max | construct |\n| heard | 1 | 5 | voice |"
    with waves_of(items=items, said={"spring": drawn("| heard |\n| 5 |")}) as connection:
        results = measured(connection)
    assert find(results, "item_score", "voice")["value"] == 100
    assert (
        set(results["metric"]) & {"sense_of_community", "psychological_safety", "wellbeing", "engagement_index"}
        == set()
    )
    assert math.isnan(find(results, "item_score", "voice")["low"])
