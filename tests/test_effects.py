"""What is built into the demo community is found by the metrics that should find it (data/sample/README.md), and stays in its place."""

from collections.abc import Iterator

import pytest

from metrics.snapshot import Role, Snapshot, open_snapshot
from tests.demo import demo_home

SMALL = ("Legal", "Strategy")


@pytest.fixture(scope="module")
def demo() -> Iterator[Snapshot]:
    snapshot = open_snapshot(demo_home(), Role.MANAGER)
    yield snapshot
    snapshot.close()


def values(snapshot: Snapshot, metric: str, grain: str, **cut: str) -> dict[str, float]:
    """The final values of a series by period."""
    rows = snapshot.results(metric, grain=grain, **({"dimension": "all", "breakdown": "all"} | cut))
    return {row["period"]: row["value"] for row in rows.to_dict("records") if row["status"] == "final"}


def test_the_silo_has_the_fewest_ties_across_teams_in_every_quarter_of_the_last_two_years(demo: Snapshot) -> None:
    rows = demo.results("cross_team_share", grain="quarter", dimension="team")
    shown = rows[rows["value"].notna() & (rows["period"] >= "2025-01-01")]
    for period, teams in shown.groupby("period"):
        lowest = teams.sort_values("value").iloc[0]
        assert lowest["segment"] == "Operations", period
        others = teams[teams["segment"] != "Operations"]["value"]
        assert lowest["value"] < others.min() - 0.15, period


def test_staff_write_most_in_the_first_year_and_little_in_the_third(demo: Snapshot) -> None:
    staff = values(demo, "share_of_voice", "quarter", breakdown="staff")
    assert staff["2024-01-01"] > 0.45
    assert staff["2026-04-01"] < 0.15
    members = values(demo, "member_to_member", "quarter")
    assert members["2026-04-01"] > members["2024-01-01"] + 0.3


def test_the_holidays_are_quiet_and_left_out_of_the_limits(demo: Snapshot) -> None:
    talk = values(demo, "posting_members", "week")
    assert talk["2025-12-22"] < 0.75 * talk["2025-12-08"]
    assert talk["2026-08-10"] < 0.75 * talk["2026-07-20"]
    left_out = demo.query(
        """select count(*) as points
           from limits
           join series using (series)
           join periods
             on periods.grain = 'week'
            and periods.period = limits.period
           where periods.holiday is not null"""
    )
    assert left_out["points"].iloc[0] == 0


def test_the_last_week_of_events_signals_and_the_weeks_before_do_not(demo: Snapshot) -> None:
    rows = demo.results("event_participation", grain="week", dimension="all")
    verdicts = dict(zip(rows["period"], rows["verdict"], strict=True))
    assert verdicts["2026-11-09"] == "declined"
    assert [verdicts[period] for period in ("2026-10-19", "2026-10-26", "2026-11-02")] == ["no detectable change"] * 3


def test_answers_come_sooner_for_weeks_and_the_quarter_before_does_not_say_so(demo: Snapshot) -> None:
    rows = demo.results("answered_within_day", grain="week", dimension="all")
    verdicts = dict(zip(rows["period"], rows["verdict"], strict=True))
    assert verdicts["2026-11-02"] == "improved"
    quarters = demo.results("answered_within_day", grain="quarter", dimension="all")
    assert dict(zip(quarters["period"], quarters["verdict"], strict=True))["2026-04-01"] == "not tested"


def test_one_question_falls_and_no_other_moves(demo: Snapshot) -> None:
    rows = demo.results("wave_change", grain="wave", dimension="all")
    moved = rows[rows["verdict"].isin(["improved", "declined"])]
    assert set(moved["breakdown"]) == {"favourable:heard", "score:heard", "favourable:voice", "score:voice"}
    assert set(moved["verdict"]) == {"declined"}
    heard = rows[rows["breakdown"] == "favourable:heard"].iloc[0]
    assert heard["value"] == pytest.approx(-12, abs=1)


def test_the_small_teams_are_withheld_with_each_other_in_every_roster_number(demo: Snapshot) -> None:
    """Strategy has four people; Legal, with eight, goes with it, or the whole less the others would give Strategy away."""
    rows = demo.results("active_members", grain="quarter", dimension="team")
    small = rows[rows["segment"].isin(SMALL)]
    assert set(small["status"]) == {"withheld"}
    assert small[["value", "numerator", "denominator", "people"]].isna().all(axis=None)
