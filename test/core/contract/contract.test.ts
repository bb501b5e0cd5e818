// Each check of the contract on traffic that breaks it, and on traffic that looks alike and does not.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { contractChecks } from '../../../server/core/contract/index.ts';
import { T, client, found, sighting, times } from './sightings.ts';

test('nothing but 200 in thousands of exchanges with writes is hinted at, and one refusal ends the suspicion', () => {
  const all = times(3000, (i) => ({ method: i % 5 === 0 ? 'POST' : 'GET', route: '/api' }));
  assert.equal(found('everything-200', all).length, 1);
  assert.deepEqual(found('everything-200', all, [{ code: 422, method: 'POST' }]), []);
});

test('200s of one small size among large ones are worth a look', () => {
  const [f] = found(
    'everything-200',
    times(300, (i) => ({ route: '/api/orders', bytes: i % 10 === 0 ? 87 : 4000 + i })),
    [{ code: 500 }],
  );
  assert.match(f.evidence[0], /^30 of 300 answers 200 \(10%\) are exactly 87 bytes/);
  assert.deepEqual(
    found(
      'everything-200',
      times(300, (i) => ({ route: '/api/orders', bytes: 4000 + i })),
    ),
    [],
  );
  // Answers of any size, small ones among them, are no messages.
  assert.deepEqual(
    found(
      'everything-200',
      times(3000, (i) => ({ route: '/api/orders', bytes: i % 5 === 0 ? 100 + (i % 47) : 4000 + i })),
    ),
    [],
  );
});

test('an upstream that answers most and breaks some is a matter of the path to it; one that is down is not', () => {
  const one = (i: number, bad: boolean) => ({
    at: T + i * 200,
    upstream: '10.0.0.3:80',
    ...(bad ? { code: 502, cause: 'upstream_closed_before_response' } : {}),
  });
  assert.match(
    found(
      'gateway-path',
      times(201, (i) => one(i, i % 10 === 0)),
    )[0].evidence[0],
    /it answered 180 requests while 21 ended as 502/,
  );
  assert.deepEqual(
    found(
      'gateway-path',
      times(20, (i) => one(i, true)),
    ),
    [],
  );
  // What it answered before it died, and after it was back, does not make it up in between.
  assert.deepEqual(
    found(
      'gateway-path',
      times(300, (i) => one(i, i >= 120 && i < 170)),
    ),
    [],
  );
  // Nor do answers between two failures an hour apart.
  assert.deepEqual(
    found(
      'gateway-path',
      times(20, (i) => one(i, true)),
      times(200, (i) => one(18_000 + i, false)),
      times(20, (i) => one(18_200 + i, true)),
    ),
    [],
  );
});

test('a client that is back within a second of its 429 is named with what it costs', () => {
  const [f] = found(
    'ignored-429',
    times(40, (i) => ({ at: T + i * 200, code: 429, client: client(9) })),
    times(40, (i) => ({ at: T + i * 200, client: client(2) })),
  );
  assert.match(f.title, /Client 203\.0\.113\.9 does not slow down/);
  assert.match(f.evidence[2], /50% of all requests/);
  assert.deepEqual(
    found(
      'ignored-429',
      times(40, (i) => ({ at: T + i * 30_000, code: 429, client: client(9) })),
    ),
    [],
  );
});

test('one address behind everything is a load balancer, not a client that does not listen', () => {
  assert.deepEqual(
    found(
      'ignored-429',
      times(80, (i) => ({ at: T + i * 200, code: i % 2 ? 429 : 200 })),
    ),
    [],
  );
});

test('refused clients that return in waves are seen', () => {
  const waves = times(6, (w) => ({ at: T + w * 30_000 })).flatMap(({ at }) =>
    times(30, (i) => ({ at: at! + i, code: 429, client: client(i) })),
  );
  assert.match(found('ignored-429', waves).find((f) => f.subject === 'waves')!.title, /every 30 s/);
});

test('403 and 404 mixed on one pattern leak what exists; each alone does not, nor does a rule of the proxy', () => {
  const of = (code: number, cause = '') => times(20, () => ({ route: '/users/{id}', code, cause }));
  assert.match(found('mixed-403-404', of(403), of(404))[0].evidence[0], /^20 times 403 and 20 times 404/);
  assert.deepEqual(found('mixed-403-404', of(404)), []);
  assert.deepEqual(found('mixed-403-404', of(403, 'proxy_denied'), of(404)), []);
});

test('401 for many clients from one minute on is a storm; one client with a wrong password is not', () => {
  const before = times(300, (i) => ({ at: T + i * 1000, client: client(i % 40) }));
  const after = times(200, (i) => ({
    at: T + 300_000 + i * 1000,
    client: client(i % 40),
    code: i % 2 === 0 ? 401 : 200,
  }));
  assert.match(found('auth-storm', before, after)[0].title, /^401 for 20 clients since/);
  assert.deepEqual(
    found(
      'auth-storm',
      before,
      after.map((s) => ({ ...s, client: client(1) })),
    ),
    [],
  );
});

