// Causes on exchanges that are easily misread, on lines that real nginx and HAProxy wrote, and on arbitrary ones. What every cause
// promises is in contract.test.ts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { causes } from '#shared/causes/index.ts';
import { PROXIES, type Exchange } from '#shared/exchange.ts';
import { causeOf, causeOfExchange } from '../../server/core/cause.ts';
import { evidenceOf } from '../../server/core/exchange.ts';
import { FIELDS, Hit, UPSTREAM_STATUS, type Field } from '../../server/core/hit.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { exchanges } from './exchanges.ts';

for (const { cause, exchange } of exchanges) {
  const { proxy, code, ...rest } = exchange;
  test(`${proxy} ${code} ${JSON.stringify(rest)} shows ${cause ?? 'nothing wrong'}`, () => {
    assert.equal(causeOfExchange(exchange)?.id, cause);
  });
}

/** An id of the vocabulary, or null when nothing is wrong. */
function causeOfLine(line: string): string | null {
  const hit = new Hit();
  const bytes = Buffer.from(line);
  assert.equal(openLineReader().read({ bytes, text: bytes.toString('latin1') }, 0, bytes.length, hit), undefined, line);
  const found = causeOf(hit);
  return found === 0 ? null : causes[found - 1].id;
}

test('a failed handshake that older Istio names in a field of its own is one', () => {
  const line = (flags: string, details: string, reason: string): string =>
    `[2026-10-09T10:49:40.880Z] "GET /get HTTP/1.1" 503 ${flags} ${details} - "${reason}" 0 91 79 - "-" "curl/8.11.1" "c0d24b36-5483-46ab-a1a5-4acfa4f5e52b" "a.example" "192.0.2.12:443" outbound|80||x - 192.0.2.4:80 192.0.2.5:5 - default`;
  assert.equal(
    causeOfLine(
      line(
        'UF,URX',
        'upstream_reset_before_response_started{connection_failure}',
        'TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED',
      ),
    ),
    'upstream_tls_failure',
  );
  assert.equal(
    causeOfLine(line('UF,URX', 'upstream_reset_before_response_started{connection_failure}', '-')),
    'upstream_connection_refused',
  );
  assert.equal(causeOfLine(line('-', 'via_upstream', '-')), 'upstream_overloaded');
});

