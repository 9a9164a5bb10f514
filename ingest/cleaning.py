"""Cleaning: a person's strings go from tables, kept rows, files and published snapshots that belong to others."""

import csv
import json
import shutil
from functools import partial
from pathlib import Path

import duckdb

from data.deployment import NAMED_LISTS
from data.mending import ASIDE
from data.writing import replace_file, replace_text
from ingest.keeping import checksum
from ingest.tombstones import Of, hash_of, read_tombstones
from ingest.wordings import IN_PLACE, Wordings

HANDED_BACK = ("rejected", "proposed")
PASSING = ("incoming", ASIDE)


def clean_rows(connection: duckdb.DuckDBPyConnection, rows: str, wordings: Wordings) -> bool:
    """Temp table `cleaned` of rows with the person's strings replaced; whether any was there."""
    columns = connection.execute(f"describe select * from {rows}").fetchall()
    cells = {name: _clean_sql(f'"{name}"', kind, wordings) for name, kind, *_ in columns}
    changes = {name: cell for name, cell in cells.items() if cell}
    replacing = ", ".join(f'{cell} as "{name}"' for name, cell in changes.items())
    connection.execute(
        f"create or replace temp table cleaned as select *{f' replace ({replacing})' if changes else ''} from {rows}"
    )
    return not is_same(connection, rows, "cleaned")


def clean_tables(
    connection: duckdb.DuckDBPyConnection, database: str | None, wordings: Wordings, *, whole_rows: bool = False
) -> bool:
    """Replace the person's strings in every text of a database but in its keys; with `whole_rows` the row goes instead.
    Whether any was there."""
    if not wordings.exact:
        return False
    columns = connection.execute(
        """select table_name, column_name, data_type
           from duckdb_columns()
           where database_name = coalesce(?, current_catalog())
             and not internal
             and data_type in ('VARCHAR', 'VARCHAR[]', 'JSON')
             and table_name in (
                 select table_name from duckdb_tables() where database_name = coalesce(?, current_catalog()) and not temporary
             )
             and (table_name, column_name) not in (
                 select table_name, unnest(constraint_column_names)
                 from duckdb_constraints()
                 where database_name = coalesce(?, current_catalog()) and constraint_type = 'PRIMARY KEY'
             )
             and (table_name, column_name) <> ('people', 'member_id')""",
        [database, database, database],
    ).fetchall()
    changed = 0
    for table in dict.fromkeys(table for table, *_ in columns):
        name = f'"{database}"."{table}"' if database else f'"{table}"'
        texts = {column: kind for other, column, kind in columns if other == table}
        for column in _find_named(connection, name, list(texts), wordings):
            cell = _clean_sql(f'"{column}"', texts[column], wordings)
            act = f"delete from {name}" if whole_rows else f'update {name} set "{column}" = {cell}'
            counted = connection.execute(
                f'{act} where {_may_name(column, wordings)} and "{column}" is distinct from {cell}'
            ).fetchone()
            changed += int(counted[0]) if counted else 0
    return changed > 0


def _find_named(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str], wordings: Wordings) -> list[str]:
    """The columns of a table in which one of the person's strings may be, found in one look over it."""
    counts = ", ".join(f"coalesce(bool_or({_may_name(column, wordings)}), false)" for column in columns)
    row = connection.execute(f"select {counts} from {table}").fetchone()
    return [column for column, is_there in zip(columns, row or (), strict=True) if is_there]


def _may_name(column: str, wordings: Wordings) -> str:
    """SQL: whether a cell holds one of the strings anywhere; quick, and true for more than is changed in the end."""
    text = f'lower("{column}"::varchar)'
    return "(" + " or ".join(f"contains({text}, {_literal(each)})" for each in _every(wordings)) + ")"


def _every(wordings: Wordings) -> list[str]:
    return sorted({*wordings.exact, *wordings.inside})


def _clean_sql(cell: str, kind: str, wordings: Wordings) -> str:
    """SQL: a cell of text with the person's strings replaced; empty for other types."""
    if kind == "VARCHAR[]":
        return f"list_transform({cell}, lambda text: {_clean_sql('text', 'VARCHAR', wordings)})"
    if kind.startswith("STRUCT") and kind.endswith("[]"):  # the answers of a kept survey
        said = ", ".join(
            f"{field} := {_clean_sql(f'said.{field}', 'VARCHAR', wordings)}" for field in ("choice", "text")
        )
        return f"list_transform({cell}, lambda said: struct_update(said, {said}))"
    if kind == "MAP(VARCHAR, VARCHAR)":  # its segments
        value = _clean_sql("entry.value", "VARCHAR", wordings)
        return f"map_from_entries(list_transform(map_entries({cell}), lambda entry: {{'key': entry.key, 'value': {value}}}))"
    if kind == "JSON":
        inside = _clean_inside(f"{cell}::varchar", wordings)
        return f"({inside})::json"
    if kind != "VARCHAR":
        return ""
    exact = ", ".join(_literal(text) for text in wordings.exact)
    if not exact:
        return cell
    return f"case when lower(trim({cell})) in ({exact}) then '{IN_PLACE}' else {_clean_inside(cell, wordings)} end"


