"""The ledger of released survey figures: what was shown once counts as known, also when its snapshot is gone.

An append-only file of JSON lines in the home, outside undo and restore. It holds published figures only, never an answer.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

from data.store import opened
from metrics.attack import SCALES
from metrics.metric import RESULT_COLUMNS
from metrics.row_space import KEY

FILE = "released.jsonl"
_NUMBERS = RESULT_COLUMNS[6:]
_TYPES = {
    name: "bigint"
    if name == "people"
    else "double"
    if name in _NUMBERS and name not in ("verdict", "status")
    else "varchar"
    for name in RESULT_COLUMNS
}
_TYPED = ", ".join(f"{name}::{kind} as {name}" for name, kind in _TYPES.items())

_LINES = f"read_json($file, format = 'newline_delimited', columns = {_TYPES | {'role': 'varchar', 'batch': 'bigint', 'snapshot': 'varchar'}})"

_READ = f"""
select {", ".join(RESULT_COLUMNS)}, batch, snapshot
from (
    select *, row_number() over () as line
    from {_LINES}
)
where role = $role
qualify row_number() over (partition by {", ".join(KEY)} order by line desc) = 1
order by line
"""


def read_released(home: Path, role: str) -> pd.DataFrame:
    """The last figure of each survey number that a role was shown: RESULT_COLUMNS, `batch` (the last one it contains) and `snapshot`."""
    return _ask(home, _READ, [*RESULT_COLUMNS, "batch", "snapshot"], role=role)


def read_sizes(home: Path) -> pd.DataFrame:
    """Of how many people every survey number was ever shown, to anybody: KEY and `people`, one row for each size."""
    columns = [*KEY, "people"]
    return _ask(
        home, f"select distinct {', '.join(columns)} from {_LINES} where people is not null order by all", columns
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
    """Add the survey figures of a release that differ from those last written; returns how many. On disk when this returns."""
    known = read_released(home, role)
    connection.register("known_before", known.astype(object).where(known.notna(), None))
    # A figure that is shown for the first time beside those that stand contains later answers than they do, and stands with them.
    figures = connection.execute(
        f"""select figures.*, coalesce(standing.batch, (select max(batch) from batches where undone_at is null), 0) as batch
            from (
                select {", ".join(RESULT_COLUMNS)}
                from {released}
                where grain = 'wave' and status in ('final', 'banded')
                except
                select {_TYPED}
                from known_before
            ) as figures
            left join standing_groups as standing
              on standing.wave = figures.period
             and standing.dimension = figures.dimension
             and standing.segment = figures.segment
            order by all"""
    ).df()
    connection.unregister("known_before")
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    lines = [json.dumps({"role": role, "snapshot": snapshot, "at": now} | row) for row in _plain(figures)]
    if lines:
        with (home / FILE).open("a", encoding="utf-8") as handle:
            handle.write("\n".join(lines) + "\n")
            handle.flush()
            os.fsync(handle.fileno())
        (home / FILE).chmod(0o600)
    return len(lines)


def let_stand(connection: duckdb.DuckDBPyConnection, home: Path, results: str, roles: Sequence[str], k: int) -> int:
    """Put figures that were shown back into `results` for groups in which 1 to k - 1 people's answers changed since.

    So do those of groups of which a number was ever shown about 1 to k - 1 people more or fewer than it is about now: a
    wave that was undone and uploaded again, or a question that few of the late ones answered. Where several of the
    `roles` were shown a figure, the first one's stands. Leaves the temp tables `standing_groups` (wave, dimension,
    segment, batch) and `remembered`: of each `role` the figures of groups that may not be told apart from those of now,
    which the audit takes for known to that role. Other groups in which k or more changed have new figures. Returns how
    many figures stand.
    """
    shown = stack([read_released(home, role).assign(role=role) for role in roles])
    shown["is_first"] = ~shown.duplicated(list(KEY))
    connection.register("shown_before", shown.astype(object).where(shown.notna(), None))
    connection.execute(
        f"""create or replace temp table remembered as
            select {_TYPED}, batch::integer as batch, role::varchar as role, is_first::boolean as is_first
            from shown_before"""
    )
    connection.unregister("shown_before")
    connection.execute(_CHANGED)
    sizes = read_sizes(home)
    connection.register("sizes_before", sizes.astype(object).where(sizes.notna(), None))
    connection.execute(_NEAR.format(results=results, most=k - 1))
    connection.unregister("sizes_before")
    # The whole less its groups would tell the few who came to one of them, so it stands as long as any of them does.
    connection.execute(
        f"""update changed_groups
            set people = {k - 1}
            where dimension = 'all'
              and people >= {k}
              and wave in (select wave from changed_groups where dimension <> 'all' and people between 1 and {k - 1})"""
    )
    connection.execute(
        f"""create or replace temp table standing_groups as
            select wave, dimension, segment, batch
            from changed_groups
            where people between 1 and {k - 1}"""
    )
    connection.execute(
        f"""delete from remembered
            using changed_groups as changed
            where changed.wave = remembered.period and changed.dimension = remembered.dimension
              and changed.segment = remembered.segment and changed.people >= {k}"""
    )
    numbers = ", ".join(f"{name} = remembered.{name}" for name in _NUMBERS)
    same = " and ".join(f"remembered.{name} = figures.{name}" for name in KEY)
    row = connection.execute(
        f"""update {results} as figures
            set {numbers}
            from remembered
            join standing_groups as standing
              on standing.dimension = remembered.dimension and standing.segment = remembered.segment
             and standing.wave in (
                 remembered.period,
                 (
                     select previous
                     from survey_waves
                     where survey_waves.wave = remembered.period
                       and remembered.metric in ('wave_change', 'panel_change', 'change_split')
                 )
             )
            where {same} and remembered.is_first"""
    ).fetchone()
    return int(row[0]) if row else 0


def _plain(frame: pd.DataFrame) -> list[dict[str, object]]:
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return [
        {
            str(name): int(number) if name in ("people", "batch") and number is not None else number
            for name, number in row.items()
        }
        for row in rows
    ]


# How many answers came or changed after the last batch that a group's figures contain, and by how many the rest differs from
# what was shown: they have gone, or are read by another day of publishing.
_CHANGED = """
create or replace temp table changed_groups as
with figures as (
    select period as wave, dimension, segment, max(batch) as batch,
           max(numerator) filter (metric = 'survey_response') as answered
    from remembered
    where is_first
    group by all
),
now as (
    select figures.wave, figures.dimension, figures.segment, figures.answered, figures.batch,
           count(survey_completed.respondent) as people,
           count(survey_completed.respondent) filter (respondents.batch > figures.batch) as fresh
    from figures
    left join survey_groups using (wave, dimension, segment)
    left join survey_completed using (wave, respondent)
    left join respondents
      on respondents.wave = survey_completed.wave
     and respondents.respondent = survey_completed.respondent
    group by all
)
select wave, dimension, segment, batch, greatest(fresh, coalesce(abs(answered - (people - fresh)), 0))::integer as people
from now
"""

# The sums of two figures differ by what is said of the few, whoever answered in between.
_NEAR = f"""
update changed_groups
set people = {{most}}
where people > {{most}}
  and exists (
      select 1
      from {{results}} as figures
      join sizes_before as before
        on {" and ".join(f"before.{name}::varchar = figures.{name}" for name in KEY)}
      where figures.grain = 'wave'
        and figures.metric in ({", ".join(repr(name) for name in SCALES)})
        and figures.period = changed_groups.wave
        and figures.dimension = changed_groups.dimension
        and figures.segment = changed_groups.segment
        and abs(figures.people - before.people::bigint) between 1 and {{most}}
  )
"""
