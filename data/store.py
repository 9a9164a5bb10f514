"""The only place that opens DuckDB.

Only one process may hold a file for writing, so connections are short: open, do one thing, close.
Every connection is hardened before it sees a row: it reaches no file but those it was given, and its
settings are locked. Uploads are read by a connection that may open just the upload.
"""

import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from data.errors import Busy, Damaged

SCHEMA = Path(__file__).parent / "schema"
PATIENCE_SECONDS = 20.0

# Connections of one process to one file share their settings, which are locked by the first: so they take turns.
_TURNS: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

# A published file is read by many connections at once; each is opened with the same locked settings.
_SNAPSHOT_SETTINGS = {"enable_external_access": "false", "lock_configuration": "true"}


def choose_home(home: Path | None = None) -> Path:
    """The data folder: the one given, else HEARTH_HOME, else `data/local` beside this file."""
    chosen = home or Path(os.environ.get("HEARTH_HOME") or Path(__file__).parent / "local")
    return chosen.expanduser().resolve()


@contextmanager
def opened(
    file: Path | str, *, read_only: bool = False, reach: tuple[Path, ...] = ()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A hardened connection to `file` that can also read and write inside the folders or files of `reach`.

    Waits for another process, or another session of this one, to let go of the file, then raises Busy. Raises
    Damaged where the file is no database or does not hold what was written.
    """
    turn = _TURNS[str(file)] if str(file) != ":memory:" else threading.Lock()
    if not turn.acquire(timeout=PATIENCE_SECONDS):
        raise _busy(str(file))
    try:
        connection = _connect(str(file), read_only=read_only)
        try:
            _harden(connection, file, reach)
            yield connection
        finally:
            connection.close()
    finally:
        turn.release()


@contextmanager
def warehouse(home: Path, *, reach: tuple[Path, ...] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a home, migrated to the newest schema; made on first use, readable by its owner only."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = home / "warehouse.duckdb"
    is_new = not file.exists()
    with opened(file, reach=(home / "kept", *reach)) as connection:
        if is_new:
            file.chmod(0o600)
        migrate(connection)
        yield connection


def connect_to_snapshot(file: Path) -> duckdb.DuckDBPyConnection:
    """A hardened read-only connection to a published file, for the caller to keep, query by cursors and close."""
    return _connect(str(file), read_only=True, settings=_SNAPSHOT_SETTINGS)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing. After any error it rolls back and raises: a COMMIT after an error would succeed and store nothing."""
    connection.execute("begin transaction")
    try:
        yield
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the schema up to date: each numbered file once, in order, in one transaction with its record."""
    connection.execute(
        "create table if not exists migrations (name varchar primary key, applied_at timestamp not null)"
    )
    applied = {name for (name,) in connection.execute("select name from migrations").fetchall()}
    for file in sorted(SCHEMA.glob("[0-9]*.sql")):
        if file.name in applied:
            continue
        with transaction(connection):
            connection.execute(file.read_text(encoding="utf-8"))
            connection.execute("insert into migrations values (?, now()::timestamp)", [file.name])


def _connect(file: str, *, read_only: bool, settings: dict[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = 0.05
    while True:
        try:
            return duckdb.connect(file, read_only=read_only, config=dict(settings or {}))
        except duckdb.Error as error:
            if not isinstance(error, duckdb.IOException) or "lock" not in str(error).lower():
                raise Damaged(
                    "The file cannot be opened as a Hearth database.", where=file, fix="Restore it from a backup."
                ) from error
            if time.monotonic() >= deadline:
                raise _busy(file) from error
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)


def _busy(file: str) -> Busy:
    return Busy(
        "Another import or publish is writing to the warehouse.",
        where=file,
        fix="Wait until it has ended, then try again.",
    )


def _harden(connection: duckdb.DuckDBPyConnection, file: Path | str, reach: tuple[Path, ...]) -> None:
    folders = [str(path) for path in reach if path.suffix == ""]
    files = [str(path) for path in reach if path.suffix != ""]
    connection.execute("set allowed_directories = ?", [folders])
    connection.execute("set allowed_paths = ?", [files])
    if str(file) != ":memory:":
        connection.execute("set temp_directory = ?", [f"{file}.tmp"])
    connection.execute("set preserve_insertion_order = false")
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
