-- One published file: everything a page, an export or a report of one role may read, and nothing else.

-- one row per fact about the snapshot itself: id, format, role, as_of, published_at, zone, k, …
create table manifest (name varchar primary key, value varchar not null);

-- one row per metric
create table cards (
    metric varchar primary key, position integer not null, family varchar not null, title varchar not null,
    question varchar not null, formula varchar not null, reading varchar not null, unit varchar not null,
    better varchar not null, grains varchar[] not null, needs varchar[] not null, breakdown varchar not null,
    reference varchar not null, caveats varchar not null, owner varchar not null, reviewed_on date not null,
    look_back integer not null, horizon integer not null, sql varchar not null
);

-- one row per period; period is the ISO day on which it starts, or the label of the wave
create table periods (
    grain varchar not null, period varchar not null, starts_on date not null, ends_on date not null,
    label varchar not null, complete boolean not null, holiday varchar, primary key (grain, period)
);

-- one row per segment, in the order of the settings; slot is its chart colour, 1 to 8, on every page
create table segments (dimension varchar not null, segment varchar not null, position integer not null, slot integer not null);

-- one row per group that lies wholly in a group of another dimension which consists of such groups, as teams of a division, in
-- the answers to a wave or, where that is empty, on the roster
create table nesting (
    wave varchar not null, dimension varchar not null, segment varchar not null, within_dimension varchar not null, within_segment varchar not null
);

-- one row per series: what is cut how
create table series (
    series integer primary key, metric varchar not null, grain varchar not null, dimension varchar not null,
    segment varchar not null, breakdown varchar not null
);

-- one row per series and period; the published numbers
create table observations (
    series integer not null, period varchar not null, value double, numerator double, denominator double,
    people bigint, low double, high double, expected double, p double, verdict varchar, status varchar not null
);

-- one row per series, period and thing it is held against:
-- previous, last year, own history, peers, outside, target; low and high are quartiles or a printed range
create table comparisons (
    series integer not null, period varchar not null, kind varchar not null, against varchar not null,
    value double, low double, high double, n bigint, difference double, verdict varchar not null,
    match varchar, note varchar
);

-- one row per point of a weekly series: the limits that were in force for it
create table limits (
    series integer not null, period varchar not null, mean double not null, lower double not null, upper double not null,
    lower_cut boolean not null, upper_cut boolean not null, points integer not null, drawn boolean not null,
    alerting boolean not null
);

-- one row per signal of a weekly series; only alerts ask for attention
create table signals (
    series integer not null, period varchar not null, rule varchar not null, direction varchar not null,
    length integer not null, since varchar not null, alert boolean not null, verdict varchar not null
);

-- one row per matter that asks for attention now; key is the same for the same matter in every snapshot, and a quiet
-- one was raised before and waits for its cool-down
create table alerts (
    kind varchar not null, key varchar not null, what varchar not null, how_sure varchar not null, since date not null,
    whom_to_ask varchar not null, what_to_try varchar not null, cool_down_days integer not null, metric varchar,
    dimension varchar not null, segment varchar not null, is_quiet boolean not null
);

-- one row per survey wave; answers of an open wave are not here
create table waves (
    wave varchar primary key, instrument varchar not null, opened_on date not null, closed_on date,
    invited integer, completed integer not null, promise varchar not null, linked boolean not null,
    previous varchar, position integer not null, stands boolean not null default false
);

-- one row per question and wave it was asked in; first_asked is the wave in which its trend line starts
create table items (
    item_id varchar not null, wave varchar not null, wording varchar not null, kind varchar not null,
    construct varchar, reverse boolean not null, scale_min double, scale_max double, position integer not null,
    first_asked varchar not null
);

-- one row per answer option: how many of the n who answered the question chose it
create table distributions (
    wave varchar not null, item_id varchar not null, dimension varchar not null, segment varchar not null,
    option varchar not null, position integer not null, count bigint, n bigint, status varchar not null
);

-- one row per wave and word that many wrote and no theme holds, best first; never a name of the roster
create table theme_suggestions (wave varchar not null, place integer not null, word varchar not null, writers integer not null);

-- one row per text that managers may read, redacted, in an order that says nothing, and how often it was written; empty for
-- every other role
create table comments (
    wave varchar not null, item_id varchar not null, place integer not null, text varchar not null, times integer not null
);

-- one row per event that has started
create table events (
    event_id varchar not null, day date not null, title varchar, type varchar, mode varchar,
    members bigint not null, guests bigint not null, registered bigint
);

-- one row per total of an analytics export; a day that is not here is missing, not zero
create table activity (
    period_start date not null, period_end date not null, kind varchar not null, channel varchar, count double not null
);

create table objectives (
    objective_id varchar not null, title varchar not null, metric varchar not null, segment varchar, starts_on date,
    baseline double not null, target double not null, due_on date not null, owner varchar
);

create table actions (
    action_id varchar not null, title varchar not null, finding varchar, owner varchar, opened_on date not null,
    due_on date, status varchar, closed_on date
);

-- one row per story whose teller agreed that it is shown
create table stories (
    story_id varchar not null, told_on date not null, dimension varchar not null, cycle bigint, theme varchar,
    evidence varchar, text varchar not null
);

-- one row per annotation
create table annotations (occurred_on date not null, label varchar not null, kind varchar, metric varchar, rebase boolean not null);

-- one row per kind and source: which days its uploads cover, and whether more is expected
create table coverage (
    kind varchar not null, source varchar not null, covers_from date not null, covers_to date not null,
    missing_days integer not null, ended_on date
);

-- one row per upload that the numbers contain; no names
create table batches (
    batch integer primary key, kind varchar not null, file varchar not null, loaded_at timestamp not null,
    covers_from date, covers_to date, rows bigint not null
);

-- one row per reason: how many cells the gate showed and hid, and of numbers of groups large enough how many are
-- there and are shown; totals only
create table gate (reason varchar not null, cells bigint not null);

-- the contract of `hearth show`
create view results as
select metric, grain, period, dimension, segment, breakdown, value, numerator, denominator, people,
       low, high, expected, p, verdict, status
from observations
join series using (series);
