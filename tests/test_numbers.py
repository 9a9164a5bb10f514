"""Numbers as people read them: rounded once, with a true minus, never apart from what they are of."""

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from metrics.metric import Unit
from report.numbers import (
    MINUS,
    NBSP,
    day,
    day_without_year,
    days,
    index,
    is_missing,
    moment,
    out_of,
    percent,
    plural,
    points,
    quarter,
    signed,
    span,
    weekday,
    whole,
    write_value,
)


@pytest.mark.parametrize("value", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_missing_is_missing_in_every_spelling(value: object) -> None:
    assert is_missing(value)
    for unit in Unit:
        assert write_value(value, unit) == "no data"


@pytest.mark.parametrize("value", [0, 0.0, "", "nan", False])
def test_nought_and_empty_text_are_values(value: object) -> None:
    assert not is_missing(value)


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0"), (1204, "1,204"), (1_204_000, "1,204,000"), (2.5, "3"), (-1204, f"{MINUS}1,204"), (-0.4, "0")],
)
def test_a_count(number: float, written: str) -> None:
    assert whole(number) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "0 members"),
        (1, "1 member"),
        (2, "2 members"),
        (1.4, "1 member"),
        (0.5, "1 member"),
        (412, "412 members"),
        (-1, f"{MINUS}1 member"),
    ],
)
def test_a_count_with_its_noun(number: float, written: str) -> None:
    assert plural(number, "member") == written.replace(" ", NBSP)


def test_a_noun_with_a_plural_of_its_own() -> None:
    assert plural(1, "other person", "other people") == f"1{NBSP}other person"
    assert plural(3, "other person", "other people") == f"3{NBSP}other people"


@pytest.mark.parametrize(
    ("share", "written"),
    [
        (104 / 412, "25%"),
        (1, "100%"),
        (0, "0%"),
        # A half goes up, although 0.285 * 100 is 28.499999999999996 in a float.
        (0.285, "29%"),
        (0.125, "13%"),
        (0.245, "25%"),
        (-0.06, f"{MINUS}6%"),
        (-0.004, "0%"),
    ],
)
def test_a_share_is_whole_percent(share: float, written: str) -> None:
    assert percent(share) == written


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (0.25, Unit.SHARE, "25%"),
        (3.25, Unit.MEAN, "3.3"),
        (3, Unit.MEAN, "3.0"),
        (1204, Unit.COUNT, "1,204"),
        (412, Unit.PEOPLE, "412"),
        (71.5, Unit.SCORE, "72"),
        (12, Unit.NPS, "+12"),
        (-12, Unit.NPS, f"{MINUS}12"),
        (0, Unit.NPS, "0"),
        (-2.4, Unit.POINTS, f"{MINUS}2"),
    ],
)
def test_a_value_in_its_unit(value: float, unit: Unit, written: str) -> None:
    assert write_value(value, unit) == written


def test_a_mean_below_nought_has_a_true_minus() -> None:
    assert write_value(-1.25, Unit.MEAN) == f"{MINUS}1.3"


@pytest.mark.parametrize(
    ("difference", "sign", "words"),
    [
        (25 - 31, f"{MINUS}6", f"{MINUS}6 points"),
        (31 - 30, "+1", "1 point"),
        (30 - 31, f"{MINUS}1", f"{MINUS}1 point"),
        (0.4, "0", "0 points"),
        (-0.4, "0", "0 points"),
        (2.5, "+3", "3 points"),
        (-2.5, f"{MINUS}3", f"{MINUS}3 points"),
    ],
)
def test_a_difference(difference: float, sign: str, words: str) -> None:
    """Reads the same both ways: what rose by 2.5 fell by 2.5."""
    assert signed(difference) == sign
    assert points(difference) == words.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.256, "+0.26"), (-0.1, f"{MINUS}0.10"), (0, "0.00"), (-0.004, "0.00"), (0.285, "+0.29"), (None, "no data")],
)
def test_an_index_has_two_decimals_and_its_sign(value: float | None, written: str) -> None:
    assert index(value) == written


def test_ranges_and_wholes() -> None:
    assert span(0.28, 0.39, Unit.SHARE) == "28% to 39%"
    assert span(-5, 5, Unit.NPS) == f"{MINUS}5 to +5"
    assert out_of(104, 1204, "members") == f"104 of 1,204{NBSP}members"


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2026, 11, 9), date(2026, 11, 15), "9 to 15 Nov 2026"),
        (date(2026, 11, 30), date(2026, 12, 6), "30 Nov to 6 Dec 2026"),
        (date(2025, 12, 29), date(2026, 1, 4), "29 Dec 2025 to 4 Jan 2026"),
        # The same month of another year is another month.
        (date(2025, 11, 9), date(2026, 11, 15), "9 Nov 2025 to 15 Nov 2026"),
    ],
)
def test_a_range_of_days_says_each_part_once(first: date, last: date, written: str) -> None:
    assert days(first, last).replace(NBSP, " ") == written


def test_days_have_no_leading_nought() -> None:
    when = date(2026, 3, 2)
    assert day(when).replace(NBSP, " ") == "2 Mar 2026"
    assert day_without_year(when).replace(NBSP, " ") == "2 Mar"
    assert weekday(when).replace(NBSP, " ") == "Mon 2 Mar"


def test_a_moment_is_told_in_the_communitys_zone() -> None:
    """23:30 in London's winter is half past twelve the next day in Berlin."""
    published = datetime(2026, 11, 16, 23, 30, tzinfo=UTC)
    assert moment(published, "Europe/London").replace(NBSP, " ") == "Mon 16 Nov 2026, 23:30"
    assert moment(published, "Europe/Berlin").replace(NBSP, " ") == "Tue 17 Nov 2026, 00:30"


@pytest.mark.parametrize(
    ("label", "first", "last", "written"),
    [
        ("2026-Q1", date(2026, 1, 1), date(2026, 3, 31), "first quarter 2026, Jan to Mar"),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30), "third quarter 2026, Jul to Sep"),
        ("2027-Q4", date(2027, 1, 1), date(2027, 3, 31), "fourth quarter 2027, Jan to Mar"),
    ],
)
def test_a_quarter_in_words(label: str, first: date, last: date, written: str) -> None:
    assert quarter(label, first, last) == written
