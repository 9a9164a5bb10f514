"""What was said stays said: the ledger of released figures, the audit log and who may see what, through backup, restore and erasing."""

import json
from pathlib import Path

import pipeline
from data.access import AccessRole, read_access
from data.audit import Act, find_tampering, read_audit, record
from data.granting import grant, revoke, trust_issuer
from data.writing import merge_lines
from metrics.ledger import FILE, read_released
from metrics.metric import RESULT_COLUMNS
from tests.uploads import upload

MEMBERS = (
    "member_id,name,joined_on,email\nXK7731,Odalys Quillfeather,2026-01-05,odalys@example.org\nM-2,Bo Ek,2026-01-05,\n"
)
ISSUER = "https://id.example.org"


def figure(value: float, snapshot: str, people: int = 12) -> dict[str, object]:
    row = dict.fromkeys(RESULT_COLUMNS) | {
        "metric": "favourable", "grain": "wave", "period": "spring", "dimension": "team", "segment": "Care",
        "breakdown": "heard", "value": value, "people": people, "status": "final",
    }  # fmt: skip
    return {"role": "manager", "snapshot": snapshot, "at": "2026-04-01T00:00:00+00:00", "batch": 1} | row


def remember(home: Path, *figures: dict[str, object]) -> None:
    with (home / FILE).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in figures)


def shown(home: Path) -> list[tuple[float, str]]:
    return [(row["value"], row["snapshot"]) for row in read_released(home, "manager").to_dict("records")]


def filled(home: Path) -> None:
    (home / "settings.toml").write_text("as_of = 2026-11-16\n", encoding="utf-8")
    pipeline.take_in(home, [upload(home, MEMBERS, "members", name="members.csv")])
    trust_issuer(home, ISSUER, single_tenant=False, groups_claim="groups")
    grant(home, {"email": "lee@example.org"}, AccessRole.LEADER)
    remember(home, figure(0.5, "first"))


def test_a_restore_takes_back_nothing_that_was_said_or_revoked(home: Path, tmp_path: Path) -> None:
    filled(home)
    backup = pipeline.back_up(home, tmp_path / "backups")
    revoke(home, {"email": "lee@example.org"})
    remember(home, figure(0.6, "second", people=17))
    record(home, "ada@example.org", Act.UNDO, batch=1)
    pipeline.restore(home, backup.folder)
    assert read_access(home).people[0].refused, "revoked after the backup, and revoked still"
    assert shown(home) == [(0.6, "second")]
    acts = [str(entry.act) for entry in read_audit(home)[::-1]]
    assert acts == ["import", "publish", "backup", "undo", "restore", "publish"]
    assert find_tampering(home) is None


def test_a_new_machine_gets_them_from_the_backup(home: Path, tmp_path: Path) -> None:
    filled(home)
    (home / "secrets.toml").write_text("[auth]\n", encoding="utf-8")
    backup = pipeline.back_up(home, tmp_path / "backups")
    other = tmp_path / "other"
    pipeline.restore(other, backup.folder)
    assert shown(other) == [(0.5, "first")]
    assert read_access(other).people[0].role is AccessRole.LEADER
    assert [str(entry.act) for entry in read_audit(other)[::-1]] == ["import", "publish", "restore", "publish"]
    assert find_tampering(other) is None
    assert not (other / "secrets.toml").exists()
    for name in (FILE, "access.toml", "audit.jsonl"):
        assert (other / name).stat().st_mode & 0o077 == 0, name
    assert not list(backup.folder.rglob("*.lock"))


def test_ledgers_are_joined_and_the_home_s_own_figure_is_the_last(home: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.jsonl"
    other_question = figure(0.2, "first") | {"breakdown": "asked"}
    old.write_text("".join(json.dumps(one) + "\n" for one in (figure(0.5, "first"), other_question)), encoding="utf-8")
    remember(home, figure(0.6, "second"))
    merge_lines(home / FILE, old)
    merge_lines(home / FILE, old)
    assert sorted(shown(home)) == [(0.2, "first"), (0.6, "second")]
    assert len((home / FILE).read_text(encoding="utf-8").splitlines()) == 3
    merge_lines(home / FILE, tmp_path / "none.jsonl")
    assert len((home / FILE).read_text(encoding="utf-8").splitlines()) == 3


def test_erasing_somebody_leaves_released_figures_and_says_nothing_of_them(home: Path) -> None:
    filled(home)
    before = (home / FILE).read_bytes()
    pipeline.erase(home, member="XK7731", who="ada@example.org")
    assert (home / FILE).read_bytes() == before
    written = (home / "audit.jsonl").read_text(encoding="utf-8")
    assert not [word for word in ("XK7731", "Quillfeather", "odalys") if word in written]
    assert next(entry for entry in read_audit(home) if entry.act == "erase").facts["of"] == "a member"


def test_undoing_an_upload_leaves_the_ledger(home: Path) -> None:
    filled(home)
    before = (home / FILE).read_bytes()
    pipeline.undo(home, 1)
    assert (home / FILE).read_bytes() == before
