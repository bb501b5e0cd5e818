import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { Failure } from '../../server/errors.ts';
import { checkVersion, openDatabase, transaction } from '../../server/store/sqlite/database.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { migrate } from '../../server/store/sqlite/migrate.ts';
import { StoreBroken } from '../../server/store/store.ts';
import { batchOf, folderFor, pipelineOver } from './support.ts';
import { allOf, sums } from './sums.ts';

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
