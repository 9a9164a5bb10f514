"""Keeping: the canonical rows of each batch as a file of their own, from which a batch can be loaded again."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import duckdb

from data.errors import Refused
from data.limits import saying_where_it_is_full
from data.settings import Retention
from data.writing import replace_file


def kept_file(home: Path, batch: int) -> Path:
    """Where the kept copy of a batch lies."""
    return home / "kept" / f"{batch}.parquet"


def keep_rows(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, rows: str) -> str:
    """Write the table or view `rows` as the kept copy of a batch: whole and on disk before its name exists.

    Returns the sha256 of the copy. Raises NoRoom on a full disk; there is no copy then.
    """
    folder = home / "kept"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = kept_file(home, batch)

    def write(fresh: Path) -> None:
        connection.execute(f"copy (select * from {rows}) to '{_quoted(fresh)}' (format parquet)")

    with saying_where_it_is_full("a copy of the rows could not be kept", folder):
        replace_file(file, write)
    return checksum(file)


def forget_rows(home: Path, batch: int) -> None:
    """Remove the kept copy of a batch that was not stored."""
    kept_file(home, batch).unlink(missing_ok=True)


def forget_old(connection: duckdb.DuckDBPyConnection, home: Path, retention: Retention) -> tuple[int, ...]:
    """Remove the kept copies whose term has ended; returns their batches. They can no longer be undone or loaded again."""
    before = retention.end_of_term(datetime.now(UTC).replace(tzinfo=None))
    rows = connection.execute("select batch from batches where loaded_at < ? order by batch", [before]).fetchall()
    old = tuple(batch for (batch,) in rows if kept_file(home, batch).exists())
    for batch in old:
        forget_rows(home, batch)
    return old


def list_kept(home: Path) -> Iterator[tuple[int, Path]]:
    """Every kept copy with its batch; what an interrupted import left half written is removed on the way."""
    folder = home / "kept"
    for file in sorted(folder.iterdir()) if folder.exists() else ():
        if file.suffix == ".parquet" and file.stem.isdecimal():
            yield int(file.stem), file
        elif file.name.startswith(".new-") or file.name.endswith(".new.parquet"):
            file.unlink()


def read_kept(home: Path, batch: int, sha256: str | None = None) -> str:
    """SQL: the kept rows of a batch as a table.

    Raises Refused where the copy is gone (its term has ended, or it was removed), or is not what was written.
    """
    file = kept_file(home, batch)
    if not file.exists():
        raise Refused(
            f"The kept copy of batch {batch} is no longer there, so what it held cannot be worked out again.",
            where=file.name,
            fix="Upload the right file again instead, or restore a backup.",
        )
    if sha256 is not None and checksum(file) != sha256:
        raise Refused(
            f"The kept copy of batch {batch} does not hold what was written to it.",
            where=file.name,
            fix="Upload the right file again instead, or restore a backup.",
        )
    return f"read_parquet('{_quoted(file)}')"


def checksum(file: Path) -> str:
    """The sha256 of a file, in hexadecimal; worked out once for a file that has not changed."""
    facts = file.stat()
    return _checksum(file, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


@lru_cache(maxsize=4096)
def _checksum(file: Path, *facts: int) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
