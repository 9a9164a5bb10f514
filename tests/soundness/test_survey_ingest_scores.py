"""Wrong scores that an import of survey cells can make without a word."""

from pathlib import Path

import pytest

from ingest.scales import Scale, find_order, read_cell, recognise
from tests.surveys import desk


def test_a_range_in_words_is_not_its_first_number() -> None:
    """ "1-2 times a week" once became 1 ("4 - Agree" is read by its number): the most frequent visitors looked like the rarest."""
    scale = Scale("likert", 1, 3, ("never", "1-2 times a week", "3-4 times a week"))
    assert read_cell("1-2 times a week", scale).code == 2
    assert read_cell("5-6 times a week", scale).what is not None


def test_an_answer_nobody_gave_does_not_shorten_the_scale() -> None:
    """Nobody was neutral in one column, so its scale was taken for four points and "Agree" scored 67 instead of 75."""
    full = frozenset({"strongly disagree", "disagree", "neutral", "agree", "strongly agree"})
    cells = {"Strongly disagree": 4, "Disagree": 9, "Agree": 20, "Strongly agree": 7}
    assert recognise(cells, "I feel at home here", [full, full]).scale_max == 5
    assert recognise(cells, "I feel at home here").scale_max == 4


def test_a_scale_from_1_to_5_is_not_cut_at_the_highest_answer() -> None:
    """A question answered with 1 to 4 only is still on 1 to 5; taken for 1 to 4, its mean would rise by a quarter of the scale."""
    assert recognise({"1": 2, "3": 5, "4": 9}, "I feel at home here").scale_max == 5


def test_labels_from_most_to_least_are_said(home: Path) -> None:
    """A tool coded "Strongly agree" as 1; scored as it stood, the happiest wave was the worst one."""
    items = "column,kind,labels\nproud,likert,Strongly agree;Agree;Neutral;Disagree;Strongly disagree\n"
    assert find_order(["Strongly agree", "Agree", "Neutral", "Disagree", "Strongly disagree"]) == -1
    with desk(home) as here:
        receipt = here.take("respondent_id,proud\nr1,Agree\n", items)
        assert "run from most to least" in receipt.warnings[0]


@pytest.mark.parametrize("cell", ["N/A", "Don't know", "99"])
def test_not_applicable_is_neither_a_score_nor_a_blank(home: Path, cell: str) -> None:
    """99 once entered the mean of a scale from 1 to 5; a later fix dropped the answer, and the item looked unanswered."""
    items = "column,kind,scale_min,scale_max,na_codes\nproud,likert,1,5,99\n"
    with desk(home) as here:
        here.take(f"respondent_id,proud\nr1,{cell}\nr2,3\nr3,\n", items)
        assert here.scores("proud") == [50]
        assert here.ask("select count(*), count_if(not_applicable) from answers") == [(2, 1)]


def test_the_published_items_of_the_bfi_come_out(home: Path, reference: Path) -> None:
    """psych::describe prints for A1 n 2784 and mean 2.41; A1 is reversed, so its mean score is (6 - 2.41) / 5 x 100."""
    text = (reference / "psych-bfi" / "bfi.csv").read_text(encoding="utf-8")
    header = text.splitlines()[0].split(",")
    items = "column,kind,scale_min,scale_max,reverse\n" + "".join(
        f"{column},likert,1,6,{'yes' if column == 'A1' else 'no'}\n" for column in header if column[0].isupper()
    )
    with desk(home) as here:
        receipt = here.take(text, items, dimensions=("gender", "education", "age"))
        assert (receipt.new, receipt.problems) == (2800, ())
        counted = here.ask(
            """select items.column_name, count(code), round(avg(code), 2), round(avg(score), 1)
               from answers
               join wave_items as items using (wave, item_id)
               where column_name in ('A1', 'A2', 'A3', 'A4', 'A5')
               group by all
               order by 1"""
        )
        assert [row[:3] for row in counted] == [
            ("A1", 2784, 2.41), ("A2", 2773, 4.80), ("A3", 2774, 4.60), ("A4", 2781, 4.70), ("A5", 2784, 4.56),
        ]  # fmt: skip
        assert counted[0][3] == pytest.approx((6 - 2.41) / (6 - 1) * 100, abs=0.1)
