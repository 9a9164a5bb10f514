"""Many at once: sessions of every role share one server's caches and files, and nobody is ever given another role's values."""

import threading
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pandas as pd
import pytest
import streamlit as st

from metrics.snapshot import Role, Snapshot, current_id
from tests.demo import demo_home
from tests.figures_of_proof import record
from ui.reading import keep, snapshot_as

THREADS, SESSIONS = 8, 20
METRICS = ("favourable", "show_up", "event_participation", "active_members", "answered_within_day")


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("HEARTH_HOME", str(demo_home()))
    st.cache_resource.clear()
    yield demo_home()
    st.cache_resource.clear()


def read(snapshot: Snapshot, metric: str) -> str:
    """What a page model would hold of a metric, marked with the role whose file it comes from."""
    rows = snapshot.query("select value as mark from manifest where name = 'role'")
    numbers = snapshot.results(metric)
    return f"{rows['mark'].iloc[0]} {pd.util.hash_pandas_object(numbers.astype(str), index=False).sum()}"


def expected(home: Path) -> dict[tuple[Role, str], str]:
    """The same read alone, without any cache, from each role's own file."""
    found = {}
    for role in Role:
        alone = Snapshot(home / "published" / current_id(home), role)
        found |= {(role, metric): read(alone, metric) for metric in METRICS}
        alone.close()
    return found


def read_at_once(home: Path, rounds: int) -> tuple[int, int]:
    """Reads by all threads, each for sessions of changing roles, and how many gave anything but the role's own values."""
    right = expected(home)
    assert len({*right.values()}) == len(right), "every role's values are marked and differ"
    name = current_id(home)
    crossed: list[tuple[Role, str, str]] = []
    failed: list[BaseException] = []
    start = threading.Barrier(THREADS)

    def visit(number: int) -> None:
        random = Random(number)
        sessions = [(random.choice(list(Role)), session) for session in range(SESSIONS)]
        start.wait()
        try:
            for _ in range(rounds):
                for role, _session in random.sample(sessions, len(sessions)):
                    metric = random.choice(METRICS)
                    opened = snapshot_as(name, role)
                    for found in (keep(opened, read, metric), read(opened, metric)):
                        if found != right[role, metric]:
                            crossed.append((role, metric, found))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    return THREADS * SESSIONS * rounds * 2, len(crossed)


def test_nobody_is_given_another_role_s_values(demo: Path) -> None:
    assert read_at_once(demo, 1) == (THREADS * SESSIONS * 2, 0)


@pytest.mark.prove
def test_nobody_is_given_another_role_s_values_in_thousands_of_reads(demo: Path) -> None:
    reads, crossed = read_at_once(demo, 25)
    record(
        "concurrent sessions, shared cache",
        reads=reads, crossed=crossed, threads=THREADS, sessions=THREADS * SESSIONS, roles=len(Role),
    )  # fmt: skip
    assert crossed == 0
