"""Surveys: what members said in a wave, where groups differ, and what moved since the wave before."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from metrics.statistics import discover
from report.charts import Chart, difference_matrix, dumbbell, likert
from report.glyphs import bullet
from report.models.page import Colour, Page, Panel, Tile
from report.models.reading import Card, Period, Row, read_cards
from report.models.series import NUMBER_COLUMNS, group_panel
from report.numbers import NBSP, day, is_missing, percent, plural, points, signed, write_value
from report.words import number_word, plain_list, sentence

MOST_HIDDEN = 1 / 3
GROUPS_NAMED = 3
COLOURS: dict[str, Colour] = {"improved": "blue", "declined": "orange"}
CONSTRUCTS = {
    "engagement": "engagement",
    "sense_of_community": "sense of community",
    "safety": "safety",
    "voice": "voice",
    "wellbeing": "wellbeing",
    "event_feedback": "events",
    "other": "other matters",
}
NOT_SEPARATED = "Whether minds changed or other people answered is not separated here."


@dataclass(frozen=True)
class Wave:
    """One wave as a page needs it."""

    label: str
    instrument: str
    opened: date
    closed: date | None
    completed: int
    previous: str | None

    @property
    def period(self) -> Period:
        return Period("wave", self.label, self.label, self.opened, self.closed or self.opened, self.closed is not None)


def read_waves(snapshot: Snapshot) -> list[Wave]:
    """Every wave, oldest first."""
    return [
        Wave(
            str(row["wave"]),
            str(row["instrument"]),
            pd.Timestamp(row["opened_on"]).date(),
            None if is_missing(row["closed_on"]) else pd.Timestamp(row["closed_on"]).date(),
            int(row["completed"]),
            row["previous"] if isinstance(row["previous"], str) else None,
        )
        for row in snapshot.query("select * from waves order by position").to_dict("records")
    ]


def read_surveys(snapshot: Snapshot, label: str, dimension: str | None) -> Page:
    """The page of one wave, its groups by one dimension."""
    wave = next(wave for wave in read_waves(snapshot) if wave.label == label)
    cards = read_cards(snapshot)
    response = _row(snapshot, "survey_response", label)
    answered = (
        f"{int(response['numerator'])} of {int(response['denominator'])} answered ({percent(response['value'])})"
        if response is not None and not is_missing(response["value"])
        else plural(wave.completed, "answer")
    )
    if wave.closed is None:
        return Page(
            kicker=f"Surveys · {label}, open since {day(wave.opened)}",
            answer=sentence(f"{label} is still open: {answered}"),
            support="An open wave shows its response rate only, because a number after each new answer would give that answer away. "
            "Close it under Upload or with `hearth wave`.",
            panels=tuple(_response_panels(snapshot, cards, wave, dimension)),
        )
    changes = _changes(snapshot, label)
    compared = f" · compared with {wave.previous}" if wave.previous else " · the first of its kind"
    return Page(
        kicker=f"Surveys · {label}, closed {day(wave.closed)} · {answered}{compared}",
        answer=_answer(changes, wave),
        support=_support(snapshot, changes, wave),
        tiles=_tiles(snapshot, cards, wave, changes),
        panels=(
            *((_matrix(snapshot, cards["favourable"], wave, dimension),) if dimension else ()),
            *((_moves(snapshot, cards["wave_change"], wave, changes),) if wave.previous else ()),
            *_response_panels(snapshot, cards, wave, dimension),
            _answers(snapshot, cards["favourable"], wave),
        ),
    )


def _row(snapshot: Snapshot, metric: str, wave: str, breakdown: str = "all") -> Row | None:
    rows = snapshot.results(metric, grain="wave", dimension="all", breakdown=breakdown)
    found = rows[rows["period"] == wave]
    return found.iloc[0].to_dict() if len(found) else None


def _changes(snapshot: Snapshot, wave: str) -> pd.DataFrame:
    """The whole community's changes: measure, name, value (points), low, high, people, verdict."""
    rows = snapshot.results("wave_change", grain="wave", dimension="all")
    rows = rows[(rows["period"] == wave) & rows["value"].notna()]
    parts = rows["breakdown"].str.split(":", n=1, expand=True).reindex(columns=[0, 1])
    return rows.assign(measure=parts[0], name=parts[1])


