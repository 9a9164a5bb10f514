"""Rows of the schema `published`, while one role's file is being written."""

from typing import Any

import duckdb
import pandas as pd


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
