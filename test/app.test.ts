import { test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiError, Sources } from '#shared/api.ts';
import { openApp, type TestApp } from './support/app.ts';
import { temporaryFolder } from './support/server.ts';

const codeOf = (body: string): string => (JSON.parse(body) as ApiError).error.code;

function builtPage(t: { after(work: () => unknown): void }): string {
  const folder = join(temporaryFolder(t), 'dist');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Fivealarm</title>');
  writeFileSync(join(folder, 'assets', 'app-1a2b.js'), 'export {};');
  writeFileSync(join(folder, '..', 'secret.txt'), 'not for you');
  return folder;
}

test('the page comes with a strict policy and is looked up anew, its hashed files are kept', async (t) => {
  const { app } = await openApp(t, {}, builtPage(t));
  const page = await app.inject('/');
  assert.equal(page.statusCode, 200);
  assert.equal(
    page.headers['content-security-policy'],
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  assert.deepEqual([page.headers['x-content-type-options'], page.headers['cache-control']], ['nosniff', 'no-cache']);
  assert.match(String((await app.inject('/assets/app-1a2b.js')).headers['cache-control']), /immutable/);
});

test('page routes are answered with the page, unknown files and API paths are not', async (t) => {
  const { app } = await openApp(t, {}, builtPage(t));
  for (const url of ['/incidents/7', '/setup', '/codes/502?from=now-1h']) {
    const page = await app.inject({ url, headers: { accept: 'text/html,*/*;q=0.8' } });
    assert.deepEqual(
      [page.statusCode, page.body.includes('Fivealarm'), page.headers['x-frame-options']],
      [200, true, 'DENY'],
      url,
    );
  }
  for (const url of ['/assets/gone.js', '/api/nothing', '/favicon.ico'])
    assert.equal((await app.inject(url)).statusCode, 404, url);
});

test("nothing outside of the page's folder is served", async (t) => {
  const { app } = await openApp(t, {}, builtPage(t));
  for (const url of [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/%00',
    '//etc/passwd',
    '/....//secret.txt',
  ]) {
    const response = await app.inject({ url, headers: { accept: 'text/plain' } });
    assert.ok(response.statusCode >= 400, `${url} ${response.statusCode}`);
    assert.ok(!response.body.includes('not for you'), url);
  }
});

test('a page that was not built says so, and the API works without it', async (t) => {
  const { app } = await openApp(t);
  const page = await app.inject({ url: '/', headers: { accept: '*/*' } });
  assert.deepEqual([page.statusCode, codeOf(page.body)], [503, 'noPage']);
  const seen = await app.inject({ url: '/', headers: { accept: 'text/html,*/*;q=0.8' } });
  assert.deepEqual([seen.statusCode, seen.headers['content-type']], [503, 'text/html; charset=utf-8']);
  assert.match(seen.body, /npm run build/);
  assert.equal((await app.inject('/healthz')).statusCode, 200);
});

test('a rebound name is answered neither by the page nor by the API', async (t) => {
  const { app } = await openApp(t, { hosts: ['status.example.com'] }, builtPage(t));
  for (const url of ['/', '/api/totals', '/metrics', '/nowhere']) {
    const response = await app.inject({ url, headers: { host: 'evil.example:5500' } });
    assert.deepEqual([response.statusCode, codeOf(response.body)], [403, 'wrongHost'], url);
  }
  assert.equal((await app.inject({ url: '/', headers: { host: 'status.example.com' } })).statusCode, 200);
});

test('writes take JSON from this origin only', async (t) => {
  const { app } = await openApp(t);
  const post = (headers: Record<string, string>, payload = '{"text":"v2"}') =>
    app.inject({ method: 'POST', url: '/api/annotations', payload, headers: { host: 'localhost:5500', ...headers } });
  assert.equal((await post({ 'content-type': 'application/json' })).statusCode, 201);
  assert.equal(
    (
      await post({
        'content-type': 'application/json',
        origin: 'http://localhost:5500',
        'sec-fetch-site': 'same-origin',
      })
    ).statusCode,
    201,
  );
  for (const origin of ['http://evil.example', 'http://localhost:3000', 'null']) {
    const response = await post({ 'content-type': 'application/json', origin });
    assert.deepEqual([response.statusCode, codeOf(response.body)], [403, 'wrongOrigin'], origin);
  }
  assert.equal((await post({ 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' })).statusCode, 403);
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json-seq',
  ]) {
    const response = await post({ 'content-type': type });
    assert.deepEqual([response.statusCode, codeOf(response.body)], [415, 'notJson'], type);
  }
  assert.equal(codeOf((await post({ 'content-type': 'application/json' }, '{"text":')).body), 'badRequest');
  assert.equal(
    codeOf((await post({ 'content-type': 'application/json' }, '{"text":"x","colour":"red"}')).body),
    'badRequest',
  );
  assert.equal(
    codeOf((await post({ 'content-type': 'application/json' }, '{"__proto__":{"a":1},"text":"x"}')).body),
    'badRequest',
  );
});

test('senders at paths that are not served are remembered with what they look like', async (t) => {
  const { app } = await openApp(t);
  const at = async (method: 'GET' | 'POST', url: string) =>
    (
      await app.inject({
        method,
        url,
        payload: method === 'POST' ? 'x' : undefined,
        headers: { 'user-agent': 'agent/1' },
      })
    ).statusCode;
  for (const url of [
    '/api/v1/write',
    '/insert/jsonline?x=1',
    '/api/v2/spans',
    '/ingest/a/b',
    '/loki/api/v1/pushh',
    '/prefix/v1/logs',
  ])
    assert.equal(await at('POST', url), 404, url);
  assert.equal(await at('POST', '/api/v1/write'), 404);
  assert.equal(await at('GET', '/no/such/page.png'), 404);
  const { strangers } = (await app.inject('/api/sources')).json() as Sources;
  assert.deepEqual(
    strangers.map(({ path, count }) => [path, count]),
    [
      ['/api/v1/write', 2],
      ['/prefix/v1/logs', 1],
      ['/loki/api/v1/pushh', 1],
      ['/ingest/a/b', 1],
      ['/api/v2/spans', 1],
      ['/insert/jsonline', 1],
    ],
  );
  assert.match(strangers[0].hint, /remote write/);
  assert.ok(strangers.every(({ hint, userAgent }) => hint.length > 20 && userAgent === 'agent/1'));
});

test('a sender at a path that is not served is remembered whatever its Host, type, encoding and size, and gets no page', async (t) => {
  const { app } = await openApp(t);
  const cases = [
    {
      method: 'POST',
      url: '/api/v1/x/ingest',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      payload: Buffer.from([0x1f, 0x8b, 8]),
    },
    {
      method: 'POST',
      url: '/logs/ingest',
      headers: { 'content-type': 'application/json', host: 'monitoring.example' },
      payload: '[]',
    },
    {
      method: 'POST',
      url: '/log/v1',
      headers: { 'content-type': 'application/json' },
      payload: `["${'x'.repeat(200_000)}"]`,
    },
    {
      method: 'GET',
      url: '/filebeat-9.1.0',
      headers: { 'user-agent': 'Elastic-filebeat/9.1.0 (linux; amd64)', accept: '*/*' },
    },
    { method: 'GET', url: '/_features', headers: { accept: '*/*' } },
  ] as const;
  for (const request of cases) assert.equal((await app.inject(request)).statusCode, 404, request.url);
  const { strangers } = (await app.inject('/api/sources')).json() as Sources;
  assert.deepEqual(strangers.map(({ path }) => path).sort(), cases.map(({ url }) => url).sort());
  assert.match(strangers.find(({ path }) => path === '/filebeat-9.1.0')!.hint, /log shipper/);
});

test('a sender that is refused is remembered with the reason', async (t) => {
  const { app } = await openApp(t, { ingestTokens: ['right'] });
  for (const url of ['/loki/api/v1/push', '/v1/logs', '/firehose/cdn', '/ingest/shop'])
    assert.equal(
      (await app.inject({ method: 'POST', url, payload: 'x', headers: { authorization: 'Bearer wrong' } })).statusCode,
      401,
      url,
    );
  assert.equal(
    (
      await app.inject({
        method: 'POST',
        url: '/loki/api/v1/push?a=b',
        payload: '{',
        headers: { authorization: 'Bearer right', 'content-type': 'application/json' },
      })
    ).statusCode,
    422,
  );
  const { strangers } = (await app.inject('/api/sources')).json() as Sources;
  assert.deepEqual(
    strangers.map(({ path }) => path),
    ['/loki/api/v1/push', '/ingest/shop', '/firehose/cdn', '/v1/logs'],
  );
  assert.match(strangers[0].hint, /422.*not JSON/);
  assert.match(strangers[1].hint, /401.*Bearer TOKEN/);
});

test('limits and timeouts are set', async (t) => {
  const { server } = (await openApp(t)).app;
  assert.equal(server.headersTimeout, 10_000);
  assert.equal(server.requestTimeout, 120_000);
  assert.equal(server.timeout, 120_000);
  assert.equal(server.keepAliveTimeout, 75_000);
  assert.ok(server.maxConnections > 0);
});

test('every route that reads refuses parameters that it does not know', async (t) => {
  const { app } = await openApp(t);
  const paths = await routesOf({ app } as TestApp);
  for (const { method, path, parameters } of paths) {
    if (method !== 'get' || parameters.length === 0) continue;
    const url = `${path.replace(/\{\w+\}/g, '502')}?fromm=1${parameters.includes('dimension') ? '&dimension=route' : ''}`;
    const response = await app.inject(url);
    assert.deepEqual([response.statusCode, codeOf(response.body)], [400, 'badRequest'], url);
    assert.match(response.body, /fromm/);
  }
});

interface Operation {
  operationId: string;
  summary?: string;
  parameters?: { name: string; in: string }[];
  responses: Record<string, unknown>;
}

async function routesOf({
  app,
}: Pick<TestApp, 'app'>): Promise<{ method: string; path: string; operation: Operation; parameters: string[] }[]> {
  const { paths } = (await app.inject('/api/openapi.json')).json() as {
    paths: Record<string, Record<string, Operation>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method,
      path,
      operation,
      parameters: (operation.parameters ?? []).filter(({ in: where }) => where === 'query').map(({ name }) => name),
    })),
  );
}

test('openapi.json describes every route of the API, each once and in words', async (t) => {
  const { app } = await openApp(t);
  const document = (await app.inject('/api/openapi.json')).json() as { openapi: string; info: { version: string } };
  assert.deepEqual([document.openapi, document.info.version], ['3.1.0', '0.0.0-test']);
  const routes = await routesOf({ app } as TestApp);
  const named = routes.map(({ method, path }) => `${method} ${path}`);
  for (const route of [
    'get /api/totals',
    'get /api/series',
    'get /api/breakdown',
    'get /api/crossings',
    'get /api/codes',
    'get /api/sources',
    'put /api/sources/{name}/format',
    'post /api/annotations',
    'post /api/parse',
    'get /healthz',
    'get /readyz',
    'get /metrics',
  ]) {
    assert.ok(named.includes(route), route);
  }
  assert.equal(new Set(routes.map(({ operation }) => operation.operationId)).size, routes.length);
  for (const { path, operation } of routes) {
    assert.ok(operation.summary, path);
    assert.ok(
      Object.keys(operation.responses).some((status) => status.startsWith('2')),
      path,
    );
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(
      (operation.parameters ?? []).filter(({ in: where }) => where === 'path').map(({ name }) => name),
      inPath,
      path,
    );
  }
});
