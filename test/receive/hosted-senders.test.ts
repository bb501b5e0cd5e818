// Cloudflare, Heroku, Datadog and Fastly, and the health checks of shippers: paths and bodies of their own.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { combined, NOON, openApp } from '../support/app.ts';
import { post, totals } from './posting.ts';

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
  assert.deepEqual(await totals(app), { 'shop 200': 1, 'shop 502': 1 });
  assert.deepEqual((await app.app.inject('/api/v1/validate')).json(), { valid: true });
});

test('Fastly is told that it may post here', async (t) => {
  const app = await openApp(t, { ingestTokens: ['key'] });
  const { statusCode, body } = await app.app.inject('/.well-known/fastly/logging/challenge');
  assert.deepEqual([statusCode, body], [200, '*\n']);
});

test("Vector's and rsyslog's health checks are answered with exactly 200", async (t) => {
  const app = await openApp(t);
  for (const method of ['GET', 'HEAD'] as const)
    assert.equal((await app.app.inject({ method, url: '/ingest/shop' })).statusCode, 200);
});
