"""Glyphs: small pictures beside a number, drawn as SVG in colours that hold on both papers."""

from collections.abc import Sequence

from report.tokens import GLYPH_CONCERN, GLYPH_IMPROVE, GLYPH_MUTED

WIDTH = 300
HEIGHT = 56
EDGE = 6
COLOURS = {"improved": GLYPH_IMPROVE, "declined": GLYPH_CONCERN}


def sparkline(values: Sequence[float | None], low: float | None, high: float | None, verdict: str = "") -> str:
    """The last periods of a series as a line, the usual range as a band, a dot on the newest. Gaps stay gaps."""
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
        f'<polyline fill="none" stroke="{GLYPH_MUTED}" stroke-width="2" stroke-linejoin="round" points="{run}"/>'
        for run in _runs(values, across, up)
    )
    last = max(place for place, value in enumerate(values) if value is not None)
    newest = values[last]
    dot = (
        f'<circle cx="{across(last):.1f}" cy="{up(newest):.1f}" r="5" fill="{COLOURS.get(verdict, GLYPH_MUTED)}"/>'
        if newest is not None
        else ""
    )
    return _svg(band + lines + dot)


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
    """One number on a track from `low` to `high`: band = middle half of the past, ○ before, ◇ outside, tick = target, ● now."""
    colour = COLOURS.get(verdict, GLYPH_MUTED)
    middle = HEIGHT / 2

    def across(value: float) -> float:
        share = (value - low) / ((high - low) or 1.0)
        return EDGE + min(max(share, 0), 1) * (WIDTH - 2 * EDGE)

    marks = [
        f'<rect x="0" y="{middle - 2}" width="{WIDTH}" height="4" rx="2" fill="{GLYPH_MUTED}" fill-opacity="0.3"/>'
    ]
    if quartiles is not None:
        start, end = across(quartiles[0]), across(quartiles[1])
        marks.append(
            f'<rect x="{start:.1f}" y="{middle - 9}" width="{max(end - start, 3):.1f}" height="18" fill="{GLYPH_MUTED}" fill-opacity="0.35"/>'
        )
    if outside is not None:
        x = across(outside)
        marks.append(
            f'<path d="M{x - 8:.1f} {middle} L{x:.1f} {middle - 8} L{x + 8:.1f} {middle} L{x:.1f} {middle + 8} Z" '
            f'fill="none" stroke="{GLYPH_MUTED}" stroke-width="2"/>'
        )
    if target is not None:
        marks.append(
            f'<rect x="{across(target) - 2:.1f}" y="{middle - 17}" width="4" height="34" fill="{GLYPH_MUTED}"/>'
        )
    if before is not None:
        marks.append(
            f'<circle cx="{across(before):.1f}" cy="{middle}" r="6" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
    marks.append(f'<circle cx="{across(now):.1f}" cy="{middle}" r="7" fill="{colour}"/>')
    return _svg("".join(marks))


def _runs(values: Sequence[float | None], across: object, up: object) -> list[str]:
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append(f"{across(place):.1f},{up(value):.1f}")  # type: ignore[operator]
    return [" ".join(run) for run in runs if len(run) > 1]


def _svg(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">{inside}</svg>'
