// What every store must do with batches, whichever engine is behind it: all of one or nothing, once, and for good.
import assert from 'node:assert/strict';
import { batchOf, pipelineOver, tallyOf } from '../support.ts';
import { HOUR, T, it } from './engines.ts';

const key = (text: string) => ({ scope: 'token /ingest', key: Buffer.from(text) });

it('reads see what has just been acknowledged', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  await pipeline.submit(batchOf(pipeline, 'web', [{ ts: T, code: 502 }]));
  assert.deepEqual((await store.counts.totals({})).totals, [{ source: 'web', code: 502, count: 1 }]);
  await pipeline.close();
  store.close();
});

it('a store that can write has no troubles', async (open) => {
  const store = open();
  await store.sweep(T);
  assert.deepEqual(store.troubles(T), []);
  store.close();
});

it('a batch sent again gets the first answer and counts nothing, in the same group, later, and after a restart', async (open) => {
  let store = open(),
    pipeline = pipelineOver(store);
  const again = () =>
    pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }, { ts: T }], { identity: key('a'), answer: 'again' }));
  const first = pipeline.submit(
    batchOf(pipeline, 'web', [{ ts: T }, { ts: T }], { identity: key('a'), answer: 'first' }),
  );
  const outcomes = [await first, await again(), ...(await Promise.all([again(), again()]))];
  await pipeline.close();
  store.close();
  store = open();
  pipeline = pipelineOver(store);
  outcomes.push(await again());
  const at = 1_700_000_000_000;
  assert.deepEqual(outcomes, [
    { committed: true },
    ...Array.from({ length: 4 }, () => ({ committed: false, duplicateOf: { answer: 'first', at } })),
  ]);
  const [web] = await store.sources.list();
  assert.deepEqual([web.received, web.accepted, web.duplicate], [10, 2, 8]);
  await pipeline.close();
  store.close();
});

it('keys of different scopes are different batches', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  for (const scope of ['a', 'b']) {
    assert.deepEqual(
      await pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }], { identity: { scope, key: Buffer.from('same') } })),
      { committed: true },
    );
  }
  await pipeline.close();
  store.close();
});

it('the ledger forgets a batch after 72 hours', async (open) => {
  const store = open();
  let now = T;
  const pipeline = pipelineOver(store, { now: () => now });
  const send = () => pipeline.submit(batchOf(pipeline, 'web', [{ ts: T }], { identity: key('a') }));
  await send();
  now += 71 * HOUR;
  while (await store.sweep(now));
  assert.equal((await send()).committed, false);
  now += 2 * HOUR;
  while (await store.sweep(now));
  assert.equal((await send()).committed, true);
  await pipeline.close();
  store.close();
});

it('cursors move with the counts of a new batch, and not with those of a duplicate', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  const send = (value: string) =>
    pipeline.submit(
      batchOf(pipeline, 'web', [{ ts: T }], {
        identity: key('a'),
        cursors: [{ key: 'tail:x', value: Buffer.from(value) }],
      }),
    );
  await send('1');
  await send('2');
  assert.deepEqual(await store.cursors.list('tail:'), [{ key: 'tail:x', value: Buffer.from('1') }]);
  assert.equal((await store.cursors.get('tail:x'))?.toString(), '1');
  assert.equal(await store.cursors.get('tail:'), undefined);
  await pipeline.close();
  store.close();
});

it('sources keep their ids, tallies, reasons and formats over restarts', async (open) => {
  let store = open(),
    pipeline = pipelineOver(store);
  const reasons = new Map([
    ['rejected:no status code', 2],
    ['skipped:directive', 1],
  ]);
  const id = pipeline.sourceId('b');
  await pipeline.submit(batchOf(pipeline, 'a', [{ ts: T }]));
  await pipeline.submit({
    ...batchOf(pipeline, 'b', [{ ts: T + 5000 }]),
    tallies: [tallyOf(id, 1, { received: 4, rejected: 2, skipped: 1, late: 1, reasons })],
  });
  await store.sources.setFormat('b', 'combined', 1_700_000_000_000);
  await pipeline.close();
  store.close();
  store = open();
  pipeline = pipelineOver(store);
  assert.equal(pipeline.sourceId('b'), id);
  assert.equal(pipeline.sourceName(id), 'b');
  const { firstSeen, ...b } = (await store.sources.list())[0];
  assert.equal(firstSeen, 1_700_000_000_000);
  assert.deepEqual(b, {
    id,
    name: 'b',
    lastSeen: 1_700_000_000_000,
    firstEvent: T + 5000,
    lastEvent: T + 5000,
    format: 'combined',
    received: 4,
    accepted: 1,
    rejected: 2,
    skipped: 1,
    duplicate: 0,
    late: 1,
    reasons: [
      { kind: 'rejected', id: 'no status code', count: 2 },
      { kind: 'skipped', id: 'directive', count: 1 },
    ],
  });
  await pipeline.close();
  store.close();
});

