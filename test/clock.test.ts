// A clock that jumps: what was counted stays, what fails is still told, and the jump is said.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Incidents, Sources, Totals, Troubles } from '#shared/api.ts';
import { NOON, openApp, type TestApp } from './support/app.ts';
import { temporaryFolder } from './support/server.ts';

const SECOND = 1000,
  MINUTE = 60_000,
  HOUR = 3_600_000,
  DAY = 86_400_000;

/** Time passes, by both clocks where there are two. */
function pass(app: TestApp, ms: number): void {
  app.clock.now += ms;
  if (app.clock.elapsed !== undefined) app.clock.elapsed += ms;
}

const post = async (app: TestApp, lines: { ts?: number; source?: string; code: number; count: number }[]) => {
  const payload = lines.map((line) => JSON.stringify({ source: 'shop', ts: app.clock.now / 1000, ...line })).join('\n');
  assert.equal((await app.app.inject({ method: 'POST', url: '/ingest?format=counts', payload })).statusCode, 200);
};

/** What runs beside, as often as it runs in some time. */
async function sweep(app: TestApp): Promise<void> {
  const { store, clock } = app.ingest;
  while (
    await store.sweep(clock.steady(), clock.settled(), { key: 'clock', value: Buffer.from(JSON.stringify(clock.kept)) })
  );
}

/** Seconds of traffic, judged and swept. */
async function run(
  app: TestApp,
  times: number,
  counts: Record<number, number>,
  { every = SECOND, source = 'shop' } = {},
): Promise<void> {
  for (let i = 0; i < times; i++) {
    pass(app, every);
    await post(
      app,
      Object.entries(counts).map(([code, count]) => ({ code: Number(code), count, source })),
    );
    await app.tick();
    await sweep(app);
  }
}

/** What each resolution holds of the true present and its past. */
async function rows(app: TestApp): Promise<Record<string, number>> {
  await app.ingest.store.fold();
  return Object.fromEntries(
    ['counts_10s', 'counts_1m', 'counts_1h'].map((table) => [
      table,
      app.ingest.store.db
        .prepare(`SELECT coalesce(sum(count), 0) FROM ${table} WHERE source > 0 AND bucket BETWEEN 1e9 AND ?`)
        .pluck()
        .get((NOON + DAY) / 1000) as number,
    ]),
  );
}

/** Counts of the last 40 hours, of all the resolutions. */
const history = (app: TestApp) =>
  post(
    app,
    Array.from({ length: 40 }, (_, h) => ({ ts: (app.clock.now - h * HOUR) / 1000, code: 200, count: 100 })),
  );

const troubles = async (app: TestApp): Promise<string[]> =>
  (await app.app.inject('/api/troubles')).json<Troubles>().troubles.map(({ text }) => text);

for (const elapsed of [undefined, 77]) {
  const how = elapsed === undefined ? 'by one clock alone' : 'beside a clock that cannot be set';
  test(`a clock 500 days ahead for three seconds takes nothing of the history, and what comes at its time counts (${how})`, async (t) => {
    const app = await openApp(t, {}, undefined, NOON, elapsed);
    await history(app);
    await app.tick();
    await sweep(app);
    const before = await rows(app);
    assert.deepEqual(before, { counts_10s: 4000, counts_1m: 4000, counts_1h: 4000 });
    app.clock.now += 500 * DAY;
    await run(app, 3, { 200: 7 });
    app.clock.now -= 500 * DAY;
    await run(app, 20, { 200: 1 });
    assert.deepEqual(await rows(app), { counts_10s: 4020, counts_1m: 4020, counts_1h: 4020 });
    const { totals } = (await app.app.inject('/api/totals')).json<Totals>();
    assert.deepEqual(totals, [{ source: 'shop', code: 200, count: 4000 + 21 + 20 }], 'every request is counted, once');
    const [ahead] = (await troubles(app)).slice(-1);
    assert.match(ahead, /^The clock of this server jumped (ahead|back) by /);
    assert.ok(
      app.log.some((line) => line.includes('jumped ahead by')),
      'and the log says so',
    );
    const {
      sources: [{ late, lastEvent, lastSeen, rate }],
    } = (await app.app.inject('/api/sources')).json<Sources>();
    assert.ok(
      lastSeen <= app.clock.now && lastEvent! <= app.clock.now && rate > 0,
      'its time to come is not what was heard last',
    );
    assert.equal(late, 3900, 'what comes after it is not late: only the history was');
  });

  test(`after it an outage pages as it would have (${how})`, async (t) => {
    const app = await openApp(t, {}, undefined, NOON, elapsed);
    await run(app, 40, { 200: 200 }, { every: 15 * SECOND });
    for (let i = 0; i < 3; i++) {
      app.clock.now += 500 * DAY;
      await run(app, 3, { 200: 20 });
      app.clock.now -= 500 * DAY;
      await run(app, 10, { 200: 20 });
    }
    const all = async () => (await app.app.inject('/api/incidents')).json<Incidents>().incidents;
    assert.deepEqual(
      (await all()).map(({ summary }) => summary),
      [],
      'the jump itself is no incident',
    );
    await run(app, 20, { 200: 5, 502: 15 });
    assert.deepEqual(
      (await all()).map(({ severity, state, openedAt }) => [
        severity,
        state,
        openedAt > app.clock.now - MINUTE && openedAt <= app.clock.now,
      ]),
      [['page', 'firing', true]],
    );
  });
}

