"""Benchmarks: what a number is held against: own history, internal peers, outside references with their provenance.

A comparison without its kind, its size and its source is worse than none, so each carries them: how many
periods or units it rests on, or who published it, when, about whom, and how far the definition is ours.
"""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

import duckdb
import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from data.errors import BadFile
from metrics.catalogue import find_metric
from metrics.metric import Better, Unit
from metrics.published import read_rows

FOLDER = Path(__file__).parent.parent / "data" / "benchmarks"
FEWEST_UNITS = 5  # Viva Engage shows no comparison of fewer


class Match(StrEnum):
    """How far the reference's definition is ours."""

    SAME = "A"
    CLOSE = "B"
    INDICATIVE = "C"


def _read_empty_cell(cell: object) -> object:
    return None if cell == "" else cell


_Number = Annotated[float, Field(allow_inf_nan=False)]
_OptionalNumber = Annotated[_Number | None, BeforeValidator(_read_empty_cell)]


class Reference(BaseModel):
    """One published number from outside: a row of data/benchmarks. Low and high are the range the publisher prints."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    metric: str = Field(pattern=r"^[a-z]+(_[a-z]+)*$")
    value: _Number
    unit: Unit
    publisher: str = Field(min_length=1)
    year: int = Field(ge=1900, le=2100)
    population: str = Field(min_length=1)
    low: _OptionalNumber = None
    high: _OptionalNumber = None
    link: Annotated[Annotated[str, Field(pattern=r"^https://")] | None, BeforeValidator(_read_empty_cell)] = None
    match: Match
    expires_on: Annotated[date | None, BeforeValidator(_read_empty_cell)] = None

    @model_validator(mode="after")
    def _lies_in_its_range(self) -> Self:
        if self.low is not None and self.low > self.value:
            raise ValueError("low is above the value")
        if self.high is not None and self.high < self.value:
            raise ValueError("high is below the value")
        if self.unit is Unit.SHARE and not 0 <= self.value <= 1:
            raise ValueError("a share is written as 0 to 1")
        return self

    @property
    def may_colour(self) -> bool:
        """Whether a number may be called better or worse than this one; never than an indicative one."""
        return self.match is not Match.INDICATIVE


@dataclass(frozen=True)
class References:
    """All outside references."""

    rows: tuple[Reference, ...]

    def find(self, metric: str, on: date) -> Reference | None:
        """The reference for a metric on a day: of those that have not expired the best match, then the newest."""
        usable = [row for row in self.rows if row.metric == metric and (row.expires_on is None or row.expires_on >= on)]
        return min(usable, key=lambda row: (row.match, -row.year), default=None)


@dataclass(frozen=True)
class Middle:
    """Median and quartiles of a series' own past, in its unit, and how many periods they rest on."""

    median: float
    lower_quartile: float
    upper_quartile: float
    points: int


@dataclass(frozen=True)
class Peers:
    """Median and top quartile over the units of a dimension, in the metric's unit."""

    median: float
    top_quartile: float
    units: int


def read_references(folder: Path = FOLDER) -> References:
    """The references of every CSV in a folder. Raises BadFile, naming file and line, for a row without provenance."""
    rows = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            for row in reader:
                try:
                    rows.append(Reference.model_validate(row))
                except ValidationError as error:
                    raise BadFile(
                        _word(error), where=f"{file.name}, line {reader.line_num}", fix="Mend the row."
                    ) from error
    return References(tuple(rows))


def gather_references(connection: duckdb.DuckDBPyConnection) -> tuple[References, dict[str, str]]:
    """All references, those of the warehouse before those that ship, and by metric what is wrong with uploaded ones.

    So of two that fit equally well the community's own is found. What an upload leaves out is taken for the least it can
    mean: the metric's own unit, and an indicative match, which never colours a number.
    """
    uploaded = read_rows(
        connection,
        """select metric, value, unit, publisher, year, population, low, high, link, match, expires_on
           from benchmarks
           order by all""",
    )
    rows, unread = [], {}
    for row in uploaded:
        card = find_metric(row["metric"])
        if card is None:
            unread[row["metric"]] = "no metric is called so"
            continue
        least = {"unit": card.unit, "population": "not said", "match": Match.INDICATIVE}
        try:
            reference = Reference.model_validate({name: cell or least.get(name, cell) for name, cell in row.items()})
        except ValidationError as error:
            unread[row["metric"]] = _word(error)
            continue
        if reference.unit is not card.unit:
            unread[row["metric"]] = f"its unit is {card.unit}, not {reference.unit}"
            continue
        rows.append(reference)
    return References((*rows, *read_references().rows)), unread


def find_middle_half(values: npt.ArrayLike) -> Middle | None:
    """Median and quartiles of the numbers there are (give the last four quarters or 52 weeks); None without any."""
    points = _known(values)
    if not len(points):
        return None
    lower, median, upper = np.quantile(points, [0.25, 0.5, 0.75])
    return Middle(float(median), float(lower), float(upper), len(points))


def find_peers(values: npt.ArrayLike, better: Better = Better.HIGHER) -> Peers | None:
    """Median and top quartile over units; None for fewer than five, where a unit could find itself.

    Give only units that are shown, so that each has at least k people. Where less is better the top quartile is
    the lower one.
    """
    points = _known(values)
    if len(points) < FEWEST_UNITS:
        return None
    top = 0.25 if better is Better.LOWER else 0.75
    median, quartile = np.quantile(points, (0.5, top))
    return Peers(float(median), float(quartile), len(points))


def _known(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    points = np.asarray(values, dtype=float)
    known: npt.NDArray[np.float64] = points[~np.isnan(points)]
    return known


def _word(error: ValidationError) -> str:
    """The first problem: the column and what is wrong with it."""
    problem = error.errors()[0]
    column = str(problem["loc"][0]) if problem["loc"] else "the row"
    return f"{column}: {problem['msg'].removeprefix('Value error, ')}."
