"""The only place that opens DuckDB.

Only one process may hold a file for writing, so connections are short: open, do one thing, close.
Every connection is hardened before it sees a row: it reaches no file but those it was given, and its
settings are locked. Uploads are read by a connection that may open just the upload.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from data.errors import NoRoom, Uncertain
from data.holding import in_turn, locked, wait_for
from data.limits import no_room, settings_of, threads_of
from data.mending import ASIDE, clear_spill, damaged, explain, is_held, mend_log
from data.settings import Limits, read_settings
from data.writing import flush

SCHEMA = Path(__file__).parent / "schema"

# A published file is read by many connections at once; each is opened with the same locked settings.
_SNAPSHOT_SETTINGS = {"enable_external_access": "false", "lock_configuration": "true"}


def choose_home(home: Path | None = None) -> Path:
    """The data folder: the one given, else HEARTH_HOME, else `data/local` beside this file."""
    chosen = home or Path(os.environ.get("HEARTH_HOME") or Path(__file__).parent / "local")
    return chosen.expanduser().resolve()


@contextmanager
def opened(
    file: Path | str, *, read_only: bool = False, reach: tuple[Path, ...] = (), limits: Limits | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A hardened connection to `file` that can also read and write inside the folders or files of `reach`.

    Waits for another process, or another session of this one, to let go of the file, then raises Busy. A torn log is
    mended. Raises Damaged where the file is no database or does not hold what was written, and NoRoom where the
    disk, or the memory it may use, is full.
    """
    with ExitStack() as stack:
        if str(file) != ":memory:":
            stack.enter_context(in_turn(str(file)))
            if not read_only:
                stack.enter_context(locked(file))
        yield stack.enter_context(_session(file, read_only=read_only, reach=reach, limits=limits))


