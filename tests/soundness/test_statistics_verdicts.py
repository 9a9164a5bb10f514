"""Wrong verdicts that were given once, or would be by the plain reading of a formula."""

import math

import pytest

from metrics.metric import Better
from metrics.statistics import (
    compare_means,
    compare_share_with_reference,
    compare_shares,
    difference_margin,
    discover,
    judge,
    round_half_up,
)


def test_a_missing_difference_is_not_certain_to_be_no_change() -> None:
    """A nan difference got p = 1, so "no detectable change" was said of a number that did not exist."""
    assert math.isnan(compare_shares(math.nan, 0.05, 0.05))
    assert math.isnan(compare_means(math.nan, 2, 40, 2, 40)[0])


def test_two_censuses_that_differ_are_not_untested() -> None:
    """Everybody answered twice: no margins, so any difference is real. Welch's degrees are 0/0 there and p became nan."""
    assert compare_means(2.0, 0, 40, 0, 40)[0] == 0
    assert compare_means(0.0, 0, 40, 0, 40)[0] == 1
    assert difference_margin(0, 40, 0, 40) == 0


def test_two_equal_censuses_do_not_differ_in_the_last_digit() -> None:
    """0.1 + 0.2 is not 0.3 in floats; without a margin that alone was "improved"."""
    assert compare_means(0.1 + 0.2 - 0.3, 0, 40, 0, 40)[0] == 1
    verdict = judge(0.1 + 0.2 - 0.3, is_beyond_chance=True, is_tested=True, better=Better.HIGHER)
    assert verdict == "no detectable change"


def test_all_of_thirty_do_not_differ_from_ninety_nine_percent() -> None:
    """A share of 1 has a standard error of 0, so any benchmark below it was beaten beyond chance.

    That thirty of thirty agree where 99 % do happens in 0.99^30 = 74 % of samples.
    """
    assert compare_share_with_reference(1.0, 30, 0.99) > 0.5


def test_one_p_in_a_long_list_of_unknown_ones_is_one_comparison() -> None:
    """Groups too small to test are no comparisons; counting them hid the one group that was tested."""
    assert discover([0.04, *[math.nan] * 19]).tolist() == [True] + [False] * 19


@pytest.mark.parametrize(("count", "of", "shown"), [(57, 200, 29), (29, 200, 15), (23, 40, 58), (1, 8, 13)])
def test_a_half_that_floats_cannot_hold_goes_up(count: int, of: int, shown: int) -> None:
    """57 of 200 is 28.5 %, which times 100 is 28.499999999999996 in floats and was shown as 28 %."""
    assert round_half_up(count / of * 100) == shown


def test_a_difference_reads_the_same_from_both_sides() -> None:
    assert round_half_up(5.5) == -round_half_up(-5.5) == 6
    assert str(round_half_up(-0.2)) == "0.0"
