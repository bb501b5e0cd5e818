// Lines over POST /ingest: what is counted, and what the response says of the rest.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync, zstdCompressSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import type { Sources, Totals } from '#shared/api.ts';
import { combined, NOON, openApp } from '../support/app.ts';
import { post, three, totals } from './posting.ts';

test('lines are counted for the source in the path, durable before the answer', async (t) => {
  const app = await openApp(t);
  const { status, body } = await post(app, three);
  assert.deepEqual(
    [status, body],
    [200, { received: 3, accepted: 3, rejected: 0, skipped: 0, duplicate: false, errors: [] }],
  );
  assert.deepEqual(await totals(app), { 'shop 200': 1, 'shop 502': 2 });
});

test('a source is listed from its first line on: lines that name their own leave no empty one behind', async (t) => {
  const app = await openApp(t);
  await post(app, JSON.stringify({ ts: NOON / 1000, source: 'blog', code: 200, count: 2 }), '/ingest?format=counts');
  const { sources } = (await app.app.inject('/api/sources')).json() as Sources;
  assert.deepEqual(
    sources.map(({ name }) => name),
    ['blog'],
  );
});

test('some bad lines are told with their number, reason and beginning, and the rest counts', async (t) => {
  const app = await openApp(t);
  const { status, body } = await post(
    app,
    `${combined(NOON, 200)}\n\nno access log line\n${combined(NOON, 404)}\n203.0.113.7 - - [01/Mar/2026:12:00:00 +0000] "GET / HTTP/1.1" abc 12`,
  );
  assert.equal(status, 200);
  assert.deepEqual([body.received, body.accepted, body.rejected + body.skipped], [4, 2, 2]);
  for (const error of body.errors) assert.ok(error.line === 3 || error.line === 5, JSON.stringify(error));
  assert.ok(
    body.errors.some(({ line, reason, sample }) => line === 5 && reason !== '' && sample.startsWith('203.0.113.7')),
  );
});

test('any Content-Type, or none, is taken', async (t) => {
  const app = await openApp(t);
  let n = 0;
  for (const type of [
    'application/x-ndjson',
    'application/json; charset=utf-8',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'application/vnd.kafka.v1+json',
    'text/plain',
    'nonsense',
    'a/b;c',
    'text/',
    '',
  ]) {
    const { status, body } = await post(app, combined(NOON, 200), '/ingest/shop', { 'content-type': type });
    assert.deepEqual([status, body.accepted], [200, 1], type);
    n++;
  }
  assert.deepEqual(await totals(app), { 'shop 200': n });
});

test('encodings are taken off; an unknown one is 422 and a broken one too', async (t) => {
  const app = await openApp(t);
  for (const [encoding, encode] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    const { body } = await post(app, encode(Buffer.from(three)), `/ingest/${encoding}`, {
      'content-encoding': encoding,
    });
    assert.equal(body.accepted, 3, encoding);
  }
  assert.deepEqual(
    await post(app, three, '/ingest/x', { 'content-encoding': 'br' }).then(({ status, body }) => [
      status,
      body.error?.code,
    ]),
    [422, 'unknownEncoding'],
  );
  assert.deepEqual(
    await post(app, three, '/ingest/x', { 'content-encoding': 'gzip' }).then(({ status, body }) => [
      status,
      body.error?.code,
    ]),
    [422, 'brokenEncoding'],
  );
});

test('more than the limit is 413, and nothing of it counts', async (t) => {
  const app = await openApp(t, { maxBodyMiB: 1 });
  const { status, body } = await post(
    app,
    gzipSync(Buffer.from(`${combined(NOON, 200)}\n`.repeat(20_000))),
    '/ingest/shop',
    { 'content-encoding': 'gzip' },
  );
  assert.deepEqual([status, body.error?.code], [413, 'tooLarge']);
  assert.deepEqual(await totals(app), {});
});

test('an empty body and blank lines are 200 with nothing received', async (t) => {
  const app = await openApp(t);
  for (const body of ['', '\n\n', '[]'])
    assert.deepEqual((await post(app, body)).body, {
      received: 0,
      accepted: 0,
      rejected: 0,
      skipped: 0,
      duplicate: false,
      errors: [],
    });
});

test('a format can be named in the request; one that cannot be read is 422 and says why', async (t) => {
  const app = await openApp(t);
  const own = encodeURIComponent('$status|$time_iso8601');
  assert.equal((await post(app, '502|2026-03-01T12:00:00+00:00', `/ingest/shop?format=${own}`)).body.accepted, 1);
  const { status, body } = await post(app, 'x', '/ingest/shop?format=nope');
  assert.deepEqual([status, body.error?.code], [422, 'badFormat']);
  assert.match(body.error!.message, /known formats are/);
});

test('a line without a time counts at arrival, one far ahead too, with a flag', async (t) => {
  const app = await openApp(t);
  await post(app, combined(NOON + 3_600_000, 500));
  const response = await app.app.inject(`/api/totals?from=${NOON - 10_000}&to=${NOON + 10_000}`);
  assert.equal((response.json() as Totals).totals[0].count, 1);
  const { sources } = (await app.app.inject('/api/sources')).json() as Sources;
  assert.deepEqual([sources[0].flags, sources[0].clockAheadMs], [['clock-ahead'], 3_600_000]);
});

