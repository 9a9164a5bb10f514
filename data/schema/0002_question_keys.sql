-- one row per question asked in a wave that its tool has a key for, such as QID7, which stays when the wording changes
create table question_keys (
    wave varchar not null,
    item_id varchar not null,
    key varchar not null,
    primary key (wave, item_id)
);
