"""Who answered, what goes together with the outcome, and whether the questions do their work."""

from dataclasses import replace

import pandas as pd

from metrics.drivers import HIGH_IMPACT
from metrics.metric import Unit
from metrics.representativeness import DIFFERS_ABOVE
from metrics.snapshot import Snapshot
from metrics.statistics import SIGNIFICANCE
from report.charts import bars, differences
from report.models.page import Panel
from report.models.reading import Card, Row
from report.models.series import group_panel
from report.models.waves import CONSTRUCTS, Wave, label_rows, shorten
from report.numbers import index, is_missing, percent, plural, signed, whole
from report.words import plain_list, verbatim

LOW_RATE = 0.6
FEWEST_DRIVERS = 2
DRIVERS_SHOWN = 10
TOGETHER = "Going together is not a cause."


def response_panel(snapshot: Snapshot, cards: dict[str, Card], wave: Wave, dimension: str) -> Panel:
    """Response by group, and whether the mix of those who answered is that of the roster."""
    panel = group_panel(
        snapshot, cards["survey_response"], wave.period, dimension, question=f"Who answered, by {verbatim(dimension)}?"
    )
    low = panel.numbers[(panel.numbers["segment"] != "Whole community") & (panel.numbers["value"] < LOW_RATE)]
    words = (
        f" Below {percent(LOW_RATE)}: {plain_list([verbatim(str(name)) for name in low['segment']])}."
        if len(low)
        else ""
    )
    return replace(
        panel, reading=f"{_say_mix(snapshot, wave, dimension)}{panel.reading}", caption=f"{panel.caption}{words}"
    )


def weighted_panel(snapshot: Snapshot, cards: dict[str, Card], wave: Wave) -> Panel | None:
    """What the scores would be with the mix of the roster, beside the scores as they are; None without a roster."""
    plain, weighted = (
        _of_wave(snapshot, name, wave).set_index("breakdown") for name in ("item_score", "weighted_item_score")
    )
    known = [
        name
        for name in CONSTRUCTS
        if name in plain.index and name in weighted.index and not is_missing(weighted["value"][name])
    ]
    if not known:
        return None
    frame = pd.DataFrame(
        {
            "label": [
                f"{CONSTRUCTS[name].capitalize()} {whole(plain['value'][name])} → {whole(weighted['value'][name])}"
                for name in known
            ],
            "value": [weighted["value"][name] - plain["value"][name] for name in known],
            "low": float("nan"),
            "high": float("nan"),
            "verdict": "",
            "n": [plain["people"][name] for name in known],
        }
    )
    small = [f"{CONSTRUCTS[name]} {signed(value, 1)}" for name, value in zip(known, frame["value"], strict=True)]
    is_alike = bool(frame["value"].abs().max() < 1)
    reading = (
        f"Hardly different: none of {plural(len(frame), 'score')} moves by a whole point."
        if is_alike
        else f"{frame['label'].iloc[int(frame['value'].abs().argmax())]}: who answered matters here."
    )
    numbers = pd.concat([_of_wave(snapshot, name, wave) for name in ("item_score", "weighted_item_score")])
    return Panel(
        key="weighted",
        question="What if every group had answered alike?",
        reading=reading,
        chart=None if is_alike else differences(frame, reach=5.0),
        caption="Score with the mix of the roster less the score as it is, 0 to 100. It mends the mix, not what those think who did not answer.",
        numbers=numbers[["metric", "breakdown", "value", "low", "high", "people", "status"]].reset_index(drop=True),
        method=cards["weighted_item_score"].method,
        notice=f"With the mix of the roster: {'; '.join(small)}." if is_alike else "",
    )


def driver_panel(snapshot: Snapshot, cards: dict[str, Card], wave: Wave, outcome: str) -> Panel | None:
    """Which questions go together with the outcome, how surely they come first, and which of them have room; None without an outcome."""
    rows = _of_wave(snapshot, "drivers", wave)
    shown = rows[rows["value"].notna()].sort_values("value", ascending=False, kind="stable")
    if len(shown) < FEWEST_DRIVERS:
        return None
    stability = _of_wave(snapshot, "driver_stability", wave).set_index("breakdown")["value"]
    slopes = _of_wave(snapshot, "driver_slopes", wave).set_index("breakdown")["value"]
    top = shown.head(DRIVERS_SHOWN)
    frame = pd.DataFrame(
        {
            "label": list(label_rows(str(name) for name in top["breakdown"]).values()),
            "value": top["value"].clip(lower=0),
            "verdict": "",
            "n": top["people"],
            "status": top["status"],
        }
    )
    first = str(shown["breakdown"].iloc[0])
    sure = f", among the first three in {percent(stability[first])} of samples" if first in stability else ""
    level = "a high" if shown["value"].iloc[0] >= HIGH_IMPACT else "a low"
    turned = [verbatim(shorten(str(row["breakdown"]))) for row in shown.to_dict("records") if _is_turned(row, slopes)]
    return Panel(
        key="drivers",
        question=f"What goes together with {outcome}?",
        reading=f"{verbatim(shorten(first))} most ({index(shown['value'].iloc[0])}{sure}): {level} impact. {_say_strengths(snapshot, wave)}".strip(),
        chart=bars(frame, unit=Unit.CORRELATION, highest=1.0),
        caption=f"Rank correlation, 0 to 1; high from {HIGH_IMPACT:.2f}. {TOGETHER}"
        + (f" Beside the others these turn round: {plain_list(turned)}." if turned else ""),
        numbers=rows.merge(stability.rename("among_first_three"), left_on="breakdown", right_index=True, how="left")[
            ["breakdown", "value", "low", "high", "people", "among_first_three", "status"]
        ],
        method=cards["drivers"].method,
    )


