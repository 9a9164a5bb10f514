"""Wrong numbers that reading a file once gave."""

from datetime import datetime
from pathlib import Path

from tests.uploads import ask, problems, take_in


def test_lines_are_those_of_the_file_also_in_a_large_one(home: Path) -> None:
    """Rows were numbered by their place in a table that several threads fill: every line of a large file was wrong."""
    rows = [f"2026-11-12T10:00:00Z,M{number},channel-{number}\n" for number in range(200_000)]
    rows[150_000] = "2026-11-31T10:00:00Z,M1,c\n"
    header = "occurred_at,actor_id,channel\n"
    assert problems(home, header + "".join(rows)) == [
        (150_000 + 2, "occurred_at", '"2026-11-31T10:00:00Z" is no time.')
    ]
    rows[150_000] = rows[0]
    take_in(home, header + "".join(rows))
    wrong = "select count(*) from interactions where channel <> 'channel-' || (line - 2) and line <> 150002"
    assert ask(home, wrong) == [(0,)]


def test_rows_with_windows_line_ends_are_not_lost(home: Path) -> None:
    """DuckDB 2.0.0 reads no row at all, without an error, when strict_mode meets CRLF with a stated new_line."""
    assert take_in(home, "member_id,name\r\nM1,Alex\r\nM2,Bo\r\n").new == 2


def test_an_offset_is_not_passed_over(home: Path) -> None:
    """A cast to timestamp reads 17:30+01:00 as 17:30: an hour late, and near midnight on another day."""
    take_in(home, "occurred_at,actor_id\n2026-11-12T00:30:00+01:00,M1\n")
    assert ask(home, "select occurred_at, day from interactions") == [
        (datetime(2026, 11, 11, 23, 30), datetime(2026, 11, 11).date())
    ]


def test_attendance_with_a_misspelt_column_is_not_taken_for_a_roster(home: Path) -> None:
    """Any file with a member_id fits the open roster; its event ids then became a dimension."""
    assert problems(home, "event_id,member_id,starts_att\nE1,M1,2026-11-12\n")[0][1] == "starts_att"


def test_a_good_row_is_not_dropped_because_its_neighbour_has_no_words(home: Path) -> None:
    """A time that DuckDB could not read and pydantic could was left out without a problem to show for it."""
    assert problems(home, "occurred_at,actor_id\n2026-11-12 10:00 Z,M1\n2026-11-12 10:00Z,M1\n") == [
        (2, "occurred_at", '"2026-11-12 10:00 Z" is no time of day.')
    ]
