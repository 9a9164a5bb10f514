"""The kinds of cell a canonical file can have: each checked twice, set-wise by DuckDB and word by word by pydantic.

DuckDB finds the rows that fail, pydantic says why. The two must agree on every cell; a property test
holds them to it.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function
from rapidfuzz import process

TRUE_WORDS = ("true", "yes", "y", "1")
FALSE_WORDS = ("false", "no", "n", "0")
LONGEST_TEXT = 10_000
LONGEST_ID = 200

_DAY = r"(19|2[01])\d\d-(0[1-9]|1[0-2])-[0-3]\d"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
_OFFSET = r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
_MOMENT = f"{_DAY}([T ]{_CLOCK}{_OFFSET}?)?"
_WHOLE = r"[+-]?\d{1,15}"
_NUMBER = r"[+-]?(\d{1,15}(\.\d{0,15})?|\.\d{1,15})([eE][+-]?\d{1,2})?"


def _escaped(pattern: str) -> str:
    """A pattern inside a template: its braces are no fields."""
    return pattern.replace("{", "{{").replace("}", "}}")


class CellProblem(ValueError):
    """A cell that cannot be what its column says, with the remedy."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


@dataclass(frozen=True)
class Cell:
    """How one kind of cell is checked and read in SQL, the type that comes of it, and whether it holds ids of people.

    In the templates {cell} stands for trimmed text that is not empty and {utc} for the UTC time of it as a local time.
    """

    fails: str
    value: str
    type: str = "varchar"
    ids: bool = False

    def fails_for(self, cell: str) -> str:
        """SQL: whether a text cannot be read."""
        return self.fails.format(cell=cell)

    def value_of(self, cell: str, zone: str) -> str:
        """SQL: what a text that can be read says."""
        return self.value.format(cell=cell, utc=_utc_time(f"try_cast({cell} as timestamp)", zone))


TEXT = Cell(fails=f"length({{cell}}) > {LONGEST_TEXT}", value="{cell}")
PERSON = Cell(fails=f"length({{cell}}) > {LONGEST_ID}", value="{cell}", ids=True)
PEOPLE = Cell(fails=f"length({{cell}}) > {LONGEST_TEXT}", value="{cell}", ids=True)
FLAG = Cell(
    fails=f"lower({{cell}}) not in {TRUE_WORDS + FALSE_WORDS}",
    value=f"lower({{cell}}) in {TRUE_WORDS}",
    type="boolean",
)
DAY = Cell(
    fails=f"not regexp_full_match({{cell}}, '{_escaped(_DAY)}') or try_cast({{cell}} as date) is null",
    value="try_cast({cell} as date)",
    type="date",
)
# A cast to `timestamp` passes over an offset without a word; so an offset goes through `timestamptz`. A time of 16
# characters ends with its minutes and has none.
MOMENT = Cell(
    fails=f"not regexp_full_match({{cell}}, '{_escaped(_MOMENT)}') or try_cast({{cell}} as timestamp) is null",
    value=(
        "case when strlen({cell}) <= 16 then {utc}"
        " when ends_with({cell}, 'Z') then try_cast({cell} as timestamp)"
        " when regexp_matches({cell}[17:], '[+-]') then timezone('UTC', try_cast({cell} as timestamptz))"
        " else {utc} end"
    ),
    type="timestamp",
)
WHOLE = Cell(
    fails=f"not regexp_full_match({{cell}}, '{_escaped(_WHOLE)}')", value="try_cast({cell} as bigint)", type="bigint"
)
NUMBER = Cell(
    fails=f"not regexp_full_match({{cell}}, '{_escaped(_NUMBER)}') or try_cast({{cell}} as double) is null",
    value="try_cast({cell} as double)",
    type="double",
)


def utc_moment(cell: str, zone: str) -> str:
    """SQL: the UTC time of a moment's text; one without an offset is local time in `zone`."""
    return MOMENT.value_of(cell, zone)


def _utc_time(moment: str, zone: str) -> str:
    """SQL: the UTC time of a local timestamp in `zone`; a conversion costs a third of loading the row."""
    return moment if zone == "UTC" else f"timezone('UTC', timezone('{zone}', {moment}))"


