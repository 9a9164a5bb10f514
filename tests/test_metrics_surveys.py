"""Survey numbers before the gate: published examples through real waves, tables by hand, and an oracle in pandas."""

import json
import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from metrics.statistics import round_half_up
from tests.waves import Answers, drawn, find, measured, repeated, waves_of

FIVE_POINTS = """
| item  | min | max |
| voice | 1   | 5   |
"""
ENGAGEMENT = """
| item        | min | max | construct  |
| pride       | 1   | 5   | engagement |
| advocacy    | 1   | 5   | engagement |
| attachment  | 1   | 5   | engagement |
| inspiration | 1   | 5   | engagement |
| motivation  | 1   | 5   | engagement |
"""
RECOMMEND = """
| item      | kind | min | max |
| recommend | nps  | 0   | 10  |
"""


def spring(invited: int | None = None) -> str:
    """A wave of March, with how many were invited where that is known."""
    return f"""
    | wave   | opened     | closed     | invited       |
    | spring | 2026-03-01 | 2026-03-15 | {invited or ""} |
    """


def results_of(items: str, said: Answers, *, invited: int | None = None) -> pd.DataFrame:
    with waves_of(items=items, said={"spring": said}, waves=spring(invited)) as connection:
        return measured(connection)


def questions(names: Sequence[str], construct: str, *, reverse: str = "no") -> str:
    """Questions of five points of one construct."""
    lines = [f"| {name} | 1 | 5 | {construct} | {reverse} |" for name in names]
    return "\n".join(["| item | min | max | construct | reverse |", *lines])


def answering(means: Sequence[float], names: Sequence[str]) -> Answers:
    """Respondents whose scores of 0, 25, 50, 75 and 100 have these means."""
    said = []
    for mean in means:
        steps = round(mean * len(names) / 25)
        assert steps * 25 == mean * len(names)
        low, above = divmod(steps, len(names))
        said.append([1 + low + (place < above) for place in range(len(names))])
    return pd.DataFrame(said, columns=list(names))


@pytest.fixture(scope="session")
def guide(reference: Path) -> dict[str, Any]:
    """The worked examples of the Civil Service technical guide by their id."""
    file = reference / "csps-technical-guide-examples" / "cases.json"
    return {case["id"]: case for case in json.loads(file.read_text(encoding="utf-8"))["cases"]}


