"""The invented community's time: whole weeks that end on Sunday 15 November 2026, its holidays and its seasons.

The dates are fixed, so that the demo shows the same numbers on every day it is opened.
"""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

LAST_DAY = date(2026, 11, 15)
AS_OF = date(2026, 11, 16)
LAST_WEEK = date(2026, 11, 9)
WEEKS_A_YEAR = 52
DIP = 0.55  # what is left of the usual in a holiday
WEEKEND = 0.08


def first_day(years: int) -> date:
    """The Monday on which the time shown begins."""
    return LAST_DAY + timedelta(days=1 - 7 * WEEKS_A_YEAR * years)


def list_holidays(first: date) -> list[tuple[date, date, str]]:
    """First day, last day and name of every holiday that touches the time shown, in order."""
    summers = [(date(year, 8, 3), date(year, 8, 23), "summer break") for year in range(first.year, LAST_DAY.year + 1)]
    winters = [
        (date(year, 12, 20), date(year + 1, 1, 3), "winter break") for year in range(first.year - 1, LAST_DAY.year)
    ]
    return sorted(holiday for holiday in summers + winters if holiday[1] >= first)


def weigh_days(days: npt.NDArray[np.int64], first: date, *, effects: bool) -> npt.NDArray[np.float64]:
    """How busy each day (an ordinal) is: weekends nearly silent, holidays about half."""
    busy = np.where((days + 6) % 7 >= 5, WEEKEND, 1.0)
    for begins, ends, _ in list_holidays(first) if effects else ():
        busy = np.where((days >= begins.toordinal()) & (days <= ends.toordinal()), busy * DIP, busy)
    return busy
