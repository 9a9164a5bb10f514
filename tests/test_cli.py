"""The command line: one JSON document on standard output, exit codes, and words that say what to do."""

import json
from pathlib import Path

from typer.testing import CliRunner, Result

from cli import app

MEMBERS = "member_id,team,joined_on\n" + "".join(f"m{n},{'A' if n % 2 else 'B'},2025-01-01\n" for n in range(20))
TALK = "occurred_at,actor_id,target_id,kind\n" + "".join(
    f"2026-0{1 + n % 3}-{1 + n % 28:02d} 09:00,m{n % 20},m{(n + 1) % 20},message\n" for n in range(120)
)


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def loaded(tmp_path: Path) -> str:
    home = str(tmp_path / "home")
    done = run(
        "import", file(tmp_path, "members.csv", MEMBERS), file(tmp_path, "talk.csv", TALK), "--home", home,
        "--covers", "2026-01-01..2026-03-31", "--as-of", "2026-04-01", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["snapshot"]
    assert [entry["kind"] for entry in document["files"]] == ["members", "interactions"]
    assert [entry["new"] for entry in document["files"]] == [20, 120]
    return home


def test_import_show_and_compare_tell_the_same_story(tmp_path: Path) -> None:
    home = loaded(tmp_path)
    rows = json.loads(run("show", "active_members", "--grain", "quarter", "--home", home, "--format", "json").stdout)
    assert [(row["period"], row["value"], row["numerator"], row["people"], row["status"]) for row in rows] == [
        ("2026-01-01", 1.0, 20, 20, "final"),
        ("2026-04-01", None, None, None, "no data"),
    ]
    by_team = json.loads(
        run("show", "active_members", "--grain", "quarter", "--by", "team", "--home", home, "--format", "json").stdout
    )
    assert [(row["segment"], row["people"]) for row in by_team] == [("A", 10), ("B", 10)]
    first = json.loads(run("snapshots", "--home", home, "--json").stdout)[0]["id"]
    assert run("undo", "2", "--home", home, "--as-of", "2026-04-01").exit_code == 0
    now = json.loads(run("snapshots", "--home", home, "--json").stdout)
    assert now[0]["current"]
    assert now[0]["id"] != first
    changes = json.loads(run("compare", first, now[0]["id"], "--home", home, "--json").stdout)
    assert {row["metric"] for row in changes["vanished"]} >= {"active_members", "member_to_member"}
    assert run("redo", "2", "--home", home, "--as-of", "2026-04-01").exit_code == 0
    again = json.loads(run("show", "active_members", "--grain", "quarter", "--home", home, "--format", "json").stdout)
    assert again == rows


def test_the_same_bytes_twice_change_nothing(tmp_path: Path) -> None:
    home = loaded(tmp_path)
    done = run("import", str(tmp_path / "talk.csv"), "--home", home, "--covers", "2026-01-01..2026-03-31", "--json")
    receipt = json.loads(done.stdout)["files"][0]
    assert (receipt["batch"], receipt["new"]) == (2, 0)
    assert len(json.loads(run("batches", "--home", home, "--json").stdout)) == 2


def test_a_bad_file_is_refused_with_line_column_and_remedy_and_stores_nothing(tmp_path: Path) -> None:
    home = loaded(tmp_path)
    bad = file(
        tmp_path,
        "bad.csv",
        "event_id,member_id,starts_at,attended\nE1,m1,2026-11-31,yes\nE1,m2,2026-11-30,maybe\n",
    )
    done = run("import", bad, "--home", home, "--json")
    assert done.exit_code == 1
    problems = json.loads(done.stdout)["files"][0]["problems"]
    assert [(problem["line"], problem["column"]) for problem in problems] == [
        (2, "starts_at"),
        (3, "attended"),
    ]
    assert problems[0]["what"].startswith('"2026-11-31" is no')
    assert "30 days" in problems[0]["fix"]
    assert len(json.loads(run("batches", "--home", home, "--json").stdout)) == 2


def test_wrong_usage_and_refusals_have_their_exit_codes(tmp_path: Path) -> None:
    home = str(tmp_path / "empty")
    assert run("show").exit_code == 2
    missing = run("show", "active_members", "--home", home)
    assert missing.exit_code == 1
    assert "Nothing is published yet." in missing.output
    assert run("show", "no_such_metric", "--home", home).exit_code == 1
    assert run("undo", "7", "--home", home).exit_code == 1


def test_a_finished_quarter_can_be_pinned_and_a_running_one_not(tmp_path: Path) -> None:
    home = loaded(tmp_path)
    assert run("pin", "2026-Q1", "--home", home).exit_code == 0
    assert json.loads(run("snapshots", "--home", home, "--json").stdout)[0]["pinned"] == ["2026-Q1"]
    assert run("pin", "2026-Q2", "--home", home).exit_code == 1
