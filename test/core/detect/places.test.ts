import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Incident } from '../../../server/core/detect/incident.ts';
import { fails, ok, watch, type Request, type Site } from '../../support/places.ts';

const HOUR = 3600;
const site = (over: Partial<Site>): Site => ({
  rate: 8,
  routes: ['/', '/search', '/cart', '/users/{id}', '/orders', '/reports', '/exports'],
  upstreams: ['10.0.0.1:80', '10.0.0.2:80', '10.0.0.3:80', '10.0.0.4:80'],
  seconds: 2 * HOUR,
  faults: [],
  ...over,
});
const at =
  (value: string) =>
  ({ upstream, route }: Request): boolean =>
    upstream === value || route === value;
const everywhere = (): boolean => true;
const brief = (found: readonly Incident[]): [string, string | undefined, string | undefined][] =>
  found.map(({ severity, causes, where }) => [severity, causes[0], where[0]?.value]);

test('a rare route that fails whole pages within three minutes, by its name, from the second at which it began', () => {
  const { incidents, start } = watch(site({ faults: [fails(HOUR, HOUR + 900, at('/reports'), 500, 'app_exception')] }));
  assert.deepEqual(brief(incidents), [['page', 'app_exception', '/reports']]);
  const [{ startedAt, openedAt, endedAt, resolvedAt }] = incidents;
  assert.ok(openedAt - start - HOUR <= 180, `${openedAt - start - HOUR} s`);
  assert.ok(Math.abs(startedAt - start - HOUR) <= 30);
  assert.ok(Math.abs(endedAt - start - HOUR - 900) <= 60, 'the last failure, not the end of the hold');
  assert.ok(resolvedAt >= endedAt + 240);
});

test('two failures at once are two incidents, and each ends by itself', () => {
  const { incidents, start } = watch(
    site({
      faults: [
        fails(HOUR, HOUR + 400, at('10.0.0.2:80'), 502, 'upstream_connection_refused'),
        fails(HOUR + 60, HOUR + 900, at('/cart'), 500, 'app_exception'),
      ],
    }),
  );
  assert.deepEqual(brief(incidents), [
    ['page', 'upstream_connection_refused', '10.0.0.2:80'],
    ['page', 'app_exception', '/cart'],
  ]);
  const [refused, cart] = incidents;
  assert.deepEqual([refused.codes, cart.codes], [[502], [500]]);
  assert.ok(refused.endedAt - start <= HOUR + 460 && cart.endedAt - start >= HOUR + 840);
});

test('twenty instances that fail one after another, minutes apart, are twenty incidents', () => {
  const upstreams = Array.from({ length: 20 }, (_, i) => `10.0.1.${i + 1}:80`);
  const { incidents } = watch(
    site({
      rate: 40,
      upstreams,
      seconds: HOUR + 20 * 240 + 900,
      faults: upstreams.map((upstream, i) =>
        fails(HOUR + i * 240, HOUR + i * 240 + 120, at(upstream), 502, 'upstream_connection_refused'),
      ),
    }),
  );
  assert.deepEqual(
    incidents.map(({ where }) => where[0]?.value),
    upstreams,
  );
});

test('what a failure turns into at its place stays the incident, which has shown each form', () => {
  const { incidents } = watch(
    site({
      faults: [
        fails(HOUR, HOUR + 200, at('10.0.0.2:80'), 502, 'upstream_connection_refused'),
        fails(HOUR + 200, HOUR + 500, at('10.0.0.2:80'), 504, 'upstream_response_timeout'),
      ],
    }),
  );
  assert.deepEqual(
    incidents.map(({ causes, codes }) => [causes, codes]),
    [
      [
        ['upstream_connection_refused', 'upstream_response_timeout'],
        [502, 504],
      ],
    ],
  );
});

test('another failure of the whole source after one is another incident; the same one that comes back is not', () => {
  const { incidents } = watch(
    site({
      seconds: 3 * HOUR,
      faults: [
        fails(HOUR, HOUR + 180, everywhere, 502, 'no_live_upstreams', 0.8),
        fails(HOUR + 360, HOUR + 600, everywhere, 500, 'app_exception', 0.8),
        fails(HOUR + 2400, HOUR + 2580, everywhere, 500, 'app_exception', 0.8),
      ],
    }),
  );
  assert.deepEqual(brief(incidents), [
    ['page', 'no_live_upstreams', undefined],
    ['page', 'app_exception', undefined],
  ]);
  assert.deepEqual(
    incidents.map(({ codes }) => codes),
    [[502], [500]],
  );
});

test('an instance that fails by turns is one incident', () => {
  const faults = Array.from({ length: 5 }, (_, i) =>
    fails(HOUR + i * 600, HOUR + i * 600 + 240, at('10.0.0.3:80'), 503, 'upstream_overloaded'),
  );
  assert.equal(watch(site({ seconds: 3 * HOUR, faults })).incidents.length, 1);
});

test("one client's loop pages nobody, nor do its aborts", () => {
  for (const [code, cause] of [
    [500, 'app_exception'],
    [503, 'proxy_rate_limited'],
    [499, 'client_gave_up'],
    [503, 'client_gave_up'],
  ] as const) {
    const extra = (s: number): Request[] =>
      s >= HOUR && s < HOUR + 600 ? [ok({ route: '/cart', client: 9999, code, cause })] : [];
    const { incidents } = watch(site({ extra }));
    assert.deepEqual(
      incidents.filter(({ severity }) => severity === 'page'),
      [],
      `${code} ${cause}`,
    );
  }
});

test('clients that leave, logged with the code of the proxy, are no outage of the server', () => {
  const { incidents } = watch(site({ faults: [fails(HOUR, 2 * HOUR, everywhere, 503, 'client_gave_up', 0.04)] }));
  assert.deepEqual(
    incidents.filter(({ severity }) => severity === 'page'),
    [],
  );
});

test('an upstream that gets slow is a warning that says so, and nothing pages', () => {
  const slow = {
    from: HOUR,
    to: HOUR + 600,
    does: (request: Request): void => {
      if (request.upstream === '10.0.0.4:80') request.ms *= 40;
    },
  };
  const { incidents, start } = watch(site({ faults: [slow] }));
  assert.deepEqual(
    incidents.map(({ severity, rule, where }) => [severity, rule, where[0]?.value]),
    [['warn', 'slowness', '10.0.0.4:80']],
  );
  assert.match(incidents[0].verdict.says, /getting slow, nothing fails yet/);
  assert.ok(incidents[0].openedAt - start - HOUR <= 240);
});

test('a route that answers every request with a redirect is a warning with its place', () => {
  const { incidents } = watch(site({ faults: [fails(HOUR, HOUR + 600, at('/search'), 301, null)] }));
  assert.deepEqual(
    incidents.map(({ severity, codes, where }) => [severity, codes, where[0]?.value]),
    [['warn', [301], '/search']],
  );
});

test('a few failures as ever are nothing to tell', () => {
  const faults = [fails(0, 2 * HOUR, everywhere, 500, 'app_exception', 0.002)];
  assert.deepEqual(watch(site({ faults })).incidents, []);
});
