"""Standing figures: what was shown of a wave stays as it was while a group's answers differ by those of fewer than k people.

A new figure beside the old one would tell what those few said. So a wave is renewed as a whole, when from what was shown to
what would be shown, in every group and between any two, nobody or k people and more said something else, came, went or
moved. Until then the figures that are nearest stand, all of them, for groups add up to each other: what was not shown with
them is withheld. How answers differ is in `metrics.changed_answers`.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from data.salt import read_salt
from metrics.attack import ABOUT_ONE_WAVE
from metrics.changed_answers import find_changes
from metrics.ledger import CHANGES, NUMBERS, TYPED, read_every_released
from metrics.row_space import KEY, WITHHELD, same_key
from metrics.shown_answers import compare_answers, find_renamed, lay_out_answers

# Of whom somebody may be one of few among many who came: each stands for itself, for nothing adds up to it.
_OF_WORDS = ["comment_rate", "comment_themes", "comment_tone", "comment_prescriptive"]
_APART = (*_OF_WORDS, "panel_change")

_SHOWN = f"""
create or replace temp table shown_figures as
select {TYPED}, role::varchar as role, snapshot::varchar as snapshot, line::bigint as line, list_position($roles::varchar[], role::varchar) as turn
from shown_before
"""

# Of the many who differ few may have answered a question, or all of an index. Those of them now who said the same before are
# at most all that did; of answers that nobody remembers nothing but their number is known.
_COMMON = """
create or replace temp table common_answers as
select wave, state, dimension, segment, sum(least(now, earlier)) as people
from compared_answers
group by all
"""

_FEW = f"""
create or replace temp table few_more as
select distinct before.period as wave, before.state, before.dimension, before.metric
from shown_figures as before
join {{results}} as figures
  on {same_key("before", "figures")}
left join common_answers as common
  on common.wave = before.period
 and common.state = before.state
 and common.dimension = before.dimension
 and common.segment = before.segment
where (before.metric in ({ABOUT_ONE_WAVE}) or before.metric in {_APART})
  and abs(before.people - figures.people) between 1 and {{few}}
  and (before.state not in (select state from known_states) or (common.people > 0 and figures.people - common.people <= {{few}}))
"""

# Also answers that were shown stand, where a dimension comes that was shown with others of which few differ, and not with these.
_STANDING = """
create or replace temp table standing_waves as
with shown as (
    select period as wave, state, max(line) as line, list(distinct dimension) as dimensions
    from shown_figures
    where period in (select wave from states_now)
      and metric not in {changes}
    group by all
),
near as (
    select wave, state, dimension
    from changed_parts
    where people between 1 and {few}
    union
    select wave, state, dimension
    from few_more
    where metric not in {apart}
),
whole as (
    select wave, state, sum(people) as people
    from changed_parts
    where dimension = 'all'
      and part = 'all'
    group by all
),
shown_as_now as (
    select *
    from shown
    join states_now using (wave, state)
)
(
    select wave, state
    from shown
    semi join near using (wave, state)
    left join whole using (wave, state)
    where wave not in (select wave from shown_as_now)
    qualify row_number() over (partition by wave order by coalesce(whole.people, 0), line desc) = 1
)
union all
select distinct shown_as_now.wave, shown_as_now.state
from shown_as_now
join near
  on near.wave = shown_as_now.wave
join shown
  on shown.wave = near.wave and shown.state = near.state
where list_contains(shown.dimensions, near.dimension)
  and not list_contains(shown_as_now.dimensions, near.dimension);

