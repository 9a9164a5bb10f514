"""What each role finds in the menu, on a page and in the data, and what a viewer deployment leaves out."""

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

import pipeline
from cli import app
from data.access import AccessRole
from data.audit import read_audit
from data.deployment import VIEWER
from data.errors import NoRoom, Refused
from data.inspection import inspect
from metrics.snapshot import Role, Snapshot
from report.models.page import Method, Panel
from tests.demo import copy_demo
from tests.test_requests import configure
from tests.uploads import upload
from ui import access
from ui.menu import MENU, PAGES, page_file
from ui.panels import _hand_out
from ui.reading import keep

FRAME = Path(__file__).parent.parent / "ui" / "frame.py"
NAMES = [name for pages in MENU.values() for name, *_ in pages]
MEMBER = {"help/glossary"}
MANAGER = {"data/upload", "data/people", "data/lists", "data/history"}


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


def opened(script: Path = FRAME) -> AppTest:
    return AppTest.from_file(str(script), default_timeout=120).run()


def test_every_page_names_the_role_it_needs() -> None:
    """Every script of the folder and every page of the menu; one that is not named is for admins only."""
    scripts = {file.relative_to(PAGES).with_suffix("").as_posix() for file in PAGES.glob("*/*.py")}
    assert scripts >= set(NAMES)
    missing = sorted(name for name in scripts - set(access.NEEDS) if not name.endswith("__init__"))
    assert missing == [], "say in ui/access.py which role each of these needs"
    assert access.may_open("data/a_page_that_nobody_named") == access.may(AccessRole.ADMIN)


def test_the_roles_of_the_design() -> None:
    """Who sees what, as in docs/how-to/run-in-production.md."""
    needed = {name: str(role) for name, role in access.NEEDS.items()}
    leaders = ("overview/", "taking_part/", "belonging/")
    assert {role for name, role in needed.items() if name.startswith(leaders)} == {"leader"}
    assert {role for name, role in needed.items() if name.startswith(("help/", "members/"))} == {"member"}
    managers = {name for name, role in needed.items() if role == "manager"}
    assert managers == {"data/people", "data/lists", "data/upload", "data/history", "data/quality"}
    assert {name for name, role in needed.items() if role == "admin"} == {"data/audit", "data/settings"}


def test_the_pages_of_each_role() -> None:
    def pages_of(role: AccessRole) -> set[str]:
        return {name for name in NAMES if role.covers(access.NEEDS[name])}

    assert pages_of(AccessRole.MEMBER) == MEMBER
    assert pages_of(AccessRole.LEADER) == {name for name in NAMES if not name.startswith("data/")}
    assert pages_of(AccessRole.MANAGER) == pages_of(AccessRole.LEADER) | MANAGER
    assert pages_of(AccessRole.ADMIN) == set(NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in MEMBER])
def test_every_page_checks_again_who_opens_it(name: str) -> None:
    """A page ends in `guarded(show)`, which asks for the page's own role."""
    last = ast.parse(page_file(name).read_text(encoding="utf-8")).body[-1]
    assert isinstance(last, ast.Expr)
    assert ast.unparse(last) == "guarded(show)"


def test_without_sign_in_the_visitor_of_this_machine_is_admin(home: Path) -> None:
    app_test = opened()
    assert [error.message for error in app_test.exception] == []
    assert app_test.title[0].value.startswith("Hearth has no data yet")


def test_a_home_with_roles_and_no_sign_in_shows_nothing(home: Path) -> None:
    (home / "access.toml").write_text("", encoding="utf-8")
    for script in (FRAME, page_file("data/upload"), page_file("overview/pulse"), page_file("data/audit")):
        app_test = opened(script)
        assert app_test.title[0].value in ("You are not let in.", "This page is not open to you.")
        assert len(app_test.get("file_uploader")) == 0
        assert len(app_test.button) == 0


def test_a_visitor_who_has_not_signed_in_sees_the_door_and_no_page(home: Path) -> None:
    configure(home, "https://hearth.example.org")
    assert opened().title[0].value == "Sign in to see how your community is doing."
    for name in ("data/upload", "data/history", "overview/pulse"):
        assert opened(page_file(name)).title[0].value == "This page is not open to you."


def test_secrets_that_cannot_be_used_let_nobody_in(home: Path) -> None:
    configure(home, "https://hearth.example.org")
    (home / "secrets.toml").write_text("[auth]\n", encoding="utf-8")
    assert opened().title[0].value == "You are not let in."


def test_a_viewer_has_no_page_that_writes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VIEWER, "1")
    assert opened().title[0].value == "Nothing is published here yet."
    assert opened(page_file("data/upload")).title[0].value == "This page is not open to you."
    assert [name for name in NAMES if access.may_open(name)] == [n for n in NAMES if not n.startswith("data/")]
    assert not list(home.iterdir())  # nothing was written


