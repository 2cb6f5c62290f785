-- The store of what units sent. `user_version` is the number of the last file of this folder that was run.

CREATE TABLE units (
  unit TEXT PRIMARY KEY,
  site TEXT NOT NULL,             -- 'unknown' until an outbox says it
  board TEXT
) STRICT;

-- One row a session. week and month are NULL and 'unknown' where the unit's clock was not trusted; boot is set then.
CREATE TABLE sessions (
  record INTEGER PRIMARY KEY,
  unit TEXT NOT NULL,
  site TEXT NOT NULL,
  session BLOB NOT NULL,
  week TEXT,                      -- 2026-W48
  month TEXT NOT NULL,            -- 2026-11: that of the week's Thursday
  boot INTEGER,
  software TEXT NOT NULL,
  bundle TEXT NOT NULL,
  bundle_version INTEGER NOT NULL,
  board TEXT NOT NULL,
  outcome TEXT NOT NULL,
  score INTEGER,
  ocular_oral INTEGER, ocular_oral_side TEXT,
  oral_ocular INTEGER, oral_ocular_side TEXT,
  mentalis INTEGER, mentalis_side TEXT,
  platysma INTEGER, platysma_side TEXT,
  segment INTEGER NOT NULL,       -- where it stood in the unit's journal
  place INTEGER NOT NULL,
  UNIQUE (unit, session)
) STRICT;

-- Two different sessions at one place: two units have one name.
CREATE INDEX sessions_by_place ON sessions (unit, segment, place);

CREATE TABLE poses (
  record INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  pose TEXT NOT NULL,
  score INTEGER,
  retakes INTEGER NOT NULL,
  sharpness INTEGER, light INTEGER, steadiness INTEGER, face_width INTEGER,
  ms_face INTEGER, ms_align INTEGER, ms_network INTEGER, ms_total INTEGER,
  PRIMARY KEY (record, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE errors (
  record INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  code TEXT NOT NULL,
  PRIMARY KEY (record, ordinal)
) STRICT, WITHOUT ROWID;

-- What could not be taken, with its bytes: a newer program, or another key, may read it later.
CREATE TABLE quarantine (
  unit TEXT NOT NULL,
  segment INTEGER NOT NULL,
  place INTEGER NOT NULL,
  reason TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (unit, segment, place, sha256)
) STRICT;
