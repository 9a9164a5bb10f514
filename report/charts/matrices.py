"""Matrices: questions by groups, and groups by groups. What is withheld is hatched, and nothing tells two hatched cells apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from metrics.metric import Unit
from report.charts.figure import WITHHELD, Chart, hatched, layout_of, make_chart, write_name
from report.numbers import is_missing, percent, plural, write_result
from report.tokens import AMOUNT, INK, PAPER, QUIET, VERDICT

Cell = Mapping[Any, Any]

ROW = 34
HEAD = 40
LEAST_ROW = 26
LONGEST_HEAD = 26
LETTER = 6.5  # pixels
# Fill and text of a difference: two steps down, neutral, two steps up.
DIFFERENCE = ((VERDICT[1], PAPER), (VERDICT[3], INK), (QUIET, INK), (VERDICT[6], INK), (VERDICT[8], PAPER))
# Fill and text of a share: up to 10, 20, 30, 50 %, and beyond.
SHARE = ((QUIET, INK), (AMOUNT[1], INK), (AMOUNT[3], INK), (AMOUNT[6], PAPER), (AMOUNT[8], PAPER))
STEPS = (0.10, 0.20, 0.30, 0.50)
BIG_DIFFERENCE = 0.10


def difference_matrix(
    frame: pd.DataFrame, *, rows: Sequence[str], columns: Sequence[str], heads: Sequence[str]
) -> Chart:
    """Numbers coloured only where they differ from the whole beyond chance.

    `frame`: row, column, value (0 to 1, nan where there is none), difference (from the whole), is_beyond, status,
    low and high (where a cell is banded).
    The first column is the whole. `heads` are the texts over the columns; `<b>` is kept in them.
    """
    cells = _grid(frame, rows, columns)
    step = [[_step(cell) for cell in line] for line in cells]
    hidden = sum(1 for line in cells for cell in line if cell is not None and cell["status"] == "withheld")
    beyond = sum(1 for line in cells for cell in line if cell is not None and bool(cell["is_beyond"]))
    alt = (
        f"{plural(len(rows), 'question')} by {plural(len(columns) - 1, 'group')}, share favourable. "
        f"{plural(beyond, 'cell')} beyond chance, {hidden} withheld."
    )
    return _matrix(cells, step, DIFFERENCE, rows, heads, alt + _furthest(cells), is_whole_first=True)


def share_matrix(
    frame: pd.DataFrame, *, rows: Sequence[str], columns: Sequence[str], heads: Sequence[str], what: str
) -> Chart:
    """Shares, a stronger colour for a larger one. `frame`: row, column, value, status."""
    cells = _grid(frame, rows, columns)
    step: list[list[int | None]] = [
        [None if cell is None or is_missing(cell["value"]) else sum(cell["value"] > s for s in STEPS) for cell in line]
        for line in cells
    ]
    hidden = sum(1 for line in cells for cell in line if cell is not None and cell["status"] == "withheld")
    known = [cell for line in cells for cell in line if cell is not None and not is_missing(cell["value"])]
    largest = max(known, key=lambda cell: cell["value"], default=None)
    alt = f"{what}: {plural(len(rows), 'row')} by {plural(len(columns), 'column')}, {plural(hidden, 'cell')} withheld."
    if largest is not None:
        alt += f" Largest: {largest['row']}, {largest['column']}: {percent(largest['value'])}."
    return _matrix(cells, step, SHARE, rows, heads, alt)


def hatch(places: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Withheld cells [(column, row)] of a matrix on numeric axes, as one trace."""
    return {
        "type": "bar",
        "orientation": "h",
        "base": [column - 0.5 for column, _ in places],
        "x": [1] * len(places),
        "y": [row for _, row in places],
        "width": 1,
        "marker": hatched(),
        "hovertemplate": f"{WITHHELD}<extra></extra>",
    }


def _grid(frame: pd.DataFrame, rows: Sequence[str], columns: Sequence[str]) -> list[list[Cell | None]]:
    found = {(row["row"], row["column"]): row for row in frame.to_dict("records")}
    return [[found.get((row, column)) for column in columns] for row in rows]


