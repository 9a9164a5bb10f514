"""Connections: who is tied to whom across groups, whether ties last, and on whom the community hangs."""

from textwrap import shorten

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import bars, differences, index_against_expected, share_matrix
from report.models.coverage import find_gaps
from report.models.page import Page, Panel
from report.models.parts import parts_panel
from report.models.reading import Card, Period, Row, choose_period, has_any, read_cards, read_periods, read_published
from report.models.series import NUMBER_COLUMNS, group_panel, read_period, read_value
from report.models.tiles import period_tile
from report.numbers import NBSP, day_without_year, days, index, is_missing, out_of, percent, plural, whole
from report.words import number_word, plain_list, sentence, verbatim, withheld_words

TILES = ("giant_component", "isolates", "reciprocity", "cross_team_share")
CASES = {"as is": "As it is", "without top three": "Without the three best bridges", "without staff": "Without staff"}
FLOWS = {"new": "New", "kept": "Kept", "lost": "Lost"}
EVENTS_SHOWN = 8
PAIRS = 1_000  # a lift is a few pairs in a thousand
LEAST_REACH = 5.0  # of a thousand pairs; a smaller lift is small to look at
LEANS = 0.10  # the community hangs on those without whom a tenth less of it hangs together
LEANING = {"without top three": "three members", "without staff": "staff"}
WHOLE = "Whole community"
SILO_COLUMNS = ["label", "value", "expected", "verdict", "n", "status"]
GROUPS_NAMED = 2
LONGEST_TITLE = 32
INWARD = {"declined": "more inward than chance", "improved": "more outward than chance", "": "as chance would have it"}
BEYOND_CHANCE = 0.05


def read_connections(snapshot: Snapshot, wanted: str | None, dimension: str | None) -> Page | None:
    """The page of one quarter; None where no interactions were ever loaded."""
    if not has_any(snapshot, "interactions"):
        return None
    period = choose_period(read_periods(snapshot, "quarter"), wanted)
    if period is None:
        return None
    cards = read_cards(snapshot)
    silos = read_silos(snapshot, period, dimension) if dimension else pd.DataFrame(columns=SILO_COLUMNS)
    cases = {name: read_value(snapshot, "fragility", period, name) for name in CASES}
    panels = [_matrix(snapshot, cards["group_ties"], period, dimension)] if dimension else []
    if dimension:
        panels.append(_silos(snapshot, cards["ei_index"], period, dimension, silos))
        question = f"Who has no tie, by {verbatim(dimension)}?"
        panels.append(group_panel(snapshot, cards["isolates"], period, dimension, question=question))
    panels += [
        parts_panel(
            snapshot, cards["fragility"], period, CASES, question=cards["fragility"].question, n="people who remain",
            highest=1.0, reading=_say_cases(cases),
        ),
        parts_panel(
            snapshot, cards["tie_flow"], period, FLOWS, question=cards["tie_flow"].question, n="ties",
            reading=_say_flow(snapshot, period),
        ),
        _lift(snapshot, cards["event_lift"], period),
        _radar(snapshot, cards["duplication_radar"], period),
    ]  # fmt: skip
    row = read_value(snapshot, "giant_component", period)
    return Page(
        kicker=f"Connections · {period.label}, {days(period.first, period.last)} · "
        f"{'complete' if period.is_complete else 'not over yet'} · published {read_published(snapshot)}",
        answer=_answer(row, period, silos, _lean(cases)),
        support=_support(snapshot, row, period),
        tiles=tuple(period_tile(snapshot, cards[name], period) for name in TILES),
        panels=tuple(panels),
        notes=find_gaps(snapshot, ("interactions",)),
    )


