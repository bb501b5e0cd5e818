-- A handful of an incident's failing lines, secrets masked before they came here: what is quoted of it, and what its diagnosis takes
-- details from, after a restart. The time is ms.
CREATE TABLE sample (
  incident INTEGER NOT NULL REFERENCES incident,
  at       INTEGER NOT NULL,
  body     TEXT NOT NULL
) STRICT;
CREATE INDEX sample_incident ON sample (incident, at);
