"""Erasing: a person goes from the warehouse, the kept copies, the receipts, the files handed back and the snapshots.

The tombstone comes first, so that an erasure which a kill interrupts is brought to its end when the home is next opened,
and that nothing brings the person back. The warehouse is written anew, because a database keeps the bytes of what was
deleted.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from data.errors import Damaged, Refused
from data.limits import saying_where_it_is_full
from data.store import copy_database, migrate, rewriting, summarise, transaction, warehouse
from data.writing import replace_file
from ingest import ledger
from ingest.cleaning import clean_files, clean_rows, clean_snapshots, clean_tables, find_left, is_same
from ingest.fingerprints import FILE as FINGERPRINTS
from ingest.fingerprints import forget_fingerprints
from ingest.importers import SURVEY, find_importer
from ingest.keeping import checksum, forget_rows, kept_file, list_kept
from ingest.matching import link_people
from ingest.persons import Person, Where, describe, find_keys, find_person, find_places
from ingest.receipts import read_receipts, rewrite_receipts
from ingest.tombstones import (
    Of,
    add_tombstones,
    bury_names,
    hash_sql,
    leave_out_erased,
    leave_out_respondents,
    read_tombstones,
    settle_tombstones,
)
from ingest.wordings import Wordings, word_person

PEOPLE = "erased_people"


@dataclass
class Erased:
    """What an erasure took away: rows by table, kept copies written anew, other files changed, and those to be looked at."""

    rows: dict[str, int] = field(default_factory=dict)
    kept: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def erase_member(home: Path, name: str) -> Erased:
    """Erase the person of a member id, another id or an e-mail address. Raises Refused for one nobody has.

    Answers go from waves in which members answered by name; in others nobody can tell whose they are (`erase_respondent`).
    """
    with warehouse(home) as connection:
        person = find_person(connection, name)
        known = (*person.ids, *person.emails)
        keys = find_keys(connection, home, known, named=True)
    add_tombstones(home, keys, Of.KEY)
    add_tombstones(home, known, Of.MEMBER)
    return _sweep(home, person)


def erase_respondent(home: Path, name: str) -> Erased:
    """Erase the answers of a respondent, by the id of the survey file or the key that the warehouse has. Raises Refused
    where no wave has them."""
    with warehouse(home) as connection:
        keys = {name, *find_keys(connection, home, (name,), named=False)}
        found = connection.execute(
            "select 1 from respondents where list_contains(?, key) limit 1", [sorted(keys)]
        ).fetchone()
        if found is None:
            raise Refused(
                f'No wave has answers of "{name}".', fix="Write the id as the survey file has it, or the key."
            )
    add_tombstones(home, keys, Of.KEY)
    add_tombstones(home, [name], Of.RESPONDENT)
    return _sweep(home, None)


def finish(home: Path) -> Erased | None:
    """Bring an interrupted erasure to its end, and take out again who came back with a backup; None where nothing is to do."""
    return _sweep(home, None) if read_tombstones(home).pending else None


def _sweep(home: Path, person: Person | None) -> Erased:
    erased = Erased()
    file = home / "warehouse.duckdb"
    reach = (home / "kept", home / "published")
    with saying_where_it_is_full("the erasure is not finished; it goes on when the home is next opened", home):
        with rewriting(file, reach=reach) as (connection, fresh):
            migrate(connection)
            person = _gather(connection, home, person)
            wordings = word_person(person.ids, person.names, person.emails)
            if forget_fingerprints(connection, home):
                erased.files.append(FINGERPRINTS)
            sums = _sweep_kept(connection, home, wordings, erased)
            erased.files += clean_files(home, wordings)
            _sweep_receipts(home, wordings, sums)
            erased.files += clean_snapshots(connection, home, fresh.parent, wordings)
            with transaction(connection):
                _delete_rows(connection, home, erased)
                clean_tables(connection, None, wordings)
                for batch, sha256 in sums.items():
                    connection.execute("update batches set kept_sha256 = ? where batch = ?", [sha256, batch])
            copy_database(connection, fresh)
            _compare(connection, fresh)
        erased.left = find_left(home, wordings)
    settle_tombstones(home)
    return erased


def _gather(connection: duckdb.DuckDBPyConnection, home: Path, person: Person | None) -> Person:
    """Who is to go: temp table `erased_people`, found by their tombstones, and all that they are known by."""
    hashes = read_tombstones(home).of(Of.MEMBER)
    connection.execute(
        f"""create or replace temp table {PEOPLE} as
            select person from people where list_contains(?::varchar[], {hash_sql(home, "member_id")})""",
        [hashes],
    )
    numbers = [number for (number,) in connection.execute(f"select person from {PEOPLE} order by all").fetchall()]
    connection.execute(f"set variable {PEOPLE} = ?::integer[]", [numbers])
    found = describe(connection, numbers)
    add_tombstones(home, (*found.ids, *found.emails), Of.MEMBER)
    before = person or Person((), (), (), ())
    also = _read_old_rosters(connection, home, hashes)
    nicknames = [name for name in found.ids if name.replace(" ", "").isalpha()]  # an address has words that all use
    bury_names(home, (*found.names, *before.names, *also, *nicknames))
    return Person(
        found.numbers,
        (*found.ids, *before.ids),
        (*found.names, *before.names, *also),
        (*found.emails, *before.emails),
    )


def _read_old_rosters(connection: duckdb.DuckDBPyConnection, home: Path, hashes: list[str]) -> tuple[str, ...]:
    """Names under which kept rosters know the person, also such that were undone."""
    names: set[str] = set()
    for batch in ledger.read_batches(connection, "kind = 'members'", []):
        file = kept_file(home, batch.batch)
        if "name" in batch.columns and file.exists():
            rows = connection.execute(
                f"""select distinct name
                    from read_parquet('{_quoted(file)}')
                    where name is not null
                      and list_contains(?::varchar[], {hash_sql(home, "member_id")})""",
                [hashes],
            ).fetchall()
            names |= {name for (name,) in rows}
    return tuple(sorted(names))


def _sweep_kept(
    connection: duckdb.DuckDBPyConnection, home: Path, wordings: Wordings, erased: Erased
) -> dict[int, str]:
    """Write every kept copy without the person, and those of nobody's uploads away; returns the new sha256 of each copy."""
    batches = {batch.batch: (batch.kind, batch.columns) for batch in ledger.read_batches(connection, "true", [])}
    for told in read_receipts(home).told.values():
        if told.row is not None:
            batches.setdefault(told.batch, (told.row["kind"], tuple(told.row["columns"])))
    sums = {}
    for batch, file in list_kept(home):
        if batch not in batches:
            forget_rows(home, batch)
            continue
        kind, columns = batches[batch]
        rows = f"read_parquet('{_quoted(file)}')"
        if kind == SURVEY:
            left = leave_out_respondents(connection, home, rows, "swept")
        else:
            left, _ = leave_out_erased(connection, home, find_importer(kind), columns, rows, "swept")
        before = checksum(file)
        if clean_rows(connection, left, wordings) or not is_same(connection, rows, left):
            replace_file(file, lambda fresh: _write_parquet(connection, fresh))
        sums[batch] = checksum(kept_file(home, batch))
        if sums[batch] != before:
            erased.kept.append(batch)
    return sums


