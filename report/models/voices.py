"""Voices: what those who wrote a comment write about, and whether they are the unhappy ones."""

from dataclasses import dataclass

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from metrics.themes import UNTHEMED
from report.charts import bars
from report.models.page import Page, Panel, Table
from report.models.reading import Card, read_cards
from report.models.waves import Wave, read_number, read_waves
from report.numbers import day, is_missing, percent, whole
from report.words import plain_list, sentence, verbatim

THEMES_NAMED = 3
NOT_COMMON = "What is written about is not how common it is: unhappy people write more."
NO_SENTENCES = "No sentence is shown, only themes of at least ten people, so that nobody can be known by their words."
SENTENCES = (
    "Of the whole community, without the names, addresses and numbers that were found, in an order that says nothing. "
    "Nobody can promise that words do not give their writer away: hide what does."
)


@dataclass(frozen=True)
class Comment:
    """A text as it is published, and how often it was written."""

    text: str
    times: int


@dataclass(frozen=True)
class Asked:
    """A question that was answered in words, and the comments that managers may read, as they are published."""

    wave: str
    item_id: str
    wording: str
    comments: tuple[Comment, ...]


def read_voices(snapshot: Snapshot, label: str, told: int) -> Page:
    """The page of one closed wave's comments; `told` is of how many questions the sentences stand below it."""
    wave = next(wave for wave in read_waves(snapshot) if wave.label == label)
    cards = read_cards(snapshot)
    rate = read_number(snapshot, "comment_rate", label)
    themes = _of_wave(snapshot, "comment_themes", wave)
    closed = f"closed {day(wave.closed)}" if wave.closed else f"open since {day(wave.opened)}, no comment published"
    if rate is None or is_missing(rate["value"]):
        return Page(
            kicker=f"Voices · {verbatim(label)}, {closed}",
            answer="This wave asked nothing in members' own words."
            if wave.closed
            else f"{verbatim(label)} is still open.",
            support="A question of kind text, such as “What should we change?”, fills this page."
            if wave.closed
            else "Comments are counted when the wave is closed.",
        )
    wrote = f"{int(rate['numerator'])} of {int(rate['denominator'])} wrote something ({percent(rate['value'])})"
    shown = themes[themes["value"].notna() & (themes["value"] > 0) & (themes["breakdown"] != UNTHEMED)]
    ordered = shown.sort_values("value", ascending=False, kind="stable")
    return Page(
        kicker=f"Voices · {verbatim(label)}, {closed} · {wrote}",
        answer=_answer(ordered),
        support=_support(is_themed=bool(len(ordered)), has_sentences=told > 0),
        panels=(_themes(cards["comment_themes"], wave, themes, ordered), _tone(snapshot, cards["comment_tone"], wave)),
        tables=_suggestions(snapshot, wave),
    )


def _support(*, is_themed: bool, has_sentences: bool) -> str:
    said = NOT_COMMON if is_themed else "More answers in words, or wider themes in the settings, fill this page."
    return said if has_sentences else f"{said} {NO_SENTENCES}"


def read_comments(snapshot: Snapshot, label: str) -> tuple[Asked, ...]:
    """What was written in a wave, question by question; empty for roles that see themes only, and where fewer than ten wrote."""
    rows = snapshot.query(
        """select items.item_id, items.wording, comments.text, comments.times
           from comments
           join items using (wave, item_id)
           where comments.wave = ?
           order by items.position, comments.place""",
        [label],
    )
    return tuple(
        Asked(
            label,
            str(item_id),
            str(wording),
            tuple(Comment(*row) for row in part[["text", "times"]].itertuples(index=False)),
        )
        for (item_id, wording), part in rows.groupby(["item_id", "wording"], sort=False)
    )


def _answer(ordered: pd.DataFrame) -> str:
    if ordered.empty:
        return "Too few wrote about any one theme to show it."
    names = [f"“{verbatim(str(name))}”" for name in ordered["breakdown"].head(THEMES_NAMED)]
    at_the_top = int((ordered["numerator"] == ordered["numerator"].iloc[0]).sum())
    if at_the_top > 1 or len(names) == 1:
        return sentence(f"Comments are most often about {plain_list(names[:at_the_top])}")
    return sentence(f"Comments are most often about {names[0]}, then {plain_list(names[1:])}")