def _step(cell: Cell | None) -> int | None:
    if cell is None or (is_missing(cell["value"]) and cell["status"] != "banded"):
        return None
    if not cell["is_beyond"] or is_missing(cell["difference"]):
        return 2
    size = 2 if abs(cell["difference"]) >= BIG_DIFFERENCE else 1
    return 2 + size if cell["difference"] > 0 else 2 - size


def _say(cell: Cell) -> str:
    return write_result(cell, Unit.SHARE)


def _furthest(cells: list[list[Cell | None]]) -> str:
    """The cell that lies furthest from the whole beyond chance, in words."""
    found = [(line[0], cell) for line in cells for cell in line if cell is not None and cell["is_beyond"]]
    whole, cell = max(found, key=lambda pair: abs(pair[1]["difference"]), default=(None, None))
    if whole is None or cell is None or is_missing(whole["value"]):
        return ""
    return (
        f" Furthest from the whole: {cell['row']} in {cell['column']}, "
        f"{percent(cell['value'])} against {percent(whole['value'])}."
    )


def _head(text: str) -> str:
    written = write_name(text, LONGEST_HEAD + text.count("<b>") * len("<b></b>"))
    return written.replace("&lt;b&gt;", "<b>").replace("&lt;/b&gt;", "</b>")


def _height(rows: int, heads: Sequence[str]) -> int:
    """Rows and a line of heads; enough for rows that can be read where the heads are turned on a phone."""
    turned = max((len(head) for head in heads), default=0) * LETTER
    return round(max(rows * ROW + HEAD, rows * LEAST_ROW + turned))


def _matrix(
    cells: list[list[Cell | None]],
    step: list[list[int | None]],
    palette: Sequence[tuple[str, str]],
    rows: Sequence[str],
    heads: Sequence[str],
    alt: str,
    *,
    is_whole_first: bool = False,
) -> Chart:
    width, height = len(heads), len(rows)
    names = [write_name(row, LONGEST_HEAD) for row in rows]
    tops = [_head(head) for head in heads]
    scale = [
        pair
        for place, (fill, _) in enumerate(palette)
        for pair in ((place / len(palette), fill), ((place + 1) / len(palette), fill))
    ]
    heat = {
        "type": "heatmap",
        "x": list(range(width)),
        "y": list(range(height)),
        "z": step,
        "zmin": -0.5,
        "zmax": len(palette) - 0.5,
        "colorscale": scale,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "hoverinfo": "skip",
    }
    shown = [(c, r, cells[r][c], step[r][c]) for r in range(height) for c in range(width)]
    numbered = [(c, r, cell, s) for c, r, cell, s in shown if s is not None and cell is not None]
    numbers = {
        "type": "scatter",
        "mode": "text",
        "x": [c for c, *_ in numbered],
        "y": [r for _, r, *_ in numbered],
        "text": [
            f"<b>{_say(cell).rstrip('%')}</b>" if is_whole_first and c == 0 else _say(cell).rstrip("%")
            for c, _, cell, _ in numbered
        ],
        "textfont": {"size": 14, "color": [palette[s][1] for *_, s in numbered]},
        "customdata": [f"{names[r]}<br><b>{_say(cell)}</b><br>{tops[c]}" for c, r, cell, _ in numbered],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
    }
    hidden = [(c, r) for c, r, cell, _ in shown if cell is not None and cell["status"] == "withheld"]
    layout = layout_of(
        _height(height, heads),
        barmode="overlay",
        xaxis={
            "side": "top",
            "tickvals": list(range(width)),
            "ticktext": tops,
            "autotickangles": [0, -90],
            "range": [-0.5, width - 0.5],
            "tickfont": {"size": 13, "color": INK},
        },
        yaxis={
            "tickvals": list(range(height)),
            "ticktext": names,
            "range": [height - 0.5, -0.5],
            "tickfont": {"size": 13, "color": INK},
        },
    )
    return make_chart([heat, *([hatch(hidden)] if hidden else []), numbers], layout, alt)
