-- Sessions that a unit dropped unread because its card was full, as it says itself; the highest number ever said.
ALTER TABLE units ADD COLUMN dropped INTEGER NOT NULL DEFAULT 0
