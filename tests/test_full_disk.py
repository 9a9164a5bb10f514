"""A full disk, at each phase: clear words, nothing lost, and service again as soon as there is room."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

import pipeline
from data.errors import NoRoom, Uncertain
from data.limits import require_room
from data.store import opened, transaction
from ingest.importer import Details, Upload
from ingest.keeping import list_kept
from metrics.snapshot import Role, current_id, list_snapshots, open_snapshot
from tests.figures_of_proof import record
from tests.uploads import ask, undo

MEMBERS = "member_id,team\n" + "".join(f"m{n},{'AB'[n % 2]}\n" for n in range(20))


@contextmanager
def mounted(place: Path, megabytes: int) -> Iterator[Path]:
    """A disk of so many MB. Skips the test where this user may not mount one."""
    place.mkdir()
    if shutil.which("mount") is None:
        pytest.skip("a small disk cannot be mounted here: there is no mount")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 24) as place:
        yield place


@pytest.fixture
def larger_disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", 48) as place:
        yield place


def talk(rows: int, seed: int) -> str:
    return "occurred_at,actor_id,interaction_id,channel\n" + "".join(
        f"2026-03-{1 + n % 28:02d} 09:00,m{n % 20},i{seed}-{os.urandom(8).hex()},c{n % 5}\n" for n in range(rows)
    )


def send(home: Path, folder: Path, content: str) -> None:
    file = folder / "talk.csv"
    file.write_text(content, encoding="utf-8")
    kind = "members" if content is MEMBERS else "interactions"
    pipeline.take_in(home, [Upload(file, file.name, kind, Details(), "test")], publishing=False)


def fill(disk: Path, leave: int) -> Path:
    """Leave only so many bytes."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    ballast.write_bytes(b"x" * max(0, free - leave))
    return ballast


def state(home: Path) -> tuple[list[tuple[int, int]], set[int]]:
    rows = ask(home, "select batch, count(*) from interactions group by batch order by batch")
    return [(batch, count) for batch, count in rows], {batch for batch, _ in list_kept(home)}


def prepared(disk: Path, tmp_path: Path) -> Path:
    home = disk / "home"
    home.mkdir()
    send(home, tmp_path, MEMBERS)
    send(home, tmp_path, talk(2_000, 0))
    return home


def test_an_upload_is_refused_before_anything_is_written(small_disk: Path, tmp_path: Path) -> None:
    home = prepared(small_disk, tmp_path)
    before = state(home)
    fill(small_disk, leave=100_000)
    with pytest.raises(
        NoRoom, match=r"The disk has 0\.\d MB left, and taking in talk\.csv needs \d\.\d MB: three times"
    ):
        send(home, tmp_path, talk(10_000, 1))
    assert state(home) == before


