// What becomes of the database's files while it is open: removed, replaced, without room, or held by another process.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import Sqlite from 'better-sqlite3';
import { Failure } from '../../server/errors.ts';
import { pidsIn } from '../../server/store/sqlite/readers.ts';
import { openSqlite, type SqliteStore } from '../../server/store/sqlite/index.ts';
import type { Pipeline } from '../../server/pipeline.ts';
import { StoreBroken } from '../../server/store/store.ts';
import { batchOf, folderFor, pipelineOver } from './support.ts';
import { allOf, sums } from './sums.ts';

const MIB = 1024 * 1024;
const T = 1_700_000_000_000;
const failure =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === code;
const one = (pipeline: Pipeline) => pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }]));

const losses: [what: string, lose: (folder: string) => void, said: RegExp][] = [
  ['its file is removed', (folder) => rmSync(join(folder, 'data.db')), /data\.db was removed/],
  ['its folder is removed', (folder) => rmSync(folder, { recursive: true }), /data\.db was removed/],
  [
    'its folder is moved away and another is there',
    (folder) => {
      renameSync(folder, `${folder}.old`);
      mkdirSync(folder);
    },
    /data\.db was removed/,
  ],
  [
    'a copy takes its place',
    (folder) => {
      copyFileSync(join(folder, 'data.db'), join(folder, 'copy'));
      renameSync(join(folder, 'copy'), join(folder, 'data.db'));
    },
    /data\.db was replaced/,
  ],
  ['its write-ahead log is removed', (folder) => rmSync(join(folder, 'data.db-wal')), /data\.db-wal was removed/],
  [
    'the lock that keeps a second server out is removed',
    (folder) => rmSync(join(folder, 'data.db.lock')),
    /data\.db\.lock was removed/,
  ],
  ['the index of the log is removed', (folder) => rmSync(join(folder, 'data.db-shm')), /data\.db-shm was removed/],
];

for (const [what, lose, said] of losses) {
  test(`after ${what} nothing is acknowledged, and it is said`, async (t) => {
    const folder = join(folderFor(t), 'data');
    mkdirSync(folder);
    const store = openSqlite(join(folder, 'data.db')),
      broken: StoreBroken[] = [];
    const pipeline = pipelineOver(store, { onBroken: (error) => broken.push(error) });
    await one(pipeline);
    lose(folder);
    await assert.rejects(one(pipeline), failure('storeBusy'));
    await assert.rejects(one(pipeline), failure('storeBusy'));
    assert.equal(broken.length, 1);
    assert.match(broken[0].message, said);
    await pipeline.close();
    store.close();
  });
}

test('a database that goes while a commit is being written does not get the batch acknowledged', async (t) => {
  const folder = folderFor(t),
    path = join(folder, 'data.db');
  const store = openSqlite(path),
    pipeline = pipelineOver(store, { onBroken: () => {} });
  const put = store.cursors.put.bind(store.cursors);
  store.cursors.put = (...args) => {
    // in the middle of the transaction
    rmSync(path);
    put(...args);
  };
  await assert.rejects(
    pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }], { cursors: [{ key: 'a', value: Buffer.from('b') }] })),
    failure('storeBusy'),
  );
  store.close();
});

test('a database that is gone is noticed though nothing is sent', async (t) => {
  const folder = folderFor(t);
  const store = openSqlite(join(folder, 'data.db'));
  await store.sweep(T);
  rmSync(join(folder, 'data.db'));
  await assert.rejects(store.sweep(T + 1000), StoreBroken);
  store.close();
});

