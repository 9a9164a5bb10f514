"""kill -9 at any moment: what was said to be saved is there, nothing is there by half, and the home opens at once.

A real process imports, undoes, publishes, backs up or migrates and is killed at random moments, many of them inside COMMIT.
"""

import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pytest

import data.store
import pipeline
from data.backups import list_backups, verify_backup
from data.store import warehouse
from ingest.importer import Details, Upload
from ingest.keeping import list_kept
from metrics.snapshot import Role, open_snapshot
from tests.figures_of_proof import record
from tests.killing import MEMBERS, ROWS

PROJECT = Path(__file__).parent.parent


@dataclass
class Tally:
    """What the kills came to."""

    kills: int = 0
    in_commit: int = 0
    acknowledged: int = 0
    lost: int = 0
    half: int = 0
    orphans: int = 0
    reopened: list[float] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return sorted(self.reopened)[int(len(self.reopened) * 0.95)] if self.reopened else 0.0


class Nursery:
    """The process that forks a child for each task, and the lines that they write."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.killing"],
            cwd=PROJECT, env=os.environ | {"PYTHONPATH": str(PROJECT)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.tasks, self.lines = self.process.stdin, self.process.stdout
        self.buffer = b""

    def line(self, patience: float) -> str | None:
        """The next line, or None where none comes within so many seconds."""
        deadline = time.monotonic() + patience
        while b"\n" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.lines], [], [], left)[0]:
                return None
            self.buffer += os.read(self.lines.fileno(), 65536)
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode()

    def kill_one(self, rng: random.Random, home: Path, kind: str, backups: Path, *, in_commit: bool) -> list[str]:
        """Let a child work and kill it after a random while, or up to 3 ms after it began a commit; returns what it said."""
        task = {"home": str(home), "kind": kind, "seed": rng.randrange(1 << 30), "backups": str(backups)}
        self.tasks.write(json.dumps(task).encode() + b"\n")
        self.tasks.flush()
        first = self.line(60)
        assert first is not None
        assert first.startswith("child ")
        child, said = int(first.split()[1]), []
        commits = 1 if kind == "migrate" else rng.randrange(1, 4)
        deadline = time.monotonic() + (30 if in_commit else rng.uniform(0.0, 1.2))
        while (line := self.line(max(0.0, deadline - time.monotonic()))) is not None:
            said.append(line)
            commits -= line == "commit"
            if in_commit and not commits:
                time.sleep(rng.uniform(0, 0.003))
                break
        os.kill(child, signal.SIGKILL)
        self.tasks.write(b"reap\n")
        self.tasks.flush()
        while line != "gone":
            line = self.line(60)
            assert line is not None
            said.append(line)
        return said[:-1]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.tasks.close()
    made.process.wait()
    made.lines.close()


def fresh_home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    roster = tmp_path / "members.csv"
    roster.write_text(MEMBERS, encoding="utf-8")
    pipeline.take_in(home, [Upload(roster, "members.csv", "members", Details(), "test")], publishing=False)
    return home


def check(home: Path, promised: dict[int, bool], unsure: set[int], tally: Tally) -> None:
    """Open the home as the next command would, and compare what it holds with what was promised."""
    started = time.perf_counter()
    recovered = pipeline.recover(home)
    tally.reopened.append(time.perf_counter() - started)
    assert not recovered.lost
    with warehouse(home) as connection:
        ledger = dict(connection.execute("select batch, undone_at is not null from batches").fetchall())
        names = dict(connection.execute("select batch, file from batches where kind = 'attendance'").fetchall())
        tally.lost += sum(
            1 for b, undone in promised.items() if b not in ledger or (b not in unsure and ledger[b] != undone)
        )
        for batch, file in names.items():
            event = f"E{file.removesuffix('.csv')}"
            rows = connection.execute(
                """select (select count(*) from attendance where event_id = $event),
                          (select count(*) from events where event_id = $event)""",
                {"event": event},
            ).fetchone()
            tally.half += rows != ((0, 0) if ledger[batch] else (ROWS, 1))
        newest = max((batch for batch in names if not ledger[batch]), default=None)
        shared = connection.execute("select title from events where event_id = 'SHARED'").fetchall()
        tally.half += shared != ([(f"Title {names[newest].removesuffix('.csv')}",)] if newest else [])
        (strays,) = connection.execute(
            """select count(*)
               from (select batch from attendance union all select batch from events union all select batch from members)
               where batch not in (select batch from batches where undone_at is null)"""
        ).fetchone() or (0,)
    kept = {batch for batch, _ in list_kept(home)}
    tally.orphans += strays + len(kept ^ set(ledger))
    tally.orphans += len([f for f in home.rglob("*") if f.name.startswith(".new-") or f.name.endswith(".tmp")])


def kill_imports(nursery: Nursery, tmp_path: Path, kills: int, seed: int) -> Tally:
    tally, rng = Tally(), random.Random(seed)
    home, promised = fresh_home(tmp_path), {1: False}
    for turn in range(kills):
        said = nursery.kill_one(rng, home, "import", tmp_path / "backups", in_commit=turn % 2 == 0)
        tally.kills += 1
        tally.in_commit += bool(said) and [line for line in said if not line.startswith(("try", "ack"))][-1:] == [
            "commit"
        ]
        unsure = set()
        for line in said:
            word, *rest = line.split()
            if word == "ack":
                promised[int(rest[0])] = rest[1] == "True"
                tally.acknowledged += 1
                unsure.discard(int(rest[0]))
            elif word == "try":
                unsure.add(int(rest[0]))
        check(home, promised, unsure, tally)
        with warehouse(home) as connection:  # what was not acknowledged and is stored all the same counts from now on
            promised |= dict(connection.execute("select batch, undone_at is not null from batches").fetchall())
    return tally


def kill_publishes_and_backups(nursery: Nursery, tmp_path: Path, kills: int, seed: int) -> Tally:
    tally, rng = Tally(), random.Random(seed)
    home = fresh_home(tmp_path)
    pipeline.publish(home)
    for turn in range(kills):
        kind = ("publish", "backup")[turn % 2]
        nursery.kill_one(rng, home, kind, tmp_path / "backups", in_commit=False)
        tally.kills += 1
        check(home, {1: False}, set(), tally)
        snapshot = open_snapshot(home, Role.MANAGER)
        assert snapshot.manifest()["role"] == "manager"
        snapshot.close()
        for backup in list_backups(tmp_path / "backups"):
            verify_backup(backup)
    pipeline.publish(home)
    pipeline.back_up(home, tmp_path / "backups")
    unfinished = [
        folder
        for folder in (home / "published").iterdir()
        if folder.is_dir() and not (folder / "manifest.json").exists()
    ]
    tally.orphans += len(unfinished) + len(list((tmp_path / "backups").glob("*.tmp")))
    return tally


def kill_migrations(nursery: Nursery, tmp_path: Path, kills: int, seed: int, old: Path) -> Tally:
    tally, rng = Tally(), random.Random(seed)
    for turn in range(kills):
        folder = tmp_path / f"{turn}"
        shutil.copytree(old, folder / "home")
        said = nursery.kill_one(rng, folder / "home", "migrate", folder, in_commit=turn % 2 == 0)
        tally.kills += 1
        tally.in_commit += said[-1:] == ["commit"]
        check(folder / "home", {1: False, 2: False}, set(), tally)
        with warehouse(folder / "home") as connection:
            applied = connection.execute("select name from migrations order by name").fetchall()
        tally.half += applied != [(file.name,) for file in sorted(data.store.SCHEMA.glob("*.sql"))]
        shutil.rmtree(folder)
    return tally


def old_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose warehouse has the schema of the first release, with two uploads."""
    home = fresh_home(tmp_path)
    file = tmp_path / "77.csv"
    file.write_text(
        "event_id,member_id,starts_at,title\n"
        + "".join(f"E77,m{n},2026-01-07,E\n" for n in range(ROWS))
        + "SHARED,m1,2026-01-02,Title 77\n"
    )
    pipeline.take_in(home, [Upload(file, "77.csv", "attendance", Details(), "test")], publishing=False)
    first = sorted(data.store.SCHEMA.glob("*.sql"))[0]
    with duckdb.connect() as empty:
        empty.execute(first.read_text(encoding="utf-8"))
        had = columns_of(empty)
    with warehouse(home) as connection:
        later = columns_of(connection) - had
        connection.execute("begin transaction")
        for table in {table for table, _ in later} - {table for table, _ in had} - {"migrations"}:
            connection.execute(f"drop table {table}")
        for table, column in sorted(later):
            if table in {table for table, _ in had}:
                connection.execute(f"alter table {table} drop column {column}")
        connection.execute("delete from migrations where name <> ?", [first.name])
        connection.execute("commit")
    return home


