"""A process that works on a home until somebody kills it: `python -m tests.killing`.

It reads one JSON task a line and forks a child for each, so that the modules are imported once. The child says on standard
output what it does: `commit` just before each commit and `committed` after it, `ack N undone` when an
import, undo or redo was said to be saved, `done` after a publish, a backup or a migration.
"""

import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

import data.store
import ingest.batches
import pipeline
from ingest.importer import Details, Upload

ROWS = 30
DAY = date(2026, 1, 5)
MEMBERS = "member_id,team\n" + "".join(f"m{n},{'AB'[n % 2]}\n" for n in range(12))


def attendance_of(seed: int) -> str:
    """A file that feeds three tables: thirty people at an event of its own, and one event that all files describe."""
    start = DAY + timedelta(seed % 28)
    own = "".join(f"E{seed},m{n},{start},Event {seed}\n" for n in range(ROWS))
    return f"event_id,member_id,starts_at,title\n{own}SHARED,m{seed % 12},2026-01-02,Title {seed}\n"


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                work(**task)
            finally:
                os._exit(1)
        say(f"child {child}")
        sys.stdin.readline()  # not before it was killed, so that its number cannot become somebody else's
        os.waitpid(child, 0)
        say("gone")


def say(words: str) -> None:
    os.write(1, f"{words}\n".encode())


def work(home: str, kind: str, seed: int, backups: str) -> None:
    """Do one kind of work without end."""
    ingest.batches.transaction = announced  # type: ignore[assignment]
    data.store.transaction = announced  # type: ignore[assignment]
    rng = random.Random(seed)
    folder = Path(home)
    while True:
        if kind == "import":
            take_one(folder, rng)
        elif kind == "publish":
            pipeline.publish(folder, as_of=date(2026, 2, 1))
            say("done")
        elif kind == "backup":
            pipeline.back_up(folder, Path(backups))
            say("done")
        elif kind == "migrate":
            pipeline.recover(folder)
            say("done")
            return


_transaction = data.store.transaction


@contextmanager
def announced(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The transaction of the store, with a word before and after its commit."""
    with _transaction(connection):
        yield
        say("commit")
    say("committed")


def take_one(home: Path, rng: random.Random) -> None:
    """Import a new file, or undo or redo an old one, and say so when it is saved."""
    known = pipeline.ledger(home)
    if known and rng.random() < 0.4:
        old: dict[str, Any] = rng.choice(known)
        turn = pipeline.redo if old["undone"] else pipeline.undo
        publishing, pipeline.publish = pipeline.publish, lambda *_, **__: ""  # publishing is killed on its own
        say(f"try {old['batch']}")
        turn(home, old["batch"])
        pipeline.publish = publishing
        say(f"ack {old['batch']} {not old['undone']}")
        return
    seed = rng.randrange(1_000_000)
    file = home.parent / "upload.csv"
    file.write_text(attendance_of(seed), encoding="utf-8")
    outcome = pipeline.take_in(home, [Upload(file, f"{seed}.csv", "attendance", Details(), "test")], publishing=False)
    say(f"ack {outcome.receipts[0].batch} False")


if __name__ == "__main__":
    main()
