"""Keeping: the canonical rows of each batch as a file of their own, from which a batch can be loaded again, and its receipt."""

import json
import os
from pathlib import Path
from typing import Any

import duckdb

from data.errors import Refused


def kept_file(home: Path, batch: int) -> Path:
    return home / "kept" / f"{batch}.parquet"


def keep_rows(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, rows: str) -> Path:
    """Write the table `rows` as the kept copy of a batch: whole and on disk before its name exists."""
    folder = home / "kept"
    folder.mkdir(mode=0o700, exist_ok=True)
    file = kept_file(home, batch)
    fresh = file.with_suffix(".new")
    connection.execute(f"copy (select * from {rows}) to '{_quoted(fresh)}' (format parquet, compression zstd)")
    _flush(fresh)
    fresh.chmod(0o600)
    fresh.replace(file)
    _flush(folder)
    return file


def read_kept(connection: duckdb.DuckDBPyConnection, home: Path, batch: int, table: str) -> tuple[str, ...]:
    """Temp table `table` with the kept rows of a batch; returns its columns without `line`.

    Raises Refused where the copy is gone: its term has ended, or it was removed.
    """
    file = kept_file(home, batch)
    if not file.exists():
        raise Refused(
            f"The kept copy of batch {batch} is no longer there, so this cannot be taken back.",
            where=str(file),
            fix="Upload the right file again instead, or restore a backup.",
        )
    connection.execute(f"create or replace temp table {table} as select * from read_parquet('{_quoted(file)}')")
    return tuple(name for name, *_ in connection.execute(f"describe {table}").fetchall() if name != "line")


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
