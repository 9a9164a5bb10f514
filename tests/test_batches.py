"""Batches: nothing by half, nothing twice, and what is taken back leaves what the others say."""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from data.errors import Refused
from data.store import warehouse
from ingest import folding
from ingest.importer import RefusedRows
from ingest.keeping import kept_file
from ingest.ledger import list_batches
from tests.uploads import ask, redo, take_in, undo

EVENTS = "event_id,starts_at,title\n"


def test_a_file_with_a_problem_stores_nothing(home: Path) -> None:
    with pytest.raises(RefusedRows) as refused:
        take_in(home, EVENTS + "E1,2026-11-12,Fair\nE2,x,\n")
    assert refused.value.receipt.rejected == 1
    assert ask(home, "select (select count(*) from events) + (select count(*) from batches)") == [(0,)]
    assert not kept_file(home, 1).exists()


def test_the_same_bytes_with_the_same_details_change_nothing(home: Path) -> None:
    first = take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    again = take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    assert (again.batch, again.new, again.unchanged) == (first.batch, 0, 1)
    assert ask(home, "select count(*) from batches") == [(1,)]
    undo(home, first.batch or 0)
    assert take_in(home, EVENTS + "E1,2026-11-12,Fair\n").new == 1


def test_undoing_the_newest_brings_the_value_before_back_and_an_older_never_removes_a_newer(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    take_in(home, EVENTS + "E1,2026-11-12,Market\n")
    titles = "select title from events"
    undo(home, 1)
    assert ask(home, titles) == [("Market",)]
    redo(home, 1)
    assert ask(home, titles) == [("Market",)]
    undo(home, 2)
    assert ask(home, titles) == [("Fair",)]
    undo(home, 1)
    assert ask(home, titles) == []


def test_undo_and_redo_are_refused_where_there_is_nothing_to_do(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    with pytest.raises(Refused, match="no batch 7"):
        undo(home, 7)
    with pytest.raises(Refused, match="not undone"):
        redo(home, 1)
    undo(home, 1)
    with pytest.raises(Refused, match="undone already"):
        undo(home, 1)


def test_without_its_kept_copy_a_batch_stays(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    kept_file(home, 1).unlink()
    with pytest.raises(Refused, match="kept copy of batch 1"):
        undo(home, 1)
    assert ask(home, "select undone_at from batches") == [(None,)]


def test_an_error_while_storing_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(folding, "_count_unmatched", fail)  # the last step before the ledger's counts
    with pytest.raises(OSError, match="disk"):
        take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    assert ask(home, "select (select count(*) from events) + (select count(*) from batches)") == [(0,)]
    assert not kept_file(home, 1).exists()


def test_what_is_kept_and_told_is_for_its_owner_only(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    assert kept_file(home, 1).stat().st_mode & 0o077 == 0
    receipts = (home / "receipts.jsonl").read_text()
    assert '"what": "import", "batch": 1' in receipts
    assert "Fair" not in receipts


def test_the_ledger_lists_each_upload_with_its_counts(home: Path) -> None:
    take_in(home, EVENTS + "E1,2026-11-12,Fair\n")
    take_in(home, EVENTS + "E1,2026-11-12,Fair\nE2,2026-11-13,\n")
    undo(home, 1)
    with warehouse(home) as connection:
        rows = list_batches(connection)
    assert [(row["batch"], row["new"], row["unchanged"], row["undone"]) for row in rows] == [
        (2, 1, 1, False),
        (1, 1, 0, True),
    ]


IDS = ("a", "b", "c")
WORDS = ("", "x", "y")
DAY = date(2026, 11, 1)


class Batches(RuleBasedStateMachine):
    """Loads that overlap, with some of the columns, undone and redone, against a dict folded from nothing.

    Events come from events files and on the way with attendance, so that one table has two kinds of sources.
    """

    files: list[dict[str, Any]]

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.home = Path(self.folder.name)
        self.files = []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(
        ids=st.sets(st.sampled_from(IDS), min_size=1),
        columns=st.sets(st.sampled_from(("title", "topic"))),
        on_the_way=st.booleans(),
        data=st.data(),
    )
    def load(self, ids: set[str], columns: set[str], on_the_way: bool, data: st.DataObject) -> None:
        given = sorted(columns - {"topic"} if on_the_way else columns)
        rows = {
            name: {"starts_at": str(DAY + timedelta(data.draw(st.integers(0, 2))))}
            | {column: data.draw(st.sampled_from(WORDS)) for column in given}
            for name in sorted(ids)
        }
        header = ["event_id", "starts_at", *given, *(["member_id"] if on_the_way else [])]
        cells = [[name, *row.values(), *(["M1"] if on_the_way else [])] for name, row in rows.items()]
        content = "\n".join(",".join(line) for line in [header, *cells])
        receipt = take_in(self.home, content + "\n")
        if receipt.batch == len(self.files) + 1:
            self.files.append({"rows": rows, "undone": False, "people": on_the_way})

    @rule(data=st.data())
    def turn(self, data: st.DataObject) -> None:
        if not self.files:
            return
        place = data.draw(st.integers(0, len(self.files) - 1))
        file = self.files[place]
        (redo if file["undone"] else undo)(self.home, place + 1)
        file["undone"] = not file["undone"]

    @invariant()
    def the_warehouse_holds_what_the_remaining_files_say(self) -> None:
        if not hasattr(self, "home") or not self.files:
            return
        events: dict[str, dict[str, Any]] = {}
        people: dict[str, int] = {}
        for batch, file in enumerate(self.files, start=1):
            if file["undone"]:
                continue
            for name, row in file["rows"].items():
                before = events.get(name, {"starts_at": None, "title": None, "topic": None, "batch": 0})
                after = before | {column: cell or None for column, cell in row.items()}
                events[name] = after if after == before else after | {"batch": batch}
                if file["people"]:
                    people.setdefault(name, batch)
        stored = ask(self.home, "select event_id, day::varchar, title, topic, batch from events order by event_id")
        assert stored == [
            (name, row["starts_at"], row["title"], row["topic"], row["batch"]) for name, row in sorted(events.items())
        ]
        assert ask(self.home, "select event_id, batch from attendance order by all") == sorted(people.items())


TestBatches = Batches.TestCase
TestBatches.settings = settings(max_examples=max(8, settings.default.max_examples // 4), stateful_step_count=12)
