"""The ledger: one row per upload, never removed, also when the upload was undone."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from data.errors import Refused
from ingest.importer import Details


@dataclass(frozen=True)
class Batch:
    """One upload as the ledger has it."""

    batch: int
    kind: str
    format: str
    file: str
    sha256: str
    fingerprint: str
    who: str
    effective_on: date
    source: str
    wave: str | None
    details: Details
    items: list[dict[str, Any]]
    columns: tuple[str, ...]
    undone: bool


def next_batch(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select coalesce(max(batch), 0) + 1 from batches").fetchone()
    return int(row[0]) if row else 1


def find_same(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> int | None:
    """The batch, not undone, of the same bytes with the same kind and details."""
    row = connection.execute(
        "select max(batch) from batches where fingerprint = ? and undone_at is null", [fingerprint]
    ).fetchone()
    return row[0] if row else None


def write_batch(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> None:
    """Add the row of a batch, in the same transaction as its rows."""
    filled = row | {"loaded_at": datetime.now(UTC).replace(tzinfo=None)}
    connection.execute(
        f"insert into batches ({', '.join(filled)}) values ({', '.join('?' * len(filled))})", list(filled.values())
    )


def read_batch(connection: duckdb.DuckDBPyConnection, batch: int) -> Batch:
    """One batch. Raises Refused for a number that the ledger does not have."""
    found = read_batches(connection, "batch = ?", [batch])
    if not found:
        raise Refused(f"There is no batch {batch}.", fix="`hearth batches` lists them.")
    return found[0]


def read_batches(connection: duckdb.DuckDBPyConnection, condition: str, parameters: list[Any]) -> list[Batch]:
    """Batches that meet a fixed condition, oldest first."""
    rows = connection.execute(
        f"""select batch, kind, format, file, sha256, fingerprint, who, effective_on, source, wave, details, columns,
                   undone_at is not null
            from batches
            where {condition}
            order by batch""",
        parameters,
    ).fetchall()
    return [
        Batch(*row[:10], Details.model_validate(stored["details"]), stored["items"], tuple(row[11]), row[12])
        for row in rows
        for stored in [json.loads(row[10])]
    ]


def mark(connection: duckdb.DuckDBPyConnection, batch: int, *, undone: bool) -> None:
    """Say in the ledger that a batch is undone, or no longer is."""
    moment = datetime.now(UTC).replace(tzinfo=None) if undone else None
    connection.execute("update batches set undone_at = ? where batch = ?", [moment, batch])


def list_batches(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every upload, newest first, in the names of the command line's contract."""
    frame = connection.execute(
        """select file, kind, format, sha256, batch, rows, new, changed, unchanged, rejected, unmatched,
                  wave, source, covers_from, covers_to, effective_on, loaded_at as at, who, undone_at is not null as undone
           from batches
           order by batch desc"""
    )
    names = [column[0] for column in frame.description or []]
    return [dict(zip(names, row, strict=True)) for row in frame.fetchall()]