def test_models_of_one_role_never_reach_another(home: Path) -> None:
    """Kept models are marked with the role they were made for; asked for by any other, they are made anew."""

    class Fake:
        def __init__(self, role: Role, name: str) -> None:
            self.role, self.id = role, name

    def read(opened: Fake, group: str) -> str:
        return f"{opened.role} {opened.id} {group}"

    for _ in range(2):
        for role in Role:
            for name in ("s1", "s2"):
                for group in ("a", "b"):
                    assert keep(Fake(role, name), read, group) == f"{role} {name} {group}"  # type: ignore[arg-type]
    assert Snapshot.__init__.__annotations__["role"] is Role


def test_a_page_that_nobody_named_needs_the_highest_role(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    access.require_page(PAGES / "overview" / "unheard_of.py")  # the visitor of this machine is admin
    monkeypatch.setenv(VIEWER, "1")
    with pytest.raises(Refused, match="not open to you"):
        access.require_page(PAGES / "data" / "unheard_of.py")


def test_no_page_writes_html_of_its_own() -> None:
    """`unsafe_allow_html` runs what a name holds."""
    root = Path(__file__).parent.parent
    for folder in ("ui", "pages", "report"):
        for file in (root / folder).rglob("*.py"):
            assert "unsafe_allow_html" not in file.read_text(encoding="utf-8"), file
            assert "st.html(" not in file.read_text(encoding="utf-8"), file


# The doctor


def wrong(home: Path, backups: Path | None, *, production: bool = True, now: datetime | None = None) -> set[str]:
    found = inspect(home, {}, production=production, backups=backups, now=now)
    return {finding.name for finding in found if not finding.is_good}


def test_the_doctor_finds_what_is_missing(home: Path, tmp_path: Path) -> None:
    home.chmod(0o700)
    assert wrong(home, None, production=False) == set()
    assert wrong(home, None) == {"sign-in", "retention", "backup"}
    configure(home, "https://hearth.example.org")
    (home / "settings.toml").write_text("as_of = 2026-11-16\nretention.keep_months = 13\n", encoding="utf-8")
    backups = tmp_path / "backups"
    assert wrong(home, backups) == {"backup"}
    made = pipeline.back_up(home, backups)
    assert wrong(home, backups) == set()
    assert not (made.folder / "secrets.toml").exists()
    (made.folder / "settings.toml").write_text("changed", encoding="utf-8")
    assert wrong(home, backups) == {"backup"}
    assert wrong(home, backups, now=datetime(2099, 1, 1, tzinfo=UTC)) == {"backup"}
    (home / "secrets.toml").chmod(0o644)
    home.chmod(0o755)
    assert wrong(home, None, production=False) == {"rights", "secrets"}
    (home / ".git").mkdir()
    assert "place of the home" in wrong(home, None)


def test_the_doctor_names_copies_past_their_term(home: Path) -> None:
    home.chmod(0o700)
    (home / "settings.toml").write_text("as_of = 2026-11-16\n", encoding="utf-8")
    members = "member_id,joined_on\nM1,2026-01-05\n"
    pipeline.take_in(home, [upload(home, members, "members", name="members.csv")], publishing=False)
    assert "kept copies" not in wrong(home, None, production=False)
    found = inspect(home, {}, production=False, backups=None, now=datetime(2099, 1, 1, tzinfo=UTC))
    (late,) = [finding for finding in found if not finding.is_good]
    assert late.name == "kept copies"
    assert late.words == "Older than 13 months: batch 1. `hearth publish` removes them."


def test_the_doctor_by_command(home: Path) -> None:
    home.chmod(0o700)
    assert CliRunner().invoke(app, ["doctor", "--home", str(home)]).exit_code == 0
    said = CliRunner().invoke(app, ["doctor", "--production", "--home", str(home)])
    assert said.exit_code == 1
    assert "wrong  sign-in: There is none." in " ".join(said.output.split("\n"))


def test_a_view_of_named_lists_and_every_export_are_logged(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is shown or handed out, with counts and without anybody's name."""
    copy_demo(home)
    (home / "audit.jsonl").unlink(missing_ok=True)  # other tests have looked at the demo that this copies
    app_test = opened(page_file("data/lists"))
    assert [error.message for error in app_test.exception] == []
    (view,) = [entry for entry in read_audit(home) if entry.act == "view of a named list"]
    assert set(view.facts) == {"snapshot"}
    panel = Panel("matrix", "?", "!", None, "", pd.DataFrame({"n": [1, 2]}), Method("", "", "", "", ""))
    assert _hand_out(panel, "ada@example.org") == "n\n1\n2\n"
    newest = read_audit(home, 1)[0]
    assert (newest.who, newest.act, newest.facts) == ("ada@example.org", "export", {"file": "matrix.csv", "rows": 2})
    (home / "audit.jsonl").unlink()
    (home / "audit.jsonl").mkdir()
    with pytest.raises(NoRoom):
        _hand_out(panel, "ada@example.org")
    assert len(opened(page_file("data/lists")).get("table")) == 0, "what cannot be logged is not shown"
