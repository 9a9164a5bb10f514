"""Charts of rows and cells: what is withheld is hatched and has no number, and colours are tokens until they are painted."""

import json
import re
from datetime import date
from typing import Any

import pandas as pd
import pytest

from metrics.metric import Unit
from report import tokens
from report.charts import Chart, Mark, bars, difference_matrix, dumbbell, gaps, likert, share_matrix, xmr
from report.numbers import MINUS, NBSP
from report.tokens import CONCERN, IMPROVE, MUTED, paint
from tests.figures import NAN, drawn, totals, weeks

TOKENS = {
    *tokens.SEGMENT,
    *tokens.AMOUNT,
    *tokens.VERDICT,
    tokens.INK,
    tokens.MUTED,
    tokens.GRID,
    tokens.PAPER,
    tokens.QUIET,
}


def colours(figure: dict[str, Any]) -> set[str]:
    return set(re.findall(r"#[0-9a-fA-F]{3,8}\b", json.dumps(figure)))


def words(chart: Chart) -> str:
    """Everything that can be read on a chart: numbers and notes, not the shape of marks."""
    figure = drawn(chart)
    notes = [note["text"] for note in figure["layout"].get("annotations", ())]
    return json.dumps([notes, [(trace.get("text"), trace.get("customdata")) for trace in figure["data"]]])


# Matrices


def matrix() -> Chart:
    """Two questions by the whole and two groups; Legal's answers are withheld."""
    #            whole   Care   Legal
    #   voice      60      72    ///
    #   safety     55      56    ///
    rows = [
        ("voice", "all", 0.60, 0.0, False, "shown"),
        ("voice", "Care", 0.72, 0.12, True, "shown"),
        ("voice", "Legal", NAN, NAN, False, "withheld"),
        ("safety", "all", 0.55, 0.0, False, "shown"),
        ("safety", "Care", 0.56, 0.01, False, "shown"),
        ("safety", "Legal", NAN, NAN, False, "withheld"),
    ]
    frame = pd.DataFrame(rows, columns=["row", "column", "value", "difference", "is_beyond", "status"])
    return difference_matrix(
        frame, rows=["voice", "safety"], columns=["all", "Care", "Legal"], heads=["Whole · 120", "Care · 64", "Legal"]
    )


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
        f"2{NBSP}questions by 2{NBSP}groups, share favourable. 1{NBSP}cell beyond chance, 2 withheld."
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
    assert numbers["text"] == ["<b>29</b>", "25"]
    assert numbers["customdata"] == ["r<br><b>29%</b><br>a", "r<br><b>25%</b><br>b"]


def test_shares_have_steps_and_an_absent_cell_is_empty_not_hatched() -> None:
    shares = {"a": 0.10, "b": 0.101, "c": 0.50, "d": 0.51}
    frame = pd.DataFrame([{"row": "r", "column": n, "value": v, "status": "shown"} for n, v in shares.items()])
    columns = [*shares, "nobody"]
    chart = share_matrix(frame, rows=["r"], columns=columns, heads=columns, what="Ties")
    assert drawn(chart)["data"][0]["z"] == [[0, 1, 3, 4, None]]
    assert len(drawn(chart)["data"]) == 2
    assert chart.alt == "Ties: 1 rows by 5 columns, 0 cells withheld."


# Rows


def groups() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"label": "Care", "value": 0.25, "verdict": "", "n": 64, "status": "shown"},
            {"label": "Legal", "value": NAN, "verdict": "", "n": NAN, "status": "withheld"},
            {"label": "Night", "value": NAN, "verdict": "", "n": NAN, "status": "no data"},
        ]
    )


def test_bars_hatch_what_is_withheld_and_leave_what_is_missing_empty() -> None:
    chart = bars(groups(), unit=Unit.SHARE)
    shown, hidden = drawn(chart)["data"]
    assert shown["x"] == [0.25, None, None]
    assert hidden["y"] == [1]
    assert hidden["marker"]["pattern"]["shape"] == "/"
    notes = [note["text"] for note in drawn(chart)["layout"]["annotations"]]
    assert notes[1::2] == ["25%", "withheld", "no data"]
    # The count of a withheld group would give it away.
    assert f"n{NBSP}64" in notes[0]
    assert [note.count(NBSP) for note in notes[2::2]] == [0, 0]
    assert chart.alt == "Care 25%. 1 withheld."


def test_a_hatched_bar_is_as_long_as_the_chart_and_says_no_size() -> None:
    _, hidden = drawn(bars(groups(), unit=Unit.SHARE, highest=1))["data"]
    assert hidden["x"] == [1]


def test_bars_of_nothing_but_withheld_groups() -> None:
    chart = bars(groups().iloc[1:2], unit=Unit.SHARE)
    assert chart.alt == "1 withheld."
    assert drawn(chart)["data"][0]["x"] == [None]


def wave(verdict: str, before: float, now: float) -> dict[str, Any]:
    return {
        "label": verdict,
        "before": before,
        "before_low": before - 4,
        "before_high": before + 4,
        "now": now,
        "low": now - 3,
        "high": now + 3,
        "verdict": verdict,
        "n": 118,
    }


