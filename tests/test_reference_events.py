"""Davis's southern women: 18 people at 14 events, whose counts have been published for eighty years."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app


@pytest.fixture
def community(reference: Path, tmp_path: Path) -> Path:
    """A home with the women as members and the events of 1936, one a week, from the published attendance list."""
    with (reference / "southern-women" / "attendance.csv").open(encoding="utf-8") as handle:
        came = [(row["person"], row["event_date"]) for row in csv.DictReader(handle)]
    days = {}
    for _, printed in came:
        month, day = printed.split("/")
        days[printed] = f"1936-{int(month):02d}-{int(day):02d}"
    members = tmp_path / "members.csv"
    members.write_text("member_id\n" + "".join(f"{name}\n" for name in dict.fromkeys(name for name, _ in came)))
    attendance = tmp_path / "attendance.csv"
    attendance.write_text(
        "event_id,member_id,starts_at\n" + "".join(f"{printed},{name},{days[printed]}\n" for name, printed in came)
    )
    home = tmp_path / "home"
    done = CliRunner().invoke(
        app,
        ["import", str(members), str(attendance), "--home", str(home), "--covers", "1936-01-01..1936-12-31",
         "--as-of", "1937-01-01", "--json"],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    receipts = json.loads(done.stdout)["files"]
    assert [receipt["new"] for receipt in receipts] == [18, 89]
    return home


def shown(home: Path, metric: str, grain: str, breakdown: str = "all") -> dict[str, tuple[float, float, float]]:
    """Value, numerator and denominator by period."""
    done = CliRunner().invoke(app, ["show", metric, "--grain", grain, "--home", str(home), "--format", "json"])
    assert done.exit_code == 0, done.output
    return {
        row["period"]: (row["value"], row["numerator"], row["denominator"])
        for row in json.loads(done.stdout)
        if row["breakdown"] == breakdown
    }


def test_attendance_per_event_agrees_with_the_published_counts_by_month(community: Path) -> None:
    """Per event: 2/23 4, 2/25 8; 3/2 3, 3/15 10; 4/7 6, 4/8 12, 4/12 6; 5/19 8; 6/10 5, 6/27 3; 8/3 3; 9/16 14, 9/26 4; 11/21 3."""
    months = shown(community, "attendance_per_event", "month")
    assert months["1936-02-01"] == ((4 + 8) / 2, 4 + 8, 2)
    assert months["1936-03-01"] == ((3 + 10) / 2, 3 + 10, 2)
    assert months["1936-04-01"] == ((6 + 12 + 6) / 3, 6 + 12 + 6, 3)
    assert months["1936-09-01"] == ((14 + 4) / 2, 14 + 4, 2)
    assert sum(numerator for _, numerator, _ in months.values()) == 89
    assert sum(denominator for _, _, denominator in months.values()) == 14


def test_event_participation_counts_distinct_women(community: Path) -> None:
    """11/21: three women; 9/16 alone had 14; nobody in July; 8/3 three of 18."""
    months = shown(community, "event_participation", "month")
    assert months["1936-11-01"] == (3 / 18, 3, 18)
    assert months["1936-08-01"] == (3 / 18, 3, 18)
    assert months["1936-07-01"] == (0, 0, 18)
    assert months["1936-05-01"] == (8 / 18, 8, 18)
    weeks = shown(community, "event_participation", "week")
    assert weeks["1936-09-14"] == (14 / 18, 14, 18), "the event of Wed 16 September"