def _answer(row: Row | None, period: Period, silos: pd.DataFrame, leans_on: str) -> str:
    """Which groups keep to themselves beyond chance, and whether the community hangs on somebody; else how many hang together."""
    if row is None or is_missing(row["value"]):
        return f"No upload covers {period.label} yet."
    shown = silos[(silos["label"] != WHOLE) & silos["value"].notna()]
    inward = [verbatim(str(name)) for name in shown.loc[shown["verdict"] == "declined", "label"]]
    said = ""
    if inward:
        who = plain_list(inward)
        if len(inward) > GROUPS_NAMED:
            all_of = "all" if len(inward) == len(shown) else f"{number_word(len(inward))} of"
            who = f"{all_of} {number_word(len(shown))} groups shown"
        said = f"{who} {'keeps to itself' if len(inward) == 1 else 'keep to themselves'} more than chance"
    if leans_on:
        said += f"{', and the' if said else 'the'} net hangs on {leans_on}"
    if said:
        return sentence(f"{said}{'' if period.is_complete else ', so far'}")
    joined = out_of(float(row["numerator"]), float(row["denominator"]), "members")
    return (
        f"{percent(float(row['value']))} of members hang together{'' if period.is_complete else ' so far'}: {joined}."
    )


def _support(snapshot: Snapshot, row: Row | None, period: Period) -> str:
    alone, ties = (read_value(snapshot, name, period) for name in ("isolates", "network_density"))
    if row is None or alone is None or ties is None or any(is_missing(one["value"]) for one in (row, alone, ties)):
        return "Upload interactions of this quarter, or choose another one."
    count = float(alone["numerator"])
    none = plural(count, "member has", "members have") if count else "nobody has"
    joined = out_of(float(row["numerator"]), float(row["denominator"]), "members")
    return (
        f"{joined} ({percent(float(row['value']))}) hang together in one net of {plural(float(ties['numerator']), 'tie')}; {none} none. "
        "A tie is talk with each other in the quarter."
    )


def _lean(cases: dict[str, Row | None]) -> str:
    """Whom the community hangs on: those without whom a tenth of it or more would no longer hang together; empty for nobody."""
    values = {name: row["value"] for name, row in cases.items() if row is not None and not is_missing(row["value"])}
    if "as is" not in values:
        return ""
    return plain_list(
        [who for name, who in LEANING.items() if name in values and round(values["as is"] - values[name], 9) >= LEANS]
    )


def _say_cases(cases: dict[str, Row | None]) -> str:
    """How much still hangs together without its bridges and without staff; empty where one of them is not known."""
    values = {name: row["value"] for name, row in cases.items() if row is not None and not is_missing(row["value"])}
    if len(values) < len(CASES):
        return ""
    leans_on = _lean(cases)
    begin = f"It hangs on {leans_on}" if leans_on else "It would still hang together"
    return (
        f"{begin}: {percent(values['as is'])} as it is, {percent(values['without top three'])} without its three best bridges, "
        f"{percent(values['without staff'])} without staff. Not tested."
    )


def _say_flow(snapshot: Snapshot, period: Period) -> str:
    """How many of the ties before are still there; empty where that is not known."""
    rows = {name: read_value(snapshot, "tie_flow", period, name) for name in FLOWS}
    counts = {
        name: float(row["value"]) for name, row in rows.items() if row is not None and not is_missing(row["value"])
    }
    before = counts.get("kept", 0) + counts.get("lost", 0)
    if len(counts) < len(FLOWS) or not before:
        return ""
    return f"{out_of(counts['kept'], before, 'ties')} of the quarter before are still there; {plural(counts['new'], 'is', 'are') if counts['new'] else 'none is'} new."