test('a sleep of three days is followed within a minute, and is no silence of the sources; the counts of before it go a day later', async (t) => {
  const app = await openApp(t, {}, undefined, NOON, 1);
  await history(app);
  await run(app, 360, { 200: 20 }, { every: 10 * SECOND });
  app.clock.now += 3 * DAY;
  await run(app, 30, { 200: 20 });
  assert.ok(app.clock.now - app.ingest.clock.steady() > 2 * DAY);
  await run(app, 40, { 200: 20 });
  assert.equal(app.ingest.clock.steady(), app.clock.now);
  await run(app, 20, { 200: 20 }, { every: 10 * SECOND });
  assert.deepEqual((await app.app.inject('/api/incidents')).json<Incidents>().incidents, []);
  const { totals } = (
    await app.app.inject(`/api/totals?from=${app.clock.now - 10 * MINUTE}&to=${app.clock.now + 10 * MINUTE}`)
  ).json<Totals>();
  assert.deepEqual(
    totals,
    [{ source: 'shop', code: 200, count: 90 * 20 }],
    'counted at its time from the first second',
  );
  assert.ok((await rows(app)).counts_10s > 0);
  for (let passed = 0; passed < DAY; passed += 10 * MINUTE) {
    pass(app, 10 * MINUTE);
    app.ingest.clock.settled();
  }
  await sweep(app);
  const { counts_10s, counts_1h } = await rows(app);
  assert.deepEqual([counts_10s, counts_1h], [0, 4000 + 20 * 360]);
});

test('a start with a clock of 2036, or of 1970, deletes nothing and says so; set right it goes on', async (t) => {
  for (const wrong of [Date.UTC(2036, 1, 7), 86_400_000]) {
    const dataDir = temporaryFolder(t);
    const first = await openApp(t, { dataDir }, undefined, NOON, 1);
    await history(first);
    await run(first, 20, { 200: 1 });
    const before = await rows(first);
    await first.close();
    const second = await openApp(t, { dataDir }, undefined, wrong, 5);
    await run(second, 30, { 200: 1 });
    assert.deepEqual(await rows(second), before);
    assert.match((await troubles(second)).join(), wrong < NOON ? /jumped back by/ : /jumped ahead by/);
    assert.match(second.log.join(''), wrong < NOON ? /jumped back by/ : /jumped ahead by/);
    second.clock.now = NOON + HOUR;
    await run(second, 70, { 200: 1 });
    assert.equal(second.ingest.clock.steady(), second.clock.now);
    for (const count of Object.values(await rows(second))) assert.equal(count, 4020 + 70);
    const {
      sources: [{ lastSeen }],
    } = (await second.app.inject('/api/sources')).json<Sources>();
    assert.equal(lastSeen, second.clock.now, 'it was not heard at a time that is still to come');
  }
});

test('a batch that was entered in the ledger while the clock was ahead is forgotten in its time, and keeps none of the others', async (t) => {
  const app = await openApp(t);
  const enter = (key: string) =>
    app.app.inject({
      method: 'POST',
      url: '/ingest/shop?format=counts',
      headers: { 'idempotency-key': key },
      payload: JSON.stringify({ ts: app.clock.now / 1000, code: 200, count: 1 }),
    });
  app.clock.now += 500 * DAY;
  await enter('ahead');
  await app.tick();
  app.clock.now -= 500 * DAY;
  await app.tick();
  assert.equal((await enter('ahead')).json<{ duplicate: boolean }>().duplicate, true);
  const times = app.ingest.store.db.prepare('SELECT at FROM ledger').pluck().all() as number[];
  assert.ok(times.every((at) => at <= app.clock.now));
});
