"""The store: hardened, patient with others, all or nothing."""

import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

import data.holding
import data.store
from data.errors import Busy, Damaged
from data.store import connect_to_snapshot, opened, transaction, warehouse
from metrics.snapshot import Role, Snapshot


def test_every_table_of_the_schema_says_what_one_row_is() -> None:
    for file in sorted(data.store.SCHEMA.glob("*.sql")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for place, line in enumerate(lines):
            if line.startswith("create table"):
                comments = []
                while lines[place - 1].startswith("--"):
                    place -= 1
                    comments.append(lines[place])
                assert any(comment.startswith("-- one row per") for comment in comments), line


def test_migrations_are_applied_once_and_recorded(tmp_path: Path) -> None:
    for _ in range(2):
        with warehouse(tmp_path) as connection:
            names = connection.execute("select name from migrations order by name").fetchall()
    assert names == [(file.name,) for file in sorted(data.store.SCHEMA.glob("*.sql"))]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to '/tmp/hearth-should-not-be-there.csv'",
        "attach '/tmp/hearth-should-not-be-there.duckdb'",
        "set enable_external_access = true",
        "install httpfs",
    ],
)
def test_a_connection_reaches_nothing_but_what_it_was_given(tmp_path: Path, statement: str) -> None:
    with warehouse(tmp_path) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement)


def test_a_connection_reaches_what_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a\n1\n", encoding="utf-8")
    with opened(tmp_path / "w.duckdb", reach=(tmp_path / "in.csv",)) as connection:
        assert connection.execute("select a from read_csv(?)", [str(tmp_path / "in.csv")]).fetchall() == [(1,)]


def test_an_error_in_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    """A commit after an error would succeed and store nothing, so the error comes out and the transaction is rolled back."""
    with opened(tmp_path / "w.duckdb") as connection:
        connection.execute("create table t (a integer primary key)")
        connection.execute("insert into t values (0)")
        with pytest.raises(duckdb.ConstraintException), transaction(connection):
            connection.execute("insert into t select unnest([1, 1])")
        assert connection.execute("select list(a) from t").fetchone() == ([0],)


def test_another_process_is_waited_for_and_then_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data.holding, "PATIENCE_SECONDS", 0.3)
    with warehouse(tmp_path):
        pass
    holder = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()",
         str(tmp_path / "warehouse.duckdb")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(Busy, match=r"Another import or publish is writing.*Wait until it has ended"),
            warehouse(tmp_path),
        ):
            pass
    finally:
        holder.communicate()
    with warehouse(tmp_path) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_sessions_of_one_process_take_turns(tmp_path: Path) -> None:
    """Four sessions at once each add a row; none meets a locked setting or another's half work."""
    with opened(tmp_path / "w.duckdb") as connection:
        connection.execute("create table t (a integer)")

    def add(number: int) -> None:
        with opened(tmp_path / "w.duckdb") as own:
            own.execute("insert into t values (?)", [number])

    sessions = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for session in sessions:
        session.start()
    for session in sessions:
        session.join()
    with opened(tmp_path / "w.duckdb") as connection:
        assert connection.execute("select list(a order by a) from t").fetchone() == ([0, 1, 2, 3],)


def test_a_published_file_is_read_by_many_connections_and_written_by_none(tmp_path: Path) -> None:
    file = tmp_path / "published.duckdb"
    with opened(file) as connection:
        connection.execute("create table t as select 42 as answer")
    first, second = connect_to_snapshot(file), connect_to_snapshot(file)
    try:
        assert first.cursor().execute("select answer from t").fetchone() == (42,)
        assert second.cursor().execute("select answer from t").fetchone() == (42,)
        with pytest.raises(duckdb.Error):
            second.execute("insert into t values (1)")
        with pytest.raises(duckdb.Error):
            second.execute("select * from read_text('/etc/hostname')")
    finally:
        first.close()
        second.close()


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "published.duckdb"
    file.write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(Damaged, match="cannot be opened as a Hearth database"):
        connect_to_snapshot(file)


def test_a_snapshot_cut_in_half_is_damaged_when_it_is_read(tmp_path: Path) -> None:
    """It still opens, because the header is there; the queries find out."""
    folder = tmp_path / "published" / "20260101T000000-abcdef"
    folder.mkdir(parents=True)
    file = folder / "manager.duckdb"
    with opened(file) as connection:
        connection.execute(
            "create table manifest as select 'n' || i as name, repeat(hash(i)::varchar, 20) as value from range(50000) r(i)"
        )
    half = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(half)
    with pytest.raises(Damaged, match=r"does not hold what was written|cannot be opened"):
        Snapshot(folder, Role.MANAGER).manifest()
