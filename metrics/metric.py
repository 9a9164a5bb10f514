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
    CORRELATION = "-1 to 1"
    ALPHA = "alpha"
    MEDIAN = "median"
    HOURS = "median hours"
    DAYS = "median days"
    RATIO = "ratio"
    DEGREE = "0 to 1"
    BALANCE = "-1 to 1"
    TIES = "ties"
    PAIRS = "pairs of teams"
    DIFFERENCE = "difference of shares"


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
    PROGRAMMES = "programmes"
    OBJECTIVES = "objectives"
    MENTORING = "mentoring"
    RECOGNITIONS = "recognitions"
    STORIES = "stories"
    COLLABORATIONS = "collaborations"


ALL_GRAINS = (Grain.WEEK, Grain.MONTH, Grain.QUARTER)

Aggregate = Callable[[ir.Table], ir.Scalar]


@dataclass(frozen=True)
class Part:
    """One cut of a metric that is a set of shares: its name, what it counts, and of what where that is not the card's own."""

    name: str
    numerator: Aggregate
    of: Aggregate | None = None


@dataclass(frozen=True)
class Case:
    """One cut of a metric whose coverage is judged by itself: it needs other facts, or is final at another time."""

    breakdown: str
    horizon: int
    needs: tuple[Source, ...]


@dataclass(frozen=True)
class Metric:
    """The card of one metric.

    `numerator` and `denominator` are Ibis aggregates over a table of members by period, named by `over`:
    the panel (see `metrics/panel.py`) or conduct (`metrics/conduct.py`); a metric that cannot be written so
    leaves them out and its family's module computes it. `parts` are cuts that share a denominator.
    `people` counts the distinct persons of the denominator; left out, it is the denominator itself.
    `segment_grains` are the grains in which groups are cut; the whole community is there in all `grains`.

    `look_back` is the number of days before the period's last day that the number needs to be covered, 0
    for the period itself. `horizon` is the number of days after its last day until a period stops changing,
    `warm_up` the days after coverage starts in which "ever" and "first" cannot be said. `needs_any`: each of
    the `needs` will do, and those that were loaded have to cover. `cases` are judged one by one.
    `of_previous` counts the members of the period before, as they were then, so that has to be covered too.
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
    needs_any: bool = False
    segment_grains: tuple[Grain, ...] = ALL_GRAINS
    cases: tuple[Case, ...] = ()
    practices: tuple[str, ...] = field(default=())
    over: str = "panel"
    numerator: Aggregate | None = None
    denominator: Aggregate | None = None
    people: Aggregate | None = None
    parts: tuple[Part, ...] = ()

    @property
    def is_simple(self) -> bool:
        """Whether the card itself says how it is counted, over a table of members by period."""
        return self.denominator is not None or bool(self.parts)

    @property
    def has_usual_range(self) -> bool:
        """Whether weeks can be held against the weeks before.

        Windows of 28 days or more overlap from week to week: they move slowly, so moving ranges are far too small,
        and limits made of them would cry every other month.
        """
        return self.unit in (Unit.SHARE, Unit.MEAN) and Grain.WEEK in self.grains and self.look_back <= 7


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
