"""Surveys: what members said in a wave, where groups differ, and what moved since the wave before."""

from collections.abc import Iterator

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.glyphs import bullet
from report.models.page import Page, Panel, Tile
from report.models.reading import Card, Row, read_cards
from report.models.survey_answers import read_distributions, read_matrix
from report.models.survey_changes import panel_panel, read_moves, read_split, say_split, split_panel
from report.models.survey_quality import driver_panel, name_outcome, reliability_panel, response_panel, weighted_panel
from report.models.waves import COLOURS, CONSTRUCTS, Wave, read_changes, read_number, read_waves
from report.numbers import NBSP, day, is_missing, percent, plural, signed, write_headline, write_result, write_value
from report.words import BANDED, number_word, plain_list, sentence, verbatim

# Numbers of everybody, which have no margin, and what they are of.
SHORT = {"no detectable change": "within chance"}  # a chip is cut off where it is wider than a tile on a phone
COUNTED = {"survey_response": "of those invited", "comment_rate": "of those who answered"}

__all__ = ["CONSTRUCTS", "Wave", "read_surveys", "read_waves"]


def read_surveys(snapshot: Snapshot, label: str, dimension: str | None) -> Page:
    """The page of one wave, its groups by one dimension."""
    wave = next(wave for wave in read_waves(snapshot) if wave.label == label)
    cards = read_cards(snapshot)
    response = read_number(snapshot, "survey_response", label)
    answered = (
        f"{int(response['numerator'])} of {int(response['denominator'])} answered ({percent(response['value'])})"
        if response is not None and not is_missing(response["value"])
        else plural(wave.completed, "answer")
    )
    if wave.closed is None:
        return Page(
            kicker=f"Surveys · {verbatim(label)}, open since {day(wave.opened)}",
            answer=sentence(f"{verbatim(label)} is still open: {answered}"),
            support="An open wave shows its response rate only, because a number after each new answer would give that answer away. "
            "Close it under Upload or with `hearth wave`.",
            panels=(response_panel(snapshot, cards, wave, dimension),) if dimension else (),
        )
    changes = read_changes(snapshot, label)
    split = read_split(snapshot, wave)
    compared = f" · compared with {verbatim(wave.previous)}" if wave.previous else " · the first of its kind"
    stands = " · as shown before: fewer answers than make a group differ since" if wave.stands else ""
    return Page(
        kicker=f"Surveys · {verbatim(label)}, closed {day(wave.closed)} · {answered}{compared}{stands}",
        answer=_answer(changes, wave),
        support=_support(snapshot, changes, wave, split),
        tiles=_tiles(snapshot, cards, wave, changes),
        panels=tuple(panel for panel in _panels(snapshot, cards, wave, dimension, changes, split) if panel is not None),
    )


def _panels(
    snapshot: Snapshot,
    cards: dict[str, Card],
    wave: Wave,
    dimension: str | None,
    changes: pd.DataFrame,
    split: pd.DataFrame,
) -> Iterator[Panel | None]:
    """Where groups differ, what moved and how much of it is real, who answered, what goes together, then every question."""
    if dimension:
        yield read_matrix(snapshot, cards["favourable"], wave, dimension)
    if wave.previous:
        yield read_moves(snapshot, cards["wave_change"], wave, changes)
        if len(split):
            yield split_panel(cards["change_split"], wave, split)
        yield panel_panel(snapshot, cards["panel_change"], wave)
    if dimension:
        yield response_panel(snapshot, cards, wave, dimension)
    yield weighted_panel(snapshot, cards, wave)
    yield driver_panel(snapshot, cards, wave, name_outcome(snapshot, wave))
    yield reliability_panel(snapshot, cards, wave)
    yield read_distributions(snapshot, cards["favourable"], wave)


def _answer(changes: pd.DataFrame, wave: Wave) -> str:
    if wave.previous is None:
        return f"{verbatim(wave.label)} is the first wave; the next one will show what moves."
    themes = changes[(changes["measure"] == "favourable") & changes["name"].isin(CONSTRUCTS)]
    worse = [CONSTRUCTS[name] for name in themes.loc[themes["verdict"] == "declined", "name"]]
    better = [CONSTRUCTS[name] for name in themes.loc[themes["verdict"] == "improved", "name"]]
    if worse and better:
        return f"Answers on {plain_list(worse[:2])} are less favourable than in {verbatim(wave.previous)}, on {plain_list(better[:2])} more."
    if worse:
        return f"Answers on {plain_list(worse[:2])} are less favourable than in {verbatim(wave.previous)}."
    if better:
        return f"Answers on {plain_list(better[:2])} are more favourable than in {verbatim(wave.previous)}."
    return f"No theme moved beyond chance since {verbatim(wave.previous)}."


