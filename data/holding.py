"""Holding: who may have a database file open, and how long the others wait.

Sessions of one process take turns, because connections of one process to one file share settings that the first locks.
Between processes DuckDB's own lock decides who writes; a lock file beside the database spans what that one does
not: cutting a torn log, or putting another file in the database's place.
"""

import fcntl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from data.errors import Busy

Result = TypeVar("Result")

PATIENCE_SECONDS = 20.0

_TURNS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


@contextmanager
def in_turn(file: str) -> Iterator[None]:
    """One session of this process at a time. Raises Busy where the one before takes too long."""
    turn = _TURNS[file]
    if not turn.acquire(timeout=PATIENCE_SECONDS):
        raise _busy(file)
    try:
        yield
    finally:
        turn.release()


@contextmanager
def locked(file: Path | str, *, alone: bool = False) -> Iterator[None]:
    """Hold the lock file of `file`: with others who open it, or alone to change the file itself. A kill lets go of it.

    Raises Busy where others hold it too long.
    """
    with Path(f"{file}.lock").open("ab") as lock:
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH

        def attempt() -> bool | None:
            try:
                fcntl.flock(lock.fileno(), kind | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            return True

        wait_for(attempt, str(file))
        yield


def wait_for(attempt: Callable[[], Result | None], file: str) -> Result:
    """The first answer of `attempt`, asked again and again. Raises Busy where patience ends."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 0.02
    while (found := attempt()) is None:
        if time.monotonic() >= deadline:
            raise _busy(file)
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)
    return found


def _busy(file: str) -> Busy:
    return Busy(
        "Another import or publish is writing to the warehouse.",
        where=file,
        fix="Wait until it has ended, then try again.",
    )
