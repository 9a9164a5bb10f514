"""What survey numbers count: which answers, which people, which waves. Worked examples are in test_metrics_surveys."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.waves import drawn, find, measured, repeated, waves_of

PROUD = "| item | min | max |\n| proud | 1 | 5 |"

# Asked on 1 March: ann, bob and hana are members and cem joined that day; dora is too late, eve left that day.
COMMUNITY = """
    | who  | team    | type   | joined     | left       | opted_out |
    | ann  | care    | member |            |            |           |
    | bob  | care    | member |            |            |           |
    | cem  | digital | member | 2026-03-01 |            |           |
    | dora | digital | member | 2026-03-02 |            |           |
    | eve  | digital | member |            | 2026-03-01 |           |
    | finn | digital | staff  |            |            |           |
    | gus  | digital | member |            |            | yes       |
    | hana | finance | member |            | 2026-03-02 |           |
"""


def spring(*, invited: int | None = None, closed: str = "2026-03-15") -> str:
    """A wave opened on 1 March."""
    return f"| wave | opened | closed | invited |\n| spring | 2026-03-01 | {closed} | {invited or ''} |"


def test_what_counts_as_favourable() -> None:
    """Reversed questions, scales without a middle, and codes that the question names as they were answered."""
    items = """
        | item    | min | max | reverse | favourable | neutral |
        | lonely  | 1   | 5   | yes     |            |         |
        | heard   | 1   | 4   |         |            |         |
        | enjoyed | 1   | 7   |         | 5;6;7      | 4       |
        | alone   | 1   | 4   | yes     | 1          | 2       |
    """
    answers = drawn(
        """
        | lonely | heard | enjoyed | alone |
        | 1      | 1     | 4       | 1     |
        | 2      | 2     | 5       | 2     |
        | 3      | 3     | 6       | 3     |
        | 5      | 4     | 1       | 4     |
        """
    )
    with waves_of(items=items, said={"spring": answers}) as connection:
        results = measured(connection)
    expected = {"lonely": [2, 1, 1], "heard": [2, 0, 2], "enjoyed": [2, 1, 1], "alone": [1, 1, 2]}
    for item, counted in expected.items():
        found = [find(results, metric, item)["numerator"] for metric in ("favourable", "neutral", "unfavourable")]
        assert found == counted, item
    assert find(results, "item_score", "lonely")["value"] == (100 + 75 + 50 + 0) / 4


def test_a_group_that_left_a_question_out_has_no_share_of_its_construct() -> None:
    """Its mean over the other questions would stand beside means over all of them."""
    items = "| item | min | max | construct |\n| proud | 1 | 5 | voice |\n| heard | 1 | 5 | voice |"
    answers = drawn("| team | proud | heard |\n| care | 5 | 1 |\n| digital | 5 | |\n| digital | 5 | n/a |")
    with waves_of(items=items, said={"spring": answers}) as connection:
        results = measured(connection)
    row = find(results, "favourable", "voice", segment="digital")
    assert (row["status"], row["people"]) == ("no data", 2)
    assert pd.isna(row[["value", "denominator", "low", "high"]]).all()
    assert find(results, "favourable", "voice", segment="care")["value"] == 0.5


def test_the_index_needs_all_its_questions_of_a_respondent() -> None:
    items = """
        | item   | kind   | min | max | construct  |
        | proud  | likert | 1   | 5   | engagement |
        | heard  | likert | 1   | 5   | engagement |
        | heart  | text   |     |     | engagement |
    """
    answers = drawn("| proud | heard |\n| 5 | 3 |\n| 3 | 2 |\n| 5 | |\n| n/a | 5 |")
    with waves_of(items=items, said={"spring": answers}) as connection:
        row = find(measured(connection), "engagement_index")
    assert (row["value"], row["numerator"], row["people"]) == ((75 + 37.5) / 2, 75 + 37.5, 2)


def test_three_years_of_federal_employees(reference: Path) -> None:
    """A part of the FEVS index is the mean of its questions' percent positive, and the index the mean of its parts."""
    parts = {
        "intrinsic": ["Q2", "Q3", "Q4", "Q6", "Q7"],
        "leaders": ["Q57", "Q58", "Q59", "Q61", "Q62"],
        "supervisors": ["Q48", "Q50", "Q51", "Q52", "Q54"],
    }
    expected = {
        "2023": (4721, 0.461, 77.156, [76.947, 70.097, 84.423]),
        "2024": (5066, 0.488, 74.253, [73.902, 65.960, 82.895]),
        "2025": (5381, 0.569, 76.076, [75.984, 68.547, 83.696]),
    }
    items = [f"| {question} | 1 | 5 | {part} |" for part, questions in parts.items() for question in questions]
    waves = [f"| {year} | {year}-03-01 | {year}-03-15 | {invited} |" for year, (invited, *_) in expected.items()]
    asked = [question for part in parts.values() for question in part]
    every = pd.read_csv(reference / "fevs-sample-3fy" / "fevs_sample_3fy.csv.gz")
    said = {str(year): answers[asked] for year, answers in every.groupby("FY")}
    with waves_of(
        items="\n".join(["| item | min | max | construct |", *items]),
        waves="\n".join(["| wave | opened | closed | invited |", *waves]),
        said=said,
    ) as connection:
        results = measured(connection)
    for year, (_, rate, index, shares) in expected.items():
        assert round(find(results, "survey_response", wave=year)["value"], 3) == rate
        found = [100 * find(results, "favourable", part, wave=year)["value"] for part in parts]
        assert found == pytest.approx(shares, abs=0.0005)
        assert sum(found) / 3 == pytest.approx(index, abs=0.0005)
    fell = find(results, "wave_change", "favourable:leaders", wave="2024")
    assert (fell["verdict"], round(fell["value"], 2)) == ("declined", round(65.960 - 70.097, 2))


