"""Forgetting what is remembered of answers: with a respondent who is erased go the fingerprints of every wave they answered."""

import json
from pathlib import Path

import duckdb

from data.writing import replace_text
from ingest.importers import SURVEY
from ingest.keeping import kept_file, read_kept
from ingest.ledger import read_batches
from ingest.tombstones import Of, hash_sql, read_tombstones

FILE = "answers_shown.jsonl"  # publishing adds to it


def forget_fingerprints(connection: duckdb.DuckDBPyConnection, home: Path) -> bool:
    """Take out the lines of waves that erased respondents answered, in an upload that counts or one that was undone, and of those
    of which nobody can tell any more who did. Whether there were any. To be called while the rows are still there."""
    file = home / FILE
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    untouched = _find_untouched(connection, home) if lines else set()
    stay = [line for line in lines if json.loads(line)["wave"] in untouched]
    if len(stay) == len(lines):
        return False
    replace_text(file, "".join(f"{line}\n" for line in stay))
    return True


def _find_untouched(connection: duckdb.DuckDBPyConnection, home: Path) -> set[str]:
    """Waves with all their kept copies, in none of which somebody is who was erased."""
    hashes = read_tombstones(home).of(Of.KEY)
    is_erased = f"bool_or(list_contains($hashes::varchar[], {hash_sql(home, 'key')}))"
    touched = {
        wave
        for (wave,) in connection.execute(
            f"select wave from respondents group by wave having {is_erased}", {"hashes": hashes}
        ).fetchall()
    }
    batches = read_batches(connection, f"kind = '{SURVEY}'", [])
    for batch in batches:
        answered = not kept_file(home, batch.batch).exists() or connection.execute(
            f"select {is_erased} from {read_kept(home, batch.batch)}", {"hashes": hashes}
        ).fetchone() == (True,)
        if answered and batch.wave:
            touched.add(batch.wave)
    return {batch.wave for batch in batches if batch.wave} - touched
