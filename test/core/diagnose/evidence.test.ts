// Diagnosis from counts: shares, places, words that match numbers, and what the spread of the hits adds.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { causes } from '#shared/causes/index.ts';
import { diagnose } from '../../../server/core/diagnose/evidence.ts';
import { fill, quoted } from '../../../server/core/diagnose/fill.ts';
import type { Observed, ObservedStep, ObservedValue } from '../../../server/core/diagnose/observed.ts';

const value = (name: string, hits: number, traffic: number): ObservedValue => ({
  value: name,
  hits,
  traffic,
  before: null,
});
const steps = (...shares: number[]): ObservedStep[] =>
  shares.map((share, i) => ({ at: 1_700_000_000_000 + i * 10_000, hits: Math.round(share * 100), total: 100 }));

function observed(o: Partial<Observed>): Observed {
  const hits = o.hits ?? 100;
  return {
    source: 'web',
    proxy: 'nginx',
    code: 502,
    total: 1000,
    hits,
    from: 1_700_000_000_000,
    to: 1_700_000_600_000,
    dimensions: {},
    durationsMs: [],
    series: [],
    deploys: [],
    causes: [
      {
        cause: 'upstream_connection_refused',
        hits,
        sample: {
          proxy: 'nginx',
          code: 502,
          upstream: '10.0.0.3:8080',
          path: '/a?token=1',
          connectMs: null,
          headerMs: null,
        },
      },
    ],
    ...o,
  };
}
const refinements = (o: Partial<Observed>): string[] => diagnose(observed(o)).refinements.map((r) => r.id);

test('the broken one of three instances is named, with its lift against its share of traffic', () => {
  const { where } = diagnose(
    observed({ dimensions: { upstream: [value('a:80', 98, 330), value('b:80', 1, 335), value('c:80', 1, 335)] } }),
  );
  assert.deepEqual(
    where.map(({ dimension, value, share, lift }) => ({ dimension, value, share, lift })),
    [{ dimension: 'upstream', value: 'a:80', share: 0.98, lift: 2.97 }],
  );
});

test('the headline says who failed and where, in a few words', () => {
  const headline = (o: Partial<Observed>) => diagnose(observed(o)).headline;
  const broken = { upstream: [value('a:80', 98, 330), value('b:80', 2, 670)] };
  assert.equal(headline({ dimensions: broken }), 'The proxy cannot connect to a:80');
  assert.equal(
    headline({ dimensions: { upstream: [value('a:80', 50, 500), value('b:80', 50, 500)] } }),
    'The proxy cannot connect to the upstream',
  );
  const threw = { code: 500, causes: [{ cause: 'app_exception', hits: 100 }] };
  assert.equal(headline({ ...threw, dimensions: broken }), 'The application at a:80 returns its own error');
  assert.equal(
    headline({ ...threw, dimensions: { route: [value('/orders', 100, 100), value('/', 0, 900)] } }),
    'The application returns its own error on /orders',
  );
  assert.equal(
    headline({ causes: [{ cause: 'unknown', hits: 100 }], dimensions: broken }),
    'The log does not show who failed (a:80)',
  );
  assert.equal(
    headline({
      causes: [
        { cause: 'upstream_closed_before_response', hits: 40 },
        { cause: 'app_exception', hits: 30 },
        { cause: 'unknown', hits: 30 },
      ],
    }),
    'The upstream closes connections before it responds, among other causes',
  );
});

test('a busy upstream that fails like the others is not blamed for being busy', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 8 }),
      (percent, weights) => {
        const upstream = weights.map((w, i) => value(`10.0.0.${i}:80`, w * percent, w * 100));
        const total = upstream.reduce((n, v) => n + v.traffic!, 0),
          hits = upstream.reduce((n, v) => n + v.hits, 0);
        assert.deepEqual(diagnose(observed({ total, hits, dimensions: { upstream } })).where, []);
      },
    ),
  );
});

test('of hundreds of clients none is named for what chance gives one of them', () => {
  const client = Array.from({ length: 200 }, (_, i) => value(`203.0.113.${i}`, i === 0 ? 3 : i < 38 ? 1 : 0, 100));
  assert.deepEqual(diagnose(observed({ total: 20_000, hits: 40, dimensions: { client } })).where, []);
});

