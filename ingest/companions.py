"""Companions: the directory that an export brings with it, as rows of a kind of its own.

Answers to surveys get none: who answered is nobody's business.
"""

import hashlib

import duckdb

from ingest.importers import IDENTITIES
from ingest.opening import Opened

WITH_PEOPLE = ("attendance", "interactions", "activity")
ROWS = "directory_rows"
COLUMNS = IDENTITIES.columns


def lay_directory(connection: duckdb.DuckDBPyConnection, opened: Opened) -> bool:
    """Temp table `directory_rows` in the columns of an identities file, one row an id; whether there are any."""
    read = opened.reading
    if read is None or opened.kind not in WITH_PEOPLE or not read.people:
        return False
    source = opened.details.source or opened.format
    rows = {
        person.id: (line, person.id, source, person.name, person.email, person.login, person.kind)
        for line, person in enumerate(read.people, 1)
        if person.id
    }
    lists = [list(column) for column in zip(*rows.values(), strict=True)]
    cells = ", ".join(
        f"unnest(?::{'bigint' if name == 'line' else 'varchar'}[]) as {name}" for name in ("line", *COLUMNS)
    )
    connection.execute(f"create or replace temp table {ROWS} as select {cells}", lists)
    return True


def fingerprint_of(fingerprint: str) -> str:
    """What makes a directory the same as another: that it came with the same upload."""
    return hashlib.sha256(f"{fingerprint} {IDENTITIES.name}".encode()).hexdigest()
