"""What every test may ask for, and what none may touch: the developer's own data."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from hypothesis import HealthCheck, settings

import metrics.snapshot
from data.store import migrate, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from metrics.snapshot import Snapshot

# Time limits of single examples say something about the machine, not about Hearth, so there are none.
# `ci` draws the same examples every time, so a red test is about the change; `make prove` looks for new ones.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
settings.register_profile("ci", patient, derandomize=True, max_examples=25)
settings.register_profile("prove", patient, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HEARTH_PROFILE", "ci"))

# With a worker for every core each computes on its own; more threads would only wait for each other.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("HEARTH_THREADS", "1")


@pytest.fixture(scope="session", autouse=True)
def nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Code that forgets to say which home it means gets an empty one, never the developer's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEARTH_HOME", str(tmp_path_factory.mktemp("nobody")))
        yield


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, which HEARTH_HOME names too."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HEARTH_HOME", str(folder))
    return folder


@pytest.fixture
def role_file() -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty published file of a role, attached to an empty warehouse as it is while it is written."""
    with opened(":memory:") as connection:
        migrate(connection)
        home = connection.execute("select current_catalog()").fetchone()
        connection.execute("attach ':memory:' as published")
        connection.execute("use published")
        connection.execute((Path(metrics.snapshot.__file__).parent / "snapshot.sql").read_text(encoding="utf-8"))
        connection.execute(f'use "{home[0] if home else "memory"}"')
        yield connection


@pytest.fixture(scope="session")
def reference() -> Path:
    """The folder of reference data, which is not part of the project; without it the test is skipped.

    HEARTH_REFERENCE_DATA names it. Where HEARTH_REFERENCE_REQUIRED is set, as in `.ci/run`, absence fails.
    """
    named = os.environ.get("HEARTH_REFERENCE_DATA", "")
    if named and Path(named).is_dir():
        return Path(named).resolve()
    reason = f"HEARTH_REFERENCE_DATA names no folder of reference data: {named!r}"
    if os.environ.get("HEARTH_REFERENCE_REQUIRED"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def samples(reference: Path) -> Path:
    """The folder with a small export of each tool, beside the reference data; without it the test is skipped."""
    folder = reference.parent / "samples"
    if not folder.is_dir():
        pytest.skip(f"There are no samples in {folder.parent.name}.")
    return folder


@pytest.fixture(scope="module")
def demo() -> "Iterator[Snapshot]":
    """What the managers of the demo community see."""
    from metrics.snapshot import Role, open_snapshot
    from tests.demo import demo_home

    snapshot = open_snapshot(demo_home(), Role.MANAGER)
    yield snapshot
    snapshot.close()


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """One Chromium for a file of tests.

    Not one for the whole worker: as long as it runs, `asyncio.run` is refused in the thread of the tests.
    """
    from tests.chromium import browsing  # costs 0.2 s, which tests without a browser do not pay

    with browsing() as running:
        yield running


@pytest.fixture
def browser(chromium: "Browser") -> "Iterator[Browser]":
    """The Chromium in which a test opens contexts of its own.

    They are closed after it: a page that is left open asks without end for the server that was stopped.
    """
    yield chromium
    for context in chromium.contexts:
        context.close()


LONG = ("test_verification.py",)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever asks for the browser is marked so, before `-m` chooses, and comes first, then what is long besides: started last,
    one worker would wait."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, item.path.name not in LONG))