@pytest.mark.parametrize(("members", "denominators"), [(COMMUNITY, {"all": 8, "care": 2}), ("| who |", {"all": 8})])
def test_the_number_of_invited_goes_before_the_roster_and_needs_none(
    members: str, denominators: dict[str, int]
) -> None:
    answers = drawn("| team | proud |\n| care | 5 |\n| digital | 1 |")
    with waves_of(items=PROUD, said={"spring": answers}, waves=spring(invited=8), members=members) as connection:
        results = measured(connection)
    for segment, invited in denominators.items():
        assert find(results, "survey_response", segment=segment)["denominator"] == invited


def test_completed_is_submitted_with_a_scored_answer() -> None:
    answers = drawn(
        """
        | who  | submitted | proud |
        | ann  | yes       | 4     |
        | bob  | yes       | n/a   |
        | cem  | yes       |       |
        | dora | no        | 5     |
        """
    )
    with waves_of(items=PROUD, said={"spring": answers}, waves=spring(invited=10)) as connection:
        results = measured(connection)
    assert find(results, "survey_response")["numerator"] == 1
    assert find(results, "favourable", "proud")["people"] == 1


def test_more_answers_than_the_roster_knows_give_no_rate_and_no_correction() -> None:
    answers = repeated(proud={5: 3, 1: 3}).assign(team="digital")
    with waves_of(items=PROUD, said={"spring": answers}, members=COMMUNITY) as connection:
        results = measured(connection)
    for segment, invited in (("all", 4), ("digital", 1)):
        row = find(results, "survey_response", segment=segment)
        assert (row["status"], row["people"]) == ("no data", invited)
        assert pd.isna(row[["value", "numerator", "denominator"]]).all()
    assert find(results, "favourable", "proud")["high"] == pytest.approx(0.5 + 1.96 * (0.25 / 6) ** 0.5)


def test_an_open_wave_counts_the_answers_up_to_the_day_it_is_asked_for() -> None:
    answers = drawn(
        """
        | submitted           | proud |
        | 2026-03-02 10:00:00 | 5     |
        | 2026-03-09 23:59:00 | 1     |
        | 2026-03-10 00:00:00 | 1     |
        """
    )
    with waves_of(items=PROUD, said={"spring": answers}, waves=spring(invited=4)) as connection:
        for day, completed in ((1, 0), (2, 1), (9, 2), (10, 3), (15, 3)):
            results = measured(connection, as_of=date(2026, 3, day))
            assert find(results, "survey_response")["numerator"] == completed


def test_answers_without_a_time_count_in_an_open_wave() -> None:
    """They stand at its closing, which may lie after the as-of day."""
    answers = pd.DataFrame({"submitted": ["2026-03-15"] * 3, "proud": [5, 1, 1]})
    with waves_of(items=PROUD, said={"spring": answers}, waves=spring(invited=4)) as connection:
        results = measured(connection, as_of=date(2026, 3, 10))
    assert find(results, "survey_response")["numerator"] == 3


def test_nothing_asked_gives_no_numbers() -> None:
    with waves_of(items="| item | min | max |", said={}, waves="| wave | opened | closed |") as connection:
        assert measured(connection).empty


def test_every_option_is_in_the_distribution_chosen_or_not() -> None:
    items = """
        | item   | kind   | min | max | reverse | labels                        |
        | lonely | likert | 1   | 5   | yes     | never;seldom;some;often;daily |
        | place  | choice |     |     |         | office;home                   |
    """
    answers = drawn("| lonely | place |\n| 1 | home |\n| 1 | home |\n| 4 | other |\n| n/a | |")
    with waves_of(items=items, said={"spring": answers}) as connection:
        measured(connection)
        found = connection.execute(
            """select item_id, position, option, count, n
               from survey_distributions
               where dimension = 'all'
               order by all"""
        ).fetchall()
    assert found == [
        ("lonely", 0, "daily", 0, 3),
        ("lonely", 1, "often", 1, 3),
        ("lonely", 2, "some", 0, 3),
        ("lonely", 3, "seldom", 0, 3),
        ("lonely", 4, "never", 2, 3),
        ("place", 0, "office", 0, 3),
        ("place", 1, "home", 2, 3),
        ("place", 2, "other", 1, 3),
    ]
