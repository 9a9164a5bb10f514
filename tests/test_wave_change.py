"""Changes between waves: every verdict from small waves whose z or t a person can compute."""

import math

import pandas as pd
import pytest
from scipy import stats

from metrics.metric import Verdict
from tests.waves import TWO_WAVES, Answers, drawn, find, measured, repeated, waves_of

VOICE = """
| item  | min | max | construct |
| voice | 1   | 5   |           |
"""
INVITED = """
| wave   | opened     | closed     | invited |
| spring | 2026-03-01 | 2026-03-15 | {}      |
| autumn | 2026-09-01 | 2026-09-15 | {}      |
"""


def agreeing(favourable: int, n: int, *, item: str = "voice") -> Answers:
    """So many who agree, all others disagree."""
    return pd.DataFrame({item: [4] * favourable + [2] * (n - favourable)})


def change(
    spring: Answers,
    autumn: Answers,
    breakdown: str,
    *,
    items: str = VOICE,
    waves: str = TWO_WAVES,
    segment: str = "all",
) -> pd.Series:
    """The change from spring to autumn."""
    with waves_of(items=items, said={"spring": spring, "autumn": autumn}, waves=waves) as connection:
        return find(measured(connection), "wave_change", breakdown, wave="autumn", segment=segment)


def two_sided(z: float) -> float:
    return 2 * float(stats.norm.sf(abs(z)))


def test_a_share_that_improved() -> None:
    found = change(agreeing(40, 100), agreeing(60, 100), "favourable:voice")
    error = math.sqrt(0.4 * 0.6 / 100 + 0.6 * 0.4 / 100)
    assert round(0.2 / error, 2) == 2.89
    assert found["value"] == pytest.approx(60 - 40)
    assert found["p"] == pytest.approx(two_sided(0.2 / error)) == pytest.approx(0.0039, abs=5e-5)
    assert (found["low"], found["high"]) == pytest.approx((20 - 196 * error, 20 + 196 * error))
    assert found["verdict"] == Verdict.IMPROVED
    assert found["people"] == 100


def test_a_share_that_declined() -> None:
    found = change(agreeing(60, 100), agreeing(40, 100), "favourable:voice")
    assert found["value"] == pytest.approx(40 - 60)
    assert found["verdict"] == Verdict.DECLINED


def test_a_difference_within_chance_is_no_detectable_change() -> None:
    found = change(agreeing(50, 100), agreeing(60, 100), "favourable:voice")
    z = 0.1 / math.sqrt(0.25 / 100 + 0.24 / 100)
    assert round(z, 2) == 1.43
    assert found["p"] == pytest.approx(two_sided(z))
    assert found["low"] < 0 < found["high"]
    assert found["verdict"] == Verdict.NO_CHANGE


def test_the_same_difference_is_beyond_chance_where_nearly_all_answered() -> None:
    """Of 110 invited 100 answered: the errors shrink by sqrt(10/109), so z is 1.43 x 3.30 = 4.72."""
    found = change(agreeing(50, 100), agreeing(60, 100), "favourable:voice", waves=INVITED.format(110, 110))
    z = 0.1 / math.sqrt((0.25 / 100 + 0.24 / 100) * (110 - 100) / (110 - 1))
    assert round(z, 2) == 4.72
    assert found["p"] == pytest.approx(two_sided(z))
    assert found["verdict"] == Verdict.IMPROVED


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ("A", "B", Verdict.NO_CHANGE),
        ("B", "A", Verdict.NO_CHANGE),
        ("A", "D", Verdict.IMPROVED),
        ("D", "A", Verdict.DECLINED),
    ],
)
def test_the_significance_of_the_technical_guide(before: str, now: str, verdict: Verdict) -> None:
    """Page 20, its groups as waves: A and B do not differ, A and D do. A is 52 of 120, the nearest to 43 %."""
    favourable = {"A": (52, 120, 200), "B": (40, 80, 150), "D": (225, 375, 500)}
    (first, n, invited), (second, m, invited_now) = favourable[before], favourable[now]
    waves = INVITED.format(invited, invited_now)
    found = change(agreeing(first, n), agreeing(second, m), "favourable:voice", waves=waves)
    assert found["value"] == pytest.approx(100 * (second / m - first / n))
    assert found["verdict"] == verdict


