"""Backups: verified copies that restore to the same content, also while others write, and that expire."""

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import pipeline
from data.backups import _FORM, discard_old, list_backups, verify_backup
from data.errors import Damaged, Refused
from data.store import opened, summarise
from ingest.keeping import kept_file
from metrics.snapshot import pin_quarter
from tests.figures_of_proof import record
from tests.test_recovery import STEPS, content
from tests.uploads import ask, take_in, undo

PROJECT = Path(__file__).parent.parent
EVENTS = "event_id,starts_at,title\n"
WRITING = """
import sys
from pathlib import Path
from tests.uploads import take_in
home = Path(sys.argv[1])
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    take_in(home, "event_id,member_id,starts_at\\n" + "".join(f"W{number},m{n},2026-03-01\\n" for n in range(50)))
"""


def test_a_backup_holds_all_that_cannot_be_made_again_and_is_for_its_owner_only(home: Path, tmp_path: Path) -> None:
    for step in STEPS:
        step(home)
    (home / "settings.toml").write_text('community = "Ours"\n', encoding="utf-8")
    (home / "incoming").mkdir()
    (home / "incoming" / "upload.csv").write_text("in passing", encoding="utf-8")
    backup = pipeline.back_up(home, tmp_path / "backups")
    names = {str(file.relative_to(backup.folder)) for file in backup.folder.rglob("*") if file.is_file()}
    assert names >= {"warehouse.duckdb", "receipts.jsonl", "salt", "settings.toml", "kept/1.parquet", "manifest.json"}
    assert not [name for name in names if name.startswith(("incoming", "warehouse.duckdb."))]
    assert not [name for name in names if (backup.folder / name).stat().st_mode & 0o077]
    with opened(backup.folder / "warehouse.duckdb", read_only=True) as connection:
        found = {table: facts for table, facts in summarise(connection).items() if table != "migrations"}
    assert found == content(home)


def test_a_restore_into_an_empty_home_gives_the_same_content(home: Path, tmp_path: Path) -> None:
    for step in STEPS:
        step(home)
    before = content(home)
    pipeline.back_up(home, tmp_path / "backups")
    other = tmp_path / "other"
    restored = pipeline.restore(other, tmp_path / "backups")
    assert (restored.recovered.replayed, restored.recovered.lost) == ((), ())
    assert content(other) == before
    undo(other, 2)
    assert ask(other, "select title from events order by all") == [("Long walk",)], "its kept copies came with it"


def test_what_was_saved_after_the_backup_is_loaded_again(home: Path, tmp_path: Path) -> None:
    for step in STEPS[:4]:
        step(home)
    pipeline.back_up(home, tmp_path / "backups")
    for step in STEPS[4:]:
        step(home)
    before = content(home)
    (home / "warehouse.duckdb").write_bytes(b"something else altogether" * 1000)
    with pytest.raises(Damaged, match="hearth restore"):
        pipeline.recover(home)
    restored = pipeline.restore(home, tmp_path / "backups")
    assert (restored.recovered.replayed, restored.recovered.turned) == ((5, 6, 7), (3, 4))
    assert restored.recovered.lost == ()
    assert content(home) == before
    assert [copy.name.partition("-")[2] for copy in (home / "aside").iterdir()] == ["warehouse.duckdb"]


def test_without_a_backup_the_kept_copies_give_everything(home: Path) -> None:
    for step in STEPS:
        step(home)
    before = content(home)
    (home / "warehouse.duckdb").write_bytes(b"")
    restored = pipeline.restore(home)
    assert restored.backup is None
    assert restored.recovered.replayed == tuple(range(1, 8))
    assert content(home) == before