def test_not_tested_differs_from_no_change() -> None:
    """In words, and in the line between the two waves: dotted where nothing was tested."""
    chart = dumbbell(
        pd.DataFrame(
            [
                wave("improved", 60, 71),
                wave("declined", 60, 52),
                wave("no detectable change", 70, 71),
                wave("not tested", 70, 81),
            ]
        ),
        unit=Unit.SHARE,
    )
    notes = drawn(chart)["layout"]["annotations"]
    assert [note["text"] for note in notes[1::2]] == [
        "▲ +11 improved",
        f"▼ {MINUS}8 declined",
        "+1 no detectable change",
        f"not tested (n{NBSP}118)",
    ]
    assert [note["font"]["color"] for note in notes[1::2]] == [IMPROVE, CONCERN, MUTED, MUTED]
    between = drawn(chart)["data"][2::5]
    assert [trace["line"]["dash"] for trace in between] == ["solid", "solid", "solid", "dot"]
    assert [trace["x"] for trace in between] == [[60, 71], [60, 52], [70, 71], [70, 81]]
    assert chart.alt == (f"4{NBSP}rows, before and now: 1 improved, 1 declined, 1 no detectable change, 1 not tested.")


def test_before_is_hollow_and_now_is_full() -> None:
    before, now = drawn(dumbbell(pd.DataFrame([wave("improved", 60, 71)]), unit=Unit.SHARE))["data"][3:]
    assert (before["x"], before["marker"]["symbol"]) == ([60], "circle-open")
    assert (now["x"], now["marker"]["symbol"]) == ([71], "circle")


LABELS = ("strongly unfavourable", "unfavourable", "neutral", "favourable", "strongly favourable")


def answers() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"label": "I am heard", "n": 40, "s0": 0.05, "s1": 0.10, "s2": 0.20, "s3": 0.40, "s4": 0.25},
            {"label": "It is safe", "n": NAN, "s0": NAN, "s1": NAN, "s2": NAN, "s3": NAN, "s4": NAN},
        ]
    )


def test_answers_are_laid_end_to_end_with_neutral_on_the_line() -> None:
    """5, 10, 20, 40, 25 %: the row starts at −(5 + 10 + 20/2), and half of neutral lies on either side of nought."""
    traces = drawn(likert(answers(), labels=LABELS))["data"]
    starts = [trace["base"][0] for trace in traces]
    assert starts == pytest.approx([-0.25, -0.25 + 0.05, -0.25 + 0.15, -0.25 + 0.35, -0.25 + 0.75])
    assert starts[2] == pytest.approx(-0.20 / 2)
    assert [trace["x"][0] for trace in traces] == [0.05, 0.10, 0.20, 0.40, 0.25]
    totals = [note["text"] for note in drawn(likert(answers(), labels=LABELS))["layout"]["annotations"]][1:3]
    assert totals == ["15%", "<b>65%</b>"]  # 5 + 10 and 40 + 25


def test_a_withheld_question_has_words_and_no_bar_or_number() -> None:
    chart = likert(answers(), labels=LABELS)
    assert all(trace["x"][1] is None and trace["base"][1] is None for trace in drawn(chart)["data"])
    notes = [note["text"] for note in drawn(chart)["layout"]["annotations"]][3:]
    assert notes == ["It is safe", "withheld: too few answered, or it would reveal them"]
    assert chart.alt == f"Answers to 2{NBSP}questions; most favourable: I am heard, 65%. 1 withheld."


def test_nothing_but_withheld_questions_name_none_as_the_most_favourable() -> None:
    chart = likert(answers().iloc[1:], labels=LABELS)
    assert chart.alt == f"Answers to 1{NBSP}question. 1 withheld."


# Colours

CHARTS = {
    "xmr": xmr(
        weeks([0.25, 0.1, 0.5, 0.3], verdict=["", "declined", "improved", ""], is_open=[False, False, False, True]),
        unit=Unit.SHARE,
        marks=[Mark("A", date(2026, 9, 9), "new chat tool")],
    ),
    "gaps": gaps(totals((1, 10.0), (2, 12.0)), unit=Unit.COUNT, names=["active"]),
    "difference_matrix": matrix(),
    "share_matrix": share_matrix(
        pd.DataFrame([{"row": "r", "column": "a", "value": 0.3, "status": "shown"}]),
        rows=["r"],
        columns=["a"],
        heads=["a"],
        what="Ties",
    ),
    "bars": bars(groups(), unit=Unit.SHARE),
    "dumbbell": dumbbell(pd.DataFrame([wave("improved", 60, 71), wave("not tested", 70, 81)]), unit=Unit.SHARE),
    "likert": likert(answers(), labels=LABELS),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_figure_names_tokens_and_no_colour(name: str) -> None:
    """A token may be followed by two digits of opacity."""
    assert {colour[:7] for colour in colours(drawn(CHARTS[name]))} <= TOKENS
    assert set(re.findall(r"rgba?\([^)]*\)", json.dumps(drawn(CHARTS[name])))) == {"rgba(0,0,0,0)"}


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("name", CHARTS)
def test_no_token_is_left_after_painting(name: str, mode: str) -> None:
    before, after = drawn(CHARTS[name]), paint(drawn(CHARTS[name]), mode)
    assert not {colour[:7] for colour in colours(after)} & TOKENS
    assert len(json.dumps(after)) == len(json.dumps(before))


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_as_high_as_it_says(name: str) -> None:
    assert drawn(CHARTS[name])["layout"]["height"] == CHARTS[name].height
