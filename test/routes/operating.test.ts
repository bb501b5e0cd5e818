// Readiness and troubles: what an operator and a load balancer are told of a server that cannot write.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Troubles } from '#shared/api.ts';
import { combined, openApp } from '../support/app.ts';

test('a full disk: senders are told to come again within 5 s, readiness and the page say why, the log says it once, and all of it ends with space', async (t) => {
  const app = await openApp(t, { logLevel: 'info' });
  const { db } = app.ingest.store;
  const post = () =>
    app.app.inject({
      method: 'POST',
      url: '/ingest/shop',
      payload: combined(app.clock.now, 502),
      headers: { 'idempotency-key': `${app.clock.now}${'x'.repeat(100)}` },
    });
  const troubles = async () => (await app.app.inject('/api/troubles')).json<Troubles>().troubles;
  assert.deepEqual(await troubles(), []);
  assert.equal((await post()).statusCode, 200);
  await app.ingest.store.fold();
  db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true }) as number}`);
  let answer = await post();
  while (answer.statusCode === 200) {
    app.clock.now += 1000;
    answer = await post();
  }
  const refused = answer.json<{ error: { code: string } }>();
  assert.deepEqual([answer.statusCode, refused.error.code], [503, 'storeFull']);
  assert.ok(Number(answer.headers['retry-after']) <= 5);
  const ready = await app.app.inject('/readyz');
  assert.deepEqual(
    [ready.statusCode, /disk.*is full/.test(ready.json<{ error: { message: string } }>().error.message)],
    [503, true],
  );
  assert.ok(Number(ready.headers['retry-after']) <= 5);
  assert.deepEqual(
    (await troubles()).map(({ step, firstAt, refusing }) => [step, firstAt, refusing]),
    [['disk-full', app.clock.now, true]],
  );
  for (let i = 0; i < 3; i++) await app.tick().catch(() => {});
  db.pragma('max_page_count = 1000000');
  app.clock.now += 1000;
  await app.ingest.store.sweep(app.clock.now); // as the pipeline does each second
  assert.equal((await app.app.inject('/readyz')).statusCode, 200);
  assert.deepEqual(await troubles(), []);
  assert.equal((await post()).statusCode, 200);
  await app.tick();
  assert.equal(app.log.filter((line) => /is full/.test(line) && /"level":50/.test(line)).length, 1);
  assert.equal(app.log.filter((line) => /Over: The disk/.test(line)).length, 1);
});
