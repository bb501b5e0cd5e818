// Why something has not fired, over any range: about the same work however long it is, in slices, and what matters is found.
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Rule } from '#shared/api.ts';
import type { CountStore, SeriesQuery } from '../../server/store/store.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { standOut } from '../../server/watch/stand-out.ts';
import { whyOf } from '../../server/watch/why.ts';
import { batchOf, pipelineOver } from '../store/support.ts';

const NOW = Date.UTC(2026, 2, 1, 12);
const MIN = 60_000,
  HOUR = 60 * MIN,
  DAY = 24 * HOUR;
const rule: Rule = {
  id: 1,
  origin: 'page',
  enabled: true,
  spec: {
    kind: 'threshold',
    name: 'many',
    source: null,
    severity: 'page',
    codes: '5xx',
    where: null,
    measure: 'share',
    above: 0.5,
    clear: null,
    window: 300,
    minTotal: 10,
    for: 60,
    keepFiring: 0,
  },
};

/** 60 requests a minute, of which at times some fail; and how much of it is read. */
async function openDays(t: TestContext, days: number, failing: (at: number) => number) {
  const store = openSqlite(':memory:'),
    pipeline = pipelineOver(store);
  t.after(() => store.close());
  const step = days > 10 ? HOUR : MIN,
    count = step / 1000;
  for (let at = NOW - days * DAY; at < NOW;) {
    const hits: { ts: number; code: number; count: number }[] = [];
    for (const end = Math.min(NOW, at + 10 * DAY); at < end; at += step) {
      const bad = failing(at);
      hits.push({ ts: at, code: 200, count: count - bad });
      if (bad > 0) hits.push({ ts: at, code: 502, count: bad });
    }
    await pipeline.submit(batchOf(pipeline, 'shop', hits));
  }
  await pipeline.close();
  const read = { buckets: 0, calls: 0 };
  const counts: Pick<CountStore, 'series'> = {
    async series(query: SeriesQuery) {
      read.calls++;
      read.buckets += (query.to! - query.from!) / query.step!;
      return store.counts.series(query);
    },
  };
  return { deps: { counts: counts as CountStore, now: () => NOW }, read };
}

test('from the beginning of time no more is read than what is held, and of a year little more than of a day', async (t) => {
  const { deps, read } = await openDays(t, 390, (at) => (at % (17 * HOUR) < HOUR ? 1 : 0));
  const work = async (from: number) => {
    read.buckets = read.calls = 0;
    const { requests } = await whyOf(deps, 'shop', [rule], from, NOW);
    return { buckets: Math.round(read.buckets), calls: read.calls, requests };
  };
  const all = await work(0),
    year = await work(NOW - 365 * DAY),
    day = await work(NOW - DAY);
  assert.equal(all.requests, 390 * 86_400);
  assert.ok(all.buckets < 40_000 && all.calls < 500, JSON.stringify(all));
  assert.ok(year.buckets < 4 * day.buckets, JSON.stringify({ year, day }));
});

test('in a long range the moment is found at which it failed most, and what was looked at is said', async (t) => {
  const outage = NOW - 3 * DAY - 7 * HOUR;
  const { deps } = await openDays(t, 9, (at) =>
    at >= outage && at < outage + 5 * MIN ? 45 : at % (11 * MIN) === 0 ? 1 : 0,
  );
  const { at, rows, requests, rules, looked } = await whyOf(deps, 'shop', [rule], 0, NOW + DAY);
  assert.ok(at !== null && at >= outage && at <= outage + 15 * MIN, new Date(at ?? 0).toISOString());
  assert.deepEqual([rows[0].fires, requests], [true, 9 * 86_400]);
  assert.match(
    looked!,
    /^This range is long\. Only the \d parts of 60 min with the clearest failures or drops in traffic were examined closely\./,
  );
  assert.ok(rules[0].fires && Math.abs(rules[0].at - outage) < HOUR, JSON.stringify(rules));
});

test('a short range is looked at whole, and its requests are its own', async (t) => {
  const { deps } = await openDays(t, 2, (at) => (at === NOW - 30 * MIN ? 45 : 0));
  const { at, requests, looked } = await whyOf(deps, 'shop', [], NOW - HOUR, NOW);
  assert.deepEqual([requests, looked], [3600, null]);
  assert.ok(at !== null && Math.abs(at - (NOW - 29 * MIN)) <= MIN, new Date(at ?? 0).toISOString());
});

test('a range before or after everything, and a source that nobody has heard of, are answered with nothing', async (t) => {
  const { deps, read } = await openDays(t, 2, () => 0);
  for (const [source, from, to] of [
    ['shop', 0, NOW - 300 * DAY],
    ['shop', NOW + DAY, NOW + 9000 * DAY],
    ['nobody', 0, NOW],
  ] as const) {
    read.buckets = 0;
    const { at, requests, rules } = await whyOf(deps, source, [rule], from, to);
    assert.deepEqual([at, requests, rules[0].fires], [null, 0, false], source);
    assert.ok(read.buckets < 20_000, `${read.buckets}`);
  }
});

test('others get their turn while a long range is looked at', async (t) => {
  const { deps, read } = await openDays(t, 9, (at) => (at % (11 * MIN) === 0 ? 20 : 0));
  let turns = 0,
    done = false;
  const beside = (async () => {
    while (!done) {
      await new Promise(setImmediate);
      turns++;
    }
  })();
  await whyOf(deps, 'shop', [rule], 0, NOW);
  done = true;
  await beside;
  assert.ok(turns >= read.buckets / 100, `${turns} turns for ${read.buckets} buckets`);
});

test('what stands out are the parts that fail beyond the usual, none beside another, and the deepest fall of traffic', () => {
  const part = (start: number, bad: number, total: number) => ({ start, width: 1, bad, total });
  const parts = Array.from({ length: 50 }, (_, i) => part(i, 10, 1000));
  parts[7] = part(7, 50, 1000);
  parts[20] = part(20, 400, 1000);
  parts[21] = part(21, 390, 1000);
  parts[33] = part(33, 1, 100);
  parts[40] = part(40, 3, 4);
  assert.deepEqual(
    standOut(parts, 3).map(({ start }) => start),
    [7, 20, 40],
  );
  assert.deepEqual(standOut([], 3), []);
  assert.deepEqual(standOut([part(0, 0, 10), part(1, 0, 10)], 3), []);
});
