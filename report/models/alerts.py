"""Alerts as a page shows them: what asks for attention now, how sure that is, since when, whom to ask and what to try.

The same matter in several groups is one alert, and what a page says already is not said again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from metrics.metric import Better
from metrics.snapshot import Snapshot
from report.models.page import Alert, Table
from report.models.reading import Card, Group, Row
from report.numbers import day
from report.words import number_word, plain_list, verbatim

ALERTS_SHOWN = 3
GROUPS_NAMED = 4
# What waits for somebody comes before what is good to know.
ORDER = ("signal", "response", "unanswered", "silent newcomers", "withdrawn group", "absence", "group change",
         "drifting members", "overdue", "standing", "definition", "benchmark")  # fmt: skip
ON_LISTS = ("silent newcomers", "drifting members")
COLUMNS = ["What", "Since", "Ask", "Try"]


@dataclass(frozen=True)
class _Raised:
    """An alert as it was published, with the direction of a signal."""

    alert: Alert
    kind: str
    metric: str
    dimension: str
    segment: str
    since: date
    is_up: bool


def read_alerts(snapshot: Snapshot, cards: dict[str, Card], group: Group) -> list[Alert]:
    """What is published as of now for the whole community and its groups, or for one group; the most pressing first."""
    rows = snapshot.query("select * from alerts order by is_quiet, kind, key").to_dict("records")
    raised = [_read(row, cards) for row in rows]
    if group.dimension != "all":
        raised = [one for one in raised if (one.dimension, one.segment) == (group.dimension, group.segment)]
    ordered = sorted(
        _merge(raised, cards), key=lambda one: (one.alert.is_quiet, _place(one.kind), one.dimension != "all")
    )
    return [one.alert for one in ordered]


def share_out(alerts: Sequence[Alert], known: Collection[str]) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """The few to show and the rest to fold away; without those whose key the page says already. Quiet ones are never shown.

    The first of each matter comes before the second of any, so that one bad week does not hide everything else.
    """
    new = [alert for alert in alerts if alert.key not in known]
    loud = [alert for alert in new if not alert.is_quiet]
    turns = {alert.key: sum(other.matter == alert.matter for other in loud[:place]) for place, alert in enumerate(loud)}
    shown = sorted(loud, key=lambda alert: turns[alert.key])[:ALERTS_SHOWN]
    return tuple(shown), tuple(alert for alert in new if alert not in shown)


def say_alert(alert: Alert) -> str:
    """What an alert adds to a finding that says its number already."""
    return f"How sure: {alert.sure} Since: {alert.since}. Whom to ask: {alert.ask}. What to try: {alert.attempt}"


def list_alerts(alerts: Sequence[Alert]) -> Table:
    """Alerts as a table of a few words each."""
    rows = [[f"{alert.what} {alert.sure}", alert.since, alert.ask, alert.attempt] for alert in alerts]
    return Table("", "", pd.DataFrame(rows, columns=COLUMNS))


def _read(row: Row, cards: dict[str, Card]) -> _Raised:
    kind, metric, key = str(row["kind"]), str(row["metric"]), str(row["key"])
    since = pd.Timestamp(str(row["since"])).date()
    is_up = key.endswith(":up")
    return _Raised(
        Alert(
            key=key,
            matter=kind if row["dimension"] == "all" else f"{kind} in groups",
            kind=_tone(kind, cards.get(metric), is_up=is_up),
            what=verbatim(str(row["what"])),
            sure=verbatim(str(row["how_sure"])),
            since=day(since),
            ask=verbatim(_whom(str(row["whom_to_ask"]), str(row["segment"]))),
            attempt=verbatim(str(row["what_to_try"])),
            is_quiet=bool(row["is_quiet"]),
            is_on_lists=kind in ON_LISTS,
        ),
        kind,
        metric,
        str(row["dimension"]),
        str(row["segment"]),
        since,
        is_up,
    )


def _whom(asked: str, segment: str) -> str:
    """Care: the people who look after it, as part of a sentence."""
    return f"the people who look after {segment}" if asked == f"{segment}: the people who look after it" else asked


def _tone(kind: str, card: Card | None, *, is_up: bool) -> str:
    if kind != "signal" or card is None or card.better is Better.NEITHER:
        return ""
    return "better" if is_up is (card.better is Better.HIGHER) else "worse"


def _merge(raised: Sequence[_Raised], cards: dict[str, Card]) -> list[_Raised]:
    """The same signal in several groups as one alert, in the place of the first."""
    merged: dict[tuple[str, ...], list[_Raised]] = {}
    for one in raised:
        alike = one.kind == "signal" and one.dimension != "all"
        key = (one.kind, one.metric, str(one.is_up), str(one.alert.is_quiet)) if alike else (one.alert.key,)
        merged.setdefault(key, []).append(one)
    return [_join(many, cards) for many in merged.values()]


def _join(many: Sequence[_Raised], cards: dict[str, Card]) -> _Raised:
    first, card = many[0], cards.get(many[0].metric)
    if len(many) == 1 or card is None:
        return first
    names = [verbatim(one.segment) for one in many]
    more = len(names) - GROUPS_NAMED
    said = [*names[:GROUPS_NAMED], f"{number_word(more)} more"] if more > 0 else names
    words = {"worse": "worse than usual", "better": "better than usual"}.get(first.alert.kind, "not as usual")
    since = min(one.since for one in many)
    alert = replace(
        first.alert,
        what=f"{card.title}: {words} in {number_word(len(many))} groups: {plain_list(said)}.",
        since=day(since),
        ask="the people who look after these groups",
    )
    return replace(first, alert=alert, since=since)


def _place(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)
