"""Scales: what a cell means, whoever exported it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.scales import LABEL_SETS, LabelSet, Scale, find_order, normalise, read_cell, recognise, score, split_number

AGREE = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")
FIVE = Scale("likert", 1, 5, AGREE)


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("4", 4),
        ("4.0", 4),
        ("Agree", 4),
        ("  aGREE ", 4),
        ("4 - Agree", 4),
        ("4: agree", 4),
        ("4 (agree)", 4),
        ("4 – it is fine", 4),
    ],
)
def test_number_and_label_are_one_answer(cell: str, code: float) -> None:
    assert read_cell(cell, FIVE).code == code


@pytest.mark.parametrize("cell", ["N/A", "n.a.", "Don't know", "Don’t know", "not applicable"])
def test_not_applicable_words_are_no_number(cell: str) -> None:
    reading = read_cell(cell, FIVE)
    assert (reading.code, reading.not_applicable) == (None, True)


def test_99_means_not_applicable_only_where_it_is_declared() -> None:
    assert read_cell("99", Scale("likert", 1, 5, na_codes=("99",))).not_applicable
    assert read_cell("99", Scale("likert", 1, 5)).what == '"99" is outside the scale 1 to 5.'


@pytest.mark.parametrize(
    ("cell", "what", "fix"),
    [
        ("7", '"7" is outside the scale 1 to 5.', "Write a number from 1 to 5"),
        ("Agreed", '"Agreed" is not an answer of this scale.', "Did you mean Agree?"),
        ("3.5", '"3.5" lies between two answers.', "whole number from 1 to 5"),
        ("4 - Disagree", '"4 - Disagree" contradicts itself: here Disagree is 2.', "order of the labels"),
    ],
)
def test_bad_cell_is_quoted_with_its_remedy(cell: str, what: str, fix: str) -> None:
    reading = read_cell(cell, FIVE)
    assert reading.what == what
    assert fix in (reading.fix or "")


def test_choice_takes_its_options_in_any_case_and_names_the_nearest() -> None:
    mode = Scale("choice", labels=("In person", "Online"))
    assert read_cell("in person", mode).choice == "In person"
    assert "Did you mean Online?" in (read_cell("onlin", mode).fix or "")
    assert read_cell("anything", Scale("choice")).choice == "anything"


def test_score_of_the_five_points() -> None:
    assert [score(code, 1, 5) for code in (1, 2, 3, 4, 5)] == [0, 25, 50, 75, 100]
    assert [score(code, 1, 5, reverse=True) for code in (1, 2, 3, 4, 5)] == [100, 75, 50, 25, 0]
    assert [score(code, 0, 10) for code in (0, 7, 10)] == [0, 70, 100]


@given(code=st.integers(0, 6), low=st.integers(-3, 3), reverse=st.booleans())
def test_reversing_twice_is_no_reversing(code: int, low: int, reverse: bool) -> None:
    high = low + 6
    answered = low + code
    assert score(low + high - answered, low, high, reverse=not reverse) == score(answered, low, high, reverse=reverse)
    assert score(answered, low, high) + score(answered, low, high, reverse=True) == pytest.approx(100)


@given(known=st.sampled_from(LABEL_SETS), data=st.data(), reverse=st.booleans())
def test_score_does_not_depend_on_how_an_answer_is_written(known: LabelSet, data: st.DataObject, reverse: bool) -> None:
    labels = tuple(point[0].capitalize() for point in known.points)
    scale = Scale("likert", 1, len(labels), labels)
    code = data.draw(st.integers(1, len(labels)))
    label = labels[code - 1]
    written = [
        str(code),
        f"{code}.0",
        label,
        label.upper(),
        f" {label} ",
        f"{code} - {label}",
        f"{code}: {label}",
        f"{code} ({label})",
    ]
    codes = [read_cell(cell, scale).code for cell in written]
    assert codes == [code] * len(written)


@given(known=st.sampled_from(LABEL_SETS))
def test_every_known_set_is_recognised_from_its_own_labels(known: LabelSet) -> None:
    labels = [point[0] for point in known.points]
    guess = recognise(dict.fromkeys(labels, 3), "I feel at home here")
    assert [normalise(label) for label in guess.labels] == labels
    assert (guess.scale_min, guess.scale_max) == (1, len(labels))
    assert (find_order(labels), find_order(labels[::-1])) == (1, -1)


@pytest.mark.parametrize(
    ("cells", "wording", "kind", "low", "high"),
    [
        (["1", "3", "5"], "I feel at home here", "likert", 1, 5),
        (["2", "3", "4"], "I feel at home here", "likert", 1, 5),
        (["1", "6", "7"], "I feel at home here", "likert", 1, 7),
        (["0", "6", "10"], "I feel at home here", "likert", 0, 10),
        (["0", "6", "10"], "How likely are you to recommend us?", "nps", 0, 10),
        (["7", "9", "10"], "How likely are you to recommend us?", "nps", 0, 10),
        (["4", "5 - It's extremely important"], "How important is it?", "likert", 1, 5),
    ],
)
def test_scale_of_numbers_is_recognised(cells: list[str], wording: str, kind: str, low: float, high: float) -> None:
    guess = recognise(dict.fromkeys(cells, 4), wording)
    assert (guess.kind, guess.scale_min, guess.scale_max) == (kind, low, high)


def test_labels_that_run_downward_are_recognised_as_reversed() -> None:
    cells = {"1 - Strongly agree": 4, "2 - Agree": 4, "3 - Neutral": 2, "4 - Disagree": 1, "5 - Strongly disagree": 1}
    guess = recognise(cells, "I feel at home here")
    assert guess.reverse
    assert guess.labels[0] == "Strongly agree"


def test_99_among_small_numbers_is_proposed_as_not_applicable() -> None:
    guess = recognise({"1": 5, "5": 5, "99": 2}, "I feel at home here")
    assert (guess.kind, guess.scale_max, guess.na_codes) == ("likert", 5, ("99",))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"Online": 6, "In person": 4}, "choice"),
        ({"data;cloud": 3, "data": 2, "cloud;": 2}, "multi"),
        ({"More time; less mail.": 1, "Nothing": 1, "Better rooms": 1}, "text"),
        ({}, "text"),
    ],
)
def test_words_are_a_choice_several_choices_or_text(cells: dict[str, int], kind: str) -> None:
    assert recognise(cells, "Question").kind == kind


def test_not_applicable_is_no_comment_but_may_be_an_option() -> None:
    assert recognise({"N/A": 1, "Better rooms": 1}, "Why?").na_codes == ("N/A",)
    assert recognise({"Don't know": 6, "Online": 6}, "How do you join?").na_codes == ()


@pytest.mark.parametrize("cell", ["1-2 times", "2026-03-01", "about 4", "", "4 5", "-"])
def test_number_inside_words_is_no_answer(cell: str) -> None:
    assert split_number(cell) is None
