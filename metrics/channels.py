"""Channels: where the talk is, how it is spread, and which channels are alive."""

from collections.abc import Mapping

import duckdb

from metrics.cells import group_by, group_keys
from metrics.metric import ALL_GRAINS, Better, Grain, Metric, Source, Unit

ACTIVE_SHARE = 0.05
MEMBERS_OF_A_CHANNEL = 5

CHANNEL_CARDS = (
    Metric(
        name="active_channels",
        title="Channels that live",
        question="How many of the channels are in use?",
        formula="channels where at least 5 % of their members interacted in the 28 days that end on the period's last day / channels with at least 5 members; members are those who joined, where that is known, else those seen there in 90 days",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        grains=ALL_GRAINS,
        segment_grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        look_back=90,
        reading="1: in every channel somebody speaks. Many dead channels are a reason to close some.",
        reference="Viva Engage, active communities, with 5 members instead of 50.",
        caveats="Where nobody's joining is known, a channel has only the members that were seen there, so hardly any channel is dead. Groups in quarters only, and there it is the group's members that count. People are the channels for the whole community.",
        practices=("silos", "right-tools"),
    ),
    Metric(
        name="channel_mix",
        title="Where the talk is",
        question="Which channels carry the talk?",
        formula="interactions of members in the channel / interactions of members in any channel",
        unit=Unit.SHARE,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        segment_grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        breakdown="channel",
        reading="The channels add up to 1.",
        reference="Discourse, activity by category.",
        caveats="Interactions without a channel are not in it. Groups in quarters only. A channel is there from its first use on.",
        practices=("collaboration-tools", "right-tools", "communication-styles", "technology"),
    ),
    Metric(
        name="channel_concentration",
        title="Concentration on channels",
        question="Is the talk in a few channels or spread over many?",
        formula="sum over channels of the square of their share of interactions (Herfindahl-Hirschman index)",
        unit=Unit.DEGREE,
        better=Better.NEITHER,
        grains=ALL_GRAINS,
        segment_grains=(Grain.QUARTER,),
        needs=(Source.INTERACTIONS,),
        reading="1: one channel carries all; 0.1: as spread as ten equal channels. One divided by it is the number of equal channels.",
        reference="Herfindahl-Hirschman index.",
        caveats="Neither end is good by itself: one channel is easy to follow, many divide people. Groups in quarters only.",
        practices=("right-tools",),
    ),
)

# A channel may be called "all", which here means every channel. Groups are cut in quarters, so only these are kept by
# person. Of weeks and months the sums by channel and the people are counted in one pass.
_USE = """
create or replace temp table channel_use as
select used.grain, used.period, used.person, used.channel, used.interactions{segments}
from (
    select day_grains.grain, day_grains.period, member_channels.person, member_channels.channel,
           sum(interactions)::bigint as interactions
    from member_channels
    join day_grains
      on day_grains.day = member_channels.atom
     and day_grains.grain = 'quarter'
    group by all
) as used
join panel using (grain, period, person);

create or replace temp table channel_sums as
with summed as ({summed})
select periods.grain, periods.period, summed.channel, summed.person is null as is_channel, summed.interactions
from summed
join periods
  on periods.grain = summed.grain
 and periods.starts_on = summed.starts_on;
"""

_SUMMED = """
    select '{grain}' as grain, date_trunc('{grain}', atom)::date as starts_on, channel, member_channels.person,
           sum(interactions)::bigint as interactions
    from member_channels
    join stays
      on stays.grain = '{grain}'
     and stays.is_member
     and stays.person = member_channels.person
     and member_channels.atom between stays.first_day and stays.last_day
    group by grouping sets ((starts_on, channel), (starts_on, member_channels.person))
"""

_MIX = """
create or replace temp table channel_shares as
with totals as (
    select {keys}, sum(interactions)::bigint as total, count(distinct person) as people
    from channel_use
    {groups}
    union all
    select grain, period, 'all', 'all', sum(interactions)::bigint, count(*)
    from channel_sums
    where not is_channel
    group by all
),
made as (
    select {keys}, channel, sum(interactions)::bigint as made
    from channel_use
    {groups_by_channel}
    union all
    select grain, period, 'all', 'all', channel, interactions
    from channel_sums
    where is_channel
),
begun as (
    select grain, channel, min(period) as first_period
    from made
    group by all
)
select totals.*, apart_from_all(begun.channel) as channel,
       coalesce(made.made, 0) as made
from totals
join begun
  on begun.grain = totals.grain
 and begun.first_period <= totals.period
left join made
  on made.grain = totals.grain
 and made.period = totals.period
 and made.dimension = totals.dimension
 and made.segment = totals.segment
 and made.channel = begun.channel
where totals.segment is not null
"""

# Who belongs to a channel, and the last day of each atom on which they spoke there. Where joining is known, it decides.
_BELONGING = """
create or replace temp table joined_channels as
select channels.channel::subject_name as channel, coalesce(aliases.member, channels.person) as person,
       coalesce(min(channels.joined_on), date '0001-01-01') as joined_on,
       max(coalesce(channels.left_on, date '9999-12-31')) as left_on
from channels
left join aliases using (person)
group by all;

create or replace temp table channel_days as
select member_channels.channel, member_channels.person,
       date_trunc('week', atom)::date + (length(bin(day_mask)) - 1)::integer as day
from member_channels
where channel not in (select channel from joined_channels)
   or (channel, person) in (select (channel, person) from joined_channels);
"""

