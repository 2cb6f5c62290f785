-- How records hang together: a record's number and the digest of the one before it, as the unit sealed them (NULL of programs
-- before the chain), and the record's own digest. Numbers of one journal grow by one from place to place.
ALTER TABLE sessions ADD COLUMN sequence INTEGER;
ALTER TABLE sessions ADD COLUMN previous BLOB;
ALTER TABLE sessions ADD COLUMN digest BLOB;
-- How many records the unit had written, and the last one's digest, in its own signed word; the highest number ever said.
ALTER TABLE units ADD COLUMN records INTEGER;
ALTER TABLE units ADD COLUMN last BLOB
