"""Replies, concentration and channels, counted by hand. Weeks: Mon 5 Jan, 12 Jan, 19 Jan 2026."""

from datetime import date
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.survival import median_wait
from tests.facts import cells_of, counts, value, warehouse_of

COVERS = ("2026-01-05", "2026-03-31")
AS_OF = date(2026, 4, 30)
PEOPLE = """
| who | team | type  |
| ann | A    |       |
| bob | A    |       |
| cyd | B    |       |
| dan | B    |       |
| sam | A    | staff |
"""


def test_reply_time_counts_those_who_still_wait() -> None:
    """Waits of 1, 3 and 30 hours, and two threads that nobody answered: half of five are answered after 30 hours, not after 3."""
    talk = """
    | at               | from | kind  | thread | id |
    | 2026-01-05 09:00 | ann  | post  | t1     | 01 |
    | 2026-01-05 10:00 | bob  | reply | t1     | 02 |
    | 2026-01-05 09:00 | bob  | post  | t2     | 03 |
    | 2026-01-05 12:00 | sam  | reply | t2     | 04 |
    | 2026-01-06 09:00 | cyd  | post  | t3     | 05 |
    | 2026-01-07 15:00 | ann  | reply | t3     | 06 |
    | 2026-01-07 09:00 | dan  | post  | t4     | 07 |
    | 2026-01-08 09:00 | dan  | post  | t5     | 08 |
    | 2026-02-20 09:00 | ann  | reply | t5     | 09 |
    """
    with warehouse_of(members=PEOPLE, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "reply_time", "2026-01-05", grain="week") == 30
    assert value(cells, "reply_time", "2026-01-05", grain="week", column="numerator") == 3
    assert value(cells, "reply_time", "2026-01-05", grain="week", column="denominator") == 5
    assert value(cells, "reply_time", "2026-01-05", grain="week", column="people") == 4
    assert value(cells, "reply_time", "2026-01-01", segment="A") == 1, "two threads, both answered: half by one hour"
    later = cells[(cells["metric"] == "reply_time") & (cells["segment"] == "B") & (cells["grain"] == "quarter")].iloc[0]
    assert later["is_open"], "of three threads in B one was answered in 28 days"
    assert isnan(later["value"])
    assert cells[(cells["metric"] == "reply_time") & (cells["segment"] == "B") & (cells["grain"] == "week")].empty


def test_member_answered_reads_the_first_reply_only() -> None:
    """t1: staff first, a member after; t2: a member first; t3: nobody within 28 days."""
    talk = """
    | at               | from | kind  | thread | id |
    | 2026-01-05 09:00 | ann  | post  | t1     | 01 |
    | 2026-01-05 10:00 | sam  | reply | t1     | 02 |
    | 2026-01-05 11:00 | bob  | reply | t1     | 03 |
    | 2026-01-05 09:00 | cyd  | post  | t2     | 04 |
    | 2026-01-05 12:00 | ann  | reply | t2     | 05 |
    | 2026-01-06 09:00 | dan  | post  | t3     | 06 |
    | 2026-03-06 09:00 | ann  | reply | t3     | 07 |
    """
    with warehouse_of(members=PEOPLE, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "member_answered", "2026-01-05") == (1, 2)
    assert counts(cells, "member_answered", "2026-01-05", segment="B") == (1, 1)


def said(**times: int) -> str:
    """So many messages of each person in the week of 5 January."""
    lines = ["| at | from | channel |"]
    for who, count in times.items():
        lines += [
            f"| 2026-01-0{5 + place % 5} 0{place // 5 % 9}:{place:02} | {who} | general |" for place in range(count)
        ]
    return "\n".join(lines)


def test_concentration_of_four_members() -> None:
    """1, 2, 3 and 10 messages. Gini: (2·1-5)·1 + (2·2-5)·2 + (2·3-5)·3 + (2·4-5)·10 = 28, over 4·16."""
    with warehouse_of(
        members=PEOPLE, interactions=said(ann=1, bob=2, cyd=3, dan=10, sam=9), covers=COVERS
    ) as connection:
        cells = cells_of(connection, AS_OF)
    week = {"grain": "week"}
    assert value(cells, "contribution_gini", "2026-01-05", **week) == pytest.approx(
        (-3 * 1 - 1 * 2 + 1 * 3 + 3 * 10) / (4 * 16)
    )
    assert counts(cells, "top_tenth_share", "2026-01-05") == (10, 16), "a tenth of four is one person"
    assert value(cells, "absence_factor", "2026-01-05", **week) == 1, "ten of sixteen"
    assert value(cells, "interactions_per_active_member", "2026-01-05", **week) == (2 + 3) / 2
    assert value(cells, "interactions_per_active_member", "2026-01-05", breakdown="lower quartile", **week) == 1.75
    assert value(cells, "interactions_per_active_member", "2026-01-05", breakdown="upper quartile", **week) == 4.75
    assert value(cells, "contribution_gini", "2026-01-05", segment="A", **week) == pytest.approx(
        (-1 * 1 + 1 * 2) / (2 * 3)
    )
    assert isnan(value(cells, "absence_factor", "2026-01-05", segment="A", **week)), (
        "of a group it would point at people"
    )
    assert isnan(value(cells, "contribution_gini", "2026-01-12", **week)), "nobody spoke: no number, not 0"


