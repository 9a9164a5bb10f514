"""Waiting times were taken from those who were served, and from the wrong one of them.

Savannah's median takes the element at round(n/2), which for 3, 7 or 11 times is the one above the middle, and
leaves out what nobody answered. And here: whoever had never come was counted as come on the day of joining, because
greatest(0, nothing) is 0 in DuckDB.
"""

from datetime import date
from math import isnan
from statistics import median

import pytest

from metrics.survival import median_wait
from tests.facts import cells_of, value, warehouse_of


@pytest.mark.parametrize("times", [[1, 2, 9], [1, 2, 3, 4, 9, 9, 9], list(range(11))])
def test_the_median_is_the_middle_one(times: list[int]) -> None:
    naive = sorted(times)[round(len(times) / 2)]
    assert naive > median(times), "round(n/2) for odd n"
    assert median_wait(times, [False] * len(times)).median == median(times)


def test_unanswered_threads_count() -> None:
    """Two of five answered at once and three never: the naive median is an hour, and half of the threads have waited for good."""
    times, is_waiting = [1, 1, 672, 672, 672], [False, False, True, True, True]
    naive = median(time for time, waits in zip(times, is_waiting, strict=True) if not waits)
    assert naive == 1
    assert isnan(median_wait(times, is_waiting).median)


def test_never_is_not_at_once() -> None:
    """One of three newcomers wrote, on the day of joining. A median of 0 days would say that most of them did."""
    members = "| who | joined |\n" + "".join(f"| {who} | 2026-04-06 |\n" for who in ("ann", "bob", "cyd"))
    talk = "| at | from |\n| 2026-04-06 09:00 | ann |"
    with warehouse_of(members=members, interactions=talk, covers=("2026-01-05", "2026-12-31")) as connection:
        cells = cells_of(connection, date(2027, 1, 1))
        never = connection.execute("select to_contribution from joiners order by person").fetchall()
    assert never == [(0,), (None,), (None,)]
    naive = median(max(0, wait) if wait is not None else 0 for (wait,) in never)
    assert naive == 0
    row = {"breakdown": "contribution"}
    assert isnan(value(cells, "time_to_first", "2026-04-01", **row))
    assert value(cells, "time_to_first", "2026-04-01", column="numerator", **row) == 1
    assert value(cells, "time_to_first", "2026-04-01", column="denominator", **row) == 3