def _matrix(snapshot: Snapshot, card: Card, period: Period, dimension: str) -> Panel:
    rows = read_period(snapshot, card.metric, period, dimension=dimension)
    by = verbatim(dimension)
    pairs = rows["breakdown"].str.rpartition(" > ")
    frame = (
        rows.assign(row=pairs[0].to_numpy(), column=pairs[2].to_numpy())
        if len(rows)
        else rows.assign(row="", column="")
    )
    shown = frame[frame["value"].notna()]
    groups = list(dict.fromkeys(shown["row"]))
    hidden = [verbatim(name) for name in sorted(set(frame["row"]) - set(groups) - {""})]
    inside = shown[shown["row"] == shown["column"]].sort_values("value")
    reading = (
        f"From {percent(inside['value'].iloc[0])} of the ties of {verbatim(inside['row'].iloc[0])} to "
        f"{percent(inside['value'].iloc[-1])} of those of {verbatim(inside['row'].iloc[-1])} stay inside. Not tested."
        if len(inside) > 1
        else "Too few groups are shown to compare them."
    )
    return Panel(
        key="group_ties",
        question=card.question,
        reading=reading,
        chart=share_matrix(
            shown,
            rows=groups,
            columns=groups,
            heads=groups,
            what=f"Share of the ties of each {dimension} that go to each {dimension}",
        )
        if len(groups) > 1
        else None,
        caption=f"Share of a row’s ties, %, {days(period.first, period.last)}, of the groups that are shown: a row adds up to 100. "
        "A stronger colour is a larger share."
        + (f" {withheld_words(int(snapshot.manifest()['k']))} These are {plain_list(hidden)}." if hidden else ""),
        numbers=rows[NUMBER_COLUMNS].reset_index(drop=True),
        method=card.method,
        notice=""
        if len(groups) > 1
        else f"Fewer than two groups can be shown: a column {by} in the member list, or larger groups, fill this chart.",
    )


def read_silos(snapshot: Snapshot, period: Period, dimension: str) -> pd.DataFrame:
    """The E-I index of the whole and of each group beside what chance would give: label, value, expected, p, verdict, n, status."""
    rows = read_period(snapshot, "ei_index", period, dimension=dimension)
    rows = pd.concat([rows[rows["segment"] == "all"], rows[rows["segment"] != "all"]])
    return pd.DataFrame(
        {
            "label": rows["segment"].replace("all", WHOLE),
            "value": rows["value"],
            "expected": rows["expected"],
            "verdict": [_side(row) for row in rows.to_dict("records")],
            "n": rows["people"],
            "status": rows["status"],
        }
    )


def _silos(snapshot: Snapshot, card: Card, period: Period, dimension: str, frame: pd.DataFrame) -> Panel:
    rows = read_period(snapshot, card.metric, period, dimension=dimension)
    known = frame[frame["value"].notna()]
    groups = known[known["label"] != WHOLE]
    far = (groups["expected"] - groups["value"]).where(groups["verdict"] == "declined")
    reading = "No group is more inward than chance." if len(known) else "Too few ties, or too few people, to say."
    if far.notna().any():
        row = groups.iloc[int(far.argmax())]
        reading = (
            f"{verbatim(str(row['label']))} is furthest from chance: {index(row['value'])}, where ties without regard to groups "
            f"would give {index(row['expected'])}."
        )
    sizes = groups["n"].dropna()
    of = f" n{NBSP}{whole(sizes.min())} to {whole(sizes.max())} members a group." if len(sizes) else ""
    return Panel(
        key="ei_index",
        question=card.question,
        reading=reading,
        chart=index_against_expected(frame, words=INWARD, ends=("all ties inside", "all outside"))
        if len(known)
        else None,
        caption=f"{card.title}, {days(period.first, period.last)}, by {verbatim(dimension)}: outside ties less inside ties, of all. ● observed; upright line: by chance. "
        f"Beyond chance: fewer than one in twenty random ways to deal the groups out lie as far off.{of}",
        numbers=rows[[*NUMBER_COLUMNS[:-2], "expected", "p", "status"]].reset_index(drop=True),
        method=card.method,
    )


def _side(row: Row) -> str:
    """In the words of the chart: declined is more inward than chance, improved more outward."""
    if is_missing(row["p"]) or is_missing(row["value"]) or row["p"] >= BEYOND_CHANCE:
        return ""
    return "declined" if row["value"] < row["expected"] else "improved"


