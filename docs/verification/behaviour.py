"""Behaviour against published figures: graphs, an online community, analytics of a real one, and a peer's sample data.

Rows "by show" go the whole way: canonical files, import, publish, `hearth show`. Rows "by function" ask the functions
that do the counting, where the published definition is not the one that Hearth publishes.
"""

import csv
import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from typer.testing import CliRunner

from cli import app
from data.settings import Settings
from data.store import warehouse
from docs.verification import How, Known, Row
from metrics.graph import Graph, Groups
from metrics.mixing import mix_of
from metrics.panel import build_panel, roll_up
from metrics.periods import lay_out_periods
from metrics.roster import choose_dimensions, lay_out_roster
from metrics.signals import limits

DAY = "2026-02-03T09:00:00"
QUARTER = "2026-01-01..2026-03-31"


def verify(reference: Path) -> list[Row]:
    """Every row of the family, worked out anew in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="hearth-verification-") as workspace:
        return list(read_rows(reference, Path(workspace)))


def read_rows(reference: Path, workspace: Path) -> Iterator[Row]:
    """Every row, worked out anew: `reference` is the folder of data sets, `workspace` an empty folder to work in."""
    yield from _email(reference / "email-eu-core", workspace / "email")
    yield from _managers(reference / "krackhardt-hightech", workspace)
    yield from _directed(reference)
    yield from _women(reference / "southern-women")
    yield from _customers(reference / "cdnow", workspace / "cdnow")
    yield from _messages(reference / "collegemsg", workspace / "collegemsg")
    yield from _analytics(reference / "nhsr-slack-analytics", workspace / "nhsr")
    yield from _viva(reference / "vivainsights-sample", workspace / "viva")


def _row(metric: str, grain: str, formula: str, data: str, how: How, ours: float, known: float) -> Row:
    """A row whose known number is given as far as it is printed: its decimals are those it has to agree in."""
    decimals = repr(float(known)).partition(".")[2]
    source: Known = "computed elsewhere" if data == "nhsr-slack-analytics" else "published"
    digits = 0 if decimals == "0" else len(decimals)
    return Row(metric, grain, formula, data, formula, how, float(ours), float(known), digits, source)


def _email(folder: Path, home: Path) -> Iterator[Row]:
    people = _read(folder / "departments.csv")
    ties = [(row["sender"], row["recipient"]) for row in _read(folder / "emails.csv")]
    _build(home, [(row["person"], row["department"]) for row in people], "department", ties)
    name = "email-eu-core"
    index = _show(home, "ei_index", "quarter", dimension="department")
    reciprocity = _show(home, "reciprocity", "quarter")
    largest = _show(home, "giant_component", "quarter")
    yield _row("ei_index", "quarter", "(E - I) / ties, unordered", name, "by show", index["value"], 0.328561)
    yield _row("reciprocity", "quarter", "two-way ties / ties", name, "by show", reciprocity["value"], 0.551855)
    yield _row("reciprocity", "quarter", "ties", name, "by show", reciprocity["denominator"], 16064)
    yield _row(
        "giant_component", "quarter", "people in the largest weak part", name, "by show", largest["numerator"], 986
    )


def _managers(folder: Path, workspace: Path) -> Iterator[Row]:
    people = [(row["id"], f"d{float(row['dept']):.0f}") for row in _read(folder / "nodes.csv")]
    published = {
        "advice": (0.690476, 0.310345, 0.517241),
        "friends": (0.376190, 0.291139, 0.316456),
        "reports": (0.095238, 0.0, -0.6),
    }
    for network, figures in published.items():
        home = workspace / network
        ties = [(row["source"], row["target"]) for row in _read(folder / f"{network}_edges.csv")]
        _build(home, people, "department", ties)
        found = (
            _show(home, "network_density", "quarter"),
            _show(home, "reciprocity", "quarter"),
            _show(home, "ei_index", "quarter", dimension="department"),
        )
        formulas = ("ties / pairs, unordered", "two-way ties / ties", "(E - I) / ties, unordered")
        for row, formula, figure in zip(found, formulas, figures, strict=True):
            yield _row(row["metric"], "quarter", formula, f"krackhardt {network}", "by show", row["value"], figure)


def _directed(reference: Path) -> Iterator[Row]:
    folder = reference / "email-eu-core"
    department = {int(row["person"]): row["department"] for row in _read(folder / "departments.csv")}
    email = _graph([(int(row["sender"]), int(row["recipient"])) for row in _read(folder / "emails.csv")], department)
    yield from _directed_rows("email-eu-core", email, reciprocity=0.711, index=0.306430)
    largest = int(email.components(strong=True).max())
    yield _row(
        "giant_component", "all", "people in the largest strong part", "email-eu-core", "by function", largest, 803
    )
    folder = reference / "krackhardt-hightech"
    team = {int(row["id"]): row["dept"] for row in _read(folder / "nodes.csv")}
    for network, density, reciprocity, index in (
        ("advice", 0.452381, 0.4736842, 0.515789),
        ("friends", 0.2428571, 0.4509804, 0.254902),
        ("reports", 0.04761905, 0.0, -0.6),
    ):
        arcs = [(int(row["source"]), int(row["target"])) for row in _read(folder / f"{network}_edges.csv")]
        graph = _graph(arcs, team)
        name = f"krackhardt {network}"
        found = len(graph.a) / (graph.size * (graph.size - 1))
        yield _row("network_density", "all", "arcs / ordered pairs", name, "by function", found, density)
        yield from _directed_rows(name, graph, reciprocity=reciprocity, index=index)


def _directed_rows(name: str, graph: Graph, *, reciprocity: float, index: float) -> Iterator[Row]:
    returned = graph.is_mutual.sum() / len(graph.a)
    mix = mix_of(graph, graph.groups["team"])
    inside = mix.inside.sum()
    yield _row("reciprocity", "all", "arcs that are returned / arcs", name, "by function", float(returned), reciprocity)
    value = float((len(graph.a) - 2 * inside) / len(graph.a))
    yield _row("ei_index", "all", "(E - I) / arcs", name, "by function", value, index)


def _women(folder: Path) -> Iterator[Row]:
    came: dict[str, set[str]] = {}
    for row in _read(folder / "attendance.csv"):
        came.setdefault(row["person"], set()).add(row["event_date"])
    names = sorted(came)
    met = [(a, b) for a in range(len(names)) for b in range(a + 1, len(names)) if came[names[a]] & came[names[b]]]
    graph = _graph(met, dict.fromkeys(range(len(names)), "all"))
    share = dict(zip(names, graph.degrees / (len(names) - 1), strict=True))
    for name, published in (
        ("Theresa", 1.0),
        ("Dorothy", 0.941),
        ("Brenda", 0.882),
        ("Flora", 0.706),
        ("Charlotte", 0.647),
    ):
        found = next(value for who, value in share.items() if who.casefold().startswith(name.casefold()))
        yield _row(
            "degree", "all", f"share of the other 17 that {name} met", "southern-women", "by function", found, published
        )


def _customers(folder: Path, home: Path) -> Iterator[Row]:
    """Orders as messages: distinct active days by the rollup of active weekdays, to the published cut-off."""
    orders = [(row["masterid"], datetime.strptime(row["date"], "%Y%m%d")) for row in _read(folder / "cdnowElog.csv")]
    _members(home, [(name, None) for name in dict.fromkeys(name for name, _ in orders)], "")
    _interactions(home, ((day.isoformat(), name, "") for name, day in orders), "1997-01-01..1997-09-30")
    with warehouse(home) as connection:
        lay_out_periods(connection, Settings(), date(1997, 9, 30))
        lay_out_roster(connection, choose_dimensions(connection, ()))
        roll_up(connection)
        build_panel(connection, ())
        found = connection.execute(
            """select least(repeats, 7), count(*)
               from (select person, sum(bit_count(day_mask)) - 1 as repeats from action_atoms group by all)
               group by all
               order by all"""
        ).fetchall()
    for (repeats, people), published in zip(found, (1411, 439, 214, 100, 62, 38, 29, 64), strict=True):
        formula = f"customers with {repeats}{'+' if repeats == 7 else ''} further days with an order"
        yield _row("active days", "all", formula, "cdnow", "by function", people, published)


def _messages(folder: Path, home: Path) -> Iterator[Row]:
    sent = [(row["sender"], row["recipient"], int(row["unix_time"])) for row in _read(folder / "messages.csv")]
    _members(home, [(name, None) for name in dict.fromkeys(end for a, b, _ in sent for end in (a, b))], "")
    rows = ((datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat(), a, b) for a, b, at in sent)
    _interactions(home, rows, "2004-04-01..2004-10-31", "--as-of", "2004-11-01")
    _publish(home, "2004-11-01")
    active = (313, 1038, 740, 360, 287, 255, 164)
    messages = (4929, 37698, 7911, 3699, 2675, 2099, 824)
    for month, (people, said) in enumerate(zip(active, messages, strict=True), start=4):
        period = f"2004-{month:02d}-01"
        for metric, formula, published in (
            ("active_members", f"people who sent a message, {period[:7]}", people),
            ("interactions_per_member", f"messages, {period[:7]}", said),
        ):
            found = _show(home, metric, "month", period=period)["numerator"]
            yield _row(metric, "month", formula, "collegemsg", "by show", found, published)


def _analytics(folder: Path, home: Path) -> Iterator[Row]:
    days = {
        datetime.strptime(row["Date"], "%d/%m/%Y").date(): row for row in _read(folder / "slack_analytics_overview.csv")
    }
    kinds = (
        ("active", "Weekly active members", 6),
        ("posting", "Weekly members posting messages", 6),
        ("members", "Enabled full members", 0),
    )
    totals = [
        {"period_start": day - timedelta(days=back), "period_end": day, "kind": kind, "count": row[column]}
        for day, row in days.items()
        for kind, column, back in kinds
    ]
    _run(home, "import", _write(home / "activity.csv", totals), "--as-of", "2024-04-25")
    for metric, published in (("activity_active_share", 0.070), ("activity_posting_share", 0.26)):
        weeks = [
            row for row in _all(home, metric, "week") if row["value"] is not None and row["period"] >= "2023-04-24"
        ]
        mean = sum(row["value"] for row in weeks) / len(weeks)
        yield _row(
            metric, "week", "mean over the weeks of the last year", "nhsr-slack-analytics", "by show", mean, published
        )
    fridays = [int(row["Weekly active members"]) for day, row in days.items() if day.weekday() == 4][-104:]
    found = limits(fridays)
    outside = sum(bool(found.side_of(value)) for value in fridays)
    for formula, ours, published in (
        ("mean of the last 104 Fridays", found.mean, 154.8),
        ("lower limit", found.lower, 116.7),
        ("upper limit", found.upper, 193.0),
        ("points outside", outside, 11),
    ):
        yield _row("limits", "week", formula, "nhsr-slack-analytics", "by function", ours, published)


def _viva(folder: Path, home: Path) -> Iterator[Row]:
    """E-mails sent as messages: their weeks begin on Sunday, so each is put on the Monday after.

    One week of one person in IT and in Research holds an estimate with decimals, so their means over all weeks are left out.
    """
    with gzip.open(folder / "pq_data.csv.gz", "rt", encoding="utf-8", newline="") as source:
        weeks = list(csv.DictReader(source))
    column = "Organization"  # codespell:ignore organization
    _members(
        home, sorted({(row["PersonId"], row[column]) for row in weeks}), "organisation"
    )  # codespell:ignore organization
    first = min(date.fromisoformat(row["MetricDate"]) for row in weeks) + timedelta(days=1)
    last = max(date.fromisoformat(row["MetricDate"]) for row in weeks) + timedelta(days=7)
    said = (
        (
            (datetime.fromisoformat(row["MetricDate"]) + timedelta(days=1, minutes=minute)).isoformat(),
            row["PersonId"],
            "",
        )
        for row in weeks
        for minute in range(int(float(row["Emails_sent"])))
    )
    as_of = str(last + timedelta(days=1))
    _interactions(home, said, f"{first}..{last}", "--as-of", as_of)
    _publish(home, as_of)
    rows = [row for row in _all(home, "interactions_per_member", "week", "organisation") if row["breakdown"] == "all"]
    means = {"Finance": 44.213445, "HR": 44.423377, "Legal": 43.328571, "Operations": 44.345455, "Sales": 43.723077}
    one_week = {"Finance": 42.529412, "HR": 41.090909, "IT": 43.632353, "Legal": 43.931818, "Operations": 44.545455}
    for group, published in means.items():
        values = [row["value"] for row in rows if row["segment"] == group]
        mean = sum(values) / len(values)
        yield _row(
            "interactions_per_member",
            "week",
            f"mean e-mails sent, {group}, 35 weeks",
            "vivainsights-sample",
            "by show",
            mean,
            published,
        )
    for group, published in one_week.items():
        value = next(row["value"] for row in rows if row["segment"] == group and row["period"] == "2024-04-01")
        yield _row(
            "interactions_per_member",
            "week",
            f"mean e-mails sent, {group}, week 2024-03-31",
            "vivainsights-sample",
            "by show",
            value,
            published,
        )


def _build(home: Path, people: list[tuple[str, str | None]], dimension: str, ties: Iterable[tuple[str, str]]) -> None:
    _members(home, people, dimension)
    _interactions(home, ((DAY, a, b) for a, b in ties), QUARTER)
    _publish(home, "2026-04-01")


def _members(home: Path, people: list[tuple[str, str | None]], dimension: str) -> None:
    rows = [{"member_id": name} | ({dimension: group} if dimension else {}) for name, group in people]
    (home / "settings.toml").parent.mkdir(parents=True, exist_ok=True)
    if dimension:
        (home / "settings.toml").write_text(f'dimensions = ["{dimension}"]\n', encoding="utf-8")
    _run(home, "import", _write(home / "members.csv", rows), "--no-publish")


def _interactions(home: Path, rows: Iterable[tuple[str, str, str]], covers: str, *more: str) -> None:
    file = _write(
        home / "interactions.csv",
        ({"occurred_at": at, "actor_id": a, "target_id": b, "kind": "message"} for at, a, b in rows),
    )
    _run(home, "import", file, "--no-publish", "--covers", covers, *more)


def _publish(home: Path, as_of: str) -> None:
    _run(home, "publish", "--as-of", as_of)


def _show(home: Path, metric: str, grain: str, *, dimension: str = "all", period: str | None = None) -> dict[str, Any]:
    """The row of the whole community; of the only period that has data unless one is named."""
    rows = [
        row
        for row in _all(home, metric, grain, dimension)
        if row["segment"] == row["breakdown"] == "all" and row["value"] is not None
        if period in (None, row["period"])
    ]
    return rows[0]


def _all(home: Path, metric: str, grain: str, dimension: str = "all") -> list[dict[str, Any]]:
    by = [] if dimension == "all" else ["--by", dimension]
    return list(json.loads(_run(home, "show", metric, "--grain", grain, *by, "--format", "json")))


def _run(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(app, [*arguments, "--home", str(home)])
    if done.exit_code:
        raise RuntimeError(f"hearth {' '.join(arguments)}: {done.output}") from done.exception
    return done.stdout


def _graph(arcs: list[tuple[int, int]], groups: dict[int, str]) -> Graph:
    """A graph whose ties are arcs, each with its direction; is_mutual says that the arc is returned."""
    place = {person: number for number, person in enumerate(sorted(groups))}
    kept = sorted({(place[a], place[b]) for a, b in arcs if a != b})
    returned = {(b, a) for a, b in kept}
    names = sorted(set(groups.values()))
    return Graph(
        "all",
        np.arange(len(place)),
        np.ones(len(place), dtype=bool),
        {"team": Groups(tuple(names), np.array([names.index(groups[person]) for person in sorted(groups)]))},
        np.array([a for a, _ in kept], dtype=np.int64),
        np.array([b for _, b in kept], dtype=np.int64),
        np.array([arc in returned for arc in kept], dtype=bool),
    )


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as source:
        return list(csv.DictReader(source))


def _write(file: Path, rows: Iterable[dict[str, Any]]) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as target:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(target, list(row))
                writer.writeheader()
            writer.writerow(row)
    return str(file)