// Another process that reads: a transaction that stays open until it is told to end, or many, each open for a while and overlapping.
const READER = `
  const [path, ms] = process.argv.slice(1);
  const open = () => { const db = new (require('better-sqlite3'))(path, { readonly: true }); const read = () => { db.exec('BEGIN'); db.prepare('SELECT count(*) FROM source').get(); }; return { db, read }; };
  if (ms === undefined) open().read();
  else for (let i = 0; i < 3; i++) { const { db, read } = open(); const go = () => { read(); setTimeout(() => { db.exec('COMMIT'); go(); }, Number(ms)); }; setTimeout(go, i * Number(ms) / 3); }
  console.log('reads'); setInterval(() => {}, 1e6);
`;
async function startReader(t: TestContext, path: string, ms?: number) {
  const child = spawn(process.execPath, ['-e', READER, '--', path, ...(ms === undefined ? [] : [String(ms)])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const end = async () => {
    child.kill('SIGKILL');
    await gone;
  };
  t.after(end);
  await once(child.stdout, 'data');
  return { pid: child.pid!, end };
}

/** Some 200 KB in the log a batch. */
const large = (pipeline: Pipeline, n: number) =>
  pipeline.submit(
    batchOf(pipeline, 'web', [{ ts: T }], {
      answer: 'x'.repeat(200_000),
      identity: { scope: 's', key: Buffer.from(String(n)) },
    }),
  );

async function openBeside(t: TestContext, maxBytes: number, staysMs: number) {
  const folder = mkdtempSync(join(tmpdir(), 'fivealarm-test-')),
    path = join(folder, 'data.db');
  const store = openSqlite(path, { wal: { maxBytes, staysMs } }),
    pipeline = pipelineOver(store);
  t.after(async () => {
    await pipeline.close();
    store.close();
    rmSync(folder, { recursive: true });
  });
  await one(pipeline);
  return { path, store, pipeline, walBytes: () => statSync(`${path}-wal`).size };
}

test(
  'a reader that stays is named; past the limit lines are refused, and taken again once it is gone',
  { timeout: 30_000 },
  async (t) => {
    const { path, store, pipeline, walBytes } = await openBeside(t, 8 * MIB, 200);
    const reader = await startReader(t, path);
    let n = 0,
      refused: unknown;
    while (refused === undefined) {
      await large(pipeline, n++).catch((error: unknown) => {
        if (!failure('storeBusy')(error)) refused = error;
      });
      await sleep(5);
    }
    assert.ok(failure('walFull')(refused), String(refused));
    assert.ok((refused as Failure).retryAfter! > 0);
    assert.ok(walBytes() > 8 * MIB && walBytes() < 12 * MIB, `${walBytes()}`);
    const [trouble] = store.troubles(T);
    assert.deepEqual([trouble.what, trouble.refusing], ['wal-held', true]);
    if (process.platform === 'linux')
      assert.match(trouble.text, new RegExp(`node\\S* \\(process ${reader.pid}\\) has been reading`));
    assert.equal((await store.counts.totals({})).totals[0].code, 200); // reads go on
    await reader.end();
    await store.sweep(T);
    assert.deepEqual(await large(pipeline, n), { committed: true });
    assert.deepEqual(store.troubles(T), []);
    assert.ok(walBytes() < MIB, `${walBytes()}`);
  },
);

test(
  'readers that come and go, one always there, do not make the log grow past the limit, and every batch is taken in the end',
  { timeout: 60_000 },
  async (t) => {
    const { path, store, pipeline, walBytes } = await openBeside(t, 8 * MIB, 10_000);
    await startReader(t, path, 200);
    let most = 0;
    for (let n = 0; n < 60; n++) {
      while (
        !(await large(pipeline, n).then(
          ({ committed }) => committed,
          (error: unknown) => {
            if (!failure('storeBusy')(error)) throw error as Error;
          },
        ))
      );
      most = Math.max(most, walBytes());
    }
    assert.ok(most < 6 * MIB, `${most}`); // 60 batches are 12 MB
    assert.deepEqual(store.troubles(T), []);
  },
);

test('locks are read as Linux lists them: readers of the log by their place in its index', () => {
  const locks = [
    '1: POSIX  ADVISORY  READ 100 fe:00:7 124 124',
    '2: POSIX  ADVISORY  READ 101 fe:00:7 128 128',
    '3: POSIX  ADVISORY  READ 102 fe:00:7 127 128',
    '4: POSIX  ADVISORY  WRITE 103 fe:00:7 120 120',
    '5: POSIX  ADVISORY  READ 104 fe:00:8 124 124',
    `6: POSIX  ADVISORY  READ ${process.pid} fe:00:7 124 124`,
    '7: OFDLCK ADVISORY  READ -1 fe:00:7 124 124',
    '8: POSIX  ADVISORY  READ 105 fe:00:7 0 EOF',
    '',
    'nonsense',
  ].join('\n');
  assert.deepEqual([...pidsIn(locks, 7n)], [100, 102, 105]);
});

test(
  'another process that writes for a moment is waited for, and holds up nothing else',
  { timeout: 20_000 },
  async (t) => {
    const { path, pipeline } = await openBeside(t, 64 * MIB, 10_000);
    const other = new Sqlite(path);
    other.exec('BEGIN IMMEDIATE');
    const sent = one(pipeline);
    let turns = 0;
    for (const until = performance.now() + 300; performance.now() < until; turns++) await sleep(1);
    other.exec('ROLLBACK');
    other.close();
    assert.deepEqual(await sent, { committed: true });
    assert.ok(turns > 5, `${turns} turns of the event loop in 300 ms`);
  },
);

test('a database that does not take writes shows until it takes one', { timeout: 20_000 }, async (t) => {
  const { path, store, pipeline } = await openBeside(t, 64 * MIB, 10_000);
  const other = new Sqlite(path);
  other.exec('BEGIN IMMEDIATE');
  await assert.rejects(one(pipeline), failure('storeBusy'));
  assert.deepEqual(
    store.troubles(T).map(({ what, refusing }) => [what, refusing]),
    [['write-failed', true]],
  );
  other.exec('ROLLBACK');
  other.close();
  await store.sweep(T + 1000);
  assert.deepEqual(store.troubles(T), []);
});

test(
  'on a full disk batches are refused as ones to send again, readiness says so, and both end with space',
  { timeout: 60_000 },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'fivealarm-test-'));
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder]).status !== 0)
      return t.skip('mounting a small disk takes root');
    const store: SqliteStore = openSqlite(join(folder, 'data.db')),
      pipeline = pipelineOver(store, { onTrouble: () => {} });
    t.after(async () => {
      await pipeline.close();
      store.close();
      spawnSync('umount', [folder]);
      rmdirSync(folder);
    });
    await one(pipeline);
    assert.deepEqual(store.troubles(T), []);
    await store.fold();
    fill(join(folder, 'ballast'));
    let accepted = 1,
      refused = 0;
    for (let n = 0; refused < 3; n++) {
      await large(pipeline, n).then(
        () => accepted++,
        (error: unknown) => {
          assert.ok(failure('storeFull')(error), String(error));
          assert.ok((error as Failure).retryAfter! <= 5);
          refused++;
        },
      );
    }
    const [trouble] = store.troubles(T);
    assert.deepEqual([trouble.what, trouble.refusing], ['disk-full', true]);
    assert.equal((await store.counts.totals({})).totals[0].count >= 1, true); // reads go on, at least of what had been folded
    rmSync(join(folder, 'ballast'));
    await store.sweep(T + 1000);
    assert.deepEqual(store.troubles(T), []);
    await large(pipeline, -1);
    await store.fold();
    assert.deepEqual(sums(store), allOf(accepted + 1));
  },
);

function fill(path: string): void {
  const parts: Buffer[] = [];
  try {
    for (;;) {
      parts.push(Buffer.alloc(64 * 1024, 1));
      writeFileSync(path, parts[0], { flag: 'a' });
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  }
}