def _lift(snapshot: Snapshot, card: Card, period: Period) -> Panel:
    rows = snapshot.query(
        """select results.*, coalesce(events.title, events.event_id) as title, events.day
           from results
           join events
             on events.event_id = results.breakdown
           where metric = ?
             and grain = 'quarter'
             and period = ?
             and value is not null
           order by value desc, event_id""",
        [card.metric, period.period],
    )
    more, fewer = int((rows["low"] > 0).sum()), int((rows["high"] < 0).sum())
    top = rows.head(EVENTS_SHOWN)
    frame = pd.DataFrame(
        {
            "label": [
                f"{day_without_year(pd.Timestamp(on).date())} · {shorten(str(title), LONGEST_TITLE, placeholder='…')}"
                for title, on in zip(top["title"], top["day"], strict=True)
            ],
            **{name: top[name] * PAIRS for name in ("value", "low", "high")},
            "verdict": "",
            "n": float("nan"),
        }
    )
    sizes = (
        f"n{NBSP}{whole(rows['people'].min())} to {whole(rows['people'].max())} attendees"
        if len(rows)
        else "n: attendees"
    )
    reading = f"After {number_word(more) if more else 'none'} of {number_word(len(rows))} events more pairs who met began to talk than others like them"
    reading += f", after {number_word(fewer)} fewer; the rest is within chance." if fewer else ", beyond chance."
    return Panel(
        key="event_lift",
        question=card.question,
        reading=reading if len(rows) else "No event of this quarter can be judged.",
        chart=differences(frame, reach=LEAST_REACH, digits=1, unit="pairs of 1,000") if len(rows) else None,
        caption=f"Of 1,000 pairs who met and had no tie, how many more (+) or fewer (−) talked within 30 days than comparable pairs "
        f"who stayed away, {days(period.first, period.last)}; thin line: 95{NBSP}% margin. {sizes}."
        + (f" The {number_word(EVENTS_SHOWN)} highest of {len(rows)}." if len(rows) > EVENTS_SHOWN else ""),
        numbers=rows[["title", "value", "numerator", "denominator", "people", "low", "high", "expected", "status"]],
        method=card.method,
        notice="" if len(rows) else "It takes 90 days of talk before an event, 30 after it, and ten members who came.",
    )


def _radar(snapshot: Snapshot, card: Card, period: Period) -> Panel:
    rows = snapshot.query(
        "select * from results where metric = ? and grain = 'quarter' and period = ? order by value desc, breakdown",
        [card.metric, period.period],
    )
    topics, whole = rows[rows["breakdown"] != "all"], rows[rows["breakdown"] == "all"]
    frame = pd.DataFrame(
        {
            "label": topics["breakdown"],
            "value": topics["value"],
            "verdict": "",
            "n": topics["denominator"],
            "status": topics["status"],
        }
    )
    apart = frame[(frame["value"] > 0) | (frame["status"] == "withheld")].head(EVENTS_SHOWN)
    known = bool(whole["value"].notna().any())
    rest = int((frame["value"] == 0).sum())
    count = float(whole["value"].iloc[0]) if known else 0.0
    pairs = out_of(count, float(whole["denominator"].iloc[0]), "pairs of teams") if known else ""
    return Panel(
        key="duplication_radar",
        question=card.question,
        reading=(
            f"{pairs} on one topic have no tie."
            if count
            else f"{plural(float(whole['denominator'].iloc[0]), 'pair of teams on one topic has a tie', 'pairs of teams on one topic have a tie')}; none is without."
        )
        if known
        else "Too few people, or no topic, to say.",
        chart=bars(apart, unit=Unit.PAIRS) if known and apart["value"].notna().any() else None,
        caption=f"Pairs of teams that wrote on the topic and have no tie, {days(period.first, period.last)}. n: pairs on the topic."
        + (f" On {plural(rest, 'other topic')} every pair has one." if count and rest else ""),
        numbers=rows[NUMBER_COLUMNS],
        method=card.method,
        notice=("" if count else "Every two teams that wrote on the same topic talk with each other.")
        if known
        else "Interactions with a topic, and members with a team, fill this chart.",
    )