def _answer(changes: pd.DataFrame, wave: Wave) -> str:
    if wave.previous is None:
        return f"{wave.label} is the first wave; the next one will show what moves."
    themes = changes[(changes["measure"] == "favourable") & changes["name"].isin(CONSTRUCTS)]
    worse = [CONSTRUCTS[name] for name in themes.loc[themes["verdict"] == "declined", "name"]]
    better = [CONSTRUCTS[name] for name in themes.loc[themes["verdict"] == "improved", "name"]]
    if worse and better:
        return f"Answers on {plain_list(worse[:2])} are less favourable than in {wave.previous}, on {plain_list(better[:2])} more."
    if worse:
        return f"Answers on {plain_list(worse[:2])} are less favourable than in {wave.previous}."
    if better:
        return f"Answers on {plain_list(better[:2])} are more favourable than in {wave.previous}."
    return f"No theme moved beyond chance since {wave.previous}."


def _support(snapshot: Snapshot, changes: pd.DataFrame, wave: Wave) -> str:
    if wave.previous is None:
        return ""
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
    return f"Of {number_word(len(items))} questions {plain_list(said)}. {NOT_SEPARATED}"


def _tiles(snapshot: Snapshot, cards: dict[str, Card], wave: Wave, changes: pd.DataFrame) -> tuple[Tile, ...]:
    tiles = []
    for metric, breakdown, title, change in (
        ("survey_response", "all", cards["survey_response"].title, ""),
        ("engagement_index", "all", cards["engagement_index"].title, "index:engagement_index"),
        ("favourable", "voice", "Voice is heard", "favourable:voice"),
        ("nps", "all", cards["nps"].title, "nps:"),
    ):
        row = _row(snapshot, metric, wave.label, breakdown)
        if row is not None:
            found = changes[changes["breakdown"].str.startswith(change)] if change else changes.iloc[:0]
            tiles.append(_tile(cards[metric], title, row, found, wave))
    return tuple(tiles)


def _tile(card: Card, title: str, row: Row, change: pd.DataFrame, wave: Wave) -> Tile:
    hidden = str(row["status"]) == "withheld"
    scale = (0.0, 1.0) if card.unit is Unit.SHARE else (-100.0, 100.0) if card.unit is Unit.NPS else (0.0, 100.0)
    factor = 100 if card.unit is Unit.SHARE else 1
    verdict = str(change["verdict"].iloc[0]) if len(change) else ""
    before = row["value"] - change["value"].iloc[0] / factor if len(change) else None
    margin = (row["high"] - row["low"]) / 2 if not is_missing(row["low"]) else None
    if hidden:
        chip = "too few answered"
    elif verdict in COLOURS or verdict == "no detectable change":
        chip = f"{signed(change['value'].iloc[0])} {verdict}"
    else:
        chip = verdict or ("complete count" if card.metric == "survey_response" else "first wave")
    return Tile(
        key=f"{card.metric}-{title}",
        label=title,
        value="Withheld" if hidden else write_value(row["value"], card.unit),
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
        glyph_alt=f"{title}: {write_value(row['value'], card.unit)}"
        + (f", before {write_value(before, card.unit)}" if before is not None else ""),
        caption=(
            f"± {write_value(margin, card.unit).strip('+%')} (95 %)"
            if margin and card.metric != "survey_response"
            else "of those invited",
            f"{write_value(before, card.unit)} in {wave.previous} · n{NBSP}{int(row['people']):,}"
            if before is not None
            else f"n{NBSP}{int(row['people']):,}"
            if not hidden
            else "shown from 5 people on",
        ),
    )


def shorten(item: str) -> str:
    """A question's id as a row's label."""
    return item.replace("_", " ").replace("-", " ").capitalize()[:18]


