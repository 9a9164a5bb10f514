"""Figures of proof: what a proof measured, as JSON lines in the file that HEARTH_PROOF names, for docs/reference/trust.md."""

import json
import os
from pathlib import Path


def record(name: str, **figures: int | float | str) -> None:
    """Note the figures of one row of the table of faults; without HEARTH_PROOF nothing is written."""
    file = os.environ.get("HEARTH_PROOF")
    if file:
        with Path(file).open("a", encoding="utf-8") as handle:
            handle.write(json.dumps({"name": name, **figures}) + "\n")
