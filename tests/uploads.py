"""Uploads for tests: a text becomes a file, the file is taken in, and the warehouse is asked what it now holds."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from data.settings import Settings
from data.store import warehouse
from ingest import batches
from ingest.importer import Checked, Details, Problem, Receipt, RefusedRows, Upload
from metrics.snapshot import Role, open_snapshot

TODAY = Settings(as_of=date(2026, 11, 16))


def upload(home: Path, content: str | bytes, kind: str | None, name: str = "file.csv", **details: Any) -> Upload:
    """A file in the folder of uploads beside the home."""
    folder = home / "uploads"
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Upload(path=file, name=name, kind=kind, details=Details(**details), who="test")


def take_in(
    home: Path,
    content: str | bytes,
    kind: str | None = None,
    *,
    keep_good: bool = False,
    settings: Settings = TODAY,
    **details: Any,
) -> Receipt:
    """Load a file from its text."""
    sent = upload(home, content, kind, **details)
    with warehouse(home, reach=(sent.path,)) as connection:
        return batches.take_in(connection, home, sent, settings, keep_good=keep_good)


def look_at(home: Path, content: str | bytes, kind: str | None = None, **details: Any) -> Checked:
    """Check a file without storing it."""
    sent = upload(home, content, kind, **details)
    with warehouse(home, reach=(sent.path,)) as connection:
        return batches.check(connection, home, sent, TODAY)


def problems(home: Path, content: str | bytes, kind: str | None = None, **details: Any) -> list[tuple[Any, str, str]]:
    """Line, column and what of each problem of a file that is refused."""
    try:
        take_in(home, content, kind, **details)
    except RefusedRows as error:
        return [(problem.line, problem.column, problem.what) for problem in error.problems]
    return []


def first_problem(home: Path, content: str | bytes, kind: str | None = None) -> Problem:
    """The first problem of a file that is refused."""
    try:
        take_in(home, content, kind)
    except RefusedRows as error:
        return error.problems[0]
    raise LookupError("the file was taken in")


def undo(home: Path, batch: int) -> Receipt:
    """Take a batch back."""
    with warehouse(home) as connection:
        return batches.undo(connection, home, batch, TODAY)


def redo(home: Path, batch: int) -> Receipt:
    """Load an undone batch again."""
    with warehouse(home) as connection:
        return batches.redo(connection, home, batch, TODAY)


def ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the warehouse."""
    with warehouse(home) as connection:
        return connection.execute(query).fetchall()


def shown(home: Path, query: str, role: Role = Role.LEADER) -> pd.DataFrame:
    """What a query finds in what a role is shown."""
    snapshot = open_snapshot(home, role)
    try:
        return snapshot.query(query)
    finally:
        snapshot.close()