def _themes(card: Card, wave: Wave, themes: pd.DataFrame, ordered: pd.DataFrame) -> Panel:
    hidden = [
        verbatim(str(name)) for name in themes.loc[themes["status"] == "withheld", "breakdown"] if name != UNTHEMED
    ]
    frame = pd.DataFrame(
        {
            "label": ordered["breakdown"].str.capitalize(),
            "value": ordered["value"],
            "verdict": "",
            "n": ordered["numerator"],
            "status": ordered["status"],
        }
    )
    first = ordered.iloc[0] if len(ordered) else None
    return Panel(
        key="themes",
        question="What are the comments about?",
        reading="No theme has ten writers."
        if first is None
        else f"{verbatim(str(first['breakdown'])).capitalize()}: {int(first['numerator'])} of {int(first['denominator'])} who wrote.",
        chart=bars(frame, unit=Unit.SHARE) if len(frame) else None,
        caption=f"Share of those who wrote, {verbatim(wave.label)}; n: how many wrote about it. A comment may have several themes, found by keywords "
        "that can be changed in the settings."
        + (f" Withheld, fewer than ten: {plain_list(hidden)}." if hidden else ""),
        numbers=themes[["breakdown", "value", "numerator", "denominator", "people", "status"]],
        method=card.method,
        notice="" if len(frame) else "A theme is shown from ten writers on.",
    )


def _tone(snapshot: Snapshot, card: Card, wave: Wave) -> Panel:
    rows = _of_wave(snapshot, "comment_tone", wave)
    known = rows.set_index("breakdown")["value"]
    wrote, silent = (float(known.get(name, float("nan"))) for name in ("wrote", "silent"))
    shown = rows[rows["value"].notna()]
    parts = [shown[shown["breakdown"].isin(["wrote", "silent"])].sort_values("breakdown", ascending=False)]
    parts.append(shown[~shown["breakdown"].isin(["wrote", "silent"])].sort_values("value", kind="stable"))
    ordered = pd.concat(parts)
    words = {"wrote": "All who wrote", "silent": "All who did not write"}
    frame = pd.DataFrame(
        {
            "label": [words.get(name, f"Wrote about {name}") for name in ordered["breakdown"]],
            "value": ordered["value"],
            "verdict": "",
            "n": ordered["people"],
            "status": ordered["status"],
        }
    )
    if is_missing(wrote) or is_missing(silent):
        reading = "Too few wrote to say how they answered."
    else:
        apart = wrote - silent
        side = "as content as" if abs(apart) < 1 else "less content than" if apart < 0 else "more content than"
        reading = f"Those who wrote are {side} the others: {whole(wrote)} and {whole(silent)}. Not tested."
    return Panel(
        key="tone",
        question="Are those who write more or less content?",
        reading=reading,
        chart=bars(frame, unit=Unit.SCORE, highest=100.0) if len(frame) else None,
        caption=f"Mean of people's own answers on all scales, 0 to 100, {verbatim(wave.label)}; it is how they answered, not what their words sound like.",
        numbers=rows[["breakdown", "value", "people", "verdict", "status"]],
        method=card.method,
        notice="" if len(frame) else "Fewer than ten wrote, or fewer than ten did not.",
    )


def _suggestions(snapshot: Snapshot, wave: Wave) -> tuple[Table, ...]:
    """Words that may deserve a theme; none where no word has ten writers."""
    rows = snapshot.query("select word, writers from theme_suggestions where wave = ? order by place", [wave.label])
    if rows.empty:
        return ()
    frame = pd.DataFrame({"Word": [verbatim(str(word)) for word in rows["word"]], "Wrote it": rows["writers"]})
    return (
        Table(
            "Words that no theme holds yet",
            "Each was written by ten people or more; the table themes in settings.toml can take it in.",
            frame,
        ),
    )


def _of_wave(snapshot: Snapshot, metric: str, wave: Wave) -> pd.DataFrame:
    rows = snapshot.results(metric, grain="wave", dimension="all")
    return rows[rows["period"] == wave.label].reset_index(drop=True)
