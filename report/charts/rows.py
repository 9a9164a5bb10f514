"""Rows: plain bars, two waves side by side, and how a question was answered. Labels stand over their row, so a phone has room."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from metrics.metric import Unit
from report.charts.figure import Chart, layout_of, make_chart, scale_grid
from report.numbers import NBSP, percent, plural, signed, write_value
from report.tokens import CONCERN, IMPROVE, INK, MUTED, PAPER, VERDICT

COLOURS = {"improved": IMPROVE, "declined": CONCERN}
ARROWS = {"improved": "▲ ", "declined": "▼ "}
LIKERT = (VERDICT[1], VERDICT[3], MUTED + "59", VERDICT[6], VERDICT[8])


def bars(frame: pd.DataFrame, *, unit: Unit, highest: float | None = None) -> Chart:
    """One bar a row, in the order given: label, value (nan = withheld or no data), verdict, n, status, colour (optional token)."""
    known = frame["value"].dropna()
    top = highest or (float(known.max()) if len(known) else 1.0) or 1.0
    colours = [COLOURS.get(str(row.get("verdict")), row.get("colour") or MUTED) for row in frame.to_dict("records")]
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "x": [None if pd.isna(value) else value for value in frame["value"]],
            "y": list(range(len(frame))),
            "width": 0.34,
            "offset": -0.02,
            "marker": {"color": colours},
            "hoverinfo": "skip",
        }
    ]
    hidden = [place for place, status in enumerate(frame["status"]) if status == "withheld"]
    if hidden:
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "x": [top] * len(hidden),
                "y": hidden,
                "width": 0.34,
                "offset": -0.02,
                "marker": {
                    "color": PAPER,
                    "pattern": {"shape": "/", "fgcolor": MUTED + "99", "bgcolor": PAPER, "size": 6, "solidity": 0.22},
                },
                "hovertemplate": "withheld: too few people, or it would reveal a small group<extra></extra>",
            }
        )
    notes = []
    for place, row in enumerate(frame.to_dict("records")):
        said = {"withheld": "withheld", "no data": "no data"}.get(row["status"], write_value(row["value"], unit))
        n = "" if pd.isna(row["n"]) else f"  n{NBSP}{int(row['n']):,}"
        notes += _above(place, f"{row['label']}<span style='font-size:12px'>{n}</span>", said, INK)
    layout = layout_of(
        len(frame) * 48 + 8,
        barmode="overlay",
        xaxis={"visible": False, "range": [0, top * 1.02]},
        yaxis={"visible": False, "range": [len(frame) - 0.45, -0.55]},
        annotations=notes,
    )
    shown = "; ".join(
        f"{row['label']} {write_value(row['value'], unit)}"
        for row in frame.to_dict("records")
        if pd.notna(row["value"])
    )
    return make_chart(data, layout, f"{shown}. {len(hidden)} withheld." if shown else f"{len(hidden)} withheld.")


def dumbbell(frame: pd.DataFrame, *, unit: Unit) -> Chart:
    """Two waves: ○ before with a thin line for its margin, ● now with a pale bar.

    `frame`: label, before, before_low, before_high, now, low, high, verdict, n; values in the unit shown on the axis.
    """
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for place, row in enumerate(frame.to_dict("records")):
        colour = COLOURS.get(str(row["verdict"]), MUTED)
        y = place + 0.12
        dash = "dot" if row["verdict"] == "not tested" else "solid"
        data += [
            _segment(row["low"], row["high"], y, colour + "40", 10),
            _segment(row["before_low"], row["before_high"], y, MUTED + "80", 3),
            _segment(row["before"], row["now"], y, colour, 2, dash),
            _dot(row["before"], y, colour, "circle-open", f"{row['label']}<br>before: <b>%{{x:.0f}}</b>"),
            _dot(
                row["now"], y, colour, "circle", f"{row['label']}<br>now: <b>%{{x:.0f}}</b><br>n{NBSP}{int(row['n']):,}"
            ),
        ]
        notes += _above(
            place, f"<b>{row['label']}</b>", _verdict_words(row), colour if row["verdict"] in COLOURS else MUTED
        )
    numbers = pd.concat(
        [frame[name] for name in ("low", "high", "before_low", "before_high", "before", "now")]
    ).dropna()
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 100.0)
    pad = 0.06 * ((high - low) or 1)
    layout = layout_of(
        len(frame) * 52 + 30,
        xaxis={"range": [low - pad, high + pad], "nticks": 5} | scale_grid(),
        yaxis={"visible": False, "range": [len(frame) - 0.5, -0.6]},
        annotations=notes,
    )
    counted = frame["verdict"].value_counts()
    words = ", ".join(
        f"{counted.get(v, 0)} {v}" for v in ("improved", "declined", "no detectable change", "not tested")
    )
    return make_chart(data, layout, f"{plural(len(frame), 'row')}, before and now: {words}.")


def likert(frame: pd.DataFrame, *, labels: Sequence[str]) -> Chart:
    """How questions were answered, most favourable first: label, n, then s0 … s4: shares from least to most favourable (nan = withheld)."""
    shown = frame.reset_index(drop=True)
    data: list[dict[str, Any]] = []
    starts = -(shown["s0"] + shown["s1"] + shown["s2"] / 2)
    edge = starts.copy()
    for place, colour in enumerate(LIKERT):
        share = shown[f"s{place}"]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "base": [None if pd.isna(value) else value for value in edge],
                "x": [None if pd.isna(value) else value for value in share],
                "y": list(range(len(shown))),
                "width": 0.4,
                "offset": -0.08,
                "marker": {"color": colour},
                "customdata": list(shown["label"]),
                "hovertemplate": f"%{{customdata}}<br><b>%{{x:.0%}}</b> {labels[place]}<extra></extra>",
            }
        )
        edge = edge + share
    notes, shapes = [], []
    for place, row in enumerate(shown.to_dict("records")):
        text = (
            f"{row['label']}  <span style='font-size:12px'>n{NBSP}{int(row['n']):,}</span>"
            if pd.notna(row["n"])
            else row["label"]
        )
        notes.append(_note(0, place - 0.28, text, INK, "left") | {"xref": "paper"})
        if pd.isna(row["s0"]):
            notes.append(
                _note(0, place + 0.12, "withheld: too few answered, or it would reveal them", MUTED, "left")
                | {"xref": "paper"}
            )
            continue
        notes.append(_note(starts[place] - 0.012, place + 0.12, percent(row["s0"] + row["s1"]), CONCERN, "right"))
        notes.append(
            _note(edge[place] + 0.012, place + 0.12, f"<b>{percent(row['s3'] + row['s4'])}</b>", IMPROVE, "left")
        )
        shapes.append(
            {
                "type": "line",
                "x0": 0,
                "x1": 0,
                "y0": place - 0.08,
                "y1": place + 0.32,
                "line": {"color": INK, "width": 1.5},
            }
        )
    left, right = (
        float((starts.min() if starts.notna().any() else -0.5) - 0.1),
        float((edge.max() if edge.notna().any() else 0.5) + 0.1),
    )
    layout = layout_of(
        len(shown) * 54 + 8,
        barmode="overlay",
        xaxis={"visible": False, "range": [left, right]},
        yaxis={"visible": False, "range": [len(shown) - 0.4, -0.6]},
        annotations=notes,
        shapes=shapes,
    )
    known = shown[shown["s0"].notna()]
    best = (
        f"; most favourable: {known['label'].iloc[0]}, {percent(known['s3'].iloc[0] + known['s4'].iloc[0])}"
        if len(known)
        else ""
    )
    alt = f"Answers to {plural(len(shown), 'question')}{best}. {len(shown) - len(known)} withheld."
    return make_chart(data, layout, alt)


def _verdict_words(row: Mapping[Any, Any]) -> str:
    if row["verdict"] == "not tested":
        return f"not tested (n{NBSP}{int(row['n'])})"
    difference = signed(row["now"] - row["before"])
    return f"{ARROWS.get(row['verdict'], '')}{difference} {row['verdict']}"


def _above(place: int, label: str, words: str, colour: str) -> list[dict[str, Any]]:
    return [
        _note(0, place - 0.26, label, INK, "left") | {"xref": "paper", "bgcolor": PAPER},
        _note(1, place - 0.26, words, colour, "right") | {"xref": "paper", "bgcolor": PAPER},
    ]


def _note(x: float, y: float, text: str, colour: str, anchor: str) -> dict[str, Any]:
    return {
        "x": x,
        "y": y,
        "text": text,
        "xanchor": anchor,
        "yanchor": "middle",
        "showarrow": False,
        "align": anchor,
        "font": {"size": 13, "color": colour},
    }


def _segment(start: float, end: float, y: float, colour: str, width: int, dash: str = "solid") -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [start, end],
        "y": [y, y],
        "line": {"color": colour, "width": width, "dash": dash},
        "hoverinfo": "skip",
    }


def _dot(x: float, y: float, colour: str, symbol: str, hover: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [x],
        "y": [y],
        "marker": {"symbol": symbol, "size": 11, "color": colour, "line": {"color": colour, "width": 2}},
        "hovertemplate": hover + "<extra></extra>",
    }
