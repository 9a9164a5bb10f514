"""Comments that managers may read: from ten writers on, redacted, in an order that says nothing, hidden for good, erased whole."""

from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pandas as pd

import pipeline
from data.audit import read_audit
from metrics.comments import FILE, publish_comments
from metrics.snapshot import Role, open_snapshot, pin_quarter
from tests.test_pages import opened
from tests.uploads import upload
from tests.waves import measured, waves_of

SEEDS = ("lunch", "demos", "walks", "chat", "guilds", "talks", "coffee", "reviews", "fridays", "pairing", "books", "games")  # fmt: skip
QUESTIONS = "| item | kind | min | max |\n| heard | likert | 1 | 5 |\n| keep | text | | |\n| change | text | | |"
MEMBERS = "| who |\n| m1 |"

ROSTER = "member_id,name,joined_on\nm0,Odalys Quillfeather,2026-01-05\n" + "".join(
    f"m{n},,2026-01-05\n" for n in range(1, 30)
)
TALK = "occurred_at,actor_id\n" + "".join(f"2026-0{1 + n % 3}-05 09:00,m{n % 10}\n" for n in range(30))
ITEMS = (
    "column,item_id,wording,kind,scale_min,scale_max\nheard,heard,My voice is heard.,likert,1,5\n"
    "keep,keep,What should we keep?,text,,\nchange,change,What should we change?,text,,\n"
)

TABLE = "create table {} (wave text, item_id text, place integer, text text, times integer)"

Shown = dict[str, list[tuple[str, int]]]


def written(
    file: Path, keep: Sequence[str], change: Sequence[str] = (), *, k: int = 10, before: Path | None = None
) -> Shown:
    """What is published of a wave in which these people wrote these texts, by question; kept in the file."""
    padded = [*change, *[None] * (len(keep) - len(change))]
    said = pd.DataFrame({"heard": [4] * len(keep), "keep": list(keep), "change": padded}, dtype=object)
    with waves_of(items=QUESTIONS, said={"spring": said}, members=MEMBERS) as connection:
        connection.execute("update members set name = 'Odalys Quillfeather', aliases = 'bluebird;odalys@example.org'")
        measured(connection)
        connection.execute(f"create schema published; {TABLE.format('published.comments')}")
        publish_comments(connection, file.parent, k, before)
        rows = connection.execute("select * from published.comments order by wave, item_id, place").fetchall()
    with duckdb.connect(str(file)) as stored:
        stored.execute(TABLE.format("comments"))
        for row in rows:
            stored.execute("insert into comments values (?, ?, ?, ?, ?)", row)
    return {item: [(text, times) for _, one, _, text, times in rows if one == item] for item in ("keep", "change")}


def publish(home: Path, keep: Sequence[str]) -> str:
    files = [upload(home, ROSTER, "members", "members.csv"), upload(home, TALK, "interactions", "talk.csv")]
    lines = [f"r{n},{1 + n % 5},{text},{text}\n" for n, text in enumerate(keep)]
    said = upload(
        home, "".join(["respondent_id,heard,keep,change\n", *lines]), "survey", "wave.csv",
        wave="spring", opened=date(2026, 3, 1), closed=date(2026, 3, 20), promise="confidential",
        items=upload(home, ITEMS, None, "items.csv").path,
    )  # fmt: skip
    return pipeline.take_in(home, [*files, said], as_of=date(2026, 4, 10)).snapshot or ""


def shown(home: Path, role: Role = Role.MANAGER, item: str = "keep") -> set[str]:
    with closing(open_snapshot(home, role)) as snapshot:
        return set(snapshot.query("select text from comments where item_id = ?", [item])["text"])


def test_comments_stand_from_ten_writers_on(tmp_path: Path) -> None:
    texts = (*SEEDS[:9], "ｃｈａｔ <b>")
    found = written(tmp_path / "spring.duckdb", texts, SEEDS[:9])
    assert sorted(found["keep"]) == sorted((text, 1) for text in texts)
    assert found["change"] == []
    assert written(tmp_path / "strict.duckdb", SEEDS[:10], k=11)["keep"] == []


def test_the_order_says_neither_who_nor_when(tmp_path: Path) -> None:
    """The same texts by other people stand in the same order, and two questions in orders of their own."""
    found = written(tmp_path / "one.duckdb", SEEDS, SEEDS)
    assert found == written(tmp_path / "other.duckdb", SEEDS[::-1], SEEDS[5:] + SEEDS[:5])
    assert [text for text, _ in found["keep"]] not in (list(SEEDS), sorted(SEEDS))
    assert found["keep"] != found["change"]


def test_who_is_named_in_a_comment_is_not_in_the_file(tmp_path: Path) -> None:
    found = written(
        tmp_path / "spring.duckdb",
        [*SEEDS, "Ask Odalys Quillfeather, Bluebird or mail an example to odalys@example.org", "lunch"],
    )
    assert ("Ask [name], [name] or mail an example to [e-mail]", 1) in found["keep"]
    assert ("lunch", 2) in found["keep"]
    assert "uillfeather" not in str(found)


def test_a_few_late_comments_wait_until_they_are_a_group(tmp_path: Path) -> None:
    first = written(tmp_path / "first.duckdb", SEEDS[:10])
    second = written(tmp_path / "second.duckdb", SEEDS[:11], before=tmp_path / "first.duckdb")
    assert second == first, "the eleventh would be the last writer's"
    late = [f"late {place}" for place in range(10)]
    third = written(tmp_path / "third.duckdb", [*SEEDS[:10], *late], before=tmp_path / "second.duckdb")
    assert {text for text, _ in third["keep"]} == {*SEEDS[:10], *late}


def test_a_manager_hides_a_comment_for_good(home: Path, tmp_path: Path) -> None:
    """No later snapshot has it, nor the one after a restore; neither the log nor the list of what is hidden has its words."""
    publish(home, SEEDS)
    assert shown(home) == set(SEEDS)
    assert shown(home, Role.LEADER) == shown(home, Role.MEMBER) == set()
    with closing(open_snapshot(home, Role.MANAGER)) as snapshot:
        first, *others = snapshot.query("select text from comments where item_id = 'keep' order by place")["text"]
    app = opened("belonging/voices")
    assert len([hide for hide in app.button if str(hide.key).startswith("hide-keep")]) == 10, "ten at a time"
    app.button(key="hide-keep-0").click().run()
    assert shown(home) == set(others)
    assert first in shown(home, item="change"), "only where it was hidden"
    (entry,) = [entry for entry in read_audit(home) if entry.act == "comment hidden"]
    assert entry.facts == {"wave": "spring", "question": "keep"}
    assert all(first not in (home / file).read_text(encoding="utf-8") for file in (FILE, "audit.jsonl"))
    pipeline.back_up(home, tmp_path / "backups")
    pipeline.restore(tmp_path / "fresh", tmp_path / "backups", as_of=date(2026, 4, 10))
    assert shown(tmp_path / "fresh") == set(others)


def test_an_erased_respondent_s_comment_is_in_no_kept_snapshot(home: Path) -> None:
    publish(home, SEEDS)
    pin_quarter(home, "2026-Q1")
    pipeline.erase(home, respondent="r2")
    assert shown(home) == set(SEEDS) - {"walks"}
    files = [file for file in home.rglob("*") if file.is_file() and "uploads" not in file.parts]
    assert [file for file in files if b"walks" in file.read_bytes()] == []
