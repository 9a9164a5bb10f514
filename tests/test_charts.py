"""Charts of rows and cells: what is withheld is hatched and has no number, and colours are tokens until they are painted."""

import json
import re
from datetime import date
from typing import Any

import pandas as pd
import pytest

from metrics.metric import Unit
from report import tokens
from report.charts import (
    Chart,
    Mark,
    bars,
    dumbbell,
    gaps,
    index_against_expected,
    likert,
    share_matrix,
    xmr,
)
from report.numbers import MINUS, NBSP
from report.tokens import CONCERN, IMPROVE, MUTED, PAPER, paint
from tests.figures import NAN, drawn, matrix, totals, weeks

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
    assert shown["customdata"][0] == f"Care<br><b>25%</b><br>n{NBSP}64"
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
    between = {t["line"]["dash"]: t["x"] for t in drawn(chart)["data"] if t["mode"] == "lines" and t["line"]["width"] == 2
               and t["line"]["color"] == MUTED}  # fmt: skip
    assert between == {"solid": [70, 71, None], "dot": [70, 81, None]}
    assert chart.alt == (f"4{NBSP}rows, before and now: 1 improved, 1 declined, 1 no detectable change, 1 not tested.")


def test_before_is_hollow_and_now_is_full() -> None:
    before, now = drawn(dumbbell(pd.DataFrame([wave("improved", 60, 71)]), unit=Unit.SHARE))["data"][-2:]
    assert (before["x"], before["marker"]["color"]) == ([60], PAPER)
    assert (now["x"], now["marker"]["color"]) == ([71], [IMPROVE])
    assert now["customdata"] == [f"improved<br>now: <b>71%</b><br>n{NBSP}118"]


def test_a_score_has_no_percent_sign() -> None:
    chart = dumbbell(pd.DataFrame([wave("improved", 60, 71)]), unit=Unit.SCORE)
    assert drawn(chart)["data"][-2]["customdata"] == ["improved<br>before: <b>60</b>"]


def test_a_withheld_wave_has_words_and_no_mark() -> None:
    chart = dumbbell(pd.DataFrame([wave("improved", 60, 71), wave("", NAN, NAN) | {"n": NAN}]), unit=Unit.SHARE)
    assert [trace["x"][1] for trace in drawn(chart)["data"][-2:]] == [None, None]
    assert drawn(chart)["layout"]["annotations"][3]["text"] == "withheld"


def ties() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"label": "Estates", "value": -0.42, "expected": 0.80, "verdict": "declined", "n": 44, "status": "final"},
            {"label": "Care", "value": 0.55, "expected": 0.64, "verdict": "not tested", "n": 12, "status": "final"},
            {"label": "Legal", "value": NAN, "expected": NAN, "verdict": "", "n": NAN, "status": "withheld"},
        ]
    )


def index_chart() -> Chart:
    return index_against_expected(
        ties(), words={"declined": "more inward than chance"}, ends=("all ties inside", "all outside")
    )


def test_an_index_stands_beside_what_chance_would_give() -> None:
    figure = drawn(index_chart())
    assert figure["data"][-1]["x"] == [-0.42, 0.55, None]
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [0.80, 0.64]
    notes = [note["text"] for note in figure["layout"]["annotations"]]
    assert notes[1::2][:3] == ["▼ more inward than chance", "not tested", "withheld"]
    assert notes[-2:] == ["← all ties inside", "all outside →"]
    assert index_chart().alt == (
        f"Estates {MINUS}0.42, +0.80 by chance, more inward than chance; Care +0.55, +0.64 by chance, not tested. 1 withheld."
    )


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


def test_a_long_wording_is_wrapped_and_its_row_is_as_much_higher() -> None:
    """Two lines of at most 50 letters: one line of 17 pixels more, and the bar of the next row is lower by it."""
    short, long = (
        answers().iloc[:1],
        answers().iloc[:1].assign(label="When something goes wrong I can say so in front of others"),
    )
    one, two = (likert(pd.concat([frame, short]), labels=LABELS) for frame in (short, long))
    assert two.height - one.height == 17
    note = drawn(two)["layout"]["annotations"][0]["text"]
    assert note.startswith("When something goes wrong I can say so in front of<br>others  <span")
    lower = [drawn(chart)["data"][0]["y"][1] for chart in (one, two)]
    assert lower[1] - lower[0] == 17


# Names

LINK = '<a href="https://example.org">R&D</a>'


@pytest.mark.parametrize(
    "chart",
    [
        bars(groups().assign(label=LINK), unit=Unit.SHARE),
        dumbbell(pd.DataFrame([wave("improved", 60, 71) | {"label": LINK}]), unit=Unit.SHARE),
        likert(answers().assign(label=LINK), labels=LABELS),
        index_against_expected(ties().assign(label=LINK), words={}, ends=("", "")),
        gaps(
            pd.DataFrame(
                {"name": [LINK], "period_start": date(2026, 11, 2), "period_end": date(2026, 11, 8), "value": 1.0}
            ),
            unit=Unit.COUNT,
            names=[LINK],
        ),
        share_matrix(
            pd.DataFrame([{"row": LINK, "column": LINK, "value": 0.3, "status": "shown"}]),
            rows=[LINK],
            columns=[LINK],
            heads=[LINK],
            what="Ties",
        ),
    ],
    ids=["bars", "dumbbell", "likert", "index", "gaps", "share_matrix"],
)
def test_a_name_from_the_data_is_text_and_never_a_link(chart: Chart) -> None:
    """Plotly would draw `<a href=…>` in a group's name as a link."""
    assert "<a " not in json.dumps(drawn(chart))


# Colours

CHARTS = {
    "xmr": xmr(
        weeks(
            [0.25, 0.1, 0.5, 0.3],
            verdict=["", "declined", "improved", ""],
            direction=["", "down", "up", ""],
            is_open=[False] * 3 + [True],
        ),
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
    "index_against_expected": index_chart(),
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


@pytest.mark.parametrize("name", CHARTS)
def test_a_figure_is_sent_as_it_was_built(name: str) -> None:
    """Neither copied nor validated again for each rerun, and without a template: the page has its own."""
    figure = CHARTS[name].figure
    assert figure.to_dict() is figure.to_dict()
    assert "template" not in figure.to_dict()["layout"]
