"""The NHS-R community's daily Slack analytics: 1,354 days with 279 missing between them, which are gaps and never zeros."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli import app
from metrics.metric import Unit
from metrics.snapshot import Role, open_snapshot
from report.charts import gaps
from report.models.conversations import read_conversations

COLUMNS = {
    "Weekly active members": "active",
    "Weekly members posting messages": "posting",
    "Enabled full members": "members",
    "Messages posted": "messages",
}


@pytest.fixture(scope="module")
def home(reference: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the overview as activity rows: one a day and kind."""
    folder = tmp_path_factory.mktemp("nhsr")
    file = folder / "activity.csv"
    with (reference / "nhsr-slack-analytics" / "slack_analytics_overview.csv").open(encoding="utf-8-sig") as source:
        rows = [
            (datetime.strptime(row["Date"], "%d/%m/%Y").date(), kind, row[column])
            for row in csv.DictReader(source)
            for column, kind in COLUMNS.items()
        ]
    with file.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("period_start", "period_end", "kind", "count"))
        writer.writerows((day, day, kind, count) for day, kind, count in rows)
    done = CliRunner().invoke(app, ["import", str(file), "--home", str(folder / "home"), "--as-of", "2024-04-25"])
    assert done.exit_code == 0, done.output
    return folder / "home"


def test_the_missing_days_are_counted_and_stay_missing(home: Path) -> None:
    snapshot = open_snapshot(home, Role.MANAGER)
    coverage = snapshot.table("coverage").iloc[0]
    days = (date(2024, 4, 24) - date(2019, 11, 5)).days + 1
    assert coverage["missing_days"] == 279
    published = snapshot.query(
        "select count(distinct period_start) as days, min(count) as least from activity where kind = 'messages'"
    )
    assert published["days"].iloc[0] == days - 279 == 1354
    snapshot.close()


def test_conversations_draws_them_as_gaps(home: Path) -> None:
    snapshot = open_snapshot(home, Role.MANAGER)
    page = read_conversations(snapshot, "month", None, None)
    assert page is not None
    assert [panel.key for panel in page.panels] == ["activity_people", "activity_things"]
    assert page.panels[0].reading.replace("\u00a0", " ") == "279 days are missing; they are gaps, not zeros."
    rows = snapshot.query(
        "select kind as name, period_start, period_end, count as value from activity where kind = 'messages' order by period_start"
    )
    line = gaps(rows, unit=Unit.COUNT, names=["messages"]).figure.data[0]
    breaks = sum(value is None for value in line["y"])
    steps = rows["period_start"].diff().dt.days.dropna()
    assert breaks == int((steps > 1).sum()) > 0
    assert int((steps[steps > 1] - 1).sum()) == 279
    snapshot.close()


def test_a_week_with_a_missing_day_is_not_final(home: Path) -> None:
    """Messages add up over days, people do not; a week with a hole is provisional, one that is all hole is no data."""
    snapshot = open_snapshot(home, Role.MANAGER)
    weeks = snapshot.results("activity_total", grain="week", breakdown="messages")
    days = snapshot.query(
        """select strftime(date_trunc('week', period_start), '%Y-%m-%d') as period, count(*) as days, sum(count) as messages
           from activity
           where kind = 'messages'
           group by all"""
    ).set_index("period")
    for row in weeks.to_dict("records"):
        found = int(days["days"].get(row["period"], 0))
        assert row["status"] == ("final" if found == 7 else "provisional"), row
        assert row["value"] == days["messages"][row["period"]]
    active = snapshot.results("activity_total", grain="week", breakdown="active")
    assert active.empty, "distinct people of single days are never added up"
    snapshot.close()
