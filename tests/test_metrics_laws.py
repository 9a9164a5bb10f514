"""Laws that every published behaviour number obeys, over communities drawn at random."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from data.store import opened
from metrics.catalogue import CATALOGUE, find_metric
from metrics.metric import Grain, Source, Unit
from tests.communities import Community, draw, fill, names_of_metrics, released_of, results_of

KEY = ["metric", "grain", "period", "dimension", "segment", "breakdown"]
NUMBERS = ["value", "numerator", "denominator", "people", "low", "high", "expected", "p"]
DRAWN = draw(11)
NAMES = names_of_metrics()
metrics = pytest.mark.parametrize("name", NAMES)

# Of each of these a tie, or somebody's time, belongs to two groups or to none: groups need not add up.
NOT_ADDING_UP = {
    "attendance_per_event", "share_of_voice", "member_to_member", "cross_team_share", "network_density", "giant_component",
    "reciprocity", "top_tenth_share", "channel_mix", "active_channels", "tie_flow", "duplication_radar",
}  # fmt: skip
DISTINCT_MEMBERS = ("event_participation", "active_members", "posting_members")


def measured(community: Community) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Results before the gate and what it lets out at five."""
    with opened(":memory:") as connection:
        fill(connection, community)
        results = results_of(connection, community.as_of)
        return results, released_of(connection, 5)


@pytest.fixture(scope="module")
def results() -> pd.DataFrame:
    return measured(DRAWN)[0]


@pytest.fixture(scope="module")
def steady() -> pd.DataFrame:
    """Results on one roster from first to last."""
    return measured(replace(DRAWN, members=DRAWN.members.assign(joined=None, left=None)))[0]


@pytest.fixture(scope="module")
def released() -> pd.DataFrame:
    return measured(DRAWN)[1]


def of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["metric"] == name]


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    a, b = (frame.sort_values(KEY, ignore_index=True)[[*KEY, *NUMBERS, "status"]] for frame in (one, other))
    pd.testing.assert_frame_equal(a, b, check_dtype=False, rtol=1e-9)


@metrics
def test_every_metric_has_numbers_here(results: pd.DataFrame, released: pd.DataFrame, name: str) -> None:
    """The laws below would hold of nothing at all."""
    if name in ("after_programme", "activity_active_share", "activity_posting_share"):
        pytest.skip("their facts are no part of the drawn community; they have tests of their own")
    found = of(released if name == "participation_equity" else results, name)
    known = found["value"].notna() if name not in ("reply_time", "time_to_first") else found["denominator"] > 0
    assert found[known]["status"].isin(["final", "provisional"]).any()


