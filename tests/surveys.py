"""Survey files for tests: written as text a person can check, taken in by the same steps as any upload."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from data.settings import Settings
from data.store import warehouse
from ingest import batches
from ingest.importer import Checked, Details, Receipt, RefusedRows, Upload


class Desk:
    """One warehouse and a folder of uploads: `take` a survey, `look` at one, `ask` what is stored."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, home: Path, settings: Settings) -> None:
        self.connection = connection
        self.home = home
        self.settings = settings
        self.uploads = 0

    def upload(self, text: str, items: str | None = None, **details: Any) -> Upload:
        self.uploads += 1
        file = self.home / "uploads" / f"{self.uploads}.csv"
        file.write_text(text, encoding="utf-8")
        if items is not None:
            details["items"] = file.with_suffix(".items.csv")
            details["items"].write_text(items, encoding="utf-8")
        return Upload(file, "survey.csv", "survey", Details(**details), "tester")

    def take(self, text: str, items: str | None = None, *, keep_good: bool = False, **details: Any) -> Receipt:
        upload = self.upload(text, items, **{"wave": "spring", "opened": "2026-03-01"} | details)
        return batches.take_in(self.connection, self.home, upload, self.settings, keep_good=keep_good)

    def look(self, text: str, items: str | None = None, **details: Any) -> Checked:
        return batches.check(self.connection, self.home, self.upload(text, items, **details), self.settings)

    def refuse(self, text: str, items: str | None = None, **details: Any) -> list[tuple[int | None, str, str]]:
        """Line, column and words of the problems for which a file is refused; empty where it is taken."""
        try:
            self.take(text, items, **details)
        except RefusedRows as error:
            return [(problem.line, problem.column, problem.what) for problem in error.problems]
        return []

    def undo(self, receipt: Receipt) -> None:
        batches.undo(self.connection, self.home, receipt.batch or 0, self.settings)

    def redo(self, receipt: Receipt) -> None:
        batches.redo(self.connection, self.home, receipt.batch or 0, self.settings)

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()

    def kept(self) -> bytes:
        """All bytes of the home but the uploads, with kept copies in plain text."""
        copies = [self.ask(f"from read_parquet('{file}')") for file in sorted((self.home / "kept").glob("*.parquet"))]
        files = [file.read_bytes() for file in self.home.rglob("*") if file.is_file() and file.parent.name != "uploads"]
        return b"".join([*files, repr(copies).encode()])

    def scores(self, item: str, wave: str = "spring") -> list[float]:
        found = self.connection.execute(
            """select score
               from answers
               where item_id = ?
                 and wave = ?
                 and score is not null
               order by score""",
            [item, wave],
        ).fetchall()
        return [score for (score,) in found]

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything the warehouse holds about surveys."""
        tables = ("waves", "items", "wave_items", "respondents", "respondent_segments", "answers")
        return {table: self.ask(f"from {table} order by all") for table in tables}


@contextmanager
def desk(home: Path, settings: Settings | None = None) -> Iterator[Desk]:
    """A desk over the warehouse of a home."""
    (home / "uploads").mkdir(exist_ok=True)
    with warehouse(home, reach=(home / "uploads",)) as connection:
        yield Desk(connection, home, settings or Settings(dimensions=("team",)))
