"""How questions were answered: bars laid end to end around neutral, the wording over its row."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import pandas as pd

from report.charts.figure import Chart, layout_of, make_chart, write_name
from report.numbers import NBSP, is_missing, percent, plural
from report.tokens import CONCERN, IMPROVE, INK, MUTED, VERDICT

LIKERT = (VERDICT[1], VERDICT[3], MUTED + "59", VERDICT[6], VERDICT[8])
ROW, BAR, LINE = 54, 20, 17  # pixels
LINE_WIDTH = 50  # characters that a phone has room for
LEFT, RIGHT = 36, 40  # pixels for the totals, so that they are never cut
SHARES = ("s0", "s1", "s2", "s3", "s4")


def likert(frame: pd.DataFrame, *, labels: Sequence[str]) -> Chart:
    """How questions were answered, in the order given, the most favourable first.

    `frame`: label (the wording), n, s0 … s4: shares from the least to the most favourable answer (0 to 1, nan = withheld).
    `labels` name the five answers. Wordings of more than a line are wrapped, and their rows are as much higher.
    """
    shown = frame.reset_index(drop=True)
    words = [_wording(row["label"], row["n"]) for row in shown.to_dict("records")]
    heights = [ROW + LINE * (len(lines) - 1) for lines in words]
    tops = [sum(heights[:place]) for place in range(len(heights))]
    # The axis is in pixels: words and bars of rows of any height stand where they are meant to.
    middles = [top + LINE * len(lines) + 6 + BAR / 2 for top, lines in zip(tops, words, strict=True)]
    starts = -(shown["s0"] + shown["s1"] + shown["s2"] / 2)
    data, edge = [], starts.copy()
    for name, label, colour in zip(SHARES, labels, LIKERT, strict=True):
        data.append(_bar(edge, shown[name], middles, label, colour) | {"customdata": _hovers(shown, name)})
        edge = edge + shown[name]
    notes, shapes = [], []
    for row, lines, top, middle, start, end in zip(
        shown.to_dict("records"), words, tops, middles, starts, edge, strict=True
    ):
        notes.append(_note("<br>".join(lines), top, INK, "left", "top") | {"x": 0, "xref": "paper", "xshift": -LEFT})
        if is_missing(row["s0"]):
            hidden = _note("withheld: too few answered, or it would reveal them", middle, MUTED, "left")
            notes.append(hidden | {"x": 0, "xref": "paper", "xshift": -LEFT})
            continue
        notes.append(_note(percent(row["s0"] + row["s1"]), middle, CONCERN, "right") | {"x": start, "xshift": -2})
        favourable = f"<b>{percent(row['s3'] + row['s4'])}</b>"
        notes.append(_note(favourable, middle, IMPROVE, "left") | {"x": end, "xshift": 2})
        shapes.append(_neutral(middle))
    known = shown[shown["s0"].notna()]
    layout = layout_of(
        sum(heights) + 8,
        barmode="overlay",
        margin={"l": LEFT, "r": RIGHT},
        xaxis={
            "visible": False,
            "range": [float(starts.min()), float(edge.max())] if len(known) else [-0.5, 0.5],
        },
        yaxis={"visible": False, "range": [sum(heights), 0]},
        annotations=notes,
        shapes=shapes,
    )
    best = (
        f"; most favourable: {known['label'].iloc[0]}, {percent(known['s3'].iloc[0] + known['s4'].iloc[0])}"
        if len(known)
        else ""
    )
    alt = f"Answers to {plural(len(shown), 'question')}{best}. {len(shown) - len(known)} withheld."
    return make_chart(data, layout, alt)


def _wording(label: object, n: Any) -> list[str]:
    """The lines of a wording, with n after the last."""
    lines = [write_name(line) for line in wrap(str(label), LINE_WIDTH)] or [""]
    if not is_missing(n):
        lines[-1] += f"  <span style='font-size:12px'>n{NBSP}{int(n):,}</span>"
    return lines


def _bar(base: pd.Series, share: pd.Series, middles: Sequence[float], label: str, colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "base": [None if pd.isna(value) else value for value in base],
        "x": [None if pd.isna(value) else value for value in share],
        "y": list(middles),
        "width": BAR,
        "marker": {"color": colour},
        "hovertemplate": f"%{{customdata[0]}}<br><b>%{{customdata[1]}}</b> {label}<extra></extra>",
    }


def _hovers(shown: pd.DataFrame, name: str) -> list[list[str]]:
    """The wording and the share of a part, rounded as everywhere; nothing of what is withheld."""
    return [
        [write_name(row["label"], 80), "" if is_missing(row[name]) else percent(row[name])]
        for row in shown.to_dict("records")
    ]


def _neutral(middle: float) -> dict[str, Any]:
    """The line through neutral, drawn for each row, so that it crosses no wording."""
    half = BAR / 2
    return {
        "type": "line",
        "x0": 0,
        "x1": 0,
        "y0": middle - half,
        "y1": middle + half,
        "line": {"color": INK, "width": 1.5},
    }


def _note(text: str, y: float, colour: str, anchor: str, upright: str = "middle") -> dict[str, Any]:
    return {
        "y": y,
        "text": text,
        "xanchor": anchor,
        "yanchor": upright,
        "showarrow": False,
        "align": anchor,
        "borderpad": 0,
        "borderwidth": 0,
        "font": {"size": 13, "color": colour},
    }
