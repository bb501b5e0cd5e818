// Declared JSON whose lines something on the way wrote anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

test('a declared JSON format is read whatever order, spacing and types its lines were written anew in', () => {
  const nginx = `log_format j escape=json '{"t":$msec,"r":"$request_method $request_uri","s":"$status","us":"$upstream_status","in":{"a":"$remote_addr"}}'`;
  const want = {
    ts: 1767366245250,
    code: 502,
    method: 'GET',
    path: '/a"b',
    upstreamStatus: [502, 502],
    client: '192.0.2.7',
  };
  for (const line of [
    '{"t":1767366245.250,"r":"GET /a\\"b","s":"502","us":"502, 502","in":{"a":"192.0.2.7"}}',
    '{ "in": { "a": "192.0.2.7" }, "s": 502, "host": "h", "us": "502, 502", "r": "GET /a\\"b", "t": "1767366245.250" }',
  ]) {
    const { upstream: _upstream, ...read } = parsed(line, nginx)[0];
    assert.deepEqual(read, want, line);
  }
  const envoy =
    '{"ts":"%START_TIME%","verb":"%REQ(:METHOD)%","p":"%REQ(:PATH)%","rc":"%RESPONSE_CODE%","up":"%UPSTREAM_HOST%"}';
  assert.deepEqual(parsed('{"up":null,"p":"/x","rc":503,"ts":"2026-01-02T15:04:05.250Z","verb":"GET"}', envoy)[0], {
    ts: 1767366245250,
    code: 503,
    method: 'GET',
    path: '/x',
  });
  // neither without the declared status nor with little else of what was declared
  for (const line of ['{"verb":"GET","p":"/x","ts":"2026-01-02T15:04:05.250Z"}', '{"rc":503,"msg":"x"}'])
    assert.equal(parsed(line, envoy)[0].code, undefined);
});