create or replace temp table states_shown as
select wave, coalesce(standing_waves.state, states_now.state) as state
from states_now
left join standing_waves using (wave)
"""

_STANDING_APART = """
create or replace temp table standing_apart as
select wave, metric
from few_more
where metric in {apart}
union
select wave, unnest({apart_of_words})
from corrected_apart
where kind = 'text'
"""

# What each role was shown of the answers that are shown now, also of a group that alone is as it was, in all or in a question;
# where the answers are remembered no more, what is the same number now; and of what stands for itself the last. Who was hidden
# beside a small group then and another one now gives it away, unless the gate and the attack know of both.
_REMEMBERED = f"""
create or replace temp table remembered as
with same_groups as (
    select wave, state, dimension, segment, item_id
    from compared_questions
    where wave not in (select wave from standing_waves)
      and dimension <> 'all'
      and is_same
),
known as (
    select figures.*
    from shown_figures as figures
    left join states_shown
      on states_shown.wave = figures.period
    where figures.state = states_shown.state
       or (figures.metric in {CHANGES} and figures.state = (select pair from change_states where change_states.wave = figures.period))
       or (figures.period, figures.metric) in (select (wave, metric) from standing_apart)
       or (figures.period, figures.state, figures.dimension, figures.segment, '') in (from same_groups)
       or (figures.period, figures.state, figures.dimension, figures.segment, figures.breakdown) in (from same_groups)
       or (
           figures.state not in (select state from known_states) and exists (
               from {{results}} as now
               where {same_key("now", "figures")}
                 and now.people = figures.people
                 and now.numerator is not distinct from figures.numerator
           )
       )
    qualify row_number() over (partition by figures.role, {", ".join(f"figures.{name}" for name in KEY)} order by figures.line desc) = 1
)
select * exclude (turn, line), row_number() over (partition by {", ".join(KEY)} order by turn) = 1 as is_first
from known
"""

_CHANGE_STATES = """
create or replace temp table change_states as
select survey_waves.wave, own.state || '+' || before.state as pair,
       own.wave in (select wave from standing_waves) or before.wave in (select wave from standing_waves) as stands
from survey_waves
join states_shown as own
  on own.wave = survey_waves.wave
join states_shown as before
  on before.wave = survey_waves.previous
"""


def let_stand(connection: duckdb.DuckDBPyConnection, home: Path, results: str, roles: Mapping[str, int], k: int) -> int:
    """Put figures that were shown back into `results` for waves in which a group differs by the answers of 1 to k - 1 people.

    `roles` have the size from which they see a group. Where several of them were shown a figure, the first one's stands.
    Returns how many figures stand.

    Leaves the temp tables `standing_waves` (wave, state), `standing_apart` (wave, metric), `common_answers` (wave, state,
    dimension, segment, people), `states_shown` and `change_states` (the states of each wave, and of it with the one
    before, that are shown now) and `remembered`: of each `role` the figures that it was shown of these.
    """
    lay_out_answers(connection, read_salt(home))
    shown = read_every_released(home)
    renamed = find_renamed(connection, home)
    shown = shown[shown["role"].isin(list(roles))].replace({"period": renamed})
    connection.register("shown_before", shown.astype(object).where(shown.notna(), None))
    connection.execute(_SHOWN, {"roles": list(roles)})
    connection.unregister("shown_before")
    compare_answers(connection, home, _find_other_states(connection), renamed)
    find_changes(connection, k, set(roles.values()))
    for statement in (_COMMON, _FEW, _STANDING, _STANDING_APART, _CHANGE_STATES, _REMEMBERED):
        connection.execute(
            statement.format(results=results, few=k - 1, changes=CHANGES, apart=_APART, apart_of_words=_OF_WORDS)
        )
    return _put_back(connection, results)


def _find_other_states(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The answers, other than those of now, of which figures of a closed wave were shown."""
    rows = connection.execute(
        """select distinct shown_figures.state
           from shown_figures
           join states_now
             on states_now.wave = shown_figures.period
           where shown_figures.state <> states_now.state"""
    ).fetchall()
    return {state for (state,) in rows}


def _put_back(connection: duckdb.DuckDBPyConnection, results: str) -> int:
    """Standing figures in the place of those of now, and nothing in the place of what was not shown with them."""
    stands = f"""(
        figures.grain = 'wave'
        and figures.status not in ('no data', 'withheld')
        and (
            figures.period in (select wave from standing_waves)
            or (figures.metric in {CHANGES} and figures.period in (select wave from change_states where stands))
            or (figures.period, figures.metric) in (select (wave, metric) from standing_apart)
        )
    )"""
    same = same_key("remembered", "figures")
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
            set {WITHHELD}
            where {stands}
              and not exists (from remembered where {same})"""
    )
    # A figure that is counted otherwise now, of the same answers, is no difference between answers.
    connection.execute(
        f"""delete from remembered
            using {results} as figures
            where {same}
              and not {stands}
              and figures.people is distinct from remembered.people"""
    )
    return int(row[0]) if row else 0
