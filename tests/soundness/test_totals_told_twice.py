"""A source tells the same things of the community, of each member and in longer periods: they are counted once."""

from pathlib import Path

import pipeline
from metrics.snapshot import Role, open_snapshot
from tests.uploads import upload

MEMBERS = "member_id\n" + "".join(f"M{number:02}\n" for number in range(1, 9))
# November: 100 messages in all, 60 of them by the two members that the export lists, 40 of them in its first week.
TOTALS = """period_start,period_end,kind,count,member_id
2026-11-01,2026-11-30,messages,100,
2026-11-01,2026-11-30,messages,35,M01
2026-11-01,2026-11-30,messages,25,M02
2026-11-02,2026-11-08,messages,40,
"""


def test_things_are_counted_once_at_the_widest_level_and_over_the_longest_period(home: Path) -> None:
    """The naive sum of every row inside November is 100 + 35 + 25 + 40 = 200."""
    (home / "settings.toml").write_text("as_of = 2026-12-01\n", encoding="utf-8")
    pipeline.take_in(
        home, [upload(home, MEMBERS, "members", name="m.csv"), upload(home, TOTALS, "activity", name="a.csv")]
    )
    snapshot = open_snapshot(home, Role.MANAGER)
    shown = {
        grain: snapshot.results("activity_total", grain=grain, breakdown="messages").set_index("period")["value"]
        for grain in ("week", "month")
    }
    snapshot.close()
    assert shown["month"]["2026-11-01"] == 100
    assert shown["week"]["2026-11-02"] == 40
