-- What is counted, where it came from, and what makes a batch count once. Times of counts are seconds since the epoch (the
-- start of a bucket), all other times ms. Conservation, at any moment:
--   sum(count) of counts_10s, counts_1m and counts_1h where source > 0, each with its tier's rows of `expired`, plus what is
--   in the journal, is sum(accepted) of source. Rows with source 0 are the sum over all sources, so that a chart of
--   everything reads as few rows as a chart of one.

CREATE TABLE source (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  first_seen  INTEGER NOT NULL,
  last_seen   INTEGER NOT NULL,
  format      TEXT,                          -- set by hand; NULL is told by itself
  first_event INTEGER,                       -- seconds, of the oldest and newest hit
  last_event  INTEGER,
  received    INTEGER NOT NULL DEFAULT 0,    -- = accepted + rejected + skipped + duplicate
  accepted    INTEGER NOT NULL DEFAULT 0,
  rejected    INTEGER NOT NULL DEFAULT 0,
  skipped     INTEGER NOT NULL DEFAULT 0,
  duplicate   INTEGER NOT NULL DEFAULT 0,
  late        INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE source_reason (
  source INTEGER NOT NULL REFERENCES source,
  reason TEXT NOT NULL,                      -- "rejected:no status code"
  count  INTEGER NOT NULL,
  PRIMARY KEY (source, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts_10s (source INTEGER NOT NULL, bucket INTEGER NOT NULL, code INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (source, bucket, code)) STRICT, WITHOUT ROWID;
CREATE TABLE counts_1m (source INTEGER NOT NULL, bucket INTEGER NOT NULL, code INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (source, bucket, code)) STRICT, WITHOUT ROWID;
CREATE TABLE counts_1h (source INTEGER NOT NULL, bucket INTEGER NOT NULL, code INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (source, bucket, code)) STRICT, WITHOUT ROWID;

-- A value's id says whose it is: source << 22 | dimension << 19 | number (core/value-id.ts). family = id >> 19.
CREATE TABLE value (
  id     INTEGER PRIMARY KEY,
  family INTEGER NOT NULL,
  text   TEXT NOT NULL,
  UNIQUE (family, text)
) STRICT;

-- Breakdowns. number 0 is `other`: the values past the cap.
CREATE TABLE values_1m (family INTEGER NOT NULL, bucket INTEGER NOT NULL, number INTEGER NOT NULL, code INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (family, bucket, number, code)) STRICT, WITHOUT ROWID;
CREATE TABLE values_1h (family INTEGER NOT NULL, bucket INTEGER NOT NULL, number INTEGER NOT NULL, code INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (family, bucket, number, code)) STRICT, WITHOUT ROWID;

-- What retention has taken away, so that sums over all time stay exact, and up to where.
CREATE TABLE expired (tier TEXT NOT NULL, source INTEGER NOT NULL, code INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (tier, source, code)) STRICT, WITHOUT ROWID;
CREATE TABLE horizon (tier TEXT NOT NULL, source INTEGER NOT NULL, bucket INTEGER NOT NULL,
  PRIMARY KEY (tier, source)) STRICT, WITHOUT ROWID;

-- Committed deltas on their way into the tables above.
CREATE TABLE journal (id INTEGER PRIMARY KEY, delta BLOB NOT NULL) STRICT;

-- Batches that have been committed, with the answer to give again. Ids grow with time: the oldest go first.
CREATE TABLE ledger (
  id     INTEGER PRIMARY KEY,
  scope  TEXT NOT NULL,
  key    BLOB NOT NULL,
  at     INTEGER NOT NULL,
  answer TEXT NOT NULL,
  UNIQUE (scope, key)
) STRICT;

CREATE TABLE cursor (key TEXT PRIMARY KEY, value BLOB NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE annotation (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, source TEXT) STRICT;
CREATE INDEX annotation_at ON annotation (at);

-- When this server was there to receive: outside of these, silence means nothing.
CREATE TABLE run (id INTEGER PRIMARY KEY, started INTEGER NOT NULL, alive INTEGER NOT NULL) STRICT;
