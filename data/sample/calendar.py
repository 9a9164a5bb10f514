"""The invented community's time: three years to a Tuesday in November 2026, its holidays and its seasons."""

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

LAST_DAY = date(2026, 11, 17)
LAST_WEEK = date(2026, 11, 9)  # the Monday of the last complete week
HOLIDAYS = tuple(
    holiday
    for year in range(2016, 2027)
    for holiday in (
        (date(year, 8, 3), date(year, 8, 23), "summer break"),
        (date(year, 12, 20), date(year + 1, 1, 3), "winter break"),
    )
)
DIP = 0.55  # how much of the usual is left in a holiday
FASTER_FROM = date(2026, 9, 14)  # from this Monday on questions are answered sooner


def first_day(years: int) -> date:
    """The Monday on which the time shown begins."""
    return LAST_WEEK - timedelta(days=7 * (52 * years - 1))


def season(days: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """How busy each day (an ordinal) is: weekends nearly silent, holidays half."""
    weekday = (days + 6) % 7
    busy = np.where(weekday >= 5, 0.08, 1.0)
    for first, last, _ in HOLIDAYS:
        busy = np.where((days >= first.toordinal()) & (days <= last.toordinal()), busy * DIP, busy)
    return np.asarray(busy)