def _write_parquet(connection: duckdb.DuckDBPyConnection, fresh: Path) -> None:
    connection.execute(f"copy (select * from cleaned) to '{_quoted(fresh)}' (format parquet)")


def _sweep_receipts(home: Path, wordings: Wordings, sums: dict[int, str]) -> None:
    def change(receipt: dict[str, Any]) -> dict[str, Any]:
        if receipt.get("row") is not None:
            receipt["row"] = wordings.clean_all(receipt["row"])
            if receipt["batch"] in sums and receipt["row"].get("kept_sha256"):
                receipt["row"]["kept_sha256"] = sums[receipt["batch"]]
        return receipt

    rewrite_receipts(home, change)


def _delete_rows(connection: duckdb.DuckDBPyConnection, home: Path, erased: Erased) -> None:
    connection.execute(
        f"""create or replace temp table erased_respondents as
            select wave, respondent from respondents where list_contains(?::varchar[], {hash_sql(home, "key")})""",
        [read_tombstones(home).of(Of.KEY)],
    )
    for table in ("answers", "respondent_segments", "respondents"):
        _count(
            connection, erased, table,
            f"delete from {table} as own using erased_respondents as gone "
            "where own.wave = gone.wave and own.respondent = gone.respondent",
        )  # fmt: skip
    places = find_places(connection)
    for place in places:
        if not place.about:
            _forget_mention(connection, place)
    for place in places:
        if place.about and place.type == "INTEGER":
            _count(
                connection, erased, place.table,
                f"delete from {place.table} where {place.column} in (select person from {PEOPLE})",
            )  # fmt: skip
    link_people(connection)


