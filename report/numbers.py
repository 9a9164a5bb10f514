"""How numbers, dates and periods are written: rounded once, here, and always with what they are of."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from metrics.metric import Unit
from metrics.statistics import round_half_up

NBSP = "\u00a0"
MINUS = "\u2212"


def is_missing(value: Any) -> bool:
    """Whether a cell of a table holds no value; for one cell, not for a column."""
    return value is None or bool(pd.isna(value))


def whole(number: float) -> str:
    """A count: 1,204."""
    return f"{round_half_up(number):,.0f}".replace("-", MINUS)


def plural(number: float, one: str, many: str | None = None) -> str:
    """A count with its noun: 1 member, 412 members, −1 point."""
    return f"{whole(number)}{NBSP}{one if abs(round_half_up(number)) == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share in whole percent: 25%."""
    return f"{round_half_up(share * 100):.0f}%".replace("-", MINUS)


def write_value(value: Any, unit: Unit) -> str:
    """A value in its unit, without its counts; "no data" where there is none."""
    if is_missing(value):
        return "no data"
    if unit is Unit.SHARE:
        return percent(value)
    if unit is Unit.MEAN:
        return f"{round_half_up(value, 1):.1f}".replace("-", MINUS)
    if unit in (Unit.NPS, Unit.POINTS):
        return signed(value)
    if unit in (Unit.CORRELATION, Unit.BALANCE):
        return index(value)
    if unit in (Unit.ALPHA, Unit.DEGREE, Unit.RATIO):
        return f"{round_half_up(value, 2):.2f}".replace("-", MINUS)
    if unit is Unit.DIFFERENCE:
        return points(value * 100)
    if unit in (Unit.MEDIAN, Unit.HOURS, Unit.DAYS):
        written = f"{round_half_up(value, 1):.1f}".removesuffix(".0")
        noun = {Unit.HOURS: "hour", Unit.DAYS: "day"}.get(unit)
        return written if noun is None else f"{written}{NBSP}{noun if written == '1' else noun + 's'}"
    return whole(value)


def write_result(row: Mapping[Any, Any], unit: Unit) -> str:
    """A published number in words, whatever its status: 25%, ≥ 90% for the band of a group of one mind, "withheld", "no data"."""
    if row["status"] == "withheld":
        return "withheld"
    if row["status"] == "banded":
        return write_band(row["low"], row["high"], unit)
    return write_value(row["value"], unit)


def write_headline(row: Mapping[Any, Any], unit: Unit) -> str:
    """The same where it stands by itself: "Withheld" with a capital."""
    return write_result(row, unit).replace("withheld", "Withheld")


def write_band(low: float, high: float, unit: Unit = Unit.SHARE) -> str:
    """The band in which a group of one mind lies: ≥ 90%, ≤ 10%."""
    return f"≤{NBSP}{write_value(high, unit)}" if low <= 0 else f"≥{NBSP}{write_value(low, unit)}"


def signed(number: float, digits: int = 0) -> str:
    """A difference with its sign, whole or with `digits` decimals: +5, −6, 0; +3.7, 0.0."""
    rounded = round_half_up(number, digits)
    return f"{0:.{digits}f}" if rounded == 0 else f"{rounded:+.{digits}f}".replace("-", MINUS)


def index(value: Any) -> str:
    """An index from −1 to 1, such as E-I, in two decimals with its sign: +0.26, −0.10, 0.00; "no data" where there is none."""
    if is_missing(value):
        return "no data"
    rounded = round_half_up(value, 2)
    return f"{rounded:+.2f}".replace("-", MINUS) if rounded else "0.00"


def points(difference: float) -> str:
    """A difference in points: 1 point, −6 points. Shares are to be given times 100."""
    rounded = round_half_up(difference)
    text = f"{rounded:.0f}".replace("-", MINUS) if rounded else "0"
    return f"{text}{NBSP}{'point' if abs(rounded) == 1 else 'points'}"


def span(low: float, high: float, unit: Unit) -> str:
    """A range: 28% to 39%; one value where both are written alike."""
    first, last = write_value(low, unit), write_value(high, unit)
    return first if first == last else f"{first} to {last}"


def out_of(numerator: float, denominator: float, nouns: str) -> str:
    """A count within its whole: 104 of 412 members."""
    return f"{whole(numerator)} of {whole(denominator)}{NBSP}{nouns}"


def day(when: date) -> str:
    """16 Nov 2026."""
    return f"{when.day}{NBSP}{when:%b}{NBSP}{when.year}"


def day_without_year(when: date) -> str:
    """16 Nov."""
    return f"{when.day}{NBSP}{when:%b}"


def weekday(when: date) -> str:
    """Mon 16 Nov."""
    return f"{when:%a} {when.day}{NBSP}{when:%b}"


def days(first: date, last: date) -> str:
    """A range of days: 9 to 15 Nov 2026, 30 Nov to 6 Dec 2026."""
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {day(last)}"
    if first.year == last.year:
        return f"{day_without_year(first)} to {day(last)}"
    return f"{day(first)} to {day(last)}"


def moment(when: datetime, zone: str) -> str:
    """A time in the community's zone: Mon 16 Nov 2026, 07:02."""
    local = when.astimezone(ZoneInfo(zone))
    return f"{local:%a} {day(local.date())}, {local:%H:%M}"


def quarter(label: str, first: date, last: date) -> str:
    """A quarter in words with its months: third quarter 2026, Jul to Sep."""
    year, _, number = label.partition("-Q")
    ordinal = ("first", "second", "third", "fourth")[int(number) - 1]
    return f"{ordinal} quarter {year}, {first:%b} to {last:%b}"
