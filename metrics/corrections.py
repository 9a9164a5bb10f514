"""Corrections: of the many who say something else now, how many do so to each question.

Behind eleven who corrected one question hides one who corrected another. Those who differ are paired with whom they agree with
most in the same place; who finds nobody is somebody else, of whom every answer counts.
"""

import math
from collections.abc import Iterator

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

# A partner says the same to at least half of the questions; where not more than half of all find one who says the same to three
# quarters, these are other people, of whom pairs are alike by chance.
PARTNER, RELATED = 0.5, 0.75
MOST_AT_ONCE = 2000  # pairing more in one place would take minutes, and nobody is told among so many others

Prints = npt.NDArray[np.uint64]

_TO_PAIR = """
create or replace temp table differing_people as
with people as (
    select respondent, is_now, print, list((dimension, segment) order by dimension)::varchar as place
    from placed_answers
    where wave = $wave
      and state = $state
    group by all
)
select respondent, is_now, place
from people
window alike as (partition by print, place)
qualify row_number() over (partition by print, place, is_now) > least(count_if(is_now) over alike, count_if(not is_now) over alike)
order by all
"""

_SAID = """
create or replace temp table differing_answers as
select respondent, is_now, item_id, print
from (
    select respondent::varchar as respondent, true as is_now, item_id, print
    from said_now
    where wave = $wave
    union all
    select respondent, false, item_id, print
    from said_then
    where wave = $wave
      and state = $state
)
semi join differing_people using (respondent, is_now)
semi join (from asked_twice where wave = $wave and state = $state) using (item_id)
"""

# Of two who are a pair an answer differs, or was given once only. Whose partner is in another part stands alone in this one.
_COUNTED = """
create or replace temp table corrected as
with placed as (
    select dimension, part, item_id, pair, is_now, answers.print
    from differing_answers as answers
    join paired using (respondent, is_now)
    join placed_answers as places using (respondent, is_now)
    join parts using (wave, state, dimension, segment)
    where wave = $wave
      and state = $state
      and (wave, state, dimension) in (select (wave, state, dimension) from part_answers)
),
of_pairs as (
    select dimension, part, item_id, 1 as people
    from placed
    where pair is not null
    group by dimension, part, item_id, pair
    having count(*) = 1 or min(print) <> max(print)
),
of_others as (
    select dimension, part, item_id, greatest(count_if(is_now), count_if(not is_now)) as people
    from placed
    where pair is null
    group by all
)
select dimension, part, item_id, sum(people) as people
from (from of_pairs union all from of_others)
group by all
"""

_ADDED = """
insert into changed_parts
select survey_items.wave, $state, dimension, part || chr(31) || item_id, people
from corrected
join survey_items using (item_id)
where survey_items.wave = $wave
  and kind not in ('choice', 'multi', 'text')
"""

# The figures of a choice or of words stand for themselves.
_SET_APART = """
insert into corrected_apart
select survey_items.wave, $state, item_id, kind
from corrected
join survey_items using (item_id)
where survey_items.wave = $wave
  and kind in ('choice', 'multi', 'text')
  and dimension = 'all'
  and people < {k}
"""


def add_corrected(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Add to `changed_parts` each question of each part, with how many answer it otherwise, where `k` people and more differ in all.

    Of states of which most people are still the same. Choices and words that fewer than `k` people changed are in the temp table
    `corrected_apart` (wave, state, item_id, kind) instead. Needs what `compare_answers` leaves, and `parts`.
    """
    connection.execute(
        "create or replace temp table corrected_apart (wave varchar, state varchar, item_id varchar, kind varchar)"
    )
    for wave, state, people in connection.execute(
        "select wave, state, sum(earlier) from compared_answers where dimension = 'all' group by all order by all"
    ).fetchall():
        of = {"wave": wave, "state": state}
        connection.execute(_TO_PAIR, of)
        connection.execute(_SAID, of)
        differing = connection.execute("from differing_people order by all").df()
        then = int((~differing["is_now"]).sum())
        if max(then, len(differing) - then) < k:
            continue
        pairs, related = _pair(differing, _read_prints(connection, differing))
        if 2 * (people - then + related) > people:
            connection.register("paired", differing.assign(pair=pairs))
            for statement in (_COUNTED, _ADDED, _SET_APART.format(k=k)):
                connection.execute(statement, of)
            connection.unregister("paired")


def _read_prints(connection: duckdb.DuckDBPyConnection, differing: pd.DataFrame) -> Prints:
    """What they said, people x questions, 0 where they said nothing."""
    said = connection.execute("select respondent, is_now, item_id, print from differing_answers").df()
    wide = said.pivot(index=["respondent", "is_now"], columns="item_id", values="print")
    rows = pd.MultiIndex.from_frame(differing[["respondent", "is_now"]])
    return np.asarray(wide.reindex(rows).astype("UInt64").fillna(0), dtype=np.uint64)


def _pair(differing: pd.DataFrame, prints: Prints) -> tuple["pd.Series[int]", int]:
    """The number of each one's pair, missing for who has none, and how many pairs say the same to most questions."""
    pairs = pd.Series(pd.NA, index=differing.index, dtype="Int64")
    questions = prints.shape[1]
    related = 0
    for then, now in _walk_places(differing):
        alike = np.zeros((len(then), len(now)), dtype=np.int16)
        for question in range(questions):
            alike += prints[then, question, None] == prints[None, now, question]
        rows, columns = linear_sum_assignment(alike, maximize=True)
        agreed = alike[rows, columns]
        chosen = agreed >= PARTNER * questions
        pairs.iloc[then[rows[chosen]]] = then[rows[chosen]]
        pairs.iloc[now[columns[chosen]]] = then[rows[chosen]]
        related += int((agreed >= math.ceil(RELATED * questions)).sum())
    return pairs, related


def _walk_places(differing: pd.DataFrame) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Who said something else then, and who does now, of each place that has both."""
    for _, people in differing.groupby("place"):
        then, now = (people.index[people["is_now"].eq(is_now)].to_numpy() for is_now in (False, True))
        if 0 < len(then) <= MOST_AT_ONCE and 0 < len(now) <= MOST_AT_ONCE:
            yield then, now
