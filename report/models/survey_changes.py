"""What moved since the wave before, how much of it is real, and what changed in the same people."""

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import differences, dumbbell
from report.models.page import Panel
from report.models.reading import Card
from report.models.waves import COLOURS, CONSTRUCTS, Wave, shorten
from report.numbers import points, signed
from report.words import plain_list, verbatim

NOT_SEPARATED = "Whether minds changed or other people answered is not separated here."


def read_moves(snapshot: Snapshot, card: Card, wave: Wave, changes: pd.DataFrame) -> Panel:
    """Both waves of every question that was asked in both."""
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
        "; ".join(
            f"{verbatim(row['label'])} {row['verdict']} by {points(abs(row['now'] - row['before']))}"
            for row in beyond[:3]
        )
        + "."
        if beyond
        else "No question moved beyond chance."
    )
    return Panel(
        key="moves",
        question=f"What moved since {verbatim(wave.previous or '')}?",
        reading=reading,
        chart=dumbbell(frame, unit=Unit.SHARE) if len(frame) else None,
        caption=f"Share favourable, percent. ○ {verbatim(wave.previous or '')}, thin line: its 95 % margin · ● {verbatim(wave.label)}, pale bar: its margin. "
        "Same questions only; false discoveries held at 10 %.",
        numbers=changes[["breakdown", "value", "low", "high", "people", "p", "verdict", "status"]].reset_index(
            drop=True
        ),
        method=card.method,
        notice="" if len(frame) else "No question was asked in both waves.",
    )


def read_split(snapshot: Snapshot, wave: Wave) -> pd.DataFrame:
    """Every split of a wave's favourable changes by construct: name, total, real, composition, low, high, p, verdict, people."""
    rows = snapshot.results("change_split", grain="wave", segment="all")
    rows = rows[(rows["period"] == wave.label) & rows["value"].notna()]
    parts = rows["breakdown"].str.split(":", expand=True).reindex(columns=[0, 1, 2])
    rows = rows.assign(measure=parts[0], name=parts[1], part=parts[2])
    rows = rows[(rows["measure"] == "favourable") & rows["name"].isin(CONSTRUCTS)]
    real = rows[rows["part"] == "real"].set_index("name")
    other = rows[rows["part"] == "composition"].set_index("name")["value"]
    found = real.assign(real=real["value"], composition=other.reindex(real.index))
    found = found.assign(total=found["real"] + found["composition"]).reset_index()
    return found.reindex(found["total"].abs().sort_values(ascending=False, kind="stable").index)


def say_split(split: pd.DataFrame, moved: list[str]) -> str:
    """How much of the first change that moved beyond chance is real, in a sentence."""
    found = split[split["name"].isin(moved)]
    if found.empty:
        return NOT_SEPARATED
    row = found.iloc[0]
    name, by = CONSTRUCTS[str(row["name"])], verbatim(str(row["dimension"]))
    share = f"Of {points(row['total'])} on {name}, {signed(row['real'])} are real and {signed(row['composition'])} come from who answered, by {by}."
    if row["verdict"] in COLOURS:
        return share
    return f"{share} The real part alone is within chance."


def split_panel(card: Card, wave: Wave, split: pd.DataFrame) -> Panel:
    """Total, real and composition of the construct that moved most."""
    row = split.iloc[0]
    name = CONSTRUCTS[str(row["name"])]
    parts = pd.DataFrame(
        {
            "label": [
                "All of the change",
                f"Real: {row['dimension']}s changed",
                f"Mix: other {row['dimension']}s answered",
            ],
            "value": [row["total"], row["real"], row["composition"]],
            "low": [float("nan"), row["low"], float("nan")],
            "high": [float("nan"), row["high"], float("nan")],
            "verdict": ["", row["verdict"], ""],
            "n": [row["people"], float("nan"), float("nan")],
        }
    )
    beyond = "beyond chance" if row["verdict"] in COLOURS else str(row["verdict"])
    return Panel(
        key="split",
        question=f"How much of the change on {name} is real?",
        reading=f"{signed(row['real'])} of {points(row['total'])} are real ({beyond}); {signed(row['composition'])} from who answered.",
        chart=differences(parts),
        caption=f"Points of share favourable since {verbatim(wave.previous or '')}, split by {verbatim(str(row['dimension']))}; thin line: the 95 % margin of the real part. "
        "Only the real part is tested.",
        numbers=split[["name", "total", "real", "composition", "low", "high", "p", "verdict", "people"]].reset_index(
            drop=True
        ),
        method=card.method,
    )


def panel_panel(snapshot: Snapshot, card: Card, wave: Wave) -> Panel | None:
    """What changed in those who answered both waves; None where the waves are not linked."""
    rows = snapshot.results("panel_change", grain="wave", dimension="all")
    rows = rows[(rows["period"] == wave.label) & rows["breakdown"].str.startswith("favourable:")]
    shown = rows[rows["value"].notna()]
    if shown.empty:
        return None
    shown = shown.reindex(shown["value"].abs().sort_values(ascending=False, kind="stable").index)
    frame = pd.DataFrame(
        {
            "label": [shorten(name.partition(":")[2]) for name in shown["breakdown"]],
            "value": shown["value"],
            "low": shown["low"],
            "high": shown["high"],
            "verdict": shown["verdict"],
            "n": shown["people"],
        }
    )
    moved = [
        f"{verbatim(row['label'])} {row['verdict']}" for row in frame.to_dict("records") if row["verdict"] in COLOURS
    ]
    return Panel(
        key="panel",
        question="What changed in the same people?",
        reading=f"{plain_list(moved[:3])}."
        if moved
        else "Nothing changed beyond chance in those who answered both times.",
        chart=differences(frame),
        caption=f"Points of share favourable, only those who answered {verbatim(wave.previous or '')} and {verbatim(wave.label)}; thin line: 95 % margin.",
        numbers=rows[["breakdown", "value", "low", "high", "people", "p", "verdict", "status"]].reset_index(drop=True),
        method=card.method,
    )
