"""An event that nobody is listed for has nobody, which is a number; a count over no rows once was no number, and ended the publish."""

from pathlib import Path

import pipeline
from metrics.snapshot import Role, open_snapshot
from tests.uploads import upload

MEMBERS = "member_id,joined_on\n" + "".join(f"M{number},2026-01-05\n" for number in range(6))
EVENTS = "event_id,starts_at,title\nE1,2026-11-10 12:00,Lunch\nE2,2026-11-11 15:00,Tea\n"
ATTENDANCE = "event_id,member_id,attended\n" + "".join(f"E2,M{number},yes\n" for number in range(6))


def test_an_event_without_a_guest_list_and_one_without_registrations_count_none(home: Path) -> None:
    (home / "settings.toml").write_text("as_of = 2026-11-16\n", encoding="utf-8")
    kinds = {"members": MEMBERS, "events": EVENTS, "attendance": ATTENDANCE}
    for kind, text in kinds.items():
        pipeline.take_in(home, [upload(home, text, kind, name=f"{kind}.csv")], publishing=False)
    pipeline.publish(home)
    snapshot = open_snapshot(home, Role.MANAGER)
    try:
        found = snapshot.query("select event_id, members, guests, registered from events order by event_id")
    finally:
        snapshot.close()
    assert found.to_numpy().tolist() == [["E1", 0, 0, 0], ["E2", 6, 0, 0]]
