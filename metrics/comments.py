"""Comments: what members wrote in their own words, for managers to read, with nothing that says who wrote it.

Sentences are of the whole community only: under two groups each would tell the crossing of both. They stand from as many
writers on as distributions need, without what redaction finds, and in an order made from their own letters, so that it
says neither when nor by whom, nor which answers to two questions are one person's.
"""

import hashlib
import json
import os
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb

from data.errors import Damaged
from data.store import connect_to_snapshot
from metrics.redaction import Roster, read_roster, redact

FILE = "quarantined.jsonl"

Question = tuple[str, str]  # a wave and an item


def publish_comments(connection: duckdb.DuckDBPyConnection, home: Path, fewest: int, before: Path | None) -> None:
    """Fill `published.comments`. `fewest` is the smallest number of writers that may show; `before` is the managers' file of the
    snapshot in force, if any: fewer than `fewest` new comments wait, as whoever read the old ones would know whose they are.
    """
    shown = _read_shown(before)
    hidden = _read_quarantined(home)
    for question, texts in _read_written(connection, fewest):
        known = shown.get(question, Counter())
        if known and (texts - known).total() < fewest:
            texts &= known
        open_texts = [text for text in texts if not _is_quarantined(question, text, hidden)]
        open_texts.sort(key=lambda text: (_digest("", question, text), text))
        rows = [(*question, place, text, texts[text]) for place, text in enumerate(open_texts, start=1)]
        if rows:
            connection.executemany("insert into published.comments values (?, ?, ?, ?, ?)", rows)


def quarantine(home: Path, wave: str, item_id: str, text: str) -> None:
    """Leave a comment, as it was published, out of every later snapshot. Kept as a salted hash; on disk when this returns."""
    salt = secrets.token_hex(16)
    line = {"wave": wave, "item_id": item_id, "salt": salt, "digest": _digest(salt, (wave, item_id), text)}
    file = home / FILE
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8") as handle:
        handle.write(json.dumps(line) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def _read_written(connection: duckdb.DuckDBPyConnection, fewest: int) -> Iterator[tuple[Question, Counter[str]]]:
    """The redacted comments of each question of a closed wave that enough people answered in words, and how often each is there."""
    rows = connection.execute(_WRITTEN, {"fewest": fewest}).fetchall()
    roster = _read_roster(connection)
    for wave, item_id, texts in rows:
        yield (wave, item_id), Counter(redact(text, roster) for text in texts)


_WRITTEN = """
select answers.wave, answers.item_id, list(trim(answers.text)) as texts
from answers
join survey_completed using (wave, respondent)
join survey_waves using (wave)
join waves using (wave)
where trim(answers.text) <> ''
  and survey_waves.closed_on is not null
group by answers.wave, answers.item_id, waves.k_distributions
having count(distinct answers.respondent) >= greatest($fewest, waves.k_distributions)
order by answers.wave, answers.item_id
"""


def _read_roster(connection: duckdb.DuckDBPyConnection) -> Roster:
    rows = connection.execute(
        """select name from members where name is not null
           union
           select alias
           from (select unnest(string_split(aliases, ';')) as alias from members)
           where not contains(alias, '@')  -- addresses are found by their form"""
    ).fetchall()
    return read_roster(name for (name,) in rows)


def _read_shown(before: Path | None) -> dict[Question, Counter[str]]:
    """The comments of a snapshot by question; none where it cannot be read, for what is published then mends it."""
    if before is None or not before.exists():
        return {}
    try:
        earlier = connect_to_snapshot(before)
        try:
            rows = earlier.execute("select wave, item_id, text, times from comments").fetchall()
        finally:
            earlier.close()
    except (Damaged, duckdb.Error):
        return {}
    shown: dict[Question, Counter[str]] = defaultdict(Counter)
    for wave, item_id, text, times in rows:
        shown[wave, item_id][text] = times
    return shown


def _read_quarantined(home: Path) -> dict[Question, list[tuple[str, str]]]:
    file = home / FILE
    found: dict[Question, list[tuple[str, str]]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        facts = json.loads(line)
        found.setdefault((facts["wave"], facts["item_id"]), []).append((facts["salt"], facts["digest"]))
    return found


def _is_quarantined(question: Question, text: str, hidden: dict[Question, list[tuple[str, str]]]) -> bool:
    return any(_digest(salt, question, text) == digest for salt, digest in hidden.get(question, ()))


def _digest(salt: str, question: Question, text: str) -> str:
    return hashlib.sha256("\x1f".join((salt, *question, text)).encode()).hexdigest()
