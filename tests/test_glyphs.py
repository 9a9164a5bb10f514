"""Sparklines and bullets: what is missing is not drawn, and what is drawn stands where its number says."""

import xml.etree.ElementTree as ElementTree

import pytest

from report.glyphs import EDGE, HEIGHT, WIDTH, bullet, sparkline
from report.tokens import GLYPH_CONCERN, GLYPH_IMPROVE, GLYPH_MUTED

INNER = WIDTH - 2 * EDGE
SVG = "{http://www.w3.org/2000/svg}"


def marks(picture: str, tag: str) -> list[dict[str, str]]:
    """The attributes of every mark of a kind; the picture must be well-formed."""
    return [dict(mark.attrib) for mark in ElementTree.fromstring(picture).iter(SVG + tag)]


def dot(picture: str) -> dict[str, float | str]:
    """The dot of a picture, a line without length and with round ends: where it stands, and its colour."""
    (mark,) = [path for path in marks(picture, "path") if path["d"].endswith("h0")]
    x, y = mark["d"].removeprefix("M").removesuffix("h0").split()
    return {"cx": float(x), "cy": float(y), "colour": mark["stroke"]}


def runs(picture: str) -> list[list[tuple[float, float]]]:
    """The points of each unbroken line."""
    return [
        [(float(x), float(y)) for x, y in (point.split(",") for point in line["points"].split())]
        for line in marks(picture, "polyline")
    ]


def test_a_line_from_edge_to_edge() -> None:
    """0, 1, 2 of 2: bottom left, middle, top right."""
    assert runs(sparkline([0, 1, 2], None, None)) == [
        [(EDGE, HEIGHT - EDGE), (EDGE + INNER / 2, HEIGHT / 2), (EDGE + INNER, EDGE)]
    ]


def test_a_gap_breaks_the_line_and_keeps_its_place() -> None:
    """Five weeks, the third unknown: two lines, and the fourth week stands where it would have stood."""
    drawn = runs(sparkline([1, 2, None, 2, 1], None, None))
    assert [len(run) for run in drawn] == [2, 2]
    assert [x for run in drawn for x, _ in run] == [EDGE + INNER * week / 4 for week in (0, 1, 3, 4)]


def test_a_week_between_two_gaps_is_a_point() -> None:
    """Two of five weeks follow each other; the second week stands alone and is not lost."""
    lone, line = runs(sparkline([None, 2, None, 2, 1], None, None))
    assert lone == [(pytest.approx(EDGE + INNER / 4, abs=0.1), EDGE)] * 2
    assert [y for _, y in line] == [EDGE, HEIGHT - EDGE]


def test_the_dot_is_the_newest_known_week() -> None:
    newest = dot(sparkline([1, 3, 2, None], None, None, "declined"))
    assert newest["cx"] == pytest.approx(EDGE + INNER * 2 / 3, abs=0.1)
    assert newest["cy"] == HEIGHT / 2
    assert newest["colour"] == GLYPH_CONCERN


@pytest.mark.parametrize(
    ("verdict", "colour"),
    [
        ("improved", GLYPH_IMPROVE),
        ("declined", GLYPH_CONCERN),
        ("", GLYPH_MUTED),
        ("no detectable change", GLYPH_MUTED),
        ("not tested", GLYPH_MUTED),
    ],
)
def test_only_a_verdict_has_colour(verdict: str, colour: str) -> None:
    assert dot(sparkline([1, 2], None, None, verdict))["colour"] == colour
    assert dot(bullet(1, low=0, high=2, verdict=verdict))["colour"] == colour


def test_the_usual_range_is_a_band() -> None:
    """Values 0 to 10 with a usual range of 2.5 to 7.5: the middle half of the height."""
    (band,) = marks(sparkline([0, 10], 2.5, 7.5), "rect")
    assert float(band["height"]) == (HEIGHT - 2 * EDGE) / 2
    assert float(band["y"]) == EDGE + (HEIGHT - 2 * EDGE) / 4
    assert marks(sparkline([0, 10], None, None), "rect") == []


def test_a_range_beyond_the_values_is_inside_the_picture() -> None:
    picture = sparkline([5, 5], 0, 10)
    (band,) = marks(picture, "rect")
    assert float(band["y"]) == EDGE
    assert [y for _, y in runs(picture)[0]] == [HEIGHT / 2, HEIGHT / 2]


@pytest.mark.parametrize("values", [[], [None], [None, None]])
def test_nothing_known_draws_nothing(values: list[None]) -> None:
    assert list(ElementTree.fromstring(sparkline(values, 1, 2))) == []


def test_one_week_is_a_dot() -> None:
    assert dot(sparkline([3], None, None))["cx"] == EDGE


def test_strokes_keep_their_thickness_on_a_phone() -> None:
    """Whatever is a line or a dot is measured in pixels of the tile; the picture itself has no size of its own."""
    pictures = (sparkline([1, 2, None, 2], 1, 2), bullet(5, low=0, high=9, before=4, target=8, outside=3))
    for picture in pictures:
        root = ElementTree.fromstring(picture)
        assert not {"width", "height"} & set(root.attrib)
        assert all(mark.get("vector-effect") == "non-scaling-stroke" for mark in root if mark.get("stroke"))


def test_a_bullet_holds_everything_at_its_place() -> None:
    """A track from 0 to 100: before 20, now 50, target 75, the middle half of the past 10 to 40."""
    picture = bullet(50, low=0, high=100, before=20, target=75, quartiles=(10, 40))
    (before,), now = marks(picture, "circle"), dot(picture)
    assert float(before["cx"]) == pytest.approx(EDGE + INNER * 0.20, abs=0.06)
    assert now["cx"] == pytest.approx(EDGE + INNER * 0.50, abs=0.06)
    assert before["fill"] == "none"
    _, band = marks(picture, "rect")
    (target,) = marks(picture, "line")
    assert float(band["x"]) == pytest.approx(EDGE + INNER * 0.10, abs=0.06)
    assert float(band["width"]) == pytest.approx(INNER * 0.30, abs=0.06)
    assert float(target["x1"]) == pytest.approx(EDGE + INNER * 0.75, abs=0.06)
    assert len(marks(picture, "path")) == 1  # no diamond, only the dot


def test_a_bullet_without_comparisons_is_a_track_and_a_dot() -> None:
    picture = bullet(50, low=0, high=100)
    assert [len(marks(picture, tag)) for tag in ("rect", "path", "circle", "line")] == [1, 1, 0, 0]


def test_what_lies_beyond_the_track_stands_at_its_end() -> None:
    assert dot(bullet(140, low=0, high=100))["cx"] == EDGE + INNER


def test_an_outside_reference_is_a_hollow_diamond() -> None:
    diamond, _ = marks(bullet(50, low=0, high=100, outside=100), "path")
    assert diamond["fill"] == "none"
    assert diamond["d"].startswith(f"M{EDGE + INNER - 7:.1f} ")


def test_a_track_without_length_still_shows_its_number() -> None:
    """One number and nothing to hold it against: low and high are the same."""
    assert dot(bullet(3, low=3, high=3))["cx"] == EDGE
