// Diagnosis from counts: shares, places, and words that match numbers.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { causes } from '#shared/causes/index.ts';
import { diagnose } from '../../../server/core/diagnose/evidence.ts';
import type { Observed } from '../../../server/core/diagnose/observed.ts';
import { observed, refinements, value } from './observed.ts';

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
  assert.equal(word(100, 100, 'unknown'), 'unknown');
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
  const none = diagnose(observed(routes(100))).causes[0];
  assert.equal(none.cause, 'unknown');
  assert.match(none.evidence[0], /nothing else got through on these routes, so this is not a limit/);
  // ingress-nginx answers so by itself when a Service has no endpoints
  assert.equal(diagnose(observed({ ...routes(100), ingress: true })).causes[0].cause, 'no_live_upstreams');
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
