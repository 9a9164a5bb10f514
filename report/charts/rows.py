"""Rows: plain bars, two waves side by side, and an index beside what chance would give. Labels stand over their row, so a phone has room."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from metrics.metric import Unit
from report.charts.figure import WITHHELD, Chart, hatched, layout_of, make_chart, scale_grid, write_name
from report.numbers import NBSP, index, is_missing, plural, signed, write_result, write_value
from report.tokens import CONCERN, IMPROVE, INK, MUTED, PAPER

Row = Mapping[Any, Any]

COLOURS = {"improved": IMPROVE, "declined": CONCERN}
ARROWS = {"improved": "▲ ", "declined": "▼ "}
LONGEST_LABEL = 40
OVER, UNDER = 0.26, 0.14  # where words and marks of a row stand, in rows
TICK = 0.19
STATES = {"withheld": "withheld", "no data": "no data"}


def bars(frame: pd.DataFrame, *, unit: Unit, highest: float | None = None) -> Chart:
    """One bar a row, in the order given; withheld ones are hatched over the whole length, so that no size can be read.

    `frame`: label, value (nan = withheld or no data), verdict (improved and declined have colour), n, status;
    colour (a token, optional), low and high (where a row is banded: it has words and no bar). `highest` is the value of a full bar, by default the largest.
    """
    rows = frame.to_dict("records")
    known = frame["value"].dropna()
    top = highest or (float(known.max()) if len(known) else 1.0) or 1.0
    hidden = [place for place, row in enumerate(rows) if row["status"] == "withheld"]
    bar = {"type": "bar", "orientation": "h", "width": 0.34, "offset": -0.02}
    data: list[dict[str, Any]] = [
        bar
        | {
            "x": [None if is_missing(row["value"]) else row["value"] for row in rows],
            "y": list(range(len(rows))),
            "marker": {"color": [COLOURS.get(str(row["verdict"]), row.get("colour") or MUTED) for row in rows]},
            "customdata": [
                f"{write_name(row['label'])}<br><b>{write_value(row['value'], unit)}</b>{size_words(row['n'], '<br>')}"
                for row in rows
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        }
    ]
    if hidden:
        hover = f"{WITHHELD}<extra></extra>"
        data.append(bar | {"x": [top] * len(hidden), "y": hidden, "marker": hatched(), "hovertemplate": hover})
    notes = []
    for place, row in enumerate(rows):
        said = write_result(row, unit)
        notes += _above(
            place, f"{write_name(row['label'], LONGEST_LABEL)}{small(size_words(row['n'], '  '))}", said, INK
        )
    layout = layout_of(
        len(rows) * 48 + 8,
        barmode="overlay",
        xaxis={"visible": False, "range": [0, top]},
        yaxis={"visible": False, "range": [len(rows) - 0.45, -0.55]},
        annotations=notes,
    )
    shown = "; ".join(
        f"{row['label']} {write_result(row, unit)}"
        for row in rows
        if pd.notna(row["value"]) or row["status"] == "banded"
    )
    return make_chart(data, layout, f"{shown}. {len(hidden)} withheld." if shown else f"{len(hidden)} withheld.")


def dumbbell(frame: pd.DataFrame, *, unit: Unit) -> Chart:
    """Two waves: ○ before with a thin line for its margin, ● now with a pale bar for its own.

    `frame`: label, before, before_low, before_high, now, low, high (all on the axis: 0 to 100 for shares and scores,
    nan = withheld), verdict (improved, declined, no detectable change, not tested), n. `unit` writes the hover.
    """
    rows = frame.to_dict("records")
    strokes: dict[tuple[str, int, str], list[tuple[Any, Any, float]]] = {}
    notes: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        colour = COLOURS.get(str(row["verdict"]), MUTED)
        dash = "dot" if row["verdict"] == "not tested" else "solid"
        strokes.setdefault((colour + "40", 10, "solid"), []).append((row["low"], row["high"], place))
        strokes.setdefault((MUTED + "80", 3, "solid"), []).append((row["before_low"], row["before_high"], place))
        strokes.setdefault((colour, 2, dash), []).append((row["before"], row["now"], place))
        notes += _above(
            place,
            f"<b>{write_name(row['label'], LONGEST_LABEL)}</b>",
            _say_change(row),
            COLOURS.get(row["verdict"], MUTED),
        )
    # Wide strokes lie under thin ones, and the dots on top.
    ordered = sorted(strokes.items(), key=lambda stroke: -stroke[0][1])
    data = [draw_strokes(lines, *style) for style, lines in ordered]
    data += [_waves(rows, "before", unit, is_hollow=True), _waves(rows, "now", unit)]
    numbers = pd.concat(
        [frame[name] for name in ("low", "high", "before_low", "before_high", "before", "now")]
    ).dropna()
    low, high = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 100.0)
    pad = 0.06 * ((high - low) or 1)
    layout = layout_of(
        len(rows) * 52 + 30,
        xaxis={"range": [low - pad, high + pad], "nticks": 5} | scale_grid(),
        yaxis={"visible": False, "range": [len(rows) - 0.5, -0.6]},
        annotations=notes,
    )
    counted = frame["verdict"].value_counts()
    words = ", ".join(
        f"{counted.get(v, 0)} {v}" for v in ("improved", "declined", "no detectable change", "not tested")
    )
    return make_chart(data, layout, f"{plural(len(rows), 'row')}, before and now: {words}.")


def index_against_expected(frame: pd.DataFrame, *, words: Mapping[str, str], ends: tuple[str, str]) -> Chart:
    """An index from −1 to 1 beside what chance would give: ● observed, tick = expected, a line between.

    `frame`: label, value, expected (nan = withheld or no data), verdict, n, status. `words` say what a verdict means
    here ("declined": "more inward than chance"); a verdict without words is written as it is. `ends` name −1 and 1.
    """
    rows = frame.to_dict("records")
    strokes: dict[tuple[str, int, str], list[tuple[Any, Any, float]]] = {}
    notes: list[dict[str, Any]] = []
    for place, row in enumerate(rows):
        verdict = str(row["verdict"])
        colour = COLOURS.get(verdict, MUTED)
        said = STATES.get(row["status"], ARROWS.get(verdict, "") + words.get(verdict, verdict))
        strokes.setdefault((colour + "99", 3, "solid"), []).append((row["value"], row["expected"], place))
        notes += _above(place, f"<b>{write_name(row['label'], LONGEST_LABEL)}</b>", said, colour)
    ticks = [
        {
            "type": "line",
            "x0": row["expected"],
            "x1": row["expected"],
            "y0": place + UNDER - TICK,
            "y1": place + UNDER + TICK,
            "line": {"color": INK, "width": 2.5},
        }
        for place, row in enumerate(rows)
        if not is_missing(row["expected"])
    ]
    under = {"yref": "paper", "yanchor": "top", "yshift": -22, "font": {"size": 12, "color": MUTED}}
    notes += [
        _note(0, 0, f"← {ends[0]}", MUTED, "left") | {"xref": "paper"} | under,
        _note(1, 0, f"{ends[1]} →", MUTED, "right") | {"xref": "paper"} | under,
    ]
    layout = layout_of(
        len(rows) * 46 + 56,
        margin={"b": 46},
        xaxis={"range": [-1.04, 1.04], "tickvals": [-0.5, 0, 0.5], "ticktext": ["−0.5", "0", "+0.5"]} | scale_grid(),
        yaxis={"visible": False, "range": [len(rows) - 0.5, -0.6]},
        annotations=notes,
        shapes=ticks,
    )
    hidden = sum(row["status"] == "withheld" for row in rows)
    said_all = "; ".join(
        f"{row['label']} {index(row['value'])}, {index(row['expected'])} by chance, {words.get(row['verdict'], row['verdict'])}"
        for row in rows
        if not is_missing(row["value"])
    )
    data = [draw_strokes(lines, *style) for style, lines in strokes.items()]
    return make_chart([*data, _observed(rows)], layout, f"{said_all + '. ' if said_all else ''}{hidden} withheld.")


def _say_change(row: Row) -> str:
    if is_missing(row["now"]) or is_missing(row["before"]):
        return "withheld"
    if row["verdict"] == "not tested":
        n = size_words(row["n"], "")
        return f"not tested ({n})" if n else "not tested"
    return f"{ARROWS.get(row['verdict'], '')}{signed(row['now'] - row['before'])} {row['verdict']}"


def size_words(n: Any, before: str) -> str:
    return "" if is_missing(n) else f"{before}n{NBSP}{int(n):,}"


def small(text: str) -> str:
    return f"<span style='font-size:12px'>{text}</span>" if text else ""


def _above(place: int, label: str, words: str, colour: str) -> list[dict[str, Any]]:
    return [
        _note(0, place - OVER, label, INK, "left") | {"xref": "paper", "bgcolor": PAPER},
        _note(1, place - OVER, words, colour, "right") | {"xref": "paper", "bgcolor": PAPER},
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
        "borderpad": 0,
        "borderwidth": 0,
        "font": {"size": 13, "color": colour},
    }


def draw_strokes(
    lines: Sequence[tuple[Any, Any, float]], colour: str, width: int, dash: str = "solid"
) -> dict[str, Any]:
    """Every line of one look as one trace."""
    x: list[Any] = []
    y: list[float | None] = []
    for start, end, place in lines:
        if is_missing(start) or is_missing(end):
            continue
        x += [start, end, None]
        y += [place + UNDER, place + UNDER, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "connectgaps": False,
        "line": {"color": colour, "width": width, "dash": dash},
        "hoverinfo": "skip",
    }


def _waves(rows: Sequence[Row], name: str, unit: Unit, *, is_hollow: bool = False) -> dict[str, Any]:
    """The dots of one wave; a hollow one is filled with the paper, so that no line shows through."""
    hovers = [
        f"{write_name(row['label'])}<br>{name}: <b>{_write(row[name], unit)}</b>{'' if is_hollow else size_words(row['n'], '<br>')}"
        for row in rows
    ]
    return _dots(rows, name, hovers, is_hollow=is_hollow)


def _observed(rows: Sequence[Row]) -> dict[str, Any]:
    hovers = [
        f"{write_name(row['label'])}<br><b>{index(row['value'])}</b>, {index(row['expected'])} by chance{size_words(row['n'], '<br>')}"
        for row in rows
    ]
    return _dots(rows, "value", hovers)


def _dots(rows: Sequence[Row], name: str, hovers: Sequence[str], *, is_hollow: bool = False) -> dict[str, Any]:
    colours = [COLOURS.get(str(row["verdict"]), MUTED) for row in rows]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [None if is_missing(row[name]) else row[name] for row in rows],
        "y": [place + UNDER for place in range(len(rows))],
        "cliponaxis": False,
        "marker": {
            "symbol": "circle",
            "size": 11,
            "color": PAPER if is_hollow else colours,
            "line": {"color": colours, "width": 2},
        },
        "customdata": list(hovers),
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _write(value: Any, unit: Unit) -> str:
    """A value of the axis, where a share is 0 to 100."""
    return write_value(value if unit is not Unit.SHARE or is_missing(value) else value / 100, unit)
