"""Keeping: the canonical rows of each batch as a file of their own, from which a batch can be loaded again, and its receipt."""

import json
import os
from pathlib import Path
from typing import Any

import duckdb

from data.errors import Refused


def kept_file(home: Path, batch: int) -> Path:
    """Where the kept copy of a batch lies."""
    return home / "kept" / f"{batch}.parquet"


def keep_rows(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, rows: str) -> None:
    """Write the table or view `rows` as the kept copy of a batch: whole and on disk before its name exists."""
    folder = home / "kept"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = kept_file(home, batch)
    fresh = file.with_suffix(".new.parquet")
    connection.execute(f"copy (select * from {rows}) to '{_quoted(fresh)}' (format parquet)")
    fresh.chmod(0o600)
    _flush(fresh)
    fresh.replace(file)
    _flush(folder)


def forget_rows(home: Path, batch: int) -> None:
    """Remove the kept copy of a batch that was not stored."""
    kept_file(home, batch).unlink(missing_ok=True)


def read_kept(home: Path, batch: int) -> str:
    """SQL: the kept rows of a batch as a table.

    Raises Refused where the copy is gone: its term has ended, or it was removed.
    """
    file = kept_file(home, batch)
    if not file.exists():
        raise Refused(
            f"The kept copy of batch {batch} is no longer there, so what it held cannot be worked out again.",
            where=file.name,
            fix="Upload the right file again instead, or restore a backup.",
        )
    return f"read_parquet('{_quoted(file)}')"


def append_receipt(home: Path, receipt: dict[str, Any]) -> None:
    """Add one line to `receipts.jsonl` and put it on disk: what was said to be saved can be checked against it."""
    with (home / "receipts.jsonl").open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(receipt, default=str) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