test('shares of the causes sum to one when every hit has a cause, and the order is by share', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: causes.length }), (counts) => {
      const hits = counts.reduce((a, b) => a + b, 0);
      const found = diagnose(
        observed({ hits, total: hits * 2, causes: counts.map((n, i) => ({ cause: causes[i].id, hits: n })) }),
      ).causes;
      assert.ok(Math.abs(found.reduce((sum, c) => sum + c.share, 0) - 1) < 1e-9);
      for (let i = 1; i < found.length; i++) assert.ok(found[i - 1].share >= found[i].share);
    }),
  );
});

test('of two dimensions that separate alike, the route is named before the method', () => {
  const { where } = diagnose(
    observed({
      dimensions: {
        method: [value('POST', 100, 100), value('GET', 0, 900)],
        route: [value('/orders', 100, 100), value('/', 0, 900)],
      },
    }),
  );
  assert.deepEqual(
    where.map((w) => w.dimension),
    ['route', 'method'],
  );
});

test('confidence is said in words that match the numbers', () => {
  const word = (hits: number, total: number, cause = 'app_exception') =>
    diagnose(observed({ hits: total, causes: [{ cause, hits }] })).causes[0].confidence;
  assert.equal(word(240, 240), 'certain');
  assert.equal(word(3, 3), 'likely');
  assert.equal(word(85, 100), 'very likely');
  assert.equal(word(10, 100), 'possible');
  assert.equal(word(100, 100, 'unknown'), 'cannot tell');
});

test('where the fields fit a second fault, it is said and certainty is not claimed', () => {
  const [first] = diagnose(observed({ hits: 240 })).causes;
  assert.equal(first.confidence, 'very likely');
  assert.match(first.evidence[1], /TLS handshake/);
});

test('a doubt that is as common as the cause leaves it likely at best', () => {
  const alone = { proxy: 'nginx', code: 503, upstream: null } as const;
  const routes = (traffic: number) => ({
    code: 503,
    causes: [{ cause: 'proxy_rate_limited', hits: 100, sample: alone }],
    dimensions: { route: [value('/a', 100, traffic), value('/b', 0, 1000 - traffic)] },
  });
  assert.equal(diagnose(observed(routes(400))).causes[0].confidence, 'likely');
  // and what else these routes answered leans to one of the two
  assert.ok(refinements(routes(400)).includes('some-pass'));
  assert.ok(refinements(routes(100)).includes('none-pass'));
  assert.equal(
    diagnose(
      observed({
        ...routes(400),
        causes: [{ cause: 'proxy_rate_limited', hits: 100, sample: { ...alone, limit: 'REJECTED' } }],
      }),
    ).causes[0].confidence,
    'certain',
  );
});

test('of a success code the certainty is about those that show the fault, not about all', () => {
  const masked = observed({
    code: 200,
    hits: 900,
    causes: [{ cause: 'masked_retry', hits: 100, sample: { proxy: 'nginx', code: 200, upstreamStatus: [502, 200] } }],
    dimensions: { upstream: [value('a:80', 100, 300), value('b:80', 0, 700)] },
  });
  const {
    causes: [first],
    headline,
  } = diagnose(masked);
  assert.equal(first.confidence, 'certain');
  assert.equal(headline, 'a:80 fails, and retries hide it');
  assert.match(first.evidence[0], /^100 of 900 \(11.1%\) succeeded only after another attempt had failed/);
});

test('an unknown cause says what to add to the log, as a line to paste', () => {
  const { addToLog } = diagnose(observed({ causes: [{ cause: 'unknown', hits: 100 }] }));
  assert.match(addToLog!.why, /\$upstream_connect_time and \$upstream_header_time/);
  assert.match(addToLog!.paste, /^log_format .*escape=json/);
  assert.equal(diagnose(observed({})).addToLog, null);
});

test("checks carry the incident's own values, and leave out what the log does not have", () => {
  const { next } = diagnose(observed({}));
  assert.ok(
    next.some((line) => line.includes('curl -sv -m 3 -o /dev/null http://10.0.0.3:8080/a')),
    next.join('\n'),
  );
  assert.ok(next.every((line) => !line.includes('token=1')));
  const without = diagnose(observed({ causes: [{ cause: 'upstream_connection_refused', hits: 100 }] }));
  assert.ok(without.causes[0].checks.every((check) => !check.run?.includes('{upstream}')));
});