@pytest.mark.parametrize("leave", [8_192, 40_000, 150_000])
def test_a_disk_that_fills_up_while_storing_loses_nothing(
    small_disk: Path, tmp_path: Path, leave: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check before is passed by, so that keeping, or storing, meets the full disk."""
    monkeypatch.setattr("ingest.batches.require_room", lambda *_: None)
    home = prepared(small_disk, tmp_path)
    before = state(home)
    ballast = fill(small_disk, leave)
    with pytest.raises(NoRoom, match="The disk is full"):
        send(home, tmp_path, talk(10_000, 1))
    ballast.unlink()
    started = time.perf_counter()
    assert state(home) == before
    send(home, tmp_path, talk(3_000, 2))
    assert [rows for _, rows in state(home)[0]] == [2_000, 3_000]
    assert time.perf_counter() - started < 10


@pytest.mark.figure
def test_batch_after_batch_until_the_disk_is_full(
    small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.batches.require_room", lambda *_: None)
    home, stored = prepared(small_disk, tmp_path), 1
    ballast = fill(small_disk, leave=7_000_000)
    words = ""
    while not words:
        try:
            send(home, tmp_path, talk(3_000, stored))
            stored += 1
        except NoRoom as error:
            words = str(error)
    assert "The disk is full" in words
    rows, _ = state(home)
    assert [count for _, count in rows] == [2_000] + [3_000] * (stored - 1), "also while it is full"
    ballast.unlink()
    started = time.perf_counter()
    send(home, tmp_path, talk(500, 999))
    service = time.perf_counter() - started
    rows, kept = state(home)
    assert [count for _, count in rows] == [2_000] + [3_000] * (stored - 1) + [500]
    assert kept == {1} | {batch for batch, _ in rows}
    undo(home, 3)
    record("disk full, spill full, 256 MB limit", lost_acked=0, stored=stored, seconds_to_service=round(service, 2))


def test_a_commit_whose_checkpoint_fails_is_unsettled_and_durable(small_disk: Path) -> None:
    file = small_disk / "w.duckdb"
    connection = duckdb.connect(str(file), config={"checkpoint_threshold": "200KB"})
    connection.execute("create table t (batch integer, word varchar)")
    connection.execute("checkpoint")
    fill(small_disk, leave=1_100_000)
    begun = 0

    def insert_until_full() -> None:
        nonlocal begun
        while begun < 200:
            begun += 1
            with transaction(connection):
                connection.execute("insert into t select ?, md5(random()::varchar) from range(700)", [begun])

    with pytest.raises(Uncertain):
        insert_until_full()
    connection.close()
    with opened(file) as again:
        assert again.execute("select max(batch), count(*) from t").fetchone() == (begun, 700 * begun)


@pytest.mark.parametrize("durable", [True, False])
def test_an_unsettled_change_is_looked_up_after_opening_again(
    tmp_path: Path, durable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = prepared(tmp_path, tmp_path)
    before = state(home)

    @contextmanager
    def ended(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        connection.execute("begin transaction")
        yield
        connection.execute("commit" if durable else "rollback")
        raise Uncertain("The change failed while it was being written.")

    monkeypatch.setattr("ingest.storing.transaction", ended)
    file = tmp_path / "more.csv"
    file.write_text(talk(10, 1), encoding="utf-8")
    sent = [Upload(file, file.name, "interactions", Details(), "test")]
    if durable:
        (receipt,) = pipeline.take_in(home, sent, publishing=False).receipts
        assert (receipt.batch, receipt.new) == (3, 10)
        assert "stored" in receipt.warnings[0]
        assert state(home) == ([*before[0], (3, 10)], before[1] | {3})
    else:
        with pytest.raises(NoRoom, match="could not be stored"):
            pipeline.take_in(home, sent, publishing=False)
        assert state(home) == before


def test_a_publish_without_room_leaves_the_snapshot_in_force(larger_disk: Path, tmp_path: Path) -> None:
    home = prepared(larger_disk, tmp_path)
    name = pipeline.publish(home)
    ballast = fill(larger_disk, leave=200_000)
    with pytest.raises(NoRoom, match="The disk is full"):
        pipeline.publish(home)
    assert [snapshot.id for snapshot in list_snapshots(home)] == [name]
    assert [folder.name for folder in (home / "published").iterdir() if folder.is_dir()] == [name]
    snapshot = open_snapshot(home, Role.MANAGER)
    assert snapshot.manifest()["id"] == name
    snapshot.close()
    ballast.unlink()
    assert pipeline.publish(home) == current_id(home)


def test_a_backup_without_room_leaves_the_others(small_disk: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    send(home, tmp_path, MEMBERS)
    first = pipeline.back_up(home, small_disk)
    for leave in (1_000_000, 100_000):
        ballast = fill(small_disk, leave=leave)
        with pytest.raises(NoRoom, match="backup"):
            pipeline.back_up(home, small_disk)
        ballast.unlink()
        assert [folder.name for folder in small_disk.iterdir()] == [first.folder.name]
    assert pipeline.back_up(home, small_disk).folder.exists()


def test_a_query_that_needs_more_than_it_may_use_says_so_and_the_next_one_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEARTH_MEMORY_MB", "64")
    monkeypatch.setenv("HEARTH_SPILL_MB", "1")
    big = "create temp table big as select range, md5(range::varchar) from range(8_000_000) order by 2"
    with pytest.raises(NoRoom, match="needs more memory"), opened(tmp_path / "w.duckdb") as connection:
        connection.execute(big)
    with opened(tmp_path / "w.duckdb") as connection:
        with pytest.raises(duckdb.OutOfMemoryException):
            connection.execute(big)
        assert connection.execute("select 1").fetchone() == (1,)


def test_room_is_three_times_the_upload(tmp_path: Path) -> None:
    file = tmp_path / "small.csv"
    file.write_text("a\n")
    require_room(tmp_path, file)
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as handle:
        handle.truncate(shutil.disk_usage(tmp_path).free // 3 + 4096)
    with pytest.raises(NoRoom, match="three times its size"):
        require_room(tmp_path, huge)
