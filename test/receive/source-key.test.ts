// One stream, many services: a key of each record names its source; without one, records that name a service do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sources } from '#shared/api.ts';
import { encode } from '@msgpack/msgpack';
import { combined, NOON, openApp } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';
import { ndjson, post, request, totals } from './records.ts';

const pod = (name: string): object => ({ kubernetes: { container_name: name, labels: { app: 'x' } } });

test('a key of each record names its source: nested, dotted, as a number; records without it stay where they were sent', async (t) => {
  const app = await openApp(t);
  const { status, body } = await post(
    app,
    '/ingest/cluster?sourceKey=kubernetes.container_name',
    ndjson(
      request(200, pod('cart')),
      request(502, { 'kubernetes.container_name': 'cart' }),
      request(503, { kubernetes: { container_name: 7 } }),
      request(404, { kubernetes: { container_name: null } }),
      request(404, { kubernetes: { container_name: ['a'] } }),
      request(404, { kubernetes: 'container_name' }),
      request(404, { kubernetes: { container_name: '' } }),
      request(404, { kubernetes: { container_name: { container_name: 'x' } } }),
      { log: combined(NOON, 500), ...pod('shop') },
      { log: `${JSON.stringify(request(504, pod('inner')))}\n`, stream: 'stdout' },
      request(201, pod('\u202etrac')),
    ) + `\n${combined(NOON, 304)}`,
  );
  assert.deepEqual([status, body.accepted], [200, 12]);
  assert.deepEqual(await totals(app), {
    cart: { 200: 1, 502: 1 },
    7: { 503: 1 },
    cluster: { 404: 5, 304: 1 },
    shop: { 500: 1 },
    inner: { 504: 1 },
    trac: { 201: 1 },
  });
});

test('objects on one line, arrays, wrappers, logfmt, LTSV and MessagePack are asked for it, too', async (t) => {
  const app = await openApp(t);
  const url = '/ingest?sourceKey=svc';
  await post(app, url, [1, 2, 3].map((n) => JSON.stringify(request(200, { svc: `end-to-end-${n}` }))).join(', '));
  await post(app, url, JSON.stringify([request(200, { svc: 'array' }), request(201, { svc: 'array' })]));
  await post(app, url, JSON.stringify({ records: [request(200, { svc: 'wrapped' })] }));
  await post(
    app,
    url,
    'svc=logfmt method=GET path=/a status=200 duration=5ms\nts=2026-03-01T12:00:00Z svc="log fmt" method=GET path=/a status=200 duration=5ms',
  );
  await post(app, url, 'time:2026-03-01T12:00:00Z\tsvc:ltsv\tmethod:GET\turi:/a\tstatus:200\treqtime:0.1');
  await post(app, url, Buffer.from(encode([NOON / 1000, request(200, { svc: 'msgpack' })])), {
    'content-type': 'application/msgpack',
  });
  assert.deepEqual(await totals(app), {
    'end-to-end-1': { 200: 1 },
    'end-to-end-2': { 200: 1 },
    'end-to-end-3': { 200: 1 },
    array: { 200: 1, 201: 1 },
    wrapped: { 200: 1 },
    logfmt: { 200: 1 },
    'log fmt': { 200: 1 },
    ltsv: { 200: 1 },
    msgpack: { 200: 1 },
  });
});

test('what a client sends names no source', async (t) => {
  const app = await openApp(t);
  const lines = [
    combined(NOON, 200, '/?svc=evil'),
    combined(NOON, 200).replace('curl/8.5.0', 'x svc=evil'),
    'method=GET path="/a svc=evil" status=200 duration=5ms',
    JSON.stringify(request(200, { request_body: '{"svc":"evil"}', user_agent: '","svc":"evil' })),
  ];
  await post(app, '/ingest/web?sourceKey=svc', lines.join('\n'));
  assert.deepEqual(await totals(app), { web: { 200: 4 } });
});

test('the configuration says it for one source or for all, and "none" ends it', async (t) => {
  const app = await openApp(t, {
    sourceKey: 'team',
    sources: { cluster: { sourceKey: 'svc', format: '$status|$request_uri|$msec' }, plain: { sourceKey: 'none' } },
  });
  const record = request(200, { svc: 'cart', team: 'blue' });
  await post(app, '/ingest/cluster', ndjson({ log: `503|/x|${NOON / 1000}`, svc: 'cart' }));
  await post(app, '/ingest/else', ndjson(record));
  await post(app, '/ingest/plain', ndjson(record));
  await post(app, '/ingest/else?sourceKey=none', ndjson(record));
  await post(app, '/ingest/plain?sourceKey=svc', ndjson(record));
  assert.deepEqual(await totals(app), {
    cart: { 200: 1, 503: 1 },
    blue: { 200: 1 },
    plain: { 200: 1 },
    else: { 200: 1 },
  });
});

