// Rules that people write, from the trial on the past to the restart.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Backtest, Rule, RuleSpec, WhyAnswer } from '#shared/api.ts';
import { NOON, openApp, type TestApp } from '../support/app.ts';
import { get, open, outage, post, restarted, send, silence } from './support.ts';

const threshold = {
  kind: 'threshold',
  name: 'any 502',
  source: null,
  severity: 'warn',
  codes: '502',
  where: null,
  measure: 'rate',
  above: 1,
  clear: null,
  window: 10,
  minTotal: 0,
  for: 0,
  keepFiring: 0,
} as const satisfies RuleSpec;
const checkout = {
  ...threshold,
  name: 'checkout',
  severity: 'page',
  codes: '5xx',
  where: { dimension: 'route', value: '/checkout' },
  measure: 'share',
  above: 0.5,
  window: 60,
  minTotal: 5,
} as const satisfies RuleSpec;

/** Requests now: so many of each path, answered so. */
async function request(app: TestApp, ...requests: [path: string, code: number, times: number][]): Promise<void> {
  const lines = requests.flatMap(([path, code, times]) =>
    Array<string>(times).fill(
      JSON.stringify({ time: new Date(app.clock.now).toISOString(), status: code, method: 'GET', path }),
    ),
  );
  const { statusCode } = await app.app.inject({ method: 'POST', url: '/ingest/shop', payload: lines.join('\n') });
  assert.equal(statusCode, 200);
  await app.tick();
}

const rulesFiring = async (app: TestApp): Promise<string[]> =>
  (await open(app))
    .map(({ rule }) => rule)
    .filter((rule) => rule !== 'error-share' && rule !== 'traffic-vanished')
    .sort();

test('a rule is tried on what is stored before it is saved, and then watches', async (t) => {
  const app = await outage(t);
  const tried = await post<Backtest>(app, '/api/rules/backtest', { spec: threshold, days: 1 });
  assert.equal(tried.says, 'would have warned once in the 11 min that there are counts of');
  const builtin = await post<Backtest>(app, '/api/rules/backtest', { spec: null, days: 1 });
  assert.deepEqual(
    builtin.incidents.map(({ codes, severity }) => [codes, severity]),
    [[[502], 'page']],
  );
  assert.ok(Math.abs(builtin.incidents[0].openedAt - (NOON + 600_000)) < 60_000);
  const { id } = await post<Rule>(app, '/api/rules', threshold);
  await send(app, 20, { 200: 5, 502: 15 });
  assert.deepEqual((await open(app)).map(({ rule }) => rule).sort(), ['any 502', 'error-share']);
  assert.equal((await app.app.inject({ method: 'DELETE', url: `/api/rules/${id}` })).statusCode, 204);
  await send(app, 5, { 200: 20 });
  assert.deepEqual(
    (await open(app)).map(({ rule }) => rule),
    ['error-share'],
  );
});

test('a rule that is changed watches as changed; the incident of what it was has ended', async (t) => {
  const app = await outage(t);
  const { id } = await post<Rule>(app, '/api/rules', threshold);
  await send(app, 10, { 200: 5, 502: 15 });
  assert.deepEqual(await rulesFiring(app), ['any 502']);
  const changed = await app.app.inject({
    method: 'PUT',
    url: `/api/rules/${id}`,
    payload: { spec: { ...threshold, above: 100 }, enabled: true },
  });
  assert.equal(changed.statusCode, 200);
  await send(app, 20, { 200: 5, 502: 15 });
  assert.deepEqual(await rulesFiring(app), []);
});

test('a rule on one route sees only that route', async (t) => {
  const app = await openApp(t);
  await post(app, '/api/rules', checkout);
  await request(app, ['/checkout', 200, 20]);
  app.clock.now += 5000;
  await request(app, ['/about', 500, 20]);
  assert.deepEqual(await rulesFiring(app), []);
  app.clock.now += 120_000;
  await request(app, ['/checkout', 500, 20]);
  await app.tick();
  assert.deepEqual(await rulesFiring(app), ['checkout']);
});

test('a rule on one route is tried on the past by the minute, and says so', async (t) => {
  const app = await openApp(t);
  const failing = (minute: number): boolean => [15, 16, 17, 45, 46, 47].includes(minute);
  for (let minute = 0; minute < 60; minute++, app.clock.now += 60_000) {
    await request(
      app,
      ['/checkout', failing(minute) ? 500 : 200, 20],
      ['/about', minute > 20 && minute < 30 ? 500 : 200, 30],
    );
  }
  const tried = await post<Backtest>(app, '/api/rules/backtest', { spec: checkout, days: 1 });
  assert.equal(tried.says, 'would have paged 2 times in the 60 min that there are counts of');
  assert.deepEqual(
    tried.incidents.map(({ openedAt }) => Math.floor((openedAt - NOON) / 60_000)),
    [15, 45],
  );
  assert.match(tried.limits.join(' '), /routes are counted by the minute/);
  const other = await post<Backtest>(app, '/api/rules/backtest', {
    spec: { ...checkout, where: { dimension: 'route', value: '/nowhere' } },
    days: 1,
  });
  assert.deepEqual(other.incidents, []);
});