def _forget_mention(connection: duckdb.DuckDBPyConnection, place: Where) -> None:
    """A row of somebody else stays and no longer says who; several persons in it stay several."""
    others = f"list_filter({{persons}}, lambda person: not list_contains(getvariable('{PEOPLE}'), person))"
    gone = f"select person from {PEOPLE}"
    if (place.table, place.column) == ("interactions", "target"):
        persons = "list_concat([target], coalesce(more_targets, []))"
        left = others.format(persons=persons)
        connection.execute(
            f"""update interactions
                set target = ({left})[1], more_targets = case when len({left}) > 1 then ({left})[2:] end
                where target is not null
                  and list_has_any({persons}, getvariable('{PEOPLE}'))"""
        )
        _number_repeats(connection)
    elif place.type == "INTEGER":
        connection.execute(f"update {place.table} set {place.column} = null where {place.column} in ({gone})")
    elif place.type == "INTEGER[]" and place.table != "interactions":
        connection.execute(
            f"""update {place.table}
                set {place.column} = {others.format(persons=place.column)}
                where list_has_any({place.column}, getvariable('{PEOPLE}'))"""
        )


def _number_repeats(connection: duckdb.DuckDBPyConnection) -> None:
    """Interactions without an id that only their target told apart are told apart by their number again."""
    alike = "occurred_at, actor, target, more_targets, channel, kind, thread_id"
    connection.execute(
        f"""update interactions
            set nth = numbered.place
            from (
                select rowid as row, row_number() over (partition by {alike} order by nth, batch, line) as place
                from interactions
                where interaction_id is null
                qualify count(*) over (partition by {alike}, nth) > 1
            ) as numbered
            where interactions.rowid = numbered.row
              and interactions.nth <> numbered.place"""
    )


def _compare(connection: duckdb.DuckDBPyConnection, fresh: Path) -> None:
    """Raises Damaged where the new file does not hold what the old one does; the old one stays then."""
    (name,) = connection.execute("select current_catalog()").fetchone() or ("",)
    before = summarise(connection)
    connection.execute(f"attach '{_quoted(fresh)}' as fresh (read_only)")
    try:
        connection.execute("use fresh")
        after = summarise(connection)
    finally:
        connection.execute(f'use "{name}"')
        connection.execute("detach fresh")
    if before != after:
        raise Damaged("The new warehouse file is not equal to the old one.", where=str(fresh), fix="Try again.")


def _count(connection: duckdb.DuckDBPyConnection, erased: Erased, table: str, statement: str) -> None:
    counted = connection.execute(statement).fetchone()
    if counted and counted[0]:
        erased.rows[table] = erased.rows.get(table, 0) + int(counted[0])


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
