"""Groups of one mind: their shares are bands, and nothing else shown of them gives the share away."""

import duckdb
import pandas as pd
import pytest

from metrics.attack import attack
from metrics.disclosure import withhold
from tests.waves import measured, repeated, waves_of

ITEMS = """
| item     | min | max | construct |
| heard    | 1   | 5   | voice     |
| asked    | 1   | 5   | voice     |
| proud    | 1   | 5   | pride     |
"""


def answers(**teams: tuple[int, int]) -> pd.DataFrame:
    """People of each team, and how many of them are favourable to `heard`; the other questions divide every team."""
    parts = []
    for team, (people, favourable) in teams.items():
        parts.append(
            repeated(heard={4: favourable, 2: people - favourable}).assign(
                asked=[4, 2, 3] * (people // 3) + [4] * (people % 3),
                proud=[2, 4, 4] * (people // 3) + [2] * (people % 3),
                team=team,
            )
        )
    return pd.concat(parts, ignore_index=True)


def released(connection: duckdb.DuckDBPyConnection, k: int = 5) -> pd.DataFrame:
    measured(connection)
    withhold(connection, "survey_results", "released", k)
    return connection.execute("from released order by all").df()


def row(results: pd.DataFrame, metric: str, segment: str, breakdown: str = "heard") -> pd.Series:
    found = results[
        (results["metric"] == metric) & (results["segment"] == segment) & (results["breakdown"] == breakdown)
    ]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("people", "favourable", "low", "high"),
    [(12, 12, 0.9, 1.0), (12, 11, 0.9, 1.0), (12, 0, 0.0, 0.1), (12, 1, 0.0, 0.1), (6, 5, 0.8, 1.0), (6, 0, 0.0, 0.2)],
)
def test_all_or_all_but_one_is_a_band(people: int, favourable: int, low: float, high: float) -> None:
    with waves_of(
        items=ITEMS, said={"spring": answers(Care=(40, 20), Law=(people, favourable), Ops=(30, 9))}
    ) as warehouse:
        results = released(warehouse)
    found = row(results, "favourable", "Law")
    assert found["status"] == "banded"
    assert (found["low"], found["high"], found["people"]) == (pytest.approx(low), pytest.approx(high), people)
    assert pd.isna(found["value"])
    assert pd.isna(found["numerator"])
    assert low <= favourable / people <= high, "a band is true"
    assert row(results, "item_score", "Law")["status"] == "withheld", "a mean of 75 would say the same"


def test_two_who_disagree_or_twenty_people_are_no_band() -> None:
    with waves_of(items=ITEMS, said={"spring": answers(Care=(40, 20), Law=(12, 10), Ops=(20, 20))}) as warehouse:
        results = released(warehouse)
    assert row(results, "favourable", "Law")["value"] == pytest.approx(10 / 12)
    assert row(results, "favourable", "Ops")["value"] == 1.0


def test_the_whole_less_the_others_is_not_the_band_of_a_group() -> None:
    """Law is of one mind, so the next smallest goes with it, and what is left over has room."""
    with waves_of(items=ITEMS, said={"spring": answers(Care=(40, 20), Law=(12, 12), Ops=(30, 9))}) as warehouse:
        results = released(warehouse)
        warehouse.execute(
            "create or replace temp table periods (grain varchar, period varchar, starts_on date, ends_on date)"
        )
        assert attack(warehouse, "released", 5).recovered.empty
    assert row(results, "favourable", "Ops")["status"] == "withheld"
    assert row(results, "favourable", "Care")["status"] == "final"


def test_the_construct_of_a_coded_question_goes_with_it_and_another_stays() -> None:
    """voice is heard and asked: twice voice less asked would be heard."""
    with waves_of(items=ITEMS, said={"spring": answers(Care=(40, 20), Law=(12, 12), Ops=(30, 9))}) as warehouse:
        results = released(warehouse)
    assert row(results, "favourable", "Law", "voice")["status"] in ("withheld", "banded")
    assert row(results, "item_score", "Law", "voice")["status"] == "withheld"
    assert row(results, "favourable", "Law", "proud")["status"] == "final"
    assert row(results, "favourable", "Law", "asked")["status"] == "final"


def test_a_small_group_of_one_mind_is_withheld_not_banded() -> None:
    with waves_of(items=ITEMS, said={"spring": answers(Care=(40, 20), Law=(3, 3), Ops=(30, 9))}) as warehouse:
        results = released(warehouse)
    assert row(results, "favourable", "Law")["status"] == "withheld"


def test_no_group_under_twenty_is_uncoded() -> None:
    """The smallest, a middling and the largest size, and every number of favourable answers beside two larger teams."""
    for people in (5, 10, 19):
        for favourable in {0, 1, people // 2, people - 1, people}:
            said = answers(Care=(40, 20), Law=(people, favourable), Ops=(30, 9))
            with waves_of(items=ITEMS, said={"spring": said}) as warehouse:
                results = released(warehouse)
            found = row(results, "favourable", "Law")
            is_of_one_mind = favourable <= 1 or favourable >= people - 1
            assert (found["status"] == "banded") == is_of_one_mind, (people, favourable)
