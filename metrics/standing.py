"""Standing figures: what was shown of a wave stays as it was while the answers of fewer than k people differ.

A new figure beside the old one would tell what those few said. So a group is renewed when k of them or more said something
else than when its figures were shown, came, or went; until then the figures that are nearest stand. Groups add up to other
groups, so beside one that stands no others are renewed but those of its own dimension, of which it keeps the sum unknown.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from data.salt import read_salt
from metrics.attack import ABOUT_ONE_WAVE
from metrics.indices import INDICES
from metrics.ledger import NUMBERS, TYPED, read_every_released
from metrics.row_space import KEY
from metrics.shown_answers import compare_with_shown, lay_out_answers

_CHANGES = "('wave_change', 'panel_change', 'change_split')"
_INDICES = ", ".join(f"'{name}'" for name in sorted(set(INDICES.values())))
_SAME = " and ".join(f"{{one}}.{name} = {{other}}.{name}" for name in KEY)

_SHOWN = f"""
create or replace temp table shown_figures as
select {TYPED}, role::varchar as role, line::bigint as line, list_position($roles::varchar[], role::varchar) as turn
from shown_before
"""

# Each group beside the answers of which its figures were ever shown; one that never was beside those of which the whole was.
# Of answers that nobody remembers only their number is known.
_COMPARED = f"""
create or replace temp table compared_groups as
with shown as (
    select period as wave, dimension, segment, state, max(line) as line,
           max(numerator) filter (metric = 'survey_response') as completed
    from shown_figures
    where period in (select wave from states_now)
      and metric not in {_CHANGES}
    group by all
),
never_shown as (
    select wave, dimension, segment
    from answers_now
    union
    select wave, dimension, segment
    from answers_then
    except
    select wave, dimension, segment
    from shown
),
pairs as (
    from shown
    union all by name
    select never_shown.*, whole.state, whole.line
    from never_shown
    join shown as whole
      on whole.wave = never_shown.wave
     and whole.dimension = 'all'
),
completed_now as (
    select wave, dimension, segment, count(*) as completed
    from survey_groups
    join survey_completed using (wave, respondent)
    group by all
)
select pairs.wave, pairs.dimension, pairs.segment, pairs.state, pairs.line,
       case
           when (pairs.wave, pairs.state) in (select (wave, state) from states_now) then 0
           when pairs.state in (from known_states) then coalesce(changed_answers.people, 0)
           else coalesce(abs(pairs.completed - coalesce(completed_now.completed, 0)), 0)
       end::integer as people
from pairs
left join changed_answers using (wave, state, dimension, segment)
left join completed_now using (wave, dimension, segment)
"""

# Of the many who differ few may have answered a question, or every question of an index: their sum is told as well.
_FEW = f"""
create or replace temp table few_answered as
with counted as (
    select wave, respondent, item_id as thing
    from survey_scored
    union all
    select wave, respondent, index as thing
    from survey_complete
),
fresh as (
    select wave, state, dimension, segment, thing, count(*) as people
    from fresh_answers
    join counted using (wave, respondent)
    group by all
),
sizes as (
    select before.period as wave, before.state, before.dimension, before.segment, before.people as people_then, now.people as people_now,
           case
               when before.metric not in ({_INDICES}) then before.breakdown
               when before.breakdown = 'all' then before.metric
               else before.metric || '/' || before.breakdown
           end as thing
    from shown_figures as before
    join {{results}} as now
      on {_SAME.format(one="before", other="now")}
    where before.metric in ({ABOUT_ONE_WAVE})
)
select distinct wave, state, dimension, segment
from sizes
left join fresh using (wave, state, dimension, segment, thing)
where thing in (select thing from counted)
  and greatest(coalesce(fresh.people, 0), abs(people_then - (people_now - coalesce(fresh.people, 0)))) between 1 and {{few}}
