// What is counted of the three signals of OTLP, each of which may tell of a request otherwise, or twice.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { totals } from '../support/server.ts';
import { attribute, clf, fixture, logs, nanos, otlpServer, point, record, service } from './otlp-requests.ts';

suite('what OTLP counts', () => {
  const server = otlpServer();
  const { post, postJson } = server;

  test('httpcheck.status, whose points are 0 or 1 for each class, counts nothing', async () => {
    const before = await totals(server.running.url);
    assert.equal((await post('/v1/metrics', fixture('contrib_httpcheck_metrics_golden.json'))).status, 200);
    assert.deepEqual(await totals(server.running.url), before);
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
    assert.deepEqual(await totals(server.running.url, 'spellings'), { 499: 1, 502: 1, 503: 1, 504: 1 });
  });

  test('a request that is sent again counts once', async () => {
    const body = JSON.stringify(logs('again', [record(500), record(200)]));
    for (let i = 0; i < 3; i++) assert.equal((await post('/v1/logs', body)).status, 200);
    assert.deepEqual(await totals(server.running.url, 'again'), { 200: 1, 500: 1 });
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
    assert.deepEqual(await totals(server.running.url, 'spans'), { 200: 1, 500: 4 });
    const { sources } = (await (await fetch(`${server.running.url}/api/sources`)).json()) as {
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
    assert.deepEqual(await totals(server.running.url, 'metered'), { 200: 93, 500: 7 });
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
    await server.restart();
    await send(25, start + 120_000);
    await send(25, start + 120_000);
    assert.deepEqual(await totals(server.running.url, 'cumulative'), { 502: 25 });
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
    assert.deepEqual(await totals(server.running.url, 'classes'), {});
  });
});
