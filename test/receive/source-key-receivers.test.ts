// One stream, many services: the key that names a record's source, over every receiver whose records have keys of their own.
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';
import type { Sources } from '#shared/api.ts';
import { combined, NOON, openApp } from '../support/app.ts';
import { ndjson, post, request, totals } from './records.ts';

test('Loki: a label, or a key of the line, JSON and the old form', async (t) => {
  const app = await openApp(t);
  const values = (line: string, ...more: object[]) => [[`${NOON}000000`, line, ...more]];
  const push = (streams: object[], key: string) => post(app, `/loki/api/v1/push?sourceKey=${key}`, { streams });
  await push(
    [
      { stream: { job: 'all', k8s_pod: 'by-label' }, values: values(combined(NOON, 200)) },
      { stream: { job: 'all' }, values: values(JSON.stringify(request(201, { k8s: { pod: 'by-line' } }))) },
      { stream: { job: 'all' }, values: values(combined(NOON, 202), { 'k8s.pod': 'by-metadata' }) },
      { stream: { job: 'all' }, values: values(combined(NOON, 203)) },
      { labels: '{job="all",k8s_pod="by-text"}', entries: [{ ts: '2026-03-01T12:00:00Z', line: combined(NOON, 204) }] },
    ],
    'k8s.pod',
  );
  await push([{ stream: { job: 'all', constructor: 'c' }, values: values(combined(NOON, 205)) }], 'constructor');
  await push(
    [{ stream: JSON.parse('{"job":"proto","__proto__":"p"}') as object, values: values(combined(NOON, 206)) }],
    '__proto__',
  );
  assert.deepEqual(await totals(app), {
    'by-label': { 200: 1 },
    'by-line': { 201: 1 },
    'by-metadata': { 202: 1 },
    all: { 203: 1 },
    'by-text': { 204: 1 },
    c: { 205: 1 },
    proto: { 206: 1 },
  });
});

const attribute = (key: string, value: string | number | object): object => ({
  key,
  value: typeof value === 'object' ? value : typeof value === 'number' ? { intValue: value } : { stringValue: value },
});
const http = (code: number): object[] => [
  attribute('http.request.method', 'GET'),
  attribute('url.path', '/a'),
  attribute('http.response.status_code', code),
];

test('OTLP: an attribute of the record, of the resource, of a span, a key of the body; metrics by their resource', async (t) => {
  const app = await openApp(t);
  const timeUnixNano = `${NOON}000000`;
  const resource = { attributes: [attribute('service.name', 'gateway'), attribute('k8s.pod', 'by-resource')] };
  const plain = { attributes: [attribute('service.name', 'gateway')] };
  await post(app, '/v1/logs?sourceKey=k8s.pod', {
    resourceLogs: [
      { resource, scopeLogs: [{ logRecords: [{ timeUnixNano, attributes: http(200) }] }] },
      {
        resource: plain,
        scopeLogs: [
          {
            logRecords: [
              { timeUnixNano, attributes: [...http(201), attribute('k8s.pod', 'by-attribute')] },
              {
                timeUnixNano,
                attributes: [...http(202), attribute('k8s', { kvlistValue: { values: [attribute('pod', 'nested')] } })],
              },
              { timeUnixNano, body: { stringValue: JSON.stringify(request(203, { k8s: { pod: 'by-body' } })) } },
              { timeUnixNano, attributes: http(204) },
            ],
          },
        ],
      },
    ],
  });
  const span = (attributes: object[]): object => ({
    kind: 2,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: timeUnixNano,
    attributes,
  });
  await post(app, '/v1/traces?sourceKey=k8s.pod', {
    resourceSpans: [
      { resource, scopeSpans: [{ spans: [span(http(205)), span([...http(206), attribute('k8s.pod', 'by-span')])] }] },
    ],
  });
  await post(app, '/v1/metrics?sourceKey=k8s.node', {
    resourceMetrics: [
      {
        resource: { attributes: [attribute('service.name', 'gateway'), attribute('k8s.node', 'by-metrics')] },
        scopeMetrics: [
          {
            metrics: [
              {
                name: 'http.server.requests',
                sum: {
                  isMonotonic: true,
                  aggregationTemporality: 1,
                  dataPoints: [
                    {
                      startTimeUnixNano: `${NOON - 10_000}000000`,
                      timeUnixNano,
                      asInt: '3',
                      attributes: [attribute('http.response.status_code', 207)],
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
  assert.deepEqual(await totals(app), {
    'by-resource': { 200: 1, 205: 1 },
    'by-attribute': { 201: 1 },
    nested: { 202: 1 },
    'by-body': { 203: 1 },
    gateway: { 204: 1 },
    'by-span': { 206: 1 },
    'by-metrics': { 207: 3 },
  });
  const { sources } = (await app.app.inject('/api/sources')).json<Sources>();
  assert.match(sources.find(({ name }) => name === 'by-metrics')!.answers[0].note, /3 accepted/);
});

test('_bulk, Splunk, Datadog and Firehose', async (t) => {
  const app = await openApp(t);
  await post(
    app,
    '/_bulk?sourceKey=kubernetes.container.name',
    `${ndjson(
      { create: { _index: 'filebeat-8.13.0' } },
      request(200, { kubernetes: { container: { name: 'bulk' } } }),
      { create: { _index: 'filebeat-8.13.0' } },
      request(404),
    )}\n`,
  );
  await post(
    app,
    '/services/collector?sourceKey=svc',
    [
      { event: request(200, { svc: 'splunk-event' }), source: 'all', time: NOON / 1000 },
      { event: combined(NOON, 201), source: 'all', svc: 'splunk-envelope' },
      { event: combined(NOON, 202), source: 'all', fields: { svc: 'splunk-fields' } },
      { event: combined(NOON, 203), source: 'all' },
      JSON.parse('{"event":"x","__proto__":{"svc":"evil"}}') as object,
    ]
      .map((event) => JSON.stringify(event))
      .join(''),
  );
  await post(app, '/services/collector/raw?sourceKey=svc', ndjson(request(200, { svc: 'splunk-raw' })));
  await post(app, '/api/v2/logs?sourceKey=hostname&service=dd', [
    { message: combined(NOON, 200), service: 'shop', hostname: 'web1' },
    { message: combined(NOON, 201), service: 'shop' },
  ]);
  const data = (body: string | Buffer) => ({ data: Buffer.from(body as string).toString('base64') });
  await post(app, '/firehose/fleet?sourceKey=container_name', {
    requestId: 'r1',
    timestamp: NOON,
    records: [
      data(ndjson(request(200, { container_name: 'firehose' }), request(201))),
      data(
        gzipSync(
          JSON.stringify({
            messageType: 'DATA_MESSAGE',
            logGroup: '/ecs/group',
            logStream: 'a',
            logEvents: [
              { id: '1', timestamp: NOON, message: combined(NOON, 202) },
              { id: '2', timestamp: NOON, message: JSON.stringify(request(203, { container_name: 'event' })) },
            ],
          }),
        ),
      ),
    ],
  });
  assert.deepEqual(await totals(app), {
    bulk: { 200: 1 },
    filebeat: { 404: 1 },
    'splunk-event': { 200: 1 },
    'splunk-envelope': { 201: 1 },
    'splunk-fields': { 202: 1 },
    all: { 203: 1 },
    'splunk-raw': { 200: 1 },
    web1: { 200: 1 },
    dd: { 201: 1 },
    firehose: { 200: 1 },
    fleet: { 201: 1 },
    group: { 202: 1 },
    event: { 203: 1 },
  });
});