def columns_of(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    """Each table with each of its columns."""
    rows = connection.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'main' and not internal"
    )
    return {(table, column) for table, column in rows.fetchall()}


def assert_nothing_is_lost(tally: Tally) -> None:
    assert (tally.lost, tally.half, tally.orphans) == (0, 0, 0)
    assert tally.p95 < 1.0


def test_killed_imports_and_undos_are_all_or_nothing(nursery: Nursery, tmp_path: Path) -> None:
    tally = kill_imports(nursery, tmp_path, 6, seed=1)
    assert_nothing_is_lost(tally)
    assert tally.acknowledged > 0


def test_killed_publishes_and_backups_leave_whole_ones(nursery: Nursery, tmp_path: Path) -> None:
    assert_nothing_is_lost(kill_publishes_and_backups(nursery, tmp_path, 2, seed=2))


def test_a_killed_migration_is_done_or_not(nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = old_home(tmp_path / "old", monkeypatch) if (tmp_path / "old").mkdir() is None else tmp_path
    assert_nothing_is_lost(kill_migrations(nursery, tmp_path, 2, seed=3, old=old))


@pytest.mark.prove
def test_two_hundred_and_forty_kills(nursery: Nursery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("old", "imports", "publishes", "migrations"):
        (tmp_path / name).mkdir()
    old = old_home(tmp_path / "old", monkeypatch)
    tallies = [
        kill_imports(nursery, tmp_path / "imports", 160, seed=11),
        kill_publishes_and_backups(nursery, tmp_path / "publishes", 40, seed=12),
        kill_migrations(nursery, tmp_path / "migrations", 40, seed=13, old=old),
    ]
    for tally in tallies:
        assert_nothing_is_lost(tally)
    together = Tally(reopened=[seconds for tally in tallies for seconds in tally.reopened])
    in_commit = sum(tally.in_commit for tally in tallies)
    record(
        "kill -9 anywhere in ingest/undo/migrate/backup",
        kills=sum(tally.kills for tally in tallies), in_commit=in_commit,
        acknowledged=sum(tally.acknowledged for tally in tallies), lost_acked=0, half_batches=0, orphans=0,
        reopen_p95_ms=round(together.p95 * 1000),
    )  # fmt: skip
    assert in_commit >= 50
