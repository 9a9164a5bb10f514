"""Reminders: alerts that come from people who wait, and from what is due in a register or has changed."""

from datetime import date, timedelta
from pathlib import Path

import duckdb

from metrics.alert import Alert
from metrics.benchmarks import Match, gather_references
from metrics.catalogue import find_metric
from metrics.published import read_before, read_rows

EXPIRING_DAYS = 60

_WATCHED = {
    "unanswered": ("{n} of members wait for a reply for more than 48 hours.", "question", "questions", "answered_within_day",
                   "Reply, or pass each on by name to somebody who knows."),
    "silent newcomers": ("{n} who joined in the last 90 days did nothing in 30 days or more.", "member", "members",
                         "newcomers_with_tie", "Write to each of them; their names are on the page Lists."),
    "drifting members": ("{n} who were active in 5 of 12 weeks did nothing in the last 4.", "member", "members", "drift",
                         "Ask how they are; do not ask why they are away."),
}  # fmt: skip


def remind_of_people(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Alert]:
    frame = read_rows(connection, "select kind, count, since from watched where count > 0 order by kind")
    alerts = []
    for row in frame:
        words, one, many, metric, remedy = _WATCHED[row["kind"]]
        count = f"{row['count']} {one if row['count'] == 1 else many}"
        alerts.append(
            Alert(row["kind"], row["kind"], words.format(n=count), "Counted completely, by behaviour alone.", min(row["since"], as_of),
                  "community managers", remedy, 28 if row["kind"] == "drifting members" else 14, metric)
        )  # fmt: skip
    return alerts


def remind_of_standing(connection: duckdb.DuckDBPyConnection, as_of: date, k: int) -> list[Alert]:
    """Waves of which figures stay as they were shown, because the answers of fewer than `k` people differ since."""
    frame = read_rows(
        connection,
        """select wave, least(max(coalesce(undone_at, loaded_at))::date, $as_of) as since
           from batches
           where wave in (select wave from standing_waves)
           group by wave
           order by wave""",
        {"as_of": as_of},
    )
    return [
        Alert("standing", f"standing:{row['wave']}", f"{row['wave']}: its figures stay as they were shown, though a few answers differ since.",
              "Counted completely.", row["since"], "community managers",
              f"Nothing, if they are right: they are renewed when in each group either none or {k} and more differ. What is new of the wave is held back until then; without the upload that brought the few it is shown.",
              14, "survey_response")
        for row in frame
    ]  # fmt: skip


def remind_of_actions(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Alert]:
    frame = read_rows(
        connection,
        """select action_id, title, owner, due_on
           from published.actions
           where due_on < $as_of
             and closed_on is null
             and coalesce(status, 'open') not in ('done', 'closed', 'dropped', 'cancelled')
           order by due_on, action_id""",
        {"as_of": as_of},
    )
    return [
        Alert("overdue", f"overdue:{row['action_id']}", f"“{row['title']}” was due on {row['due_on']}.", "It is in the register.",
              row["due_on"], row["owner"] or "community managers", "Close it, give it a new day, or say why it is dropped.", 14,
              "actions_on_time")
        for row in frame
    ]  # fmt: skip


def remind_of_references(connection: duckdb.DuckDBPyConnection, as_of: date) -> list[Alert]:
    """Outside references that are used up soon, unless one of the metric lasts longer that matches as well, and uploaded ones
    that cannot be read."""
    references, unread = gather_references(connection)
    best: dict[str, Match] = {}
    for row in references.rows:
        best[row.metric] = min(best.get(row.metric, row.match), row.match)
    last: dict[str, date] = {}
    for row in references.rows:
        if row.match is best[row.metric]:
            last[row.metric] = max(last.get(row.metric, date.min), row.expires_on or date.max)
    alerts = [
        Alert("benchmark", f"benchmark unread:{metric}", f"An uploaded outside reference for “{metric}” is not used: {problem.removesuffix('.')}.",
              "It is in the upload.", as_of, "community managers", "Mend the row and upload the file again.", EXPIRING_DAYS)
        for metric, problem in sorted(unread.items())
    ]  # fmt: skip
    for metric, expires_on in sorted(last.items()):
        card = find_metric(metric)
        begins = expires_on - timedelta(days=EXPIRING_DAYS)
        if card and begins <= as_of:
            alerts.append(
                Alert("benchmark", f"benchmark:{metric}", f"The outside reference for “{card.title}” runs out on {expires_on}.",
                      "It is written in the reference.", begins, card.owner, "Look for a newer one and upload it as benchmarks.",
                      EXPIRING_DAYS, metric)
            )  # fmt: skip
    return alerts


def remind_of_definitions(connection: duckdb.DuckDBPyConnection, before: Path | None, as_of: date) -> list[Alert]:
    """Metrics whose formula reads otherwise than in the snapshot that is in force now."""
    found = read_before(before, "select metric, formula from cards")
    if found is None:
        return []
    (cards,) = found
    old = dict(zip(cards["metric"], cards["formula"], strict=True))
    frame = read_rows(connection, "select metric, title, formula, owner from published.cards order by position")
    return [
        Alert("definition", f"definition:{row['metric']}", f"“{row['title']}” is counted in another way from today on.",
              "Its formula has changed.", as_of, row["owner"], "Read its card under Method before you compare it with the past.", 30,
              row["metric"])
        for row in frame
        if row["metric"] in old and old[row["metric"]] != row["formula"]
    ]  # fmt: skip
