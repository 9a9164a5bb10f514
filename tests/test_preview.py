"""Preview: what files would change is computed beside the warehouse, through the gate, and nothing is written."""

from pathlib import Path

import pipeline
from data.store import summarise, warehouse
from metrics.snapshot import current_id
from tests.demo import MET, copy_part_of_demo
from tests.uploads import upload

ATTENDANCE = "event_id,member_id,starts_at,title\n" + "".join(
    f"preview,M{number:04},2026-11-12 17:30,Preview meeting\n" for number in range(1, 41)
)


def contents(home: Path) -> dict[str, tuple[int, int]]:
    with warehouse(home) as connection:
        return summarise(connection)


def test_a_preview_says_what_taking_the_file_in_then_does(tmp_path: Path) -> None:
    home = copy_part_of_demo(tmp_path / "home", MET)
    sent = [upload(home, ATTENDANCE, "attendance")]
    before, snapshot = contents(home), current_id(home)
    promised = pipeline.preview(home, sent)
    assert contents(home) == before
    assert current_id(home) == snapshot
    assert not list((home / "incoming").iterdir())
    done = pipeline.take_in(home, sent)
    assert promised == done.changed
    assert any(row["metric"] == "event_participation" and row["dimension"] == "all" for row in promised["changed"])


def test_before_the_first_publish_there_is_nothing_to_compare(home: Path) -> None:
    assert pipeline.preview(home, [upload(home, ATTENDANCE, "attendance")]) == {}
