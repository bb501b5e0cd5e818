-- What the contract check found, kept so that a dismissal outlives a restart. Times are ms.
CREATE TABLE finding (
  id           INTEGER PRIMARY KEY,
  source       TEXT NOT NULL,
  check_id     TEXT NOT NULL,
  subject      TEXT NOT NULL,                 -- the route, client or upstream it is about
  title        TEXT NOT NULL,
  evidence     TEXT NOT NULL,                 -- JSON array of sentences
  codes        TEXT NOT NULL,                 -- JSON array
  hits         INTEGER NOT NULL,
  first_at     INTEGER NOT NULL,
  last_at      INTEGER NOT NULL,
  dismissed_at INTEGER,
  dismissed_by TEXT,
  UNIQUE (source, check_id, subject)
) STRICT;
CREATE INDEX finding_last ON finding (last_at);
