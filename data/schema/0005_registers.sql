-- What a community writes down by hand about its own value: who is mentored, who was thanked, what changed for people,
-- and what members started together.

-- one row per mentoring pair; last_met_on is what the newest file says and knows nothing of earlier meetings
create table mentoring (
    pair_id varchar not null,
    mentor integer not null,
    mentee integer not null,
    started_on date not null,
    ended_on date,
    last_met_on date,
    meetings bigint,
    goal_met boolean,
    batch integer not null,
    line bigint not null
);

-- one row per person who was thanked or celebrated, and time; giver empty where nobody is named
create table recognitions (
    recognised_on date not null,
    receiver integer not null,
    giver integer,
    kind varchar not null,
    achieved_on date,
    objective_id varchar,
    text varchar,
    batch integer not null,
    line bigint not null
);

-- one row per told example of something that changed; parent is the story that it goes on from
create table stories (
    story_id varchar not null,
    told_on date not null,
    dimension varchar not null,
    subcode varchar,
    cycle bigint,
    theme varchar,
    parent varchar,
    prompted boolean not null,
    event_id varchar,
    evidence varchar,
    intent_due_on date,
    confirmed_on date,
    consent boolean not null,
    text varchar,
    batch integer not null,
    line bigint not null
);

-- one row per thing that members started together
create table collaborations (
    collaboration_id varchar not null,
    title varchar not null,
    kind varchar not null,
    members integer[],
    topic varchar,
    network varchar,
    started_on date not null,
    ended_on date,
    became_joint_on date,
    status varchar,
    outcome varchar,
    batch integer not null,
    line bigint not null
);