test('where nothing names a source, records name their service', async (t) => {
  const app = await openApp(t);
  await post(
    app,
    '/ingest',
    ndjson(
      request(200, { service: 'cart' }),
      request(201, { service: { name: 'cart' }, source: 'nginx' }),
      request(202, { 'service.name': 'cart' }),
      request(203, { container_name: '/shop-web-1', source: 'stdout' }),
      request(204, { source: 'shop' }),
      ...['10.0.0.7', '2001:db8::1', 'fe80::1', '/var/log/a.log', 'stderr', 'web1:8080', 'a b', 'https://x/y'].map(
        (source) => request(404, { source }),
      ),
      request(404, { service: '7c9e6679-7425-40de-944b-e07fc1f90ae7' }),
      request(404, { service: 'checkout-0123456789abcdef' }),
    ),
  );
  await post(app, '/api/v2/logs', [
    { message: combined(NOON, 200), service: 'pay', ddsource: 'nginx' },
    { message: combined(NOON, 201), ddsource: 'nginx' },
  ]);
  await post(app, '/ingest/named', ndjson(request(200, { service: 'cart' }), request(201, { service: 'pay' })));
  assert.deepEqual(await totals(app), {
    cart: { 200: 1, 201: 1, 202: 1 },
    'shop-web-1': { 203: 1 },
    shop: { 204: 1 },
    default: { 404: 10 },
    pay: { 200: 1 },
    datadog: { 201: 1 },
    named: { 200: 1, 201: 1 },
  });
});

test('a source that was counted before is not broken into pieces, and the list offers to; a new one goes on being parted', async (t) => {
  const dataDir = temporaryFolder(t);
  // As an earlier version would have left it: lines under `default`, which nobody asked for names.
  let app = await openApp(t, { dataDir });
  await post(app, '/ingest?sourceKey=none', combined(NOON, 200));
  await app.close();
  app = await openApp(t, { dataDir });
  const records = ndjson(request(200, { service: 'cart' }), request(200, { service: 'pay' }), request(200));
  await post(app, '/ingest', records);
  await post(app, '/api/v2/logs', records);
  assert.deepEqual(await totals(app), { default: { 200: 4 }, cart: { 200: 1 }, pay: { 200: 1 }, datadog: { 200: 1 } });
  const servicesOf = async (name: string) =>
    (await app.app.inject('/api/sources')).json<Sources>().sources.find((source) => source.name === name)!.services;
  assert.deepEqual(await servicesOf('default'), { key: 'service', names: ['cart', 'pay'] });
  assert.equal(await servicesOf('datadog'), null);
  await app.close();
  app = await openApp(t, { dataDir });
  await post(app, '/api/v2/logs', ndjson(request(201, { service: 'cart' }), request(201)));
  await post(app, '/ingest', ndjson(request(201, { service: 'cart' })));
  assert.deepEqual(await totals(app), {
    default: { 200: 4, 201: 1 },
    cart: { 200: 1, 201: 1 },
    pay: { 200: 1 },
    datadog: { 200: 1, 201: 1 },
  });
});

test('the same body again, with another key, is the same batch', async (t) => {
  const app = await openApp(t);
  const body = ndjson(request(200, { svc: 'a', team: 'b' }), request(502, { svc: 'a', team: 'b' }));
  assert.equal((await post(app, '/ingest/c?sourceKey=svc', body)).body.duplicate, false);
  for (const query of ['?sourceKey=svc', '?sourceKey=team', '']) {
    const { body: answer } = await post(app, `/ingest/c${query}`, body);
    assert.deepEqual([answer.duplicate, answer.accepted], [true, 2]);
  }
  assert.deepEqual(await totals(app), { a: { 200: 1, 502: 1 } });
});

test('any number of names: past the limit they are other, and every request is counted', async (t) => {
  const app = await openApp(t, { maxSources: 10 });
  const records = Array.from(
    { length: 100_000 },
    (_, i) => `{"time":${NOON},"method":"GET","path":"/","status":200,"ms":1,"svc":"s${i}"}`,
  );
  const { body } = await post(app, '/ingest/c?sourceKey=svc', records.join('\n'));
  assert.deepEqual([body.received, body.accepted], [100_000, 100_000]);
  assert.match(body.note!, /99,990 lines of "s10", .* and many more are counted under "other"/);
  assert.deepEqual((await totals(app)).other, { 200: 99_990 });
  assert.equal(Object.keys(await totals(app)).length, 11);
});

test('keys that are none of a record, and keys that cannot be', async (t) => {
  const app = await openApp(t);
  const body = ndjson(request(200, { svc: 'a' }));
  let sent = 0;
  for (const key of [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    '0',
    '.',
    '..',
    'svc.',
    '.svc',
    'a'.repeat(200),
    '%F0%9F%92%A5',
    '%22',
    '%5C',
  ])
    assert.equal((await post(app, `/ingest/c${sent++}?sourceKey=${key}`, body)).status, 200, key);
  assert.deepEqual(
    new Set(Object.values(await totals(app)).map((codes) => JSON.stringify(codes))),
    new Set(['{"200":1}']),
  );
  assert.equal(Object.keys(await totals(app)).length, sent);
  for (const url of ['/ingest/c', '/_bulk', '/services/collector', '/loki/api/v1/push', '/firehose', '/v1/logs'])
    for (const key of ['a'.repeat(201), 'a%00b', '%0a']) {
      const payload =
        { '/firehose': '{"requestId":"r","records":[]}', '/v1/logs': '{}', '/loki/api/v1/push': '{"streams":[]}' }[
          url
        ] ?? body;
      const { status, body: answer } = await post(app, `${url}?sourceKey=${key}`, payload, {
        'content-type': 'application/json',
      });
      assert.ok([400, 422].includes(status), `${url} ${key}: ${status}`);
      assert.match(JSON.stringify(answer), /This sourceKey cannot be used/);
    }
  await post(app, '/ingest/many?sourceKey=svc&sourceKey=x', body);
  assert.deepEqual((await totals(app)).a, { 200: 1 });
});
