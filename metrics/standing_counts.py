"""Option counts and words beside figures that stand: as they were shown with them, or withheld."""

from pathlib import Path

import duckdb
import pandas as pd

from metrics.published import read_before

# Of each wave the answers of which a snapshot showed it; what nothing was added to since is in the one in force.
_SHOWN_IN = """
create or replace temp table shown_in as
select wave, state, snapshot
from (
    select period as wave, state, snapshot, max(line) as line
    from shown_figures
    where period in (select wave from states_now)
      and not contains(state, '+')
    group by all
)
union
select wave, state, $in_force
from (
    select period as wave, arg_max(state, line) as state
    from shown_figures
    where not contains(state, '+')
    group by all
)
"""

_WORDS = """
create or replace temp table standing_words as
with apart as (
    select distinct wave
    from standing_apart
    where metric like 'comment%'
),
shown as (
    select words_shown.wave, max(snapshot) as snapshot
    from words_shown
    join shown_in using (wave, snapshot)
    left join standing_waves using (wave)
    where shown_in.state = standing_waves.state
       or (standing_waves.wave is null and wave in (from apart))
    group by all
)
select words_shown.* exclude (snapshot)
from words_shown
semi join shown using (wave, snapshot);

delete from published.theme_suggestions
where wave in (select wave from standing_waves)
   or wave in (select wave from standing_apart where metric like 'comment%');

insert into published.theme_suggestions by name select * from standing_words order by all
"""

# Of a scale the core figures say how many answered; of choices only these counts do.
_COUNTS = """
create or replace temp table standing_counts as
with few_chose as (
    select now.wave, now.item_id, max(before.snapshot) as snapshot
    from (select wave, item_id, any_value(n) as n from published.distributions group by all) as now
    join (select wave, snapshot, item_id, any_value(n) as n from counts_shown group by all) as before using (wave, item_id)
    join shown_in using (wave, snapshot)
    join survey_items using (wave, item_id)
    left join common_answers as common
      on common.wave = now.wave and common.state = shown_in.state and common.dimension = 'all'
    where survey_items.kind in ('choice', 'multi')
      and (
          (
              abs(now.n - before.n) between 1 and {fewest} - 1
              and (shown_in.state not in (select state from known_states) or (common.people > 0 and now.n - common.people < {fewest}))
          )
          or (now.wave, shown_in.state, now.item_id) in (select (wave, state, item_id) from corrected_apart)
      )
    group by all
),
standing as (
    select wave, max(snapshot) as snapshot
    from counts_shown
    join shown_in using (wave, snapshot)
    join standing_waves using (wave, state)
    group by all
),
stand as (
    select counts_shown.* exclude (snapshot)
    from counts_shown
    semi join survey_items using (wave, item_id)
    where (wave, snapshot) in (select (wave, snapshot) from standing)
       or (
           wave not in (select wave from standing_waves)
           and (wave, item_id, snapshot) in (select (wave, item_id, snapshot) from few_chose)
       )
)
select * replace (
           case when n >= {fewest} then count end as count,
           case when n >= {fewest} then n end as n,
           case when n >= {fewest} then status else 'withheld' end as status
       )
from stand
union all by name
select now.* replace (null as count, null as n, 'withheld' as status)
from published.distributions as now
semi join standing_waves using (wave)
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

    What was not shown with them, or in no snapshot that is kept, is withheld. Counts of choices also stand where fewer than
    `fewest` more or fewer chose than were ever shown, and words where comments do. `before` is the role's file of the snapshot
    in force. Needs what `let_stand` leaves.
    """
    connection.execute(_SHOWN_IN, {"in_force": before.parent.name if before else ""})
    _read_shown(connection, before)
    for statement in (_WORDS, _COUNTS.format(fewest=fewest), _WAVES.format(released=released)):
        connection.execute(statement)


def _read_shown(connection: duckdb.DuckDBPyConnection, before: Path | None) -> None:
    """Temp tables `counts_shown` and `words_shown`: option counts of the whole and words of every kept snapshot that is needed."""
    tables = {"counts_shown": "distributions", "words_shown": "theme_suggestions"}
    for name, table in tables.items():
        connection.execute(
            f"create or replace temp table {name} as select *, '' as snapshot from published.{table} limit 0"
        )
    snapshots = connection.execute("select distinct snapshot from shown_in order by all").fetchall() if before else []
    for (snapshot,) in snapshots:
        found = read_before(
            before.parent.parent / snapshot / before.name if before else None,
            "from distributions where dimension = 'all'",
            "from theme_suggestions",
        )
        for name, frame in zip(tables, found or (), strict=False):
            connection.register("frame_read", _plain(frame))
            connection.execute(
                f"insert into {name} by name select *, $snapshot as snapshot from frame_read", {"snapshot": snapshot}
            )
            connection.unregister("frame_read")


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(object).where(frame.notna(), None)
