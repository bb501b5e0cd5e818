// Who may not post, and what a sender is told when something is wrong with this server.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { NOON, openApp } from '../support/app.ts';
import { post, three } from './posting.ts';

test('a page on a rebound name cannot post lines either', async (t) => {
  const app = await openApp(t);
  assert.equal(
    (await post(app, three, '/ingest/shop', { origin: 'http://evil.example:5500', host: 'evil.example:5500' })).status,
    403,
  );
});

test('with ingest tokens set, lines are taken only with one of them, and a change of tokens makes no batch a new one', async (t) => {
  const app = await openApp(t, { ingestTokens: ['old', 'new'] });
  assert.equal((await post(app, three)).status, 401);
  assert.equal((await post(app, three, '/ingest/shop', { authorization: 'Bearer wrong' })).status, 401);
  assert.equal((await post(app, three, '/ingest/shop', { authorization: 'Bearer old' })).body.duplicate, false);
  assert.equal((await post(app, three, '/ingest/shop', { authorization: 'Bearer new' })).body.duplicate, true);
});

test('a page of another site cannot post lines through a browser', async (t) => {
  const app = await openApp(t);
  const { status, body } = await post(app, three, '/ingest/shop', { origin: 'http://evil.example' });
  assert.deepEqual([status, body.error?.code], [403, 'wrongOrigin']);
});

test('trouble of ours is 503 with Retry-After, never 500', async (t) => {
  const app = await openApp(t);
  await app.ingest.pipeline.close();
  const { status, headers, body } = await post(app, three);
  assert.deepEqual([status, headers['retry-after'], body.error?.code], [503, '5', 'stopping']);
});

test('an exception nobody foresaw is 503 with Retry-After and goes to the log', async (t) => {
  const app = await openApp(t);
  app.ingest.pipeline.onCommit(() => {});
  app.clock = Object.defineProperty(app.clock, 'now', {
    get() {
      throw new RangeError('a bug');
    },
    configurable: true,
  });
  const { status, headers, body } = await post(app, three);
  Object.defineProperty(app.clock, 'now', { value: NOON, writable: true });
  assert.deepEqual([status, headers['retry-after'], body.error?.code], [503, '5', 'internal']);
  assert.ok(app.log.some((line) => line.includes('a bug')));
});
