-- With what slips of a unit are checked, as the unit says itself. One whose key was damaged has drawn another: both stay.
CREATE TABLE slip_keys (
  unit TEXT NOT NULL,
  key TEXT NOT NULL,              -- Ed25519, 64 hexadecimal digits
  PRIMARY KEY (unit, key)
) STRICT, WITHOUT ROWID
