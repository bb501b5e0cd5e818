// JSON by key names: one exchange reads the same however its keys are spelled, ordered or nested.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parsed } from '../parsed.ts';

const one = (line: string): Record<string, unknown> => parsed(line)[0];

const SPELLINGS: Record<string, readonly ((code: number, method: string, path: string) => Record<string, unknown>)[]> =
  {
    flat: [
      (code, method, path) => ({ status: code, request_method: method, uri: path }),
      (code, method, path) => ({ statusCode: String(code), method, path }),
      (code, method, path) => ({ 'http-status': code, verb: method, request: path }),
      (code, method, path) => ({ response_code: code, httpMethod: method, url: path }),
      (code, method, path) => ({ Status: code, request: `${method} ${path} HTTP/1.1` }),
      (code, method, path) => ({ 'http.response.status_code': code, 'http.request.method': method, 'url.path': path }),
      (code, method, path) => ({ 'http.status_code': code, 'http.method': method, 'http.target': path }),
      (code, method, path) => ({ sc_status: code, cs_method: method, cs_uri_stem: path }),
      (code, method, path) => ({ code, method, uri: path }),
    ],
    nested: [
      (code, method, path) => ({ request: { method, uri: path }, response: { status: code } }),
      (code, method, path) => ({ req: { method, url: path }, res: { statusCode: code } }),
      (code, method, path) => ({
        http: { request: { method }, response: { status_code: code } },
        url: { original: path },
      }),
      (code, method, path) => ({ nginx: { access: { method, url: path, response_code: String(code) } } }),
      (code, method, path) => ({ level: 'info', msg: 'request', data: { method, path, status: code } }),
      (code, method, path) => ({ httpRequest: { requestMethod: method, requestUrl: path, status: code } }),
      (code, method, path) => ({
        attributes: { 'http.request.method': method, 'http.response.status_code': code, 'url.path': path },
      }),
    ],
  };

const code = fc.integer({ min: 100, max: 599 });

const method = fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND', 'M-SEARCH');

const path = fc.oneof(
  fc.webPath().filter((text) => text.startsWith('/')),
  fc
    .string({ unit: 'grapheme' })
    .map((text) => `/${text}`)
    .filter((text) => !/[\s\p{C}\p{Z}]/u.test(text) && !text.includes('HTTP/')),
);

test('one exchange reads the same in every spelling, order and spacing (law)', () => {
  const spellings = [...SPELLINGS.flat, ...SPELLINGS.nested];
  fc.assert(
    fc.property(
      code,
      method,
      path,
      fc.constantFrom(...spellings),
      fc.array(
        fc.tuple(
          fc.constantFrom('zz', 'note', 'k8s', 'trace_id', 'list'),
          fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())),
        ),
      ),
      fc.constantFrom('', ' ', '\t'),
      fc.nat(),
      (wantCode, wantMethod, wantPath, spell, others, blank, turn) => {
        const entries = [
          ...Object.entries(spell(wantCode, wantMethod, wantPath)),
          ['time', '2026-01-02T15:04:05Z'],
          ...others,
        ];
        const k = turn % entries.length;
        const line = JSON.stringify(
          Object.fromEntries([...entries.slice(k), ...entries.slice(0, k)]),
          undefined,
          blank,
        ).replaceAll('\n', ' ');
        const hit = one(line);
        assert.deepEqual(
          { code: hit.code, method: hit.method, path: hit.path },
          { code: wantCode, method: wantMethod, path: Buffer.from(wantPath).toString() },
          line,
        );
      },
    ),
    { numRuns: 400 },
  );
});

test('the two halves of an exchange are read whatever they are called', () => {
  const at = { time: '2026-01-02T15:04:05Z' };
  for (const [asked, answered] of [
    ['request', 'response'],
    ['req', 'res'],
    ['httpRequest', 'httpResponse'],
    ['client-request', 'client-response'],
    ['rack', 'rack'],
  ]) {
    const line = JSON.stringify({
      ...at,
      [asked]: { request_method: 'GET', path: '/x', remoteIp: '192.0.2.7' },
      [answered]: {
        ...(asked === answered ? { request_method: 'GET', path: '/x', remoteIp: '192.0.2.7' } : {}),
        status: 502,
      },
    });
    assert.deepEqual(
      one(line),
      { ts: Date.UTC(2026, 0, 2, 15, 4, 5), code: 502, method: 'GET', path: '/x', client: '192.0.2.7' },
      line,
    );
  }
  assert.equal(
    one('{"ts":"2026-01-02T15:04:05Z","msg":"served","http_info":{"method":"GET","url":"/x","status_code":404}}').code,
    404,
  );
  // another program's own name for the object is no obstacle
  assert.deepEqual(
    one(
      '{"Timestamp":"2026-01-02T15:04:05Z","Properties":{"RequestMethod":"POST","RequestPath":"/x","StatusCode":500,"Elapsed":12.5}}',
    ).code,
    500,
  );
  assert.deepEqual(
    one('{"method":"GET","path":"/x","response_code":200,"timestamp":"2026-01-02T15:04:05Z","api_id":"x"}').code,
    200,
  );
  // as Ceph's gateway has it
  assert.deepEqual(
    one('{"time":"2026-01-02T15:04:05Z","remote_addr":"192.0.2.7","uri":"GET /b/o HTTP/1.1","http_status":"200"}').path,
    '/b/o',
  );
});