test('lines of real nginx and HAProxy in front of broken backends are judged right', () => {
  const file = readFileSync(new URL('../fixtures/causes/lab.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const wrong: string[] = [];
  for (const row of file) {
    const { cause, line } = JSON.parse(row) as { cause: string | null; line: string };
    const found = causeOfLine(line);
    if (found !== cause) wrong.push(`${cause}, not ${found ?? 'healthy'}: ${line}`);
  }
  assert.deepEqual(wrong, []);
});

const anyExchange: fc.Arbitrary<Exchange> = fc.record(
  {
    proxy: fc.constantFrom(...PROXIES),
    code: fc.integer({ min: 0, max: 999 }),
    method: fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE'),
    upstream: fc.constantFrom(null, '10.0.0.3:8080', 'backend', 'app/<NOSRV>', 'unix:/run/app.sock'),
    upstreamStatus: fc.array(fc.constantFrom(0, 200, 404, 500, 502, 503, 504), { maxLength: 3 }),
    connectMs: fc.constantFrom(null, 0, 12),
    headerMs: fc.constantFrom(null, 0, 12),
    upstreamBytes: fc.constantFrom(null, 0, 61, 4096),
    termination: fc.constantFrom('----', 'SC--', 'sH--', 'PR--', 'CD--', 'LR--'),
    flags: fc.constantFrom('-', 'UF', 'UH,URX', 'DC'),
    details: fc.constantFrom('-', 'via_upstream', '0.0', 'backend_timeout', 'OriginDnsError'),
  },
  { requiredKeys: ['proxy', 'code'] },
);

test('every failure has a cause, and an exchange without any field but a 5xx code is never blamed on the application', () => {
  fc.assert(
    fc.property(anyExchange, (x) => {
      const cause = causeOfExchange(x);
      if (x.code >= 400 || x.code < 100) assert.ok(cause, JSON.stringify(x));
    }),
  );
  for (const code of [500, 502, 503, 504]) assert.equal(causeOfExchange({ proxy: 'unknown', code })?.id, 'unknown');
});

test('a hit is judged as its exchange is, whichever way is taken', () => {
  const methods = ['GET', 'POST', 'HEAD', 'x', ''];
  for (const proxy of PROXIES)
    for (const code of [
      0, 9, 200, 206, 301, 302, 304, 308, 400, 401, 403, 404, 409, 413, 429, 444, 499, 500, 502, 503, 504, 520, 521,
      530, 561, 999,
    ])
      for (const method of methods) {
        const hit = new Hit();
        hit.reset(Buffer.alloc(0));
        hit.proxy = proxy;
        hit.code = code;
        hit.setText(0, method);
        const found = causeOf(hit);
        assert.equal(
          found === 0 ? undefined : causes[found - 1].id,
          causeOfExchange(evidenceOf(hit))?.id,
          `${proxy} ${code} ${method}`,
        );
      }
});

const time = fc.constantFrom(
  '-',
  '0.000',
  '0.012',
  '59.990',
  '1',
  '-1',
  '',
  '0.001, -',
  '-, 0.002',
  '0.001 : 0.002',
  '1.2.3',
  '1e999',
  '.',
);
const evidence = fc.record(
  {
    method: fc.constantFrom('GET', 'POST', 'x'),
    upstream: fc.constantFrom('-', '', '10.0.0.3:8080', 'backend', 'app/<NOSRV>', '10.0.0.3:80, 10.0.0.4:80'),
    upstreamStatus: fc.constantFrom('-', '', '0', '200', '404', '500', '502', '503', '504', '502, 200', '504, 504'),
    connectTime: time,
    headerTime: time,
    responseTime: time,
    upstreamBytes: fc.constantFrom('-', '0', '61', '4096', '8192'),
    upstreamLength: fc.constantFrom('-', '0', '157'),
    termination: fc.constantFrom('----', 'SC--', 'sC--', 'sH--', 'PR--', 'CD--', 'sQ--', 'SD--'),
    timers: fc.constantFrom('0/0/1/2/3', '0/0/-1/-1/3000', '0/3000/-1/-1/3000', '5/0/12/-1/+90'),
    flags: fc.constantFrom('-', 'UF', 'UH,URX', 'UT', 'UC', 'DC'),
    details: fc.constantFrom('-', 'via_upstream', '3.12007', 'backend_timeout', 'OriginDnsError', 'LambdaTimeout'),
    result: fc.constantFrom('-', 'Error', 'TCP_MISS_ABORTED'),
    retries: fc.constantFrom('0', '1', '+2', '-'),
    limit: fc.constantFrom('PASSED', 'REJECTED'),
  },
  { requiredKeys: [] },
);

test('hits that differ in their times alone are judged once, and every hit as if it were the first', () => {
  const judged = (
    proxy: Exchange['proxy'],
    code: number,
    upstreamStatus: string,
    durationMs: number,
    size: number,
  ): string | undefined => {
    const hit = new Hit();
    hit.reset(Buffer.alloc(0));
    Object.assign(hit, { proxy, code, durationMs, size });
    hit.setText(UPSTREAM_STATUS, upstreamStatus);
    return causes[causeOf(hit) - 1]?.id;
  };
  assert.notEqual(judged('alb', 504, '-', 10_001, 0), judged('alb', 504, '-', 60_000, 0));
  assert.notEqual(judged('traefik', 502, '502', 5, 11), judged('traefik', 502, '502', 5, 500));
  const code = fc.constantFrom(9, 200, 301, 400, 403, 404, 429, 444, 499, 500, 502, 503, 504, 561);
  fc.assert(
    fc.property(
      fc.constantFrom(...PROXIES),
      code,
      evidence,
      fc.constantFrom(NaN, 0, 9_990, 10_001, 60_000),
      fc.constantFrom(NaN, 0, 11, 20, 500),
      (proxy, code, texts, durationMs, size) => {
        const hit = new Hit();
        hit.reset(Buffer.alloc(0));
        Object.assign(hit, { proxy, code, durationMs, size });
        for (const [field, text] of Object.entries(texts)) hit.setText(FIELDS.indexOf(field as Field), text);
        const found = causeOf(hit);
        assert.equal(found === 0 ? undefined : causes[found - 1].id, causeOfExchange(evidenceOf(hit))?.id);
      },
    ),
    { numRuns: 5000 },
  );
});
