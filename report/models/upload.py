"""What an upload changed, and what every upload did: tables for Upload and History."""

from typing import Any

import pandas as pd

from ingest.importer import Checked, Receipt
from metrics.snapshot import Snapshot
from report.models.page import Table
from report.models.reading import read_cards
from report.numbers import plural, whole, write_value
from report.words import number_word

CHANGES_SHOWN = 12


def say_check(checked: Checked) -> str:
    """The answer of the page after a look at a file."""
    receipt = checked.receipt
    if receipt.warnings and receipt.batch is not None:
        return receipt.warnings[0]
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
            "Column": problem.column,
            "What": problem.what,
            "How to mend": problem.fix,
        }
        for problem in receipt.problems
    ]
    note = (
        "Mend them in the file and drop it again, or take the good rows only."
        if receipt.rejected
        else "Mend them, then drop the file again."
    )
    return Table("Problems", note, pd.DataFrame(rows, columns=["Row", "Column", "What", "How to mend"]))


def list_items(checked: Checked) -> pd.DataFrame:
    """What each question of a survey seems to be."""
    return pd.DataFrame([item.model_dump() for item in checked.proposed_items])


def say_receipt(receipt: Receipt) -> str:
    """One line that says what became of a file."""
    words = (
        f"**Batch {receipt.batch} · {receipt.file}**: {plural(receipt.rows, 'row')}, {whole(receipt.new)} new, "
        f"{whole(receipt.changed)} changed, {whole(receipt.unchanged)} unchanged, {whole(receipt.rejected)} left out."
    )
    if receipt.unmatched:
        words += f" {plural(receipt.unmatched, 'row names', 'rows name')} people who are not on the roster; they count in no number."
    return words


def tell_changes(snapshot: Snapshot, changed: dict[str, list[dict[str, Any]]]) -> Table:
    """Which headline numbers an upload changed: whole community, named, before and after."""
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
    return Table("What changed", note, frame.head(CHANGES_SHOWN))


def list_uploads(ledger: list[dict[str, Any]]) -> pd.DataFrame:
    """Every upload in a few columns, newest first."""
    return pd.DataFrame(
        [
            {
                "Upload": f"{row['batch']} · {row['kind']} · {row['file']}",
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
        "Number": card.title if row["breakdown"] == "all" else f"{card.title}, {row['breakdown']}",
        "Period": f"{row['grain']} {row['period']}" if row["grain"] != "wave" else str(row["period"]),
        "Before": written("before"),
        "After": written("after"),
    }
