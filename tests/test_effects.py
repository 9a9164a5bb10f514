"""What is built into the demo community is found by the metrics that should find it (data/sample/README.md), and stays in its place."""

import pytest

from metrics.snapshot import Snapshot

SMALL = ("Legal", "Strategy")


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


def test_the_fall_of_voice_is_real_and_not_the_mix(demo: Snapshot) -> None:
    rows = demo.results("change_split", grain="wave", segment="all").set_index("breakdown")
    assert rows.loc["favourable:heard:real", "verdict"] == "declined"
    assert rows.loc["favourable:heard:real", "value"] == pytest.approx(-12, abs=1.5)
    assert abs(rows.loc["favourable:heard:composition", "value"]) < 1
    moved = rows[rows["verdict"].isin(["improved", "declined"])]
    assert set(moved.index) == {
        f"{measure}:{name}:real" for measure in ("favourable", "score") for name in ("heard", "voice")
    }


def test_those_who_answered_are_the_mix_of_the_community(demo: Snapshot) -> None:
    for dimension in ("team", "region"):
        rows = demo.results("representativeness", grain="wave", dimension=dimension)
        assert len(rows) == 2
        assert (rows["p"] > 0.05).all()
    plain = demo.results("item_score", grain="wave", dimension="all").set_index(["period", "breakdown"])["value"]
    raked = demo.results("weighted_item_score", grain="wave", dimension="all").set_index(["period", "breakdown"])[
        "value"
    ]
    assert len(raked) > 30
    assert (raked - plain.reindex(raked.index)).abs().max() < 1


def test_recommending_in_words_goes_with_recommending_in_numbers(demo: Snapshot) -> None:
    """The two ask for the same thing, so they come first together; nothing else is of high impact."""
    rows = demo.results("drivers", grain="wave", dimension="all").sort_values("value", ascending=False)
    for _, wave in rows.groupby("period"):
        assert wave["breakdown"].iloc[0] == "recommend"
        assert wave["value"].iloc[0] > 0.8
        assert wave["value"].iloc[1] < 0.4
    sure = demo.results("driver_stability", grain="wave", breakdown="recommend")
    assert (sure["value"] == 1).all()


def test_after_the_fall_members_write_about_being_heard(demo: Snapshot) -> None:
    rows = demo.results("comment_themes", grain="wave", breakdown="being heard").set_index("period")["numerator"]
    assert rows["2026 spring"] > rows["2025 autumn"] >= 10


def test_the_silo_index_is_far_below_chance_for_the_silo_and_at_chance_for_regions(demo: Snapshot) -> None:
    """Teams keep to themselves in this community, Operations most of all; regions do not matter in it."""
    rows = demo.results("ei_index", grain="quarter", dimension="team")
    shown = rows[(rows["status"] == "final") & (rows["segment"] != "all")]
    for period, teams in shown.groupby("period"):
        index = teams.set_index("segment")["value"]
        assert index.idxmin() == "Operations", period
        assert index["Operations"] < -0.4 < 0.2 < index.drop("Operations").min(), period
        assert (teams["p"] <= 0.01).all(), period
    regions = demo.results("ei_index", grain="quarter", dimension="region", segment="all")
    final = regions[regions["status"] == "final"]
    assert (final["value"] - final["expected"]).abs().max() < 0.1
    assert (final["p"] < 0.05).sum() <= 2, "one in twenty by chance"
    ties = demo.results("group_ties", grain="quarter", dimension="team", breakdown="Operations > Operations")
    assert ties[ties["status"] == "final"]["value"].between(0.75, 0.95).all()


def test_members_answer_each_other_from_the_second_year_on(demo: Snapshot) -> None:
    answered = values(demo, "member_answered", "quarter")
    assert max(value for period, value in answered.items() if period < "2024-10-01") < 0.65
    assert min(value for period, value in answered.items() if period > "2025-03-31") > 0.9


def test_the_community_hung_on_staff_in_the_first_year_only(demo: Snapshot) -> None:
    whole, alone = (values(demo, "fragility", "quarter", breakdown=name) for name in ("as is", "without staff"))
    gap = {period: whole[period] - alone[period] for period in whole}
    assert min(value for period, value in gap.items() if period < "2024-10-01") > 0.05
    assert max(value for period, value in gap.items() if period > "2025-03-31") < 0.02


def test_the_first_reply_comes_sooner_at_the_end_and_not_before(demo: Snapshot) -> None:
    rows = demo.results("reply_time", grain="quarter", dimension="all").set_index("period")
    last, before = rows.loc["2026-10-01"], rows[rows["status"] == "final"]
    assert last["status"] == "provisional"
    assert last["value"] < 0.75 * before["value"].min()


def test_what_has_no_effect_in_it_stays_in_its_place(demo: Snapshot) -> None:
    """How unequally people talk, and how many hold together, change with nothing that was built in after the first year."""
    for metric, spread in (("contribution_gini", 0.04), ("giant_component", 0.04), ("channel_concentration", 0.04)):
        calm = [value for period, value in values(demo, metric, "quarter").items() if period > "2025-03-31"]
        assert max(calm) - min(calm) < spread, metric
    equity = demo.results("participation_equity", grain="quarter", dimension="team")
    flagged = equity[(equity["value"] < 0.8) & (equity["p"] <= 0.1)]
    assert len(flagged) <= 2, "teams come alike: of some seventy comparisons a few are flagged by chance"
