"""The ledger: one row per upload, never removed, also when the upload was undone."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import duckdb

from data.errors import Refused
from ingest.importer import Details, Receipt


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
    kept_sha256: str | None = None
    turns: int = 0


def next_batch(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("select coalesce(max(batch), 0) + 1 from batches").fetchone()
    return int(row[0]) if row else 1


def find_same(connection: duckdb.DuckDBPyConnection, fingerprint: str) -> int | None:
    """The batch, not undone, of the same bytes with the same kind and details."""
    row = connection.execute(
        "select max(batch) from batches where fingerprint = ? and undone_at is null", [fingerprint]
    ).fetchone()
    return row[0] if row else None


def write_batch(connection: duckdb.DuckDBPyConnection, batch: Batch, *, rows: int, rejected: int) -> None:
    """Add the row of a batch, in the same transaction as its rows."""
    details = {"details": batch.details.model_dump(mode="json", exclude={"items"}), "items": batch.items}
    connection.execute(
        """insert into batches by name
           select $batch as batch, $kind as kind, $format as format, $file as file, $sha256 as sha256,
                  $fingerprint as fingerprint, $who as who, $loaded_at as loaded_at, $effective_on as effective_on,
                  $source as source, $wave as wave, $details::json as details, $columns::varchar[] as columns,
                  $rows as rows, 0 as new, 0 as changed, 0 as unchanged, $rejected as rejected, 0 as unmatched,
                  0 as turns, $kept_sha256 as kept_sha256""",
        {
            "batch": batch.batch,
            "kind": batch.kind,
            "format": batch.format,
            "file": batch.file,
            "sha256": batch.sha256,
            "fingerprint": batch.fingerprint,
            "who": batch.who,
            "loaded_at": datetime.now(UTC).replace(tzinfo=None),
            "effective_on": batch.effective_on,
            "source": batch.source,
            "wave": batch.wave,
            "details": json.dumps(details, ensure_ascii=False, separators=(",", ":")),
            "columns": list(batch.columns),
            "rows": rows,
            "rejected": rejected,
            "kept_sha256": batch.kept_sha256,
        },
    )


def write_counts(
    connection: duckdb.DuckDBPyConnection, receipt: Receipt, covers: tuple[date | None, date | None]
) -> None:
    """Add to the row of a batch what loading it did and the days it covers."""
    connection.execute(
        """update batches
           set new = ?, changed = ?, unchanged = ?, unmatched = ?, covers_from = ?, covers_to = ?
           where batch = ?""",
        [receipt.new, receipt.changed, receipt.unchanged, receipt.unmatched, *covers, receipt.batch],
    )


def find_last_covered(connection: duckdb.DuckDBPyConnection, kind: str, source: str, before: date) -> date | None:
    """The last day before another that uploads of a kind and source cover; None where they cover none before it, or the day itself."""
    row = connection.execute(
        """select max(covers_to), coalesce(bool_or(? between covers_from and covers_to), false)
           from batches
           where kind = ?
             and source = ?
             and undone_at is null
             and covers_from <= ?""",
        [before, kind, source, before],
    ).fetchone()
    last, is_covered = row or (None, False)
    return None if is_covered else last


def find_state(connection: duckdb.DuckDBPyConnection, batch: int) -> bool | None:
    """Whether a batch is undone; None for one that the ledger does not have."""
    row = connection.execute("select undone_at is not null from batches where batch = ?", [batch]).fetchone()
    return row[0] if row else None


def read_receipt(connection: duckdb.DuckDBPyConnection, batch: int) -> Receipt:
    """What the ledger says of a batch. Raises Refused for a number that it does not have."""
    row = connection.execute(
        """select file, kind, format, 'utf-8', sha256, batch, rows, new, changed, unchanged, rejected, unmatched
           from batches
           where batch = ?""",
        [batch],
    ).fetchone()
    if row is None:
        raise Refused(f"There is no batch {batch}.", fix="`hearth batches` lists them.")
    return Receipt(*row)


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
                   undone_at is not null, kept_sha256, coalesce(turns, 0)
            from batches
            where {condition}
            order by batch""",
        parameters,
    ).fetchall()
    names = ("batch", "kind", "format", "file", "sha256", "fingerprint", "who", "effective_on", "source", "wave")
    batches = []
    for row in rows:
        stored = json.loads(row[10])
        more = {
            "details": Details.model_validate(stored["details"]),
            "items": stored["items"],
            "columns": tuple(row[11]),
        }
        facts = {"undone": row[12], "kept_sha256": row[13], "turns": row[14]}
        batches.append(Batch(**dict(zip(names, row[:10], strict=True)), **more, **facts))
    return batches


def mark(connection: duckdb.DuckDBPyConnection, batch: int, *, undone: bool) -> None:
    """Say in the ledger that a batch is undone, or no longer is."""
    moment = datetime.now(UTC).replace(tzinfo=None) if undone else None
    connection.execute(
        "update batches set undone_at = ?, turns = coalesce(turns, 0) + 1 where batch = ?", [moment, batch]
    )


def read_row(connection: duckdb.DuckDBPyConnection, batch: int) -> dict[str, Any]:
    """The whole row of a batch in plain values, as a receipt holds it. Raises Refused for a number that there is not."""
    row = connection.execute("select to_json(batches)::varchar from batches where batch = ?", [batch]).fetchone()
    if row is None:
        raise Refused(f"There is no batch {batch}.", fix="`hearth batches` lists them.")
    return dict(json.loads(row[0]))


def write_row(connection: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> None:
    """Put a row that a receipt holds into the ledger, in place of the one it has of that batch."""
    types = {name: kind for name, kind, *_ in connection.execute("describe batches").fetchall()}
    shape = {name: [kind[:-2]] if kind.endswith("[]") else kind for name, kind in types.items()}
    connection.execute("delete from batches where batch = ?", [row["batch"]])
    connection.execute(
        "insert into batches by name select unnest(json_transform(?::json, ?::json))",
        [json.dumps(row), json.dumps(shape)],
    )


def read_states(connection: duckdb.DuckDBPyConnection) -> dict[int, tuple[str, int]]:
    """Of each batch its fingerprint and how often it was turned."""
    rows = connection.execute("select batch, fingerprint, coalesce(turns, 0) from batches").fetchall()
    return {batch: (fingerprint, turns) for batch, fingerprint, turns in rows}


def list_batches(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Every upload, newest first, in the names of the command line's contract."""
    frame = connection.execute(
        """select file, kind, format, sha256, batch, rows, new, changed, unchanged, rejected, unmatched,
                  wave, source, covers_from, covers_to, effective_on, loaded_at as at, who, undone_at is not null as undone
           from batches
           where kind <> 'identities'
           order by batch desc"""
    )
    names = [column[0] for column in frame.description or []]
    return [dict(zip(names, row, strict=True)) for row in frame.fetchall()]