it('a source is on record from its first counted line on, and an id of which nothing was counted is free again', async (open) => {
  let store = open(),
    pipeline = pipelineOver(store);
  const a = pipeline.sourceId('a'),
    b = pipeline.sourceId('b');
  await pipeline.submit({ ...batchOf(pipeline, 'a', []), tallies: [tallyOf(a, 0, { received: 3, rejected: 3 })] });
  await pipeline.submit(batchOf(pipeline, 'b', [{ ts: T }]));
  assert.deepEqual(
    (await store.sources.list()).map(({ name }) => name),
    ['b'],
  );
  assert.deepEqual(
    [store.sources.find('a'), store.sources.find('b'), store.sources.find('c'), store.sources.size],
    [a, b, undefined, 2],
  );
  for (const name of ['a', 'b', 'c']) pipeline.dropSource(name);
  assert.deepEqual([store.sources.find('a'), store.sources.find('b'), store.sources.size], [undefined, b, 1]);
  assert.equal(pipeline.sourceId('c'), a);
  await pipeline.submit(batchOf(pipeline, 'c', [{ ts: T, code: 404 }]));
  await store.sources.setFormat('d', 'combined', T);
  await pipeline.close();
  store.close();
  store = open();
  pipeline = pipelineOver(store);
  assert.deepEqual(
    (await store.sources.list()).map(({ name, received, format }) => [name, received, format]),
    [
      ['c', 1, null],
      ['b', 1, null],
      ['d', 0, 'combined'],
    ],
  );
  assert.deepEqual((await store.counts.totals({})).totals, [
    { source: 'c', code: 404, count: 1 },
    { source: 'b', code: 200, count: 1 },
  ]);
  await pipeline.close();
  store.close();
});

it('a batch whose commit fails puts no source on record', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store);
  const identity = key('k'),
    cursors = [{ key: 'x', value: 'no buffer' as unknown as Buffer }];
  await assert.rejects(pipeline.submit(batchOf(pipeline, 'a', [{ ts: T }], { identity, cursors })));
  assert.deepEqual(await store.sources.list(), []);
  pipeline.dropSource('a');
  assert.equal(store.sources.find('a'), undefined);
  await pipeline.close();
  store.close();
});

it('reasons made up without end are kept as one', async (open) => {
  const store = open(),
    pipeline = pipelineOver(store),
    id = pipeline.sourceId('web');
  const reasons = new Map(Array.from({ length: 500 }, (_, i) => [`rejected:reason ${i}`, 1]));
  await pipeline.submit({
    ...batchOf(pipeline, 'web', []),
    tallies: [tallyOf(id, 1, { received: 501, rejected: 500, reasons })],
  });
  const [web] = await store.sources.list();
  assert.ok(web.reasons.length <= 41);
  assert.equal(
    web.reasons.reduce((sum, r) => sum + r.count, 0),
    500,
  );
  await pipeline.close();
  store.close();
});

it('annotations come back in order of time', async (open) => {
  const store = open();
  const b = await store.annotations.add({ at: T + 1, kind: 'deploy', text: 'v2', source: 'web' });
  const a = await store.annotations.add({ at: T, kind: 'note', text: 'coffee' });
  assert.deepEqual(await store.annotations.list({}), [a, b]);
  assert.deepEqual(await store.annotations.list({ from: T + 1 }), [
    { id: b.id, at: T + 1, kind: 'deploy', text: 'v2', source: 'web' },
  ]);
  store.close();
});
