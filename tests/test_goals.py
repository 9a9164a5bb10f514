"""Objectives in words: how many, how far, and which is nearest, by hand."""

from datetime import date

import pytest

from report.models.goals import Goal, list_goals, say_goals, support_goals

DUE = date(2026, 12, 31)


def goal(
    attained: float | None, standing: str = "behind", *, expected: float | None = 0.75, title: str = "a goal"
) -> Goal:
    return Goal(title, "50% to 90%", "70%", standing, attained, expected, DUE)


@pytest.mark.parametrize(
    ("attained", "direction"),
    [
        (None, ""),
        (1.0, "reached"),
        (1.4, "reached"),
        (0.005, "on the way"),
        (0.004, "still"),
        (-0.004, "still"),
        (-0.005, "back"),
    ],
)
def test_where_an_objective_went(attained: float | None, direction: str) -> None:
    assert goal(attained).direction == direction


@pytest.mark.parametrize(
    ("goals", "answer"),
    [
        ([], "No objective runs in this quarter."),
        (
            [goal(0.5), goal(0.2), goal(0.0), goal(-1.0)],
            "Of four objectives two are part of the way, one has not moved and one went back.",
        ),
        ([goal(0.5), goal(0.2)], "Of two objectives two are part of the way."),
        ([goal(-0.3)], "The one objective is further away than at the start."),
        ([goal(0.3)], "The one objective is part of the way, but later than planned."),
        (
            [goal(1.0, "reached"), goal(0.9, "on track"), goal(0.1)],
            "Of three objectives one is reached, one on track and one behind.",
        ),
        ([goal(1.0, "reached"), goal(1.2, "reached")], "All two objectives are reached."),
        ([goal(None, "withheld"), goal(None, "not measured")], "None of two objectives has a number in this quarter."),
    ],
)
def test_the_answer_counts_and_is_fair_to_what_is_behind(goals: list[Goal], answer: str) -> None:
    """Before, seven objectives of which three were half of the way read "All seven objectives are behind."."""
    assert say_goals(goals) == answer
    assert len(answer) <= 90


def test_the_nearest_is_named_with_the_time_that_has_passed() -> None:
    goals = [goal(0.44, title="near"), goal(0.63, title="nearest"), goal(-0.5, title="back")]
    said = support_goals(goals)
    assert said.startswith(
        "None is on track yet. Nearest to its target: “nearest”, 63% of the way, after 75% of the time."
    )
    assert "nothing here is tested" in said


def test_what_is_withheld_is_counted_and_nothing_else_is_said_of_it() -> None:
    said = support_goals([goal(None, "withheld"), goal(1.0, "reached"), goal(None, "not measured")])
    assert said.endswith("One withheld and one not measured.")
    assert "None is on track" not in said


def test_the_table_says_how_far_beside_how_long() -> None:
    goals = [
        goal(0.63),
        goal(0.0),
        goal(-0.5),
        goal(1.0, "reached"),
        goal(None, "not measured"),
        goal(0.2, "on track", expected=None),
    ]
    standing = [text.replace("\u00a0", " ") for text in list_goals(goals).rows["Standing"]]
    assert standing == [
        "behind: 63% of the way, after 75% of the time; due 31 Dec 2026",
        "behind: where it began, after 75% of the time; due 31 Dec 2026",
        "behind: further away than at the start, after 75% of the time; due 31 Dec 2026",
        "reached; due 31 Dec 2026",
        "not measured; due 31 Dec 2026",
        "on track: 20% of the way; due 31 Dec 2026",
    ]
