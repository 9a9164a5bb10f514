"""Tiles: numbers side by side, two in a row on a phone."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from report.models.page import Tile


def show_tiles(tiles: Sequence[Tile], *, columns: int = 3) -> None:
    """A grid of tiles of one height."""
    grid = st.grid(columns, min_column_width=158, border=True)
    for tile in tiles:
        with grid.container(gap="xsmall"):
            _show(tile)


def _show(tile: Tile) -> None:
    arrow: Literal["off", "up", "down"] = (
        "off" if tile.colour == "gray" else "up" if tile.chip.startswith(("above", "higher", "improved")) else "down"
    )
    # The label of st.metric is cut off in a narrow tile; this one wraps.
    st.markdown(f":small[{tile.label}]")
    st.metric(
        tile.label,
        tile.value,
        delta=tile.chip,
        delta_color=tile.colour,
        delta_arrow=arrow,
        label_visibility="collapsed",
    )
    if tile.glyph:
        st.image(tile.glyph, width="stretch", alt=tile.glyph_alt)
    st.caption("  \n".join(tile.caption))
