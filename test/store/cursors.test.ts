// Positions that move with the counts: what is kept for ever, and what goes.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { batchOf, folderFor, pipelineOver } from './support.ts';

test('metric state of services that are gone is taken away after 35 days, positions of files never', async (t) => {
  const store = openSqlite(join(folderFor(t), 'x.db'));
  t.after(() => store.close());
  const now = 1_700_000_000_000;
  const pipeline = pipelineOver(store, { now: () => now });
  const cursors = ['otlp/gone', 'stream/local/7'].map((key) => ({ key, value: Buffer.from('x') }));
  await pipeline.submit(batchOf(pipeline, 'shop', [{ ts: now }], { cursors }));
  await pipeline.close();
  await store.sweep(now + 34 * 86_400_000);
  assert.equal((await store.cursors.list('otlp/')).length, 1);
  await store.sweep(now + 36 * 86_400_000);
  assert.equal((await store.cursors.list('otlp/')).length, 0);
  assert.equal((await store.cursors.list('stream/')).length, 1);
});
