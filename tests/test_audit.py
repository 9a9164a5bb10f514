"""The audit log: one line an act, only ever added, nothing about members, and it shows when somebody changed it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pipeline
from cli import app
from data.audit import Act, find_tampering, read_audit, record
from data.errors import NoRoom
from report.models.audit import list_entries, say_log
from tests.uploads import upload

PROJECT = Path(__file__).parent.parent

MEMBERS = "member_id,joined_on,email\nM-secret-1,2026-01-05,ada.private@example.org\nM-secret-2,2026-01-05,\n"


def test_an_act_is_one_line(tmp_path: Path) -> None:
    record(tmp_path, "ada@example.org", Act.UNDO, batch=3)
    record(tmp_path, "command line", Act.PUBLISH, snapshot="20261116T000000")
    assert [(entry.who, entry.act, entry.facts) for entry in read_audit(tmp_path)] == [
        ("command line", "publish", {"snapshot": "20261116T000000"}),
        ("ada@example.org", "undo", {"batch": 3}),
    ]
    assert (tmp_path / "audit.jsonl").stat().st_mode & 0o777 == 0o600
    assert read_audit(tmp_path, 1)[0].act == "publish"
    assert list_entries(read_audit(tmp_path))["Of what"].tolist() == ["snapshot 20261116T000000", "batch 3"]


def test_a_line_that_was_changed_or_taken_out_shows(tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    assert find_tampering(tmp_path) is None
    for batch in range(1, 6):
        record(tmp_path, "lee", Act.IMPORT, batch=batch)
    assert find_tampering(tmp_path) is None
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(lines[:2] + lines[3:]), encoding="utf-8")
    assert find_tampering(tmp_path) == 3
    file.write_text("".join([*lines[:3], lines[3].replace('"batch": 4', '"batch": 9'), lines[4]]), encoding="utf-8")
    assert find_tampering(tmp_path) == 5
    assert say_log(read_audit(tmp_path), 5).startswith("Line 5 of the audit log does not follow")
    file.write_text("".join([*lines[:4], "garbage\n"]), encoding="utf-8")
    assert find_tampering(tmp_path) == 5
    assert read_audit(tmp_path)[0].act == "unreadable line"


WRITE_MANY = """
import sys
from pathlib import Path
from data.audit import Act, record
for place in range(20):
    record(Path(sys.argv[1]), sys.argv[2], Act.EXPORT, file="x" * 300, place=place)
"""


def test_processes_that_write_at_once_leave_a_whole_log(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITE_MANY, str(tmp_path), name], cwd=PROJECT)
        for name in ("one", "two")
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert len(read_audit(tmp_path)) == 2 * 20
    assert find_tampering(tmp_path) is None


def test_a_log_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    with pytest.raises(NoRoom, match="audit log cannot be written"):
        record(tmp_path, "lee", Act.VIEW)


def test_what_is_done_is_logged_without_a_member_in_it(home: Path) -> None:
    (home / "settings.toml").write_text("as_of = 2026-11-16\n", encoding="utf-8")
    file = upload(home, MEMBERS, "members", name="members.csv")
    began = datetime.now(UTC)
    pipeline.take_in(home, [file])
    pipeline.undo(home, 1, who="ada@example.org")
    pipeline.redo(home, 1, who="ada@example.org")
    pipeline.about(home, "M-secret-1")
    pipeline.erase(home, member="M-secret-1", who="ada@example.org")
    entries = read_audit(home)[::-1]
    assert [str(entry.act) for entry in entries] == [
        "import", "publish", "undo", "publish", "redo", "publish", "looked up a person", "erase", "publish",
    ]  # fmt: skip
    assert [entry.who for entry in entries if entry.act in ("undo", "redo", "erase")] == ["ada@example.org"] * 3
    assert entries[0].facts == {"batch": 1, "kind": "members", "rows": 2, "new": 2}
    assert all(entry.at >= began.replace(microsecond=0) for entry in entries)
    written = (home / "audit.jsonl").read_text(encoding="utf-8")
    assert "secret" not in written
    assert "private" not in written
    assert find_tampering(home) is None


def test_settings_and_roles_change_by_command_and_are_logged(home: Path) -> None:
    def hearth(*words: str) -> tuple[int, str]:
        said = CliRunner().invoke(app, [*words, "--home", str(home)])
        return said.exit_code, " ".join(said.output.split())

    (home / "settings.toml").write_text('# ours\nzone = "Europe/Berlin" # where most are\n', encoding="utf-8")
    assert hearth("settings", "thresholds.leader", "12")[0] == 0
    assert hearth("settings", "thresholds.leader", "11")[0] == 1
    assert "can only be raised" in hearth("settings", "thresholds.leader", "10")[1]
    assert hearth("settings", "thresholds.manager", "4")[0] == 1
    assert "There is no setting limit_of_leaders" in hearth("settings", "limit_of_leaders", "12")[1]
    assert hearth("settings", "zone", "Mars/Olympus")[0] == 1
    assert hearth("settings", "retention.keep_months", "6")[0] == 0
    text = (home / "settings.toml").read_text(encoding="utf-8")
    assert text.startswith('# ours\nzone = "Europe/Berlin" # where most are\n')
    issuer = "https://id.example.org"
    assert hearth("access", "trust", issuer)[0] == 0
    assert hearth("access", "grant", "Ada@example.org", "leader")[0] == 0
    assert hearth("access", "grant", "ada@example.org", "admin")[0] == 0
    assert hearth("access", "grant", "staff", "member", "--group-of", issuer)[0] == 0
    assert hearth("access", "grant", "nobody", "admin")[0] == 1
    assert hearth("access", "trust", "https://accounts.google.com", "--single-tenant")[0] == 1
    assert hearth("access", "revoke", f"s-1 of {issuer}")[0] == 0
    listed = json.loads(hearth("access", "list", "--json")[1])
    assert [(p["email"], p["subject"], p["role"], p["refused"]) for p in listed["people"]] == [
        ("Ada@example.org", None, "admin", False),
        (None, "s-1", None, True),
    ]
    assert [entry.facts.get("name") or entry.facts.get("of") for entry in read_audit(home)[::-1]] == [
        "thresholds.leader", "retention.keep_months", None, "Ada@example.org", "ada@example.org", "staff", f"s-1 of {issuer}",
    ]  # fmt: skip
