"""The commands that look after a home: what they print, and their exit codes."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from cli import app
from tests.uploads import ask, take_in

ROSTER = "member_id,name,email,team\nm1,Ann Archer,ann@x.example,A\n" + "".join(
    f"m{n},Bo,b{n}@x.example,A\n" for n in range(2, 7)
)
EVENTS = "event_id,starts_at,title\nE1,2026-03-01,Fair\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_a_home_is_backed_up_and_restored(home: Path, tmp_path: Path) -> None:
    take_in(home, ROSTER)
    made = run("backup", str(tmp_path / "backups"), "--home", str(home))
    assert made.exit_code == 0
    assert "Backed up and verified" in made.output
    take_in(home, EVENTS)
    (home / "warehouse.duckdb").write_bytes(b"rubbish " * 5000)
    refused = run("batches", "--home", str(home))
    assert refused.exit_code == 1
    assert "hearth restore" in refused.output
    restored = run("restore", str(tmp_path / "backups"), "--home", str(home))
    assert restored.exit_code == 0, restored.output
    assert "Loaded again from kept copies: batch 2." in restored.output
    assert ask(home, "select title from events") == [("Fair",)]
    assert run("restore", str(tmp_path / "nothing"), "--home", str(home)).exit_code == 1


def test_a_person_is_described_and_erased(home: Path) -> None:
    take_in(home, ROSTER)
    held = json.loads(run("about", "ann@x.example", "--home", str(home), "--json").stdout)
    assert (held["ids"], held["names"], held["emails"]) == (["m1"], ["Ann Archer"], ["ann@x.example"])
    assert held["tables"]["members"][0]["file"] == "file.csv"
    printed = run("about", "m1", "--home", str(home))
    assert "members: 1 rows" in printed.stdout
    assert "kept copy of batch 1 (file.csv, members): named 1 times" in " ".join(printed.stdout.split())
    erased = json.loads(run("erase", "m1", "--home", str(home), "--json").stdout)
    assert (erased["rows"]["members"], erased["kept"]) == (1, [1])
    assert run("about", "m1", "--home", str(home)).exit_code == 1


def test_erasing_wants_one_person(home: Path) -> None:
    take_in(home, ROSTER)
    assert run("erase", "--home", str(home)).exit_code == 1
    assert run("erase", "m1", "--respondent", "r1", "--home", str(home)).exit_code == 1
    assert run("erase", "nobody", "--home", str(home)).exit_code == 1
    assert run("erase", "--respondent", "nobody", "--home", str(home)).exit_code == 1
    assert ask(home, "select count(*) from members") == [(6,)]
