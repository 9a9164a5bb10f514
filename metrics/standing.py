"""Standing figures: what was shown of a wave stays as it was while a group's answers differ by those of fewer than k people.

A new figure beside the old one would tell what those few said. So a wave is renewed as a whole, when from what was shown to
what would be shown, in every group and between any two, nobody or k people and more said something else, came, went or
moved. Until then the figures that are nearest stand, all of them, for groups add up to each other: what was not shown with
them is withheld. Those in no group, and in groups too small to be shown, are one group without a name here: it is what the
whole leaves over.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from data.salt import read_salt
from metrics.attack import ABOUT_ONE_WAVE
from metrics.ledger import CHANGES, NUMBERS, TYPED, read_every_released
from metrics.row_space import KEY, same_key
from metrics.shown_answers import compare_answers, find_renamed, lay_out_answers

# Of whom somebody may be one of few among many who came: each stands for itself, for nothing adds up to it.
_APART = "('comment_rate', 'comment_themes', 'comment_tone', 'comment_prescriptive', 'panel_change')"

_SHOWN = f"""
create or replace temp table shown_figures as
select {TYPED}, role::varchar as role, snapshot::varchar as snapshot, line::bigint as line, list_position($roles::varchar[], role::varchar) as turn
from shown_before
"""

# A group without a name that is too small to be seen alone is seen with the smallest one, which the gate hides beside it.
_PARTS = """
create or replace temp table parts as
with sizes as (
    select wave, state, dimension, segment, sum(now) as now, sum(earlier) as earlier,
           segment = '' or greatest(sum(now), sum(earlier)) < {fewest} as is_unnamed
    from compared_answers
    group by wave, state, dimension, segment
),
unnamed as (
    select wave, state, dimension, bool_or(people between 1 and {fewest} - 1) as is_hidden
    from (
        select wave, state, dimension, unnest([sum(now), sum(earlier)]) as people
        from sizes
        where is_unnamed
        group by wave, state, dimension
    )
    group by all
)
select wave, state, dimension, segment,
       case
           when is_unnamed
             or (is_hidden and row_number() over (partition by wave, state, dimension, is_unnamed order by now + earlier, segment) = 1)
               then ''
           else segment
       end as part
from sizes
left join unnamed using (wave, state, dimension)
"""

# How many of each fingerprint there are more in a part now. One that is more in one part and fewer in another moved.
_DIFFERENCES = """
create or replace temp table part_answers as
select wave, state, dimension, part, print, sum(now) as now, sum(earlier) as earlier
from compared_answers
join parts using (wave, state, dimension, segment)
where dimension in (select dimension from survey_groups)
  and (wave, state, dimension) in (select (wave, state, dimension) from places_then)
  and (wave, dimension) in (select (wave, dimension) from places_now)
group by all;

create or replace temp table differences as
select wave, state, dimension, part, print, now - earlier as more,
       sum(greatest(now - earlier, 0)) over of_print as come,
       sum(greatest(earlier - now, 0)) over of_print as gone
from part_answers
where now <> earlier
window of_print as (partition by wave, state, dimension, print)
"""

# A group of which everybody is another tells nothing of the few by which it is larger.
_CHANGED = """
create or replace temp table changed_parts as
with renewed as (
    select wave, state, dimension, part
    from part_answers
    group by all
    having sum(least(now, earlier)) = 0 and least(sum(now), sum(earlier)) >= {fewest}
)
select wave, state, dimension, part,
       greatest(sum(greatest(more - gone, 0)), sum(greatest(-more - come, 0))) as people
from differences
anti join renewed using (wave, state, dimension, part)
group by all
union all
select one.wave, one.state, one.dimension, one.part || chr(31) || other.part, sum(least(one.more, -other.more))
from differences as one
join differences as other using (wave, state, dimension, print)
where one.more > 0
  and other.more < 0
