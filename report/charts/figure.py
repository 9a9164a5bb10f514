"""What every figure has in common: the layout, and the value that a page draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from metrics.metric import Unit
from report.tokens import GRID, INK, MUTED, PAPER

FORMATS = {Unit.SHARE: ".0%", Unit.MEAN: ".1f"}


@dataclass(frozen=True)
class Chart:
    """A figure that nobody changes any more, what it shows in words, and how high it is in pixels."""

    figure: go.Figure
    alt: str
    height: int


def make_chart(data: list[dict[str, Any]], layout: Mapping[str, Any], alt: str) -> Chart:
    """Validate a figure once and keep it."""
    return Chart(go.Figure(data=data, layout=dict(layout)), alt, int(layout["height"]))


def layout_of(height: int, **more: Any) -> dict[str, Any]:
    """The quiet layout: no grid, no axis line, no legend, no title; text in ink and muted."""
    axis = {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "fixedrange": True,
        "tickfont": {"size": 13, "color": MUTED},
        "title": None,
    }
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 0, "r": 0, "b": 0, "t": 8, "pad": 4},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 13, "color": INK},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "separators": ".,",
        "bargap": 0,
        "hoverlabel": {
            "bgcolor": PAPER,
            "bordercolor": MUTED,
            "font": {"size": 13, "color": INK},
            "namelength": 0,
            "align": "left",
        },
        "xaxis": axis | {"automargin": True},
        "yaxis": axis | {"automargin": True},
    }
    for name, given in more.items():
        base[name] = base[name] | given if isinstance(base.get(name), dict) else given
    return base


def scale_grid() -> dict[str, Any]:
    """Grid lines for an axis that values are read from."""
    return {"showgrid": True, "gridcolor": GRID, "gridwidth": 1}


def tick_format(unit: Unit) -> str:
    return FORMATS.get(unit, ",.0f")
