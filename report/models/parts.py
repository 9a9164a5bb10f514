"""Panels for numbers that come in parts: each part a bar in one quarter, or a row over the last quarters."""

from collections.abc import Mapping, Sequence

import pandas as pd

from metrics.metric import Unit
from metrics.snapshot import Snapshot
from report.charts import bars, share_matrix
from report.models.page import Panel, Table
from report.models.reading import Card, Period, Row, read_periods
from report.models.series import NUMBER_COLUMNS, read_period, read_value
from report.numbers import NBSP, days, is_missing, plural, whole, write_value
from report.words import sentence, verbatim

QUARTERS = 8
COUNTS = (Unit.COUNT, Unit.PEOPLE, Unit.TIES, Unit.PAIRS)


def parts_panel(
    snapshot: Snapshot,
    card: Card,
    period: Period,
    names: Mapping[str, str],
    *,
    question: str,
    n: str,
    highest: float | None = None,
    reading: str = "",
    missing: str = "",
) -> Panel:
    """A bar for each part of a number in one period. `names` maps breakdowns to words; `n` says what is counted.

    A count needs no n, and one n for all bars is said once, under the chart. `reading` is the answer, by default the
    parts; `missing` says what fills the chart where there is nothing to draw.
    """
    rows = read_period(snapshot, card.metric, period).set_index("breakdown").reindex(list(names))
    sizes = rows["denominator"].fillna(rows["people"].astype("Float64").astype(float))
    is_counted = card.unit in COUNTS
    known = set(sizes[rows["value"].notna()].dropna())
    is_same = len(names) > 1 and len(known) == 1
    frame = pd.DataFrame(
        {
            "label": list(names.values()),
            "value": rows["value"].to_numpy(),
            "verdict": "",
            "n": float("nan") if is_counted or is_same else sizes.where(rows["value"].notna()).to_numpy(),
            "status": rows["status"].fillna("no data").to_numpy(),
        }
    )
    shown = frame[frame["value"].notna()]
    size = f"n{NBSP}{whole(known.pop())}: {n}" if is_same else f"n: {n}"
    return Panel(
        key=card.metric,
        question=question,
        reading=reading or read_parts(frame, card),
        chart=bars(frame, unit=card.unit, highest=highest) if len(shown) else None,
        caption=f"{card.title}, {days(period.first, period.last)}. {f'Counted: {n}' if is_counted else size}.",
        numbers=rows.reset_index()[NUMBER_COLUMNS],
        method=card.method,
        notice="" if len(shown) else _why_not(frame, period, missing),
    )


def history_panel(
    snapshot: Snapshot, card: Card, until: Period, names: Mapping[str, str], *, question: str, what: str
) -> Panel:
    """A row for each part over the last two years of quarters; the parts of a quarter add up to 100."""
    quarters = [q for q in read_periods(snapshot, "quarter") if q.first <= until.last][-QUARTERS:]
    rows = pd.concat([read_period(snapshot, card.metric, q).assign(label=q.label) for q in quarters])
    frame = rows.assign(row=rows["breakdown"].map(names), column=rows["label"])
    newest = frame[(frame["column"] == quarters[-1].label) & frame["value"].notna()]
    ordered = newest.set_index("breakdown").reindex(list(names))
    words = pd.DataFrame({"label": list(names.values()), "value": ordered["value"].to_numpy()})
    return Panel(
        key=card.metric,
        question=question,
        reading=read_parts(words, card),
        chart=share_matrix(
            frame,
            rows=list(names.values()),
            columns=[q.label for q in quarters],
            heads=[f"{q.label[5:]} ’{q.label[2:4]}" for q in quarters],
            what=what,
        )
        if frame["value"].notna().any()
        else None,
        caption=f"{what}, %; a quarter adds up to 100. A stronger colour is a larger share.",
        numbers=rows[NUMBER_COLUMNS],
        method=card.method,
    )


def numbers_table(
    snapshot: Snapshot, cards: Mapping[str, Card], period: Period, title: str, wanted: Sequence[tuple[str, str, str]]
) -> Table | None:
    """A plain table of numbers that need no chart; `wanted` are metric, breakdown and words. None where nothing is known."""
    lines = []
    for metric, breakdown, words in wanted:
        row = read_value(snapshot, metric, period, breakdown)
        if row is None or (is_missing(row["value"]) and row["status"] not in ("final", "provisional")):
            continue
        horizon = (
            "longer than can be watched" if is_missing(row["value"]) else write_value(row["value"], cards[metric].unit)
        )
        state = ", not final yet" if row["status"] == "provisional" else ""
        lines.append({"What": words, "Number": f"{horizon}{state}", "Of": _of(row)})
    if not lines:
        return None
    return Table(title, f"{period.label}, {days(period.first, period.last)}. Not tested.", pd.DataFrame(lines))


def _of(row: Row) -> str:
    if is_missing(row["denominator"]) or is_missing(row["numerator"]):
        return "" if is_missing(row["people"]) else plural(float(row["people"]), "member")
    return f"{whole(float(row['numerator']))} of {whole(float(row['denominator']))}"


def read_parts(frame: pd.DataFrame, card: Card) -> str:
    """The parts in one line, as they are: nothing is compared, so nothing is tested."""
    said = [
        f"{verbatim(row['label'].lower())} {write_value(row['value'], card.unit)}"
        for row in frame.to_dict("records")
        if not is_missing(row["value"])
    ]
    if not said:
        return "No data."
    return sentence(", ".join(said))


def _why_not(frame: pd.DataFrame, period: Period, missing: str) -> str:
    if (frame["status"] == "withheld").any():
        return f"Too few people to show in {period.label}. Choose a longer time, or wait for more of them."
    if not period.is_complete:
        return f"{period.label} is not over yet. Look again when it is."
    return (
        missing or f"{period.label} needs days around it that no upload covers. Older or newer files fill this chart."
    )
