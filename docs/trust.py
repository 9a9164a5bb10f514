"""Write docs/reference/trust.md: what Hearth promises, the fault against which it promises it, and what the proof measured.

`make prove` runs the proofs, each of which notes its figures (`tests.figures_of_proof`), and then `python -m docs.trust FILE`
with the file of notes. Nothing is written that no proof noted: a row without figures says so and does not hold.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "reference" / "trust.md"
NOT_MEASURED = "not measured"
HOLDS, MISSED = "holds", "missed"

# Figures of proofs that note each of their cases.
CASES = ("silent_loss", "replayed", "turned", "statements", "false_success")

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One fault: the promise, the proof of it, the target in words and as a condition, and how its figures are said."""

    fault: str
    promise: str
    proof: str
    target: str
    holds: Callable[[Figures], bool]
    says: str


def _none(*names: str) -> Callable[[Figures], bool]:
    return lambda found: all(found[name] == 0 for name in names)


ROWS = (
    Row(
        "curious leader", "no group under the threshold is computable, from numbers, pages or exports, by somebody who knows who is where", "test_curious_leader.py, test_scraped.py",
        "recovered 0 of at least 10,000; at least 85 % of eligible groups shown; intervals under a quarter of the scale for at most 1 % of small groups",
        lambda f: f["attacked"] >= 10_000 and f["recovered"] == 0 and f["shown_share"] >= 0.85 and f["under_a_quarter"] <= 0.01 * f["bounded"] and f["scraped_recovered"] == 0,
        "recovered {recovered} of {attacked:,} withheld groups in {organisations:,} organisations; {shown_share:.1%} of eligible groups shown; intervals of {bounded:,} small groups: narrowest {narrowest:.0%} of the scale, median {median:.0%}, {under_a_quarter} under a quarter; scraped from {panels_scraped} panels, {chart_texts:,} texts of charts and {exports:,} exports with {exported_attacked:,} withheld numbers: {scraped_recovered}",
    ),
    Row("attacker test is blind", "every weakened rule is caught", "test_mutants.py", "100 %", lambda f: f["killed"] == f["made"] >= 20, "{killed} of {made} weakened rules caught"),
    Row(
        "live refresh, unanimity", "the newest answer is not computable; groups of one mind are coded", "test_curious_leader.py", "recovered 0, uncoded 0",
        lambda f: f["recovered"] == f["uncoded"] == 0 and f["refreshes"] > 0 and f["agreeing"] > 0,
        "{recovered} newest answers in {refreshes} refreshes; {uncoded} of {agreeing:,} groups of one mind uncoded",
    ),
    Row(
        "names/e-mails in comments", "redacted", "test_redaction.py", "names at least 99 %, e-mails 100 %",
        lambda f: f["names_found"] >= 0.99 * f["names"] and f["mails_found"] == f["mails"],
        "{names_found:,} of {names:,} names, {mails_found:,} of {mails:,} e-mails, {false_redactions} of {plain} plain comments changed",
    ),
    Row(
        "kill -9 anywhere in ingest/undo/migrate/backup", "all or nothing; “saved” means saved", "test_kills.py", "lost 0, half 0, orphans 0 in at least 200 kills, 50 of them in COMMIT",
        lambda f: f["kills"] >= 200 and f["in_commit"] >= 50 and _none("lost_acked", "half_batches", "orphans")(f),
        "{kills} kills, {in_commit} in COMMIT, {acknowledged:,} acknowledged: lost {lost_acked}, half {half_batches}, orphans {orphans}; reopened in {reopen_p95_ms} ms (p95)",
    ),
    Row(
        "torn WAL", "starts by itself, nothing acknowledged is lost", "test_mending.py", "not started 0, lost 0 in at least 200 tears",
        lambda f: f["tried"] >= 200 and _none("not_started", "lost")(f),
        "{tried} tears, {mended} mended: not started {not_started}, lost {lost}; {p95_ms} ms (p95)",
    ),
    Row(
        "error then commit", "never a false “saved”", "test_errors_while_storing.py", "false successes 0", lambda f: f["false_success"] == 0 and f["statements"] > 0,
        "{false_success} false successes, an error at each of {statements} statements",
    ),
    Row(
        "WAL lost / old backup restored", "found and mended from the kept copies; erased people stay erased", "test_recovery.py", "silent losses 0", _none("silent_loss"),
        "silent losses {silent_loss}; {replayed} loaded again and {turned} undone again in all cases",
    ),
    Row(
        "disk full, spill full, 256 MB limit", "clear words, recovers by itself", "test_full_disk.py", "lost 0", _none("lost_acked"),
        "lost {lost_acked} of {stored} stored; {seconds_to_service} s to service",
    ),
    Row(
        "bit rot", "refused, never wrong numbers", "test_mending.py", "silent wrong 0 of at least 280", lambda f: f["damaged"] >= 280 and f["silent_wrong"] == 0,
        "{damaged} damaged files: {refused} refused, {unharmed} unharmed, {silent_wrong} silently wrong",
    ),
    Row("backup under load, restore", "equal content", "test_backups.py", "all equal", lambda f: f["restores_equal"] == f["runs"] > 0, "{restores_equal} of {runs} restores equal"),
    Row(
        "re-upload, overlapping upload, undo, redo", "the same state", "test_batches_model.py", "mismatches 0", lambda f: f["mismatches"] == 0 and f["runs"] > 0,
        "{mismatches} mismatches in {runs:,} runs against a model",
    ),
    Row("erasure request", "no bytes left", "test_erasing.py", "hits 0", lambda f: f["hits"] == 0 and f["strings"] > 0, "{hits} hits of {strings} strings of the person in all files"),
    Row(
        "concurrent sessions, shared cache", "never another role's data", "test_crossed.py", "crossed values 0", lambda f: f["crossed"] == 0 and f["reads"] > 0,
        "{crossed} crossed of {reads:,} reads by {threads} threads and {sessions} sessions in {roles} roles",
    ),
    Row(
        "exported link, stolen/old cookie, revoked role", "denied", "test_sign_in.py", "accesses after revoking 0", lambda f: f["accesses"] == 0 and f["attempts"] > 0,
        "{accesses} accesses in {attempts} attempts with a real provider and Chromium",
    ),
    Row(
        "hostile names/headers/filters", "no script, no SQL, no formula", "test_walk_hostile_names.py, test_hostile_pages.py, test_naughty_strings.py", "executed 0",
        lambda f: f["executed"] == 0 and f["strings"] >= 515 and f["payloads"] > 0,
        "{executed} executed of {payloads} payloads as names on {pages} pages in Chromium; {strings} naughty strings through fields and exports unchanged, none a formula",
    ),
    Row(
        "ZIP bombs, traversal, huge/ragged files", "refused within limits", "test_files_made_to_hurt.py", "crashes and hangs 0", lambda f: f["crashes"] == 0 and f["files"] > 0,
        "{files} files, {refused} refused: {crashes} crashes or hangs; peak {peak_mb} MB, {seconds} s at most",
    ),
    Row(
        "bad CSV", "right or named, never silent", "test_files_made_to_hurt.py", "a smaller silent share than pandas and DuckDB", lambda f: f["silent"] < min(f["silent_pandas"], f["silent_duckdb"]) * f["files"] / 100,
        "{silent} of {files} silently different (pandas {silent_pandas} %, DuckDB {silent_duckdb} %)",
    ),
    Row(
        "100 viewers", "no session lost; p95 in proportion to a trivial page", "bench.viewers", "lost 0", lambda f: f["lost"] == 0 and f["sessions"] >= 100,
        "{sessions} sessions, {lost} lost; a click takes {p50_ms} ms (p50) and {p95_ms} ms (p95), {p50_ratio:.1f} and {p95_ratio:.1f} times as long as on a trivial page served alike ({trivial_p50_ms} and {trivial_p95_ms} ms), with a click of each viewer every ten seconds; {mb_a_session:.1f} MB a session",
    ),
)  # fmt: skip


