"""The kinds of cell a canonical file can have: each checked twice, set-wise by DuckDB and word by word by pydantic.

DuckDB finds the rows that fail, pydantic says why. The two must agree on every cell; a property test
holds them to it.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator
from rapidfuzz import process

FIRST_YEAR = 1900
LAST_YEAR = 2199
TRUE_WORDS = ("true", "yes", "y", "1")
FALSE_WORDS = ("false", "no", "n", "0")
LONGEST_TEXT = 10_000

_DAY = r"\d{4}-\d{2}-\d{2}"
_MOMENT = _DAY + r"([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?"
_OFFSET = r"[T ]\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$"
_WHOLE = r"[+-]?\d{1,15}"
_NUMBER = r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?"


class CellProblem(ValueError):
    """A cell that cannot be what its column says, with the remedy."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


@dataclass(frozen=True)
class Cell:
    """How one kind of cell is checked and read in SQL. `{cell}` is trimmed text that is not empty."""

    fails: str
    value: str


TEXT = Cell(fails=f"length({{cell}}) > {LONGEST_TEXT}", value="{cell}")
PERSON = Cell(fails="length({cell}) > 200", value="{cell}")
PEOPLE = Cell(fails="length({cell}) > 10000", value="{cell}")
FLAG = Cell(
    fails=f"lower({{cell}}) not in {TRUE_WORDS + FALSE_WORDS}",
    value=f"lower({{cell}}) in {TRUE_WORDS}",
)
DAY = Cell(
    fails=(
        f"not regexp_full_match({{cell}}, '{_DAY}') or try_cast({{cell}} as date) is null"
        f" or {{cell}}[:4] < '{FIRST_YEAR}' or {{cell}}[:4] > '{LAST_YEAR}'"
    ),
    value="try_cast({cell} as date)",
)
MOMENT = Cell(
    fails=(
        f"not regexp_full_match({{cell}}, '{_MOMENT}') or try_cast({{cell}} as timestamptz) is null"
        f" or {{cell}}[:4] < '{FIRST_YEAR}' or {{cell}}[:4] > '{LAST_YEAR}'"
    ),
    value="{cell}",
)
WHOLE = Cell(fails=f"not regexp_full_match({{cell}}, '{_WHOLE}')", value="try_cast({cell} as bigint)")
NUMBER = Cell(
    fails=f"not regexp_full_match({{cell}}, '{_NUMBER}') or try_cast({{cell}} as double) is null",
    value="try_cast({cell} as double)",
)


@dataclass(frozen=True)
class Words:
    """One of a few words, in any case."""

    words: tuple[str, ...]

    @property
    def cell(self) -> Cell:
        quoted = ", ".join(f"'{word}'" for word in self.words)
        return Cell(fails=f"lower({{cell}}) not in ({quoted})", value="lower({cell})")


def local_moment(cell: str, zone: str) -> str:
    """SQL: the local time in `zone` of a moment's text; one without an offset is local already."""
    return (
        f"case when regexp_matches({cell}, '{_OFFSET}') then timezone('{zone}', try_cast({cell} as timestamptz))"
        f" else try_cast({cell} as timestamp) end"
    )


def utc_moment(cell: str, zone: str) -> str:
    """SQL: the UTC time of a moment's text; one without an offset is local time in `zone`."""
    return (
        f"case when regexp_matches({cell}, '{_OFFSET}') then timezone('UTC', try_cast({cell} as timestamptz))"
        f" else timezone('UTC', timezone('{zone}', try_cast({cell} as timestamp))) end"
    )


def _parse_flag(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if text.lower() in TRUE_WORDS:
        return True
    if text.lower() in FALSE_WORDS:
        return False
    raise CellProblem(f'"{text}" is neither yes nor no.', "Write yes or no.")


def _parse_day(text: Any) -> Any:
    return _parse_date(text, moment=False) if isinstance(text, str) else text


def _parse_moment(text: Any) -> Any:
    return _parse_date(text, moment=True) if isinstance(text, str) else text


def _parse_date(text: str, *, moment: bool) -> date | datetime:
    pattern = _MOMENT if moment else _DAY
    form = "2026-11-16 17:30" if moment else "2026-11-16"
    if not re.fullmatch(pattern, text, re.ASCII):
        raise CellProblem(f'"{text}" is no {"time" if moment else "date"}.', f"Write it like {form}.")
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    if not 1 <= month <= 12:
        raise CellProblem(f'"{text}" is no date: there is no month {month}.', f"Write it like {form}.")
    length = calendar.monthrange(max(year, 1), month)[1]
    if not 1 <= day <= length:
        raise CellProblem(f'"{text}" is no date.', f"{calendar.month_name[month]} {year} has {length} days.")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CellProblem(f'"{text}" is in the year {year}.', f"Years run from {FIRST_YEAR} to {LAST_YEAR}.")
    try:
        return datetime.fromisoformat(text.replace(" Z", "Z").replace(" +", "+").replace(" -", "-")) if moment else date(year, month, day)
    except ValueError as error:
        raise CellProblem(f'"{text}" is no time of day.', f"Write it like {form}.") from error


def _parse_whole(text: Any) -> Any:
    if isinstance(text, str):
        if not re.fullmatch(_WHOLE, text, re.ASCII):
            raise CellProblem(f'"{text}" is no whole number.', "Write digits only, such as 12.")
        return int(text)
    return text


def _parse_number(text: Any) -> Any:
    if isinstance(text, str):
        if not re.fullmatch(_NUMBER, text, re.ASCII):
            raise CellProblem(f'"{text}" is no number.', "Write it with a point, such as 12.5.")
        return float(text)
    return text


def _one_of(words: tuple[str, ...]) -> Any:
    def parse(text: Any) -> Any:
        if isinstance(text, str) and text.lower() not in words:
            nearest = process.extractOne(text.lower(), words, score_cutoff=60)
            hint = f"Did you mean {nearest[0]}? " if nearest else ""
            raise CellProblem(f'"{text}" is not known here.', f"{hint}Write one of {', '.join(words)}.")
        return text.lower() if isinstance(text, str) else text

    return parse


def _short_enough(longest: int) -> Any:
    def parse(text: Any) -> Any:
        if isinstance(text, str) and len(text) > longest:
            raise CellProblem(f"The text has {len(text)} characters.", f"Keep it under {longest}.")
        return text

    return parse


Text = Annotated[str, TEXT, BeforeValidator(_short_enough(LONGEST_TEXT))]
Person = Annotated[str, PERSON, BeforeValidator(_short_enough(200))]
People = Annotated[str, PEOPLE, BeforeValidator(_short_enough(10_000))]
Flag = Annotated[bool, FLAG, BeforeValidator(_parse_flag)]
Day = Annotated[date, DAY, BeforeValidator(_parse_day)]
Moment = Annotated[datetime, MOMENT, BeforeValidator(_parse_moment)]
Whole = Annotated[int, WHOLE, BeforeValidator(_parse_whole)]
Number = Annotated[float, NUMBER, BeforeValidator(_parse_number)]


def one_of(*words: str) -> Any:
    """The type of a cell that holds one of a few words."""
    return Annotated[str, Words(words).cell, BeforeValidator(_one_of(words))]


def cell_of(annotation: Any, metadata: list[Any]) -> Cell:
    """The kind of cell of a pydantic field, required or not.

    pydantic keeps the marks of a required field in its metadata and those of an optional one in the union.
    """
    marks = [*metadata, *(mark for part in get_args(annotation) for mark in getattr(part, "__metadata__", ()))]
    return next(mark for mark in marks if isinstance(mark, Cell))
