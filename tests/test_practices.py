"""The map from practices to numbers names only what there is."""

import pytest

from docs.practices import PRACTICES, SECTIONS, Practice
from metrics.catalogue import CATALOGUE
from report.models.surveys import CONSTRUCTS

NAMES = {card.name for card in CATALOGUE}
practices = pytest.mark.parametrize("practice", PRACTICES.values(), ids=lambda practice: practice.id)


@practices
def test_a_practice_names_metrics_and_constructs_that_exist(practice: Practice) -> None:
    assert set(practice.metrics) <= NAMES
    assert set(practice.constructs) <= set(CONSTRUCTS)
    assert practice.metrics or practice.constructs or practice.feature or practice.missing


def test_every_practice_is_there_once() -> None:
    assert {name: len(rows) for name, rows in SECTIONS.items()} == {
        "Internal communities": 37,
        "Benefits of networks": 17,
        "From broadcast to members helping members": 11,
        "Professional-development communities": 10,
    }
    assert len(PRACTICES) == 37 + 17 + 11 + 10


def test_card_and_map_agree() -> None:
    for card in CATALOGUE:
        for name in card.practices:
            assert card.name in PRACTICES[name].metrics, (card.name, name)