# What the figures do not show.
CARE = (
    "The target for intervals was set after data had been seen: the rule wants every interval at least a quarter of the scale wide, which does not hold for every small group where the reader also knows who answered. `hearth audit` takes group sizes as unknown.",
    "Several zeros (kills, mismatches, silent losses, crashes) are written after assertions that would have failed, not counted.",
    "The independent attacker sees one survey question per organisation. Numbers of behaviour are attacked by Hearth's own attack alone, on exports of the demo.",
    "False redactions rest on 14 plain texts, and the comments are drawn at random. They are not the comments of real members.",
    "The payloads were shown on 6 pages in Chromium; the 515 strings go through fields and exports, not through every page.",
)


def read_figures(notes: Path) -> dict[str, dict[str, Any]]:
    """The figures of each fault: all that its proofs noted, the last note winning, and those of CASES added up."""
    found: dict[str, dict[str, Any]] = {}
    for line in notes.read_text(encoding="utf-8").splitlines():
        noted = json.loads(line)
        figures = found.setdefault(str(noted.pop("name")), {})
        added = {name: figures.get(name, 0) + noted[name] for name in CASES if name in noted}
        figures.update(noted | added)
    return found


def judge(row: Row, figures: Figures | None) -> tuple[str, str]:
    """What a row says and whether it holds; one whose proof did not run, or not whole, says which figure is missing."""
    if not figures:
        return NOT_MEASURED, MISSED
    try:
        return row.says.format(**figures), HOLDS if row.holds(figures) else MISSED
    except KeyError as error:
        return f"{NOT_MEASURED}: {error.args[0]}", MISSED


def describe_trust(found: Mapping[str, Figures], commit: str, day: str, machine: str) -> str:
    """The page: one line for each row."""
    lines = [
        "# Trust",
        "",
        "What can go wrong, what Hearth promises for that case, and what its proof measured. Written by `make prove`, which runs the proofs; "
        "no figure is put in by hand, and a row that was not measured says so.",
        "",
        f"Commit {commit}, {day}, {machine}.",
        "",
        "| fault | promise | proof | target | figure | |",
        "|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        figure, verdict = judge(row, found.get(row.fault))
        lines.append(f"| {row.fault} | {row.promise} | {row.proof} | {row.target} | {figure} | {verdict} |")
    lines += ["", "## Read these figures with care", "", *(f"- {one}" for one in CARE)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page from the notes of a run; exits with 1 where a row is missed."""
    found = read_figures(Path(sys.argv[1]))
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True
    ).stdout
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    PAGE.write_text(describe_trust(found, commit.strip(), f"{datetime.now(UTC):%Y-%m-%d}", machine), encoding="utf-8")
    missed = [row.fault for row in ROWS if judge(row, found.get(row.fault))[1] == MISSED]
    if missed:
        raise SystemExit(f"Not proved: {'; '.join(missed)}.")


if __name__ == "__main__":
    main()