test('a method that nobody knows is read where it is written as one: scanners make them up, and are answered', () => {
  const refused = (method: string): unknown =>
    one(JSON.stringify({ time: '2026-01-02T15:04:05Z', ip: '192.0.2.7', method, path: '/', status: 405 })).code;
  for (const method of ['ABCD', 'FOO_BAR', 'get', 'Post']) assert.equal(refused(method), 405, method);
  for (const method of ['getUser', 'publickey', 'RETR']) assert.equal(refused(method), undefined, method);
});

test('what has the level of a log line is the record of one, be there nothing else but a request and its status', () => {
  for (const key of ['level', 'severity', 'lvl', 'levelname', 'log.level', '@l']) {
    assert.equal(
      one(
        JSON.stringify({ [key]: 'info', id: 7, method: 'GET', path: '/x', status: 502, message: 'request completed' }),
      ).code,
      502,
      key,
    );
  }
});

test('an envelope that Envoy streams is read with its own time, and a method that scanners make up is no obstacle', () => {
  assert.deepEqual(
    one(
      '{"common_properties":{"start_time":"2026-01-02T15:04:05Z","upstream_cluster":"web"},"protocol_version":"HTTP11","request":{"request_method":"GET","authority":"a.example","path":"/x"},"response":{"response_code":200}}',
    ),
    { ts: Date.UTC(2026, 0, 2, 15, 4, 5), code: 200, method: 'GET', path: '/x', host: 'a.example', upstream: 'web' },
  );
  assert.equal(
    one('{"time":"2026-01-02T15:04:05Z","method":"MGLNDD","path":"/x","status":400,"ip":"192.0.2.7","size":12}').code,
    400,
  );
});

test('a record of nothing but a request and a status counts where a time stands round it, or nothing else does beside it', () => {
  const bare = '{"id":7,"method":"GET","path":"/x","status":502}';
  assert.equal(one(bare).code, undefined);
  assert.equal(one(`2026-01-02T15:04:05.000000000Z stdout F ${bare}`).code, 502);
  assert.equal(one(JSON.stringify({ log: bare, time: '2026-01-02T15:04:05Z' })).code, 502);
  assert.equal(one(bare).code, undefined);
  assert.equal(one('{"method":"GET","path":"/x","status":502}').code, 502);
});

test('evidence keeps the dash: nothing happened is not the same as nothing known', () => {
  const hit = one(
    '{"request":"GET / HTTP/1.1","status":"502","upstream_addr":"10.0.0.1:80, 10.0.0.2:80","upstream_status":"502, 504","upstream_connect_time":"","request_time":"0.1"}',
  );
  assert.deepEqual(
    { upstream: hit.upstream, upstreamStatus: hit.upstreamStatus },
    { upstream: '10.0.0.2:80', upstreamStatus: [502, 504] },
  );
});

test("dots may stand for the underscores of nginx's variables", () => {
  const hit = one(
    '{"http.response.status_code":502,"http.request.method":"GET","url.path":"/","request.time":0.25,"upstream.addr":"10.0.0.1:80","upstream.status":"502","upstream.connect.time":"","upstream.header.time":"","upstream.response.time":"0.001"}',
  );
  assert.deepEqual(
    { durationMs: hit.durationMs, upstream: hit.upstream },
    { durationMs: 250, upstream: '10.0.0.1:80' },
  );
});

test('a record behind the words of a console logger is read', () => {
  const line =
    '2022/03/09 20:00:01.524\tERROR\thttp.log.access\thandled request\t{"request": {"remote_ip": "192.0.2.7", "proto": "HTTP/2.0", "method": "GET", "host": "a.example", "uri": "/a"}, "duration": 0.001, "size": 0, "status": 502, "resp_headers": {}}';
  assert.deepEqual(
    { ts: one(line).ts, code: one(line).code, path: one(line).path },
    { ts: Date.UTC(2022, 2, 9, 20, 0, 1, 524), code: 502, path: '/a' },
  );
});