"""

_STANDING = """
create or replace temp table standing_groups as
with judged as (
    select wave, dimension, segment, bool_or(people = 0) as is_same,
           not is_same and bool_or(people between 1 and {few} or few_answered.wave is not null) as is_near,
           arg_min(state, (people, -line)) as state, arg_max(state, line) as last_state
    from compared_groups
    left join few_answered using (wave, state, dimension, segment)
    group by all
),
near as (
    select wave, list(distinct dimension) as dimensions
    from judged
    where is_near
    group by all
)
select judged.wave, judged.dimension, judged.segment, judged.state, judged.state = judged.last_state as is_last
from judged
join near using (wave)
where not judged.is_same
  and (judged.is_near or near.dimensions <> [judged.dimension])
"""

# What a role knows of the answers of now: figures that stand, and those shown of answers that are the same in their group.
_REMEMBERED = f"""
create or replace temp table remembered as
with known as (
    select figures.* exclude (line, turn), figures.turn
    from shown_figures as figures
    left join standing_groups as standing
      on standing.wave = figures.period
     and standing.dimension = figures.dimension
     and standing.segment = figures.segment
    left join compared_groups as compared
      on compared.wave = figures.period
     and compared.dimension = figures.dimension
     and compared.segment = figures.segment
     and compared.state = figures.state
    where case
              when figures.metric in {_CHANGES} then true
              when standing.wave is not null then figures.state = standing.state
              else coalesce(compared.people = 0, true)
          end
    qualify row_number() over (partition by figures.role, {", ".join(f"figures.{name}" for name in KEY)} order by figures.line desc) = 1
)
select * exclude (turn), row_number() over (partition by {", ".join(KEY)} order by turn) = 1 as is_first
from known
"""


def let_stand(connection: duckdb.DuckDBPyConnection, home: Path, results: str, roles: Sequence[str], k: int) -> int:
    """Put figures that were shown back into `results` for groups of which the answers of 1 to k - 1 people differ.

    So do those of which as few of the others answered a question or all of an index, and what adds up with them. What was
    not shown beside the standing figures is withheld until they are renewed. Where several of the `roles` were shown a
    figure, the first one's stands. Leaves the temp tables `standing_groups` (wave, dimension, segment, state, is_last:
    whether it is what was shown last) and `remembered`: of each `role` the figures that it knows of the answers of now.
    Returns how many figures stand.
    """
    lay_out_answers(connection, read_salt(home))
    shown = read_every_released(home)
    shown = shown[shown["role"].isin(list(roles))]
    connection.register("shown_before", shown.astype(object).where(shown.notna(), None))
    connection.execute(_SHOWN, {"roles": list(roles)})
    connection.unregister("shown_before")
    compare_with_shown(connection, home, _find_other_states(connection))
    connection.execute(_COMPARED)
    connection.execute(_FEW.format(results=results, few=k - 1))
    connection.execute(_STANDING.format(few=k - 1))
    connection.execute(_REMEMBERED)
    return _put_back(connection, results)


def _find_other_states(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The answers, other than those of now, of which figures of a closed wave were shown."""
    rows = connection.execute(
        """select distinct shown_figures.state
           from shown_figures
           join states_now
             on states_now.wave = shown_figures.period
           where shown_figures.state <> states_now.state"""
    ).fetchall()
    return [state for (state,) in rows]


def _put_back(connection: duckdb.DuckDBPyConnection, results: str) -> int:
    """Standing figures in the place of those of now, and nothing in the place of what was not shown with them."""
    stands = f"""(
        figures.grain = 'wave' and figures.status not in ('no data', 'withheld') and exists (
            from standing_groups as standing
            where standing.dimension = figures.dimension
              and standing.segment = figures.segment
              and standing.wave in (
                  figures.period,
                  (
                      select previous
                      from survey_waves
                      where survey_waves.wave = figures.period
                        and figures.metric in {_CHANGES}
                  )
              )
        )
    )"""
    same = _SAME.format(one="remembered", other="figures")
    row = connection.execute(
        f"""update {results} as figures
            set {", ".join(f"{name} = remembered.{name}" for name in NUMBERS)}
            from remembered
            where {same}
              and remembered.is_first
              and {stands}"""
    ).fetchone()
    connection.execute(
        f"""update {results} as figures
            set {", ".join(f"{name} = null" for name in NUMBERS if name != "status")}, status = 'withheld'
            where {stands}
              and not exists (from remembered where {same})"""
    )
    return int(row[0]) if row else 0
