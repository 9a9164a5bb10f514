"""What an import is: the upload, the contract of its rows, the problems found, and the receipt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import BaseModel, ConfigDict, Field

from data.errors import Refused
from ingest.cells import Cell, cell_of


class Details(BaseModel):
    """What a person says about a file beside its rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    effective_on: date | None = Field(
        default=None, description="Day from which a members file holds; today by default."
    )
    source: str | None = Field(default=None, description="Tool the rows come from; the format by default.")
    covers: tuple[date, date] | None = Field(default=None, description="Days that the file covers completely.")
    complete: bool = Field(default=False, description="The members file lists everybody: who is missing has left.")
    event_id: str | None = Field(default=None, description="Event that the rows or the wave belong to.")
    dimensions: tuple[str, ...] | None = Field(default=None, description="Columns that say which group a person is in.")
    wave: str | None = Field(default=None, description="Label of the survey wave.")
    instrument: str = Field(default="survey", description="Series of waves that are compared with each other.")
    opened: date | None = Field(default=None, description="Day the wave opened.")
    closed: date | None = Field(default=None, description="Day the wave closed; empty while it is open.")
    invited: int | None = Field(
        default=None, ge=1, description="How many were invited; else the roster on the opening day."
    )
    promise: Literal["anonymous", "confidential", "named"] = Field(
        default="anonymous", description="What members were told."
    )
    linked: bool = Field(default=False, description="Answers of a person are linked over waves.")
    told: str | None = Field(default=None, description="The words in which members were told.")
    items: Path | None = Field(default=None, description="The items file that says what the question columns are.")
    date_order: Literal["day-first", "month-first"] | None = Field(
        default=None, description="Which comes first in dates such as 01/02/2026, where the file does not show it."
    )
    day: date | None = Field(default=None, description="Day of the event, where the file does not say it.")
    zone: str | None = Field(
        default=None, description="Zone of times without one, such as Europe/Berlin; the community's by default."
    )
    event_type: str | None = Field(default=None, description="Type of the events of the file.")
    provisional: bool = Field(
        default=False, description="The roster is made from an export at hand, until there is a better one."
    )
    member: str | None = Field(default=None, description="Member that the file is of, where it holds one person's.")
    direct: bool = Field(default=False, description="Take direct and private messages too.")
    columns: dict[str, str] = Field(
        default_factory=dict, description="Which canonical column each column of the file is; empty: left out."
    )


@dataclass(frozen=True)
class Upload:
    """One file as it was handed in."""

    path: Path
    name: str
    kind: str | None
    details: Details
    who: str


@dataclass(frozen=True)
class Problem:
    """One thing that keeps a row, a column or a file from being taken. It may quote the cell to the uploader and is never logged."""

    line: int | None
    column: str
    what: str
    fix: str


@dataclass(frozen=True)
class Counts:
    """What loading did to the rows that were there."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


@dataclass(frozen=True)
class Receipt:
    """What became of one file; the JSON of `hearth import`."""

    file: str
    kind: str
    format: str
    encoding: str
    sha256: str
    batch: int | None
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    unmatched: int = 0
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    bad_rows: Path | None = None
    items_file: Path | None = None
    left_out: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values, problems as objects, in the names of the contract."""
        plain = {name: value for name, value in vars(self).items() if name not in ("problems", "warnings")}
        return plain | {"problems": [vars(problem) for problem in self.problems], "warnings": list(self.warnings)}


@dataclass(frozen=True)
class Checked:
    """A file looked at without storing anything: its receipt to be, its columns, and what was said about it, now or before.

    `days` are those that it would cover; of a survey those of its first and last answer. `header` are the columns of a table of no known tool.
    """

    receipt: Receipt
    columns: tuple[str, ...] = ()
    proposed_items: tuple[Any, ...] = ()
    details: Details = field(default_factory=Details)
    days: tuple[date | None, date | None] = (None, None)
    header: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.receipt.problems


class RefusedRows(Refused):
    """A file with problems: nothing of it was stored. The receipt lists them."""

    def __init__(self, receipt: Receipt) -> None:
        first = receipt.problems[0] if receipt.problems else None
        super().__init__(
            f"{receipt.rejected or 'Some'} rows need mending; nothing was stored."
            if first and first.line
            else (first.what if first else "The file cannot be taken."),
            where=receipt.file,
            fix="Mend them and upload the file again, or take the good rows only."
            if first and first.line
            else (first.fix if first else ""),
        )
        self.receipt = receipt

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.receipt.problems


@dataclass(frozen=True)
class Place:
    """What reading a file needs to know of its surroundings: the community's zone and the tool it comes from."""

    zone: str
    source: str


@dataclass(frozen=True)
class Key:
    """Columns that together say which row is the same one, for the rows where `when` holds: SQL in which {row} is the row.

    An empty column is a value like any other.
    """

    columns: tuple[str, ...]
    when: str = "true"


@dataclass(frozen=True)
class Part:
    """The rows of a batch that go into one table.

    `rows` is SQL with `line` and the table's columns; `given` are those that the file has, which replace what is known.
    Each row has one of the `keys`. `persons` are the columns that point to people, `several` those that point to a list of them.
    """

    table: str
    keys: tuple[Key, ...]
    given: tuple[str, ...]
    rows: str
    persons: tuple[str, ...] = ()
    several: tuple[str, ...] = ()


LayOut = Callable[[duckdb.DuckDBPyConnection, str, Sequence[str], Place], tuple[Part, ...]]


@dataclass(frozen=True)
class Importer:
    """One canonical file: its contract, its table and its natural key in the file's columns.

    `renamed` gives the table's name of a column where it differs, `covered` the SQL of the first and last day of the rows in
    `loaded` for kinds whose batches cover days, `lay_out` the parts of a file that feeds its tables in its own way.
    `may_lack_key` says that a row with an empty key is a row of its own; `check` finds problems between rows, over `canonical`. `is_open` lets further columns be dimensions.
    `mentions` are columns of the key that name somebody whose row it is not. `example` is the row of the template.
    """

    name: str
    title: str
    row: type[BaseModel]
    table: str
    key: tuple[str, ...]
    example: Mapping[str, str]
    renamed: Mapping[str, str] = field(default_factory=dict)
    covered: str = ""
    may_lack_key: bool = False
    check: Callable[[duckdb.DuckDBPyConnection, Sequence[str]], None] | None = None
    lay_out: LayOut | None = None
    is_open: bool = False
    mentions: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.row.model_fields)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, info in self.row.model_fields.items() if info.is_required())

    def cell(self, column: str) -> Cell:
        """How the cells of a column are checked and read."""
        info = self.row.model_fields[column]
        return cell_of(info.annotation, info.metadata)

    def default(self, column: str) -> Any:
        """What an empty cell means; None where it means nothing."""
        info = self.row.model_fields[column]
        return None if info.is_required() else info.default

    def stored(self, column: str) -> str:
        """The name of a column in the warehouse."""
        return self.renamed.get(column, column)
