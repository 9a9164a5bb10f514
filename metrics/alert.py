"""One alert: what, how sure, since when, whom to ask and what to try."""

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True)
class Alert:
    """One row of the table `alerts`; `key` is the same for the same matter at every publish."""

    kind: str
    key: str
    what: str
    how_sure: str
    since: date
    whom_to_ask: str
    what_to_try: str
    cool_down_days: int
    metric: str | None = None
    dimension: str = "all"
    segment: str = "all"
    is_quiet: bool = False
    known_after_days: int = 0


def cool_down(alert: Alert, as_of: date) -> Alert:
    """Quiet, unless it could first be known within the last week, or its cool-down has just run out once more."""
    known = (as_of - alert.since).days - alert.known_after_days
    return replace(alert, is_quiet=max(0, known) % alert.cool_down_days >= 7)
