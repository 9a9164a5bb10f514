"""What a page shows when its numbers are old, few, damaged or not there: each state says so and leads on."""

import asyncio
import re
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
import streamlit as st
from starlette.types import Message, Receive, Scope, Send
from streamlit.testing.v1 import AppTest

import pipeline
from metrics.catalogue import CATALOGUE
from metrics.snapshot import Role, current_id, list_snapshots, open_snapshot, published_folder
from report.models.coverage import find_gaps
from report.models.pulse import read_pulse
from report.models.reading import read_periods
from report.numbers import NBSP
from tests.demo import demo_home
from tests.uploads import upload
from ui.requests import SecurityHeaders
from ui.warming import warm_up

FRAME = Path(__file__).parent.parent / "ui" / "frame.py"
MEMBERS = "member_id,joined_on,team\n" + "".join(f"M{number:02d},2026-01-05,Care\n" for number in range(1, 13))
AS_OF = date(2026, 11, 16)
COVERED = (date(2026, 5, 4), date(2026, 10, 18))


def gather(home: Path, days: list[date], *, covers: tuple[date, date]) -> Path:
    """Twelve members, of whom the first nine come to every event, as of Monday 16 November 2026."""
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text(f'as_of = {AS_OF}\ndimensions = ["team"]\n', encoding="utf-8")
    attendance = "event_id,starts_at,member_id,attended\n" + "".join(
        f"E{place},{day} 16:00,M{number:02d},yes\n" for place, day in enumerate(days) for number in range(1, 10)
    )
    pipeline.take_in(home, [upload(home, MEMBERS, "members", name="members.csv")], publishing=False)
    pipeline.take_in(home, [upload(home, attendance, "attendance", name="attendance.csv", covers=covers)])
    return home


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """Snapshots and models are kept for all sessions of a server; here every test is a server of its own."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event each Tuesday until 13 October; what happened after the 18th was never uploaded. To be copied."""
    tuesdays = [COVERED[0] + timedelta(days=1 + 7 * week) for week in range(24)]
    return gather(tmp_path_factory.mktemp("stopped"), tuesdays, covers=COVERED)


@pytest.fixture
def old(home: Path, stopped: Path) -> Path:
    shutil.copytree(stopped, home, dirs_exist_ok=True)
    return home


def opened(**query: str) -> AppTest:
    app = AppTest.from_file(str(FRAME), default_timeout=240)
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    (found,) = [button for button in app.button if button.label == label]
    return found.click().run()


# Old numbers


def test_numbers_that_stop_early_say_since_when_and_what_is_missing(old: Path) -> None:
    """18 October to 16 November: 13 + 16 days. The weeks 43 to 46 end on 25 October to 15 November."""
    app = opened()
    (warning,) = app.warning
    assert str(warning.value).replace(NBSP, " ") == (
        f"Attendance ends on 18 Oct 2026, {13 + 16} days before these numbers were made; weeks 43 to 46 are not complete."
    )
    assert str(app.title[0].value) == "No upload covers this week yet."
    said = "\n".join(str(part.value) for part in app.markdown)
    assert "No data for week 46." in said
    assert "No event was held" not in said


def test_a_single_week_that_is_missing_is_named(tmp_path: Path) -> None:
    home = gather(tmp_path / "home", [date(2026, 11, 3)], covers=(COVERED[0], date(2026, 11, 8)))
    (note,) = find_gaps(open_snapshot(home, Role.MANAGER))
    assert note.text.replace(NBSP, " ") == (
        "Attendance ends on 8 Nov 2026, 8 days before these numbers were made; week 46 is not complete."
    )
    assert note.kind == "attendance"


def test_what_is_covered_to_the_last_finished_week_is_not_called_old(tmp_path: Path) -> None:
    home = gather(tmp_path / "home", [date(2026, 11, 10)], covers=(COVERED[0], date(2026, 11, 15)))
    assert find_gaps(open_snapshot(home, Role.MANAGER)) == ()


# Few events


def test_where_events_are_few_pulse_shows_their_month(tmp_path: Path) -> None:
    """One event a month: of the last four weeks one held one, fewer than three."""
    monthly = [date(2026, month, 8) for month in range(5, 12)]
    home = gather(tmp_path / "home", monthly, covers=(COVERED[0], date(2026, 11, 15)))
    pulse = read_pulse(open_snapshot(home, Role.MANAGER))
    tile = next(tile for tile in pulse.tiles if tile.key == "event_participation")
    assert tile.label == "Came to an event, November 2026"
    assert tile.value == f"{100 * 9 // 12}%"
    assert tile.caption[1].replace(NBSP, " ") == "9 of 12 members"
    assert tile.colour == "gray"
    assert "Came to an event" not in list(pulse.tables[0].rows["Number"])


def test_three_weeks_of_four_are_enough_for_a_week(old: Path) -> None:
    pulse = read_pulse(open_snapshot(old, Role.MANAGER), "2026-10-12")
    tile = next(tile for tile in pulse.tiles if tile.key == "event_participation")
    assert tile.label == "Came to an event"
    assert tile.value == f"{100 * 9 // 12}%"


# What to do about it


