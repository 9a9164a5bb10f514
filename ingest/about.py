"""About: everything that is held on a person, with the upload each row came from."""

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingest import ledger
from ingest.cleaning import HANDED_BACK
from ingest.importers import SURVEY, WAVE, find_importer
from ingest.keeping import kept_file
from ingest.persons import Where, find_keys, find_person, find_places
from ingest.tombstones import ids_sql
from ingest.wordings import word_person


@dataclass(frozen=True)
class About:
    """What is held on a person. `tables` has the rows of each table of the warehouse, each with its upload where it has one;
    `kept` the uploads whose kept copies name the person; `files` what was handed back and names them."""

    ids: tuple[str, ...]
    names: tuple[str, ...]
    emails: tuple[str, ...]
    tables: dict[str, list[dict[str, Any]]]
    kept: list[dict[str, Any]]
    files: list[str]

    def as_json(self) -> dict[str, Any]:
        """Plain values under these names."""
        return asdict(self)


def describe_holdings(connection: duckdb.DuckDBPyConnection, home: Path, name: str) -> About:
    """What is held on the person of a member id, another id or an e-mail address. Raises Refused for one nobody has.

    Answers are shown of waves in which members answered by name. In others nobody may find out who answered, not even
    for the person: they are asked for by the key of the respondent.
    """
    person = find_person(connection, name)
    numbers = list(person.numbers)
    tables: dict[str, list[dict[str, Any]]] = {}
    for place in find_places(connection):
        if place.table not in ("people", "aliases"):
            rows = _rows_of(connection, place, numbers)
            known = tables.setdefault(place.table, [])
            known += [row for row in rows if row not in known]
    keys = sorted(find_keys(connection, home, (*person.ids, *person.emails), named=True))
    tables["answers"] = _select(
        connection,
        """select answers.*, respondents.submitted_at, respondents.batch, respondents.line, batches.file
           from respondents
           join answers using (wave, respondent)
           left join batches using (batch)
           where list_contains(?, respondents.key)
           order by all""",
        [keys],
    )
    wordings = word_person(person.ids, person.names, person.emails)
    files = [
        str(file.relative_to(home))
        for folder in HANDED_BACK
        for file in sorted((home / folder).glob("*.csv"))
        if any(wordings.is_named(cell) for line in _cells(file) for cell in line)
    ]
    found = {table: rows for table, rows in tables.items() if rows}
    return About(person.ids, person.names, person.emails, found, _find_kept(connection, home, person.ids), files)


def _rows_of(connection: duckdb.DuckDBPyConnection, place: Where, numbers: list[int]) -> list[dict[str, Any]]:
    if place.type not in ("INTEGER", "INTEGER[]"):
        return []
    test = "list_has_any({}, ?)" if place.type == "INTEGER[]" else "list_contains(?, {})"
    columns = {name for name, *_ in connection.execute(f"describe {place.table}").fetchall()}
    join = "left join batches as uploads on uploads.batch = own.batch" if "batch" in columns else ""
    file = ", uploads.file" if join else ""
    return _select(
        connection,
        f"select own.*{file} from {place.table} as own {join} where {test.format(f'own.{place.column}')} order by all",
        [numbers],
    )


def _find_kept(connection: duckdb.DuckDBPyConnection, home: Path, ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """The uploads whose kept copies name one of the ids, with how often."""
    found = []
    for batch in ledger.read_batches(connection, "true", []):
        file = kept_file(home, batch.batch)
        if batch.kind in (SURVEY, WAVE) or not file.exists():
            continue
        importer = find_importer(batch.kind)
        given = [column for column in batch.columns if column in importer.columns]
        named = ids_sql(importer, given, f"read_parquet('{str(file).replace(chr(39), chr(39) * 2)}')")
        if not named:
            continue
        row = connection.execute(
            f"select count(*) from ({named}) where list_contains(?, member_id)", [list(ids)]
        ).fetchone()
        if row and row[0]:
            found.append({"batch": batch.batch, "kind": batch.kind, "file": batch.file, "times": int(row[0])})
    return found


def _select(connection: duckdb.DuckDBPyConnection, query: str, parameters: list[Any]) -> list[dict[str, Any]]:
    rows = connection.execute(query, parameters)
    names = [column[0] for column in rows.description or []]
    return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def _cells(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.reader(handle))
