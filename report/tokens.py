"""Colour tokens: figures name roles, the page or the report paints them.

Streamlit replaces these placeholder colours anywhere in a figure by the theme's chart colours, so one cached
figure is right in both modes. They are Streamlit's internals: a browser test reads a painted mark and
fails loudly should an upgrade change them. Reports have no page; `paint` does the same from config.toml.
"""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

SEGMENT = tuple(f"#0000{position:02d}" for position in range(1, 9))
INK = "#000009"
MUTED = "#000010"
AMOUNT = tuple(f"#0000{position:02d}" for position in range(11, 21))
VERDICT = tuple(f"#0000{position:02d}" for position in range(21, 31))
CONCERN = VERDICT[1]
IMPROVE = VERDICT[8]
GRID = "#000035"
PAPER = "#000038"
QUIET = "#000040"

# Sparklines and bullets are pictures, one for both papers: 3 to 1 on each.
GLYPH_MUTED = "#857c71"
GLYPH_CONCERN = "#c2622c"
GLYPH_IMPROVE = "#3f86c2"

CONFIG = Path(__file__).parent.parent / ".streamlit" / "config.toml"


@cache
def read_theme(mode: str) -> dict[str, Any]:
    """The colours of one mode, light or dark, as config.toml has them."""
    return dict(tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"][mode])


def paint(figure: dict[str, Any], mode: str) -> dict[str, Any]:
    """A figure with every token replaced by the colours of a mode, for reports. Raises KeyError for a mode without colours."""
    theme = read_theme(mode)
    colours = dict(zip((*SEGMENT, INK, MUTED), theme["chartCategoricalColors"], strict=True))
    colours |= dict(zip(AMOUNT, theme["chartSequentialColors"], strict=True))
    colours |= dict(zip(VERDICT, theme["chartDivergingColors"], strict=True))
    colours |= {GRID: theme["borderColor"], PAPER: theme["backgroundColor"], QUIET: theme["secondaryBackgroundColor"]}
    text = json.dumps(figure)
    for token, colour in colours.items():
        text = text.replace(token, colour)
    return dict(json.loads(text))
