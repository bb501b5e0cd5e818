// Laws of incidents under random traffic: a restart at any moment changes nothing, and what is one fault is told once.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Incidents } from '#shared/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import { DEAD, get, outbox, proxied, restarted, type Cleaning, type Mix } from './support.ts';

const LIVE = '10.0.0.1:80';
const KINDS: Record<string, Mix> = {
  well: [
    [200, LIVE, 20],
    [200, DEAD, 20],
  ],
  dead: [
    [200, LIVE, 20],
    [502, DEAD, 20],
  ],
  broken: [
    [200, LIVE, 10],
    [500, LIVE, 10],
    [200, DEAD, 10],
    [500, DEAD, 10],
  ],
  grumbling: [
    [200, LIVE, 19],
    [200, DEAD, 20],
    [503, LIVE, 1],
  ],
  missing: [
    [200, LIVE, 10],
    [404, LIVE, 10],
    [200, DEAD, 10],
    [404, DEAD, 10],
  ],
  quiet: [],
};
const kind = fc.constantFrom(...Object.keys(KINDS));

const RUNS = { numRuns: Number(process.env.RUNS ?? 6), seed: Number(process.env.SEED ?? 1), endOnFailure: true };

interface Segment {
  shop: string;
  blog: string;
  seconds: number;
}
const segment: fc.Arbitrary<Segment> = fc.record({
  shop: kind,
  blog: kind,
  seconds: fc.integer({ min: 2, max: 60 }).map((n) => n * 5),
});

/** Each has been told otherwise once: what had lasted, what was usual before, and a page that had been a warning. */
const FOUND: [Segment[], number[]][] = [
  [
    [
      { shop: 'well', blog: 'well', seconds: 130 },
      { shop: 'well', blog: 'dead', seconds: 10 },
    ],
    [135],
  ],
  [
    [
      { shop: 'well', blog: 'missing', seconds: 235 },
      { shop: 'quiet', blog: 'missing', seconds: 295 },
      { shop: 'grumbling', blog: 'dead', seconds: 130 },
    ],
    [597],
  ],
  [
    [
      { shop: 'well', blog: 'grumbling', seconds: 105 },
      { shop: 'well', blog: 'dead', seconds: 15 },
    ],
    [115],
  ],
];

/** The segments after ten minutes of health; stopped and started again at these moments, in s since the first segment. */
async function lived(t: Cleaning, segments: readonly Segment[], restartsAt: readonly number[]): Promise<TestApp> {
  let app = await openApp(t);
  await proxied(app, 600, { shop: KINDS.well, blog: KINDS.well });
  let second = 0;
  for (const { shop, blog, seconds } of segments) {
    for (const end = second + seconds; second < end; second += 5) {
      if (restartsAt.some((at) => at >= second && at < second + 5)) app = await restarted(t, app, 0);
      await proxied(app, 5, { shop: KINDS[shop], blog: KINDS[blog] });
    }
  }
  return app;
}

async function story(app: TestApp): Promise<{ incidents: unknown[]; openedAt: number[]; told: string[] }> {
  const incidents = (await get<Incidents>(app, '/api/incidents')).incidents.sort(
    (a, b) => a.openedAt - b.openedAt || a.source.localeCompare(b.source),
  );
  return {
    incidents: incidents.map(({ sources, severity, codes, state, rule }) => ({
      sources: [...sources].sort(),
      severity,
      codes: [...codes].sort(),
      state,
      rule,
    })),
    openedAt: incidents.map(({ openedAt }) => openedAt / 1000),
    told: outbox(app),
  };
}

test('stopped and started again at any moments, the server tells the same incidents as one that was not', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(segment, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 3 }),
      async (segments, restartsAt) => {
        const cleanups: (() => unknown)[] = [];
        const life: Cleaning = { after: (work) => void cleanups.push(work) };
        try {
          const calm = await story(await lived(life, segments, []));
          const shaken = await story(await lived(life, segments, restartsAt));
          assert.deepEqual([shaken.incidents, shaken.told], [calm.incidents, calm.told]);
          shaken.openedAt.forEach((at, i) =>
            assert.ok(Math.abs(at - calm.openedAt[i]) <= 10, `opened at ${at}, not ${calm.openedAt[i]}`),
          );
        } finally {
          for (const work of cleanups.reverse()) await work();
        }
      },
    ),
    { ...RUNS, examples: FOUND },
  );
});

const UPSTREAMS = ['10.0.1.1:80', '10.0.1.2:80'];
interface Fault {
  upstream: string | null;
  from: number;
}
const fault: fc.Arbitrary<Fault> = fc.record({
  upstream: fc.constantFrom(...UPSTREAMS, null),
  from: fc.integer({ min: 0, max: 24 }).map((n) => n * 5),
});
/** Behind a dead upstream, or broken by itself. */
const failing = ({ upstream }: Fault): Mix =>
  upstream === null
    ? KINDS.broken
    : [
        [200, LIVE, 20],
        [502, upstream, 20],
      ];
const healthy = ({ upstream }: Fault): Mix => [
  [200, LIVE, 20],
  [200, upstream ?? DEAD, 20],
];

test('sources behind the same dead upstream are one incident and others are their own, whoever fails first, over a restart too', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fault, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 0, max: 200 }),
      async (faults, restartAt) => {
        const cleanups: (() => unknown)[] = [];
        const life: Cleaning = { after: (work) => void cleanups.push(work) };
        try {
          const named = faults.map((each, i) => ({ ...each, name: `shop-${i}` }));
          let app = await openApp(life);
          const mixes = (second: number): Record<string, Mix> =>
            Object.fromEntries(named.map((each) => [each.name, second >= each.from ? failing(each) : healthy(each)]));
          await proxied(app, 300, mixes(-1));
          for (let second = 0; second < 200; second += 5) {
            if (restartAt >= second && restartAt < second + 5) app = await restarted(life, app, 0);
            await proxied(app, 5, mixes(second));
          }
          const groups = named.map(({ upstream, name }) =>
            upstream === null
              ? [name]
              : named.filter((other) => other.upstream === upstream).map((other) => other.name),
          );
          const expected = [...new Set(groups.map((group) => group.sort().join()))].sort();
          assert.deepEqual(
            (await get<Incidents>(app, '/api/incidents')).incidents
              .map(({ sources }) => [...sources].sort().join())
              .sort(),
            expected,
          );
          await proxied(app, 900, mixes(-1));
          const { incidents } = await get<Incidents>(app, '/api/incidents');
          assert.deepEqual(
            incidents.map(({ state }) => state),
            expected.map(() => 'resolved'),
          );
          assert.deepEqual(
            outbox(app)
              .map((row) => row.split(' ')[0])
              .sort(),
            [...expected.map(() => 'opened'), ...expected.map(() => 'resolved')],
            'each is told once',
          );
        } finally {
          for (const work of cleanups.reverse()) await work();
        }
      },
    ),
    RUNS,
  );
});
