"""An error at any statement: a file is stored whole and said to be, or nothing is stored and nobody says so."""

import inspect
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.errors import HearthError
from data.store import warehouse
from ingest import batches
from ingest.importer import Details, Upload
from ingest.keeping import list_kept
from tests.figures_of_proof import record
from tests.uploads import TODAY, ask, take_in

CONTENT = "event_id,member_id,starts_at,title\nE1,m1,2026-03-01,Fair\nE1,m2,2026-03-01,Fair\n"


class Failing:
    """A connection whose nth statement after the file was staged fails inside the database, as a full disk or a bug would make it.

    With `swallowed` the caller never hears of it: DuckDB then accepts the COMMIT and stores nothing.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, at: int, *, swallowed: bool) -> None:
        self._connection, self._left, self._swallowed = connection, at, swallowed
        self._begun = False
        self.failed = False

    def execute(self, query: str, *parameters: Any) -> Any:
        self._begun = self._begun or query.startswith("begin")
        if self._begun and not self.failed and query not in ("begin transaction", "rollback"):
            self._left -= 1
            if self._left < 0:
                self.failed = True
                try:
                    self._connection.execute("select error('the database fails here')")
                except duckdb.Error:
                    if not self._swallowed:
                        raise
                return self._connection.cursor().execute("select 0, 0, 0 where false")
        return self._connection.execute(query, *parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def inject(home: Path, file: Path, at: int, *, swallowed: bool) -> tuple[bool, bool, bool]:
    """Whether the error happened, whether the import said "saved", and whether it is stored whole (None of it: False)."""
    said = True
    with warehouse(home, reach=(file,)) as connection:
        failing = Failing(connection, at, swallowed=swallowed)
        try:
            batches.take_in(
                failing,  # type: ignore[arg-type]
                home, Upload(file, file.name, None, Details(), "test"), TODAY,
            )  # fmt: skip
        except (duckdb.Error, HearthError, TypeError, ValueError, IndexError):
            said = False
    counts = ask(
        home, "select (select count(*) from batches), (select count(*) from events), (select count(*) from attendance)"
    )
    assert counts in ([(0, 0, 0)], [(1, 1, 2)]), "all or nothing"
    stored = counts == [(1, 1, 2)]
    assert [batch for batch, _ in list_kept(home)] in (([1],) if stored else ([], [1]))
    return failing.failed, said, stored


@pytest.mark.parametrize("swallowed", [False, True])
@pytest.mark.figure
def test_an_error_at_each_statement_is_never_a_false_saved(tmp_path: Path, swallowed: bool) -> None:
    file = tmp_path / "file.csv"
    file.write_text(CONTENT, encoding="utf-8")
    statements = false_saved = 0
    for at in range(200):
        home = tmp_path / f"{at}"
        home.mkdir()
        failed, said, stored = inject(home, file, at, swallowed=swallowed)
        if not failed:
            assert (said, stored) == (True, True)
            break
        statements += 1
        false_saved += said and not stored
    assert statements >= 10
    assert false_saved == 0
    record("error then commit", statements=statements, swallowed=str(swallowed), false_success=false_saved)


def test_the_connection_that_fails_is_like_the_real_one_where_it_does_not(home: Path) -> None:
    assert "swallowed" in inspect.signature(Failing.__init__).parameters
    file = home.parent / "file.csv"
    file.write_text(CONTENT, encoding="utf-8")
    assert inject(home, file, 10_000, swallowed=False) == (False, True, True)
    assert take_in(home, CONTENT).unchanged == 2
