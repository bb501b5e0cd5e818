// Attribute maps in both spellings of the conventions, and those that proxies send under their own names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  CLIENT,
  DETAILS,
  FLAGS,
  HOST,
  METHOD,
  PATH,
  RETRIES,
  ROUTE,
  UPSTREAM_STATUS,
  Hit,
} from '../../server/core/hit.ts';
import { hitFromAttributes, type AttributeValue } from '../../server/formats/attributes.ts';

const hit = new Hit();

function read(attributes: Record<string, AttributeValue>, sure = false): Record<string, unknown> | undefined {
  if (hitFromAttributes(Object.entries(attributes), hit, { sure }) !== undefined) return undefined;
  return {
    code: hit.code,
    method: hit.text(METHOD),
    path: hit.text(PATH),
    host: hit.text(HOST),
    route: hit.text(ROUTE),
    client: hit.text(CLIENT),
    proxy: hit.proxy,
  };
}

test('the stable conventions', () => {
  assert.deepEqual(
    read({
      'http.request.method': 'GET',
      'url.path': '/users/7',
      'http.route': '/users/{id}',
      'server.address': 'a.example',
      'http.response.status_code': 503n,
      'client.address': '192.0.2.7',
      'network.protocol.version': '1.1',
    }),
    {
      code: 503,
      method: 'GET',
      path: '/users/7',
      host: 'a.example',
      route: '/users/{id}',
      client: '192.0.2.7',
      proxy: 'otel',
    },
  );
});

test('the old conventions', () => {
  assert.deepEqual(
    read({
      'http.method': 'POST',
      'http.target': '/v1?x=1',
      'http.host': 'a.example',
      'http.status_code': '500',
      'http.client_ip': '192.0.2.7',
      'http.flavor': '1.1',
    }),
    {
      code: 500,
      method: 'POST',
      path: '/v1?x=1',
      host: 'a.example',
      route: undefined,
      client: '192.0.2.7',
      proxy: 'otel',
    },
  );
});

test("Traefik's and Envoy's own names bring their evidence", () => {
  assert.equal(
    read({ DownstreamStatus: 502, OriginStatus: 0, RequestMethod: 'GET', RequestPath: '/', RetryAttempts: 1 })?.proxy,
    'traefik',
  );
  assert.deepEqual([hit.text(UPSTREAM_STATUS), hit.text(RETRIES)], ['0', '1']);
  assert.equal(
    read({
      response_code: 503,
      response_flags: 'UF',
      response_code_details: 'upstream_reset',
      method: 'GET',
      path: '/',
      upstream_request_attempt_count: 3,
    })?.proxy,
    'envoy',
  );
  assert.deepEqual([hit.text(FLAGS), hit.text(DETAILS), hit.text(RETRIES)], ['UF', 'upstream_reset', '2']);
});

test('a status alone is an exchange only to a caller who knows, and never under a name that means other things', () => {
  assert.equal(read({ 'http.response.status_code': 502 }), undefined);
  assert.equal(read({ 'http.response.status_code': 502 }, true)?.code, 502);
  assert.equal(read({ 'http.status_code': 404 }, true)?.code, 404);
  assert.equal(read({ code: 502, status: 500 }, true), undefined);
  assert.equal(read({ 'rpc.grpc.status_code': 13, 'rpc.method': 'Get' }, true), undefined);
  assert.equal(read({ 'http.request.method': 'GET' }, true), undefined);
});

test('any map is taken without an exception, as often as it comes the same (law)', () => {
  const name = fc.oneof(
    fc.constantFrom(
      'http.response.status_code',
      'http.method',
      'url.path',
      'http.url',
      'status',
      'code',
      'time',
      'duration',
      'DownstreamStatus',
      'response_flags',
    ),
    fc.string(),
  );
  const value: fc.Arbitrary<AttributeValue> = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.bigInt(),
    fc.constant(null),
    fc.constant(undefined),
    fc.array(fc.string()),
    fc.constantFrom('GET', '/x', 502),
  );
  fc.assert(
    fc.property(fc.dictionary(name, value), fc.boolean(), (attributes, sure) =>
      assert.deepEqual(read(attributes, sure), read(attributes, sure)),
    ),
    { numRuns: 300 },
  );
});
