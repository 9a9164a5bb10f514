"""Replies: how long a thread waits for its first one, and from whom it comes."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from metrics.cells import Tally, group_by, group_keys, insert_cells, tally
from metrics.metric import ALL, ALL_GRAINS, Better, Grain, Metric, Source, Unit
from metrics.survival import lay_out_waits, median_wait

REPLY_HORIZON_DAYS = 28

REPLY_CARDS = (
    Metric(
        name="reply_time",
        title="Time to the first reply",
        question="How long does a post wait for its first reply?",
        formula="Kaplan-Meier median, in hours, of the time from a member's post to the first reply by somebody else; unanswered threads count as still waiting, to 28 days",
        unit=Unit.HOURS,
        better=Better.LOWER,
        grains=ALL_GRAINS,
        segment_grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        horizon=REPLY_HORIZON_DAYS,
        reading="Half of the threads had a reply by then. Empty where fewer than half had one within 28 days: then it is longer than 28 days. Low and high are its 95 % interval.",
        reference="CHAOSS, time to first response; Savannah, corrected: an exact median, and unanswered threads count.",
        caveats="Replies by staff count, those by bots do not. Nights and weekends count as waiting. The numerator is the threads that had a reply, the denominator all threads. Groups in quarters only.",
        practices=("collaboration-tools", "check-ins"),
    ),
    Metric(
        name="member_answered",
        title="Answered by a member",
        question="Do members answer each other, or does staff?",
        formula="threads of members whose first reply within 28 days came from a member / threads of members with a reply by somebody else within 28 days",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        needs=(Source.INTERACTIONS,),
        horizon=REPLY_HORIZON_DAYS,
        reading="0: every first reply came from staff; 1: every one from another member.",
        reference="Hearth's own; the shift of roles in networks that help themselves.",
        caveats="Only the first reply is read. Whoever is staff on the day of the reply counts as staff, and who had left by then or had not joined yet as no member. People on no roster and bots answer nothing here.",
        additive=True,
        practices=("seeking-help", "members-help-members", "facilitator"),
    ),
)

# Waiting times are in hours, with a minus where the thread still waits.
_THREADS_OF_MEMBERS = f"""
create or replace temp table member_threads as
select starter as person, started_on as day, is_answered, is_answered and is_by_member as is_by_member,
       case when is_answered then date_diff('second', started_at, replied_at) / 3600.0
            else -least(
                {REPLY_HORIZON_DAYS} * 24.0,
                greatest(date_diff('second', started_at, getvariable('as_of_end')), 1) / 3600.0
            ) end::double as waited
from (
    select threads.*,
           coalesce(threads.replied_at <= threads.started_at + interval {REPLY_HORIZON_DAYS} day, false) as is_answered,
           replier.person is not null as is_by_member
    from (select *, local_time(replied_at)::date as replied_on from threads) as threads
    left join memberships as replier
      on replier.person = threads.replier
     and threads.replied_on between replier.first_day and replier.last_day
);
"""

# A view: of each thread once a grain there would be three times as many rows.
_PLACED = """
create or replace temp view placed_threads as
select day_grains.grain, day_grains.number, stays.stay, member_threads.is_answered, member_threads.is_by_member,
       member_threads.waited
from member_threads
join stays
  on stays.person = member_threads.person
 and stays.is_member
 and member_threads.day between stays.first_day and stays.last_day
join day_grains
  on day_grains.day = member_threads.day
 and day_grains.grain = stays.grain
"""

_STARTERS = """
create or replace temp table thread_starters as
select periods.grain, periods.period, started.*{segments}
from (
    select number, stay, count(*) as threads, count_if(is_answered) as answered, count_if(is_by_member) as by_members
    from placed_threads
    group by all
) as started
join stays using (stay)
join periods using (number)
"""


def count_replies(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add `member_answered` and `reply_time` to `cells`; needs the panel, conduct and the thread rollup."""
    connection.execute(_THREADS_OF_MEMBERS)
    connection.execute(_PLACED)
    segments = "".join(f", stays.{column}" for column in columns.values())
    connection.execute(_STARTERS.format(segments=segments))
    tally(
        connection,
        "thread_starters",
        [
            Tally(
                "member_answered",
                numerator="sum(by_members)",
                denominator="sum(answered)",
                people="count_if(answered > 0)",
            )
        ],
        columns,
    )
    _time_replies(connection, columns)


def _time_replies(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Threads are watched to 28 days after their start, or to the end of the as-of day where that is sooner."""
    cells = pd.DataFrame([*_read_waits(connection), *_read_waits_of_groups(connection, columns)])
    if cells.empty:
        return
    waits = [median_wait(np.abs(waits), np.signbit(waits)) for waits in cells["waits"]]
    rows = cells.drop(columns="waits").assign(
        metric="reply_time",
        breakdown=ALL,
        **lay_out_waits(waits),
    )
    insert_cells(connection, rows)


def _read_waits(connection: duckdb.DuckDBPyConnection) -> Iterator[dict[str, Any]]:
    """One row per period of the whole community with the waiting times of its threads, and how many started them."""
    periods = connection.execute(
        "select number, any_value(period)::varchar, count(*) from thread_starters group by all"
    ).fetchall()
    starters = {number: (period, people) for number, period, people in periods}
    for grain in ALL_GRAINS:
        threads = connection.execute(
            "select number, waited from placed_threads where grain = ?", [str(grain)]
        ).fetchnumpy()
        order = np.argsort(threads["number"], kind="stable")
        numbers, starts = np.unique(threads["number"][order], return_index=True)
        for number, waits in zip(numbers.tolist(), np.split(threads["waited"][order], starts[1:]), strict=False):
            period, people = starters[number]
            yield {
                "grain": str(grain), "period": period, "dimension": ALL, "segment": ALL, "waits": waits, "people": people,
            }  # fmt: skip


def _read_waits_of_groups(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]
) -> Iterator[Mapping[Hashable, Any]]:
    """The same for each group in quarters."""
    if not columns:
        return
    segments = "".join(f", stays.{column}" for column in columns.values())
    frame = connection.execute(
        f"""with waits as (
                select periods.grain, periods.period{segments}, placed_threads.waited
                from placed_threads
                join stays using (stay)
                join periods using (number)
                where placed_threads.grain = 'quarter'
            ),
            gathered as (
                select {group_keys(columns)}, list(waited) as waits
                from waits
                group by grouping sets ({", ".join(f"(grain, period, {column})" for column in columns.values())})
            ),
            counted as (
                select {group_keys(columns)}, count(*) as people
                from thread_starters
                where grain = 'quarter'
                {group_by(columns)}
            )
            select grain::varchar as grain, period::varchar as period, dimension, segment, waits, people
            from gathered
            join counted using (grain, period, dimension, segment)
            where dimension <> '{ALL}'
            order by grain, period, dimension, segment"""
    ).df()
    yield from frame.to_dict("records")
