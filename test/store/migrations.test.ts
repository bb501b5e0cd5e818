// Databases of earlier versions keep what they have.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type Sqlite from 'better-sqlite3';
import { writeVarint } from '../../server/core/count/varint.ts';
import { openDatabase } from '../../server/store/sqlite/database.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { migrate } from '../../server/store/sqlite/migrate.ts';
import { batchOf, folderFor, pipelineOver } from './support.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/sqlite/', import.meta.url));

/** A database as it was at that version. */
function openOld(t: TestContext, version: number) {
  const folder = folderFor(t),
    path = join(folder, 'data.db'),
    before = join(folder, 'migrations/');
  mkdirSync(before);
  for (const name of readdirSync(MIGRATIONS).filter((file) => Number(file.slice(0, 4)) <= version))
    copyFileSync(join(MIGRATIONS, name), join(before, name));
  const old = openDatabase(path);
  migrate(old, before);
  return { path, old };
}

/** Every row of every table. */
function tablesOf(db: Sqlite.Database): Record<string, unknown[]> {
  const names = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  return Object.fromEntries(names.map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all()]));
}

test('names that an earlier version kept though nothing of them was counted give up their places', async (t) => {
  const { path, old } = openOld(t, 5);
  const insert = old.prepare(
    'INSERT INTO source (id, name, first_seen, last_seen, received, accepted, rejected, duplicate, format) VALUES (?, ?, 1, 1, 9, ?, 0, ?, ?)',
  );
  insert.run(1, 'counted', 9, 0, null);
  insert.run(2, 'rejected', 0, 0, null);
  insert.run(3, 'set by hand', 0, 0, 'combined');
  insert.run(4, 'sent again', 0, 9, null);
  old.exec("INSERT INTO source_reason VALUES (2, 'rejected:x', 9), (1, 'rejected:y', 1)");
  old.close();
  const store = openSqlite(path);
  assert.deepEqual(
    (await store.sources.list()).map(({ name, reasons }) => [name, reasons.length]),
    [
      ['counted', 1],
      ['set by hand', 0],
      ['sent again', 0],
    ],
  );
  assert.equal(store.sources.idOf('new'), 2);
  store.close();
});

test("batches that an earlier version counted under a token's hash are known after the upgrade, whatever the token is now", async (t) => {
  const { path, old } = openOld(t, 4);
  const insert = old.prepare('INSERT INTO ledger (scope, key, at, answer) VALUES (?, ?, 1, ?)');
  insert.run('0123456789abcdef|body|/ingest|web', Buffer.from('by a token'), 'token');
  insert.run('|body|/ingest|web', Buffer.from('by none'), 'none');
  insert.run('fedcba9876543210|body|/ingest|web', Buffer.from('by both'), 'first');
  insert.run('|body|/ingest|web', Buffer.from('by both'), 'second');
  insert.run('|key|/ingest|0123456789abcdef|x', Buffer.from('a source like a scope'), 'source');
  old.close();
  const store = openSqlite(path),
    pipeline = pipelineOver(store);
  const answerTo = async (key: string, scope = '|body|/ingest|web') => {
    const outcome = await pipeline.submit(
      batchOf(pipeline, 'web', [{ ts: 1e12 }], { identity: { scope, key: Buffer.from(key) } }),
    );
    return outcome.committed ? 'counted' : outcome.duplicateOf.answer;
  };
  assert.deepEqual(await Promise.all(['by a token', 'by none', 'by both', 'new'].map((key) => answerTo(key))), [
    'token',
    'none',
    'first',
    'counted',
  ]);
  assert.equal(await answerTo('a source like a scope', '|key|/ingest|0123456789abcdef|x'), 'source');
  await pipeline.close();
  store.close();
});