def reliability_panel(snapshot: Snapshot, cards: dict[str, Card], wave: Wave) -> Panel | None:
    """Whether the questions of each scale agree, and how people filled the survey in; None where no scale has two questions."""
    rows = _of_wave(snapshot, "scale_reliability", wave)
    if rows.empty:
        return None
    ordered = rows.sort_values("value", ascending=False, kind="stable")
    frame = pd.DataFrame(
        {
            "label": [CONSTRUCTS.get(name, shorten(name)).capitalize() for name in ordered["breakdown"]],
            "value": ordered["value"],
            "verdict": "",
            "n": ordered["people"],
            "status": ordered["status"],
        }
    )
    weak = [verbatim(row["label"]) for row in frame.to_dict("records") if row["value"] < 0.5]
    blank = _of_wave(snapshot, "item_nonresponse", wave)
    same = _of_wave(snapshot, "straight_lining", wave)
    most = blank.iloc[int(blank["value"].argmax())] if blank["value"].notna().any() else None
    caption = "How alike the questions of a theme are answered (Cronbach's alpha), 0 to 1; from 0.7 a score can be read as one thing."
    if most is not None:
        caption += f" Left blank most: {verbatim(shorten(str(most['breakdown'])))}, {percent(most['value'])}."
    if len(same) and not is_missing(same["value"].iloc[0]):
        caption += f" The same answer throughout: {percent(same['value'].iloc[0])}."
    return Panel(
        key="reliability",
        question="Do the questions of each theme agree?",
        reading=f"Read the questions on {plain_list(weak)} one by one: they do not measure one thing."
        if weak
        else "Yes: each theme can be read as one score.",
        chart=bars(frame, unit=Unit.ALPHA, highest=1.0),
        caption=caption,
        numbers=pd.concat([rows, blank, same])[
            ["metric", "breakdown", "value", "low", "high", "people", "status"]
        ].reset_index(drop=True),
        method=cards["scale_reliability"].method,
    )


def name_outcome(snapshot: Snapshot, wave: Wave) -> str:
    """What the drivers go together with: the question that no driver is, else the engagement index."""
    drivers = set(_of_wave(snapshot, "drivers", wave)["breakdown"])
    items = snapshot.query("select item_id, kind, construct from items where wave = ? order by position", [wave.label])
    left = items[items["kind"].isin(["likert", "nps"]) & ~items["item_id"].isin(drivers)]
    if len(left) == 1:
        return (
            "recommending us"
            if left["kind"].iloc[0] == "nps"
            else f"“{verbatim(shorten(str(left['item_id'].iloc[0])))}”"
        )
    return "engagement"


def _of_wave(snapshot: Snapshot, metric: str, wave: Wave) -> pd.DataFrame:
    rows = snapshot.results(metric, grain="wave", dimension="all")
    return rows[rows["period"] == wave.label].reset_index(drop=True)


def _say_mix(snapshot: Snapshot, wave: Wave, dimension: str) -> str:
    rows = snapshot.results("representativeness", grain="wave", dimension=dimension, segment="all")
    rows = rows[(rows["period"] == wave.label) & rows["value"].notna()]
    if rows.empty:
        return ""
    row = rows.iloc[0]
    is_beyond = row["value"] > DIFFERS_ABOVE and row["p"] < SIGNIFICANCE
    return f"The mix differs by {percent(row['value'])}, {'more than chance would' if is_beyond else 'no more than chance would'}. "


def _say_strengths(snapshot: Snapshot, wave: Wave) -> str:
    rows = _of_wave(snapshot, "strengths", wave)
    found = [
        (
            word,
            [
                f"{verbatim(shorten(name.partition(':')[2]))} ({signed(value)})"
                for name, value in zip(part["breakdown"], part["value"], strict=True)
            ],
        )
        for word in ("strength", "opportunity")
        for part in [rows[rows["breakdown"].str.startswith(f"{word}:")].sort_values("value", key=abs, ascending=False)]
    ]
    said = [
        f"{'Strong' if word == 'strength' else 'Room to rise'}: {plain_list(names)}" for word, names in found if names
    ]
    return f"{'; '.join(said)}, in points beside the middle question." if said else ""


def _is_turned(row: Row, slopes: pd.Series) -> bool:
    """Whether a question goes one way by itself and the other way beside the others."""
    slope = slopes.get(row["breakdown"])
    return slope is not None and row["value"] * slope < 0
