-- one row per person and tool that knows them: what helps to find the member they are
create table identities (
    person integer not null,
    source varchar not null,
    name varchar,
    email varchar,
    login varchar,
    kind varchar not null,
    batch integer not null,
    line bigint not null
);

-- one row per id that somebody decided about: the member it is, or nobody's (member empty)
create table decided_ids (
    person integer not null,
    member integer,
    decided_on date,
    batch integer not null,
    line bigint not null
);