test('a rate is tried on minutes as what came in its window, not as all of the minute at once', async (t) => {
  const app = await openApp(t);
  // 2 a second, three days ago: only minutes are played
  const start = Math.floor(NOON / 60_000) * 60 - 3 * 86_400;
  await post(
    app,
    '/ingest?format=counts',
    Array.from({ length: 3600 }, (_, i) => ({ ts: start + i, source: 'shop', code: 502, count: 2 })),
  );
  const times = async (above: number) =>
    (await post<Backtest>(app, '/api/rules/backtest', { spec: { ...threshold, above }, days: 7 })).incidents.length;
  assert.deepEqual([await times(1.5), await times(2.5)], [1, 0]);
});

test('counters of rules are what they were after a restart, and of a new rule what they would be', async (t) => {
  const slo: RuleSpec = { kind: 'slo', name: 'three nines', source: null, severity: 'page', target: 0.999 };
  const busy: RuleSpec = {
    ...threshold,
    name: 'an hour of 404s',
    codes: '404',
    measure: 'rate',
    above: 0.4,
    window: 3600,
  };
  const whole: RuleSpec = { ...checkout, name: 'an hour of checkout', window: 3600, minTotal: 1500 };
  const app = await openApp(t, { rules: [busy, slo] });
  for (let minute = 0; minute < 110; minute += 2, app.clock.now += 120_000)
    await request(app, ['/checkout', minute < 20 ? 200 : 500, 60], ['/about', 404, 60]);
  assert.deepEqual(await rulesFiring(app), ['an hour of 404s', 'three nines']);
  await post(app, '/api/rules', whole);
  await app.tick();
  assert.deepEqual(
    await rulesFiring(app),
    ['an hour of 404s', 'an hour of checkout', 'three nines'].sort(),
    'a new rule knows the hour before it',
  );

  const again = await restarted(t, app);
  await request(again, ['/about', 404, 1]);
  await silence(again, 30);
  await request(again, ['/about', 404, 1]);
  assert.deepEqual(
    await rulesFiring(again),
    ['an hour of 404s', 'an hour of checkout', 'three nines'].sort(),
    'none is recovering for want of counts',
  );
  assert.deepEqual(
    (await open(again)).filter(({ rule }) => rule !== 'error-share').map(({ state }) => state),
    ['firing', 'firing', 'firing'],
  );
});

test('why has my rule not fired? its nearest moment is told with its numbers, for a rule on one route too', async (t) => {
  const rules: RuleSpec[] = [
    { ...threshold, name: 'long', measure: 'share', above: 0.1, window: 60, for: 600 },
    { ...threshold, name: 'high', measure: 'share', above: 0.9, window: 60 },
    { ...checkout, name: 'one route', above: 0.6 },
    { kind: 'slo', name: 'one nine', source: null, severity: 'page', target: 0.9 },
    { kind: 'absence', name: 'heartbeat', source: 'shop', severity: 'page', for: 600 },
  ];
  const app = await openApp(t, { rules });
  for (let minute = 0; minute < 20; minute++, app.clock.now += 60_000)
    await request(app, ['/checkout', minute === 12 ? 502 : 200, 20], ['/about', 200, 20]);
  const said = new Map(
    (await get<WhyAnswer>(app, '/api/why?source=shop&from=now-30m')).rules.map(({ name, says, at, fires }) => [
      name,
      { says, fires, minute: Math.floor((at - NOON) / 60_000) },
    ]),
  );
  assert.match(
    said.get('long')!.says,
    /^502 at 50% of requests \(fires over 10%\) in 60 s: 20 of 40; met for \d+ s, where 600 s are needed$/,
  );
  assert.match(said.get('high')!.says, /^502 at 50% of requests \(fires over 90%\)/);
  assert.ok(
    said.get('one route')!.fires && [12, 13].includes(said.get('one route')!.minute),
    JSON.stringify(said.get('one route')),
  );
  assert.match(
    said.get('one nine')!.says,
    /^3\.8% failed in 72 h and 3\.8% in 6 h \(fires over 10% in both\): 20 of 520$/,
  );
  assert.match(said.get('heartbeat')!.says, /^no requests for \d+ s \(fires at 600 s\)$/);
});

test('an absence goes on over a restart; the time that the server was away is none of it', async (t) => {
  const absence: RuleSpec = { kind: 'absence', name: 'heartbeat', source: 'shop', severity: 'page', for: 900 };
  const app = await openApp(t, { rules: [absence] });
  await send(app, 300, { 200: 1 }, { every: 30 });
  await silence(app, 600);
  assert.deepEqual(await rulesFiring(app), []);
  const again = await restarted(t, app, 3600);
  await silence(again, 200);
  assert.deepEqual(await rulesFiring(again), [], 'ten minutes before and three after are under fifteen');
  await silence(again, 150);
  assert.deepEqual(await rulesFiring(again), ['heartbeat']);
});

test('the incident of a rule that is gone from the configuration ends with the restart', async (t) => {
  const app = await openApp(t, { rules: [threshold, { ...threshold, name: 'any 503', codes: '503' }] });
  await send(app, 60, { 503: 10, 502: 10 });
  assert.deepEqual(await rulesFiring(app), ['any 502', 'any 503']);
  await app.close();
  const again = await openApp(
    t,
    { dataDir: app.dataDir, rules: [{ ...threshold, name: 'any 503', codes: '503' }] },
    undefined,
    app.clock.now + 5000,
  );
  await again.tick();
  assert.deepEqual(await rulesFiring(again), []);
  assert.deepEqual(await get(again, '/api/incidents?open=true&source=nobody'), { incidents: [], pending: [] });
});
