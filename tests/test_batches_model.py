"""Any order of uploads, repeats, undos and redos ends where loading the remaining batches from nothing would.

Four kinds that overlap in time and in key: the roster (versions), attendance with the events made on the way, interactions, and an
anonymous wave answered in two files. After each run the home is compared with a fresh one in which only the files
that count were loaded, once each, in their order.
"""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import pipeline
from data.store import warehouse
from ingest import batches
from ingest.importer import Receipt
from tests.figures_of_proof import record
from tests.uploads import TODAY, upload

PEOPLE = ("p1", "p2", "p3", "p4", "p5")
MOODS = ("1", "3", "5", "")

MOST_RUNS = 200

# What the warehouse says, with ids instead of the numbers that people happened to get.
QUESTIONS = (
    """select people.member_id, members.valid_from, members.name, members.left_on, members.aliases, segments.segment
       from members
       join people using (person)
       left join segments on segments.person = members.person and segments.valid_from = members.valid_from
       order by all""",
    """select events.event_id, events.day, events.title from events order by all""",
    """select attendance.event_id, people.member_id, attendance.attended from attendance join people using (person) order by all""",
    """select interactions.occurred_at, actors.member_id, targets.member_id, interactions.kind::varchar, interactions.nth
       from interactions
       join people as actors on actors.person = interactions.actor
       left join people as targets on targets.person = interactions.target
       order by all""",
    """select respondents.key, respondents.submitted_at, answers.item_id, answers.code
       from respondents
       left join answers using (wave, respondent)
       order by all""",
    """select ids.member_id, members.member_id
       from aliases
       join people as ids on ids.person = aliases.person
       join people as members on members.person = aliases.member
       order by all""",
    "select item_id, wording, kind from items order by all",
    "select wave, opened_on, closed_on, invited from waves order by all",
)


@dataclass
class Sent:
    """One upload that was taken in: what it was, and whether it counts."""

    content: str
    kind: str
    details: dict[str, Any]
    undone: bool = False


class Open:
    """A home whose warehouse stays open, because opening it a hundred times says nothing here."""

    def __init__(self, home: Path) -> None:
        home.mkdir(exist_ok=True)
        self.home, self.stack = home, ExitStack()
        (home / "uploads").mkdir(exist_ok=True)
        self.connection = self.stack.enter_context(warehouse(home, reach=(home / "uploads",)))

    def take_in(self, content: str, kind: str, **details: Any) -> Receipt:
        sent = upload(self.home, content, kind, **details)
        return batches.take_in(self.connection, self.home, sent, TODAY)

    def turn(self, batch: int, *, undone: bool) -> None:
        (batches.undo if undone else batches.redo)(self.connection, self.home, batch, TODAY)

    def answers(self) -> list[list[tuple[Any, ...]]]:
        return [self.connection.execute(question).fetchall() for question in QUESTIONS]

    def close(self) -> None:
        self.stack.close()