def local_time(moment: str, zone: str) -> str:
    """SQL: the local time in `zone` of a UTC timestamp."""
    return moment if zone == "UTC" else f"timezone('{zone}', timezone('UTC', {moment}))"


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
    """The day or minute of a text that can be one; the exact time is DuckDB's to read."""
    name, form = ("time", "2026-11-16 17:30") if moment else ("date", "2026-11-16")
    numbers = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(.*)", text, re.ASCII) or re.fullmatch(
        r"(?P<d>\d{1,2})[./](?P<m>\d{1,2})[./](?P<y>\d{4})(.*)", text, re.ASCII
    )
    if numbers is None:
        raise CellProblem(f'"{text}" is no {name}.', f"Write it like {form}.")
    year, month, day = (
        map(int, numbers.group("y", "m", "d")) if "y" in numbers.groupdict() else map(int, numbers.group(1, 2, 3))
    )
    if not 1 <= month <= 12:
        raise CellProblem(f'"{text}" is no {name}: there is no month {month}.', f"Write it like {form}.")
    if not 1900 <= year <= 2199:
        raise CellProblem(f'"{text}" is in the year {year}.', "Years run from 1900 to 2199.")
    length = calendar.monthrange(year, month)[1]
    if not 1 <= day <= length:
        raise CellProblem(f'"{text}" is no {name}.', f"{calendar.month_name[month]} has {length} days.")
    if not re.fullmatch(_MOMENT if moment else _DAY, text, re.ASCII):
        what = (
            f'"{text}" is no time of day'
            if moment and text[4:5] == "-"
            else f'"{text}" is no {name} in the form year-month-day'
        )
        raise CellProblem(f"{what}.", f"Write it like {form}.")
    return datetime.fromisoformat(f"{text[:10]}T{text[11:16] or '00:00'}") if moment else date(year, month, day)


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


def _short_enough(longest: int) -> Any:
    def parse(text: Any) -> Any:
        if isinstance(text, str) and len(text) > longest:
            raise CellProblem(f"The text has {len(text)} characters.", f"Keep it under {longest}.")
        return text

    return parse


Text = Annotated[str, TEXT, BeforeValidator(_short_enough(LONGEST_TEXT))]
Person = Annotated[str, PERSON, BeforeValidator(_short_enough(LONGEST_ID))]
People = Annotated[str, PEOPLE, BeforeValidator(_short_enough(LONGEST_TEXT))]
Flag = Annotated[bool, FLAG, BeforeValidator(_parse_flag)]
Day = Annotated[date, DAY, BeforeValidator(_parse_day)]
Moment = Annotated[datetime, MOMENT, BeforeValidator(_parse_moment)]
Whole = Annotated[int, WHOLE, BeforeValidator(_parse_whole)]
Number = Annotated[float, NUMBER, BeforeValidator(_parse_number)]


@dataclass(frozen=True)
class Words(Cell):
    """One of a few words."""

    words: tuple[str, ...] = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self._parse, handler(source))

    def _parse(self, text: Any) -> Any:
        if not isinstance(text, str):
            return text
        found = text.upper() if self.words[0].isupper() else text.lower()
        if found in self.words:
            return found
        nearest = process.extractOne(found, self.words, score_cutoff=60)
        hint = f"Did you mean {nearest[0]}? " if nearest else ""
        raise CellProblem(f'"{text}" is not known here.', f"{hint}Write one of {', '.join(self.words)}.")


def one_of(*words: str) -> Words:
    """The mark of a cell that holds one of a few words, all in lower or all in upper case; the file's case does not matter."""
    change = "upper" if words[0].isupper() else "lower"
    quoted = ", ".join(f"'{word}'" for word in words)
    return Words(fails=f"{change}({{cell}}) not in ({quoted})", value=f"{change}({{cell}})", words=words)


def cell_of(annotation: Any, metadata: list[Any]) -> Cell:
    """The kind of cell of a pydantic field, required or not.

    pydantic keeps the marks of a required field in its metadata and those of an optional one in the union.
    """
    marks = [*metadata, *(mark for part in get_args(annotation) for mark in getattr(part, "__metadata__", ()))]
    return next(mark for mark in marks if isinstance(mark, Cell))