def test_absence_factor_takes_exactly_half() -> None:
    with warehouse_of(members=PEOPLE, interactions=said(ann=2, bob=2, cyd=2, dan=2), covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert value(cells, "absence_factor", "2026-01-05", grain="week") == 2
    assert value(cells, "contribution_gini", "2026-01-05", grain="week") == 0
    assert counts(cells, "top_tenth_share", "2026-01-05") == (2, 8)


CHANNELS = """
| at               | from | channel |
| 2026-01-06 09:00 | ann  | all     |
| 2026-01-06 09:00 | bob  | all     |
| 2026-01-07 09:00 | ann  | all     |
| 2026-01-07 09:00 | cyd  | help    |
| 2026-01-07 10:00 | sam  | help    |
| 2026-01-07 11:00 | dan  |         |
"""


def test_channel_mix_is_over_what_members_said_in_channels() -> None:
    """Three in a channel called "all", one in help; staff and what has no channel are out. It is not mistaken for the whole."""
    with warehouse_of(members=PEOPLE, interactions=CHANNELS, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "channel_mix", "2026-01-05", breakdown="#all") == (3, 4)
    assert counts(cells, "channel_mix", "2026-01-05", breakdown="help") == (1, 4)
    assert value(cells, "channel_concentration", "2026-01-05", grain="week") == (3 / 4) ** 2 + (1 / 4) ** 2
    assert counts(cells, "channel_mix", "2026-01-01", grain="quarter", segment="B", breakdown="help") == (1, 1)
    assert isnan(counts(cells, "channel_mix", "2026-01-05", segment="B", breakdown="help")[0]), (
        "groups in quarters only"
    )


TEN = "| who |\n" + "\n".join(f"| m{n} |" for n in range(10))


def test_a_channel_lives_while_a_twentieth_of_its_members_speak() -> None:
    """Five spoke in "old" in January and one in "new"; members are those seen in 90 days, and five are needed."""
    talk = "| at | from | channel |\n" + "\n".join(f"| 2026-01-0{5 + n} 09:00 | m{n} | old |" for n in range(5))
    talk += "\n| 2026-01-06 09:00 | m9 | new |\n| 2026-03-03 09:00 | m9 | new |"
    with warehouse_of(members=TEN, interactions=talk, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "active_channels", "2026-01-05") == (1, 1), "new has one member only"
    assert counts(cells, "active_channels", "2026-01-26") == (1, 1), "to 1 February: the last spoke 23 days before"
    assert counts(cells, "active_channels", "2026-02-02") == (0, 1), "to 8 February: 30 days"
    assert counts(cells, "active_channels", "2026-03-23") == (0, 1), "to 29 March: 90 days back is 30 December"
    assert isnan(counts(cells, "active_channels", "2026-03-30")[0]), "to 5 April: 6 January, so four are left"
    assert counts(cells, "active_channels", "2026-01-01", grain="month") == (1, 1)
    assert counts(cells, "active_channels", "2026-02-01", grain="month") == (0, 1)


def test_who_joined_a_channel_is_its_member_where_that_is_known() -> None:
    """Ten joined, one of them speaks: a tenth. Who speaks without having joined is nobody there."""
    joined = "| channel | who | joined |\n" + "\n".join(f"| club | m{n} | 2026-01-05 |" for n in range(9))
    talk = "| at | from | channel |\n| 2026-01-06 09:00 | m0 | club |\n| 2026-02-10 09:00 | m9 | club |"
    with warehouse_of(members=TEN, interactions=talk, channels=joined, covers=COVERS) as connection:
        cells = cells_of(connection, AS_OF)
    assert counts(cells, "active_channels", "2026-01-05") == (1, 1)
    assert counts(cells, "active_channels", "2026-02-09") == (0, 1)
    assert counts(cells, "active_channels", "2026-02-01", grain="month") == (0, 1)
    assert counts(cells, "active_channels", "2026-01-01", grain="month") == (1, 1)


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=12))
def test_the_median_wait_is_the_first_time_at_most_half_still_wait(waits: list[tuple[int, bool]]) -> None:
    """Against the product over times, worked out step by step in fractions of those still watched."""
    from fractions import Fraction

    found = median_wait([t for t, _ in waits], [is_open for _, is_open in waits])
    left, median = Fraction(1), float("nan")
    for time in sorted({t for t, _ in waits}):
        watched = sum(t >= time for t, _ in waits)
        left *= 1 - Fraction(sum(t == time and not is_open for t, is_open in waits), watched)
        if left <= Fraction(1, 2):
            median = time
            break
    assert found.median == median or (isnan(found.median) and isnan(median))
    assert not found.low > found.median
    assert not found.high < found.median


def test_the_median_of_complete_waits_is_plain_and_its_interval_closes() -> None:
    few, many = (median_wait(np.arange(1, n + 1) / n, np.zeros(n)) for n in (20, 2000))
    assert few.median == 0.5
    assert few.low < few.median < few.high
    assert many.high - many.low < 0.06
