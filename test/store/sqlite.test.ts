import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { Failure } from '../../server/errors.ts';
import { checkVersion, openDatabase, transaction } from '../../server/store/sqlite/database.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { migrate } from '../../server/store/sqlite/migrate.ts';
import { StoreBroken } from '../../server/store/store.ts';
import { batchOf, folderFor, pipelineOver } from './support.ts';
import { allOf, sums } from './sums.ts';

const MIGRATIONS = fileURLToPath(new URL('../../migrations/sqlite/', import.meta.url));
const failure =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === code;

test('a SQLite older than 3.51.3 is refused', () => {
  for (const version of ['3.51.2', '3.9.9', '2.99.99'])
    assert.throws(() => checkVersion(version), failure('sqliteTooOld'));
  for (const version of ['3.51.3', '3.54.1', '4.0.0']) checkVersion(version);
});

test('a database written by newer code is refused and left alone', (t) => {
  const path = join(folderFor(t), 'data.db');
  openSqlite(path).close();
  const db = new Sqlite(path);
  db.pragma('user_version = 9999');
  db.close();
  assert.throws(() => openSqlite(path), failure('databaseNewer'));
});

test('commits are made durable before they are answered', (t) => {
  const store = openSqlite(join(folderFor(t), 'data.db'));
  assert.deepEqual(
    [
      store.db.pragma('journal_mode', { simple: true }),
      store.db.pragma('synchronous', { simple: true }),
      store.db.pragma('foreign_keys', { simple: true }),
    ],
    ['wal', 2, 1],
  );
  store.close();
});

test('a second process, or a second opening, is refused until the first lets go', (t) => {
  const path = join(folderFor(t), 'data.db');
  const store = openSqlite(path);
  assert.throws(() => openSqlite(path), failure('databaseInUse'));
  store.close();
  openSqlite(path).close();
});

test('a migration that fails leaves the database at the version before it', (t) => {
  const folder = join(folderFor(t), 'migrations/');
  mkdirSync(folder);
  writeFileSync(join(folder, '0001_a.sql'), 'CREATE TABLE a (x INTEGER) STRICT;');
  writeFileSync(join(folder, '0002_b.sql'), 'CREATE TABLE b (x INTEGER) STRICT; CREATE TABLE a (x INTEGER);');
  const db = openDatabase(':memory:');
  assert.throws(() => migrate(db, folder), /already exists/);
  assert.equal(db.pragma('user_version', { simple: true }), 1);
  assert.deepEqual(db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all(), ['a']);
  writeFileSync(join(folder, '0002_b.sql'), 'CREATE TABLE b (x INTEGER) STRICT;');
  migrate(db, folder);
  assert.equal(db.pragma('user_version', { simple: true }), 2);
  db.close();
});

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

test('what a process left in its journal is counted when the database is opened again', async (t) => {
  const path = join(folderFor(t), 'data.db');
  const first = openSqlite(path),
    pipeline = pipelineOver(first);
  await pipeline.submit(
    batchOf(pipeline, 'web', [
      { ts: 1e12, path: '/a' },
      { ts: 1e12, path: '/b' },
    ]),
  );
  // The database as it is at this moment: a copy stands for the crash.
  await first.db.backup(`${path}.crashed`);
  await pipeline.close();
  first.close();
  const second = openSqlite(`${path}.crashed`);
  assert.deepEqual(sums(second), allOf(2));
  assert.deepEqual(
    (await second.counts.breakdown({ dimension: 'route' })).rows.map((row) => row.value),
    ['/a', '/b'],
  );
  second.close();
});

test('a full disk fails the batch as one to send again; nothing of it is counted, reads go on, and it works again with space', async () => {
  const store = openSqlite(':memory:'),
    pipeline = pipelineOver(store);
  await pipeline.submit(batchOf(pipeline, 'web', [{ ts: 1e12 }]));
  const pages = store.db.pragma('page_count', { simple: true }) as number;
  store.db.pragma(`max_page_count = ${pages}`);
  const large = () =>
    batchOf(pipeline, 'web', [{ ts: 1e12, code: 502 }], {
      answer: 'x'.repeat(200_000),
      identity: { scope: 's', key: Buffer.from('k') },
    });
  await assert.rejects(pipeline.submit(large()), failure('storeFull'));
  assert.deepEqual((await store.counts.totals({})).totals, [{ source: 'web', code: 200, count: 1 }]);
  store.db.pragma('max_page_count = 1000000');
  assert.deepEqual(await pipeline.submit(large()), { committed: true });
  assert.deepEqual(sums(store).accepted, 2);
  await pipeline.close();
  assert.deepEqual(sums(store), allOf(2));
  store.close();
});

test('a full disk at the fold leaves the counts in the journal', async () => {
  const store = openSqlite(':memory:'),
    pipeline = pipelineOver(store);
  const hits = Array.from({ length: 3000 }, (_, i) => ({ ts: 1e12 + i * 10_000 }));
  await pipeline.submit(batchOf(pipeline, 'web', hits));
  store.db.pragma(`max_page_count = ${store.db.pragma('page_count', { simple: true }) as number}`);
  await assert.rejects(store.fold(), failure('storeFull'));
  assert.deepEqual((await store.counts.totals({})).totals, []);
  store.db.pragma('max_page_count = 1000000');
  assert.equal((await store.counts.totals({})).totals[0].count, 3000);
  await pipeline.close();
  assert.deepEqual(sums(store), allOf(3000));
  store.close();
});

test('a database that others keep locked fails the batch as one to send again', (t) => {
  const path = join(folderFor(t), 'data.db');
  const store = openSqlite(path);
  const other = new Sqlite(path);
  other.exec('BEGIN IMMEDIATE');
  store.db.pragma('busy_timeout = 1');
  assert.throws(() => transaction(store.db, () => {}), failure('storeBusy'));
  other.exec('ROLLBACK');
  other.close();
  store.close();
});

test('an error of the disk itself is no reason to try again', () => {
  const db = openDatabase(':memory:');
  for (const code of ['SQLITE_IOERR_FSYNC', 'SQLITE_CORRUPT', 'SQLITE_NOTADB']) {
    assert.throws(
      () =>
        transaction(db, () => {
          throw new Sqlite.SqliteError('disk I/O error', code);
        }),
      StoreBroken,
    );
  }
  db.close();
});

test('reasons that an earlier version counted by their texts go on under their ids', async (t) => {
  const folder = folderFor(t),
    path = join(folder, 'data.db'),
    before = join(folder, 'migrations/');
  mkdirSync(before);
  for (const name of readdirSync(MIGRATIONS).filter((file) => file < '0010'))
    copyFileSync(join(MIGRATIONS, name), join(before, name));
  const old = openDatabase(path);
  migrate(old, before);
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