def _matrix(snapshot: Snapshot, card: Card, wave: Wave, dimension: str) -> Panel:
    items = snapshot.query("select item_id from items where wave = ? order by position", [wave.label])["item_id"]
    rows = snapshot.results(card.metric, grain="wave")
    rows = rows[
        (rows["period"] == wave.label) & rows["dimension"].isin(["all", dimension]) & rows["breakdown"].isin(items)
    ]
    whole = rows[rows["dimension"] == "all"].set_index("breakdown")["value"]
    cut = rows.assign(difference=rows["value"] - rows["breakdown"].map(whole), is_beyond=discover(rows["p"]))
    order = [str(item) for item in whole.sort_values(ascending=False).index]
    groups, left_out = _choose_columns(snapshot, cut, dimension)
    frame = cut[cut["segment"].isin(["all", *groups])].assign(row=cut["breakdown"].map(shorten), column=cut["segment"])
    columns = ["all", *groups]
    chart: Chart | None = None
    if len(order):
        chart = difference_matrix(
            frame,
            rows=[shorten(item) for item in order],
            columns=columns,
            heads=[_head(cut, column) for column in columns],
        )
    tested = int(cut["p"].notna().sum())
    return Panel(
        key="matrix",
        question=f"Where do the groups differ, by {dimension}?",
        reading=_differences(cut, dimension),
        chart=chart,
        caption=f"Share favourable in percent, {wave.label}; over a group, how many answered. Highest for the whole first. "
        f"Tested {plural(tested, 'time')} against everybody else, false discoveries held at 10 %. "
        f"Withheld: too few answered, or it would reveal a small group."
        + (f" Left out because too much is withheld: {plain_list(left_out)}." if left_out else ""),
        numbers=cut[[*NUMBER_COLUMNS, "low", "high", "p"]].reset_index(drop=True),
        method=card.method,
        legend=":small[:orange[■] lower than the others · :blue[■] higher · stronger colour: by 10 points or more · no colour: within chance · ▨ withheld]",
        notice="" if chart else "No question of this wave can be shown.",
    )


def _choose_columns(snapshot: Snapshot, cut: pd.DataFrame, dimension: str) -> tuple[list[str], list[str]]:
    """Segments in the order of the settings, and those left out where more than a third of the matrix would be withheld."""
    names = [
        str(name)
        for name in snapshot.query("select segment from segments where dimension = ? order by position", [dimension])[
            "segment"
        ]
    ]
    present = [name for name in names if name in set(cut["segment"])]
    hidden = cut[cut["dimension"] == dimension].assign(is_hidden=lambda rows: rows["status"] == "withheld")
    share = hidden.groupby("segment")["is_hidden"].mean()
    if hidden["is_hidden"].mean() <= MOST_HIDDEN:
        return present, []
    return [name for name in present if share[name] < 1], [name for name in present if share[name] == 1]


def _head(cut: pd.DataFrame, column: str) -> str:
    sizes = cut.loc[(cut["segment"] == column) & cut["people"].notna(), "people"]
    name = "<b>Whole</b>" if column == "all" else column
    return f"{name} · {int(sizes.max())}" if len(sizes) else name


def _differences(cut: pd.DataFrame, dimension: str) -> str:
    """The largest differences beyond chance in words, and how many more there are."""
    found = cut[cut["is_beyond"] & (cut["dimension"] == dimension)]
    if found.empty:
        return "No group differs from the others beyond chance."
    found = found.assign(
        size=found["difference"].abs(), words=(found["difference"] > 0).map({True: "higher", False: "lower"})
    )
    found = found.sort_values("size", ascending=False, kind="stable")
    said, named = [], 0
    for (segment, words), part in list(found.groupby(["segment", "words"], sort=False))[:GROUPS_NAMED]:
        names = [shorten(str(item)).lower() for item in part["breakdown"][:3]]
        said.append(f"{segment} is {words} on {plain_list(names)}")
        named += len(names)
    more = len(found) - named
    rest = (
        f"{plural(more, 'more cell differs', 'more cells differ')} beyond chance"
        if more
        else "The rest is within chance"
    )
    return f"{'; '.join(said)}. {rest}."


