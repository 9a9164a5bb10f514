"""Option counts and words beside figures that stand: as they were shown with them, or withheld."""

from pathlib import Path

import duckdb
import pandas as pd

from metrics.published import read_before

_SHOWN = ("from distributions where dimension = 'all'", "from theme_suggestions")

_WORDS = """
create or replace temp table standing_words as
select wave from standing_waves
union
select wave from standing_apart where metric like 'comment%';

delete from published.theme_suggestions where wave in (select wave from standing_words);

insert into published.theme_suggestions by name
select words_then.* from words_then semi join standing_words using (wave) order by all
"""

_COUNTS = """
create or replace temp table standing_counts as
with few_more as (
    select distinct wave, item_id
    from published.distributions as now
    join counts_then using (wave, item_id)
    where abs(now.n - counts_then.n::bigint) between 1 and {fewest} - 1
),
stand as (
    select counts_then.*
    from counts_then
    join survey_items using (wave, item_id)
    where wave in (select wave from standing_waves)
       or (wave, item_id) in (select (wave, item_id) from few_more)
)
from stand
union all by name
select now.* replace (null as count, null as n, 'withheld' as status)
from published.distributions as now
join standing_waves using (wave)
anti join stand using (wave, item_id);

delete from published.distributions
where (wave, item_id) in (select (wave, item_id) from standing_counts);

insert into published.distributions by name select * from standing_counts order by all
"""

_WAVES = """
update published.waves
set stands = true, completed = coalesce(response.numerator::integer, completed)
from standing_waves
left join {released} as response
  on response.metric = 'survey_response'
 and response.dimension = 'all'
 and response.period = standing_waves.wave
where standing_waves.wave = waves.wave
"""


def let_counts_stand(connection: duckdb.DuckDBPyConnection, released: str, before: Path | None, fewest: int) -> None:
    """Where the scores of a wave stand because few answers differ, so do its option counts, words and how many completed it.

    What was not shown with them, or in no snapshot that is kept, is withheld. Counts also stand of a question that fewer than
    `fewest` more or fewer answered, and words where comments do. `before` is the role's file of the snapshot in force.
    """
    counts, words = _read_then(connection, before)
    connection.register("counts_then", counts.astype(object).where(counts.notna(), None))
    connection.register("words_then", words)
    for statement in (_WORDS, _COUNTS.format(fewest=fewest), _WAVES.format(released=released)):
        connection.execute(statement)
    connection.unregister("counts_then")
    connection.unregister("words_then")


def _read_then(connection: duckdb.DuckDBPyConnection, before: Path | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts and words of every wave as they were shown: with the figures that stand, else last."""
    nothing = tuple(
        connection.execute(f"from published.{table} limit 0").df() for table in ("distributions", "theme_suggestions")
    )
    last = read_before(before, *_SHOWN) or nothing
    standing = connection.execute("select wave, snapshot, is_last from standing_waves order by wave").fetchall()
    parts = [[frame[~frame["wave"].isin([wave for wave, *_ in standing])] for frame in last]]
    for wave, snapshot, is_last in standing:
        with_them = read_before(before.parent.parent / snapshot / before.name, *_SHOWN) if before else None
        found = [last] if is_last else []
        found += [with_them] if with_them else []
        of_wave = [[frame[frame["wave"] == wave] for frame in frames] for frames in found]
        parts += [frames for frames in of_wave if len(frames[0])][:1]
    counts, words = (pd.concat(frames, ignore_index=True) for frames in zip(*parts, strict=True))
    return counts, words
