import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errors, Failure } from '../server/errors.ts';
import { openSqlite } from '../server/store/sqlite/index.ts';
import { StoreBroken, type Store } from '../server/store/store.ts';
import { batchOf, pipelineOver } from './store/support.ts';

const T = 1_700_000_000_000;
const failure =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Failure && error.code === code;

/** A store whose commits wait for, or fail with, what the test says. */
function gated(before: () => Promise<void>): Store {
  const store = openSqlite(':memory:');
  const commit = store.commit.bind(store);
  return Object.assign(store, {
    commit: async (...args: Parameters<Store['commit']>) => {
      await before();
      return commit(...args);
    },
  });
}

test('batches that arrive in one turn share one commit, told once to the listeners', async () => {
  const pipeline = pipelineOver(openSqlite(':memory:'));
  const told: number[] = [];
  pipeline.onCommit((delta) => told.push(delta.hits));
  await Promise.all(
    [1, 2, 3].map((n) =>
      pipeline.submit(
        batchOf(
          pipeline,
          'web',
          Array.from({ length: n }, () => ({ ts: T })),
        ),
      ),
    ),
  );
  assert.deepEqual(told, [6]);
});

test('listeners are not told of duplicates', async () => {
  const pipeline = pipelineOver(openSqlite(':memory:'));
  const told: number[] = [];
  pipeline.onCommit((delta) => told.push(delta.hits));
  for (let i = 0; i < 2; i++)
    await pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }], { identity: { scope: 's', key: Buffer.from('k') } }));
  assert.deepEqual(told, [1]);
});

test('a listener that throws does not turn a durable commit into a failure', async () => {
  const troubles: unknown[] = [];
  const pipeline = pipelineOver(openSqlite(':memory:'), { onTrouble: (error) => troubles.push(error) });
  pipeline.onCommit(() => {
    throw new Error('listener');
  });
  assert.deepEqual(await pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }])), { committed: true });
  assert.equal(troubles.length, 1);
});

test('more than the queue holds is refused as overload, and what was taken is kept', async () => {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const pipeline = pipelineOver(gated(() => gate));
  const taken: Promise<unknown>[] = [pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }]))];
  await new Promise(setImmediate); // the first group is now being committed
  for (let i = 0; i < 10_000; i++) taken.push(pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }])));
  await assert.rejects(pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }])), failure('overloaded'));
  open();
  assert.equal((await Promise.all(taken)).length, 10_001);
});

test('closing makes durable what was taken, and takes no more', async () => {
  const store = openSqlite(':memory:'),
    pipeline = pipelineOver(store);
  const last = pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }]));
  const closed = pipeline.close();
  await assert.rejects(pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }])), failure('stopping'));
  await closed;
  assert.deepEqual(await last, { committed: true });
  assert.equal(store.db.prepare('SELECT sum(count) FROM counts_1h WHERE source > 0').pluck().get(), 1);
});

test('a failed commit fails its batches alone; the same batches count once when they are sent again', async () => {
  let failing = true;
  const store = gated(async () => {
    if (failing) throw errors.storeFull();
  });
  const pipeline = pipelineOver(store);
  const send = () =>
    pipeline.submit(
      batchOf(pipeline, 'web', [{ ts: T, path: '/a' }], { identity: { scope: 's', key: Buffer.from('k') } }),
    );
  await assert.rejects(send(), failure('storeFull'));
  failing = false;
  assert.deepEqual(await send(), { committed: true });
  assert.deepEqual(
    (await store.counts.breakdown({ dimension: 'route' })).rows.map((row) => [row.value, row.count]),
    [['/a', 1]],
  );
});

test('after a broken commit nothing is acknowledged any more', async () => {
  const broken: StoreBroken[] = [];
  const pipeline = pipelineOver(
    gated(async () => {
      throw new StoreBroken(new Error('fsync'));
    }),
    { onBroken: (error) => broken.push(error) },
  );
  await assert.rejects(pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }])), failure('storeBusy'));
  await assert.rejects(pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }])), failure('storeBusy'));
  assert.equal(broken.length, 1);
});
