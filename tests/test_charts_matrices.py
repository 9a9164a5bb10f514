"""Matrices: colour only beyond chance, hatching without a number, and no difference between two withheld cells."""

import json
import re

import pandas as pd
import pytest

from report.charts import Chart, difference_matrix, share_matrix
from report.numbers import NBSP
from tests.figures import drawn, matrix


def words(chart: Chart) -> str:
    """Everything that can be read on a chart: numbers and notes, not the shape of marks."""
    figure = drawn(chart)
    notes = [note["text"] for note in figure["layout"].get("annotations", ())]
    return json.dumps([notes, [(trace.get("text"), trace.get("customdata")) for trace in figure["data"]]])


def test_withheld_cells_are_hatched_and_carry_no_number() -> None:
    figure = drawn(matrix())
    heat, hatch, numbers = figure["data"]
    assert heat["z"] == [[2, 4, None], [2, 2, None]]
    assert list(zip(numbers["x"], numbers["y"], numbers["text"], strict=True)) == [
        (0, 0, "<b>60</b>"),
        (1, 0, "72"),
        (0, 1, "<b>55</b>"),
        (1, 1, "56"),
    ]
    # The third column, from 1.5 to 2.5, in both rows.
    assert (hatch["base"], hatch["x"], hatch["y"]) == ([3 - 1 - 0.5] * 2, [1, 1], [0, 1])
    assert hatch["marker"]["pattern"]["shape"] == "/"
    assert "Legal" not in words(matrix())
    assert figure["layout"]["xaxis"]["ticktext"][2] == "Legal"


def test_two_withheld_cells_look_the_same() -> None:
    """Too few people, or hidden to protect another: one hover text for both, and it gives no count."""
    _, hatch, _ = drawn(matrix())["data"]
    assert isinstance(hatch["hovertemplate"], str)
    assert not re.search(r"\d", hatch["hovertemplate"])


def test_the_alt_text_counts_what_is_withheld() -> None:
    assert matrix().alt == (
        f"2{NBSP}questions by 2{NBSP}groups, share favourable. 1{NBSP}cell beyond chance, 2 withheld. "
        "Furthest from the whole: voice in Care, 72% against 60%."
    )


@pytest.mark.parametrize(
    ("difference", "is_beyond", "step"),
    [(-0.12, True, 0), (-0.05, True, 1), (0.30, False, 2), (-0.30, False, 2), (0.05, True, 3), (0.10, True, 4)],
)
def test_colour_is_only_for_what_is_beyond_chance(difference: float, is_beyond: bool, step: int) -> None:
    frame = pd.DataFrame(
        [
            {
                "row": "voice",
                "column": "Care",
                "value": 0.5,
                "difference": difference,
                "is_beyond": is_beyond,
                "status": "shown",
            }
        ]
    )
    chart = difference_matrix(frame, rows=["voice"], columns=["Care"], heads=["Care"])
    assert drawn(chart)["data"][0]["z"] == [[step]]


def test_a_cell_rounds_as_the_sentence_beside_it() -> None:
    """0.285 in a float is 28.499999999999996 %: 29 in the matrix as everywhere, and 0.245 is 25."""
    frame = pd.DataFrame(
        [
            {"row": "r", "column": name, "value": value, "status": "shown"}
            for name, value in (("a", 0.285), ("b", 0.245))
        ]
    )
    numbers = drawn(share_matrix(frame, rows=["r"], columns=["a", "b"], heads=["a", "b"], what="Shares"))["data"][-1]
    # No column of it is the whole, so none is bold.
    assert numbers["text"] == ["29", "25"]
    assert numbers["customdata"] == ["r<br><b>29%</b><br>a", "r<br><b>25%</b><br>b"]


def test_shares_have_steps_and_an_absent_cell_is_empty_not_hatched() -> None:
    shares = {"a": 0.10, "b": 0.101, "c": 0.50, "d": 0.51}
    frame = pd.DataFrame([{"row": "r", "column": n, "value": v, "status": "shown"} for n, v in shares.items()])
    columns = [*shares, "nobody"]
    chart = share_matrix(frame, rows=["r"], columns=columns, heads=columns, what="Ties")
    assert drawn(chart)["data"][0]["z"] == [[0, 1, 3, 4, None]]
    assert len(drawn(chart)["data"]) == 2
    assert chart.alt == f"Ties: 1{NBSP}row by 5{NBSP}columns, 0{NBSP}cells withheld. Largest: r, d: 51%."


def test_few_rows_stay_readable_under_heads_that_a_phone_turns() -> None:
    """Two rows and a head of 26 letters: 2 x 26 + 26 x 6.5 pixels, more than 2 x 34 + 40."""
    frame = pd.DataFrame([{"row": r, "column": "c", "value": 0.3, "status": "shown"} for r in ("r", "s")])
    long = share_matrix(frame, rows=["r", "s"], columns=["c"], heads=["c" * 26], what="Ties")
    assert long.height == 2 * 26 + 26 * 6.5
    short = share_matrix(frame, rows=["r", "s"], columns=["c"], heads=["c"], what="Ties")
    assert short.height == 2 * 34 + 40


def test_a_head_may_be_bold() -> None:
    assert drawn(matrix_of_one("<b>Whole</b> · 318"))["layout"]["xaxis"]["ticktext"] == ["<b>Whole</b> · 318"]


def matrix_of_one(head: str) -> Chart:
    frame = pd.DataFrame([{"row": "r", "column": "c", "value": 0.3, "status": "shown"}])
    return share_matrix(frame, rows=["r"], columns=["c"], heads=[head], what="Ties")
