"""Periods and coverage: which weeks, months and quarters there are, and whether their facts are complete.

A period in which nothing happened is a zero only where every source that counts covers it. What is not
covered is "no data", partly covered is "provisional", and neither is ever a zero.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import duckdb

from data.settings import Settings
from metrics.metric import Metric, Source

COVERED_SOURCES = (Source.ATTENDANCE, Source.INTERACTIONS, Source.ACTIVITY)

_LOCAL_TIME = """
create or replace temp macro local_time(moment) as timezone(getvariable('zone'), timezone('UTC', moment));

create or replace temp macro start_of(day) as timezone('UTC', timezone(getvariable('zone'), day::timestamp));
"""

_DAYS = """
create or replace temp table days as
select day,
       date_trunc('week', day)::date as week,
       date_trunc('month', day)::date as month,
       (date_trunc('month', day) - to_months(((month(day) - ? + 12) % 3)::integer))::date as quarter
from (
    select unnest(generate_series(?::timestamp, ?::timestamp, interval 1 day))::date as day
)
"""

_PERIODS = """
create or replace temp table named_periods as
with starts as (
    select distinct 'week' as grain, week as starts_on, week + 6 as ends_on
    from days
    union all
    select distinct 'month', month, (month + interval 1 month)::date - 1
    from days
    union all
    select distinct 'quarter', quarter, (quarter + interval 3 month)::date - 1
    from days
),
labelled as (
    select *,
           ((month(starts_on) - $fiscal + 12) % 12) // 3 + 1 as quarter_number,
           year(starts_on) + (case when $fiscal > 1 and month(starts_on) >= $fiscal then 1 else 0 end) as fiscal_year
    from starts
)
select grain,
       strftime(starts_on, '%Y-%m-%d') as period,
       starts_on,
       ends_on,
       case grain
           when 'week' then 'week ' || weekofyear(starts_on)
           when 'month' then strftime(starts_on, '%B %Y')
           else fiscal_year || '-Q' || quarter_number
       end as label,
       ends_on < $as_of as complete,
       row_number() over (partition by grain order by starts_on) as ordinal,
       row_number() over (order by grain, starts_on)::smallint as number,
       (
           select min(holidays.label)
           from holidays
           where grain = 'week'
             and holidays.first <= ends_on
             and holidays.last >= starts_on
       ) as holiday
from labelled
"""

# Names that repeat in millions of rows are held as numbers: one byte each instead of sixteen.
_NUMBERED = """
create or replace temp type grain_name as enum ('month', 'quarter', 'week');

create or replace temp type period_name as enum (select distinct period from named_periods order by period);

create or replace temp table periods as
select grain::grain_name as grain, period::period_name as period, * exclude (grain, period)
from named_periods
order by number;

drop table named_periods;

create or replace temp table day_grains as
select days.day, periods.grain, periods.period, periods.number
from days
join periods
  on periods.starts_on = case periods.grain when 'week' then days.week when 'month' then days.month else days.quarter end
"""

# Totals carry their own periods, so a day that no row is about is missing even inside an upload's span.
_COVERED = """
create or replace temp table source_days as
select distinct kind, source, unnest(generate_series(covers_from::timestamp, covers_to::timestamp, interval 1 day))::date as day
from batches
where undone_at is null
  and covers_from is not null
  and kind <> 'activity'
union
select 'activity', batches.source,
       unnest(generate_series(period_start::timestamp, least(period_end, getvariable('as_of'))::timestamp, interval 1 day))::date
from activity
join batches using (batch);

create or replace temp table source_spans as
select kind, source, min(day) as covers_from, max(day) as covers_to,
       (date_diff('day', min(day), max(day)) + 1 - count(*))::integer as missing_days,
       any_value(ended_on) as ended_on
from source_days
left join ended_sources using (kind, source)
group by all;

create or replace temp table covered_days as
select spans.kind, days.day,
       count(source_days.day) = count(*) as is_covered
from days
join source_spans as spans
  on days.day >= spans.covers_from
 and (spans.ended_on is null or days.day <= spans.ended_on)
left join source_days
  on source_days.kind = spans.kind
 and source_days.source = spans.source
 and source_days.day = days.day
group by all;

create or replace temp table covered_sums as
select kinds.kind, days.day,
       sum(case when covered.is_covered then 1 else 0 end)
           over (partition by kinds.kind order by days.day) as covered_so_far
from days
cross join (select distinct kind from source_spans) as kinds
left join covered_days as covered
  on covered.kind = kinds.kind
 and covered.day = days.day;
"""

_WINDOW_COVERAGE = """
create or replace temp table window_coverage as
select windows.grain, windows.period, kinds.kind, needs.look_back, needs.horizon, needs.warm_up,
       windows.complete, windows.ends_on < kinds.first_day as is_before,
       coalesce(windows.starts_on > kinds.last_day, false) as is_after,
       needs.warm_up > 0 and windows.starts_on < kinds.first_day + needs.warm_up as is_warming_up,
       (coalesce(until_end.covered_so_far, 0) - coalesce(until_start.covered_so_far, 0))
           / (date_diff('day', windows.starts_on, windows.ends_on) + 1) as period_share,
       (coalesce(until_end.covered_so_far, 0) - coalesce(until_look_back.covered_so_far, 0))
           / greatest(needs.look_back, 1) as look_back_share,
       needs.horizon = 0
           or (windows.ends_on + needs.horizon < $as_of
               and coalesce(until_horizon.covered_so_far, 0) - coalesce(until_end.covered_so_far, 0) = needs.horizon)
           as is_past_horizon
