"""Rows of the schema `published`, while one role's file is being written, and of the file that is in force until then."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from data.errors import Damaged
from data.store import connect_to_snapshot


def insert_published(
    connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame, order: str = "all"
) -> None:
    """Add the rows of a frame to a published table, by the names of its columns."""
    connection.register("found_rows", frame)
    connection.execute(f"insert into published.{table} by name select * from found_rows order by {order}")
    connection.unregister("found_rows")


def read_rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rows of a statement as dictionaries."""
    cursor = connection.execute(sql, parameters or {})
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read_before(before: Path | None, *statements: str) -> list[pd.DataFrame] | None:
    """What each statement finds in a role's file of the snapshot in force; None where there is none.

    Nor where it cannot be read: that is no reason not to publish the one that mends it.
    """
    if before is None or not before.exists():
        return None
    try:
        earlier = connect_to_snapshot(before)
        try:
            return [earlier.execute(sql).df() for sql in statements]
        finally:
            earlier.close()
    except (Damaged, duckdb.Error):
        return None
