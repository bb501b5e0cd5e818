// The receiver checklist of OTLP/HTTP, point by point, against the whole server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { startServer, suiteLife, temporaryFolder, totals, type Running } from '../support/server.ts';

const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url));
const TYPES = { json: 'application/json', pb: 'application/x-protobuf' };

suite('OTLP over HTTP', () => {
  let server: Running;
  const life = suiteLife();
  before(async () => {
    server = await startServer(life, { dataDir: temporaryFolder(life), args: ['--max-body-mib', '64'] });
  });

  const post = (path: string, body: Buffer | string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      body: new Uint8Array(Buffer.from(body)),
      headers: { 'content-type': TYPES.json, ...headers },
    });
  const postJson = (path: string, body: unknown): Promise<Response> => post(path, JSON.stringify(body));

  test('an empty request succeeds, in either encoding, with and without a body', async () => {
    for (const path of ['/v1/logs', '/v1/metrics', '/v1/traces']) {
      for (const [body, type, wanted] of [
        ['{}', TYPES.json, '{}'],
        ['', TYPES.json, '{}'],
        ['', TYPES.pb, ''],
      ] as const) {
        const response = await post(path, body, { 'content-type': type });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get('content-type'), type);
        assert.equal(await response.text(), wanted);
      }
    }
  });

  test('full success answers {} as exactly application/json, whatever parameters the request type had', async () => {
    const response = await post('/v1/logs', JSON.stringify(logs('plain', [record(200)])), {
      'content-type': 'application/json; charset=utf-8',
    });
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.equal(await response.text(), '{}');
    assert.deepEqual(await totals(server.url, 'plain'), { 200: 1 });
  });

  test("the JSON and protobuf forms of the specification's examples are answered alike", async () => {
    const cases = [
      ['logs', 'proto_logs'],
      ['logs', 'proto_events'],
      ['metrics', 'proto_metrics'],
      ['metrics', 'contrib_couchdb_metrics'],
      ['metrics', 'contrib_httpcheck_metrics_golden'],
      ['traces', 'proto_trace'],
    ];
    for (const [signal, name] of cases) {
      const json = await post(`/v1/${signal}`, fixture(`${name}.json`));
      const protobuf = await post(`/v1/${signal}`, fixture(`${name}.pb`), { 'content-type': TYPES.pb });
      assert.deepEqual([json.status, protobuf.status], [200, 200], name);
      assert.equal(protobuf.headers.get('content-type'), TYPES.pb);
    }
  });

  test('httpcheck.status, whose points are 0 or 1 for each class, counts nothing', async () => {
    const before = await totals(server.url);
    assert.equal((await post('/v1/metrics', fixture('contrib_httpcheck_metrics_golden.json'))).status, 200);
    assert.deepEqual(await totals(server.url), before);
  });

  test('gzip is taken, and what is neither JSON nor protobuf is 400 with a google.rpc.Status', async () => {
    const zipped = await post('/v1/logs', gzipSync(JSON.stringify(logs('zipped', [record(503)]))), {
      'content-encoding': 'gzip',
    });
    assert.equal(zipped.status, 200);
    assert.deepEqual(await totals(server.url, 'zipped'), { 503: 1 });
    for (const [body, headers] of [
      ['{"resourceLogs":', {}],
      ['no gzip', { 'content-encoding': 'gzip' }],
      ['[]', {}],
    ] as const) {
      const response = await post('/v1/logs', body, headers);
      assert.equal(response.status, 400);
      assert.equal(response.headers.get('content-type'), TYPES.json);
      const status = (await response.json()) as { code: number; message: string };
      assert.equal(status.code, 3);
      assert.ok(status.message.length > 0);
    }
    const protobuf = await post('/v1/traces', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f]), {
      'content-type': TYPES.pb,
    });
    assert.equal(protobuf.status, 400);
    assert.equal(protobuf.headers.get('content-type'), TYPES.pb);
    assert.equal(Buffer.from(await protobuf.arrayBuffer())[0], 0x08); // Status.code
  });

  test('a body past 64 MiB decoded is 413, however small it was on the wire', async () => {
    const response = await post('/v1/logs', gzipSync(Buffer.alloc(65 * 1024 * 1024, ' ')), {
      'content-encoding': 'gzip',
    });
    assert.equal(response.status, 413);
    assert.equal(((await response.json()) as { code: number }).code, 3);
  });

  test('records without a status are told of as a warning, none rejected', async () => {
    const response = await postJson(
      '/v1/logs',
      logs('chatty', [record(500), { timeUnixNano: nanos(0), body: { stringValue: 'cache warmed' } }]),
    );
    assert.equal(response.status, 200);
    const { partialSuccess } = (await response.json()) as {
      partialSuccess: { rejectedLogRecords: string; errorMessage: string };
    };
    assert.equal(Number(partialSuccess.rejectedLogRecords), 0);
    assert.match(partialSuccess.errorMessage, /1 log records carry no status code/);
    assert.deepEqual(await totals(server.url, 'chatty'), { 500: 1 });
  });

  test('both spellings of the conventions, numbers as strings, and access lines as bodies are counted', async () => {
    await postJson(
      '/v1/logs',
      logs('spellings', [
        record(502),
        {
          timeUnixNano: nanos(1),
          attributes: [
            attribute('http.status_code', { intValue: '503' }),
            attribute('http.method', { stringValue: 'GET' }),
            attribute('http.target', { stringValue: '/x' }),
          ],
        },
        { timeUnixNano: nanos(2), attributes: [attribute('http.response.status_code', { stringValue: '504' })] },
        {
          timeUnixNano: nanos(3),
          body: { stringValue: `203.0.113.7 - - [${clf()}] "GET / HTTP/1.1" 499 0 "-" "curl"` },
        },
      ]),
    );
    assert.deepEqual(await totals(server.url, 'spellings'), { 499: 1, 502: 1, 503: 1, 504: 1 });
  });

  test('a request that is sent again counts once', async () => {
    const body = JSON.stringify(logs('again', [record(500), record(200)]));
    for (let i = 0; i < 3; i++) assert.equal((await post('/v1/logs', body)).status, 200);
    assert.deepEqual(await totals(server.url, 'again'), { 200: 1, 500: 1 });
  });

  test("malformed requests of other projects' suites are 400, their valid ones 200; nothing is 5xx", async () => {
    const cases = JSON.parse(fixture('fluentbit_logs_cases.json').toString()) as Record<
      string,
      { input: unknown; expected_error?: { code: string } }
    >;
    // Fluent Bit refuses these; the specification has no such rule, or they concern fields that are not read here.
    const lenient = /TRACE_ID|SPAN_ID|SCOPE_KVLIST|_MISSING/;
    for (const [name, { input, expected_error: error }] of Object.entries(cases)) {
      const { status } = await postJson('/v1/logs', input);
      assert.equal(status, error === undefined || lenient.test(error.code) ? 200 : 400, name);
    }
  });

  test('only SERVER spans are traffic; the threshold in tracestate says how many requests a span stands for', async () => {
    const span = (kind: number, code: number, traceState = '') => ({
      kind,
      traceState,
      startTimeUnixNano: nanos(0),
      endTimeUnixNano: nanos(20),
      attributes: [
        attribute('http.response.status_code', { intValue: code }),
        attribute('http.request.method', { stringValue: 'GET' }),
      ],
    });
    const response = await postJson('/v1/traces', {
      resourceSpans: [
        {
          resource: service('spans'),
          scopeSpans: [{ spans: [span(2, 200), span(2, 500, 'vendor=x,ot=rv:1;th:c'), span(3, 503), span(1, 504)] }],
        },
      ],
    });
    const { partialSuccess } = (await response.json()) as {
      partialSuccess: { rejectedSpans: string; errorMessage: string };
    };
    assert.equal(Number(partialSuccess.rejectedSpans), 0);
    assert.match(partialSuccess.errorMessage, /2 spans are not counted/);
    assert.deepEqual(await totals(server.url, 'spans'), { 200: 1, 500: 4 });
    const { sources } = (await (await fetch(`${server.url}/api/sources`)).json()) as {
      sources: { name: string; flags: string[] }[];
    };
    assert.ok(sources.find(({ name }) => name === 'spans')!.flags.includes('sampled'));
  });

  test('a histogram of either temporality counts by status; the old name beside the new is not counted twice', async () => {
    const response = await postJson('/v1/metrics', {
      resourceMetrics: [
        {
          resource: service('metered'),
          scopeMetrics: [
            {
              scope: { name: 'http' },
              metrics: [
                {
                  name: 'http.server.duration',
                  unit: 'ms',
                  histogram: {
                    aggregationTemporality: 1,
                    dataPoints: [point('http.status_code', 500, { count: '7' })],
                  },
                },
                {
                  name: 'http.server.request.duration',
                  unit: 's',
                  histogram: {
                    aggregationTemporality: 1,
                    dataPoints: [
                      point('http.response.status_code', 500, { count: '7' }),
                      point('http.response.status_code', 200, { count: '93' }),
                    ],
                  },
                },
                {
                  name: 'http.client.request.duration',
                  unit: 's',
                  histogram: {
                    aggregationTemporality: 1,
                    dataPoints: [point('http.response.status_code', 503, { count: '50' })],
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    assert.match(await response.text(), /http.server.duration is not counted/);
    assert.deepEqual(await totals(server.url, 'metered'), { 200: 93, 500: 7 });
  });

  test('cumulative counts survive our own kill -9 between two exports', async () => {
    const start = Date.now() - 300_000;
    const send = (count: number, at: number) =>
      postJson('/v1/metrics', {
        resourceMetrics: [
          {
            resource: service('cumulative'),
            scopeMetrics: [
              {
                metrics: [
                  {
                    name: 'http.server.requests',
                    sum: {
                      aggregationTemporality: 2,
                      isMonotonic: true,
                      dataPoints: [
                        {
                          ...point('http.response.status_code', 502, { asInt: String(count) }),
                          startTimeUnixNano: `${start}000000`,
                          timeUnixNano: `${at}000000`,
                        },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        ],
      });
    await send(10, start + 60_000);
    await server.kill();
    server = await startServer(life, { dataDir: server.dataDir });
    await send(25, start + 120_000);
    await send(25, start + 120_000);
    assert.deepEqual(await totals(server.url, 'cumulative'), { 502: 25 });
  });

  test('a status attribute that holds a class is reported, not guessed', async () => {
    const response = await postJson('/v1/metrics', {
      resourceMetrics: [
        {
          resource: service('classes'),
          scopeMetrics: [
            {
              metrics: [
                {
                  name: 'haproxy.requests.total',
                  sum: {
                    aggregationTemporality: 2,
                    isMonotonic: true,
                    dataPoints: [
                      {
                        ...point('status_code', 0, { asInt: '5' }),
                        attributes: [attribute('status_code', { stringValue: '5xx' })],
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    });
    assert.equal(response.status, 200);
    assert.match(await response.text(), /holds no code/);
    assert.deepEqual(await totals(server.url, 'classes'), {});
  });

  const nanos = (ms: number): string => `${BigInt(Date.now() + ms) * 1_000_000n}`;
  const attribute = (key: string, value: unknown) => ({ key, value });
  const service = (name: string) => ({ attributes: [attribute('service.name', { stringValue: name })] });
  const record = (code: number) => ({
    timeUnixNano: nanos(code % 7),
    attributes: [
      attribute('http.response.status_code', { intValue: String(code) }),
      attribute('http.request.method', { stringValue: 'GET' }),
    ],
  });
  const logs = (source: string, logRecords: unknown[]) => ({
    resourceLogs: [{ resource: service(source), scopeLogs: [{ logRecords }] }],
  });
  const point = (key: string, code: number, value: object) => ({
    startTimeUnixNano: nanos(-60_000),
    timeUnixNano: nanos(0),
    attributes: [attribute(key, { intValue: String(code) })],
    ...value,
  });
});

/** 10/Oct/2000:13:55:36 +0000 */
function clf(): string {
  const [, date, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date().toUTCString())!;
  return `${date}/${month}/${year}:${time} +0000`;
}
