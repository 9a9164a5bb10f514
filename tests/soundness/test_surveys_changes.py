"""Changes between waves that were none: the plain comparison of two numbers, and what may be said."""

import pandas as pd
import pytest
from scipy import stats

from metrics.statistics import round_half_up
from tests.waves import TWO_WAVES, Answers, find, measured, repeated, waves_of


def changes_of(items: str, said: dict[str, Answers], waves: str = TWO_WAVES) -> pd.DataFrame:
    with waves_of(items=items, said=said, waves=waves) as connection:
        results = measured(connection)
    return results[results["metric"] == "wave_change"]


def test_another_wording_is_another_question() -> None:
    """“My voice is heard” became “My voice is heard in decisions”: the column kept its name and the trend fell by 30 points.

    FEVS moves its item numbers, Glint compares identical items only. Nothing fell: something else was asked.
    """
    items = """
        | item               | min | max |
        | heard              | 1   | 5   |
        | heard_in_decisions | 1   | 5   |
    """
    said = {"spring": repeated(heard={5: 80, 1: 20}), "autumn": repeated(heard_in_decisions={5: 50, 1: 50})}
    with waves_of(items=items, said=said, waves=TWO_WAVES) as connection:
        results = measured(connection)
        asked = connection.execute("select item_id, wave, first_asked from survey_items order by all").fetchall()
    before = find(results, "favourable", "heard")["value"]
    now = find(results, "favourable", "heard_in_decisions", wave="autumn")["value"]
    assert round(100 * (now - before)) == -30
    assert "wave_change" not in set(results["metric"])
    assert asked == [("heard", "spring", "spring"), ("heard_in_decisions", "autumn", "autumn")]


def test_a_construct_of_other_questions_has_no_trend() -> None:
    """`voice` lost its hardest question and rose from 50 to 80 % without anybody thinking otherwise.

    The index is the same case: with a sixth question it is another index.
    """
    items = """
        | item  | min | max | construct  |
        | heard | 1   | 5   | voice      |
        | acted | 1   | 5   | voice      |
        | pride | 1   | 5   | engagement |
        | bond  | 1   | 5   | engagement |
    """
    said = {
        "spring": repeated(heard={5: 80, 1: 20}, acted={5: 20, 1: 80}, pride={5: 60, 1: 40}),
        "autumn": repeated(heard={5: 80, 1: 20}, pride={5: 60, 1: 40}, bond={5: 100}),
    }
    with waves_of(items=items, said=said, waves=TWO_WAVES) as connection:
        results = measured(connection)
    before, now = (find(results, "favourable", "voice", wave=wave)["value"] for wave in ("spring", "autumn"))
    assert (before, now) == pytest.approx((0.5, 0.8))
    changes = results[results["metric"] == "wave_change"]
    assert set(changes["breakdown"]) == {"favourable:heard", "score:heard", "favourable:pride", "score:pride"}
    assert set(changes["verdict"]) == {"no detectable change"}


def test_a_wave_left_open_does_not_end_the_comparison() -> None:
    """A pilot in between was never closed. The wave before was it, it has no numbers, and autumn read as a first wave."""
    waves = """
        | wave   | opened     | closed     |
        | spring | 2026-03-01 | 2026-03-15 |
        | pilot  | 2026-06-01 |            |
        | autumn | 2026-09-01 | 2026-09-15 |
    """
    said = dict.fromkeys(("spring", "pilot", "autumn"), repeated(heard={5: 30, 1: 10}))
    with waves_of(items="| item | min | max |\n| heard | 1 | 5 |", said=said, waves=waves) as connection:
        results = measured(connection)
        previous = dict(connection.execute("select wave, previous from survey_waves").fetchall())
    assert previous == {"spring": None, "pilot": "spring", "autumn": "spring"}
    assert find(results, "wave_change", "favourable:heard", wave="autumn")["verdict"] == "no detectable change"


def test_too_few_to_test_is_not_no_change() -> None:
    """In a team of 12 favourable fell from 12 to 2. Below 30 answers nothing is tested, and "no change" was printed."""
    said = {"spring": repeated(heard={5: 12}), "autumn": repeated(heard={5: 2, 1: 10})}
    row = changes_of("| item | min | max |\n| heard | 1 | 5 |", said).set_index("breakdown").loc["favourable:heard"]
    assert (row["verdict"], round(row["value"], 1)) == ("not tested", round(100 * (2 - 12) / 12, 1))


def test_a_difference_is_not_that_of_rounded_numbers() -> None:
    """58.4 and 52.6 are printed as 58 and 53, and their difference as -6, not -5 (CSPS technical guide 2018, page 21)."""
    said = {"spring": repeated(heard={5: 292, 1: 208}), "autumn": repeated(heard={5: 263, 1: 237})}
    row = changes_of("| item | min | max |\n| heard | 1 | 5 |", said).set_index("breakdown").loc["favourable:heard"]
    assert round_half_up(100 * 263 / 500) - round_half_up(100 * 292 / 500) == -5
    assert round_half_up(row["value"]) == round_half_up(52.6 - 58.4) == -6


def test_ten_questions_without_a_change_do_not_make_a_finding() -> None:
    """Twenty comparisons at 0.05 find one by chance. One of ten questions moved by 14 points in a hundred answers, p = 0.04."""
    names = [f"q{number}" for number in range(10)]
    items = "\n".join(["| item | min | max |", *(f"| {name} | 1 | 5 |" for name in names)])
    flat, moved = {5: 50, 1: 50}, {5: 64, 1: 36}
    said = {
        "spring": repeated(**dict.fromkeys(names, flat)),
        "autumn": repeated(**dict.fromkeys(names, flat) | {"q3": moved}),
    }
    changes = changes_of(items, said).set_index("breakdown")
    error = (0.50 * 0.50 / 100 + 0.64 * 0.36 / 100) ** 0.5
    assert changes.loc["favourable:q3", "p"] == pytest.approx(2 * stats.norm.sf(0.14 / error))
    assert changes.loc["favourable:q3", "p"] < 0.05
    assert set(changes["verdict"]) == {"no detectable change"}
