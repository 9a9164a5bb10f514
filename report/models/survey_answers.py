"""What members said in a wave: how each question was answered, and where the groups differ."""

import pandas as pd

from metrics.divided_opinion import DIVIDED_FROM
from metrics.snapshot import Snapshot
from metrics.statistics import discover
from report.charts import Chart, difference_matrix, likert
from report.models.page import Panel
from report.models.reading import Card
from report.models.series import NUMBER_COLUMNS
from report.models.waves import Wave, label_rows, shorten
from report.numbers import NBSP, is_missing, plural
from report.words import plain_list, verbatim

MOST_HIDDEN = 1 / 3
GROUPS_NAMED = 3


def read_matrix(snapshot: Snapshot, card: Card, wave: Wave, dimension: str) -> Panel:
    """Questions by groups: share favourable, coloured where a group differs from everybody else beyond chance."""
    items = snapshot.query("select item_id from items where wave = ? order by position", [wave.label])["item_id"]
    rows = snapshot.results(card.metric, grain="wave")
    rows = rows[
        (rows["period"] == wave.label) & rows["dimension"].isin(["all", dimension]) & rows["breakdown"].isin(items)
    ]
    whole = rows[rows["dimension"] == "all"].set_index("breakdown")["value"]
    cut = rows.assign(difference=rows["value"] - rows["breakdown"].map(whole), is_beyond=discover(rows["p"]))
    order = [str(item) for item in whole.sort_values(ascending=False).index]
    labels = label_rows(order)
    groups, left_out = _choose_columns(snapshot, cut, dimension)
    frame = cut[cut["segment"].isin(["all", *groups])].assign(row=cut["breakdown"].map(labels), column=cut["segment"])
    columns = ["all", *groups]
    by = verbatim(dimension)
    chart: Chart | None = None
    if len(order) and groups:
        chart = difference_matrix(
            frame,
            rows=[labels[item] for item in order],
            columns=columns,
            heads=[_head(cut, column) for column in columns],
        )
    tested = int(cut["p"].notna().sum())
    return Panel(
        key="matrix",
        question=f"Where do the groups differ, by {by}?",
        reading=_differences(cut, dimension)
        if tested
        else "Not tested: too few answered in any group to compare them.",
        chart=chart,
        caption=f"Share favourable in percent, {verbatim(wave.label)}; over a group, how many answered. Highest for the whole first. "
        + (
            f"Tested {plural(tested, 'time')} against everybody else, false discoveries held at 10{NBSP}%. "
            if tested
            else ""
        )
        + "Withheld: too few answered, or it would reveal a small group."
        + (
            f" Left out because too much is withheld: {plain_list([verbatim(name) for name in left_out])}."
            if left_out
            else ""
        ),
        numbers=cut[[*NUMBER_COLUMNS, "low", "high", "p"]].reset_index(drop=True),
        method=card.method,
        legend=":small[:orange[■] lower than the others · :blue[■] higher · stronger colour: by 10 points or more · no colour: within chance · ≥ or ≤: nearly all answered alike, so only a band is shown · ▨ withheld]",
        notice=""
        if chart
        else f"No group can be shown. Invite more people, or compare by something with larger groups than {by}.",
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
        names = [verbatim(shorten(str(item)).lower()) for item in part["breakdown"][:3]]
        said.append(f"{verbatim(str(segment))} is {words} on {plain_list(names)}")
        named += len(names)
    more = len(found) - named
    rest = (
        f"{plural(more, 'more cell differs', 'more cells differ')} beyond chance"
        if more
        else "The rest is within chance"
    )
    return f"{'; '.join(said)}. {rest}."


def read_distributions(snapshot: Snapshot, card: Card, wave: Wave) -> Panel:
    """How every question on five points was answered, the most favourable first."""
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
        reading=f"Most favourable: “{verbatim(str(frame['label'].iloc[0]))}”."
        if len(frame) and not is_missing(frame["s0"].iloc[0])
        else "Too few answered to show how.",
        chart=likert(
            frame, labels=("strongly unfavourable", "unfavourable", "neutral", "favourable", "strongly favourable")
        )
        if len(frame)
        else None,
        caption=f"{_say_divided(snapshot, wave)}Share of those who answered, {verbatim(wave.label)}; neutral is centred on the line, reversed questions are turned. "
        "Questions on five points, shown from 10 answers on.",
        numbers=rows.drop(columns=["item_id"]).reset_index(drop=True),
        method=card.method,
        legend=":small[:orange[■] unfavourable · :gray[■] neutral · :blue[■] favourable · stronger colour: strongly]",
    )


def _say_divided(snapshot: Snapshot, wave: Wave) -> str:
    """The questions on which both camps are large; empty where there are none."""
    rows = snapshot.results("divided_opinion", grain="wave", dimension="all")
    found = rows[(rows["period"] == wave.label) & (rows["value"] >= DIVIDED_FROM)]
    names = [verbatim(shorten(str(name))) for name in found["breakdown"]]
    return f"Two camps: {plain_list(names)}. " if names else ""
