-- Who fails where, and how long requests take there. What fails is counted by all that is known of it together, and how long the
-- rest takes by upstream, route and host.

-- cause, upstream, route and host are numbers of `value` within their family; 0 is `other`, or that the line has none. Rows past the
-- cap of a source and minute are counted in the row of their code with four zeros: for each source, bucket and code the sum is what failed.
CREATE TABLE failures_10s (source INTEGER NOT NULL, bucket INTEGER NOT NULL, code INTEGER NOT NULL, cause INTEGER NOT NULL,
  upstream INTEGER NOT NULL, route INTEGER NOT NULL, host INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (source, bucket, code, cause, upstream, route, host)) STRICT, WITHOUT ROWID;
CREATE TABLE failures_1m (source INTEGER NOT NULL, bucket INTEGER NOT NULL, code INTEGER NOT NULL, cause INTEGER NOT NULL,
  upstream INTEGER NOT NULL, route INTEGER NOT NULL, host INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (source, bucket, code, cause, upstream, route, host)) STRICT, WITHOUT ROWID;

-- A row is the histogram of a minute (core/count/histogram.ts). number 0 is all but the most frequent values.
CREATE TABLE durations_1m (family INTEGER NOT NULL, bucket INTEGER NOT NULL, number INTEGER NOT NULL, histogram BLOB NOT NULL,
  PRIMARY KEY (family, bucket, number)) STRICT, WITHOUT ROWID;

-- What was counted before this version is in none of them: they hold what comes after it.
INSERT OR IGNORE INTO horizon (tier, source, bucket)
  SELECT tier.name, source.id, min(source.last_event, source.last_seen / 1000) / 60 * 60 + 60
  FROM source, (SELECT 'failures10s' AS name UNION SELECT 'failures1m' UNION SELECT 'durations1m') AS tier
  WHERE source.last_event IS NOT NULL;

-- A sketch of the clients that an incident met (core/count/client-sketch.ts).
ALTER TABLE incident ADD COLUMN clients BLOB;
