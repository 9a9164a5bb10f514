"""Comments that managers may read: from ten writers on, redacted, in an order that says nothing, hidden for good, erased whole."""

import hashlib
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd

import pipeline
from data.audit import read_audit
from data.redaction import is_nobody
from metrics.comments import FILE, lay_out_comments, quarantine, remember_comments
from metrics.snapshot import Role, open_snapshot, pin_quarter
from tests.test_pages import opened
from tests.uploads import upload
from tests.waves import ONE_WAVE, measured, waves_of

SEEDS = ("lunch", "demos", "walks", "chat", "guilds", "talks", "coffee", "reviews", "fridays", "pairing", "books", "games")  # fmt: skip
QUESTIONS = "| item | kind | min | max |\n| heard | likert | 1 | 5 |\n| keep | text | | |\n| change | text | | |"
NAME = "Odalys Quillfeather"

ROSTER = "member_id,name,joined_on\nm0,Odalys Quillfeather,2026-01-05\nm1,Bo Ng,2026-01-05\n" + "".join(
    f"m{n},Quillon Hartmoor,2026-01-05\n" for n in range(2, 30)
)
TALK = "occurred_at,actor_id\n" + "".join(f"2026-0{1 + n % 3}-05 09:00,m{n % 10}\n" for n in range(30))
ITEMS = (
    "column,item_id,wording,kind,scale_min,scale_max\nheard,heard,My voice is heard.,likert,1,5\n"
    "keep,keep,What should we keep?,text,,\nchange,change,What should we change?,text,,\n"
)


Shown = dict[str, list[tuple[str, int]]]


def written(
    home: Path,
    keep: Sequence[str],
    change: Sequence[str] = (),
    *,
    k: int = 10,
    hide: str = "",
    name: str | None = NAME,
    wave: str = "spring",
) -> Shown:
    """What is shown of a wave in which these people wrote these texts, by question; the home remembers it."""
    padded = [*change, *[None] * (len(keep) - len(change))]
    said = pd.DataFrame({"heard": [4] * len(keep), "keep": list(keep), "change": padded}, dtype=object)
    with waves_of(
        items=QUESTIONS, said={wave: said}, waves=ONE_WAVE.replace("spring", wave), members="| who |\n| m1 |"
    ) as connection:
        connection.execute("update members set name = ?, aliases = 'bluebird;odalys@example.org'", [name])
        measured(connection)
        if hide:
            quarantine(connection, home, wave, "keep", hide, is_nobody)
        remember_comments(home, lay_out_comments(connection, home, k, is_nobody))
        rows = connection.execute(
            "select item_id, text, times from released_comments order by item_id, place"
        ).fetchall()
    return {item: [(text, times) for one, text, times in rows if one == item] for item in ("keep", "change")}


def texts_of(shown: Shown, item: str = "keep") -> set[str]:
    return {text for text, _ in shown[item]}


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


def test_comments_stand_from_ten_writers_on(home: Path) -> None:
    texts = (*SEEDS[:9], "ｃｈａｔ <b>")
    assert written(home, texts, k=11)["keep"] == []
    found = written(home, texts, SEEDS[:9])
    assert sorted(found["keep"]) == sorted((text, 1) for text in texts)
    assert found["change"] == []


def test_the_order_says_neither_who_nor_when(home: Path) -> None:
    """The same texts by other people stand in the same order, and two questions in orders of their own."""
    found = written(home, SEEDS, SEEDS)
    assert found == written(home, SEEDS[::-1], SEEDS[5:] + SEEDS[:5])
    assert [text for text, _ in found["keep"]] not in (list(SEEDS), sorted(SEEDS))
    assert found["keep"] != found["change"]


def test_who_is_named_in_a_comment_is_not_shown(home: Path) -> None:
    found = written(home, [*SEEDS, f"Ask {NAME}, Bluebird or mail an example to odalys@example.org", "lunch"])
    assert ("Ask [name], [name] or mail an example to [e-mail]", 1) in found["keep"]
    assert ("lunch", 2) in found["keep"]
    assert NAME not in str(found)


