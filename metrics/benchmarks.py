"""Benchmarks: what a number is held against: own history, internal peers, outside references with their provenance."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, field_validator

FOLDER = Path(__file__).parent.parent / "data" / "benchmarks"
FEWEST_UNITS = 5  # Viva Engage shows no comparison of fewer


class Match(StrEnum):
    """How far the reference's definition is ours."""

    SAME = "A"
    CLOSE = "B"
    INDICATIVE = "C"


class Reference(BaseModel):
    """One outside number: a row of data/benchmarks."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str
    value: float
    unit: str
    publisher: str
    year: int
    population: str
    low: float | None = None
    high: float | None = None
    link: str | None = None
    match: Match
    expires_on: date | None = None

    @field_validator("low", "high", "link", "expires_on", mode="before")
    @classmethod
    def _empty_is_none(cls, cell: object) -> object:
        return None if cell == "" else cell

    @property
    def may_colour(self) -> bool:
        """Whether a number may be called better or worse than this one."""
        return self.match is not Match.INDICATIVE


@dataclass(frozen=True)
class References:
    """All outside references, in the order of preference for each metric."""

    rows: tuple[Reference, ...]

    def find(self, metric: str, on: date) -> Reference | None:
        """The best match for a metric that is not too old on a day: same formula first, then the newest."""
        usable = [row for row in self.rows if row.metric == metric and (row.expires_on is None or row.expires_on >= on)]
        return min(usable, key=lambda row: (row.match, -row.year), default=None)


@dataclass(frozen=True)
class Middle:
    """Median and quartiles of a series' own past."""

    median: float
    lower_quartile: float
    upper_quartile: float
    points: int


@dataclass(frozen=True)
class Peers:
    """Median and top quartile over the units of a dimension."""

    median: float
    top_quartile: float
    units: int


def read_references(folder: Path = FOLDER) -> References:
    """The references that ship with Hearth. Raises ValidationError for a row without provenance."""
    rows = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as handle:
            rows += [Reference.model_validate(row) for row in csv.DictReader(handle)]
    return References(tuple(rows))


def find_middle_half(values: Sequence[float] | npt.ArrayLike) -> Middle | None:
    """Median and quartiles of the numbers there are (the last four quarters or 52 weeks); None without any."""
    points = np.asarray(values, dtype=float)
    points = points[~np.isnan(points)]
    if not len(points):
        return None
    lower, median, upper = np.quantile(points, [0.25, 0.5, 0.75])
    return Middle(float(median), float(lower), float(upper), len(points))


def find_peers(values: Sequence[float] | npt.ArrayLike) -> Peers | None:
    """Median and top quartile over units that are shown; None for fewer than five, where a unit could find itself."""
    points = np.asarray(values, dtype=float)
    points = points[~np.isnan(points)]
    if len(points) < FEWEST_UNITS:
        return None
    return Peers(float(np.median(points)), float(np.quantile(points, 0.75)), len(points))
