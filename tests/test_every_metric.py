"""What every card owes its reader, and the laws that every published number obeys."""

import re

import pytest

from docs.generate import PAGES, REFERENCE
from metrics.behaviour import formula_sql
from metrics.catalogue import CATALOGUE
from metrics.metric import Metric

cards = pytest.mark.parametrize("card", CATALOGUE, ids=lambda card: card.name)


def test_names_are_unique_and_carry_no_version() -> None:
    names = [card.name for card in CATALOGUE]
    assert len(set(names)) == len(names)
    assert not [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)]


@cards
def test_a_card_asks_a_question_and_says_what_not_to_conclude(card: Metric) -> None:
    assert card.question.endswith("?")
    for words in (card.title, card.formula, card.reading, card.reference, card.caveats):
        assert words.strip()
    assert card.grains
    assert card.needs


@cards
def test_a_card_over_the_panel_shows_its_sql(card: Metric) -> None:
    sql = formula_sql(card)
    assert bool(sql) == card.is_simple
    assert not sql or f'"{card.over}"' in sql


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_reference_is_up_to_date(name: str) -> None:
    written = (REFERENCE / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run `make docs`"
