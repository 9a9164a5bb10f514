"""Differences: bars to both sides of one zero line, in points. Labels stand over their row, so a phone has room."""

from typing import Any

import pandas as pd

from report.charts.figure import Chart, layout_of, make_chart, write_name
from report.charts.rows import ARROWS, COLOURS, LONGEST_LABEL, OVER, draw_strokes, size_words, small
from report.numbers import is_missing, plural, signed
from report.tokens import GRID, INK, MUTED, PAPER


def differences(frame: pd.DataFrame, *, reach: float = 0.0, digits: int = 0, unit: str = "points") -> Chart:
    """One bar a row from a common zero, in the order given; a thin line for the 95 % margin where there is one.

    `frame`: label, value, low, high (in `unit`, written with `digits` decimals; nan = none), verdict (improved and declined have colour), n (nan = not said).
    The axis goes at least `reach` to both sides, so that small differences look small.
    """
    rows = frame.to_dict("records")
    numbers = pd.concat([frame[name] for name in ("value", "low", "high")]).dropna()
    low, high = min([*numbers, 0.0, -reach]), max([*numbers, 0.0, reach])
    pad = 0.06 * ((high - low) or 1)
    colours = [COLOURS.get(str(row["verdict"]), MUTED) for row in rows]
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "width": 0.3,
            "offset": -0.01,
            "x": [None if is_missing(row["value"]) else row["value"] for row in rows],
            "y": list(range(len(rows))),
            "marker": {"color": colours},
            "customdata": [
                f"{write_name(row['label'])}<br><b>{signed(row['value'], digits)}</b>{size_words(row['n'], '<br>')}"
                for row in rows
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        draw_strokes([(row["low"], row["high"], place) for place, row in enumerate(rows)], INK, 2),
    ]
    notes = []
    for place, (row, colour) in enumerate(zip(rows, colours, strict=True)):
        said = " ".join(word for word in (signed(row["value"], digits), str(row["verdict"])) if word)
        words = f"{ARROWS.get(str(row['verdict']), '')}{said}"
        notes += [
            _note(
                0,
                place,
                f"<b>{write_name(row['label'], LONGEST_LABEL)}</b>{small(size_words(row['n'], '  '))}",
                INK,
                "left",
            ),
            _note(1, place, words, colour, "right"),
        ]
    layout = layout_of(
        len(rows) * 48 + 12,
        xaxis={"visible": False, "range": [low - pad, high + pad]},
        yaxis={"visible": False, "range": [len(rows) - 0.45, -0.55]},
        annotations=notes,
        shapes=[
            {
                "type": "line",
                "x0": 0,
                "x1": 0,
                "y0": place - 0.05,
                "y1": place + 0.33,
                "line": {"color": GRID, "width": 2},
            }
            for place in range(len(rows))
        ],
    )
    said_all = "; ".join(f"{row['label']} {signed(row['value'], digits)} {row['verdict']}".rstrip() for row in rows)
    return make_chart(data, layout, f"{plural(len(rows), 'difference')} in {unit}: {said_all}.")


def _note(x: float, place: int, text: str, colour: str, anchor: str) -> dict[str, Any]:
    return {
        "x": x,
        "xref": "paper",
        "y": place - OVER,
        "text": text,
        "xanchor": anchor,
        "yanchor": "middle",
        "showarrow": False,
        "align": anchor,
        "borderpad": 0,
        "borderwidth": 0,
        "bgcolor": PAPER,
        "font": {"size": 13, "color": colour},
    }
