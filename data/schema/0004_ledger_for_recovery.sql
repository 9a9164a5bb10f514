-- What makes a batch recoverable: how often it was undone or loaded again (its receipt says the same number, so a
-- warehouse that is older than its receipts shows), and the sha256 of its kept copy. Empty for uploads of before.

alter table batches add column turns integer default 0;

alter table batches add column kept_sha256 varchar;
