"""The curious reader at the screen: what pages draw, write and hand out, and what every export says, is attacked for each role."""

import io
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from cli import app
from data.access import AccessRole
from data.granting import grant
from data.store import opened
from metrics.attack import attack
from metrics.audit import ADDITIVE
from metrics.catalogue import CATALOGUE
from metrics.metric import RESULT_COLUMNS
from metrics.nesting import read_nests
from metrics.snapshot import Role, open_snapshot
from tests.demo import copy_demo, demo_home
from tests.figures_of_proof import record
from tests.test_requests import configure
from ui import access
from ui.menu import MENU, page_file

ISSUER = "https://id.example.org"
NAMES = [name for pages in MENU.values() for name, *_ in pages]
BAND = re.compile(r"[≥≤]\s?\d+%")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo as an organisation serves it: with sign-in and somebody in each role."""
    folder = copy_demo(tmp_path_factory.mktemp("served") / "home")
    configure(folder, "https://hearth.example.org", ISSUER)
    for role in AccessRole:
        grant(folder, {"email": f"{role}@example.org"}, role)
    return folder


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    st.cache_resource.clear()
    access.sign_in.cache_clear()
    yield
    st.cache_resource.clear()
    access.sign_in.cache_clear()


class SignedIn(dict[str, Any]):
    """What Streamlit says of somebody who signed in."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


def sign_in_as(patch: pytest.MonkeyPatch, home: Path, role: AccessRole) -> None:
    patch.setenv("HEARTH_HOME", str(home))
    email = f"{role}@example.org"
    claims = {"iss": ISSUER, "sub": email, "email": email, "email_verified": True, "iat": int(time.time())}
    patch.setattr(st, "user", SignedIn(claims | {"is_logged_in": True}))


def scrape(name: str) -> list[tuple[str, pd.DataFrame, list[str]]]:
    """A page with all its numbers open: for each panel its key, the table that it shows and hands out, and what its chart says."""
    page = AppTest.from_file(str(page_file(name)), default_timeout=180).run()
    keys = [str(key) for key in page.session_state._state.filtered_state if str(key).startswith("numbers-")]
    assert [error.message for error in page.exception] == [], name
    charts = {}
    for drawn in page.get("plotly_chart"):
        figure = json.loads(drawn.proto.spec)
        texts = [str(note["text"]) for note in figure["layout"].get("annotations", ())]
        for axis in ("xaxis", "yaxis"):
            texts += [str(tick) for tick in figure["layout"].get(axis, {}).get("ticktext", ())]
        texts += [str(text) for trace in figure["data"] for text in trace.get("customdata") or ()]
        charts[re.sub(r"^\$\$ID-\w+-|-(None|light|dark)$", "", drawn.proto.id)] = texts
    found = []
    for key in sorted(keys):  # one at a time, so that it is known whose table it is
        page.session_state[key] = True
        page.run()
        (table,) = page.dataframe
        panel = key.removeprefix("numbers-")
        found.append((panel, table.value, charts.pop(panel, [])))
        page.session_state[key] = False
    assert charts == {}, "every chart has its table"
    return found


def leaks_of_table(table: pd.DataFrame, k: int) -> list[str]:
    """Groups of a table as shown under `k` people, and wholes of which what is shown leaves fewer than `k`."""
    if not {"segment", "people", "status"} <= set(table.columns):
        return []
    keys = [name for name in ("period", "metric", "breakdown") if name in table.columns]
    found = []
    is_whole = table["segment"].isin(["all", "Whole community"])
    of_groups = table[~is_whole]
    small = of_groups[of_groups["people"].between(1, k - 1)]
    found += [f"{segment} is shown" for segment in small["segment"]]
    held = of_groups[of_groups["status"] == "withheld"]
    found += [
        f"{segment} has numbers"
        for segment in held.loc[
            held[[c for c in ("value", "numerator", "people") if c in held]].notna().any(axis=1), "segment"
        ]
    ]
    for name, groups in of_groups.groupby(keys) if keys else [((), of_groups)]:
        if not (groups["status"] == "withheld").any():
            continue
        whole = table[is_whole]
        for column, value in zip(keys, name if isinstance(name, tuple) else (name,), strict=True):
            whole = whole[whole[column] == value]
        if len(whole) == 1 and pd.notna(whole["people"].iloc[0]) and groups["people"].notna().any():
            left = whole["people"].iloc[0] - groups["people"].sum()
            found += [f"{left} are left of {name}"] if 0 < left < k else []
    return found


def leaks_of_texts(table: pd.DataFrame, texts: list[str]) -> list[str]:
    """Words of charts that give a number to a group of which all of the table is withheld."""
    if not {"segment", "status"} <= set(table.columns):
        return []
    hidden = table.groupby("segment")["status"].agg(lambda statuses: set(statuses) <= {"withheld", "no data"})
    names = [str(name) for name, is_hidden in hidden.items() if is_hidden]
    return [
        text
        for text in texts
        for name in names
        if re.search(rf"(^|>){re.escape(name)}\b[^;]*\d", re.sub(r"<span[^>]*>|font-size:\d+px", "", text))
        and not BAND.search(text)
    ]