def test_no_facts_no_numbers() -> None:
    results, _ = measured(DRAWN.without("talk", "events", "lists"))
    assert set(results["status"]) <= {"no data"}
    assert results[["value", "low", "high", "expected", "p"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("missing", "source"), [(("talk",), Source.INTERACTIONS), (("events", "lists"), Source.ATTENDANCE)]
)
def test_what_was_never_loaded_is_no_data(missing: tuple[str, ...], source: Source) -> None:
    results, _ = measured(DRAWN.without(*missing))
    for card in CATALOGUE:
        if source in card.needs and not card.needs_any and not card.cases:
            assert set(of(results, card.name)["status"]) <= {"no data"}, card.name
        if source in card.needs and card.needs_any and card.name != "after_programme":
            assert of(results, card.name)["value"].notna().any(), f"{card.name} takes what there is"


def test_renaming_people_and_shuffling_rows_changes_nothing(results: pd.DataFrame) -> None:
    chance = np.random.default_rng(2)
    order = chance.permutation(len(DRAWN.members))
    renamed = {name: f"x{place:03}" for name, place in zip(DRAWN.members["who"], order, strict=True)}

    def rename(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
        changed = table.assign(**{column: table[column].map(renamed) for column in columns})
        return changed.sample(frac=1, random_state=3)

    other = replace(
        DRAWN,
        members=rename(DRAWN.members, "who"),
        talk=rename(DRAWN.talk, "who", "to"),
        events=rename(DRAWN.events, "host"),
        lists=rename(DRAWN.lists, "who"),
    )
    same(results, measured(other)[0])


def test_the_same_facts_give_the_same_numbers(results: pd.DataFrame) -> None:
    same(results, measured(DRAWN)[0])


def test_an_unrelated_table_changes_nothing(results: pd.DataFrame) -> None:
    """Half of the attendance taken away moves nothing that is about talk alone; half of the talk nothing about events."""
    fewer_lists, _ = measured(replace(DRAWN, lists=DRAWN.lists.iloc[::2]))
    less_talk, _ = measured(replace(DRAWN, talk=DRAWN.talk.iloc[::2]))
    for card in CATALOGUE:
        if card.name in NAMES and not card.cases:
            if Source.ATTENDANCE not in card.needs:
                same(of(results, card.name), of(fewer_lists, card.name))
            if Source.INTERACTIONS not in card.needs:
                same(of(results, card.name), of(less_talk, card.name))


@metrics
def test_a_share_lies_between_nought_and_one(results: pd.DataFrame, name: str) -> None:
    card, found = find_metric(name), of(results, name)
    assert card
    shown = found[found["value"].notna()]
    if card.unit in (Unit.SHARE, Unit.DEGREE):
        assert shown["value"].between(0, 1).all()
    if card.unit is Unit.SHARE:
        assert (shown["numerator"] <= shown["denominator"] + 1e-9).all()
        assert np.allclose(shown["value"], shown["numerator"] / shown["denominator"])
    if card.unit is Unit.BALANCE:
        assert shown["value"].between(-1, 1).all()
    if card.unit in (Unit.PEOPLE, Unit.COUNT, Unit.TIES, Unit.PAIRS, Unit.MEDIAN, Unit.HOURS, Unit.DAYS):
        assert (shown["value"] >= 0).all()
    has_interval = found[found["low"].notna() & found["value"].notna()]
    assert (has_interval["low"] <= has_interval["value"] + 1e-9).all()
    assert not (has_interval["high"] < has_interval["value"] - 1e-9).any()
    assert found["p"].dropna().between(0, 1).all()


@metrics
def test_groups_add_up_to_the_whole(results: pd.DataFrame, name: str) -> None:
    """Everybody has a team here, so counts of people, and of what people did, are the sums of the teams'."""
    card, found = find_metric(name), of(results, name)
    assert card
    if name in NOT_ADDING_UP or card.unit not in (Unit.SHARE, Unit.MEAN):
        pytest.skip("a median or a tie is not a sum over groups")
    cut = (
        found[found["dimension"] == "team"]
        .groupby(["grain", "period", "breakdown"])[["numerator", "denominator"]]
        .sum()
    )
    whole = found[found["dimension"] == "all"].set_index(["grain", "period", "breakdown"])[["numerator", "denominator"]]
    both = cut.join(whole.add_suffix("_whole"), how="inner")
    both = both[both["denominator_whole"].notna()]
    assert np.allclose(both["denominator"], both["denominator_whole"])
    assert np.allclose(both["numerator"], both["numerator_whole"])


@pytest.mark.parametrize(
    "name", [card.name for card in CATALOGUE if card.additive and Grain.MONTH in card.grains and card.name in NAMES]
)
def test_months_add_up_to_the_quarter_on_the_same_roster(steady: pd.DataFrame, name: str) -> None:
    whole = of(steady, name)
    whole = whole[(whole["dimension"] == "all") & whole["numerator"].notna()]
    months = whole[whole["grain"] == "month"].assign(
        quarter=lambda f: pd.PeriodIndex(f["period"], freq="Q").astype(str)
    )
    quarters = whole[whole["grain"] == "quarter"].assign(
        quarter=lambda f: pd.PeriodIndex(f["period"], freq="Q").astype(str)
    )
    summed = months.groupby(["quarter", "breakdown"])["numerator"].sum()
    counted = quarters.set_index(["quarter", "breakdown"])["numerator"]
    if name == "interactions_per_member":
        summed, counted = (series.xs("all", level="breakdown") for series in (summed, counted))
    pd.testing.assert_series_equal(summed.sort_index(), counted.sort_index(), check_names=False)


@pytest.mark.parametrize("name", DISTINCT_MEMBERS)
def test_a_longer_period_reaches_at_least_as_many_on_the_same_roster(steady: pd.DataFrame, name: str) -> None:
    found = of(steady, name)
    whole = found[(found["dimension"] == "all") & found["value"].notna()]
    quarters = whole[whole["grain"] == "quarter"].set_index("period")["value"]
    for row in whole[whole["grain"] != "quarter"].to_dict("records"):
        start = date.fromisoformat(row["period"])
        quarter = f"{start.year}-{3 * ((start.month - 1) // 3) + 1:02}-01"
        ends_inside = (
            row["grain"] == "month"
            or (pd.Timestamp(start) + pd.Timedelta(days=6)).quarter == pd.Timestamp(start).quarter
        )
        if quarter in quarters and ends_inside:
            assert row["value"] <= quarters[quarter] + 1e-12, row


@metrics
def test_nothing_small_escapes(released: pd.DataFrame, name: str) -> None:
    cut = of(released, name)
    cut = cut[(cut["segment"] != "all") & cut["status"].isin(["final", "provisional"])]
    assert not cut["people"].between(1, 4).any()
    hidden = of(released, name)
    hidden = hidden[hidden["status"] == "withheld"]
    assert hidden[NUMBERS].isna().all(axis=None)


def test_cards_say_where_groups_are_cut() -> None:
    for card in CATALOGUE:
        assert set(card.segment_grains) <= set(Grain)
        if card.segment_grains == (Grain.QUARTER,) and card.grains != (Grain.QUARTER,):
            assert "quarters only" in card.caveats, card.name
