"""Scorecard: at most eight numbers of a quarter, held against own history, targets and outside references."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd

from metrics.metric import Better, Unit
from metrics.snapshot import Snapshot
from report.glyphs import bullet
from report.models.page import Colour, Finding, Page, Table, Tile
from report.models.reading import Card, Period, Row, choose_period, read_cards, read_periods, read_published
from report.models.waves import Wave, read_waves
from report.numbers import NBSP, days, is_missing, out_of, plural, quarter, write_headline, write_value
from report.words import BANDED, NOUNS, clause, join_clauses, number_word, plain_list, sentence, verbatim

WAVE_DAYS = timedelta(days=400)
FEW = 20
COLOURS: dict[str, Colour] = {"improved": "blue", "declined": "orange"}
NOT_SHOWN = {
    "withheld": ("too few people", "too few people to show"),
    "banded": ("nearly all agree", BANDED),
}
MATCHES = {"A": "same formula", "B": "close", "C": "indicative"}
TITLES = {"favourable:voice": "Voice is heard"}
LEGEND = (
    ":small[● this quarter · ○ what it is compared with · ▎target · ◇ outside reference, graded by how far its definition is ours · "
    "band: middle half of the last four]"
)


def read_scorecard(snapshot: Snapshot, wanted: str | None = None) -> Page:
    """The page of one quarter, the last complete one by default."""
    cards = read_cards(snapshot)
    manifest = snapshot.manifest()
    period = choose_period(read_periods(snapshot, "quarter"), wanted)
    if period is None:
        return Page(
            "Scorecard", "There is no quarter to show yet.", "Upload attendance or interactions to see the first one."
        )
    wave = find_wave(snapshot, period)
    entries = [
        entry
        for name in manifest["scorecard"].split(";")
        if (entry := _Entry.read(snapshot, cards, name, period, wave)) is not None
    ]
    state = "complete" if period.is_complete else "not over yet"
    return Page(
        kicker=f"Scorecard · {quarter(period.label, period.first, period.last)} ({days(period.first, period.last)}) · {state} · "
        f"{plural(int(manifest['members']), 'member')} now · published {read_published(snapshot)}",
        answer=_answer(entries, period),
        support=_support(entries, wave),
        tiles=tuple(entry.tile() for entry in entries),
        findings=tuple(
            entry.finding() for kind in ("declined", "improved") for entry in entries if entry.verdict == kind
        )[:3],
        tables=(read_actions(snapshot, period),),
        legend=LEGEND,
    )


def find_wave(snapshot: Snapshot, period: Period) -> Wave | None:
    """The wave that stands for surveys in a quarter: the last of the default instrument closed by its end, not older than 400 days."""
    waves = [
        wave
        for wave in read_waves(snapshot)
        if wave.instrument == "survey" and wave.closed and period.last - WAVE_DAYS <= wave.closed <= period.last
    ]
    return waves[-1] if waves else None


def read_revisions(before: Snapshot, after: Snapshot, wanted: str) -> Table:
    """Numbers of a pinned quarter that differ now from what was shown when it was pinned."""
    cards = read_cards(after)
    rows = []
    for name in after.manifest()["scorecard"].split(";"):
        metric, _, breakdown = name.partition(":")
        if metric not in cards:
            continue
        values = []
        for snapshot in (before, after):
            found = snapshot.results(metric, grain="quarter", dimension="all", breakdown=breakdown or "all")
            found = found[found["period"] == wanted]
            values.append(found["value"].iloc[0] if len(found) else None)
        shown = [write_value(value, cards[metric].unit) for value in values]
        if values[0] != values[1] and not all(is_missing(value) for value in values):
            rows.append({"Number": TITLES.get(name, cards[metric].title), "Pinned": shown[0], "Now": shown[1]})
    said = (
        f"{number_word(len(rows)).capitalize()} {'number differs' if len(rows) == 1 else 'numbers differ'} from what was pinned."
        if rows
        else "Nothing differs from what was pinned."
    )
    return Table("Revised since pinned", said, pd.DataFrame(rows, columns=["Number", "Pinned", "Now"]))


class _Entry:
    """One number of the scorecard with everything it is held against."""

    def __init__(self, name: str, card: Card, row: Row, against: pd.DataFrame, when: str) -> None:
        self.name, self.card, self.row, self.when = name, card, row, when
        self.by_kind = {str(found["kind"]): found for found in against.to_dict("records")}
        earlier = [kind for kind in ("last year", "previous") if kind in self.by_kind]
        self.compared = self.by_kind[earlier[0]] if earlier else None
        self.verdict = str(self.compared["verdict"]) if self.compared else "not tested"

    def meets_target(self) -> bool:
        """Whether the number reached its target from the side that is better."""
        value, target = float(self.row["value"]), float(self.by_kind["target"]["value"])
        return value <= target if self.card.better is Better.LOWER else value >= target

    @classmethod
    def read(
        cls, snapshot: Snapshot, cards: dict[str, Card], name: str, period: Period, wave: Wave | None
    ) -> "_Entry | None":
        """None where the metric is not in the catalogue or was never published."""
        metric, _, breakdown = name.partition(":")
        card = cards.get(metric)
        if card is None:
            return None
        grain, when = ("quarter", period.period) if not _is_survey(card) else ("wave", wave.label if wave else "")
        rows = snapshot.query(
            """select series, observations.*
               from observations
               join series using (series)
               where metric = ? and grain = ? and dimension = 'all' and breakdown = ? and period = ?""",
            [metric, grain, breakdown or "all", when],
        )
        if rows.empty:
            empty = {"value": None, "status": "no data", "numerator": None, "denominator": None, "people": None}
            return cls(
                name, card, empty, pd.DataFrame(columns=["kind"]), wave.label if wave and grain == "wave" else ""
            )
        row = rows.iloc[0].to_dict()
        against = snapshot.query(
            "select * from comparisons where series = ? and period = ?", [int(row["series"]), when]
        )
        return cls(name, card, row, against, when if grain == "wave" else "")

    @property
    def title(self) -> str:
        return TITLES.get(self.name, self.card.title)

    @property
    def is_known(self) -> bool:
        return not is_missing(self.row["value"])

    def write(self, value: Any) -> str:
        return write_value(value, self.card.unit)

    def tile(self) -> Tile:
        if not self.is_known:
            chip, why = NOT_SHOWN.get(str(self.row["status"]), ("no data", "nothing was uploaded for this quarter"))
            said = write_headline(self.row, self.card.unit)
            return Tile(self.name, self.title, said, chip, "gray", "", "", ("", why))
        value = float(self.row["value"])
        few = self.card.unit is Unit.SHARE and float(self.row["denominator"]) < FEW and not _is_survey(self.card)
        shown = f"{int(self.row['numerator'])} of {int(self.row['denominator'])}" if few else self.write(value)
        return Tile(
            key=self.name,
            label=self.title,
            value=shown,
            chip=self._chip(),
            colour=COLOURS.get(self.verdict, "gray"),
            glyph=self._bullet(value),
            glyph_alt=f"{self.title}: {self.write(value)}; {'; '.join(self._held_against(str))}",
            caption=self._captions(),
        )

    def _chip(self) -> str:
        if self.verdict in COLOURS or self.verdict == "no detectable change":
            return self.verdict
        if self.row["status"] == "provisional":
            return "not final yet"
        if self.compared is None or not float(self.compared["difference"]):
            return "not tested"
        return f"{'higher' if float(self.compared['difference']) > 0 else 'lower'}, not tested"

    def _bullet(self, value: float) -> str:
        numbers = [value, *(float(found["value"]) for found in self.by_kind.values() if not is_missing(found["value"]))]
        low, high = min(numbers), max(numbers)
        pad = max((high - low) * 0.3, 0.02 * max(abs(high), 1e-9))
        history = self.by_kind.get("own history")
        return bullet(
            value,
            low=low - pad,
            high=high + pad,
            before=float(self.compared["value"]) if self.compared else None,
            target=self._number("target"),
            outside=self._number("outside"),
            quartiles=(float(history["low"]), float(history["high"])) if history else None,
            verdict=self.verdict,
        )

    def _number(self, kind: str) -> float | None:
        found = self.by_kind.get(kind)
        return float(found["value"]) if found and not is_missing(found["value"]) else None

    def _held_against(self, write: Callable[[str], str] = verbatim) -> list[str]:
        parts = []
        target = self.by_kind.get("target")
        if target:
            parts.append(f"target {self.write(target['value'])} by {target['note']}")
        if self.compared:
            when = (
                "a year ago" if self.compared["kind"] == "last year" else f"in {write(str(self.compared['against']))}"
            )
            parts.append(f"{self.write(self.compared['value'])} {when}")
        outside = self.by_kind.get("outside")
        if outside:
            parts.append(
                f"outside {self.write(outside['value'])} ({write(str(outside['against']))}, {MATCHES[str(outside['match'])]})"
            )
        return parts

    def _captions(self) -> tuple[str, ...]:
        if _is_survey(self.card):
            n = f"{verbatim(self.when)} · n{NBSP}{int(self.row['people']):,}"
        else:
            n = out_of(float(self.row["numerator"]), float(self.row["denominator"]), NOUNS.get(self.card.metric, ""))
        held = self._held_against() or ["nothing to hold it against yet"]
        if "outside" not in self.by_kind:
            held.append("no outside reference")
        return (*held, n)

    def clause(self) -> str:
        name = self.name if ":" in self.name else self.card.metric
        return clause(name, is_up=bool(self.compared and float(self.compared["difference"]) > 0))

    def finding(self) -> Finding:
        against = self.compared or {}
        when = "a year ago" if against.get("kind") == "last year" else f"in {verbatim(str(against.get('against')))}"
        return Finding(
            self.name,
            "worse" if self.verdict == "declined" else "better",
            sentence(self.clause()),
            f"{self.write(self.row['value'])}, from {self.write(against.get('value'))} {when}.",
        )


def _is_survey(card: Card) -> bool:
    return card.metric in ("engagement_index", "favourable", "item_score", "nps", "survey_response")


def _answer(entries: list[_Entry], period: Period) -> str:
    worse = [entry.clause() for entry in entries if entry.verdict == "declined"]
    better = [entry.clause() for entry in entries if entry.verdict == "improved"]
    if not period.is_complete:
        return f"{period.label} is not over yet; these are its numbers so far."
    if not any(entry.is_known for entry in entries):
        return f"Nothing was uploaded for {period.label}."
    if worse or better:
        return join_clauses(worse, better)
    return "No number of the quarter moved in a way that the rules call a change."


def _support(entries: list[_Entry], wave: Wave | None) -> str:
    kinds = {
        "improved": ("improved", "improved"),
        "declined": ("declined", "declined"),
        "no detectable change": ("shows no detectable change", "show no detectable change"),
        "not tested": ("could not be tested", "could not be tested"),
    }
    counted = {kind: sum(entry.verdict == kind for entry in entries) for kind in kinds}
    said = plain_list([f"{number_word(count)} {kinds[kind][count != 1]}" for kind, count in counted.items() if count])
    targets = [entry for entry in entries if entry.is_known and "target" in entry.by_kind]
    met = sum(entry.meets_target() for entry in targets)
    goals = f" Targets met: {met} of {len(targets)}." if targets else ""
    spoken = (
        f" Survey numbers are those of {verbatim(wave.label)}." if wave else " No survey wave stands for this quarter."
    )
    return f"Of {number_word(len(entries))} numbers {said}.{goals}{spoken}"


def read_actions(snapshot: Snapshot, period: Period) -> Table:
    """The actions that were open or closed in a period, the open ones first, with whether they were or are late."""
    today = pd.Timestamp(snapshot.manifest()["as_of"]).date()
    rows = snapshot.query(
        """select title, owner, due_on, closed_on
           from actions
           where opened_on <= ?
             and (closed_on is null or closed_on >= ?)
           order by closed_on is null desc, due_on, title
           limit 8""",
        [period.last, period.first],
    )
    shown = [
        {
            "Action": verbatim(str(row["title"])),
            "Owner": verbatim(row["owner"]) if isinstance(row["owner"], str) else "nobody yet",
            "Status": _status(row, today),
        }
        for row in rows.to_dict("records")
    ]
    return Table(
        "Actions",
        "" if shown else "No action was open in this quarter.",
        pd.DataFrame(shown, columns=["Action", "Owner", "Status"]),
    )


def _status(row: Row, today: date) -> str:
    due = None if is_missing(row["due_on"]) else pd.Timestamp(row["due_on"]).date()
    if not is_missing(row["closed_on"]):
        closed = pd.Timestamp(row["closed_on"]).date()
        late = (closed - due).days if due else 0
        return f"closed, {plural(late, 'day')} late" if late > 0 else "closed on time"
    if due is None:
        return "open"
    late = (today - due).days
    return f"{plural(late, 'day')} late" if late > 0 else f"due {due.day}{NBSP}{due:%b}"
