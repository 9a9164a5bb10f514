"""Sentences: what got worse first, "but" between worse and better, "and" within one kind, and no cause."""

import pytest

from data.settings import Settings
from metrics.catalogue import CATALOGUE
from metrics.metric import Unit
from report.words import (
    CLAUSES,
    FIRST_STEPS,
    NOUNS,
    beyond_limit,
    clause,
    join_clauses,
    number_word,
    plain_list,
    sentence,
    verbatim,
    withheld_words,
)

FEWER = "fewer members came to events than usual"
SOONER = "questions are answered sooner"
LATER = "questions wait longer for an answer"


@pytest.mark.parametrize(
    ("worse", "better", "said"),
    [
        ([FEWER], [SOONER], "Fewer members came to events than usual, but questions are answered sooner."),
        ([FEWER, LATER], [], "Fewer members came to events than usual, and questions wait longer for an answer."),
        ([], [SOONER], "Questions are answered sooner."),
        # No more than two findings in one sentence; of both kinds, one of each.
        ([FEWER, LATER], [SOONER], "Fewer members came to events than usual, but questions are answered sooner."),
        ([FEWER, LATER, "x"], [], "Fewer members came to events than usual, and questions wait longer for an answer."),
    ],
)
def test_two_findings_are_one_sentence(worse: list[str], better: list[str], said: str) -> None:
    assert join_clauses(worse, better) == said


def test_a_clause_follows_the_direction_of_the_number() -> None:
    assert clause("event_participation", is_up=False) == "fewer members came to events"
    assert clause("answered_within_day", is_up=True) == SOONER
    assert clause("answered_within_day", is_up=False) == LATER
    assert clause("a_metric_without_words", is_up=True) == "a number is higher"


@pytest.mark.parametrize("name", [*Settings().pulse, *Settings().scorecard])
def test_every_headline_number_has_words_of_its_own(name: str) -> None:
    """Otherwise Pulse or the scorecard would say that "a number is lower"."""
    assert name in CLAUSES
    lower, higher = CLAUSES[name]
    assert lower != higher


def test_words_are_only_kept_for_metrics_that_exist() -> None:
    known = {card.name for card in CATALOGUE}
    assert {name.partition(":")[0] for name in CLAUSES} <= known
    assert set(NOUNS) <= known
    assert set(FIRST_STEPS) == set(Settings().pulse), "whatever Pulse can find has a first step"


def test_no_clause_names_a_cause_or_shouts() -> None:
    for words in (text for pair in CLAUSES.values() for text in pair):
        assert words[0].islower()
        for forbidden in ("because", "due to", "thanks to", "caused", "!", "%", "."):
            assert forbidden not in words


@pytest.mark.parametrize(
    ("text", "said"),
    [("fewer came", "Fewer came."), ("Fewer came.", "Fewer came."), ("NPS fell", "NPS fell."), ("é", "É.")],
)
def test_a_sentence_has_a_capital_and_one_stop(text: str, said: str) -> None:
    assert sentence(text) == said


@pytest.mark.parametrize(("count", "word"), [(0, "no"), (1, "one"), (12, "twelve"), (13, "13"), (-1, "-1")])
def test_small_numbers_in_words(count: int, word: str) -> None:
    assert number_word(count) == word


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["Care"], "Care"),
        (["Care", "Digital"], "Care and Digital"),
        (["Care", "Digital", "Estates"], "Care, Digital and Estates"),
    ],
)
def test_a_list_in_a_sentence(names: list[str], said: str) -> None:
    assert plain_list(names) == said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Coffee and catch-up", "Coffee and catch-up"),
        ("Call: what we learned", "Call: what we learned"),
        ("$5 and $6", r"\$5 and \$6"),
        ("[click](http://x)", "\\[click\\](http:\u2060//x)"),
        ("ann@example.org at www.example.org", "ann@\u2060example.org at www\u2060.example.org"),
        ("1. Tea", r"1\. Tea"),
        ("- Tea", r"\- Tea"),
        ("&lt;b&gt;", r"\&lt;b\&gt;"),
        (":red[alarm] *now*", r"\:red\[alarm\] \*now\*"),
        ("<b>bold</b>", r"\<b\>bold\</b\>"),
        ("a\\b", r"a\\b"),
    ],
)
def test_what_people_uploaded_is_shown_and_not_read_as_markup(text: str, shown: str) -> None:
    assert verbatim(text) == shown


def test_which_limit_was_passed() -> None:
    assert beyond_limit(0.25, 0.28, Unit.SHARE, is_up=False) == "below the lower limit of 28%"
    assert beyond_limit(0.41, 0.39, Unit.SHARE, is_up=True) == "above the upper limit of 39%"


def test_withheld_says_why_and_never_how_many() -> None:
    assert withheld_words(10) == "Withheld: fewer than 10 people, or it would reveal a small group."
