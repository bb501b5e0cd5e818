-- Incidents, what happened to each, and what is to be told of it. Times are ms. An incident's transition and its outbox row are
-- written in one transaction: nobody is told what is not so, and nothing that is so goes untold.

CREATE TABLE incident (
  id          INTEGER PRIMARY KEY,
  source      TEXT NOT NULL,
  state       TEXT NOT NULL,
  severity    TEXT NOT NULL,
  opened_at   INTEGER NOT NULL,
  resolved_at INTEGER,
  folded_into INTEGER REFERENCES incident,   -- the same dead upstream, seen from another source
  body        TEXT NOT NULL,                 -- as the API gives it
  machine     TEXT NOT NULL                  -- as the state machine left it, to go on after a restart
) STRICT;
CREATE INDEX incident_opened ON incident (opened_at);
CREATE INDEX incident_open ON incident (state) WHERE state <> 'resolved';

CREATE TABLE transition (
  id       INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL REFERENCES incident,
  at       INTEGER NOT NULL,
  was      TEXT NOT NULL,
  became   TEXT NOT NULL,
  why      TEXT NOT NULL
) STRICT;
CREATE INDEX transition_incident ON transition (incident);

-- The inputs of evaluations while an incident was open.
CREATE TABLE evaluation (
  incident INTEGER NOT NULL REFERENCES incident,
  at       INTEGER NOT NULL,
  body     TEXT NOT NULL,
  PRIMARY KEY (incident, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE note (
  id       INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL REFERENCES incident,
  at       INTEGER NOT NULL,
  author   TEXT NOT NULL,
  text     TEXT NOT NULL
) STRICT;
CREATE INDEX note_incident ON note (incident);

-- What is to be sent to people; due a moment later, so that incidents that turn out to be one are told once.
CREATE TABLE outbox (
  id       INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL REFERENCES incident,
  event    TEXT NOT NULL,                    -- opened, escalated, reopened, resolved
  at       INTEGER NOT NULL,
  due      INTEGER NOT NULL,
  state    TEXT NOT NULL DEFAULT 'waiting'   -- waiting, cancelled; whoever sends it adds the rest
) STRICT;
CREATE INDEX outbox_due ON outbox (due) WHERE state = 'waiting';

-- What the detector has learnt of each source.
CREATE TABLE learnt (source TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE rule (
  id      INTEGER PRIMARY KEY,
  origin  TEXT NOT NULL,                     -- page, preset
  enabled INTEGER NOT NULL,
  spec    TEXT NOT NULL
) STRICT;
