"""Pulse: what changed this week, whether the change is real, and what needs care."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pandas as pd

from metrics.snapshot import Snapshot
from report.charts import xmr
from report.models.alerts import read_alerts, say_alert, share_out
from report.models.coverage import find_gaps
from report.models.page import Alert, Finding, Page, Panel, Table, Todo
from report.models.reading import (
    EVENT_METRICS,
    Card,
    Group,
    Period,
    Row,
    chart_rows,
    choose_period,
    direction_verdict,
    explain_marks,
    read_cards,
    read_marks,
    read_periods,
    read_published,
    read_weeks,
    settle,
)
from report.models.tiles import count_words, month_tile, week_tile
from report.numbers import (
    NBSP,
    day,
    day_without_year,
    days,
    is_missing,
    plural,
    span,
    weekday,
    whole,
    write_result,
    write_value,
)
from report.words import (
    FIRST_STEPS,
    NOUNS,
    beyond_limit,
    clause,
    join_clauses,
    number_word,
    plain_list,
    sentence,
    verbatim,
)

DUE_SOON = timedelta(days=14)
TODOS_SHOWN = 4
PANELS_SHOWN = 2
SUGGESTED_SHOWN = 2
WEEKS_LOOKED_AT = 4
WEEKS_WITH_EVENTS = 3
LEGEND = ":small[▼ ▲ signal · ○ not finished · × left out of the usual range · grey band: usual range]"


def read_pulse(snapshot: Snapshot, wanted: str | None = None, group: Group | None = None) -> Page:
    """The page of one week (the last complete one by default) for the whole community or one segment."""
    who = group or Group()
    manifest = snapshot.manifest()
    cards = read_cards(snapshot)
    week = choose_period(read_periods(snapshot, "week"), wanted)
    names = [name for name in manifest["pulse"].split(";") if name in cards]
    if week is None:
        return Page("Pulse", "There is no week to show yet.", "Upload attendance or interactions to see the first one.")
    weeks = {name: read_weeks(snapshot, name, who, week) for name in names}
    if week.is_complete:
        weeks = {name: settle(rows) for name, rows in weeks.items()}
    by_month = {name for name in names if has_few_events(name, weeks[name])}
    months = [month for month in read_periods(snapshot, "month") if month.first <= week.last]
    signals: dict[str, Row] = {name: weeks[name].iloc[-1].to_dict() for name in names if name not in by_month}
    verdicts = {name: direction_verdict(row, cards[name].better) for name, row in signals.items()}
    order = sorted(
        names,
        key=lambda name: (
            verdicts.get(name) != "declined",
            verdicts.get(name) != "improved",
            name in signals and signals[name]["rule"] != "outside",
        ),
    )
    found = [name for name in order if verdicts.get(name)]
    findings = tuple(_finding(snapshot, cards[name], signals[name], verdicts[name], who) for name in found)
    todos = _todos(snapshot, week, findings)
    alerts = read_alerts(snapshot, cards, who) if week == choose_period(read_periods(snapshot, "week"), None) else []
    findings, shown, folded = _share_alerts(findings, todos, alerts, signals, who)
    return Page(
        kicker=f"Pulse · {week.label}, {days(week.first, week.last)} · {'complete' if week.is_complete else 'not over yet'}"
        f" · {verbatim(who.name)} · published {read_published(snapshot)}",
        answer=_answer(week, signals, verdicts, len(names)),
        support=_support(signals, verdicts, len(todos)),
        tiles=tuple(
            month_tile(snapshot, cards[name], months[-1], who)
            if name in by_month
            else week_tile(cards[name], weeks[name], week)
            for name in names
        ),
        findings=findings,
        todos=todos,
        alerts=shown,
        folded_alerts=folded,
        panels=tuple(
            week_panel(snapshot, cards[name], weeks[name], who) for name in order[: max(PANELS_SHOWN, len(found))]
        ),
        tables=(_routine(cards, signals, [name for name in signals if not verdicts[name]]),),
        notes=find_gaps(snapshot),
    )


def has_few_events(metric: str, weeks: pd.DataFrame) -> bool:
    """Whether an event number is shown by month, because fewer than 3 of its last 4 weeks held an event."""
    newest = weeks.tail(WEEKS_LOOKED_AT)
    is_known = bool(newest["is_reached"].all())
    return metric in EVENT_METRICS and is_known and int(newest["has_event"].sum()) < WEEKS_WITH_EVENTS


def _answer(week: Period, signals: dict[str, Row], verdicts: dict[str, str], shown: int) -> str:
    by_kind = {
        kind: [clause(name, is_up=signals[name]["direction"] == "up") for name in signals if verdicts[name] == kind]
        for kind in ("declined", "improved")
    }
    if not any(by_kind.values()):
        return _quiet(week, list(signals.values()), shown)
    worse = [f"{text} than usual" for text in by_kind["declined"][:1]] + by_kind["declined"][1:]
    return join_clauses(worse, by_kind["improved"])


def _quiet(week: Period, rows: list[Row], shown: int) -> str:
    """A week without a signal: routine only where the numbers were held against a usual range."""
    if rows and all(is_missing(row["value"]) for row in rows):
        if any(row["status"] == "withheld" for row in rows):
            return "Too few people to show a number of this week."
        return "No upload covers this week yet."
    if not week.is_complete:
        return sentence(f"{week.label} is not over yet; these are its numbers so far")
    judged = sum(_is_judged(row) for row in rows)
    if judged == shown:
        return f"Nothing unusual: all {number_word(judged)} numbers vary as they always do."
    if judged > 1:
        return f"Nothing unusual: the {number_word(judged)} numbers that can be judged vary as they always do."
    if judged:
        return "Nothing unusual: the one number that can be judged varies as it always does."
    holiday = next((str(row["holiday"]) for row in rows if not is_missing(row["holiday"])), "")
    if holiday:
        return sentence(f"{week.label} lies in the {verbatim(holiday)}, so its numbers are not judged")
    return "There are too few weeks yet to say what is usual."


def _is_judged(row: Row) -> bool:
    """Whether a number of a week was held against its usual range."""
    return bool(row["alerting"]) and not (is_missing(row["value"]) or row["is_open"] or row["is_out"])


def _support(signals: dict[str, Row], verdicts: dict[str, str], todos: int) -> str:
    routine = sum(_is_judged(row) for name, row in signals.items() if not verdicts[name])
    words = ""
    if routine and any(verdicts.values()):
        words = (
            f"The other {number_word(routine)} numbers vary as they always do."
            if routine > 1
            else "One other number varies as it always does."
        )
    tasks = (
        f"{sentence(f'{number_word(todos)} things are worth doing this week') if todos > 1 else sentence('one thing is worth doing this week')}"
        if todos
        else ""
    )
    return " ".join(part for part in (words, tasks) if part)


def _finding(snapshot: Snapshot, card: Card, row: Row, verdict: str, group: Group) -> Finding:
    is_up = row["direction"] == "up"
    value = write_value(float(row["value"]), card.unit)
    if row["rule"] == "outside":
        limit = float(row["upper"] if is_up else row["lower"])
        text = f"{value} in {row['label']}, {beyond_limit(float(row['value']), limit, card.unit, is_up=is_up)}."
    else:
        start = pd.Timestamp(row["since"]).date()
        since = day_without_year(start) if start.year == row["starts_on"].year else day(start)
        side = "above" if is_up else "below"
        text = f"{value} in {row['label']}; {side} the mean for {number_word(int(row['length']))} weeks in a row, from the week of {since}."
    named = _segments_that_signal(snapshot, card, verdict, row["period"]) if group.dimension == "all" else []
    if named:
        text += (
            f" {plain_list(named)} {'is beyond its' if len(named) == 1 else 'are beyond their'} own usual range too."
        )
    return Finding(
        card.metric,
        "worse" if verdict == "declined" else "better",
        sentence(clause(card.metric, is_up=is_up)),
        text,
        card.metric,
    )


def _share_alerts(
    findings: tuple[Finding, ...],
    todos: Sequence[Todo],
    alerts: Sequence[Alert],
    signals: dict[str, Row],
    who: Group,
) -> tuple[tuple[Finding, ...], tuple[Alert, ...], tuple[Alert, ...]]:
    """Findings with what the alert of their number adds, then the alerts that no finding and no action says already."""
    by_key = {alert.key: alert for alert in alerts}
    said = {
        finding.key: f"signal:{finding.key}:{who.dimension}:{who.segment}:{signals[finding.key]['direction']}"
        for finding in findings
    }
    told = tuple(
        replace(finding, note=say_alert(by_key[said[finding.key]])) if said[finding.key] in by_key else finding
        for finding in findings
    )
    return told, *share_out(alerts, {*said.values(), *(f"overdue:{todo.key}" for todo in todos)})


def _segments_that_signal(snapshot: Snapshot, card: Card, verdict: str, period: str) -> list[str]:
    """Segments of the first dimension whose own series alerts in the same week and direction; no other is ever named."""
    rows = snapshot.query(
        """select series.segment
           from signals
           join series using (series)
           where series.metric = ?
             and series.dimension = ?
             and signals.period = ?
             and signals.alert
             and signals.verdict = ?
           order by series.segment""",
        [card.metric, snapshot.manifest()["dimensions"].split(";")[0], period, verdict],
    )
    return [verbatim(str(segment)) for segment in rows["segment"]][:3]


def _todos(snapshot: Snapshot, week: Period, findings: Sequence[Finding]) -> tuple[Todo, ...]:
    """What is late, then a first step for what got worse, then what is due within two weeks."""
    promised, answered = _promised(snapshot)
    late = [todo for todo in promised if todo.is_late]
    suggested = [
        Todo(f"suggested-{finding.key}", FIRST_STEPS[finding.key], f"For the finding: {finding.title}", "suggested")
        for finding in findings
        if finding.kind == "worse" and finding.key in FIRST_STEPS and finding.key not in answered
    ]
    due = [todo for todo in promised if not todo.is_late]
    return (*late, *suggested[:SUGGESTED_SHOWN], *due)[:TODOS_SHOWN]


def _promised(snapshot: Snapshot) -> tuple[list[Todo], set[str]]:
    """Open actions that are late or due within two weeks, the most urgent first; and the numbers open actions are about."""
    today = pd.Timestamp(snapshot.manifest()["as_of"]).date()
    rows = snapshot.query(
        """select action_id, title, finding, owner, due_on
           from actions
           where closed_on is null
             and coalesce(status, '') not in ('done', 'dropped')
             and due_on <= ?
           order by due_on, action_id""",
        [today + DUE_SOON],
    )
    about = snapshot.query("select distinct finding from actions where closed_on is null and finding is not null")
    todos = []
    for row in rows.to_dict("records"):
        due = pd.Timestamp(row["due_on"]).date()
        late = (today - due).days
        owner = row["owner"] if isinstance(row["owner"], str) else "nobody yet"
        todos.append(
            Todo(
                str(row["action_id"]),
                verbatim(str(row["title"])),
                f"Promised by {verbatim(owner)}.",
                f"{plural(late, 'day')} late" if late > 0 else f"due {weekday(due)}",
                late > 0,
            )
        )
    return todos, {str(metric) for metric in about["finding"]}


def week_panel(snapshot: Snapshot, card: Card, weeks: pd.DataFrame, group: Group) -> Panel:
    """A weekly series with its usual range: the chart, its reading, and its numbers."""
    rows = chart_rows(weeks, card.better)
    row = rows.iloc[-1].to_dict()
    marks = read_marks(snapshot, card.metric, rows["starts_on"].min().date(), rows["ends_on"].max().date())
    sizes = rows.loc[~rows["is_out"] & rows["value"].notna(), "denominator"].dropna()
    noun = NOUNS.get(card.metric, "")
    hidden = int((rows["status"] == "withheld").sum())
    return Panel(
        key=card.metric,
        question=card.question,
        reading=_reading(row, card),
        chart=xmr(rows, unit=card.unit, marks=marks) if rows["value"].notna().any() else None,
        caption=f"{card.title}, by week · {verbatim(group.name)} · {_sizes(sizes)}{f' ({noun})' if noun and len(sizes) else ''}."
        + (f" {plural(hidden, 'week')} withheld: too few people." if hidden else "")
        + (f"  \n{explain_marks(marks)}" if marks else ""),
        numbers=_numbers(rows),
        method=card.method,
        legend=LEGEND,
        notice=""
        if rows["value"].notna().any()
        else "No upload covers these weeks, or the group is too small to be shown.",
    )


def _sizes(sizes: pd.Series) -> str:
    """How much a week's number is of, over the weeks shown: n 464 to 530 a week."""
    if sizes.empty:
        return "no counts"
    least, most = whole(sizes.min()), whole(sizes.max())
    return f"n{NBSP}{least} a week" if least == most else f"n{NBSP}{least} to {most} a week"


