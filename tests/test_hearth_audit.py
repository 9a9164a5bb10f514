"""`hearth audit`: on the demo community, every role, with the ledger and what was published before."""

import json

from typer.testing import CliRunner

from cli import app
from metrics.audit import audit_published
from metrics.ledger import FILE, read_released
from metrics.snapshot import Role, open_snapshot
from tests.demo import demo_home

FACTS = {"attacked", "recovered", "shown_share", "intervals"}


def test_nothing_withheld_in_the_demo_can_be_worked_out() -> None:
    result = CliRunner().invoke(app, ["audit", "--json", "--home", str(demo_home())])
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert set(found) == FACTS | {"roles"}
    assert set(found["roles"]) == {"manager", "leader", "member"}
    assert found["recovered"] == 0
    assert found["attacked"] > 10_000
    assert found["attacked"] == sum(facts["attacked"] for facts in found["roles"].values())
    assert found["intervals"]["narrowest"] >= 0.25
    for facts in found["roles"].values():
        assert set(facts) == FACTS
        assert 0.8 < facts["shown_share"] <= 1


def test_it_prints_a_row_for_each_role() -> None:
    result = CliRunner().invoke(app, ["audit", "--home", str(demo_home())])
    assert result.exit_code == 0
    for row in ("all roles", "manager", "leader", "member"):
        assert row in result.stdout


def test_no_share_of_a_small_group_of_one_mind_is_shown() -> None:
    """Uncoded: 0. Every shown share of fewer than 20 has at least two on each side."""
    for role in Role:
        snapshot = open_snapshot(demo_home(), role)
        try:
            shares = snapshot.results("favourable").query(
                "people < 20 and status == 'final' and numerator == numerator"
            )
        finally:
            snapshot.close()
        assert ((shares["numerator"] >= 2) & (shares["numerator"] <= shares["people"] - 2)).all()


def test_what_was_shown_is_in_the_ledger_of_the_home() -> None:
    key = ["period", "dimension", "segment", "breakdown"]
    for role in Role:
        snapshot = open_snapshot(demo_home(), role)
        try:
            shown = snapshot.results("favourable").query("status == 'final' and grain == 'wave'")[key]
        finally:
            snapshot.close()
        released = read_released(demo_home(), str(role)).query("metric == 'favourable'")[key]
        assert len(shown) > 100
        assert set(shown.itertuples(index=False, name=None)) <= set(released.itertuples(index=False, name=None))
    assert (demo_home() / FILE).stat().st_mode & 0o077 == 0
    assert audit_published(demo_home())["roles"]["leader"]["recovered"] == 0
