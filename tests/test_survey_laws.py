"""The laws of every published number, over every card of the survey family, on one community that gives them all."""

from collections.abc import Callable

import duckdb
import numpy as np
import pandas as pd
import pytest

from metrics.disclosure import withhold
from metrics.metric import Metric, Unit
from metrics.survey_family import SURVEY_FAMILY
from tests.test_weighting import roster
from tests.waves import measured, waves_of

cards = pytest.mark.parametrize("card", SURVEY_FAMILY, ids=lambda card: card.name)

ITEMS = """
| item    | kind   | min | max | construct                     | reverse | outcome |
| proud   | likert | 1   | 5   | engagement                    |         |         |
| love    | likert | 1   | 5   | engagement                    |         |         |
| belong  | likert | 1   | 5   | sense_of_community/membership |         |         |
| matter  | likert | 1   | 5   | sense_of_community/influence  |         |         |
| afraid  | likert | 1   | 5   | safety                        | yes     |         |
| time    | likert | 1   | 5   | wellbeing                     |         |         |
| outcome | nps    | 0   | 10  |                               |         | yes     |
| words   | text   |     |     |                               |         |         |
"""
WAVES = """
| wave   | opened     | closed     | linked |
| spring | 2026-03-01 | 2026-03-15 | yes    |
| autumn | 2026-09-01 | 2026-09-15 | yes    |
"""
TEAMS = {"red": 70, "blue": 60, "green": 30, "grey": 6, "pink": 4}
KEY = ["metric", "grain", "period", "dimension", "segment", "breakdown"]
NUMBERS = ["value", "numerator", "denominator", "people", "low", "high", "expected", "p"]


def said(seed: int, n: int = 120) -> pd.DataFrame:
    generator = np.random.default_rng(seed)
    names = [team for team, count in TEAMS.items() for _ in range(count)]
    mood = generator.normal(0, 1, n)
    answers = {
        item: np.clip(np.round(3.2 + mood * 0.8 + generator.normal(0, 0.8, n)), 1, 5).astype(int)
        for item in ("proud", "love", "belong", "matter", "time")
    }
    frame = pd.DataFrame(answers).assign(
        afraid=np.clip(6 - answers["proud"] + generator.integers(-1, 2, n), 1, 5),
        outcome=np.clip(np.round(6 + 2 * mood + generator.normal(0, 1, n)), 0, 10).astype(int),
        words=[["no time", "thanks", None][place % 3] for place in range(n)],
        team=generator.permutation(names)[:n],
        key=[f"p{place}" for place in generator.permutation(170)[:n]],
    )
    return frame.astype(object)


SAID = {"spring": said(1), "autumn": said(2)}


