"""Instruments: a question turned the wrong way, a rank taken for certain, and a theme taken for how common it is."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics.association import find_stability, rank_correlation, weigh_drivers
from metrics.catalogue import CATALOGUE
from metrics.reliability import cronbach_alpha
from metrics.statistics import rescale
from tests.waves import find, measured, waves_of


def test_a_reversed_question_that_is_not_turned_pulls_a_scale_apart(reference: Path) -> None:
    """Agreeableness of the bfi, whose first item is reversed: 0.70, and 0.43 where nobody turned it."""
    names = ["A1", "A2", "A3", "A4", "A5"]
    said = pd.read_csv(reference / "psych-bfi" / "bfi.csv", usecols=names)
    naive = cronbach_alpha(said)
    turned = said.assign(
        A1=rescale(said["A1"], 1, 6, is_reversed=True), **{name: rescale(said[name], 1, 6) for name in names[1:]}
    )
    assert naive < 0.45
    assert round(cronbach_alpha(turned), 4) == 0.7030


def test_the_safest_answer_to_a_reversed_question_does_not_lower_safety() -> None:
    """Who never feels rejected answered 1, and the naive mean of codes called the community half unsafe."""
    items = (
        "| item | min | max | construct | reverse |\n| rejected | 1 | 5 | safety | yes |\n| help | 1 | 5 | safety | |"
    )
    said = pd.DataFrame({"rejected": [1] * 12, "help": [5] * 12})
    naive = (said.mean(axis=1).mean() - 1) * 25
    assert naive == 50
    with waves_of(items=items, said={"spring": said}) as connection:
        assert find(measured(connection), "psychological_safety")["value"] == 100


def test_the_first_of_equal_drivers_is_not_named_as_certain() -> None:
    """Six questions go with the outcome alike; whoever is first in this sample was called the driver."""
    generator = np.random.default_rng(5)
    x = generator.normal(size=(120, 6))
    y = x.sum(axis=1) + generator.normal(size=120) * 4
    first = int(np.argmax([rank_correlation(column, y) for column in x.T]))
    stability = find_stability(y, x, "soundness")
    assert stability[first] < 0.99
    assert stability.max() - stability.min() < 0.9


def test_an_item_that_explains_nothing_of_its_own_gets_no_share_for_its_name() -> None:
    """One item is noise: squared slopes, taken as shares, do not add up to what is explained; LMG shares do."""
    generator = np.random.default_rng(2)
    shared = generator.normal(size=(200, 1))
    x = np.hstack([shared + generator.normal(size=(200, 2)) * 0.5, generator.normal(size=(200, 1))])
    y = shared[:, 0] + generator.normal(size=200)
    standard = (x - x.mean(0)) / x.std(0)
    slopes = np.linalg.lstsq(standard, (y - y.mean()) / y.std(), rcond=None)[0]
    parts, squared = weigh_drivers(y, x)
    assert (slopes**2).sum() < 0.8 * squared
    assert parts.sum() == pytest.approx(squared)
    assert parts[2] < 0.05 * squared


def test_a_theme_of_the_unhappy_is_not_how_common_it_is() -> None:
    """Of 100, ten are unhappy and all write about time; of the 90 others ten write thanks. Half of the comments are not half of the people."""
    items = "| item | kind | min | max |\n| voice | likert | 1 | 5 |\n| words | text | | |"
    words = ["no time"] * 10 + ["thanks"] * 10 + [None] * 80
    said = pd.DataFrame({"voice": [1] * 10 + [4] * 90, "words": words}, dtype=object)
    with waves_of(items=items, said={"spring": said}) as connection:
        results = measured(connection)
    theme = find(results, "comment_themes", "time and meetings")
    assert theme["value"] == 0.5
    assert theme["numerator"] / 100 == 0.1  # how many said so of all who answered
    assert theme["denominator"] == 20  # the card's denominator is those who wrote, never those who answered
    assert find(results, "comment_tone", "wrote")["value"] < find(results, "comment_tone", "silent")["value"] - 30


# What a number about answers may not say of itself: that one thing makes another.
CAUSES = re.compile(
    r"\b(drives?|driven by|causes?|because of|leads to|makes members|results? in|thanks to|impact of)\b", re.IGNORECASE
)


@pytest.mark.parametrize(
    "card",
    [card for card in CATALOGUE if (card.breakdown and "driver" in card.name) or card.name == "strengths"],
    ids=lambda card: card.name,
)
def test_cards_of_correlations_name_no_cause(card: object) -> None:
    """Engagement and leaving moved together in one year and against each other in the next; a correlation is no lever."""
    words = " ".join(str(getattr(card, part)) for part in ("title", "question", "formula", "reading"))
    assert not CAUSES.search(words), words
    assert "not a cause" in str(getattr(card, "caveats"))  # noqa: B009


def test_item_numbers_that_move_between_years_do_not_join_two_questions() -> None:
    """Q2 of one year is not Q2 of the next: only the same wording, which is the same item id, is compared."""
    items = "| item | min | max |\n| proud | 1 | 5 |\n| heard | 1 | 5 |"
    waves = "| wave | opened | closed |\n| spring | 2026-03-01 | 2026-03-15 |\n| autumn | 2026-09-01 | 2026-09-15 |"
    before, now = pd.DataFrame({"proud": [5] * 40}), pd.DataFrame({"heard": [1] * 40})
    naive = now.iloc[:, 0].ge(4).mean() - before.iloc[:, 0].ge(4).mean()  # by position in the file
    assert naive == -1
    with waves_of(items=items, waves=waves, said={"spring": before, "autumn": now}) as connection:
        results = measured(connection)
    assert not {"wave_change", "change_split", "panel_change"} & set(results["metric"])
