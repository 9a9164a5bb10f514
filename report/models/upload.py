"""What files hold and would change, and what every upload did: tables for Upload and History."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import pandas as pd

from data.errors import HearthError
from ingest.formats.format import Unmapped, Unsettled
from ingest.importer import Checked, Importer, Receipt
from ingest.mapping import suggest_columns
from metrics.snapshot import Snapshot
from report.models.page import Table
from report.models.reading import read_cards
from report.numbers import day, plural, whole, write_value
from report.words import number_word, verbatim

CHANGES_SHOWN = 12
COVERING = ("attendance", "interactions", "activity")
LEFT_OUT = "(leave out)"


def say_files(checked: Sequence[Checked | HearthError]) -> str:
    """The answer of the page after a look at one or several files."""
    if len(checked) == 1:
        return _say_one(checked[0])
    ready = [one for one in checked if isinstance(one, Checked) and one.receipt.batch is None and not one.problems]
    known = [one for one in checked if isinstance(one, Checked) and one.receipt.batch is not None]
    rows = sum(one.receipt.rows for one in ready)
    if len(ready) == len(checked):
        return f"All {whole(len(checked))} files are good: {plural(rows, 'row')}."
    words = f"{whole(len(ready))} of {plural(len(checked), 'file')} are good"
    if known:
        words += f", {whole(len(known))} {'was' if len(known) == 1 else 'were'} taken in before"
    return f"{words}."


def _say_one(checked: Checked | HearthError) -> str:
    if isinstance(checked, Unmapped | Unsettled):
        return "Hearth does not know yet how to read this file."
    if isinstance(checked, HearthError):
        return "This file cannot be read as it is."
    receipt = checked.receipt
    if receipt.warnings and receipt.batch is not None:
        return verbatim(receipt.warnings[0])
    good = receipt.rows - receipt.rejected
    if receipt.rejected:
        return f"{whole(good)} of {plural(receipt.rows, 'row')} are good; {whole(receipt.rejected)} need mending before this can be taken in."
    if receipt.problems:
        return "This file cannot be taken in yet."
    return f"All {plural(receipt.rows, 'row')} are good."


def list_problems(receipt: Receipt) -> Table:
    """Problems of a file: row, column, what, how to mend it."""
    rows = [
        {
            "Row": "" if problem.line is None else str(problem.line),
            "Column": verbatim(str(problem.column or "")),
            "What": verbatim(problem.what),
            "How to mend": verbatim(problem.fix),
        }
        for problem in receipt.problems
    ]
    note = (
        "Mend them in the file and drop it again, or take the good rows only."
        if receipt.rejected
        else "Mend them, then drop the file again."
    )
    return Table("Problems", note, pd.DataFrame(rows, columns=["Row", "Column", "What", "How to mend"]))


def say_take(good: int, rejected: int, files: int) -> str:
    """The words on the button."""
    which = "the" if rejected else "all"
    rows = f"{whole(good)} {'good ' if rejected else ''}rows"
    return f"Take {which} {rows}" + (f" of {whole(files)} files" if files > 1 else "")


def list_columns(found: Unmapped, importer: Importer) -> pd.DataFrame:
    """What each column of a table seems to be for a kind of file, how sure that is, and its first value."""
    suggested = suggest_columns([one.column for one in found.suggested], importer)
    first = found.examples[0] if found.examples else ()
    return pd.DataFrame(
        {
            "Column of the file": [one.column for one in suggested],
            "First value": [first[place] if place < len(first) else "" for place in range(len(suggested))],
            "Is": [one.target or LEFT_OUT for one in suggested],
            "How sure": [f"{one.confidence:.0%}: {one.why}" if one.target else one.why for one in suggested],
        }
    )


def list_files(checked: Sequence[Checked]) -> pd.DataFrame:
    """What each file is, what it would do, and the days it would cover."""
    return pd.DataFrame(
        [
            {
                "File": one.receipt.file,
                "What it is": one.receipt.kind,
                "From": one.receipt.format,
                "New": one.receipt.new,
                "Changed": one.receipt.changed,
                "Known": one.receipt.unchanged,
                "Left out": ", ".join(f"{count:,} {what}" for what, count in one.receipt.left_out.items()),
                "Not on the roster": one.receipt.unmatched,
                "Covers from": one.days[0] if one.receipt.kind in COVERING else None,
                "Covers to": one.days[1] if one.receipt.kind in COVERING else None,
            }
            for one in checked
        ]
    )


def list_sources(ledger: list[dict[str, Any]], today: date) -> pd.DataFrame:
    """Each source that covers days: through which day, how often it comes, and when the next is due."""
    days: dict[tuple[str, str], list[date]] = {}
    for row in ledger:
        if row["kind"] in COVERING and row["covers_to"] and not row["undone"]:
            days.setdefault((row["kind"], row["source"]), []).append(row["covers_to"])
    return pd.DataFrame(
        [
            {
                "Source": f"{kind} · {verbatim(str(source))}",
                "Covered through": day(max(ends)),
                "Next": _say_due(ends, today),
            }
            for (kind, source), ends in sorted(days.items())
        ],
        columns=["Source", "Covered through", "Next"],
    )


def _say_due(ends: list[date], today: date) -> str:
    """When the next upload of a source is due: as long after the last as the last ones were apart."""
    apart = [(later - earlier).days for earlier, later in pairwise(sorted(set(ends)))]
    if not apart:
        late = (today - max(ends)).days
        return f"{plural(late, 'day')} ago" if late > 0 else "up to date"
    due = max(ends) + timedelta(days=round(median(apart[-6:])))
    late = (today - due).days
    return f"due {day(due)}" if late <= 0 else f"due since {day(due)}, {plural(late, 'day')}"


def list_items(checked: Checked) -> pd.DataFrame:
    """What each question of a survey seems to be."""
    return pd.DataFrame([item.model_dump(exclude={"key", "has_its_key"}) for item in checked.proposed_items])


def say_wave(said: Mapping[str, Any]) -> str:
    """How a survey will be taken, so that what was changed in the form and not confirmed is seen to be missing."""
    days = f"from {day(said['opened'])}" if said["opened"] else "from the first answer"
    days += f" to {day(said['closed'])}" if said["closed"] else ", still open"
    invited = f", {whole(said['invited'])} invited" if said["invited"] else ""
    return (
        f"Will be taken as {verbatim(said['wave'] or 'a wave without a label')}, {days}{invited}; members were told that answers "
        f"are {said['promise']}. Whatever else is changed above counts once “This is the wave” is pressed."
    )


def say_receipt(receipt: Receipt) -> str:
    """One line that says what became of a file."""
    words = (
        f"**Batch {receipt.batch} · {verbatim(str(receipt.file))}**: {plural(receipt.rows, 'row')}, {whole(receipt.new)} new, "
        f"{whole(receipt.changed)} changed, {whole(receipt.unchanged)} unchanged, {whole(receipt.rejected)} left out."
    )
    if receipt.left_out:
        words += (
            " Left out: "
            + ", ".join(f"{whole(count)} {verbatim(what)}" for what, count in receipt.left_out.items())
            + "."
        )
    if receipt.unmatched:
        words += f" {plural(receipt.unmatched, 'row names', 'rows name')} people who are not on the roster; they count in no number until somebody says who they are (page People)."
    return words


def tell_changes(snapshot: Snapshot, changed: dict[str, list[dict[str, Any]]], *, title: str = "What changed") -> Table:
    """Which headline numbers an upload changed, or would change: whole community, named, before and after."""
    cards = read_cards(snapshot)
    headline = {name.split(":")[0] for key in ("pulse", "scorecard") for name in snapshot.manifest()[key].split(";")}
    headline |= {"survey_response", "nps"}
    rows = []
    for kind in ("changed", "appeared", "vanished"):
        for row in changed.get(kind, []):
            if row["dimension"] == "all" and row["metric"] in headline and row["breakdown"] in ("all", "voice"):
                rows.append(_change(row, cards))
    total = sum(len(rows) for rows in changed.values())
    frame = pd.DataFrame(rows, columns=["Number", "Period", "Before", "After"]).sort_values("Period", ascending=False)
    note = (
        f"{whole(total)} published numbers differ from the snapshot before, {number_word(len(frame))} of them headline numbers of the whole community."
        if total
        else "No published number changed."
    )
    return Table(title, note, frame.head(CHANGES_SHOWN))


def list_uploads(ledger: list[dict[str, Any]]) -> pd.DataFrame:
    """Every upload in a few columns, newest first."""
    return pd.DataFrame(
        [
            {
                "Upload": f"{row['batch']} · {row['kind']} · {verbatim(str(row['file']))}",
                "Taken in": f"{pd.Timestamp(row['at']):%-d %b %Y, %H:%M}",
                "Rows": f"{whole(row['rows'])}: {whole(row['new'])} new, {whole(row['changed'])} changed",
                "State": "undone" if row["undone"] else "counts",
            }
            for row in ledger
        ],
        columns=["Upload", "Taken in", "Rows", "State"],
    )


def _change(row: dict[str, Any], cards: dict[str, Any]) -> dict[str, str]:
    card = cards[row["metric"]]

    def written(side: str) -> str:
        answer = row.get(side)
        return "no data" if answer is None else answer if isinstance(answer, str) else write_value(answer, card.unit)

    return {
        "Number": card.title if row["breakdown"] == "all" else f"{card.title}, {verbatim(str(row['breakdown']))}",
        "Period": f"{row['grain']} {row['period']}" if row["grain"] != "wave" else verbatim(str(row["period"])),
        "Before": written("before"),
        "After": written("after"),
    }
