"""The catalogue: every metric, in the order of the glossary. A metric that is not in this tuple does not exist."""

from metrics.actions import ACTION_CARDS
from metrics.activity import ACTIVITY_CARDS
from metrics.connections import CONNECTION_CARDS
from metrics.interactions import INTERACTION_CARDS
from metrics.lifecycle import LIFECYCLE_CARDS
from metrics.metric import Metric
from metrics.participation import PARTICIPATION_CARDS
from metrics.surveys import SURVEY_CARDS
from metrics.wave_change import WAVE_CHANGE_CARDS

FAMILIES: dict[str, tuple[Metric, ...]] = {
    "Participation": PARTICIPATION_CARDS,
    "Interactions": INTERACTION_CARDS,
    "Connections": CONNECTION_CARDS,
    "Lifecycle": LIFECYCLE_CARDS,
    "Surveys": SURVEY_CARDS + WAVE_CHANGE_CARDS,
    "Actions": ACTION_CARDS,
    "Activity": ACTIVITY_CARDS,
}

CATALOGUE: tuple[Metric, ...] = tuple(card for family in FAMILIES.values() for card in family)


def find_metric(name: str) -> Metric | None:
    """The card of a name, or None."""
    return next((card for card in CATALOGUE if card.name == name), None)