from periods as windows
cross join (
    select kind, min(covers_from) as first_day, case when count(ended_on) = count(*) then max(ended_on) end as last_day
    from source_spans
    group by all
) as kinds
cross join (
    select distinct look_back, horizon, warm_up
    from card_needs
) as needs
left join covered_sums as until_end
  on until_end.kind = kinds.kind
 and until_end.day = least(windows.ends_on, $last_day)
left join covered_sums as until_start
  on until_start.kind = kinds.kind
 and until_start.day = windows.starts_on - 1
left join covered_sums as until_look_back
  on until_look_back.kind = kinds.kind
 and until_look_back.day = windows.ends_on - needs.look_back
left join covered_sums as until_horizon
  on until_horizon.kind = kinds.kind
 and until_horizon.day = least(windows.ends_on + needs.horizon, $last_day)
"""

# Where any of several kinds will do, one that had not begun, or whose sources have all ended, is not asked for.
_STATUS = """
create or replace temp table metric_status as
with compared as (
    select *,
           coalesce(lag(period_share) over (
               partition by grain, kind, look_back, horizon, warm_up
               order by period
           ), 0) as previous_share
    from window_coverage
)
select needs.metric, compared.grain, compared.period,
       case
           when bool_or(period_share = 0)
             or bool_or(is_warming_up)
             or bool_or(needs.look_back > 0 and look_back_share < 0.75)
             or bool_or(needs.of_previous and previous_share = 0)
             or (count(*) < needs.kinds and not needs.any_of) then 'no data'
           when bool_or(period_share < 1)
             or bool_or(not complete)
             or bool_or(needs.look_back > 0 and look_back_share < 1)
             or bool_or(needs.of_previous and previous_share < 1)
             or bool_or(not is_past_horizon) then 'provisional'
           else 'final'
       end as status
from (
    select *, count(*) over (partition by metric) as kinds
    from card_needs
) as needs
join compared
  on compared.kind = needs.kind
 and compared.look_back = needs.look_back
 and compared.horizon = needs.horizon
 and compared.warm_up = needs.warm_up
 and not (needs.any_of and (compared.is_before or compared.is_after))
group by needs.metric, needs.kinds, needs.any_of, compared.grain, compared.period
"""


def lay_out_periods(connection: duckdb.DuckDBPyConnection, settings: Settings, as_of: date) -> None:
    """Macros `local_time` (of a moment in UTC) and `start_of` (a local day, in UTC), and temp tables `days`, `periods`, `day_grains` (the periods of each day) and the coverage of each source, from the first covered day to the period of `as_of`.

    `periods`: grain, period (ISO day of its start), starts_on, ends_on (inclusive), label, complete
    (over before `as_of`), ordinal within its grain, number among all, holiday (label, weeks only).
    """
    connection.execute("set variable as_of = ?::date", [as_of])
    connection.execute("set variable zone = ?::varchar", [settings.zone])
    connection.execute(_LOCAL_TIME)
    connection.execute("set variable as_of_start = start_of(getvariable('as_of'))")
    connection.execute("set variable as_of_end = start_of(getvariable('as_of') + 1)")
    connection.execute("set variable activity_weekday = ?::integer", [settings.activity_weekday])
    first = connection.execute("select min(covers_from) from batches where undone_at is null").fetchone()
    first_day = first[0] if first and first[0] and first[0] <= as_of else as_of
    # From the first day of its atom on, by which rollups name what happened later in that week.
    monday = first_day - timedelta(days=first_day.weekday())
    connection.execute(_DAYS, [settings.fiscal_month, max(monday, first_day.replace(day=1)), as_of])
    connection.execute("create or replace temp table holidays (first date, last date, label varchar)")
    for holiday in settings.holidays:
        connection.execute("insert into holidays values (?, ?, ?)", [holiday.first, holiday.last, holiday.label])
    connection.execute(_PERIODS, {"fiscal": settings.fiscal_month, "as_of": as_of})
    connection.execute(_NUMBERED)
    connection.execute(_COVERED)


def judge_coverage(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Temp table `metric_status` (metric, grain, period, status) from temp table `card_needs` and the coverage."""
    last_day = connection.execute("select max(day) from days").fetchone()
    connection.execute(_WINDOW_COVERAGE, {"as_of": as_of, "last_day": last_day[0] if last_day else as_of})
    connection.execute(_STATUS)


def state_needs(connection: duckdb.DuckDBPyConnection, cards: Sequence[Metric]) -> None:
    """Temp table `card_needs`: one row per metric and kind of facts that has to cover it.

    A metric whose cuts are judged one by one has rows named `metric:cut` instead.
    """
    connection.execute(
        """create or replace temp table card_needs (
               metric varchar, kind varchar, look_back integer, horizon integer, warm_up integer, any_of boolean,
               of_previous boolean
           )"""
    )
    judged = [(card.name, card.needs, card.horizon, card) for card in cards if not card.cases]
    judged += [
        (f"{card.name}:{case.breakdown}", case.needs, case.horizon, card) for card in cards for case in card.cases
    ]
    rows = [
        (name, str(source), card.look_back, horizon, card.warm_up, card.needs_any, card.of_previous)
        for name, needs, horizon, card in judged
        for source in needs
        if source in COVERED_SOURCES
    ]
    connection.executemany("insert into card_needs values (?, ?, ?, ?, ?, ?, ?)", rows)
