// What is taken out of a line before it is kept, and what stays readable.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { masked, maskedUrl } from '../../../server/core/diagnose/mask.ts';

const cases: readonly [string, string, string][] = [
  ['values of a query, not its names', 'GET /search?q=shoes&token=abc123 HTTP/1.1', 'GET /search?q=…&token=… HTTP/1.1'],
  ['a query without names', '"GET /reset?dGhpcyBpcyBhIHRva2Vu HTTP/1.1"', '"GET /reset?… HTTP/1.1"'],
  [
    'JSON fields of secrets',
    '{"authorization":"Bearer abc.def","status":502,"set-cookie":"sid=1; Path=/"}',
    '{"authorization":"…","status":502,"set-cookie":"…"}',
  ],
  ['bearer tokens', 'auth Bearer abcdef123456 end', 'auth Bearer … end'],
  ['credentials in an address', 'https://user:pass@example.com/x', 'https://…@example.com/x'],
  ['JSON web tokens', 'x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc y', 'x … y'],
  ['mail addresses', 'to jane.doe@example.com', 'to …@example.com'],
  ['card numbers', 'n=4111 1111 1111 1111 ok', 'n=… ok'],
  ['long keys in paths', '/hook/Ab3dEf6hIj9lMn2pQr5tUv8xYz1 x', '/hook/Ab3d… x'],
  ['key=value secrets', 'password=hunter2 next', 'password=… next'],
  ['headers with a scheme', 'Authorization: Bearer abc status=1', 'Authorization: … status=1'],
  [
    'lists of header values',
    '{"Authorization":["Basic a","b"],"Cookie":["a=b; c=d"],"Host":["x"]}',
    '{"Authorization":["…","…"],"Cookie":["…"],"Host":["x"]}',
  ],
  ['all cookies of a header', 'cookie: a=b; c=d; e=f next', 'cookie: … next'],
  [
    'JSON inside of JSON',
    String.raw`{"log":"{\"token\":\"a\\\"b\",\"s\":502}"}`,
    String.raw`{"log":"{\"token\":\"…\",\"s\":502}"}`,
  ],
  ['a text that is cut', '{"status":502,"token":"abc', '{"status":502,"token":"…'],
  [
    'keys by many names',
    'dd-api-key=1 X-Auth-Key: 2 license_key=3 pwd=4',
    'dd-api-key=… X-Auth-Key: … license_key=… pwd=…',
  ],
];
for (const [what, line, want] of cases) test(`${what} are taken out`, () => assert.equal(masked(line), want));

test('numbers of tokens and of sessions are no secrets', () => {
  const line = '{"completion_tokens":120,"is_token":true} sessions=12';
  assert.equal(masked(line), line);
});

test('what a diagnosis needs stays: times, addresses, upstreams, routes and UUIDs', () => {
  const line =
    '203.0.113.7 - - [22/Nov/2026:22:18:31 +0000] "GET /users/3f2a9c1e-1111-4222-8333-abcdefabcdef HTTP/1.1" 502 157 rt=0.001 ua="10.0.0.3:8080" us="502, 502"';
  assert.equal(masked(line), line);
  assert.equal(masked('ts=1763849911123456 code=502'), 'ts=1763849911123456 code=502');
});

test('keys in a path are taken out of an address, words and numbers of routes stay', () => {
  for (const key of [
    '0123456789abcdef0123456789abcdef',
    '3f2a9c1e-1111-4222-8333-abcdefabcdef',
    'XXXXXXXXXXXXXXXXXXXXXXXX',
    'bot123456:AAEhBOweik6ad9r_QXM',
    'ZaVnC4dhaV2oJ1mQ==',
    'abcd1234_efgh5678-ijkl',
  ]) {
    for (const path of [`/v1/input/${key}`, `/inputs/${key}/tag/http/`, `/a/${key}?b=c`]) {
      const shown = maskedUrl(path);
      assert.ok(!shown.includes(key.slice(0, 8)) && shown.startsWith(path.slice(0, path.indexOf(key))), shown);
    }
  }
  for (const path of [
    '/api/v2/logs',
    '/loki/api/v1/pushh',
    '/services/collector/validate/1.0',
    '/opentelemetry/v1/metrics',
    '/write/2026-01-02',
    '/my-kubernetes-cluster-logs',
    '/orders/1234567',
  ])
    assert.equal(maskedUrl(path), path);
  assert.equal(maskedUrl('/api/v2/logs?dd-api-key=abc&ddsource=nginx'), '/api/v2/logs?dd-api-key=…&ddsource=…');
});

test('client addresses are shortened when asked', () => {
  assert.equal(
    masked('203.0.113.7 - "GET /" ua="10.0.0.3:80"', { address: '203.0.113.7' }),
    '203.0.113.x - "GET /" ua="10.0.0.3:80"',
  );
  assert.equal(masked('2001:db8:1:2::7 "GET /"', { address: '2001:db8:1:2::7' }), '2001:db8:1:… "GET /"');
});

test('no value of a query survives, whatever it holds', () => {
  const secret = fc.string({ minLength: 6, maxLength: 30, unit: fc.constantFrom(...'abcdefXYZ0123456789%._~+/-') });
  fc.assert(
    fc.property(fc.constantFrom('q', 'token', 'user_id', 'a.b'), secret, (name, value) => {
      assert.ok(!masked(`GET /x?${name}=${value}&z=1 HTTP/1.1`).includes(value));
    }),
  );
});