def test_a_first_step_is_suggested_for_what_got_worse_unless_an_open_action_is_about_it() -> None:
    snapshot = open_snapshot(demo_home(), Role.MANAGER)
    pulse = read_pulse(snapshot)
    answered = set(snapshot.query("select finding from actions where closed_on is null")["finding"].dropna())
    worse = [finding.key for finding in pulse.findings if finding.kind == "worse"]
    suggested = {todo.key: todo for todo in pulse.todos if todo.due == "suggested"}
    assert worse
    assert set(suggested) == {f"suggested-{key}" for key in worse if key not in answered}
    assert all(not todo.is_late for todo in suggested.values())


def test_every_finding_leads_to_its_chart() -> None:
    snapshot = open_snapshot(demo_home(), Role.MANAGER)
    for week in [period for period in read_periods(snapshot, "week") if period.is_complete][-20:]:
        pulse = read_pulse(snapshot, week.period)
        assert {finding.anchor for finding in pulse.findings} <= {panel.key for panel in pulse.panels}


def test_every_link_of_the_glossary_has_its_place(home: Path) -> None:
    app = opened().switch_page("../pages/help/glossary.py").run()
    text = "\n".join(str(part.value) for part in app.markdown)
    places = {heading.proto.anchor for heading in app.subheader}
    assert set(re.findall(r"\(#([a-z0-9-]+)\)", text)) == places
    assert len(places) == len(CATALOGUE)


# Damaged, older, unforeseen


def test_older_numbers_are_marked_on_every_page_until_the_newest_are_back(old: Path) -> None:
    before = current_id(old)
    pipeline.publish(old)
    file = published_folder(old) / current_id(old) / "manager.duckdb"
    whole = file.read_bytes()
    file.chmod(0o600)
    file.unlink()
    when = next(kept.at for kept in list_snapshots(old) if kept.id == before)

    app = press(opened(), f"Show {when:%-d %B}")
    marks = [str(warning.value) for warning in app.warning]
    assert marks[0] == f"These are the numbers as they were published on {when:%-d %B %Y}."
    app = app.switch_page("../pages/overview/scorecard.py").run()
    assert str(app.warning[0].value) == marks[0]

    file.write_bytes(whole)
    st.cache_resource.clear()
    app = press(app, "Show the newest")
    assert marks[0] not in [str(warning.value) for warning in app.warning]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 1.0])
def test_a_file_that_is_not_as_it_was_written_is_never_read(old: Path, share: float) -> None:
    """Cut off anywhere, or whole with one bit turned: DuckDB opens most of these and fails, or lies, in some query."""
    file = published_folder(old) / current_id(old) / "manager.duckdb"
    content = bytearray(file.read_bytes()[: int(file.stat().st_size * share)])
    content[len(content) * 3 // 4] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    warm_up()
    app = opened()
    assert [str(heading.value) for heading in app.title] == [
        "The newest numbers could not be read, so these pages are empty for now."
    ]
    assert not app.exception


def fail() -> None:
    from ui.states import show_failure

    show_failure(KeyError("a name of a member"))


def test_an_error_nobody_foresaw_shows_its_kind_and_nothing_of_the_data() -> None:
    app = AppTest.from_function(fail).run()
    shown = "\n".join(str(part.value) for part in (*app.title, *app.markdown, *app.caption))
    assert "This page could not be shown." in shown
    assert "KeyError" in shown
    assert "a name of a member" not in shown


def test_a_server_warms_up_on_any_home(home: Path, stopped: Path) -> None:
    """Without numbers, with numbers, and with damaged ones; the page says what is wrong, not the start."""
    warm_up()
    shutil.copytree(stopped, home, dirs_exist_ok=True)
    warm_up()
    st.cache_resource.clear()
    (published_folder(home) / current_id(home) / "manager.duckdb").unlink()
    warm_up()


# Every answer's headers


def ask(host: bytes) -> dict[bytes, bytes]:
    """The headers of an answer to a request with this Host."""
    said: list[Message] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        said.append(message)

    asyncio.run(SecurityHeaders(inner)({"type": "http", "headers": [(b"host", host)]}, receive, send))
    return dict(said[0]["headers"])


def test_every_answer_forbids_what_comes_from_outside() -> None:
    headers = ask(b"localhost:8501")
    policy = headers[b"content-security-policy"].decode()
    assert headers[b"content-type"] == b"text/html"
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"x-content-type-options"] == b"nosniff"
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    assert rules["default-src"] == ["'self'"]
    assert rules["frame-ancestors"] == rules["object-src"] == ["'none'"]
    assert rules["connect-src"] == ["'self'", "ws://localhost:8501", "wss://localhost:8501"]
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & set(rules["script-src"])
    assert "{" not in policy


@pytest.mark.parametrize("host", [b"", b"evil; script-src *", b"a b", b"x\r\nset-cookie: a=b"])
def test_a_host_that_is_none_does_not_reach_the_policy(host: bytes) -> None:
    policy = ask(host)[b"content-security-policy"].decode()
    assert "connect-src 'self'; worker-src" in policy
    assert "evil" not in policy
    assert "\r" not in policy


def test_websockets_pass_through() -> None:
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Message:
        return {"type": "websocket.connect"}

    asyncio.run(SecurityHeaders(inner)({"type": "websocket", "headers": []}, nothing, nothing))  # type: ignore[arg-type]
    assert seen == ["websocket"]
