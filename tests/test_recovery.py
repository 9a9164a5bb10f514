"""Recovery: a warehouse that is older than its receipts is found out and brought up to date, or the loss is named."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import pipeline
from data.errors import Refused
from data.settings import Retention
from data.store import summarise, warehouse
from ingest import batches, ledger
from ingest.importer import Receipt
from ingest.keeping import forget_old, kept_file
from ingest.receipts import append_receipt, read_receipts, receipts_file
from tests.figures_of_proof import record
from tests.uploads import TODAY, ask, redo, take_in, undo, upload

EVENTS = "event_id,starts_at,title\n"


def content(home: Path) -> dict[str, tuple[int, int]]:
    """Every table but the record of migrations, as numbers that differ where the content does."""
    with warehouse(home) as connection:
        return {table: facts for table, facts in summarise(connection).items() if table != "migrations"}


def answer(home: Path) -> Receipt:
    items = home.parent / "items.csv"
    items.write_text("column,kind,scale_min,scale_max\nq,likert,1,5\n", encoding="utf-8")
    rows = "respondent_id,submitted_at,q\nr1,2026-03-02,5\nr2,2026-03-03,2\n"
    return take_in(home, rows, "survey", wave="spring", opened="2026-03-01", items=items)


def close_wave(home: Path) -> Receipt:
    with warehouse(home) as connection:
        return batches.change_wave(connection, home, "spring", date(2026, 3, 31), 9, "test", TODAY)


# one week of work, of all kinds that are replayed in their own ways
STEPS: tuple[Callable[[Path], Receipt], ...] = (
    lambda home: take_in(home, "member_id,name,team\nm1,Ann,A\nm2,Bob,B\n"),
    lambda home: take_in(home, EVENTS + "E1,2026-03-01,Fair\nE2,2026-03-02,Walk\n"),
    lambda home: take_in(home, EVENTS + "E2,2026-03-02,Long walk\n"),
    lambda home: take_in(home, "event_id,member_id\nE1,m1\nE2,m2\n"),
    answer,
    lambda home: undo(home, 3),
    lambda home: take_in(home, "member_id,name,team\nm2,Bob,A\n", effective_on="2026-03-05"),
    close_wave,
    lambda home: redo(home, 3),
    lambda home: undo(home, 4),
)


@pytest.mark.parametrize(
    "until",
    [step if step in (0, 3, 6, 9) else pytest.param(step, marks=pytest.mark.prove) for step in range(len(STEPS))],
)
@pytest.mark.figure
def test_an_old_warehouse_is_brought_up_to_date(home: Path, until: int) -> None:
    """The file of after each step in turn is put in place of the last one, as a restored backup or a lost log would."""
    for place, step in enumerate(STEPS):
        if place == until:
            old = (home / "warehouse.duckdb").read_bytes() if place else b""
        step(home)
    before = content(home)
    (home / "warehouse.duckdb").unlink()
    if until:
        (home / "warehouse.duckdb").write_bytes(old)
    recovered = pipeline.recover(home)
    assert len(recovered.replayed) + len(recovered.turned) > 0
    assert (recovered.lost, recovered.orphans) == ((), ())
    assert content(home) == before
    again = pipeline.recover(home)
    assert (again.replayed, again.turned) == ((), ())
    record(
        "WAL lost / old backup restored", silent_loss=0, replayed=len(recovered.replayed), turned=len(recovered.turned)
    )


def test_a_batch_whose_kept_copy_is_gone_too_is_named_until_it_is_uploaded_again_or_given_up(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    take_in(home, EVENTS + "E2,2026-03-02,Walk\n")
    (home / "warehouse.duckdb").unlink()
    kept_file(home, 1).unlink()
    (lost,) = pipeline.recover(home).lost
    assert lost.words.startswith(
        "Batch 1 (file.csv) was saved, is no longer in the warehouse and cannot be loaded again"
    )
    assert ask(home, "select event_id from events") == [("E2",)]
    with pytest.raises(Refused, match=r"Batch 1 .* was saved"):
        pipeline.publish(home)
    again = pipeline.take_in(home, [upload(home, EVENTS + "E1,2026-03-01,Fair\n", None)], publishing=False).receipts[0]
    assert (again.batch, again.warnings) == (3, ())
    assert pipeline.recover(home).lost == ()


def test_a_loss_can_be_accepted(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    take_in(home, EVENTS + "E2,2026-03-02,Walk\n")
    (home / "warehouse.duckdb").unlink()
    kept_file(home, 1).unlink()
    pipeline.undo(home, 1)
    assert pipeline.recover(home).lost == ()
    assert [(row["batch"], row["undone"]) for row in pipeline.ledger(home)] == [(2, False), (1, True)]


def test_a_number_that_was_given_out_is_never_given_to_another_upload(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    (home / "warehouse.duckdb").unlink()
    kept_file(home, 1).unlink()
    assert take_in(home, EVENTS + "E2,2026-03-02,Walk\n").batch == 2
    assert [lost.batch for lost in pipeline.recover(home).lost] == [1]


def test_another_upload_under_the_number_of_a_receipt_is_not_taken_for_it(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    with warehouse(home) as connection:
        connection.execute("update batches set fingerprint = 'of another file'")
    (lost,) = pipeline.recover(home).lost
    assert "another upload has its number" in lost.why
    assert ask(home, "select title from events") == [("Fair",)]


def test_a_damaged_kept_copy_is_refused_and_not_loaded(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    take_in(home, EVENTS + "E1,2026-03-01,Walk\n")
    file = kept_file(home, 1)
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 3] ^= 1
    file.write_bytes(bytes(damaged))
    with pytest.raises(Refused, match="does not hold what was written"):
        undo(home, 2)
    assert ask(home, "select title from events") == [("Walk",)]


def test_receipts_that_a_kill_left_unwritten_are_written_at_the_next_opening(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    undo(home, 1)
    lines = receipts_file(home).read_text().splitlines(keepends=True)
    receipts_file(home).write_text(lines[0])
    pipeline.recover(home)
    told = read_receipts(home).told[1]
    assert (told.turns, told.undone) == (1, True)
    assert ask(home, "select undone_at is not null from batches") == [(True,)]


def test_half_a_line_is_passed_over_and_not_continued(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    with receipts_file(home).open("ab") as handle:
        handle.write(b'{"what": "import", "ba')
    take_in(home, EVENTS + "E2,2026-03-02,Walk\n")
    receipts = read_receipts(home)
    assert sorted(receipts.told) == [1, 2]
    assert receipts.unreadable == (2,)


def test_a_line_with_a_flipped_bit_is_not_believed(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    text = receipts_file(home).read_text()
    receipts_file(home).write_text(text.replace('"batch": 1', '"batch": 9'))
    assert read_receipts(home).told == {}
    assert pipeline.recover(home).lost == ()
    assert sorted(read_receipts(home).told) == [1]


def test_receipts_of_an_older_hearth_are_read(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    old = '{"what": "import", "batch": 1, "at": "2026-01-01"}\n{"what": "import", "batch": 2, "at": "2026-01-02"}\n'
    receipts_file(home).write_text(old)
    recovered = pipeline.recover(home)
    assert [lost.batch for lost in recovered.lost] == [2]
    assert read_receipts(home).told[1].row is not None, "what the ledger knows is in the receipts from now on"
    pipeline.undo(home, 2)
    assert pipeline.recover(home).lost == ()


def test_copies_of_uploads_that_were_never_stored_are_removed(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    shutil.copyfile(kept_file(home, 1), kept_file(home, 2))
    (home / "kept" / ".new-3.parquet").write_bytes(b"half")
    assert pipeline.recover(home).orphans == (2,)
    assert [file.name for file in (home / "kept").iterdir()] == ["1.parquet"]


def test_copies_are_not_judged_where_neither_receipts_nor_batches_are_left(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    (home / "warehouse.duckdb").unlink()
    receipts_file(home).unlink()
    assert pipeline.recover(home).orphans == ()
    assert kept_file(home, 1).exists()


def test_a_receipt_holds_the_whole_row_of_the_ledger(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n", covers=(date(2026, 3, 1), date(2026, 3, 2)))
    row = read_receipts(home).told[1].row or {}
    with warehouse(home) as connection:
        before = connection.execute("select * from batches").fetchall()
        ledger.write_row(connection, row)
        assert connection.execute("select * from batches").fetchall() == before
    assert receipts_file(home).stat().st_mode & 0o077 == 0


def test_kept_copies_go_when_their_term_ends_and_undo_says_so(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-03-01,Fair\n")
    take_in(home, EVENTS + "E2,2026-03-02,Walk\n")
    with warehouse(home) as connection:
        connection.execute("update batches set loaded_at = now()::timestamp - interval 14 months where batch = 1")
        assert forget_old(connection, home, Retention(keep_months=13)) == (1,)
        assert forget_old(connection, home, Retention(keep_months=13)) == ()
    assert pipeline.recover(home).lost == ()
    with pytest.raises(Refused, match="kept copy of batch 1 is no longer there"):
        undo(home, 1)


def test_appending_never_leaves_half_a_line(home: Path) -> None:
    append_receipt(home, "undo", 1, None)
    append_receipt(home, "undo", 2, None)
    assert read_receipts(home).unreadable == ()
    assert sorted(read_receipts(home).told) == [1, 2]
