"""The theme, measured: contrast as WCAG 2.2 counts it, and how far apart the chart colours are for every kind of eye.

Everything is recomputed from config.toml, so a colour that is changed there is judged by the next run.
"""

import tomllib
from itertools import combinations

import numpy as np
import pytest

from report.charts.matrices import DIFFERENCE, SHARE
from report.tokens import (
    AMOUNT,
    CONFIG,
    GLYPH_CONCERN,
    GLYPH_IMPROVE,
    GLYPH_MUTED,
    INK,
    MUTED,
    PAPER,
    SEGMENT,
    VERDICT,
    paint,
    read_theme,
)

MODES = ("light", "dark")
TEXT = 4.5  # WCAG 1.4.3: text
MARK = 3.0  # WCAG 1.4.11: marks of a chart, and controls
CAPTION = 0.6  # the share of the text's colour in which Streamlit draws captions
APART = 0.09  # OKLab; Okabe and Ito's eight colours are .076 apart at worst, Streamlit's own .025

# Linear RGB to cone responses and on to lightness and two opponent axes (Ottosson 2020, OKLab).
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
# What an eye without one kind of cone sees, on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
EYES = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def linear(colour: str) -> np.ndarray:
    """#rrggbb as linear RGB, 0 to 1."""
    shares = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    light = sorted(float(linear(colour) @ (0.2126, 0.7152, 0.0722)) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def mixed(colour: str, paper: str, share: float) -> str:
    """A colour drawn with an opacity on a paper."""
    parts = [round(share * int(colour[p : p + 2], 16) + (1 - share) * int(paper[p : p + 2], 16)) for p in (1, 3, 5)]
    return "#" + "".join(f"{part:02x}" for part in parts)


def distance(one: str, other: str, eye: str) -> float:
    """Distance in OKLab as this eye sees the two."""
    seen = [np.clip(EYES[eye] @ linear(colour), 0, 1) for colour in (one, other)]
    first, second = (OKLAB @ np.cbrt(CONES @ colour) for colour in seen)
    return float(np.linalg.norm(first - second))


def painted(tokens: list[str], mode: str) -> list[str]:
    return list(paint({"colours": tokens}, mode)["colours"])


def test_the_arithmetic_of_contrast_and_distance() -> None:
    """Black on white is 21 to 1 by definition; black is one lightness away from white for every eye."""
    assert contrast("#000000", "#ffffff") == pytest.approx((1 + 0.05) / (0 + 0.05))
    assert contrast("#ffffff", "#000000") == contrast("#000000", "#ffffff")
    for eye in EYES:
        assert distance("#000000", "#ffffff", eye) == pytest.approx(1, abs=1e-3)
    # Red and green of equal luminance differ in hue only, which a protan eye hardly sees.
    assert distance("#c00000", "#007000", "protan") < distance("#c00000", "#007000", "normal") / 2


@pytest.mark.parametrize(("mode", "least"), [("light", (17.4, 4.6, 7.1, 6.2)), ("dark", (14.6, 5.9, 10.8, 7.2))])
def test_words_are_read_on_every_ground(mode: str, least: tuple[float, ...]) -> None:
    """Text, captions (text at 60 %), links, and table heads; each well above 4.5."""
    theme = read_theme(mode)
    paper, text = theme["backgroundColor"], theme["textColor"]
    measured = (
        contrast(text, paper),
        contrast(mixed(text, paper, CAPTION), paper),
        contrast(theme["linkColor"], paper),
        contrast(theme["dataframeHeaderTextColor"], theme["dataframeHeaderBackgroundColor"]),
    )
    for found, wanted in zip(measured, least, strict=True):
        assert found >= max(wanted, TEXT)
    for ground in (theme["secondaryBackgroundColor"], theme["sidebar"]["backgroundColor"]):
        assert contrast(text, ground) >= TEXT


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["blue", "orange", "gray", "green", "red", "yellow", "violet"])
def test_chips_are_read(mode: str, name: str) -> None:
    """Coloured words on their own ground and on the page, as badges and deltas draw them."""
    theme = read_theme(mode)
    assert contrast(theme[f"{name}TextColor"], theme[f"{name}BackgroundColor"]) >= 6.0
    assert contrast(theme[f"{name}TextColor"], theme["backgroundColor"]) >= TEXT