test('text from the log cannot break out of a command', () => {
  assert.equal(quoted("/a'; rm -rf / #"), `'/a'\\''; rm -rf / #'`);
  assert.equal(quoted('-oProxyCommand=x'), "'-oProxyCommand=x'");
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const command = fill(
        'curl http://{upstream}{path} | head',
        new Map([
          ['upstream', 'a:1'],
          ['path', `/${text}`],
        ]),
      )!;
      // Outside of single quotes nothing of the text is left but what is safe.
      const bare = command.slice('curl '.length, -' | head'.length).replace(/'[^']*'|\\'/g, '');
      assert.match(bare, /^[A-Za-z0-9_.:@%+=,/[\]~-]*$/);
    }),
  );
});

test('refinements: one instance, timeout pinned, keep-alive race, deploy, retry storm, restart herd, oscillation', () => {
  assert.ok(
    refinements({ dimensions: { upstream: [value('a:80', 99, 330), value('b:80', 1, 670)] } }).includes('one-instance'),
  );
  assert.ok(
    refinements({
      code: 504,
      causes: [{ cause: 'upstream_response_timeout', hits: 100 }],
      durationsMs: Array.from({ length: 50 }, (_, i) => 60_000 + (i % 7)),
    }).includes('timeout-pinned'),
  );
  assert.ok(
    !refinements({
      code: 504,
      causes: [{ cause: 'upstream_response_timeout', hits: 100 }],
      durationsMs: Array.from({ length: 50 }, (_, i) => 5000 + i * 400),
    }).includes('timeout-pinned'),
  );
  const race = {
    hits: 30,
    causes: [{ cause: 'upstream_closed_before_response', hits: 30 }],
    durationsMs: Array.from({ length: 30 }, () => 1),
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

test('why a healthy backend has a 502 is answered from what else it did', () => {
  const { localCheck } = diagnose(
    observed({
      causes: [{ cause: 'upstream_closed_before_response', hits: 100, sample: { proxy: 'nginx', code: 502 } }],
      dimensions: { upstream: [value('a:80', 100, 500), value('b:80', 0, 500)] },
    }),
  );
  assert.match(localCheck!, /a:80 did answer about 400 other requests \(80%\)/);
  // Answers from before the failure began do not make it healthy now: half of this time was fine, and then nothing else came.
  const began = diagnose(
    observed({
      hits: 100,
      total: 400,
      series: steps(0, 0, 1, 1),
      dimensions: { upstream: [value('a:80', 100, 200), value('b:80', 0, 200)] },
    }),
  );
  assert.match(began.localCheck!, /^Since the failure began a:80 has answered nothing else/);
  // what the second in which it began and the one in which it ended had of good answers came before and after
  const edges = [
    [0, 100],
    [60, 100],
    [100, 100],
    [100, 100],
    [40, 100],
    [0, 100],
  ].map(([hits, total], i) => ({ at: i * 10_000, hits, total }));
  const over = diagnose(
    observed({
      causes: [{ cause: 'upstream_connection_refused', hits: 300 }],
      dimensions: { upstream: [value('a:80', 300, 600)] },
      series: edges,
    }),
  );
  assert.match(over.localCheck!, /^Since the failure began a:80 has answered nothing else/);
  const young = diagnose(
    observed({
      causes: [{ cause: 'upstream_connection_refused', hits: 60 }],
      dimensions: { upstream: [value('a:80', 60, 200)] },
      series: edges.slice(0, 2),
    }),
  );
  assert.doesNotMatch(young.localCheck!, /a:80/, 'one step cannot tell');
  assert.equal(diagnose(observed({ code: 500 })).localCheck, null);
});

test('where several instances fail, none of them is named as the one', () => {
  const [first] = diagnose(
    observed({
      causes: [{ cause: 'app_exception', hits: 100, sample: { proxy: 'nginx', code: 500, upstream: 'a:80' } }],
      dimensions: { upstream: [value('a:80', 50, 500), value('b:80', 50, 500)] },
    }),
  ).causes;
  assert.ok(!first.evidence[0].includes('a:80'), first.evidence[0]);
});
