"""People whom the roster does not know: the queue as a table, and what was chosen in it."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ingest.opening import CANONICAL
from ingest.unmatched import Unmatched
from report.numbers import plural

WAITING = "not decided yet"
NOBODY = "nobody on the roster"
OWN_FILE = "your own file"


def say_waiting(waiting: Sequence[Unmatched]) -> str:
    """The answer of the page."""
    if not waiting:
        return "Everybody in the uploads is known."
    rows = sum(one.rows for one in waiting)
    people = "1 person" if len(waiting) == 1 else f"{len(waiting):,} people"
    return (
        f"{people} in the uploads, with {plural(rows, 'row')}, are not known."
        if len(waiting) > 1
        else (f"{people} in the uploads, with {plural(rows, 'row')}, is not known.")
    )


def list_waiting(waiting: Sequence[Unmatched]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The queue as a table, and the members that are suggested anywhere in it: what is shown of each, to the member_id."""
    options = {f"{found.name} ({found.member_id})": found.member_id for one in waiting for found in one.suggestions}
    table = pd.DataFrame(
        [
            {
                "In the tool": one.id,
                "Name there": one.name or "",
                "From": OWN_FILE if one.source == CANONICAL else one.source,
                "Rows": one.rows,
                "May be": "; ".join(f"{found.name} ({found.member_id}), {found.why}" for found in one.suggestions),
                "Is": WAITING,
            }
            for one in waiting
        ]
    )
    if waiting:  # a column in which nothing stands only takes room from the one to decide in
        table = table.drop(columns=[name for name in ("Name there", "May be") if not table[name].str.strip().any()])
    return table, options


def read_choices(chosen: pd.DataFrame, options: Mapping[str, str]) -> dict[str, str | None]:
    """What was decided in the table: the member_id of each id, None for one that is nobody's."""
    return {
        str(id_): options.get(str(who))
        for id_, who in zip(chosen["In the tool"], chosen["Is"], strict=True)
        if who != WAITING
    }
