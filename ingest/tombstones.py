"""Tombstones: who was erased, as keyed hashes, so that no later import, redo or restore brings them back.

Nobody can be read from the file: it says of an id that somebody hands in whether it was erased, and only to who has the
salt of the home. It also says whether an erasure is still to be brought to its end.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from data.redaction import list_keys
from data.salt import read_salt
from data.writing import replace_text
from ingest.cells import PERSON
from ingest.importer import Importer
from ingest.importers import MEMBERS
from ingest.loading import split_ids

ERASED = "erased_ids"


class Of(StrEnum):
    """What was erased: an id of a member, a word of their name, an id of a respondent, or the key of one in a wave."""

    MEMBER = "member"
    NAME = "name"
    RESPONDENT = "respondent"
    KEY = "key"


@dataclass(frozen=True)
class Tombstones:
    """The hashes of what was erased, with what each is of and when; `pending` while an erasure is to be finished."""

    hashes: dict[str, tuple[str, str]]
    pending: bool = False

    def of(self, *kinds: Of) -> list[str]:
        """The hashes of some kinds."""
        return [name for name, (kind, _) in self.hashes.items() if kind in kinds]

    @property
    def newest(self) -> datetime | None:
        """When somebody was last erased."""
        moments = [moment for _, moment in self.hashes.values()]
        return datetime.fromisoformat(max(moments)) if moments else None


def read_tombstones(home: Path) -> Tombstones:
    """Who was erased from a home; nobody, where there is no such file."""
    return _read(home / "erased.json")


def add_tombstones(home: Path, ids: Iterable[str], of: Of) -> None:
    """Put up tombstones, on disk when this returns; the erasure is pending from now on."""
    known = read_tombstones(home)
    now = datetime.now(UTC).isoformat()
    fresh = {hash_of(home, name): (str(of), now) for name in ids if name}
    _write(home, Tombstones(fresh | known.hashes, pending=True))


def bury_names(home: Path, names: Iterable[str]) -> None:
    """Remember names that are on no roster any more, so that they are redacted all the same."""
    add_tombstones(home, [f"name {key}" for key in list_keys(names)], Of.NAME)


def erased_names(home: Path) -> Callable[[str], bool]:
    """Whether a key of `data.redaction.list_keys` is of the name of somebody who was erased."""
    hashes = frozenset(read_tombstones(home).of(Of.NAME))
    return cache(lambda key: bool(hashes) and hash_of(home, f"name {key}") in hashes)


def merge_tombstones(home: Path, other: Path) -> None:
    """Take over the tombstones of a backup too, and ask for the erasure of everybody again: old data is coming back."""
    known = read_tombstones(home)
    hashes = _read(other).hashes | known.hashes
    if hashes:
        _write(home, Tombstones(hashes, pending=True))


def settle_tombstones(home: Path) -> None:
    """Say that every erasure has come to its end."""
    _write(home, replace(read_tombstones(home), pending=False))


def hash_of(home: Path, name: str) -> str:
    """The keyed hash (HMAC-SHA256 under the salt) of an id; an e-mail address counts in whatever case it is written."""
    return hmac.new(bytes.fromhex(read_salt(home)), _normal(name).encode(), hashlib.sha256).hexdigest()


def hash_sql(home: Path, cell: str) -> str:
    """SQL: what `hash_of` gives, for a column, so that the database can hash all ids at once (RFC 2104)."""
    salt = bytes.fromhex(read_salt(home)).ljust(64, b"\0")
    inner, outer = ("".join(f"\\x{byte ^ pad:02x}" for byte in salt) for pad in (0x36, 0x5C))
    name = f"if(contains({cell}, '@'), lower(trim({cell})), trim({cell}))"
    return f"sha256('{outer}'::blob || unhex(sha256('{inner}'::blob || encode({name}))))"


def leave_out_erased(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    importer: Importer,
    columns: Sequence[str],
    rows: str,
    table: str = "allowed_rows",
) -> tuple[str, int]:
    """The rows without those of erased people, as a table, and how many rows were left out; `rows` itself where nobody was.

    Rows about an erased person go; where they are only mentioned (a target, a host, another id) the mention goes.
    """
    hashes = read_tombstones(home).of(Of.MEMBER)
    given = [column for column in columns if column in importer.columns]
    ids = ids_sql(importer, given, rows)
    if not hashes or not ids:
        return rows, 0
    connection.execute(
        f"""create or replace temp table {ERASED} as
            select member_id
            from (select distinct member_id from ({ids}) where member_id <> '')
            where list_contains(?::varchar[], {hash_sql(home, "member_id")})""",
        [hashes],
    )
    if not count_erased(connection):
        return rows, 0
    kept, changed = without_sql(importer, given)
    replacing = f" replace ({', '.join(changed)})" if changed else ""
    connection.execute(
        f"create or replace temp table {table} as select *{replacing} from {rows} where {' and '.join(kept) or 'true'}"
    )
    counted = connection.execute(f"select (select count(*) from {rows}) - (select count(*) from {table})").fetchone()
    return table, int(counted[0]) if counted else 0


def leave_out_respondents(connection: duckdb.DuckDBPyConnection, home: Path, rows: str, table: str) -> str:
    """The kept rows of a survey without those of erased respondents, as a table; `rows` itself where nobody was erased."""
    hashes = read_tombstones(home).of(Of.KEY)
    if not hashes:
        return rows
    connection.execute(
        f"""create or replace temp table {table} as
            select * from {rows} where not list_contains(?::varchar[], {hash_sql(home, "key")})""",
        [hashes],
    )
    return table


def forget_respondents(connection: duckdb.DuckDBPyConnection, home: Path, *, named: bool) -> int:
    """Take erased people out of `kept_rows`, which `keep_survey` has just laid out beside `survey_rows`; returns how many rows.

    Members are known in waves only that are named: of others nobody may find out who answered.
    """
    tombstones = read_tombstones(home)
    hashes = tombstones.of(Of.RESPONDENT, *((Of.MEMBER,) if named else ()))
    if not tombstones.hashes:
        return 0
    gone = connection.execute(
        f"""delete from kept_rows
            where list_contains(?::varchar[], {hash_sql(home, "key")})
               or line in (
                   select line
                   from survey_rows
                   where respondent_id is not null
                     and list_contains(?::varchar[], {hash_sql(home, "respondent_id")})
               )""",
        [tombstones.of(Of.KEY), hashes],
    ).fetchone()
    return int(gone[0]) if gone else 0


def count_erased(connection: duckdb.DuckDBPyConnection) -> int:
    """How many ids `erased_ids` holds; also makes them known to `without_sql`."""
    connection.execute(f"set variable {ERASED} = (select coalesce(list(member_id), []::varchar[]) from {ERASED})")
    counted = connection.execute(f"select count(*) from {ERASED}").fetchone()
    return int(counted[0]) if counted else 0


def ids_sql(importer: Importer, columns: Sequence[str], rows: str) -> str:
    """SQL: every id of a person in rows, one row each; empty where the kind has none."""
    return " union all ".join(
        f'select "{column}" as member_id from {rows}'
        if not _is_list(importer, column)
        else f"select unnest({split_ids(column)}) as member_id from {rows} where {column} is not null"
        for column in columns
        if _says_who(importer, column)
    )


def without_sql(importer: Importer, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """SQL over rows and the table `erased_ids`: the conditions of rows that stay, and the cells that change in them."""
    erased = f"(select member_id from {ERASED})"
    stay, changed = [], []
    for column in (column for column in columns if _says_who(importer, column)):
        if _is_list(importer, column):
            others = f"list_filter({split_ids(column)}, lambda id: not list_contains(getvariable('{ERASED}'), id))"
            changed.append(f"nullif(array_to_string({others}, ';'), '') as {column}")
        elif is_about(importer, column):
            stay.append(f'("{column}" is null or "{column}" not in {erased})')
        else:
            changed.append(f'if("{column}" in {erased}, null, "{column}") as "{column}"')
    return stay, changed


def is_about(importer: Importer, column: str) -> bool:
    """Whether a row is about the person in this column, and not only mentions them."""
    if column in importer.mentions:
        return False
    return column in importer.required or column in importer.key or (importer is MEMBERS and column == "email")


def _says_who(importer: Importer, column: str) -> bool:
    return importer.cell(column).ids or (importer is MEMBERS and column == "email")


def _is_list(importer: Importer, column: str) -> bool:
    return importer.cell(column).ids and importer.cell(column) is not PERSON


def _normal(name: str) -> str:
    return name.strip().lower() if "@" in name else name.strip()


def _read(file: Path) -> Tombstones:
    if not file.exists():
        return Tombstones({})
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Tombstones({name: (of, at) for name, (of, at) in stored["hashes"].items()}, bool(stored["pending"]))


def _write(home: Path, tombstones: Tombstones) -> None:
    text = json.dumps({"pending": tombstones.pending, "hashes": tombstones.hashes}, indent=1)
    replace_text(home / "erased.json", text)
