"""Chat exports all the way into the warehouse: what overlaps meets the same rows, and words stay nowhere."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cli import app
from tests.chats import say, slack

SECRET = "xylophone"
DAYS = {
    f"general/2026-03-{day:02}.json": [
        say("U0A1", f"{1772442000 + day * 86_400}.000100", f"{SECRET} <@U0B2>?", thread_ts=f"{1772442000 + day * 86_400}.000100", reply_count=1,
            reactions=[{"name": "wave", "count": 1, "users": ["U0B2"]}]),
        say("U0B2", f"{1772442060 + day * 86_400}.000200", SECRET, thread_ts=f"{1772442000 + day * 86_400}.000100"),
    ]
    for day in range(2, 6)
}  # fmt: skip


def take_in(home: Path, *files: Path, more: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    words = ["import", *map(str, files), "--home", str(home), "--no-publish", "--json", *more]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    receipts: list[dict[str, Any]] = json.loads(done.stdout)["files"]
    return receipts


def some(path: Path, *days: int) -> Path:
    return slack(path, {name: DAYS[name] for day in days for name in [f"general/2026-03-{day:02}.json"]})


def test_an_overlapping_export_adds_only_what_is_new(home: Path, tmp_path: Path) -> None:
    first = take_in(home, some(tmp_path / "a.zip", 2, 3))[0]
    assert (first["format"], first["kind"], first["rows"], first["new"]) == ("slack", "interactions", 2 * 4, 2 * 4)
    second = take_in(home, some(tmp_path / "b.zip", 3, 4, 5))[0]
    assert (second["rows"], second["new"], second["changed"], second["unchanged"]) == (3 * 4, 2 * 4, 0, 4)
    again = take_in(home, some(tmp_path / "c.zip", 5, 4, 3))[0]
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 3 * 4)


def test_roster_and_interactions_of_one_export(home: Path, tmp_path: Path) -> None:
    file = some(tmp_path / "a.zip", 2, 3)
    roster = take_in(home, file, more=("--as", "members", "--provisional"))[0]
    assert (roster["kind"], roster["new"], roster["rejected"]) == ("members", 4, 0)
    talk = take_in(home, file, more=("--as", "interactions"))[0]
    assert (talk["kind"], talk["new"], talk["unmatched"]) == ("interactions", 8, 0)


def test_no_word_of_a_message_is_left_in_the_home(home: Path, tmp_path: Path) -> None:
    """But for the copy of the upload itself, which is kept to be read again and is packed."""
    take_in(home, some(tmp_path / "a.zip", 2, 3))
    assert [file for file in home.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()] == []
    assert not list((home / "incoming").glob("reading-*"))