def _reading(row: Row, card: Card) -> str:
    label = str(row["label"])
    if row["status"] == "withheld":
        return f"Withheld in {label}: too few people."
    if row.get("is_quiet"):
        return f"No event was held in {label}."
    if is_missing(row["value"]):
        return f"No data for {label}."
    value = write_value(float(row["value"]), card.unit)
    if row["is_open"]:
        return f"{value} so far in {label}; the week can still change."
    if row["rule"] == "outside":
        is_up = row["direction"] == "up"
        limit = float(row["upper"] if is_up else row["lower"])
        return f"{value} in {label}, {beyond_limit(float(row['value']), limit, card.unit, is_up=is_up)}."
    if row["rule"] == "run":
        side = "above" if row["direction"] == "up" else "below"
        return f"{value} in {label}; {number_word(int(row['length']))} weeks in a row {side} the mean."
    if is_missing(row["mean"]):
        return f"{value} in {label}; a usual range needs twelve weeks."
    usual = span(float(row["lower"]), float(row["upper"]), card.unit)
    return f"{value} in {label}, within the usual {usual}."


def _numbers(rows: pd.DataFrame) -> pd.DataFrame:
    columns = ["starts_on", "label", "value", "numerator", "denominator", "people", "lower", "mean", "upper", "status"]
    return rows[columns].assign(starts_on=rows["starts_on"].dt.strftime("%Y-%m-%d")).iloc[::-1].reset_index(drop=True)


def _routine(cards: dict[str, Card], signals: dict[str, Row], names: list[str]) -> Table:
    rows = []
    for name in names:
        row, card = signals[name], cards[name]
        if is_missing(row["value"]) and not row["is_quiet"] and row["status"] != "withheld":
            continue
        usual = (
            "no usual range yet"
            if is_missing(row["mean"])
            else span(float(row["lower"]), float(row["upper"]), card.unit)
        )
        now = write_result(row, card.unit)
        if row["is_quiet"]:
            now = "no event was held"
        rows.append({"Number": card.title, "Now": now, "Usual": usual, "Out of": count_words(name, row)})
    return Table(
        "What is routine",
        "These moved too, but no more than they always do. A single week's rise or fall here needs no explanation."
        if rows
        else "No number of this week is there yet.",
        pd.DataFrame(rows, columns=["Number", "Now", "Usual", "Out of"]),
    )
