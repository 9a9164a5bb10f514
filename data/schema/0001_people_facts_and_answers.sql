-- The warehouse: who is in the community, what they did, what they said, and which file said so.
-- Days are local days of the community's zone, stored at import; times are UTC.
-- `batch` and `line` of a row name the upload and the line its present value came from.

-- one row per upload taken in; an undone upload keeps its row
create table batches (
    batch integer primary key,
    kind varchar not null,
    format varchar not null,
    file varchar not null,
    sha256 varchar not null,
    fingerprint varchar not null,
    who varchar not null,
    loaded_at timestamp not null,
    effective_on date not null,
    source varchar not null,
    covers_from date,
    covers_to date,
    wave varchar,
    details json not null,
    columns varchar[] not null,
    rows bigint not null,
    new bigint not null,
    changed bigint not null,
    unchanged bigint not null,
    rejected bigint not null,
    unmatched bigint not null,
    undone_at timestamp
);

-- one row per source whose uploads are no longer expected
create table ended_sources (
    source varchar not null,
    kind varchar not null,
    ended_on date not null,
    primary key (source, kind)
);

-- one row per id that a roster or a fact has ever named; facts point here
create table people (
    person integer primary key,
    member_id varchar not null unique
);

-- one row per id that is another id of a member: facts that name it are that member's
create table aliases (
    person integer primary key,
    member integer not null
);

-- one row per member and version; a version holds from valid_from until the member's next one
create table members (
    person integer not null,
    valid_from date not null,
    name varchar,
    email varchar,
    aliases varchar,
    joined_on date,
    left_on date,
    member_type varchar not null,
    timezone varchar,
    opted_out boolean not null,
    no_lists boolean not null,
    batch integer not null,
    line bigint not null,
    primary key (person, valid_from)
);

-- one row per member, version and dimension in which the member has a segment
create table segments (
    person integer not null,
    valid_from date not null,
    dimension varchar not null,
    segment varchar not null,
    primary key (person, valid_from, dimension)
);

-- one row per person and run of a programme
create table programmes (
    person integer not null,
    programme varchar not null,
    cohort varchar,
    starts_on date not null,
    ends_on date,
    batch integer not null,
    line bigint not null
);

-- one row per channel and person who joined it
create table channels (
    channel varchar not null,
    person integer not null,
    joined_on date,
    left_on date,
    batch integer not null,
    line bigint not null
);

-- one row per event
create table events (
    event_id varchar not null,
    starts_at timestamp not null,
    day date not null,
    title varchar,
    ends_at timestamp,
    type varchar,
    mode varchar,
    topic varchar,
    host integer,
    programme varchar,
    objective_id varchar,
    capacity integer,
    batch integer not null,
    line bigint not null
);

-- one row per person on the list of an event, whether they came or not
create table attendance (
    event_id varchar not null,
    person integer not null,
    attended boolean not null,
    registered boolean,
    cancelled boolean,
    part varchar,
    minutes double,
    batch integer not null,
    line bigint not null
);

create type interaction_kind as enum ('post', 'reply', 'reaction', 'mention', 'message', 'meeting');

create type intent as enum ('ask', 'answer', 'announce', 'introduce', 'thank');

-- one row per interaction; more_targets is empty unless it was addressed to several people.
-- Ids of interactions are all different: looking for repeats among them costs more than it saves.
create table interactions (
    occurred_at timestamp not null,
    day date not null,
    hour utinyint not null,
    actor integer not null,
    target integer,
    more_targets integer[],
    channel varchar,
    kind interaction_kind not null,
    thread_id varchar,
    interaction_id varchar using compression zstd,
    nth integer not null,
    topic varchar,
    intent intent,
    objective_id varchar,
    source varchar,
    batch integer not null,
    line bigint not null
);

-- one row per total that an analytics export states: period, kind, and person or channel where it names one
create table activity (
    period_start date not null,
    period_end date not null,
    kind varchar not null,
    count double not null,
    person integer,
    channel varchar,
    batch integer not null,
    line bigint not null
);

-- one row per survey wave; closed_on empty means it is still open
create table waves (
    wave varchar primary key,
    instrument varchar not null,
    opened_on date not null,
    closed_on date,
    invited integer,
    event_id varchar,
    promise varchar not null,
    linked boolean not null,
    told varchar,
    k_scores integer not null,
    k_distributions integer not null
);

-- one row per question of the question bank; another wording or scale is another question
create table items (
    item_id varchar primary key,
    instrument varchar not null,
    wording varchar not null,
    normalised varchar not null,
    kind varchar not null,
    scale_min double,
    scale_max double,
    labels varchar[],
    favourable double[],
    neutral double[],
    reverse boolean not null,
    construct varchar,
    na_codes varchar[],
    outcome boolean not null
);

-- one row per question asked in a wave, in the order of the file
create table wave_items (
    wave varchar not null,
    item_id varchar not null,
    column_name varchar not null,
    position integer not null,
    primary key (wave, item_id)
);

-- one row per respondent of a wave; key is salted one way and never an id of the upload
create table respondents (
    wave varchar not null,
    respondent integer not null,
    key varchar not null,
    submitted_at timestamp,
    batch integer not null,
    line bigint not null,
    primary key (wave, respondent)
);

-- one row per respondent and dimension in which the respondent placed themselves
create table respondent_segments (
    wave varchar not null,
    respondent integer not null,
    dimension varchar not null,
    segment varchar not null,
    primary key (wave, respondent, dimension)
);

-- one row per question a respondent answered (per choice where several could be ticked); blank answers have no row.
-- code is the number given, before reversing; score is 0 to 100, after reversing; both empty for choices, text and "not applicable"
create table answers (
    wave varchar not null,
    respondent integer not null,
    item_id varchar not null,
    code double,
    score double,
    choice varchar,
    text varchar,
    not_applicable boolean not null
);

-- one row per goal somebody set for a metric
create table objectives (
    objective_id varchar not null,
    title varchar not null,
    metric varchar not null,
    segment varchar,
    starts_on date,
    baseline double not null,
    target double not null,
    due_on date not null,
    owner varchar,
    programme varchar,
    batch integer not null,
    line bigint not null
);

-- one row per action somebody promised
create table actions (
    action_id varchar not null,
    title varchar not null,
    found_on date,
    finding varchar,
    owner varchar,
    opened_on date not null,
    due_on date,
    status varchar,
    closed_on date,
    follow_up_metric varchar,
    effect_seen_on date,
    message_to_members varchar,
    batch integer not null,
    line bigint not null
);

-- one row per thing worth knowing beside a chart; rebase starts the limits of its series anew
create table annotations (
    occurred_on date not null,
    label varchar not null,
    kind varchar,
    metric varchar,
    rebase boolean not null,
    batch integer not null,
    line bigint not null
);

-- one row per outside reference uploaded here, beside those that ship with Hearth
create table benchmarks (
    metric varchar not null,
    value double not null,
    unit varchar,
    publisher varchar not null,
    year integer not null,
    population varchar,
    low double,
    high double,
    link varchar,
    match varchar,
    expires_on date,
    batch integer not null,
    line bigint not null
);
