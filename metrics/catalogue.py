"""The catalogue: every metric, in the order of the glossary. A metric that is not in this tuple does not exist."""

from metrics.actions import ACTION_CARDS
from metrics.activity import ACTIVITY_CARDS
from metrics.channels import CHANNEL_CARDS
from metrics.concentration import CONCENTRATION_CARDS
from metrics.connections import CONNECTION_CARDS
from metrics.duplication import DUPLICATION_CARDS
from metrics.event_lift import EVENT_LIFT_CARDS
from metrics.event_plan import EVENT_PLAN_CARDS
from metrics.interactions import INTERACTION_CARDS
from metrics.journeys import JOURNEY_CARDS
from metrics.lifecycle import LIFECYCLE_CARDS
from metrics.metric import Metric
from metrics.mixing import MIXING_CARDS
from metrics.network import NETWORK_CARDS
from metrics.participation import PARTICIPATION_CARDS
from metrics.replies import REPLY_CARDS
from metrics.shown_groups import EQUITY_CARDS
from metrics.survey_family import SURVEY_FAMILY
from metrics.tie_flow import TIE_FLOW_CARDS
from metrics.value_family import VALUE_FAMILY

FAMILIES: dict[str, tuple[Metric, ...]] = {
    "Participation": PARTICIPATION_CARDS + EVENT_PLAN_CARDS + EQUITY_CARDS,
    "Interactions": INTERACTION_CARDS + REPLY_CARDS + CONCENTRATION_CARDS + CHANNEL_CARDS,
    "Connections": CONNECTION_CARDS
    + NETWORK_CARDS
    + MIXING_CARDS
    + TIE_FLOW_CARDS
    + EVENT_LIFT_CARDS
    + DUPLICATION_CARDS,
    "Lifecycle": LIFECYCLE_CARDS + JOURNEY_CARDS,
    "Surveys": SURVEY_FAMILY,
    "Value": VALUE_FAMILY,
    "Actions": ACTION_CARDS,
    "Activity": ACTIVITY_CARDS,
}

CATALOGUE: tuple[Metric, ...] = tuple(card for family in FAMILIES.values() for card in family)


def find_metric(name: str) -> Metric | None:
    """The card of a name, or None."""
    return next((card for card in CATALOGUE if card.name == name), None)
