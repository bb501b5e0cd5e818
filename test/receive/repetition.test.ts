// A batch that is sent again counts once, as far as it can be known for the same.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { combined, NOON, openApp } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';
import { post, three, totals } from './posting.ts';

test('the same body again is a duplicate when every record has its own time', async (t) => {
  const app = await openApp(t);
  await post(app, three);
  const { status, body } = await post(app, gzipSync(Buffer.from(three)), '/ingest/shop', {
    'content-encoding': 'gzip',
  });
  assert.deepEqual([status, body.duplicate, body.accepted], [200, true, 3]);
  assert.equal((await post(app, three, '/ingest/other')).body.duplicate, false);
  assert.deepEqual(await totals(app), { 'shop 200': 1, 'shop 502': 2, 'other 200': 1, 'other 502': 2 });
});

test('a single line to the second is never a duplicate, nor are records without a time', async (t) => {
  const app = await openApp(t);
  for (let i = 0; i < 2; i++) {
    assert.equal((await post(app, combined(NOON, 200))).body.duplicate, false);
    assert.equal(
      (
        await post(
          app,
          '{"status":200,"request_method":"GET","request_uri":"/"}\n{"status":502,"request_method":"GET","request_uri":"/"}',
        )
      ).body.duplicate,
      false,
    );
  }
  assert.deepEqual(await totals(app), { 'shop 200': 4, 'shop 502': 2 });
});

test('a bad line among timed ones does not make their repetition count twice', async (t) => {
  const app = await openApp(t);
  for (const duplicate of [false, true]) assert.equal((await post(app, `${three}\nrubbish`)).body.duplicate, duplicate);
  for (let i = 0; i < 2; i++) assert.equal((await post(app, `${combined(NOON, 200)}\nrubbish`)).body.duplicate, false);
  assert.deepEqual(await totals(app), { 'shop 200': 3, 'shop 502': 2 });
});

test('an Idempotency-Key makes even a single line exact', async (t) => {
  const app = await openApp(t);
  const headers = { 'idempotency-key': 'chunk-1' };
  assert.equal((await post(app, combined(NOON, 200), '/ingest/shop', headers)).body.duplicate, false);
  assert.equal((await post(app, combined(NOON, 200), '/ingest/shop', headers)).body.duplicate, true);
  assert.equal(
    (await post(app, combined(NOON, 200), '/ingest/shop', { 'idempotency-key': 'chunk-2' })).body.duplicate,
    false,
  );
  assert.deepEqual(await totals(app), { 'shop 200': 2 });
});

test('what was counted before a token was set is known after it, and after that token was replaced', async (t) => {
  const dataDir = temporaryFolder(t);
  const duplicates: boolean[] = [];
  for (const token of [undefined, 'first', 'second']) {
    const app = await openApp(t, { dataDir, ingestTokens: token === undefined ? [] : [token] });
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    duplicates.push(
      (await post(app, three, '/ingest/shop', headers)).body.duplicate,
      (await post(app, 'x', '/ingest/shop', { ...headers, 'idempotency-key': 'k' })).body.duplicate,
    );
    await app.close();
  }
  assert.deepEqual(duplicates, [false, false, true, true, true, true]);
});