def test_the_respondent_of_the_technical_guide(guide: dict[str, Any]) -> None:
    case = guide["engagement_respondent"]
    codes = [1 + case["scale"][answer] // 25 for answer in case["answers"]]
    assert codes == [5, 4, 4, 3, 2]
    names = ["pride", "advocacy", "attachment", "inspiration", "motivation"]
    index = find(results_of(ENGAGEMENT, pd.DataFrame([codes], columns=names)), "engagement_index")
    assert (index["value"], index["denominator"], index["people"]) == (case["expected"], 1, 1)
    assert math.isnan(index["low"])  # a single answer has no deviation


def test_the_group_of_the_technical_guide(guide: dict[str, Any]) -> None:
    case = guide["engagement_group"]
    names = ["pride", "advocacy", "attachment", "inspiration", "motivation"]
    index = find(results_of(ENGAGEMENT, answering(case["respondent_scores"], names)), "engagement_index")
    assert (index["value"], index["numerator"], index["denominator"]) == (case["expected"], case["expected_sum"], 10)


@pytest.mark.parametrize("organisation", ["A", "B"])
def test_two_organisations_with_the_same_share_and_two_indices(guide: dict[str, Any], organisation: str) -> None:
    case = guide["index_vs_positive"]
    given = dict(zip([5, 4, 3, 2, 1], case["distribution_percent"][organisation], strict=True))
    results = results_of(questions(["pride"], "engagement"), repeated(pride=given))
    assert round_half_up(find(results, "engagement_index")["value"]) == case["expected_index"][organisation]
    share = find(results, "favourable", "pride")
    assert (100 * share["value"], share["denominator"]) == (case["expected_percent_positive"][organisation], 100)


def test_a_construct_of_eight_reversed_questions(guide: dict[str, Any]) -> None:
    """Proxy stress: 100 minus the mean of the answers as scored. The group's scores are printed after reversing."""
    names = [f"stress_{number}" for number in range(1, 9)]
    alone, group = guide["proxy_stress_respondent"], guide["proxy_stress_group"]
    said = pd.DataFrame([[1 + score // 25 for score in alone["scores"]]], columns=names)
    results = results_of(questions(names, "stress", reverse="yes"), said)
    assert find(results, "item_score", "stress")["value"] == alone["expected"]
    results = results_of(questions(names, "stress"), answering(group["respondent_scores"], names))
    assert find(results, "item_score", "stress")["value"] == group["expected"]


def test_a_construct_of_five_questions(guide: dict[str, Any]) -> None:
    names = ["positive", "engaged", "related", "meaning", "achieving"]
    for case in (guide["perma_respondent"], guide["perma_group"]):
        means = case.get("respondent_scores") or [float(np.mean(case["scores"]))]
        results = results_of(questions(names, "perma"), answering(means, names))
        assert round_half_up(find(results, "item_score", "perma")["value"]) == case["expected"]


def test_the_margins_of_the_technical_guide_through_a_wave(guide: dict[str, Any]) -> None:
    unrounded = {"A": 5.62, "B": 7.51, "C": 6.42, "D": 2.48}  # A is 52 of 120, 43.3 %
    for group in guide["margin_of_error_fpc"]["groups"]:
        n = group["responses"]
        favourable = round(n * group["positive"] / 100)
        said = repeated(voice={4: favourable, 2: n - favourable})
        share = find(results_of(FIVE_POINTS, said, invited=group["headcount"]), "favourable", "voice")
        margin = 100 * (share["high"] - share["value"])
        assert margin == pytest.approx(100 * (share["value"] - share["low"]))
        assert round(margin, 2) == unrounded[group["name"]]
        assert round_half_up(margin) == group["moe"]


def test_the_rounding_of_the_technical_guide_through_a_wave(guide: dict[str, Any]) -> None:
    case = guide["rounding_counts"]
    said = repeated(voice=dict(zip([5, 4, 3, 2, 1], case["counts"], strict=True)))
    with waves_of(items=FIVE_POINTS, said={"spring": said}) as connection:
        share = find(measured(connection), "favourable", "voice")
        offered = connection.execute(
            "select option, count, n from survey_distributions order by position desc"
        ).fetchall()
    assert share["numerator"] == case["positive_count"]
    assert round_half_up(100 * share["value"]) == case["expected_positive_display"]
    assert [option for option, _, _ in offered] == ["5", "4", "3", "2", "1"]
    assert [round_half_up(100 * count / n) for _, count, n in offered] == case["expected_display"]


def test_a_thousand_promoters_and_detractors(reference: Path) -> None:
    file = reference / "nps-examples" / "nps_testdata.csv"
    said = pd.read_csv(file, usecols=[0, 5]).set_axis(["recommend", "team"], axis="columns")
    results = results_of(RECOMMEND, said)
    whole = find(results, "nps", "recommend")
    assert whole["value"] == pytest.approx(100 * (0.462 - 0.362))
    assert (whole["numerator"], whole["denominator"]) == (462 - 362, 1000)
    assert round((whole["high"] - whole["value"]) / 1.96, 3) == 2.853
    by_unit = {
        unit: find(results, "nps", segment=unit)["value"] for unit in ("Apples", "Bananas", "Berries", "Oranges")
    }
    assert by_unit == pytest.approx({"Apples": 14.8, "Bananas": 9.6, "Berries": 8.0, "Oranges": 7.6})


def test_recommending_by_hand() -> None:
    results = results_of(RECOMMEND, repeated(recommend={10: 20, 9: 5, 8: 30, 7: 25, 6: 8, 0: 12}), invited=400)
    nps = find(results, "nps", "recommend")
    assert (nps["value"], nps["numerator"], nps["denominator"]) == (25 - 20, 25 - 20, 100)
    error = math.sqrt((0.25 + 0.20 - 0.05**2) / 100) * math.sqrt((400 - 100) / (400 - 1))
    assert nps["high"] == pytest.approx(5 + 196 * error)
    assert find(results, "nps")["value"] == 5  # also under "all", as the wave's only such question
    assert not (results["metric"] == "favourable").any()  # its ends are not agreement


def test_two_questions_of_recommending_have_no_common_number() -> None:
    both = RECOMMEND + "| visit | nps | 0 | 10 |"
    results = results_of(both, repeated(recommend={9: 3}, visit={6: 3}))
    assert find(results, "nps", "recommend")["value"] == 100
    assert find(results, "nps", "visit")["value"] == -100
    assert not ((results["metric"] == "nps") & (results["breakdown"] == "all")).any()


def test_everybody_answered_so_there_is_no_margin() -> None:
    results = results_of(FIVE_POINTS, repeated(voice={4: 30, 2: 20}), invited=50)
    for metric, value in (("favourable", 30 / 50), ("item_score", (30 * 75 + 20 * 25) / 50)):
        row = find(results, metric, "voice")
        assert (row["low"], row["value"], row["high"]) == (value, value, value)


def test_half_of_a_thousand_gives_the_published_glint_margin() -> None:
    share = find(results_of(FIVE_POINTS, repeated(voice={5: 250, 1: 250}), invited=1000), "favourable", "voice")
    assert round(100 * (share["high"] - 0.5), 2) == 3.10


def test_the_margin_of_a_score_uses_t_and_its_own_correction() -> None:
    """16 scores of 75 and 25 by halves: s = sqrt(16 x 25^2 / 15); t of 15 degrees is 2.13145; 64 were invited."""
    score = find(results_of(FIVE_POINTS, repeated(voice={4: 8, 2: 8}), invited=64), "item_score", "voice")
    margin = 2.13145 * math.sqrt(16 * 25**2 / 15) / 4 * math.sqrt(1 - 16 / 64)
    assert (score["low"], score["high"]) == pytest.approx((50 - margin, 50 + margin), rel=1e-5)


DRAWN_ITEMS = """
| item  | min | max | reverse |
| voice | 1   | 5   |         |
| alone | 1   | 5   | yes     |
| four  | 1   | 4   |         |
"""
DRAWN = """
| team | voice | alone | four |
| red  | 5     | 1     | 2    |
| red  | 4     | 2     | 3    |
| red  | 3     | n/a   | 3    |
| blue | 2     | 5     |      |
| blue | n/a   | 3     | 1    |
"""


def test_shares_by_hand() -> None:
    results = results_of(DRAWN_ITEMS, drawn(DRAWN))
    classes = ("favourable", "neutral", "unfavourable")

    def shares(item: str, segment: str = "all") -> list[tuple[float, float]]:
        found = [find(results, name, item, segment=segment) for name in classes]
        return [(row["numerator"], row["denominator"]) for row in found]

    assert shares("voice") == [(2, 4), (1, 4), (1, 4)]  # blanks and "not applicable" are in no denominator
    assert shares("alone") == [(2, 4), (1, 4), (1, 4)]  # 1 and 2 are favourable once reversed
    assert shares("four") == [(2, 4), (0, 4), (2, 4)]  # four points have no middle
    assert shares("voice", "red") == [(2, 3), (1, 3), (0, 3)]
    assert shares("voice", "blue") == [(0, 1), (0, 1), (1, 1)]


def test_scores_by_hand() -> None:
    results = results_of(DRAWN_ITEMS, drawn(DRAWN))
    voice = find(results, "item_score", "voice")
    assert (voice["value"], voice["numerator"], voice["denominator"]) == ((100 + 75 + 50 + 25) / 4, 250, 4)
    assert find(results, "item_score", "alone")["value"] == (100 + 75 + 0 + 50) / 4
    assert find(results, "item_score", "four")["value"] == pytest.approx((100 / 3 + 200 / 3 + 200 / 3 + 0) / 4)
    # s = 32.27; t of 3 degrees is 3.18245; nobody knows how many were invited.
    deviation = math.sqrt((37.5**2 + 12.5**2 + 12.5**2 + 37.5**2) / 3)
    assert voice["low"] == pytest.approx(62.5 - 3.18245 * deviation / 2, rel=1e-5)
    assert voice["high"] == 100  # 62.5 + 51.4, cut at the end of the scale


def test_a_construct_is_the_mean_of_shares_and_of_own_means() -> None:
    said = """
    | heard | safe |
    | 5     | 2    |
    | 4     |      |
    | 1     | 5    |
    """
    results = results_of(questions(["heard", "safe"], "voice"), drawn(said))
    share, score = find(results, "favourable", "voice"), find(results, "item_score", "voice")
    assert share["value"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert score["value"] == pytest.approx(((100 + 25) / 2 + 75 + (0 + 100) / 2) / 3)
    assert (score["denominator"], score["people"]) == (3, 2)  # two answered the less answered question
    # Own shares 1/2, 1 and 1/2 have s = 0.2887; t of 2 degrees is 4.30265.
    assert share["low"] == max(0, share["value"] - 4.30265 * math.sqrt(1 / 12 / 3)) == 0
    own = [62.5, 75, 50]
    assert score["low"] == pytest.approx(62.5 - 4.30265 * np.std(own, ddof=1) / math.sqrt(3), rel=1e-5)


MEMBERS = """
| who  | team | joined     | left       | type  | opted_out |
| ann  | red  | 2025-01-01 |            |       |           |
| ben  | red  | 2026-03-01 |            |       |           |
| cleo | red  | 2026-03-02 |            |       |           |
| dan  | blue | 2025-01-01 | 2026-03-01 |       |           |
| eve  | blue | 2025-01-01 | 2026-03-02 |       |           |
| finn | blue | 2025-01-01 |            | staff |           |
| gus  | blue | 2025-01-01 |            |       | yes       |
| hana | blue |            |            |       |           |
"""
THREE_ANSWERS = """
| team | voice |
| red  | 5     |
| red  | n/a   |
| blue | 1     |
"""


def test_response_is_over_the_roster_of_the_opening_day() -> None:
    """On 1 March: ann and ben; eve and hana. Cleo joins a day later, dan has left, finn is staff, gus opted out."""
    with waves_of(items=FIVE_POINTS, said={"spring": drawn(THREE_ANSWERS)}, members=MEMBERS) as connection:
        results = measured(connection)
    for segment, counts in {"all": (2, 4), "red": (1, 2), "blue": (1, 2)}.items():
        rate = find(results, "survey_response", segment=segment)
        assert (rate["numerator"], rate["denominator"], rate["value"]) == (*counts, counts[0] / counts[1])
        assert rate["status"] == "final"
        assert math.isnan(rate["low"])


def test_who_moved_is_asked_where_they_were_on_the_opening_day() -> None:
    members = """
    | who | valid_from | team |
    | ann | 2025-01-01 | red  |
    | ann | 2026-03-01 | blue |
    | ben | 2025-01-01 | red  |
    | ben | 2026-03-02 | blue |
    """
    with waves_of(items=FIVE_POINTS, said={"spring": drawn(THREE_ANSWERS).iloc[1:]}, members=members) as connection:
        results = measured(connection)
    asked = {segment: find(results, "survey_response", segment=segment)["people"] for segment in ("all", "red", "blue")}
    assert asked == {"all": 2, "red": 1, "blue": 1}


def test_a_wave_that_is_open_gives_its_response_and_nothing_else() -> None:
    said = {"spring": repeated(voice={4: 40}), "autumn": repeated(voice={4: 40})}
    waves = spring(80) + "| autumn | 2026-09-01 | 2026-09-15 | 80 |"
    with waves_of(items=FIVE_POINTS, said=said, waves=waves) as connection:
        before_it_opened = measured(connection, as_of=date(2026, 8, 31))
        while_open = measured(connection, as_of=date(2026, 9, 14))
        asked = connection.execute("from survey_items").df()
        options = connection.execute("from survey_distributions").df()
        on_the_last_day = measured(connection, as_of=date(2026, 9, 15))
    assert set(before_it_opened["period"]) == {"spring"}
    newest = while_open[while_open["period"] == "autumn"]
    assert newest[["metric", "value", "status"]].to_numpy().tolist() == [["survey_response", 40 / 80, "provisional"]]
    assert set(asked["wave"]) == set(options["wave"]) == {"spring"}
    assert find(on_the_last_day, "favourable", "voice", wave="autumn")["value"] == 1
    assert find(on_the_last_day, "wave_change", "favourable:voice", wave="autumn")["value"] == 0
    assert find(on_the_last_day, "survey_response", wave="autumn")["status"] == "final"


def test_a_group_is_tested_against_everybody_else() -> None:
    """18 of 40 against 32 of 40: z = -0.35 / sqrt(0.45 x 0.55/40 + 0.8 x 0.2/40) = -3.47, of which the table says 0.0005."""
    red, blue = repeated(voice={4: 18, 2: 22}), repeated(voice={4: 32, 2: 8})
    said = pd.concat([red.assign(team="red"), blue.assign(team="blue")])
    results = results_of(FIVE_POINTS, said)
    for segment in ("red", "blue"):
        assert find(results, "favourable", "voice", segment=segment)["p"] == pytest.approx(0.0005, abs=5e-5)
    assert math.isnan(find(results, "favourable", "voice")["p"])
    with_29_of_red = results_of(FIVE_POINTS, said.iloc[11:])
    for segment in ("red", "blue"):
        assert math.isnan(find(with_29_of_red, "favourable", "voice", segment=segment)["p"])


def test_the_test_against_everybody_else_knows_how_many_were_asked() -> None:
    """20 of 40 (50 asked) against 28 of 40 (80 asked)."""
    said = pd.concat(
        [repeated(voice={4: 20, 2: 20}).assign(team="red"), repeated(voice={4: 28, 2: 12}).assign(team="blue")]
    )
    teams = ["red"] * 50 + ["blue"] * 80
    members = "\n".join(["| who | team |", *(f"| m{number} | {team} |" for number, team in enumerate(teams))])
    with waves_of(items=FIVE_POINTS, said={"spring": said}, members=members) as connection:
        results = measured(connection)
    red, blue = 0.5 * 0.5 / 40 * (50 - 40) / (50 - 1), 0.7 * 0.3 / 40 * (80 - 40) / (80 - 1)
    expected = 2 * stats.norm.sf(0.2 / math.sqrt(red + blue))
    for segment in ("red", "blue"):
        assert find(results, "favourable", "voice", segment=segment)["p"] == pytest.approx(expected)


CODES = st.one_of(st.integers(1, 5), st.sampled_from(["n/a", None]))
PEOPLE = st.tuples(CODES, CODES, CODES, st.integers(0, 10), st.sampled_from(["red", "blue"]))


@given(st.lists(PEOPLE, min_size=1, max_size=15))
def test_a_small_wave_agrees_with_ten_lines_of_pandas(people: list[tuple[Any, ...]]) -> None:
    items = """
    | item      | kind   | min | max | construct  | reverse |
    | pride     | likert | 1   | 5   | engagement |         |
    | alone     | likert | 1   | 5   | engagement | yes     |
    | voice     | likert | 1   | 5   |            |         |
    | recommend | nps    | 0   | 10  |            |         |
    """
    said = pd.DataFrame(people, columns=["pride", "alone", "voice", "recommend", "team"], dtype=object)
    expected = {}
    for segment, group in [("all", said), *said.groupby("team")]:
        scores = (group[["pride", "alone", "voice"]].apply(pd.to_numeric, errors="coerce").astype(float) - 1) * 25
        scores["alone"] = 100 - scores["alone"]
        likes = group["recommend"].astype(int)
        expected["nps", "recommend", segment] = 100 * ((likes >= 9).mean() - (likes <= 6).mean())
        expected["engagement_index", "all", segment] = scores[["pride", "alone"]].dropna().mean(axis=1).mean()
        for item in scores:
            expected["item_score", item, segment] = scores[item].mean()
            expected["favourable", item, segment] = scores[item].dropna().gt(70).mean()
    results = results_of(items, said)
    results = results[results["breakdown"].isin(said.columns) | (results["metric"] == "engagement_index")]
    found = results.set_index(["metric", "breakdown", "segment"])["value"]
    names = ["nps", "engagement_index", "item_score", "favourable"]
    known = {key: value for key, value in expected.items() if not math.isnan(value)}
    assert found[found.index.isin(names, level="metric")].to_dict() == pytest.approx(known)
