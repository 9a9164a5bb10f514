"""Glyphs: small pictures beside a number, drawn as SVG in colours that hold on both papers.

They are as wide as their tile: lines and dots keep their thickness on a phone, because their strokes do not scale.
"""

from collections.abc import Callable, Sequence

from report.tokens import GLYPH_CONCERN, GLYPH_IMPROVE, GLYPH_MUTED

WIDTH = 240
HEIGHT = 48
EDGE = 9  # room for half a dot, also where a phone draws the picture at half its size
COLOURS = {"improved": GLYPH_IMPROVE, "declined": GLYPH_CONCERN}
FIXED = 'vector-effect="non-scaling-stroke"'


def sparkline(values: Sequence[float | None], low: float | None, high: float | None, verdict: str = "") -> str:
    """The last periods of a series as a line, the usual range as a band, a dot on the newest. Gaps (None) stay gaps.

    Values and the range in any one unit, oldest first; only a verdict (improved, declined) has colour.
    """
    known = [value for value in values if value is not None]
    bounds = [bound for bound in (low, high) if bound is not None]
    if not known:
        return _svg("")
    bottom, top = min(known + bounds), max(known + bounds)
    height = (top - bottom) or 1.0

    def across(place: int) -> float:
        return EDGE + place * (WIDTH - 2 * EDGE) / max(len(values) - 1, 1)

    def up(value: float) -> float:
        return HEIGHT - EDGE - (value - bottom) / height * (HEIGHT - 2 * EDGE)

    band = ""
    if low is not None and high is not None:
        band = (
            f'<rect x="0" y="{up(high):.1f}" width="{WIDTH}" height="{max(up(low) - up(high), 1):.1f}" '
            f'fill="{GLYPH_MUTED}" fill-opacity="0.22"/>'
        )
    lines = "".join(
        f'<polyline fill="none" stroke="{GLYPH_MUTED}" stroke-width="2" stroke-linejoin="round" '
        f'stroke-linecap="round" {FIXED} points="{run}"/>'
        for run in _runs(values, across, up)
    )
    last = max(place for place, value in enumerate(values) if value is not None)
    return _svg(band + lines + _dot(across(last), up(known[-1]), COLOURS.get(verdict, GLYPH_MUTED), 10))


def bullet(
    now: float,
    *,
    low: float,
    high: float,
    before: float | None = None,
    target: float | None = None,
    outside: float | None = None,
    quartiles: tuple[float, float] | None = None,
    verdict: str = "",
) -> str:
    """One number on a track from `low` to `high`: band = middle half of the past, ○ before, ◇ outside, tick = target, ● now.

    All in the unit of `now`; what lies beyond the track stands at its end. Only a verdict has colour.
    """
    colour = COLOURS.get(verdict, GLYPH_MUTED)
    middle = HEIGHT / 2

    def across(value: float) -> float:
        share = (value - low) / ((high - low) or 1.0)
        return EDGE + min(max(share, 0), 1) * (WIDTH - 2 * EDGE)

    marks = [
        f'<rect x="0" y="{middle - 1.5}" width="{WIDTH}" height="3" rx="1.5" fill="{GLYPH_MUTED}" fill-opacity="0.3"/>'
    ]
    if quartiles is not None:
        start, end = across(quartiles[0]), across(quartiles[1])
        marks.append(
            f'<rect x="{start:.1f}" y="{middle - 8}" width="{max(end - start, 3):.1f}" height="16" '
            f'fill="{GLYPH_MUTED}" fill-opacity="0.35"/>'
        )
    if outside is not None:
        x = across(outside)
        marks.append(
            f'<path d="M{x - 7:.1f} {middle} L{x:.1f} {middle - 7} L{x + 7:.1f} {middle} L{x:.1f} {middle + 7} Z" '
            f'fill="none" stroke="{GLYPH_MUTED}" stroke-width="2" {FIXED}/>'
        )
    if target is not None:
        x = across(target)
        marks.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{middle - 15}" y2="{middle + 15}" '
            f'stroke="{GLYPH_MUTED}" stroke-width="3" {FIXED}/>'
        )
    if before is not None:
        marks.append(
            f'<circle cx="{across(before):.1f}" cy="{middle}" r="6" fill="none" stroke="{colour}" stroke-width="2" {FIXED}/>'
        )
    return _svg("".join(marks) + _dot(across(now), middle, colour, 11))


def _runs(values: Sequence[float | None], across: Callable[[int], float], up: Callable[[float], float]) -> list[str]:
    """The points of each unbroken line; a period alone between two gaps is drawn as a point."""
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{across(place):.1f},{up(value):.1f}")
    return [" ".join(run if len(run) > 1 else run * 2) for run in runs if run]


def _dot(x: float, y: float, colour: str, size: int) -> str:
    """A dot of a size in pixels: the round end of a line without length."""
    return f'<path d="M{x:.1f} {y:.1f}h0" stroke="{colour}" stroke-width="{size}" stroke-linecap="round" fill="none" {FIXED}/>'


def _svg(inside: str) -> str:
    """No width or height: the picture takes those of its place, and strokes are measured there."""
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{inside}</svg>'