test('a slash too many, between or behind, is no other path', async (t) => {
  const app = await openApp(t);
  for (const url of ['//ingest/shop', '/ingest/shop/', '/ingest/'])
    assert.equal((await post(app, combined(NOON, 200), url)).status, 200, url);
});

test("names of objects' own methods are sources and reasons like any other", async (t) => {
  const app = await openApp(t);
  for (const name of ['__proto__', 'constructor', 'toString'])
    assert.equal((await post(app, combined(NOON, 200), `/ingest/${name}`)).body.accepted, 1, name);
  const { sources } = (await app.app.inject('/api/sources')).json() as Sources;
  assert.deepEqual(sources.map(({ name }) => name).sort(), ['__proto__', 'constructor', 'toString']);
  await app.tick();
});

test('a source name with control characters is refused', async (t) => {
  const app = await openApp(t);
  assert.deepEqual(await post(app, three, '/ingest/a%00b').then(({ status, body }) => [status, body.error?.code]), [
    422,
    'badSource',
  ]);
  assert.deepEqual(
    await post(app, three, '/ingest/%E2%80%AEevil').then(({ status, body }) => [status, body.error?.code]),
    [422, 'badSource'],
  );
});

test('a request that breaks off counts nothing', async (t) => {
  const app = await openApp(t);
  await app.app.listen({ host: '127.0.0.1', port: 0 });
  const socket = connect((app.app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) =>
    app.app.server.once('request', (request: IncomingMessage) => {
      request.once('data', () => socket.destroy());
      request.once('close', resolve);
    }),
  );
  socket.write(`POST /ingest/shop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n${three}\n`);
  await closed;
  await app.tick();
  assert.deepEqual(await totals(app), {});
  const { sources } = (await app.app.inject('/api/sources')).json() as Sources;
  assert.ok(sources.every(({ received }) => received === 0));
});

test("a source's last answers and misses are remembered", async (t) => {
  const app = await openApp(t);
  await post(app, `${combined(NOON - 2000, 200)}\nrubbish`, '/ingest/shop', { 'user-agent': 'Vector/0.40' });
  await post(app, 'x', '/ingest/shop', { 'content-encoding': 'br' });
  const {
    sources: [shop],
  } = (await app.app.inject('/api/sources')).json() as Sources;
  assert.deepEqual([shop.receiver, shop.userAgent, shop.format, shop.lagMs], ['http', 'Vector/0.40', 'combined', 2000]);
  assert.deepEqual(
    shop.answers.map(({ status }) => status),
    [422, 200],
  );
  assert.equal(shop.lastMisses[0].sample, 'rubbish');
});

test('rejected lines are shown without the tokens in them, in the answer and in the diagnostics', async (t) => {
  const app = await openApp(t);
  const token = 'sk-live-Ab3dEf6hIj9lMn2pQr5tUv8x';
  const lines = [
    `GET /x HTTP/1.1 Authorization: Bearer ${token}`,
    `{"level":"info","headers":{"Authorization":["Bearer ${token}"],"Cookie":["sid=${token}"]}}`,
    `rubbish /v1/input?api_key=${token} x`,
    `https://user:${token}@example.com/`,
    `${'x'.repeat(185)} token=${token}`,
    `{"message":"{\\"password\\":\\"${token}\\"}"}`,
  ];
  const { body } = await post(app, lines.join('\n'), '/ingest/shop');
  assert.equal(body.accepted, 0);
  const shown = JSON.stringify(body) + (await app.app.inject('/api/sources')).body;
  for (let at = 0; at + 8 < token.length; at++) assert.ok(!shown.includes(token.slice(at, at + 8)), shown);
});

test('received = accepted + rejected + skipped + duplicate, whatever comes', async (t) => {
  const app = await openApp(t);
  const line = fc.oneof(
    fc.constantFrom(
      combined(NOON, 200),
      combined(NOON, 502, '/x'),
      combined(NOON - 5000, 499),
      '',
      '#Fields: x',
      'rubbish',
      '{"status":503,"time":"2026-03-01T12:00:00Z","method":"GET","path":"/"}',
    ),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.constantFrom('a', 'b'), async (lines, source) => {
      const { status, body } = await post(app, lines.join('\n'), `/ingest/${source}`);
      assert.equal(status, 200);
      assert.equal(body.received, body.accepted + body.rejected + body.skipped);
    }),
    { numRuns: 100 },
  );
  const { sources } = (await app.app.inject('/api/sources')).json() as Sources;
  const counted = await totals(app);
  for (const source of sources) {
    assert.equal(source.received, source.accepted + source.rejected + source.skipped + source.duplicate);
    const sum = Object.entries(counted)
      .filter(([key]) => key.startsWith(`${source.name} `))
      .reduce((n, [, count]) => n + count, 0);
    assert.equal(sum, source.accepted);
  }
});