def exports_of(home: Path, role: Role, metrics: list[str], dimensions: list[str]) -> tuple[pd.DataFrame, int]:
    """All that `hearth show` hands out to a role, JSON and CSV, as one table; and how many exports that were."""
    parts, count = [], 0
    for metric in metrics:
        for cut in ([], *(["--by", dimension] for dimension in dimensions)):
            words = ["show", metric, *cut, "--role", str(role), "--home", str(home)]
            said = CliRunner().invoke(app, [*words, "--format", "json"])
            assert said.exit_code == 0, said.output
            rows = pd.DataFrame(json.loads(said.stdout), columns=list(RESULT_COLUMNS))
            written = pd.read_csv(
                io.StringIO(CliRunner().invoke(app, [*words, "--format", "csv"]).stdout), keep_default_na=False
            )
            withheld = written[written["status"] == "withheld"]
            assert (withheld[["value", "numerator", "denominator", "people", "low", "high"]] == "").all(axis=None), (
                metric
            )
            assert (written.loc[written["status"] == "no data", "value"] == "").all(), metric
            assert len(written) == len(rows)
            parts += [rows] if len(rows) else []
            count += 2
    return pd.concat(parts, ignore_index=True), count


def attack_exports(home: Path, role: Role, exported: pd.DataFrame) -> tuple[int, int]:
    """How many withheld numbers of the exports were attacked, and how many follow."""
    snapshot = open_snapshot(home, role)
    try:
        periods = snapshot.query("select grain, period, starts_on, ends_on from periods")
        nesting = snapshot.query("from nesting")
        k = int(snapshot.manifest()["k"])
    finally:
        snapshot.close()
    numbers = ("value", "numerator", "denominator", "people", "low", "high", "expected", "p")
    typed = exported.assign(**{name: exported[name].astype(float) for name in numbers}).drop_duplicates()
    with opened(":memory:") as connection:
        for name, frame in (("drawn_periods", periods), ("drawn", typed), ("nesting", nesting)):
            connection.register(name, frame)
        connection.execute("create temp table periods as from drawn_periods")
        connection.execute("create temp table exported as select * replace (people::bigint as people) from drawn")
        found = attack(connection, "exported", k, additive=ADDITIVE, nested=read_nests(connection))
    return found.attacked, len(found.recovered)


def test_the_scraper_sees_a_leak() -> None:
    table = pd.DataFrame(
        {
            "period": "w",
            "segment": ["all", "Care", "Legal"],
            "people": [30, 27, None],
            "value": [0.5, 0.5, None],
            "status": ["final", "final", "withheld"],
        }
    )
    assert leaks_of_table(table, 5) == ["3.0 are left of ('w',)"]
    assert leaks_of_table(table.assign(people=[30, 27, 3]), 5) == ["Legal is shown", "Legal has numbers"]
    assert leaks_of_texts(table, ["Care  n 27", "Legal", "Legal  n 3"]) == ["Legal  n 3"]


def scrape_pages(home: Path, role: AccessRole, names: list[str]) -> tuple[int, int, list[str]]:
    """Panels read and texts seen on what a role may open, and what leaks there."""
    k = {"leader": 10, "member": 10}.get(str(role), 5)
    panels = texts = 0
    leaks = []
    with pytest.MonkeyPatch.context() as patch:
        sign_in_as(patch, home, role)
        for name in names:
            if not access.may_open(name):
                assert (
                    AppTest.from_file(str(page_file(name)), default_timeout=60).run().title[0].value
                    == "This page is not open to you."
                )
                continue
            for key, table, said in scrape(name):
                panels += 1
                texts += len(said)
                leaks += [f"{name} {key}: {leak}" for leak in (*leaks_of_table(table, k), *leaks_of_texts(table, said))]
    return panels, texts, leaks


def test_pages_of_a_leader_give_nothing_away(home: Path) -> None:
    panels, texts, leaks = scrape_pages(home, AccessRole.LEADER, ["belonging/surveys", "data/upload"])
    assert panels >= 5
    assert texts > 50
    assert leaks == []


def test_exports_of_a_leader_give_nothing_away() -> None:
    exported, _ = exports_of(demo_home(), Role.LEADER, ["favourable", "show_up"], ["team"])
    attacked, recovered = attack_exports(demo_home(), Role.LEADER, exported)
    assert attacked > 100
    assert recovered == 0


@pytest.mark.prove
def test_pages_and_exports_of_every_role_give_nothing_away(home: Path) -> None:
    panels = texts = attacked = recovered = exports = 0
    leaks = []
    reading = [name for name in NAMES if not name.startswith("data/")]
    for role in (AccessRole.MEMBER, AccessRole.LEADER, AccessRole.MANAGER):
        found = scrape_pages(home, role, reading)
        panels, texts = panels + found[0], texts + found[1]
        leaks += found[2]
        exported, count = exports_of(home, Role(str(role)), [card.name for card in CATALOGUE], ["team"])
        exports += count
        of_role = attack_exports(home, Role(str(role)), exported)
        attacked, recovered = attacked + of_role[0], recovered + of_role[1]
    record(
        "curious leader",
        panels_scraped=panels, chart_texts=texts, exports=exports, exported_attacked=attacked, scraped_recovered=recovered + len(leaks),
    )  # fmt: skip
    assert leaks == []
    assert recovered == 0