def compute(
    answers: dict[str, pd.DataFrame], prepare: Callable[[duckdb.DuckDBPyConnection], object] | None = None, k: int = 5
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every survey number before and after the gate."""
    with waves_of(items=ITEMS, waves=WAVES, said=answers, members=roster(TEAMS)) as connection:
        if prepare is not None:
            prepare(connection)
        results = measured(connection)
        withhold(connection, "survey_results", "released", k)
        return results, connection.execute("from released order by all").df()


@pytest.fixture(scope="module")
def both() -> tuple[pd.DataFrame, pd.DataFrame]:
    return compute(SAID)


@pytest.fixture(scope="module")
def renamed() -> pd.DataFrame:
    """The same answers in another order of rows, under other keys."""
    other = {wave: frame.sample(frac=1, random_state=3).assign(key="x" + frame["key"]) for wave, frame in SAID.items()}
    return compute(other)[0]


@pytest.fixture(scope="module")
def beside_others() -> pd.DataFrame:
    """The same answers beside a thousand interactions and an event."""

    def fill(connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(
            """insert into interactions by name
               select timestamp '2026-03-02' as occurred_at, date '2026-03-02' as day, 0 as hour, 0 as actor, 1 as target,
                      'message' as kind, range as nth, 1 as batch, range as line
               from range(1000)"""
        )
        connection.execute(
            "insert into events by name select 'E1' as event_id, timestamp '2026-03-03' as starts_at, date '2026-03-03' as day, 2 as batch, 2 as line"
        )

    return compute(SAID, fill)[0]


def of(results: pd.DataFrame, card: Metric) -> pd.DataFrame:
    return results[results["metric"] == card.name].sort_values(KEY).reset_index(drop=True)


@cards
def test_every_card_is_computed(card: Metric, both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    rows = of(both[0], card)
    assert rows["value"].notna().any()
    assert not rows.duplicated(KEY).any()
    assert set(rows["grain"]) == {"wave"}


@cards
def test_no_facts_no_numbers(card: Metric) -> None:
    with waves_of(items=ITEMS, waves=WAVES, said={}, members=roster(TEAMS)) as connection:
        rows = of(measured(connection), card)
    assert rows.empty or (card.name == "survey_response" and set(rows["value"]) == {0})


@cards
def test_names_and_order_of_respondents_change_nothing(
    card: Metric, both: tuple[pd.DataFrame, pd.DataFrame], renamed: pd.DataFrame
) -> None:
    before, after = of(both[0], card), of(renamed, card)
    assert before[KEY].to_numpy().tolist() == after[KEY].to_numpy().tolist()
    for name in NUMBERS:
        assert after[name].astype(float).to_numpy() == pytest.approx(
            before[name].astype(float).to_numpy(), abs=1e-9, nan_ok=True
        )


@cards
def test_an_unrelated_table_growing_changes_nothing(
    card: Metric, both: tuple[pd.DataFrame, pd.DataFrame], beside_others: pd.DataFrame
) -> None:
    pd.testing.assert_frame_equal(of(both[0], card), of(beside_others, card))


@cards
def test_values_lie_on_their_scale(card: Metric, both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    rows = of(both[0], card)
    ends = {
        Unit.SHARE: (0, 1),
        Unit.SCORE: (0, 100),
        Unit.NPS: (-100, 100),
        Unit.CORRELATION: (-1, 1),
        Unit.POINTS: (-200, 200),
    }
    if card.name == "driver_slopes":
        return  # a slope of standard deviations may pass 1 where items say the same
    if card.unit in ends:
        low, high = ends[card.unit]
        assert rows["value"].dropna().between(low, high).all()
    if card.unit is Unit.SHARE and rows["numerator"].notna().any():
        assert (rows["numerator"].dropna() <= rows["denominator"][rows["numerator"].notna()] + 1e-9).all()
        quotient = rows["numerator"] / rows["denominator"]
        assert quotient.dropna().to_numpy() == pytest.approx(rows["value"][quotient.notna()].to_numpy())
    known = rows.dropna(subset=["value", "low", "high"])
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()


@cards
def test_nothing_small_escapes(card: Metric, both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    rows = of(both[1], card)
    shown = rows[~rows["status"].isin(["withheld", "no data"])]
    assert (shown["people"] >= 5).all()
    assert not set(rows[rows["segment"] == "pink"]["status"]) - {"withheld", "no data"}
    assert not set(rows[rows["segment"] == "grey"]["status"]) - {"withheld", "no data", "banded"}, "a band hides nobody"
    hidden = rows[rows["status"] == "withheld"]
    assert hidden[[*NUMBERS, "verdict"]].isna().all(axis=None)


@cards
def test_a_verdict_is_one_of_the_four_words(card: Metric, both: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    words = set(of(both[0], card)["verdict"].dropna())
    assert words <= {"improved", "declined", "no detectable change", "not tested"}
    assert set(of(both[0], card)["status"]) <= {"final", "provisional", "withheld", "no data"}


@cards
def test_the_open_wave_of_a_card_says_nothing(card: Metric) -> None:
    waves = WAVES.replace("2026-09-15 |", "           |").replace("2026-03-15", "          ")
    with waves_of(items=ITEMS, waves=waves, said=SAID, members=roster(TEAMS)) as connection:
        rows = of(measured(connection), card)
    assert rows.empty or (card.name == "survey_response" and set(rows["status"]) == {"provisional"})