@contextmanager
def rewriting(file: Path, *, reach: tuple[Path, ...] = ()) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """Like `opened`, with nobody else near the file: the file that the block writes at the path it is given takes its place.

    The bytes of the old file are gone then. Where the block writes no file the old one stays. Raises NoRoom where the
    log of the old file could not be emptied first.
    """
    folder = file.parent / "rewriting"
    fresh, log = folder / file.name, Path(f"{file}.wal")
    with in_turn(str(file)), locked(file, alone=True):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        try:
            with _session(file, reach=(folder, *reach)) as connection:
                yield connection, fresh
            if fresh.exists():
                if log.exists() and log.stat().st_size:
                    raise no_room("the write-ahead log could not be emptied", str(log))
                log.unlink(missing_ok=True)
                fresh.chmod(0o600)
                flush(fresh)
                fresh.replace(file)
                flush(file.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def warehouse(home: Path, *, reach: tuple[Path, ...] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a home, migrated to the newest schema; made on first use, readable by its owner only."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = home / "warehouse.duckdb"
    is_new = not file.exists()
    limits = read_settings(home).limits
    with opened(file, reach=(home / "kept", home / "incoming", home / ASIDE, *reach), limits=limits) as connection:
        if is_new:
            file.chmod(0o600)
        migrate(connection)
        yield connection


def connect_to_snapshot(file: Path) -> duckdb.DuckDBPyConnection:
    """A hardened read-only connection to a published file, for the caller to keep, query by cursors and close."""
    return _connect(str(file), read_only=True, settings=_SNAPSHOT_SETTINGS)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing. After any error it rolls back and raises: a COMMIT after an error would succeed and store nothing.

    Raises Uncertain where the commit itself fails and ends the whole instance, as on a full disk: the change may be
    stored, and only opening the file again can tell.
    """
    connection.execute("begin transaction")
    try:
        yield
    except BaseException:
        with suppress(
            duckdb.Error
        ):  # a full disk has ended the transaction already; the first error is the one to tell
            connection.execute("rollback")
        raise
    try:
        connection.execute("commit")
    except duckdb.FatalException as error:
        raise Uncertain("The change failed while it was being written.", fix="Try again.") from error


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the schema up to date: each numbered file once, in order, in one transaction with its record.

    A warehouse that holds something is copied into the folder `aside` of its home first.
    """
    connection.execute(
        "create table if not exists migrations (name varchar primary key, applied_at timestamp not null)"
    )
    applied = {name for (name,) in connection.execute("select name from migrations").fetchall()}
    pending = [file for file in sorted(SCHEMA.glob("[0-9]*.sql")) if file.name not in applied]
    if applied and pending:
        _copy_aside(connection, pending[0].stem)
    for file in pending:
        with transaction(connection):
            connection.execute(file.read_text(encoding="utf-8"))
            connection.execute("insert into migrations values (?, now()::timestamp)", [file.name])


def copy_database(connection: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write everything that the database holds into a new file; what was deleted is not in it. The connection must reach it."""
    (name,) = connection.execute("select current_catalog()").fetchone() or ("",)
    connection.execute(f"attach '{str(target).replace(chr(39), chr(39) * 2)}' as copied")
    try:
        connection.execute(f'copy from database "{name}" to copied')
        connection.execute("checkpoint copied")
    finally:
        with suppress(duckdb.Error):
            connection.execute("detach copied")


def summarise(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Of each table the number of rows and one number that differs where any of them differs, in whatever order they lie."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_catalog() and not temporary order by all"
    ).fetchall()
    found = {}
    for (table,) in tables:
        row = connection.execute(f'select count(*), coalesce(bit_xor(hash(row)), 0) from "{table}" as row').fetchone()
        found[str(table)] = (int(row[0]), int(row[1])) if row else (0, 0)
    return found


@contextmanager
def _session(
    file: Path | str, *, read_only: bool = False, reach: tuple[Path, ...] = (), limits: Limits | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = _connect(str(file), read_only=read_only)
    try:
        if str(file) != ":memory:" and not read_only:
            clear_spill(Path(file))
        _harden(connection, file, reach, limits or Limits())
        yield connection
    except (duckdb.Error, OSError, MemoryError) as error:
        plain = explain(error, str(file))
        if plain is None:
            raise
        raise plain from error
    finally:
        with suppress(duckdb.Error):  # an instance that an error has ended cannot be closed in order
            connection.close()


def _connect(file: str, *, read_only: bool, settings: dict[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """Connect as soon as no other process holds the file, and mend its log where it is torn."""

    def attempt() -> duckdb.DuckDBPyConnection | None:
        try:
            return duckdb.connect(file, read_only=read_only, config=dict(settings or {}))
        except duckdb.Error as error:
            if is_held(error):
                return None
            if not read_only and _mend(file, error):
                return attempt()
            full = explain(error, file)
            if isinstance(full, NoRoom):
                raise full from error
            raise damaged(file, "The file cannot be opened as a Hearth database.") from error

    return wait_for(attempt, file)


def _mend(file: str, error: duckdb.Error) -> bool:
    """Mend the log of a file while nobody else has it; whether it is worth trying again."""
    with locked(f"{file}.mending", alone=True):
        try:
            duckdb.connect(file).close()
        except duckdb.Error as again:  # another process may have mended it meanwhile
            return is_held(again) or mend_log(Path(file), again)
    return True


def _copy_aside(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    (file,) = connection.execute(
        "select path from duckdb_databases() where database_name = current_catalog()"
    ).fetchone() or ("",)
    if not file:
        return
    folder = Path(file).parent / ASIDE
    folder.mkdir(mode=0o700, exist_ok=True)
    copy = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-before-{name}.duckdb"
    try:
        copy_database(connection, copy)
        copy.chmod(0o600)
        flush(copy)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _harden(connection: duckdb.DuckDBPyConnection, file: Path | str, reach: tuple[Path, ...], limits: Limits) -> None:
    folders = [str(path) for path in reach if path.is_dir() or not path.suffix]
    files = [str(path) for path in reach if path.suffix and not path.is_dir()]
    connection.execute("set allowed_directories = ?", [folders])
    connection.execute("set allowed_paths = ?", [files])
    has_file = str(file) != ":memory:"
    if has_file:
        connection.execute("set temp_directory = ?", [f"{file}.tmp"])
    for name, value in (settings_of(limits, Path(file).parent) if has_file else threads_of(limits)).items():
        connection.execute(f"set {name} = '{value}'")
    connection.execute("set timezone = 'UTC'")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
