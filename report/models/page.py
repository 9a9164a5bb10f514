"""The parts that every page is made of."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from report.charts import Chart

Colour = Literal["blue", "orange", "gray"]


@dataclass(frozen=True)
class Tile:
    """One number: what it counts, its value, what may be said of it, its recent past as a picture, and what it is of."""

    key: str
    label: str
    value: str
    chip: str
    colour: Colour
    glyph: str
    glyph_alt: str
    caption: tuple[str, ...]


@dataclass(frozen=True)
class Method:
    """How a number is computed, in words and in SQL."""

    formula: str
    reading: str
    caveats: str
    reference: str
    sql: str = ""


@dataclass(frozen=True)
class Panel:
    """One question and its answer: a reading in words, a chart, what it is of, the numbers, and the method."""

    key: str
    question: str
    reading: str
    chart: Chart | None
    caption: str
    numbers: pd.DataFrame
    method: Method
    legend: str = ""
    notice: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that changed, with the panel that shows it."""

    key: str
    kind: Literal["worse", "better"]
    title: str
    text: str
    anchor: str = ""
    note: str = ""


@dataclass(frozen=True)
class Alert:
    """What asks for attention: what, how sure, since when, whom to ask and what to try; `kind` is worse, better or empty."""

    key: str
    matter: str
    kind: str
    what: str
    sure: str
    since: str
    ask: str
    attempt: str
    is_quiet: bool = False
    is_on_lists: bool = False


@dataclass(frozen=True)
class Todo:
    """Something to do, and by when."""

    key: str
    title: str
    text: str
    due: str
    is_late: bool = False


@dataclass(frozen=True)
class Note:
    """What a reader has to know before the numbers: a sentence, and the kind of file that mends it (or none)."""

    text: str
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """A few rows that need no chart."""

    title: str
    note: str
    rows: pd.DataFrame


@dataclass(frozen=True)
class Page:
    """A page: the answer first, then what it rests on."""

    kicker: str
    answer: str
    support: str
    tiles: tuple[Tile, ...] = ()
    findings: tuple[Finding, ...] = ()
    todos: tuple[Todo, ...] = ()
    alerts: tuple[Alert, ...] = ()
    folded_alerts: tuple[Alert, ...] = ()
    panels: tuple[Panel, ...] = ()
    tables: tuple[Table, ...] = ()
    legend: str = ""
    notes: tuple[Note, ...] = ()
