"""What was checked against known answers: rows for docs/reference/verification.md, made by computing each number anew.

Each family has a module with `verify(reference)`, which takes the folder of reference data (HEARTH_REFERENCE_DATA) and
gives its rows. Without that folder nothing can be computed, and the page stays as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

How = Literal["by show", "by function"]
# Published by somebody else, or computed by somebody else's code from the same file and never printed.
Known = Literal["published", "computed elsewhere"]


@dataclass(frozen=True)
class Row:
    """One known number and ours. `digits` is how many decimals of it are known; ours has to round to it."""

    metric: str
    grain: str
    formula: str
    data: str
    what: str
    how: How
    ours: float
    known: float
    digits: int
    source: Known = "published"

    @property
    def difference(self) -> float:
        return self.ours - self.known

    @property
    def agrees(self) -> bool:
        """Whether ours is the known number as far as that is printed."""
        return abs(self.difference) <= 0.5 * 10**-self.digits * (1 + 1e-9)


def write_rows(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table; numbers to one digit more than were published."""
    lines = [
        "| metric | grain | formula | data set | number | how | ours | known | source | difference |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ours, known = f"{row.ours:.{row.digits + 1}f}", f"{row.known:.{row.digits}f}"
        difference = f"{round(row.difference, row.digits + 1) + 0.0:.{row.digits + 1}f}"
        lines.append(
            f"| {row.metric} | {row.grain} | {row.formula} | {row.data} | {row.what} | {row.how} | {ours} | {known} | {row.source} | {difference} |"
        )
    return "\n".join(lines) + "\n"
