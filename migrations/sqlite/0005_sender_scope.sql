-- A batch's identity is scoped to its sender's name, no longer to a hash of the token it came with ("0123456789abcdef|body|/ingest|web").
-- No token had a name so far: what came with any of them is known from now on as what came without one is, so that a batch sent again
-- after this upgrade, or after a token was changed with it, is still the same batch. Where two tokens brought the same batch, it was
-- counted twice then, and its first answer stands for both. Written anew as a whole: much faster than changing each row of an index.

CREATE TABLE ledger_by_sender (
  id     INTEGER PRIMARY KEY,
  scope  TEXT NOT NULL,
  key    BLOB NOT NULL,
  at     INTEGER NOT NULL,
  answer TEXT NOT NULL
) STRICT;
INSERT INTO ledger_by_sender
  SELECT id, iif(instr(scope, '|') = 17 AND substr(scope, 1, 16) NOT GLOB '*[^0-9a-f]*', substr(scope, 17), scope), key, at, answer FROM ledger ORDER BY id;
DROP TABLE ledger;
ALTER TABLE ledger_by_sender RENAME TO ledger;
DELETE FROM ledger WHERE id NOT IN (SELECT min(id) FROM ledger GROUP BY scope, key);
CREATE UNIQUE INDEX ledger_batch ON ledger (scope, key);