def test_a_kept_copy_that_is_damaged_comes_back_from_the_backup(home: Path, tmp_path: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    take_in(home, EVENTS + "E1,2026-03-01,Walk\n")
    pipeline.back_up(home, tmp_path / "backups")
    kept_file(home, 1).write_bytes(kept_file(home, 1).read_bytes()[:-10] + b"0123456789")
    pipeline.restore(home, tmp_path / "backups")
    undo(home, 2)
    assert ask(home, "select title from events") == [("Fair",)]


def test_a_damaged_backup_is_passed_over_and_the_one_before_it_taken(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    first = folder / (datetime.now(UTC) - timedelta(days=1)).strftime(_FORM)
    pipeline.back_up(home, folder).folder.rename(first)
    take_in(home, EVENTS + "E2,2026-03-01,Walk\n")
    second = pipeline.back_up(home, folder)
    file = second.folder / "warehouse.duckdb"
    content_of_file = bytearray(file.read_bytes())
    content_of_file[len(content_of_file) // 2] ^= 4
    file.write_bytes(bytes(content_of_file))
    with pytest.raises(Damaged, match=r"warehouse\.duckdb of this backup"):
        verify_backup(second)
    restored = pipeline.restore(home, folder)
    assert restored.backup is not None
    assert restored.backup.folder == first
    assert restored.recovered.replayed == (2,), "what came later is loaded from the home's own kept copies"
    (first / "warehouse.duckdb").unlink()
    with pytest.raises(Damaged):
        pipeline.restore(home, folder)


def test_backups_are_refused_where_they_would_not_help(home: Path, tmp_path: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    with pytest.raises(Refused, match="inside the home"):
        pipeline.back_up(home, home / "backups")
    with pytest.raises(Refused, match="no backup here"):
        pipeline.restore(home, tmp_path / "empty")
    (tmp_path / "other").mkdir()
    for step in STEPS[:5]:
        step(tmp_path / "other")
    other = pipeline.back_up(tmp_path / "other", tmp_path / "others")
    (home / "salt").write_text("ab" * 32, encoding="ascii")
    with pytest.raises(Refused, match="another home"):
        pipeline.restore(home, other.folder)
    assert ask(home, "select event_id from events") == [("E1",)]


def test_a_pinned_quarter_is_in_the_backup(home: Path, tmp_path: Path) -> None:
    members = "member_id,joined_on\n" + "".join(f"m{n},2025-01-01\n" for n in range(10))
    take_in(home, members)
    take_in(home, "occurred_at,actor_id\n" + "".join(f"2026-0{1 + n % 3}-05 09:00,m{n % 10}\n" for n in range(30)))
    name = pipeline.publish(home)
    pin_quarter(home, "2026-Q1")
    pipeline.back_up(home, tmp_path / "backups")
    pipeline.restore(tmp_path / "other", tmp_path / "backups")
    pins = json.loads((tmp_path / "other" / "published" / "pins.json").read_text())
    assert pins == {"2026-Q1": name}
    assert (tmp_path / "other" / "published" / name / "manager.duckdb").exists()


def test_a_removal_that_is_cut_short_leaves_no_half_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 16, 12, tzinfo=UTC)
    for hours in (1, 2):
        folder = tmp_path / (now - timedelta(hours=hours)).strftime(_FORM)
        folder.mkdir()
        (folder / "manifest.json").write_text("{}")
        (folder / "audit.jsonl").write_text("")

    def be_cut_short(folder: Path) -> None:
        (folder / "audit.jsonl").unlink()
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", be_cut_short)
    with pytest.raises(KeyboardInterrupt):
        discard_old(tmp_path, now)
    assert [backup.at for backup in list_backups(tmp_path)] == [now - timedelta(hours=1)]


def test_seven_days_and_four_weeks_are_kept_and_nothing_older_than_thirty_days(tmp_path: Path) -> None:
    """Two backups a day over sixty days, seen from noon on a Wednesday."""
    now = datetime(2026, 11, 18, 12, tzinfo=UTC)
    for half_days in range(120):
        folder = tmp_path / (now - timedelta(hours=12 * half_days)).strftime(_FORM)
        folder.mkdir()
        (folder / "manifest.json").write_text("{}")
    discard_old(tmp_path, now)
    kept = [backup.at for backup in list_backups(tmp_path)]
    assert [at.date().isoformat() for at in kept] == [
        *(f"2026-11-{day}" for day in (18, 17, 16, 15, 14, 13, 12)),  # the newest of each of seven days
        "2026-11-08", "2026-11-01",  # with the two weeks above, the newest of each of four weeks
    ]  # fmt: skip
    discard_old(tmp_path, now + timedelta(days=400))
    assert [backup.at for backup in list_backups(tmp_path)] == kept[:1], "the newest stays, however old it is"


def back_up_under_load(home: Path, folder: Path, batches: int) -> tuple[int, int]:
    """Back up while another process imports; returns how many backups were whole and how many there were."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITING, str(home), str(batches)], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == b"ready\n"
    equal = runs = 0
    while writer.poll() is None:
        backup = pipeline.back_up(home, folder)
        runs += 1
        other = folder.parent / "restored"
        pipeline.restore(other, backup.folder)
        rows = ask(other, "select count(*), count(distinct batch) from attendance")[0]
        ledger = ask(other, "select count(*) from batches where kind = 'attendance'")[0][0]
        with opened(backup.folder / "warehouse.duckdb", read_only=True) as connection:
            same = {t: facts for t, facts in summarise(connection).items() if t != "migrations"} == content(other)
        equal += same and rows == (50 * ledger, ledger)
        shutil.rmtree(other)
    writer.stdout.close()
    return equal, runs


def test_a_backup_while_another_process_imports_is_whole(home: Path, tmp_path: Path) -> None:
    equal, runs = back_up_under_load(home, tmp_path / "backups", 6)
    assert equal == runs > 0


@pytest.mark.prove
def test_twenty_backups_under_load(home: Path, tmp_path: Path) -> None:
    equal = runs = 0
    while runs < 20:
        more = back_up_under_load(home, tmp_path / f"backups{runs}", 40)
        equal, runs = equal + more[0], runs + more[1]
    record("backup under load, restore", restores_equal=equal, runs=runs)
    assert equal == runs