def test_without_names_to_redact_by_there_are_no_comments(home: Path) -> None:
    assert written(home, SEEDS, name=None)["keep"] == []


def test_a_few_late_comments_wait_until_they_are_a_group(home: Path) -> None:
    """Also where the wave was open, absent or too small for a stricter threshold in between."""
    first = written(home, SEEDS[:10])
    assert written(home, SEEDS[:11]) == first, "the eleventh would be the last writer's"
    assert written(home, SEEDS[:11], k=12)["keep"] == []
    assert written(home, SEEDS[:11]) == first
    late = [f"late {place}" for place in range(10)]
    assert texts_of(written(home, [*SEEDS[:10], *late])) == {*SEEDS[:10], *late}


def test_what_is_left_of_changed_comments_is_not_shown_alone(home: Path) -> None:
    written(home, SEEDS[:10])
    assert written(home, [SEEDS[0], *[f"changed {place}" for place in range(9)]])["keep"] == []


def test_hiding_lets_no_late_comment_through(home: Path) -> None:
    texts = [f"text {place}" for place in range(20)]
    written(home, texts)
    for text in texts[:9]:
        written(home, texts, hide=text)
    assert texts_of(written(home, [*texts, "late"])) == set(texts[9:])


def test_what_is_hidden_stays_so_when_the_roster_changes(home: Path) -> None:
    """Before the name is known, and after it is erased from the text."""
    written(home, [*SEEDS, f"{NAME} shouts"], name="Nobody Else")
    assert "shouts" not in str(written(home, [*SEEDS, f"{NAME} shouts"], name="Nobody Else", hide=f"{NAME} shouts"))
    assert "shouts" not in str(written(home, [*SEEDS, f"{NAME} shouts"]))
    assert "asks" not in str(written(home, [*SEEDS, f"{NAME} asks"], hide="[name] asks"))
    assert "asks" not in str(written(home, [*SEEDS, "… asks"]))
    late = [f"late {place}" for place in range(10)]
    assert "shouts" not in str(written(home, [*SEEDS, *late, "… shouts"]))


def test_another_label_of_the_wave_changes_neither_what_is_hidden_nor_what_is_late(home: Path) -> None:
    written(home, SEEDS)
    written(home, SEEDS, hide="walks")
    assert texts_of(written(home, [*SEEDS, "late"], wave="Spring 2026")) == set(SEEDS) - {"walks"}


def test_a_manager_hides_a_comment_for_good(home: Path, tmp_path: Path) -> None:
    """No later snapshot has it, nor the one after a restore; neither the log nor the list of what is hidden has its words."""
    publish(home, SEEDS)
    assert shown(home) == set(SEEDS)
    assert shown(home, Role.LEADER) == shown(home, Role.MEMBER) == set()
    with closing(open_snapshot(home, Role.MANAGER)) as snapshot:
        first, *others = snapshot.query("select text from comments where item_id = 'keep' order by place")["text"]
    app = opened("belonging/voices")
    assert len([hide for hide in app.button if str(hide.key).startswith("hide-keep")]) == 10, "ten at a time"
    app.button(key=f"hide-keep-{hashlib.sha256(first.encode()).hexdigest()[:16]}").click().run()
    assert not app.exception
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


def test_the_name_of_somebody_erased_is_redacted_from_what_others_wrote(home: Path) -> None:
    """Part of it, their nickname, and however it is written."""
    publish(home, [*SEEDS, "Odalys shouts", "Nobody likes QUILLFEATHER", "Ask Odalys Quillfeather", "Ms Ng"])
    pipeline.erase(home, member="m0")
    pipeline.erase(home, member="m1")
    assert {"[name] shouts", "Nobody likes [name]", "Ms [name]"} <= shown(home)
    assert "odalys" not in str(shown(home)).lower()