test('a route that was 200 and is 404 since a moment is gone; one that some instance still serves is not', () => {
  const ok = times(50, (i) => ({ at: T + i * 1000, route: '/v1/carts' })),
    gone = times(50, (i) => ({ at: T + 60_000 + i * 1000, route: '/v1/carts', code: 404 }));
  assert.match(found('route-gone', ok, gone)[0].evidence[0], /answered 2xx 50 times.*all 50 requests got 404/);
  assert.deepEqual(found('route-gone', ok, gone, [{ at: T + 120_000, route: '/v1/carts' }]), []);
});

test('499 rising with durations is a slow backend; without them it is impatience', () => {
  const minute = (m: number, left: number, ms: number) =>
    times(100, (i) => ({ at: T + m * 60_000 + i * 100, code: i < left ? 499 : 200, durationMs: ms }));
  const calm = times(20, (m) => ({ at: m })).flatMap(({ at }) => minute(at!, 0, 100));
  const slow = times(10, (m) => ({ at: 20 + m })).flatMap(({ at }) => minute(at!, 10, 900)),
    same = times(10, (m) => ({ at: 20 + m })).flatMap(({ at }) => minute(at!, 10, 100));
  assert.match(found('impatient-clients', calm, slow)[0].evidence[0], /from 100 ms to 900 ms/);
  assert.deepEqual(found('impatient-clients', calm, same), []);
});

test('retries that hide an instance name the one that failed first', () => {
  const [f] = found(
    'masked-failures',
    times(1000, (i) => (i % 20 === 0 ? { cause: 'masked_retry', failedFirst: '10.0.0.3:80' } : {})),
  );
  assert.equal(f.subject, '10.0.0.3:80');
  assert.equal(f.hits, 50);
});

test('a collapsed share of 304 is told with the bytes it costs', () => {
  const part = (from: number, share: number) =>
    times(2000, (i) => ({
      at: T + from * 600_000 + (i % 3) * 600_000,
      code: i % 100 < share * 100 ? 304 : 200,
      bytes: i % 100 < share * 100 ? 0 : 10_000,
    }));
  assert.match(found('revalidation-lost', part(0, 0.4), part(3, 0.02))[0].title, /^304 fell from 40% of reads to 2%$/);
  assert.deepEqual(found('revalidation-lost', part(0, 0.4), part(3, 0.35)), []);
});

test('a limiter that says 503, and a 429 for everybody, are the wrong one of the two', () => {
  const refused = times(50, () => ({ code: 503, cause: 'proxy_rate_limited' }));
  assert.equal(
    found(
      'limiter-code',
      refused,
      times(20, () => ({})),
    )[0].subject,
    '503',
  );
  // Where nothing gets through it is no limit: a maintenance switch, or nobody behind it.
  assert.deepEqual(
    found(
      'limiter-code',
      refused,
      times(20, () => ({ route: '/other' })),
    ),
    [],
  );
  assert.equal(
    found(
      'limiter-code',
      times(400, (i) => ({ code: i % 10 === 0 ? 200 : 429, client: client(i % 90) })),
    )[0].subject,
    '429',
  );
  assert.deepEqual(
    found(
      'limiter-code',
      times(400, (i) => ({ code: i % 10 === 0 ? 429 : 200, client: client(i % 90) })),
    ),
    [],
  );
});

test('no check throws on, or finds anything in, a handful of arbitrary exchanges', () => {
  const any = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: T * 2 }),
      code: fc.integer({ min: 0, max: 999 }),
      method: fc.constantFrom('', 'GET', 'POST'),
      route: fc.string(),
      client: fc.string(),
      upstream: fc.string(),
      bytes: fc.constantFrom(NaN, 0, 10),
      durationMs: fc.constantFrom(NaN, 0, 5),
      cause: fc.constantFrom('', 'masked_retry', 'unknown'),
    }),
    { maxLength: 9 },
  );
  fc.assert(
    fc.property(any, (traffic) => {
      for (const check of contractChecks)
        for (const f of found(check.id, traffic)) assert.ok(check.id === 'post-redirected' && f.hits > 0, check.id);
    }),
  );
});

test('memory stays bounded when every exchange brings new names', () => {
  for (const check of contractChecks) {
    const watcher = check.watch();
    for (let i = 0; i < 20_000; i++)
      watcher.see(
        sighting({
          at: T + i * 1000,
          code: [200, 301, 404, 429, 401, 502][i % 6],
          method: i % 2 ? 'POST' : 'GET',
          route: `/r${i}/{id}`,
          client: `c${i}`,
          upstream: `u${i}`,
          failedFirst: `u${i}`,
          cause: i % 3 ? '' : 'masked_retry',
          bytes: i,
        }),
      );
    assert.ok(watcher.found().length <= 20, check.id);
  }
});
