// Records of another stage about a request that the access log holds, too: a firewall's, a health probe's. Over every receiver they count
// only for a source that is told to count them, and the reason says what they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sources } from '#shared/api.ts';
import { NOON, openApp, type TestApp } from '../support/app.ts';
import { ndjson, post, totals } from './records.ts';

const FIREWALL = {
  Action: 'block',
  ClientIP: '203.0.113.7',
  ClientRequestHost: 'shop.example',
  ClientRequestMethod: 'GET',
  ClientRequestPath: '/login',
  ClientRequestProtocol: 'HTTP/2',
  Datetime: new Date(NOON).toISOString(),
  EdgeResponseStatus: 403,
  MatchIndex: 0,
  OriginatorRayID: '00',
  RayID: '7d3c',
  Source: 'firewallmanaged',
};
const WAF = {
  timestamp: NOON,
  formatVersion: 1,
  webaclId: 'arn:aws:wafv2:eu-west-1:1:regional/webacl/a/b',
  terminatingRuleId: 'rule',
  action: 'BLOCK',
  responseCodeSent: 429,
  httpRequest: { clientIp: '203.0.113.7', uri: '/login', httpMethod: 'POST', httpVersion: 'HTTP/2.0' },
};
const PROBE = {
  time: new Date(NOON).toISOString(),
  category: 'FrontDoorHealthProbeLog',
  properties: {
    healthProbeId: '9642AEA07BA64675A0A7AD214ACF746E',
    POP: 'MAA',
    httpVerb: 'HEAD',
    result: 'OriginError',
    httpStatusCode: '400',
    probeURL: 'http://shop.example:80/',
    originName: 'shop.example',
  },
};
const RECORDS = [FIREWALL, WAF, PROBE];

const attributes = (record: object): object[] =>
  Object.entries(record).map(([key, value]: [string, unknown]) => ({
    key,
    value:
      typeof value === 'object'
        ? { kvlistValue: { values: attributes(value as object) } }
        : typeof value === 'number'
          ? { intValue: value }
          : { stringValue: value },
  }));

/** Sends the records to one source of that name. */
const RECEIVERS: Record<string, (app: TestApp, source: string) => Promise<unknown>> = {
  ingest: (app, source) => post(app, `/ingest/${source}`, ndjson(...RECORDS)),
  loki: (app, source) =>
    post(app, '/loki/api/v1/push', {
      streams: [
        { stream: { app: source }, values: RECORDS.map((record) => [`${NOON}000000`, JSON.stringify(record)]) },
      ],
    }),
  bulk: (app, source) =>
    post(app, `/${source}/_bulk`, `${ndjson(...RECORDS.flatMap((record) => [{ create: {} }, record]))}\n`),
  splunk: (app, source) =>
    post(app, '/services/collector', RECORDS.map((event) => JSON.stringify({ event, source })).join('')),
  datadog: (app, source) =>
    post(
      app,
      `/api/v2/logs?service=${source}`,
      RECORDS.map((record) => ({ message: JSON.stringify(record) })),
    ),
  firehose: (app, source) =>
    post(app, `/firehose/${source}`, {
      requestId: source,
      timestamp: NOON,
      records: RECORDS.map((record) => ({ data: Buffer.from(JSON.stringify(record)).toString('base64') })),
    }),
  'otlp bodies': (app, source) =>
    otlp(
      app,
      source,
      RECORDS.map((record) => ({ body: { stringValue: JSON.stringify(record) } })),
    ),
  'otlp maps': (app, source) =>
    otlp(
      app,
      source,
      RECORDS.map((record) => ({ body: { kvlistValue: { values: attributes(record) } } })),
    ),
  'otlp attributes': (app, source) =>
    otlp(
      app,
      source,
      RECORDS.map((record) => ({ attributes: attributes(record) })),
    ),
};

const otlp = (app: TestApp, source: string, records: object[]): Promise<unknown> =>
  post(app, '/v1/logs', {
    resourceLogs: [
      {
        resource: { attributes: attributes({ 'service.name': source }) },
        scopeLogs: [{ logRecords: records.map((record) => ({ timeUnixNano: `${NOON}000000`, ...record })) }],
      },
    ],
  });

for (const [name, send] of Object.entries(RECEIVERS)) {
  test(`${name}: a firewall's events and probes count where they are told to, and the reason says what they are`, async (t) => {
    const app = await openApp(t, { sources: { told: { format: 'other-stages' } } });
    await send(app, 'edge');
    await send(app, 'told');
    assert.deepEqual(await totals(app), { told: { 400: 1, 403: 1, 429: 1 } });
    const { sources } = (await app.app.inject('/api/sources')).json<Sources>();
    const reasons = sources.find((source) => source.name === 'edge')!.reasons;
    assert.deepEqual(
      reasons.map(({ kind, count }) => [kind, count]),
      [
        ['skipped', 2],
        ['skipped', 1],
      ],
    );
    assert.match(reasons[0].reason, /firewall event.*counted only where the format is other-stages/);
    assert.match(reasons[1].reason, /health probe.*counted only where the format is other-stages/);
  });
}
