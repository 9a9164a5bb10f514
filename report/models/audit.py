"""The audit log in words: its first sentence and its table."""

from collections.abc import Sequence

import pandas as pd

from data.audit import Entry


def say_log(entries: Sequence[Entry], broken: int | None) -> str:
    """What the log says first: that it is whole, or where it is not."""
    if broken is not None:
        return f"Line {broken} of the audit log does not follow the one before it: somebody changed the file."
    if not entries:
        return "Nothing was done here yet."
    return f"The last act was on {entries[0].at:%-d %B %Y}, and no line of the log was changed."


def list_entries(entries: Sequence[Entry]) -> pd.DataFrame:
    """One row an act: when (UTC), who, what, and its facts in one line."""
    return pd.DataFrame(
        [
            {
                "When (UTC)": entry.at.strftime("%Y-%m-%d %H:%M:%S"),
                "Who": entry.who,
                "What": entry.act,
                "Of what": ", ".join(f"{name} {value}" for name, value in entry.facts.items()),
            }
            for entry in entries
        ],
        columns=["When (UTC)", "Who", "What", "Of what"],
        dtype=str,
    )
