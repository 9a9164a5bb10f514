"""The ledger of released survey figures: what was shown once counts as known, also when its snapshot is gone.

An append-only file of JSON lines in the home, outside undo and restore. It holds published figures only, never an answer.
What they are made of is remembered beside it (`metrics.shown_answers`).
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from data.store import opened
from data.writing import append_lines
from metrics.metric import RESULT_COLUMNS
from metrics.row_space import KEY
from metrics.shown_answers import remember_answers

FILE = "released.jsonl"
NUMBERS = RESULT_COLUMNS[6:]
CHANGES = "('wave_change', 'panel_change', 'change_split')"  # of two waves, so of the answers of both
_TYPES = {
    name: "bigint"
    if name == "people"
    else "double"
    if name in NUMBERS and name not in ("verdict", "status")
    else "varchar"
    for name in (*RESULT_COLUMNS, "state")
}
TYPED = ", ".join(f"{name}::{kind} as {name}" for name, kind in _TYPES.items())

_LINES = f"""(
    select {", ".join(RESULT_COLUMNS)}, role, snapshot, coalesce(state, '') as state, row_number() over () as line
    from read_json($file, format = 'newline_delimited', columns = {_TYPES | {"role": "varchar", "snapshot": "varchar"}})
)"""


def read_released(home: Path, role: str) -> pd.DataFrame:
    """The last figure of each survey number that a role was shown: RESULT_COLUMNS, `state` (the answers it is made of) and `snapshot`."""
    return _ask(
        home,
        f"""select {", ".join(RESULT_COLUMNS)}, state, snapshot
            from {_LINES}
            where role = $role
            qualify row_number() over (partition by {", ".join(KEY)} order by line desc) = 1
            order by line""",
        [*RESULT_COLUMNS, "state", "snapshot"],
        role=role,
    )


def read_every_released(home: Path) -> pd.DataFrame:
    """Every survey figure that anybody was ever shown, of each state of the answers the last: RESULT_COLUMNS, `state`, `role`, `snapshot` and `line` (its place)."""
    return _ask(
        home,
        f"""select {", ".join(RESULT_COLUMNS)}, state, role, snapshot, line
            from {_LINES}
            qualify row_number() over (partition by role, state, {", ".join(KEY)} order by line desc) = 1
            order by line""",
        [*RESULT_COLUMNS, "state", "role", "snapshot", "line"],
    )


def _ask(home: Path, sql: str, columns: list[str], **parameters: str) -> pd.DataFrame:
    file = home / FILE
    if not file.exists():
        return pd.DataFrame(columns=columns)
    with opened(":memory:", reach=(file,)) as connection:
        return connection.execute(sql, {"file": str(file), **parameters}).df()


def stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames of the same columns above each other; empty ones have no types to give."""
    return pd.concat([frame for frame in frames if not frame.empty] or frames[:1], ignore_index=True)


def remember_released(
    connection: duckdb.DuckDBPyConnection, home: Path, released: str, role: str, snapshot: str
) -> int:
    """Add the survey figures of a release that differ from those last written, or are of other answers; returns how many.

    Needs what `let_stand` leaves. On disk when this returns, after the answers that they are made of.
    """
    known = read_released(home, role)
    connection.register("known_before", known.astype(object).where(known.notna(), None))
    figures = connection.execute(
        f"""select *
            from (
                select figures.*,
                       coalesce(case when metric in {CHANGES} then pair end, state, '') as state
                from (
                    select {", ".join(RESULT_COLUMNS)}
                    from {released}
                    where grain = 'wave'
                      and status in ('final', 'banded')
                ) as figures
                left join states_shown
                  on states_shown.wave = figures.period
                left join change_states
                  on change_states.wave = figures.period
            )
            except
            select {TYPED}
            from known_before
            order by all"""
    ).df()
    connection.unregister("known_before")
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    lines = [json.dumps({"role": role, "snapshot": snapshot, "at": now} | row) for row in _plain(figures)]
    shown = connection.execute(
        f"select state from states_shown where wave in (select period from {released} where grain = 'wave')"
    ).fetchall()
    remember_answers(connection, home, {state for (state,) in shown})
    append_lines(home / FILE, lines)
    return len(lines)


def _plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [
        {str(name): int(number) if name == "people" and number is not None else number for name, number in row.items()}
        for row in rows
    ]