def _clean_inside(cell: str, wordings: Wordings) -> str:
    if not wordings.pattern:
        return cell
    once = f"regexp_replace({cell}, {_literal(wordings.pattern)}, '\\1{IN_PLACE}\\2', 'g')"
    return f"regexp_replace({once}, {_literal(wordings.pattern)}, '\\1{IN_PLACE}\\2', 'g')"  # two names side by side


def clean_files(home: Path, wordings: Wordings) -> list[str]:
    """Rows about the person go from files that were handed back; uploads in passing and old copies go altogether.

    Returns the files that changed.
    """
    changed = []
    hashes = set(read_tombstones(home).of(Of.MEMBER, Of.RESPONDENT))
    for folder in HANDED_BACK:
        for file in sorted((home / folder).glob("*.csv")):
            with file.open(encoding="utf-8-sig", newline="") as handle:
                lines = list(csv.reader(handle))
            stay = [
                line
                for place, line in enumerate(lines)
                if not place or not any(_names(home, cell, hashes, wordings) for cell in line)
            ]
            if len(stay) < len(lines):
                replace_file(file, partial(_write_csv, stay))
                changed.append(f"{folder}/{file.name}")
    for folder in PASSING:
        shutil.rmtree(home / folder, ignore_errors=True)
    return changed


def _names(home: Path, cell: str, hashes: set[str], wordings: Wordings) -> bool:
    return wordings.is_named(cell) or any(hash_of(home, part) in hashes for part in cell.split(";") if part.strip())


def _write_csv(lines: list[list[str]], fresh: Path) -> None:
    with fresh.open("w", encoding="utf-8-sig", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows(lines)


def clean_snapshots(connection: duckdb.DuckDBPyConnection, home: Path, folder: Path, wordings: Wordings) -> list[str]:
    """Take the person's strings out of the snapshot in force and the pinned ones; from named lists the whole row goes. Numbers
    stay, and the other snapshots from before are removed at the next publish.

    Returns the files that changed.
    """
    changed_files = []
    folder_of_all = home / "published"
    pins, current = folder_of_all / "pins.json", folder_of_all / "current"
    stay = set(json.loads(pins.read_text(encoding="utf-8")).values()) if pins.exists() else set()
    stay |= {current.read_text(encoding="ascii").strip()} if current.exists() else set()
    for manifest in sorted(folder_of_all / name / "manifest.json" for name in stay):
        facts = json.loads(manifest.read_text(encoding="utf-8"))
        changed = False
        for file in sorted(manifest.parent.glob("*.duckdb")):
            if not _sweep_snapshot(connection, file, folder, wordings):
                continue
            facts.setdefault("files", {})[file.name] = checksum(file)
            changed_files.append(f"published/{manifest.parent.name}/{file.name}")
            changed = True
        if changed:
            text = json.dumps(facts, indent=2)
            replace_text(manifest, text)
    return changed_files


def _sweep_snapshot(connection: duckdb.DuckDBPyConnection, file: Path, folder: Path, wordings: Wordings) -> bool:
    work, fresh = folder / "snapshot.duckdb", folder / "cleaned.duckdb"
    for left in (work, fresh):
        left.unlink(missing_ok=True)
    shutil.copyfile(file, work)
    connection.execute(f"attach '{_quoted(work)}' as snapshot")
    try:
        changed = clean_tables(connection, "snapshot", wordings, whole_rows=file.stem == NAMED_LISTS)
        changed = _drop_comments(connection) or changed
        if changed:
            connection.execute(f"attach '{_quoted(fresh)}' as cleaned_snapshot")
            connection.execute("copy from database snapshot to cleaned_snapshot")
            connection.execute("checkpoint cleaned_snapshot")
            connection.execute("detach cleaned_snapshot")
    finally:
        connection.execute("detach snapshot")
    if changed:
        replace_file(file, partial(_copy, fresh))
    return changed


def _drop_comments(connection: duckdb.DuckDBPyConnection) -> bool:
    """A snapshot does not say whose a comment is, so all go; the next publish writes those of the others again."""
    if not connection.execute(
        "select 1 from duckdb_tables() where database_name = 'snapshot' and table_name = 'comments'"
    ).fetchall():
        return False
    ((gone,),) = connection.execute("delete from snapshot.comments").fetchall()
    return bool(gone)


def find_left(home: Path, wordings: Wordings) -> list[str]:
    """Files that people write themselves and that still name the person: settings, roles, logs."""
    own = [file for file in sorted(home.glob("*")) if file.suffix in (".toml", ".log", ".txt", ".jsonl")]
    return [file.name for file in own if wordings.is_named(file.read_text(encoding="utf-8", errors="replace"))]


def is_same(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> bool:
    found = connection.execute(
        f"""select (select count(*) from {one}) = (select count(*) from {other})
               and not exists (select * from {one} except all select * from {other})"""
    ).fetchone()
    return bool(found and found[0])


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