def test_a_score_is_compared_by_welch() -> None:
    """16 x 75 and 16 x 25 against 36 x 75 and 12 x 25: means 50 and 62.5, unequal numbers and deviations."""
    found = change(agreeing(16, 32), agreeing(36, 48), "score:voice")
    # Sample variances: 25 off the mean of 50 in each of 32; 12.5 off 62.5 in 36 and 37.5 off in 12.
    first = 32 * 25**2 / 31 / 32
    second = (36 * 12.5**2 + 12 * 37.5**2) / 47 / 48
    t = 12.5 / math.sqrt(first + second)
    freedom = (first + second) ** 2 / (first**2 / 31 + second**2 / 47)
    assert (round(t, 2), round(freedom, 1)) == (2.28, 59.6)
    assert found["value"] == 62.5 - 50
    assert found["p"] == pytest.approx(2 * stats.t.sf(t, freedom)) == pytest.approx(0.0264, abs=5e-5)
    margin = stats.t.ppf(0.975, freedom) * math.sqrt(first + second)
    assert (found["low"], found["high"]) == pytest.approx((12.5 - margin, 12.5 + margin))
    assert found["verdict"] == Verdict.IMPROVED


def test_recommending_is_compared_in_points() -> None:
    items = "| item | kind | min | max |\n| recommend | nps | 0 | 10 |"
    before, now = repeated(recommend={9: 25, 7: 55, 6: 20}), repeated(recommend={9: 45, 7: 45, 6: 10})
    found = change(before, now, "nps:recommend", items=items)
    error = math.sqrt((0.45 - 0.05**2) / 100 + (0.55 - 0.35**2) / 100)
    assert found["value"] == pytest.approx((45 - 10) - (25 - 20))
    assert found["p"] == pytest.approx(two_sided(0.30 / error))
    assert found["high"] == pytest.approx(30 + 196 * error)
    assert found["verdict"] == Verdict.IMPROVED


@pytest.mark.parametrize(("n", "is_tested"), [(29, False), (30, True)])
def test_a_question_needs_thirty_answers_in_both_waves(n: int, is_tested: bool) -> None:
    for sizes in ((n, 90), (90, n)):
        found = change(agreeing(0, sizes[0]), agreeing(sizes[1], sizes[1]), "favourable:voice")
        assert (found["value"], found["people"]) == (100, n)
        assert found["verdict"] == (Verdict.IMPROVED if is_tested else Verdict.NOT_TESTED)
        assert math.isnan(found["p"]) is not is_tested


@pytest.mark.parametrize(("n", "is_tested"), [(19, False), (20, True)])
def test_a_construct_needs_twenty(n: int, is_tested: bool) -> None:
    items = "| item | min | max | construct |\n| heard | 1 | 5 | voice |"
    low, high = repeated(heard={1: n - 2, 2: 2}), repeated(heard={5: n - 2, 4: 2})
    for measure in ("favourable:voice", "score:voice"):
        found = change(low, high, measure, items=items)
        assert found["verdict"] == (Verdict.IMPROVED if is_tested else Verdict.NOT_TESTED)
    assert change(low, high, "score:heard", items=items)["verdict"] == Verdict.NOT_TESTED


@pytest.mark.parametrize(("n", "is_tested"), [(9, False), (10, True)])
def test_an_index_needs_ten(n: int, is_tested: bool) -> None:
    items = "| item | min | max | construct |\n| pride | 1 | 5 | engagement |"
    low, high = repeated(pride={1: n - 2, 2: 2}), repeated(pride={5: n - 2, 4: 2})
    found = change(low, high, "index:engagement_index", items=items)
    assert found["value"] == pytest.approx(100 - 2 * 25 * 2 / n)
    assert found["verdict"] == (Verdict.IMPROVED if is_tested else Verdict.NOT_TESTED)


def several(count: int, weak: int) -> tuple[str, Answers, Answers]:
    """Questions of which the first `weak` rise from 50 to 64 of 100 (z = 2.02, p = 0.043) and the others do not change."""
    names = [f"q{number}" for number in range(count)]
    items = "\n".join(["| item | min | max | favourable |", *(f"| {name} | 1 | 2 | 2 |" for name in names)])
    before = repeated(**{name: {2: 50, 1: 50} for name in names})
    now = repeated(
        **{name: {2: 64 if place < weak else 50, 1: 36 if place < weak else 50} for place, name in enumerate(names)}
    )
    return items, before, now


