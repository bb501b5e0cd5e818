// What the spread of the hits over instances, routes, clients and time adds to a cause.
import assert from 'node:assert/strict';
import test from 'node:test';
import { diagnose } from '../../../server/core/diagnose/evidence.ts';
import { observed, refinements, steps, value } from './observed.ts';

test('refinements: one instance, timeout pinned, keep-alive race, deploy, retry storm, restart herd, oscillation', () => {
  assert.ok(
    refinements({ dimensions: { upstream: [value('a:80', 99, 330), value('b:80', 1, 670)] } }).includes('one-instance'),
  );
  assert.ok(
    refinements({
      code: 504,
      causes: [
        {
          cause: 'upstream_response_timeout',
          hits: 100,
          durationsMs: Array.from({ length: 50 }, (_, i) => 60_000 + (i % 7)),
        },
      ],
    }).includes('timeout-pinned'),
  );
  assert.ok(
    !refinements({
      code: 504,
      causes: [
        {
          cause: 'upstream_response_timeout',
          hits: 100,
          durationsMs: Array.from({ length: 50 }, (_, i) => 5000 + i * 400),
        },
      ],
    }).includes('timeout-pinned'),
  );
  const race = {
    hits: 30,
    causes: [{ cause: 'upstream_closed_before_response', hits: 30, durationsMs: Array.from({ length: 30 }, () => 1) }],
  };
  const routes = ['/a', '/b', '/c', '/d'].map((route) => value(route, 8, 250));
  assert.ok(refinements({ ...race, dimensions: { route: routes } }).includes('keep-alive-race'));
  assert.ok(
    !refinements({ ...race, dimensions: { route: [value('/a', 30, 100), value('/b', 0, 900)] } }).includes(
      'keep-alive-race',
    ),
  );
  const series = steps(0, 0, 0.4, 0.5, 0.4);
  assert.ok(refinements({ series, deploys: [{ at: series[2].at - 120_000, text: 'v2.3' }] }).includes('deploy-before'));
  assert.ok(
    !refinements({ series, deploys: [{ at: series[2].at - 3_600_000, text: 'v2.2' }] }).includes('deploy-before'),
  );
  const clients = { client: [value('203.0.113.1', 60, 100), value('203.0.113.2', 40, 100)] };
  assert.ok(
    refinements({
      code: 429,
      causes: [{ cause: 'upstream_rate_limited', hits: 100 }],
      dimensions: clients,
      returns: { limited: 100, soon: 80 },
    }).includes('retry-storm'),
  );
  assert.ok(
    refinements({
      code: 503,
      causes: [{ cause: 'upstream_overloaded', hits: 100 }],
      series: steps(0.9, 0.9, 0.6, 0.6, 0.3, 0.1),
    }).includes('restart-herd'),
  );
  assert.ok(refinements({ series: steps(0.8, 0.8, 0, 0, 0.8, 0.8, 0, 0, 0.8, 0.8, 0, 0) }).includes('oscillation'));
  assert.ok(!refinements({ series: steps(0.5, 0.45, 0.55, 0.5, 0.48, 0.52, 0.5, 0.5) }).includes('oscillation'));
});

test('a handful of requests a step goes up and down by chance, and is no oscillation', () => {
  const series = (total: number) =>
    [0.5, 0, 0.75, 0, 0.5, 0, 0.75, 0, 0.5, 0, 0.75, 0]
      .flatMap((share) => [share, share])
      .map((share, i) => ({ at: i * 1000, hits: Math.round(share * total), total }));
  assert.ok(!refinements({ hits: 40, series: series(4) }).includes('oscillation'));
  assert.ok(refinements({ hits: 400, series: series(100) }).includes('oscillation'));
});

test('a group of nginx is one backend, however its name looks', () => {
  const group = (name: string) =>
    refinements({
      causes: [{ cause: 'no_live_upstreams', hits: 100 }],
      dimensions: { upstream: [value(name, 100, 100), value('10.0.0.9:80', 0, 900)] },
    });
  assert.ok(group('app.example.com').includes('one-backend'));
  assert.ok(group('10.0.0.3:80').includes('one-instance'));
  assert.ok(
    refinements({
      proxy: 'haproxy',
      code: 503,
      dimensions: { upstream: [value('app1', 100, 100), value('app2', 0, 900)] },
    }).includes('one-instance'),
  );
});

test('a part of the site is named where its routes fail together', () => {
  const route = [
    ...['/shop/api/orders', '/shop/api/carts/{id}', '/shop/api/search', '/shop/api/login'].map((name) =>
      value(name, 25, 30),
    ),
    value('/blog/{slug}', 0, 500),
    value('/', 0, 380),
  ];
  const d = diagnose(observed({ causes: [{ cause: 'unknown', hits: 100 }], dimensions: { route } }));
  assert.equal(d.headline, 'The log does not show who failed under /shop/api/');
  assert.match(
    d.refinements.find((r) => r.id === 'one-part')!.evidence,
    /^100 of 100 are under \/shop\/api\/, which takes 12% of the traffic/,
  );
  // All of the site is no part of it.
  assert.ok(!refinements({ total: 120, dimensions: { route: route.slice(0, 4) } }).includes('one-part'));
});