# Weeks and months. Each day spoken counts until N days later or until the person speaks again, so nobody counts twice; sums of
# the steps up and down are the number of people in the window of N days. Clipped to when the person was on the roster.
_SPOKEN = """
create or replace temp table channel_stays as
with spoken as (
    select channel, person, day,
           coalesce(lead(day) over (partition by channel, person order by day), date '9999-12-31') as next_day
    from channel_days
)
select channel, person, windows.name, greatest(day, joined_channels.joined_on) as first_day,
       least(day + windows.days, next_day, joined_channels.left_on) as gone_on
from spoken
left join joined_channels using (channel, person)
cross join (values ('in 28 days', 28), ('in 90 days', 90)) as windows(name, days)
union all
select channel, person, 'joined', joined_on, left_on
from joined_channels
"""

_BY_PERIOD = """
insert into cells by name
with here as (
    select person, greatest(valid_from, coalesce(joined_on, valid_from)) as first_day,
           least(valid_to, coalesce((date_trunc('{grain}', left_on - 1) + interval 1 {grain})::date, valid_to)) as gone_on
    from versions
    where member_type = 'member'
),
clipped as (
    select channel, name, greatest(stays.first_day, here.first_day) as first_day, least(stays.gone_on, here.gone_on) as gone_on
    from channel_stays as stays
    join here using (person)
    where greatest(stays.first_day, here.first_day) < least(stays.gone_on, here.gone_on)
),
steps as (
    select channel, name, day, sum(step) as step
    from (
        select channel, name, first_day as day, 1 as step from clipped
        union all
        select channel, name, gone_on, -1 from clipped
    )
    group by all
),
levels as (
    select channel, name, day, sum(step) over (partition by channel, name order by day) as people
    from steps
),
asked as (
    select periods.period, periods.ends_on, levels.channel, levels.name
    from periods
    cross join (select distinct channel, name from levels) as levels
    where periods.grain = '{grain}'
),
counted as (
    select asked.period, asked.channel, asked.name, levels.people
    from asked
    asof join levels
      on levels.channel = asked.channel
     and levels.name = asked.name
     and levels.day <= asked.ends_on
),
channel_counts as (
    select period, channel, coalesce(max(people) filter (name = 'in 28 days'), 0) as active,
           coalesce(max(people) filter (name = 'joined'), max(people) filter (name = 'in 90 days'), 0) as members
    from counted
    group by all
)
select 'active_channels' as metric, '{grain}' as grain, period, 'all' as dimension, 'all' as segment, 'all' as breakdown,
       count_if(active >= {share} * members) as numerator, count(*) as denominator, count(*) as people
from channel_counts
where members >= {enough}
group by all
"""

_BY_QUARTER = """
create or replace temp table channel_belonging as
with belonging as (
    select periods.grain, periods.period, channel_days.channel, channel_days.person,
           bool_or(channel_days.day > periods.ends_on - 28) as is_active
    from channel_days
    join periods
      on periods.grain = 'quarter'
     and channel_days.day between periods.ends_on - 89 and periods.ends_on
    group by all
),
joined as (
    select periods.grain, periods.period, joined_channels.channel, joined_channels.person
    from joined_channels
    join periods
      on periods.grain = 'quarter'
     and periods.ends_on >= joined_channels.joined_on
     and periods.ends_on < joined_channels.left_on
),
both_ways as (
    select * from belonging where channel not in (select channel from joined_channels)
    union all
    select joined.*, coalesce(belonging.is_active, false)
    from joined
    left join belonging using (grain, period, channel, person)
)
select both_ways.*{segments}
from both_ways
join panel using (grain, period, person)
"""

_ACTIVE_BY_QUARTER = """
insert into cells by name
with counted as (
    select {keys}, channel, count(*) as members, count_if(is_active) as active, list(person) as persons
    from channel_belonging
    {groups_by_channel}
),
large as (
    select *
    from counted
    where members >= {enough}
      and segment is not null
)
select 'active_channels' as metric, grain, period, dimension, segment, 'all' as breakdown,
       count_if(active >= {share} * members) as numerator, count(*) as denominator,
       case when dimension = 'all' then count(*) else len(list_distinct(flatten(list(persons)))) end as people
from large
group by grain, period, dimension, segment
"""


def count_channels(connection: duckdb.DuckDBPyConnection, columns: Mapping[str, str]) -> None:
    """Add the numbers of CHANNEL_CARDS to `cells`; needs the panel, conduct and the channel rollup."""
    segments = "".join(f", panel.{column}" for column in columns.values())
    grouped = {
        "keys": group_keys(columns),
        "groups": group_by(columns),
        "groups_by_channel": group_by(columns, "channel"),
    }
    summed = "    union all".join(_SUMMED.format(grain=grain) for grain in (Grain.WEEK, Grain.MONTH))
    connection.execute(_USE.format(segments=segments, summed=summed))
    connection.execute(_MIX.format(**grouped))
    connection.execute(
        """insert into cells by name
           select 'channel_mix' as metric, grain, period, dimension, segment, channel as breakdown, made as numerator,
                  total as denominator, people
           from channel_shares"""
    )
    connection.execute(
        """insert into cells by name
           select 'channel_concentration' as metric, grain, period, dimension, segment, 'all' as breakdown,
                  list_sum(list_sort(list((made / total) ** 2))) as value, any_value(people) as people
           from channel_shares
           group by grain, period, dimension, segment"""
    )
    limits = {"enough": MEMBERS_OF_A_CHANNEL, "share": ACTIVE_SHARE}
    connection.execute(_BELONGING)
    connection.execute(_SPOKEN)
    for grain in (Grain.WEEK, Grain.MONTH):
        connection.execute(_BY_PERIOD.format(grain=grain, **limits))
    connection.execute(_BY_QUARTER.format(segments=segments))
    connection.execute(_ACTIVE_BY_QUARTER.format(**grouped, **limits))
