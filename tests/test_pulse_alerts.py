"""Alerts on Pulse: the few that matter, each matter once, what a finding says already only there, and none of another week."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.deployment import VIEWER
from metrics.snapshot import Role, Snapshot, current_id, published_folder
from report.models.alerts import ALERTS_SHOWN, list_alerts, read_alerts, say_alert, share_out
from report.models.page import Alert
from report.models.pulse import read_pulse
from report.models.reading import Group, read_cards
from tests.demo import demo_home
from tests.test_pages import opened, said, title


def alert(key: str, matter: str = "signal", *, is_quiet: bool = False) -> Alert:
    return Alert(key, matter, "", f"{key} happened.", "Counted.", "9 Nov 2026", "Ann", "Ask.", is_quiet)


def keys(alerts: tuple[Alert, ...]) -> list[str]:
    return [one.key for one in alerts]


def test_the_first_of_each_matter_comes_before_the_second_of_any() -> None:
    """Three signals, then an overdue action and a poor response: one of each is shown, and the signals that are left are folded."""
    many = [alert("a"), alert("b"), alert("c"), alert("d", "overdue"), alert("e", "response")]
    shown, folded = share_out(many, known=())
    assert keys(shown) == ["a", "d", "e"]
    assert keys(folded) == ["b", "c"]


def test_few_alerts_are_all_shown_and_quiet_ones_are_folded() -> None:
    shown, folded = share_out([alert("a"), alert("b"), alert("c", is_quiet=True)], known=())
    assert (keys(shown), keys(folded)) == (["a", "b"], ["c"])


def test_what_the_page_says_already_is_not_said_again() -> None:
    assert share_out([alert("a"), alert("b")], known={"a", "b"}) == ((), ())


def test_an_alert_in_words_and_in_a_table() -> None:
    assert say_alert(alert("a")) == "How sure: Counted. Since: 9 Nov 2026. Whom to ask: Ann. What to try: Ask."
    assert list_alerts([alert("a")]).rows.to_numpy().tolist() == [["a happened. Counted.", "9 Nov 2026", "Ann", "Ask."]]


def test_every_published_alert_is_read_once_or_as_part_of_one(demo: Snapshot) -> None:
    """Five groups whose week is worse than usual are one alert; all others stand by themselves."""
    published = demo.table("alerts")
    in_groups = (published["kind"] == "signal") & (published["dimension"] != "all")
    read = read_alerts(demo, read_cards(demo), Group())
    assert in_groups.sum() == 5
    assert len(read) == len(published) - 5 + 1
    (joined,) = [one for one in read if one.matter == "signal in groups"]
    assert (
        joined.what
        == "Came to an event: worse than usual in five groups: associate, senior, North, Finance and one more."
    )
    assert joined.since.replace("\u00a0", " ") == "9 Nov 2026"
    assert all(one.what and one.sure and one.since and one.ask and one.attempt for one in read)


def test_loud_alerts_come_before_quiet_ones_and_signals_first(demo: Snapshot) -> None:
    read = read_alerts(demo, read_cards(demo), Group())
    assert [one.is_quiet for one in read] == sorted(one.is_quiet for one in read)
    assert read[0].key == "signal:attendance_per_event:all:all:down"
    assert read[0].kind == "worse"


def test_a_group_has_its_own_alerts_only(demo: Snapshot) -> None:
    (only,) = read_alerts(demo, read_cards(demo), Group("team", "Finance"))
    assert only.what == "Came to an event in Finance: 12%, worse than usual (usual 19% to 47%)."
    assert only.ask == "the people who look after Finance"


def test_pulse_says_each_alert_in_one_place(demo: Snapshot) -> None:
    pulse = read_pulse(demo)
    events, answers = pulse.findings
    assert events.note.startswith("How sure: Outside the limits of the 52 weeks before")
    assert "Ask three people who usually come" in events.note
    assert "Find out what helped" in answers.note
    shown = [*keys(pulse.alerts), *keys(pulse.folded_alerts)]
    assert len(shown) == len(set(shown))
    assert len(pulse.alerts) == ALERTS_SHOWN
    assert "signal:event_participation:all:all:down" not in shown, "the finding says it"
    assert not [key for key in shown if key.startswith("overdue:")], "both late actions stand under To do"
    assert [one.is_on_lists for one in pulse.folded_alerts].count(True) == 2, "drifting members and silent newcomers"


def test_a_signal_of_the_chosen_group_is_said_once(demo: Snapshot) -> None:
    pulse = read_pulse(demo, group=Group("team", "Finance"))
    (finding,) = pulse.findings
    assert finding.note.startswith("How sure: Outside the limits of the 52 weeks before")
    assert (pulse.alerts, pulse.folded_alerts) == ((), ())


def show_an_alert_on_lists() -> None:
    from report.models.page import Alert
    from ui.panels import _show_alert

    _show_alert(
        Alert("a", "signal", "", "Two drift.", "Counted.", "9 Nov 2026", "Ann", "Ask.", False, is_on_lists=True)
    )


def test_an_alert_leads_to_the_lists_only_where_they_may_be_opened(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leader, and everybody in a viewer deployment, has no page Lists; a link to it would end Pulse in an error."""
    monkeypatch.setenv(VIEWER, "1")
    app = AppTest.from_function(show_an_alert_on_lists).run()
    assert [error.message for error in app.exception] == []
    assert "Two drift." in said(app)


def test_an_earlier_week_has_no_alerts_of_today(demo: Snapshot) -> None:
    pulse = read_pulse(demo, "2026-10-05")
    assert (pulse.alerts, pulse.folded_alerts) == ((), ())
    assert not [finding.note for finding in pulse.findings if finding.note]


def test_the_page_shows_the_few_and_offers_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTH_HOME", str(demo_home()))
    st.cache_resource.clear()
    app = opened("overview/pulse")
    title(app)
    assert "What asks for attention" in [str(header.value) for header in app.header]
    text = said(app)
    assert "People at an event: 21.7, worse than usual (usual 23.0 to 104.5)." in text
    assert "Whom to ask: community managers." in text
    folded = len(
        read_pulse(Snapshot(published_folder(demo_home()) / current_id(demo_home()), Role.MANAGER)).folded_alerts
    )
    assert f"{folded} more, said before or less pressing" in [box.label for box in app.expander]
    st.cache_resource.clear()
