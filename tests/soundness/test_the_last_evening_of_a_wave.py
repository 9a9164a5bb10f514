"""Answers of a wave's last day were lost, or read a day early.

Answers were read to midnight of UTC, so west of it the last evening was missing and east of it the next morning was there.
Of a file that says no times the answers were stamped with the closing day, and were lost where that day was corrected to an
earlier one.
"""

from datetime import date
from pathlib import Path

import pytest

import pipeline
from data.settings import Settings
from tests.surveys import desk
from tests.uploads import shown
from tests.waves import drawn, find, measured, waves_of

ITEMS = "| item | min | max |\n| heard | 1 | 5 |\n"
LAST_DAY = date(2026, 3, 15)


@pytest.mark.parametrize(
    ("zone", "late", "read"),
    [
        ("America/Los_Angeles", "2026-03-16 06:30", 3),  # 23:30 of the 15th
        ("America/Los_Angeles", "2026-03-16 07:30", 2),
        ("Asia/Tokyo", "2026-03-15 14:30", 3),
        ("Asia/Tokyo", "2026-03-15 15:30", 2),  # the 16th, half past midnight
        ("UTC", "2026-03-15 23:30", 3),
    ],
)
def test_answers_are_read_to_the_end_of_the_community_s_own_day(zone: str, late: str, read: int) -> None:
    said = drawn(f"| heard | submitted |\n| 4 | 2026-03-02 09:00 |\n| 2 | 2026-03-02 09:00 |\n| 5 | {late} |\n")
    with waves_of(items=ITEMS, said={"spring": said}) as connection:
        results = measured(connection, as_of=LAST_DAY, settings=Settings(zone=zone))
    assert find(results, "item_score", "heard")["people"] == read


ROWS = "heard\n" + "4\n2\n3\n" * 4
BANK = "column,item_id,kind,scale_min,scale_max\nheard,heard,likert,1,5\n"


@pytest.mark.parametrize("by_upload", [False, True])
def test_a_closing_day_that_is_corrected_keeps_its_answers(home: Path, by_upload: bool) -> None:
    """Closed on the 30th of June by mistake; on the 20th somebody says that it was the 15th."""
    today = date(2026, 6, 20)
    with desk(home) as here:
        here.take(ROWS, BANK, closed="2026-06-30")
        if by_upload:
            here.take(ROWS, BANK, closed="2026-06-15")
    pipeline.change_wave(home, "spring", closed=date(2026, 6, 15), as_of=today)
    found = shown(home, "select people from results where metric = 'item_score' and segment = 'all'")
    assert found["people"].tolist() == [12]


def test_a_time_that_a_file_says_stays_as_it_was(home: Path) -> None:
    with desk(home) as here:
        here.take("submitted_at,heard\n2026-06-30,4\n2026-06-14,2\n", BANK, closed="2026-06-30")
    pipeline.change_wave(home, "spring", closed=date(2026, 6, 15), as_of=date(2026, 7, 20))
    with desk(home) as here:
        assert here.ask("select submitted_at::date::varchar from respondents order by all") == [
            ("2026-06-14",),
            ("2026-06-30",),
        ]