def _moves(snapshot: Snapshot, card: Card, wave: Wave, changes: pd.DataFrame) -> Panel:
    now = snapshot.results("favourable", grain="wave", dimension="all")
    known = now[now["period"] == wave.label].set_index("breakdown")
    before = now[now["period"] == wave.previous].set_index("breakdown")
    moved = changes[(changes["measure"] == "favourable") & ~changes["name"].isin(CONSTRUCTS)]
    moved = moved.reindex(moved["value"].abs().sort_values(ascending=False).index)
    frame = pd.DataFrame(
        [
            {
                "label": shorten(str(row["name"])),
                "before": before.loc[row["name"], "value"] * 100,
                "before_low": before.loc[row["name"], "low"] * 100,
                "before_high": before.loc[row["name"], "high"] * 100,
                "now": known.loc[row["name"], "value"] * 100,
                "low": known.loc[row["name"], "low"] * 100,
                "high": known.loc[row["name"], "high"] * 100,
                "verdict": row["verdict"],
                "n": row["people"],
            }
            for row in moved.to_dict("records")
        ]
    )
    beyond = [row for row in frame.to_dict("records") if row["verdict"] in COLOURS]
    reading = (
        "; ".join(f"{row['label']} {row['verdict']} by {points(abs(row['now'] - row['before']))}" for row in beyond[:3])
        + "."
        if beyond
        else "No question moved beyond chance."
    )
    return Panel(
        key="moves",
        question=f"What moved since {wave.previous}?",
        reading=reading,
        chart=dumbbell(frame, unit=Unit.SHARE) if len(frame) else None,
        caption=f"Share favourable, percent. ○ {wave.previous}, thin line: its 95 % margin · ● {wave.label}, pale bar: its margin. "
        "Same questions only; false discoveries held at 10 %.",
        numbers=changes[["breakdown", "value", "low", "high", "people", "p", "verdict", "status"]].reset_index(
            drop=True
        ),
        method=card.method,
        notice="" if len(frame) else "No question was asked in both waves.",
    )


def _response_panels(snapshot: Snapshot, cards: dict[str, Card], wave: Wave, dimension: str | None) -> list[Panel]:
    if not dimension:
        return []
    return [
        group_panel(
            snapshot, cards["survey_response"], wave.period, dimension, question=f"Who answered, by {dimension}?"
        )
    ]


def _answers(snapshot: Snapshot, card: Card, wave: Wave) -> Panel:
    rows = snapshot.query(
        """select items.item_id, items.wording, distributions.option, distributions.position, distributions.count, distributions.n,
                  distributions.status
           from distributions
           join items using (wave, item_id)
           where distributions.wave = ?
             and distributions.dimension = 'all'
             and items.kind = 'likert'
             and items.scale_max - items.scale_min = 4
           order by items.position, distributions.position""",
        [wave.label],
    )
    wide = []
    for (_, wording), part in rows.groupby(["item_id", "wording"], sort=False):
        counts = part.set_index("position")["count"]
        n = part["n"].iloc[0]
        shares = {
            f"s{place}": float(counts.get(place, 0)) / n if not is_missing(n) else float("nan") for place in range(5)
        }
        wide.append({"label": wording, "n": n, **shares})
    frame = pd.DataFrame(wide, columns=["label", "n", "s0", "s1", "s2", "s3", "s4"])
    frame = (
        frame.assign(top=frame["s3"] + frame["s4"])
        .sort_values("top", ascending=False, na_position="last")
        .drop(columns="top")
    )
    return Panel(
        key="answers",
        question="How did members answer each question?",
        reading=f"Most favourable: “{frame['label'].iloc[0]}”."
        if len(frame) and not is_missing(frame["s0"].iloc[0])
        else "Nothing can be shown.",
        chart=likert(
            frame, labels=("strongly unfavourable", "unfavourable", "neutral", "favourable", "strongly favourable")
        )
        if len(frame)
        else None,
        caption=f"Share of those who answered, {wave.label}; neutral is centred on the line, reversed questions are turned. "
        "Questions on five points, shown from 10 answers on.",
        numbers=rows.drop(columns=["item_id"]).reset_index(drop=True),
        method=card.method,
        legend=":small[:orange[■] unfavourable · :gray[■] neutral · :blue[■] favourable · stronger colour: strongly]",
    )
