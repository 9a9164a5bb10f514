"""Change in the same people: paired means and McNemar by hand, only where members were told, and nobody left over."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from metrics.statistics import compare_pairs, paired_share_error
from tests.waves import find, measured, waves_of

ITEMS = "| item | min | max | construct |\n| heard | 1 | 5 | voice |\n| leads | 1 | 5 | voice |"


def linked(yes: str = "yes") -> str:
    return f"""
    | wave   | opened     | closed     | linked |
    | spring | 2026-03-01 | 2026-03-15 | {yes}  |
    | autumn | 2026-09-01 | 2026-09-15 | {yes}  |
    """


def of(codes: list[tuple[int, int]], keys: range) -> pd.DataFrame:
    return pd.DataFrame(codes, columns=["heard", "leads"]).assign(key=[f"p{key}" for key in keys])


def results_of(before: pd.DataFrame, now: pd.DataFrame, yes: str = "yes") -> pd.DataFrame:
    with waves_of(items=ITEMS, waves=linked(yes), said={"spring": before, "autumn": now}) as connection:
        return measured(connection, dimensions=())


def test_forty_people_of_whom_twelve_changed() -> None:
    """Ten from disagree to agree, two the other way, 28 stay: +8/40; McNemar's exact p for 10 and 2 is 0.0386."""
    before = of([(2, 4)] * 10 + [(4, 4)] * 2 + [(4, 4)] * 28, range(40))
    now = of([(4, 4)] * 10 + [(2, 4)] * 2 + [(4, 4)] * 28, range(40)).sample(frac=1, random_state=1)
    results = results_of(before, now)
    row = find(results, "panel_change", "favourable:heard", wave="autumn")
    assert row["value"] == pytest.approx(100 * (10 - 2) / 40)
    assert row["p"] == pytest.approx(mcnemar([[28, 2], [10, 0]], exact=True).pvalue)
    assert (row["people"], row["status"]) == (40, "final")
    margin = 1.96 * 100 * math.sqrt(10 + 2 - (10 - 2) ** 2 / 40) / 40
    assert row["high"] - row["value"] == pytest.approx(margin)


def test_scores_are_compared_by_the_paired_t() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.integers(1, 5, 45), generator.integers(2, 6, 45)
    before, now = (of([(int(code), 3) for code in side], range(45)) for side in (first, second))
    row = find(results_of(before, now), "panel_change", "score:heard", wave="autumn")
    assert row["value"] == pytest.approx(25 * (second - first).mean())
    assert row["p"] == pytest.approx(stats.ttest_rel(second, first).pvalue)
    assert row["verdict"] == "improved"


def test_a_construct_is_over_those_who_answered_all_of_it() -> None:
    before, now = of([(2, 2)] * 25, range(25)), of([(4, 2)] * 25, range(25))
    row = find(results_of(before, now), "panel_change", "favourable:voice", wave="autumn")
    assert (row["value"], row["people"], row["verdict"]) == (50, 25, "improved")


@pytest.mark.parametrize(("n", "verdict"), [(29, "not tested"), (30, "improved")])
def test_thirty_pairs_are_needed(n: int, verdict: str) -> None:
    before, now = of([(2, 3)] * n, range(n)), of([(4, 3)] * n, range(n))
    assert find(results_of(before, now), "panel_change", "favourable:heard", wave="autumn")["verdict"] == verdict


def test_waves_that_are_not_linked_have_no_pairs() -> None:
    both = of([(4, 3)] * 40, range(40))
    assert "panel_change" not in set(results_of(both, both, yes="no")["metric"])


def test_the_others_of_a_wave_are_not_given_away() -> None:
    """Three of 43 did not answer before: the whole less the pairs would be these three."""
    before, now = of([(4, 3)] * 40, range(40)), of([(4, 3)] * 43, range(43))
    row = find(results_of(before, now), "panel_change", "score:heard", wave="autumn")
    assert row["status"] == "withheld"
    assert row[["value", "people", "low", "high", "p", "verdict"]].isna().all()
    enough = of([(4, 3)] * 50, range(50))
    assert find(results_of(before, enough), "panel_change", "score:heard", wave="autumn")["status"] == "final"


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (1, 0), (5, 5), (12, 3), (0, 9)])
def test_mcnemar_is_that_of_statsmodels(gained: int, lost: int) -> None:
    expected = mcnemar([[0, lost], [gained, 0]], exact=True).pvalue if gained + lost else 1.0
    assert compare_pairs(gained, lost) == pytest.approx(expected)


def test_nobody_changed_so_there_is_no_margin() -> None:
    assert paired_share_error(0, 0, 40) == 0