group by all
"""

# A column under another name is another dimension: its groups are held beside those of the one that is gone.
_RENAMED = """
insert into changed_parts
with fresh as (
    select *, sum(now) over (partition by wave, state, dimension, segment) as people
    from compared_answers
    where dimension in (select dimension from survey_groups)
      and (wave, state, dimension) not in (select (wave, state, dimension) from places_then)
      and now > 0
),
gone as (
    select *, sum(earlier) over (partition by wave, state, dimension, segment) as people
    from compared_answers
    where (wave, dimension) not in (select (wave, dimension) from places_now)
      and (wave, dimension) in (select (period, dimension) from shown_figures)
      and earlier > 0
)
select fresh.wave, fresh.state, fresh.dimension, fresh.segment || chr(31) || gone.segment,
       greatest(any_value(fresh.people), any_value(gone.people)) - sum(least(fresh.now, gone.earlier))
from fresh
join gone
  on gone.wave = fresh.wave and gone.state = fresh.state and gone.print = fresh.print
group by fresh.wave, fresh.state, fresh.dimension, fresh.segment, gone.dimension, gone.segment
having least(any_value(fresh.people), any_value(gone.people)) >= {fewest}
   and 2 * sum(least(fresh.now, gone.earlier)) > greatest(any_value(fresh.people), any_value(gone.people))
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
select distinct before.period as wave, before.state, before.metric
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

_STANDING = """
create or replace temp table standing_waves as
with shown as (
    select period as wave, state, max(line) as line
    from shown_figures
    where period in (select wave from states_now)
      and metric not in {changes}
    group by all
),
near as (
    select wave, state
    from changed_parts
    where people between 1 and {few}
    union
    select wave, state
    from few_more
    where metric not in {apart}
),
whole as (
    select wave, state, sum(people) as people
    from changed_parts
    where dimension = 'all'
    group by all
)
select wave, state
from shown
semi join near using (wave, state)
left join whole using (wave, state)
where wave not in (select wave from shown join states_now using (wave, state))
qualify row_number() over (partition by wave order by coalesce(whole.people, 0), line desc) = 1;

create or replace temp table states_shown as
select wave, coalesce(standing_waves.state, states_now.state) as state
from states_now
left join standing_waves using (wave)
"""

_STANDING_APART = """
create or replace temp table standing_apart as
select distinct wave, metric
from few_more
where metric in {apart}
"""

# What each role was shown of the answers that are shown now, also of a group that alone is as it was; of what stands for itself
# the last. Who was hidden beside a small group then and another one now gives it away, unless the attack knows of both.
_REMEMBERED = f"""
create or replace temp table remembered as
with same_groups as (
    select wave, state, dimension, segment
    from compared_answers
    where wave not in (select wave from standing_waves)
      and dimension <> 'all'
    group by all
    having bool_and(now = earlier)
),
known as (
    select figures.*
    from shown_figures as figures
    left join states_shown
      on states_shown.wave = figures.period
    where figures.state = states_shown.state
       or (figures.metric in {CHANGES} and figures.state = (select pair from change_states where change_states.wave = figures.period))
       or (figures.period, figures.metric) in (select (wave, metric) from standing_apart)
       or (figures.period, figures.state, figures.dimension, figures.segment) in (
           select (wave, state, dimension, segment) from same_groups
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


def let_stand(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    results: str,
    roles: Sequence[str],
    k: int,
    fewest: int | None = None,
) -> int:
    """Put figures that were shown back into `results` for waves in which a group differs by the answers of 1 to k - 1 people.

    `fewest` is the smallest threshold of the roles, the size from which a group may be seen. Where several of the `roles` were
    shown a figure, the first one's stands. Returns how many figures stand.

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
    for statement in (
        _PARTS,
        _DIFFERENCES,
        _CHANGED,
        _RENAMED,
        _COMMON,
        _FEW,
        _STANDING,
        _STANDING_APART,
        _CHANGE_STATES,
        _REMEMBERED,
    ):
        connection.execute(
            statement.format(results=results, few=k - 1, fewest=fewest or k, changes=CHANGES, apart=_APART)
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
            set {", ".join(f"{name} = null" for name in NUMBERS if name != "status")}, status = 'withheld'
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