@pytest.mark.parametrize(("mode", "on_page"), [("light", 7.1), ("dark", 3.8)])
def test_the_primary_button_is_seen_and_read(mode: str, on_page: float) -> None:
    theme = read_theme(mode)
    assert contrast("#ffffff", theme["primaryColor"]) >= TEXT
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= max(on_page, MARK)


@pytest.mark.parametrize("mode", MODES)
def test_every_mark_stands_out_from_the_paper(mode: str) -> None:
    paper = read_theme(mode)["backgroundColor"]
    for colour in painted([*SEGMENT, INK, MUTED, VERDICT[1], VERDICT[8]], mode):
        assert contrast(colour, paper) >= MARK
    # Axis text, and the words of a verdict, are text.
    for colour in painted([MUTED, VERDICT[1], VERDICT[8]], mode):
        assert contrast(colour, paper) >= TEXT


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("glyph", [GLYPH_MUTED, GLYPH_CONCERN, GLYPH_IMPROVE])
def test_one_picture_serves_both_papers(mode: str, glyph: str) -> None:
    assert contrast(glyph, read_theme(mode)["backgroundColor"]) >= MARK


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("palette", [DIFFERENCE, SHARE], ids=["difference", "share"])
def test_numbers_in_cells_are_read_on_their_fill(mode: str, palette: tuple[tuple[str, str], ...]) -> None:
    for pair in palette:
        fill, text = painted(list(pair), mode)
        assert contrast(text, fill) >= TEXT, pair


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", MODES)
def test_no_two_chart_colours_are_mistaken_for_each_other(mode: str, eye: str) -> None:
    """Any two of eight segments, ink and muted, for eyes with all cones and without one kind."""
    colours = painted([*SEGMENT, INK, MUTED], mode)
    assert min(distance(one, other, eye) for one, other in combinations(colours, 2)) >= APART


def test_how_far_apart_the_chart_colours_are() -> None:
    """The figures that the documents state, so that a change of palette changes them too."""
    stated = {"light": (0.115, 0.099, 0.099, 0.100), "dark": (0.122, 0.107, 0.107, 0.109)}
    for mode, wanted in stated.items():
        colours = painted([*SEGMENT, INK, MUTED], mode)
        found = [min(distance(a, b, eye) for a, b in combinations(colours, 2)) for eye in EYES]
        assert found == pytest.approx(wanted, abs=0.001)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("mode", MODES)
def test_better_and_worse_differ_for_every_eye(mode: str, eye: str) -> None:
    worse, better, muted = painted([VERDICT[1], VERDICT[8], MUTED], mode)
    # At worst .08, which is why a shape and a word always go with the colour.
    assert min(distance(a, b, eye) for a, b in combinations((worse, better, muted), 2)) >= 0.078


@pytest.mark.parametrize("mode", MODES)
def test_a_stronger_colour_is_a_larger_share(mode: str) -> None:
    """Away from the paper step by step: the sequence never turns back."""
    paper = read_theme(mode)["backgroundColor"]
    steps = [contrast(colour, paper) for colour in painted(list(AMOUNT), mode)]
    assert steps == sorted(steps)


def test_both_modes_name_the_same_colours() -> None:
    theme = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
    assert set(theme["light"]) == set(theme["dark"])


def test_paint_takes_every_token_and_nothing_else() -> None:
    figure = {"fill": MUTED + "26", "lines": [PAPER, INK, "rgba(0,0,0,0)", "#c2622c"], "height": 280}
    theme = read_theme("dark")
    assert paint(figure, "dark") == {
        "fill": theme["chartCategoricalColors"][9] + "26",
        "lines": [theme["backgroundColor"], theme["chartCategoricalColors"][8], "rgba(0,0,0,0)", "#c2622c"],
        "height": 280,
    }
    assert figure["lines"] == [PAPER, INK, "rgba(0,0,0,0)", "#c2622c"]
