"""What a metric is: a question, a formula and how to read it.

A card carries only facts about the metric; how it is computed is a function beside the card, in the
module of its family. Cards are frozen data, so the docs, the glossary, the filters and the tests are
made from them and cannot disagree with what is computed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import ibis.expr.types as ir


class Better(StrEnum):
    """Which direction of a metric is an improvement."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Verdict(StrEnum):
    """What may be said of a difference; "not tested" never means "no change"."""

    IMPROVED = "improved"
    DECLINED = "declined"
    NO_CHANGE = "no detectable change"
    NOT_TESTED = "not tested"


class Status(StrEnum):
    """What kind of answer a published row is."""

    FINAL = "final"
    PROVISIONAL = "provisional"
    WITHHELD = "withheld"
    BANDED = "banded"
    NO_DATA = "no data"


class Unit(StrEnum):
    """How a value is to be read. Shares are 0 to 1 everywhere; percent signs belong to the charts."""

    SHARE = "share"
    MEAN = "mean"
    COUNT = "count"
    PEOPLE = "people"
    SCORE = "score 0 to 100"
    NPS = "-100 to 100"
    POINTS = "points"


class Grain(StrEnum):
    """The length of a period. A wave is a period whose start is its label."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    WAVE = "wave"


class Source(StrEnum):
    """The facts a metric needs; without them it is "no data"."""

    ROSTER = "members"
    ATTENDANCE = "attendance"
    INTERACTIONS = "interactions"
    ACTIVITY = "activity"
    SURVEY = "survey"
    ACTIONS = "actions"


ALL_GRAINS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER)

Aggregate = Callable[[ir.Table], ir.Scalar]


@dataclass(frozen=True)
class Metric:
    """The card of one metric.

    `numerator` and `denominator` are Ibis aggregates over the member-by-period panel (see
    `metrics/panel.py`); a metric that cannot be written so leaves them out and its family's module
    computes it. `people` counts the distinct persons of the denominator; left out, it is the
    denominator itself. `look_back` is the number of days before the period's last day that the
    number needs to be covered, 0 for the period itself. `horizon` is the number of days after its
    last day until a period stops changing, `warm_up` the days after coverage starts in which "ever" and
    "first" cannot be said. `of_previous` counts the members of the period before, as they were then.
    `additive` numbers of a longer period are sums of those of the shorter ones inside it.
    """

    name: str
    title: str
    question: str
    formula: str
    unit: Unit
    better: Better
    grains: tuple[Grain, ...]
    needs: tuple[Source, ...]
    reading: str
    reference: str
    caveats: str
    owner: str = "community managers"
    reviewed_on: str = "2026-11-24"
    breakdown: str = ""
    look_back: int = 0
    horizon: int = 0
    warm_up: int = 0
    of_previous: bool = False
    additive: bool = False
    practices: tuple[str, ...] = field(default=())
    numerator: Aggregate | None = None
    denominator: Aggregate | None = None
    people: Aggregate | None = None


# The contract of every result, in the order in which `hearth show` prints it.
RESULT_COLUMNS = (
    "metric",
    "grain",
    "period",
    "dimension",
    "segment",
    "breakdown",
    "value",
    "numerator",
    "denominator",
    "people",
    "low",
    "high",
    "expected",
    "p",
    "verdict",
    "status",
)

ALL = "all"