class Batches(RuleBasedStateMachine):
    """Uploads that overlap, taken in, sent again, undone and redone."""

    sent: list[Sent]
    runs = 0

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.open = Open(Path(self.folder.name) / "home")
        self.items = Path(self.folder.name) / "items.csv"
        self.items.write_text("column,kind,scale_min,scale_max\nmood,likert,1,5\nvoice,likert,1,5\n", encoding="utf-8")
        self.sent = []

    def send(self, content: str, kind: str, **details: Any) -> None:
        receipt = self.open.take_in(content, kind, **details)
        counting = {place + 1 for place, upload in enumerate(self.sent) if not upload.undone}
        if receipt.batch not in counting:
            assert receipt.batch == len(self.sent) + 1, "a new upload has the next number"
            self.sent.append(Sent(content, kind, details))

    @rule(
        who=st.sets(st.sampled_from(PEOPLE), min_size=1),
        columns=st.sets(st.sampled_from(("name", "aliases"))),
        complete=st.booleans(),
        day=st.integers(1, 28),
        data=st.data(),
    )
    def roster(self, who: set[str], columns: set[str], complete: bool, day: int, data: st.DataObject) -> None:
        cells = {"name": ("Ann", "Bob", ""), "aliases": ("", "x1", "x2;x1")}
        lines = [
            ",".join(
                [
                    name,
                    data.draw(st.sampled_from("AB")),
                    *(data.draw(st.sampled_from(cells[c])) for c in sorted(columns)),
                ]
            )
            for name in sorted(who)
        ]
        header = ",".join(["member_id", "team", *sorted(columns)])
        self.send("\n".join([header, *lines]) + "\n", "members", complete=complete, effective_on=f"2026-03-{day:02d}")

    @rule(
        who=st.sets(st.sampled_from((*PEOPLE, "x1")), min_size=1),
        event=st.sampled_from("EF"),
        title=st.sampled_from(("", "Fair", "Walk")),
    )
    def attendance(self, who: set[str], event: str, title: str) -> None:
        lines = [f"{event},{name},2026-03-0{1 + (event == 'F')},{title}" for name in sorted(who)]
        self.send("event_id,member_id,starts_at,title\n" + "\n".join(lines) + "\n", "attendance")

    @rule(
        pairs=st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from((*PEOPLE, "x1", ""))), min_size=1, max_size=4)
    )
    def talk(self, pairs: list[tuple[str, str]]) -> None:
        lines = [f"2026-03-02 09:00,{actor},{target}" for actor, target in pairs]
        self.send("occurred_at,actor_id,target_id\n" + "\n".join(lines) + "\n", "interactions")

    @rule(
        who=st.sets(st.sampled_from(PEOPLE), min_size=1),
        questions=st.sets(st.sampled_from(("mood", "voice")), min_size=1),
        data=st.data(),
    )
    def survey(self, who: set[str], questions: set[str], data: st.DataObject) -> None:
        columns = sorted(questions)
        lines = [
            ",".join([name, "2026-03-03", *(data.draw(st.sampled_from(MOODS)) for _ in columns)])
            for name in sorted(who)
        ]
        header = ",".join(["respondent_id", "submitted_at", *columns])
        self.send("\n".join([header, *lines]) + "\n", "survey", wave="spring", opened="2026-03-01", items=self.items)

    @rule(data=st.data())
    def send_again(self, data: st.DataObject) -> None:
        if self.sent:
            upload = data.draw(st.sampled_from(self.sent))
            self.send(upload.content, upload.kind, **upload.details)

    @rule(data=st.data())
    def turn(self, data: st.DataObject) -> None:
        if self.sent:
            place = data.draw(st.integers(0, len(self.sent) - 1))
            upload = self.sent[place]
            upload.undone = not upload.undone
            self.open.turn(place + 1, undone=upload.undone)

    def teardown(self) -> None:
        if not hasattr(self, "folder"):
            return
        home = self.open.home
        found = self.open.answers()
        self.open.close()
        fresh = Path(self.folder.name) / "fresh"
        fresh.mkdir()
        if (home / "salt").exists():
            (fresh / "salt").write_bytes((home / "salt").read_bytes())
        other = Open(fresh)
        for sent in (sent for sent in self.sent if not sent.undone):
            other.take_in(sent.content, sent.kind, **sent.details)
        expected = other.answers()
        other.close()
        (home / "warehouse.duckdb").unlink()
        pipeline.recover(home)
        again = Open(home)
        recovered = again.answers()
        again.close()
        self.folder.cleanup()
        assert found == expected
        assert recovered == expected, "so does a warehouse that was lost and loaded again"
        type(self).runs += 1


@pytest.mark.hypothesis
def test_any_order_ends_where_loading_the_rest_from_nothing_would() -> None:
    """Each run loads two more homes from nothing, so that there are half as many as of other examples, and two hundred of them,
    not a thousand, in `make prove`."""
    Batches.runs = 0
    asked = min(settings.default.max_examples // 2, MOST_RUNS)
    run_state_machine_as_test(Batches, settings=settings(settings.default, stateful_step_count=8, max_examples=asked))
    record("re-upload, overlapping upload, undo, redo", runs=Batches.runs, mismatches=0)
    assert Batches.runs >= asked
