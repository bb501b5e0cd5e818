// Products whose JSON is like no other's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Hit, PATH } from '../../../server/core/hit.ts';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { parsed } from '../parsed.ts';

const one = (line: string): Record<string, unknown> => parsed(line)[0];

const fixture = (name: string): string =>
  readFileSync(new URL(`../../fixtures/formats/${name}`, import.meta.url), 'utf8').trimEnd();

test("API Gateway's WebSocket records have neither method nor path", () => {
  const record = {
    requestId: 'x',
    ip: '192.0.2.7',
    caller: '-',
    user: '-',
    requestTime: '09/Apr/2021:12:34:56 +0000',
    eventType: 'CONNECT',
    routeKey: '$connect',
    status: '500',
    connectionId: 'y',
  };
  assert.deepEqual(
    [
      one(JSON.stringify(record)).code,
      one(JSON.stringify({ ...record, eventType: '-', routeKey: '-', connectionId: '-', status: '403' })).code,
    ],
    [500, 403],
  );
});

test("a firewall's record of a request counts only where people say so", () => {
  const record = {
    timestamp: 1767366245123,
    formatVersion: 1,
    terminatingRuleId: 'limit',
    action: 'BLOCK',
    httpSourceName: 'CF',
    rateBasedRuleList: [{ limitValue: '200' }],
    httpRequest: {
      clientIp: '192.0.2.7',
      country: 'US',
      headers: [{ name: 'Host', value: 'a.example' }],
      uri: '/x',
      args: 'a=b',
      httpVersion: 'HTTP/1.1',
      httpMethod: 'POST',
      requestId: '1',
    },
  };
  const line = JSON.stringify({ responseCodeSent: 403, ...record });
  assert.match(String(one(line).skipped), /firewall/);
  const reader = openLineReader('other-stages'),
    hit = new Hit();
  const bytes = Buffer.from(line);
  assert.equal(reader.read({ bytes, text: line }, 0, bytes.length, hit), undefined);
  assert.deepEqual([hit.code, hit.text(PATH)], [403, '/x']);
});

test("a health probe's record and a gateway's are named", () => {
  const probe = {
    healthProbeId: '1',
    httpStatusCode: '404',
    httpVerb: 'HEAD',
    POP: 'CYS',
    probeURL: 'http://a.example/',
  };
  assert.match(
    String(one(JSON.stringify({ category: 'FrontDoorHealthProbeLog', properties: probe })).skipped),
    /probe/,
  );
  const gateway = {
    AccountID: '1',
    DestinationIP: '192.0.2.1',
    HTTPStatusCode: 302,
    PolicyName: 'p',
    HTTPMethod: 'GET',
  };
  assert.match(String(one(JSON.stringify({ ...gateway, URL: 'https://a.example/' })).skipped), /gateway/);
});

test('Caddy writes start-up lines beside requests: only requests count', () => {
  const rows = parsed(fixture('caddy_lnav_caddy_0.log'));
  assert.equal(
    rows.filter((row) => row.code !== undefined).length,
    fixture('caddy_lnav_caddy_0.log').match(/"handled request"/g)!.length,
  );
});

test('status snapshots of NGINX Plus are no requests', () => {
  assert.deepEqual(
    new Set(parsed(fixture('json_examples_nginxplus_status_3.ndjson')).map((row) => row.code)),
    new Set([undefined]),
  );
});

test('Envoy in CRI: every line is a 404', () => {
  assert.deepEqual(new Set(parsed(fixture('envoy_crowdsec_crawl.log')).map((row) => row.code)), new Set([404]));
});

test('an HTTP exchange that an intrusion detection saw is one, though it calls the protocol TCP', () => {
  const line =
    '{"timestamp":"2026-01-02T15:04:05.000000+0000","event_type":"http","src_ip":"192.0.2.7","proto":"TCP","http":{"hostname":"a.example","url":"/x","http_method":"GET","protocol":"HTTP/1.1","status":404,"length":5}}';
  const { code, method, path } = one(line);
  assert.deepEqual([code, method, path], [404, 'GET', '/x']);
});
