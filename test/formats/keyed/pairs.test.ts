// LTSV and logfmt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

const one = (line: string): Record<string, unknown> => parsed(line)[0];

test('LTSV and logfmt tell the upstream apart', () => {
  const hit = one(
    'time:02/Jan/2026:15:04:05 +0000\thost:192.0.2.7\treq:GET /x HTTP/1.1\tstatus:200\tvhost:a.example\tupstream_addr:10.0.0.1:80, 10.0.0.2:80\tupstream_status:502, 200\tupstream_response_time:0.001, 0.002',
  );
  assert.deepEqual(
    { code: hit.code, upstreamStatus: hit.upstreamStatus, upstream: hit.upstream, client: hit.client, host: hit.host },
    { code: 200, upstreamStatus: [502, 200], upstream: '10.0.0.2:80', client: '192.0.2.7', host: 'a.example' },
  );
});

test('the host of LTSV is the client, unless the client has its own label', () => {
  const own = one(
    'time:02/Jan/2026:15:04:05 +0000\tremote_addr:192.0.2.7\thost:a.example\tmethod:GET\turi:/\tstatus:200',
  );
  assert.deepEqual({ client: own.client, host: own.host }, { client: '192.0.2.7', host: 'a.example' });
  const plain = one('time:02/Jan/2026:15:04:05 +0000\thost:192.0.2.7\tforwardedfor:-\tmethod:GET\turi:/\tstatus:200');
  assert.deepEqual({ client: plain.client, host: plain.host }, { client: '192.0.2.7', host: undefined });
});

test('words in front of pairs and brackets round them are none of their business', () => {
  const served = [
    'request failed status=503 method=GET path=/x',
    '2026-01-02T15:04:05Z ERROR request failed status=503 method=GET path=/x',
    '[error] HTTP request failed: status=503 method=GET path=/x',
    'served {status=503 method=GET path=/x}',
    'done (status=503 method=GET path=/x)',
  ];
  for (const line of served) assert.equal(one(line).code, 503, line);
});
