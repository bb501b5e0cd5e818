import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { gzipSync, zstdCompressSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import type { IngestAnswer, Sources, Totals } from '#shared/api.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';

async function post(
  app: TestApp,
  payload: string | Buffer,
  url = '/ingest/shop',
  headers: Record<string, string> = {},
) {
  const response = await app.app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'text/plain', ...headers },
  });
  return {
    status: response.statusCode,
    headers: response.headers,
    body: response.json() as IngestAnswer & { error?: { code: string; message: string; hint?: string } },
  };
}

async function totals(app: TestApp): Promise<Record<string, number>> {
  const { totals } = (await app.app.inject('/api/totals')).json() as Totals;
  return Object.fromEntries(totals.map(({ source, code, count }) => [`${source} ${code}`, count]));
}

const three = [combined(NOON - 3000, 200), combined(NOON - 2000, 502), combined(NOON - 1000, 502)].join('\n');

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

test('a page on a rebound name cannot post lines either', async (t) => {
  const app = await openApp(t);
  assert.equal(
    (await post(app, three, '/ingest/shop', { origin: 'http://evil.example:5500', host: 'evil.example:5500' })).status,
    403,
  );
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

test("Cloudflare's test upload is neither accepted nor rejected", async (t) => {
  const app = await openApp(t);
  const { status, body } = await post(app, gzipSync(Buffer.from('{"content":"tests"}\n')), '/ingest/edge', {
    'content-encoding': 'gzip',
  });
  assert.deepEqual([status, body.accepted, body.rejected], [200, 0, 0]);
});

test("Heroku's drains: messages by their length, with or without a newline, and a frame that comes again counts once", async (t) => {
  const app = await openApp(t);
  const frame = ['\n', ''].map(
    (end, i) =>
      `<158>1 2026-03-01T12:00:00.000000+00:00 host heroku router - at=info method=GET path="/a" host=x.example fwd="203.0.113.7" dyno=web.1 connect=1ms service=18ms status=${[503, 200][i]} bytes=13${end}`,
  );
  const body = [...frame, frame[1]].map((message) => `${message.length} ${message}`).join('');
  const headers = { 'content-type': 'application/logplex-1', 'logplex-frame-id': '09C557EAFCFB6CF2740EE62F62971098' };
  for (const duplicate of [false, true])
    assert.deepEqual(
      await post(app, body, '/ingest/heroku', headers).then(({ body: b }) => [b.accepted, b.duplicate]),
      [3, duplicate],
    );
  assert.deepEqual(await totals(app), { 'heroku 200': 2, 'heroku 503': 1 });
  assert.deepEqual(
    (await post(app, body.slice(0, -20), '/ingest/cut', { 'content-type': 'application/logplex-1' })).body.errors.map(
      ({ reason }) => reason,
    ),
    ['syslog message cut off by the end of its body'],
  );
});

test("Datadog's agent finds its own path, with its key as the token, and asks whether it is valid", async (t) => {
  const app = await openApp(t, { ingestTokens: ['key'] });
  const logs = gzipSync(
    JSON.stringify(
      [200, 502].map((code, i) => ({
        message: combined(NOON - i * 1000, code),
        status: 'info',
        timestamp: NOON,
        hostname: 'web1',
        service: 'shop',
        ddsource: 'nginx',
        ddtags: 'env:x',
      })),
    ),
  );
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  assert.equal((await post(app, logs, '/api/v2/logs', headers)).status, 401);
  assert.equal((await post(app, logs, '/api/v2/logs', { ...headers, 'dd-api-key': 'key' })).body.accepted, 2);
  assert.equal((await post(app, '{}', '/api/v2/logs', { 'dd-api-key': 'key' })).status, 200);
  assert.deepEqual(await totals(app), { 'datadog 200': 1, 'datadog 502': 1 });
  assert.deepEqual((await app.app.inject('/api/v1/validate')).json(), { valid: true });
});

test('Fastly is told that it may post here', async (t) => {
  const app = await openApp(t, { ingestTokens: ['key'] });
  const { statusCode, body } = await app.app.inject('/.well-known/fastly/logging/challenge');
  assert.deepEqual([statusCode, body], [200, '*\n']);
});

test('a slash too many, between or behind, is no other path', async (t) => {
  const app = await openApp(t);
  for (const url of ['//ingest/shop', '/ingest/shop/', '/ingest/'])
    assert.equal((await post(app, combined(NOON, 200), url)).status, 200, url);
});

test("Vector's and rsyslog's health checks are answered with exactly 200", async (t) => {
  const app = await openApp(t);
  for (const method of ['GET', 'HEAD'] as const)
    assert.equal((await app.app.inject({ method, url: '/ingest/shop' })).statusCode, 200);
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

test('with ingest tokens set, lines are taken only with one of them, and a change of tokens makes no batch a new one', async (t) => {
  const app = await openApp(t, { ingestTokens: ['old', 'new'] });
  assert.equal((await post(app, three)).status, 401);
  assert.equal((await post(app, three, '/ingest/shop', { authorization: 'Bearer wrong' })).status, 401);
  assert.equal((await post(app, three, '/ingest/shop', { authorization: 'Bearer old' })).body.duplicate, false);
  assert.equal((await post(app, three, '/ingest/shop', { authorization: 'Bearer new' })).body.duplicate, true);
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