def test_up_to_five_comparisons_are_judged_alone_and_more_together() -> None:
    """A question gives two comparisons, its share and its score: two questions make four, three make six."""
    p = two_sided(0.14 / math.sqrt(0.25 / 100 + 0.64 * 0.36 / 100))
    assert round(p, 3) == 0.043
    for count, verdict in ((2, Verdict.IMPROVED), (3, Verdict.NO_CHANGE)):
        items, before, now = several(count, weak=1)
        found = change(before, now, "favourable:q0", items=items)
        assert found["p"] == pytest.approx(p)
        assert found["verdict"] == verdict
    # Six of six below 0.05 are all discoveries: 0.043 <= 6/6 x 0.10.
    items, before, now = several(3, weak=3)
    assert change(before, now, "favourable:q0", items=items)["verdict"] == Verdict.IMPROVED


def test_each_group_is_compared_with_itself() -> None:
    def teams(red: int, blue: int) -> Answers:
        return pd.concat([agreeing(red, 50).assign(team="red"), agreeing(blue, 50).assign(team="blue")])

    def by(segment: str) -> pd.Series:
        return change(teams(10, 40), teams(40, 10), "favourable:voice", segment=segment)

    assert (by("red")["value"], by("blue")["value"], by("all")["value"]) == pytest.approx((60, -60, 0))
    assert by("red")["verdict"] == Verdict.IMPROVED
    assert by("blue")["verdict"] == Verdict.DECLINED
    assert by("all")["verdict"] == Verdict.NO_CHANGE


def test_the_groups_of_a_dimension_are_judged_together() -> None:
    """A team gives two comparisons, share and score: two teams make four and stand alone, three make six."""
    for teams, verdict in ((["red", "blue"], Verdict.IMPROVED), (["red", "blue", "green"], Verdict.NO_CHANGE)):
        spring = pd.concat([agreeing(50, 100).assign(team=team) for team in teams])
        autumn = pd.concat([agreeing(64 if team == "red" else 50, 100).assign(team=team) for team in teams])
        found = change(spring, autumn, "favourable:voice", segment="red")
        assert found["p"] == pytest.approx(0.043, abs=5e-4)
        assert found["verdict"] == verdict


def test_only_waves_of_one_series_are_compared_with_the_closed_one_before() -> None:
    waves = """
    | wave   | instrument | opened     | closed     |
    | spring | survey     | 2026-03-01 | 2026-03-15 |
    | pulse  | pulse      | 2026-06-01 | 2026-06-15 |
    | autumn | survey     | 2026-09-01 | 2026-09-15 |
    """
    said = {"spring": agreeing(40, 100), "pulse": agreeing(99, 100), "autumn": agreeing(60, 100)}
    with waves_of(items=VOICE, said=said, waves=waves) as connection:
        results = measured(connection)
    changes = results[(results["metric"] == "wave_change") & (results["breakdown"] == "favourable:voice")]
    assert changes["period"].tolist() == ["autumn"]
    assert changes["value"].tolist() == pytest.approx([60 - 40])


def test_a_question_that_was_not_asked_before_has_no_change() -> None:
    items = VOICE + "| trust | 1 | 5 | |"
    autumn = pd.concat([agreeing(60, 100), agreeing(60, 100, item="trust")], axis=1)
    with waves_of(items=items, said={"spring": agreeing(40, 100), "autumn": autumn}, waves=TWO_WAVES) as connection:
        results = measured(connection)
    changes = results[results["metric"] == "wave_change"]
    assert set(changes["breakdown"]) == {"favourable:voice", "score:voice"}


def test_a_construct_is_compared_only_over_the_same_questions() -> None:
    items = "| item | min | max | construct |\n| heard | 1 | 5 | voice |\n| safe | 1 | 5 | voice |"
    spring, autumn = repeated(heard={2: 40}), repeated(heard={2: 40}, safe={5: 40})
    with waves_of(items=items, said={"spring": spring, "autumn": autumn}, waves=TWO_WAVES) as connection:
        results = measured(connection)
    assert find(results, "item_score", "voice", wave="autumn")["value"] == (25 + 100) / 2
    changes = results[results["metric"] == "wave_change"]
    assert set(changes["breakdown"]) == {"favourable:heard", "score:heard"}


def test_the_first_wave_has_no_change() -> None:
    said = {"spring": drawn("| voice |\n| 4 |")}
    with waves_of(items=VOICE, said=said) as connection:
        assert "wave_change" not in set(measured(connection)["metric"])
