"""What every figure has in common: the layout, the words in it, and the value that a page draws."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import plotly.graph_objects as go

from metrics.metric import Unit
from report.tokens import GRID, INK, MUTED, PAPER

FORMATS = {Unit.SHARE: ".0%", Unit.MEAN: ".1f"}
WITHHELD = "withheld: too few people, or it would reveal a small group"


class FrozenFigure(go.Figure):  # type: ignore[misc]  # plotly ships no types
    """A figure that was validated once and is never changed, so that a rerun sends it without copying it first.

    The copy that Plotly makes for each drawing costs 2 to 3 ms, most of it for a template; the page has its own.
    """

    def __init__(self, data: list[dict[str, Any]], layout: Mapping[str, Any]) -> None:
        super().__init__(data=data, layout={**layout, "template": {}})
        kept: dict[str, Any] = super().to_dict()
        kept["layout"].pop("template", None)
        self._kept: dict[str, Any] = kept

    def to_dict(self) -> dict[str, Any]:
        """The figure as it was built: shared, not to be changed."""
        kept: dict[str, Any] = self._kept
        return kept


@dataclass(frozen=True)
class Chart:
    """A figure that nobody changes any more, what it shows in words, and how high it is in pixels."""

    figure: FrozenFigure
    alt: str
    height: int


def make_chart(data: list[dict[str, Any]], layout: Mapping[str, Any], alt: str) -> Chart:
    """Validate a figure once and keep it."""
    return Chart(FrozenFigure(data, layout), alt, int(layout["height"]))


def write_name(name: object, width: int | None = None) -> str:
    """A name from the data as text of a figure, where Plotly would read `<a href=…>` as a link; cut to a width in characters."""
    text = str(name) if width is None else shorten(str(name), width, placeholder="…")
    return html.escape(text, quote=False)


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


def hatched() -> dict[str, Any]:
    """The marker of what is withheld."""
    return {
        "color": PAPER,
        "line": {"color": PAPER, "width": 2},
        "pattern": {"shape": "/", "fgcolor": MUTED + "99", "bgcolor": PAPER, "size": 6, "solidity": 0.22},
    }


def tick_format(unit: Unit) -> str:
    """How Plotly writes a value of a unit in a hover; halves may round the other way than in words, so never on a label."""
    return FORMATS.get(unit, ",.0f")