test('reasons that an earlier version counted by their texts go on under their ids', async (t) => {
  const { path, old } = openOld(t, 6);
  old.prepare("INSERT INTO source (id, name, first_seen, last_seen) VALUES (1, 'web', 1, 1)").run();
  const insert = old.prepare('INSERT INTO source_reason (source, reason, count) VALUES (1, ?, ?)');
  const stored: Record<string, number> = {
    'skipped:a HAProxy TCP line': 64,
    'skipped:an Envoy TCP connection: no HTTP request was made': 32,
    'rejected:a line of another format: Envoy JSON': 16,
    'rejected:$status: "\\" \\"" does not follow it': 8,
    'rejected:$request_time is missing': 4,
    'rejected:the line does not begin with "["': 2,
    'rejected:words that no version wrote': 1,
    'skipped:other': 128,
  };
  for (const [reason, count] of Object.entries(stored)) insert.run(reason, count);
  old.close();
  const store = openSqlite(path);
  const [{ reasons }] = await store.sources.list();
  assert.deepEqual(
    reasons.map(({ kind, id, count }) => [`${kind}:${id}`, count]),
    [
      ['skipped:other', 128],
      ['skipped:session', 96],
      ['rejected:other-format Envoy JSON', 16],
      ['rejected:field-end $status: "\\" \\""', 8],
      ['rejected:field-missing $request_time', 4],
      ['rejected:no-prefix "["', 2],
      ['rejected:words that no version wrote', 1],
    ],
  );
  store.close();
});

test('a database of the version before keeps all it has, with its open incidents, and counts failures from then on', async (t) => {
  const { path, old } = openOld(t, 10);
  const start = 1_700_000_000;
  old.exec(`INSERT INTO source (id, name, first_seen, last_seen, first_event, last_event, received, accepted)
    VALUES (3, 'web', ${start}000, ${start}000, ${start - 600}, ${start}, 7, 7);
    INSERT INTO counts_10s VALUES (3, ${start - 20}, 502, 4), (0, ${start - 20}, 502, 4);
    INSERT INTO counts_1m VALUES (3, ${start - 20}, 502, 4), (0, ${start - 20}, 502, 4);
    INSERT INTO counts_1h VALUES (3, ${start - 800}, 502, 4), (0, ${start - 800}, 502, 4);
    INSERT INTO value VALUES (${(3 << 22) | (2 << 19) | 1}, ${(3 << 3) | 2}, '/a');
    INSERT INTO values_1m VALUES (${(3 << 3) | 2}, ${start - 20}, 1, 502, 4);
    INSERT INTO incident (id, source, state, severity, opened_at, body, machine)
    VALUES (17, 'web', 'firing', 'page', ${start}000, '{"id":17,"source":"web"}', '{"group":"server"}')`);
  // as its process was killed before a fold: three more, in the encoding of that version (hits; second, source and code; minute, code; value)
  const journal = [
    1,
    3,
    1,
    start,
    (3 << 10) | 502,
    3,
    1,
    Math.floor(start / 60),
    502,
    0,
    1,
    0,
    (3 << 22) | (2 << 19) | 1,
    3,
  ];
  const bytes = Buffer.alloc(100);
  const end = journal.reduce((at, number) => writeVarint(bytes, at, number), 0);
  old.prepare('INSERT INTO journal (delta) VALUES (?)').run(bytes.subarray(0, end));
  const before = tablesOf(old);
  old.close();
  const store = openSqlite(path),
    pipeline = pipelineOver(store);
  const after = tablesOf(store.db);
  for (const [table, rows] of Object.entries(before))
    if (!/^(counts|values)_|^(journal|horizon|incident)$/.test(table)) assert.deepEqual(after[table], rows, table);
  assert.deepEqual((await store.counts.totals({})).totals, [{ source: 'web', code: 502, count: 7 }]);
  assert.deepEqual(
    (await store.incidents.unfinished(0)).map(({ incident, machine, clients }) => [incident.id, machine, clients]),
    [[17, { group: 'server' }, undefined]],
  );
  const ask = () => store.failures.crossing({ from: (start - 600) * 1000, rows: 'route', columns: 'code' });
  const held = (Math.floor(start / 60) + 1) * 60_000;
  assert.deepEqual([(await ask()).total, (await ask()).heldFrom], [0, held]);
  await pipeline.submit(batchOf(pipeline, 'web', [{ ts: held, code: 502, path: '/a' }]));
  const { total, rows, heldFrom } = await ask();
  assert.deepEqual([total, rows[0].value, heldFrom], [1, '/a', held]);
  await pipeline.close();
  store.close();
});