def _support(snapshot: Snapshot, changes: pd.DataFrame, wave: Wave, split: pd.DataFrame) -> str:
    if wave.previous is None:
        return "Margins say how far a number may be off; a change is told once the same questions were asked again."
    asked = set(snapshot.query("select item_id from items where wave = ?", [wave.label])["item_id"])
    items = changes[(changes["measure"] == "favourable") & changes["name"].isin(asked)]
    counted = items["verdict"].value_counts()
    said = [
        f"{number_word(int(counted[verdict]))} {words}"
        for verdict, words in (
            ("improved", "improved"),
            ("declined", "declined"),
            ("no detectable change", "show no detectable change"),
            ("not tested", "could not be tested"),
        )
        if verdict in counted
    ]
    themes = changes[(changes["measure"] == "favourable") & changes["verdict"].isin(COLOURS)]
    moved = [str(name) for name in themes["name"] if name in CONSTRUCTS]
    return f"Of {number_word(len(items))} questions {plain_list(said)}. {say_split(split, moved)}"


def _tiles(snapshot: Snapshot, cards: dict[str, Card], wave: Wave, changes: pd.DataFrame) -> tuple[Tile, ...]:
    tiles = []
    k = snapshot.manifest()["k"]
    for metric, breakdown, title, change in (
        ("survey_response", "all", cards["survey_response"].title, ""),
        ("engagement_index", "all", cards["engagement_index"].title, "index:engagement_index"),
        ("favourable", "voice", "Voice is heard", "favourable:voice"),
        ("nps", "all", cards["nps"].title, "nps:"),
        ("sense_of_community", "all", cards["sense_of_community"].title, "index:sense_of_community"),
        ("psychological_safety", "all", cards["psychological_safety"].title, "index:psychological_safety"),
        ("wellbeing", "all", cards["wellbeing"].title, "index:wellbeing"),
        ("comment_rate", "all", cards["comment_rate"].title, ""),
    ):
        row = read_number(snapshot, metric, wave.label, breakdown)
        if row is not None:
            # The NPS question has an id of its own; every other tile is of exactly one number.
            names = changes["breakdown"]
            found = changes[names.str.startswith(change) if change == "nps:" else names == change]
            tiles.append(_tile(cards[metric], title, row, found, wave, k))
    return tuple(tiles)


def _tile(card: Card, title: str, row: Row, change: pd.DataFrame, wave: Wave, k: str) -> Tile:
    hidden = str(row["status"]) in ("withheld", "banded")
    scale = (0.0, 1.0) if card.unit is Unit.SHARE else (-100.0, 100.0) if card.unit is Unit.NPS else (0.0, 100.0)
    factor = 100 if card.unit is Unit.SHARE else 1
    verdict = str(change["verdict"].iloc[0]) if len(change) else ""
    before = row["value"] - change["value"].iloc[0] / factor if len(change) else None
    margin = (row["high"] - row["low"]) / 2 if not hidden and not is_missing(row["low"]) else None
    if hidden:
        chip = "too few answered" if row["status"] == "withheld" else "nearly all agree"
    elif verdict in COLOURS or verdict == "no detectable change":
        chip = f"{signed(change['value'].iloc[0])} {SHORT.get(verdict, verdict)}"
    else:
        chip = verdict or ("complete count" if card.metric in COUNTED else "first wave")
    return Tile(
        key=f"{card.metric}-{title}",
        label=title,
        value=write_headline(row, card.unit),
        chip=chip,
        colour=COLOURS.get(verdict, "gray"),
        glyph=""
        if hidden
        else bullet(
            row["value"],
            low=scale[0],
            high=scale[1],
            before=before,
            quartiles=(row["low"], row["high"]) if margin else None,
            verdict=verdict,
        ),
        glyph_alt=f"{title}: {write_result(row, card.unit)}"
        + (f", before {write_value(before, card.unit)}" if before is not None else ""),
        caption=(
            f"± {write_value(margin, card.unit).strip('+%')} (95 %)"
            if margin and card.metric not in COUNTED
            else COUNTED.get(card.metric, ""),
            f"{write_value(before, card.unit)} in {verbatim(wave.previous or '')} · n{NBSP}{int(row['people']):,}"
            if before is not None
            else f"n{NBSP}{int(row['people']):,}"
            if not hidden
            else BANDED
            if row["status"] == "banded"
            else f"shown from {k} people on",
        ),
    )
