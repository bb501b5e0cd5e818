// The life of incidents over restarts, long silences, and several sources that are one fault.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Incident, IncidentDetail, Incidents, RuleSpec } from '#shared/api.ts';
import { openApp, type TestApp } from '../support/app.ts';
import { DEAD, get, open, outage, outbox, post, proxied, restarted, send, silence, type Mix } from './support.ts';

const healthy: Mix = [
  [200, '10.0.0.1:80', 20],
  [200, DEAD, 20],
];
const failing: Mix = [
  [200, '10.0.0.1:80', 20],
  [502, DEAD, 20],
];

test('several sources behind one dead upstream are one incident, on the page and in what is told', async (t) => {
  const app = await openApp(t);
  await proxied(app, 300, { shop: healthy, blog: healthy });
  await proxied(app, 60, { shop: failing, blog: failing });
  const { incidents } = await get<Incidents>(app, '/api/incidents?open=true');
  assert.deepEqual(
    incidents.map(({ sources, culprit }) => [[...sources].sort(), culprit]),
    [[['blog', 'shop'], 'upstream-connect']],
  );
  const { incident } = await get<IncidentDetail>(app, `/api/incidents/${incidents[0].id}`);
  assert.ok(incident.failed > 300, 'what failed on both');
  assert.match((await app.app.inject('/metrics')).body, /fivealarm_incidents_open\{severity="page"\} 1/);
  const { sources } = await get<{ sources: { name: string; alarm: string }[] }>(app, '/api/sources');
  assert.deepEqual(
    sources.map(({ alarm }) => alarm),
    ['page', 'page'],
  );
  assert.equal(outbox(app).length, 1, 'told once');
});

test('one of many sources that recovers first leaves the incident open; the last one ends it', async (t) => {
  const app = await openApp(t);
  await proxied(app, 300, { shop: healthy, blog: healthy });
  await proxied(app, 60, { shop: failing, blog: failing });
  const [{ id, source }] = await open(app);
  const other = source === 'shop' ? 'blog' : 'shop';
  await proxied(app, 500, { [source]: healthy, [other]: failing });
  assert.deepEqual(
    (await open(app)).map((incident) => [incident.id, incident.state]),
    [[id, 'firing']],
    `${other} still fails`,
  );
  const again = await restarted(t, app);
  assert.deepEqual(
    (await open(again)).map((incident) => [incident.id, incident.state, [...incident.sources].sort()]),
    [[id, 'firing', ['blog', 'shop']]],
    'after a restart too',
  );
  await proxied(again, 500, { [source]: healthy, [other]: healthy });
  assert.deepEqual(await open(again), []);
  assert.deepEqual(outbox(again), [`opened ${source}`, `resolved ${source}`]);
  const { transitions } = await get<IncidentDetail>(again, `/api/incidents/${id}`);
  assert.ok(
    transitions.some(({ why }) => why.startsWith(`${other}: `)),
    'what the other source did is part of its history',
  );
});

test('sources whose failures are seen to be one after a restart fold all the same', async (t) => {
  const app = await openApp(t);
  await proxied(app, 300, { shop: healthy, blog: healthy });
  await proxied(app, 40, { shop: failing, blog: healthy });
  const [{ id }] = await open(app);
  const again = await restarted(t, app);
  await proxied(again, 400, { shop: failing, blog: healthy });
  await proxied(again, 60, { shop: failing, blog: failing });
  assert.deepEqual(
    (await open(again)).map((incident) => [incident.id, incident.sources]),
    [[id, ['shop', 'blog']]],
    'seven minutes later it is still the same upstream',
  );
});

test('an incident ended by hand ends on every source that it was seen on; the only upstream is one that can be dead', async (t) => {
  const sole = (code: number): Mix => [[code, DEAD, 40]];
  const app = await openApp(t);
  await proxied(app, 300, { shop: sole(200), blog: sole(200) });
  await proxied(app, 60, { shop: sole(502), blog: sole(502) });
  const [{ id }] = await open(app);
  assert.equal((await post<Incident>(app, `/api/incidents/${id}/resolve`, { by: 'mia' })).state, 'resolved');
  await proxied(app, 60, { shop: sole(200), blog: sole(200) });
  assert.deepEqual(await open(app), []);
});

test('a source that vanishes for days while it fires stays blind, over restarts too, and ends when it is back and well', async (t) => {
  const app = await outage(t);
  const [{ id }] = await open(app);
  await silence(app, 600);
  assert.deepEqual(
    (await open(app)).map(({ state }) => state),
    ['blind'],
  );
  const again = await restarted(t, app, 60);
  await silence(again, 60);
  const { transitions } = await get<IncidentDetail>(again, `/api/incidents/${id}`);
  assert.deepEqual(
    transitions.map(({ to }) => to),
    ['firing', 'blind'],
    'a restart is no recovery',
  );
  again.clock.now += 3 * 86_400_000;
  await silence(again, 30);
  assert.deepEqual(
    (await open(again)).map((incident) => [incident.id, incident.state]),
    [[id, 'blind']],
  );
  const third = await restarted(t, again, 60);
  await send(third, 600, { 200: 20 }, { every: 20 });
  assert.deepEqual(await open(third), []);
  assert.equal((await get<Incidents>(third, '/api/incidents')).incidents.length, 1);
});

test('an incident keeps its state over a restart, whichever it is', async (t) => {
  const states = async (app: TestApp): Promise<string[]> =>
    (await get<Incidents>(app, '/api/incidents')).incidents.map(({ state }) => state);
  const app = await outage(t);
  await send(app, 120, { 200: 20 });
  assert.deepEqual(await states(app), ['recovering']);
  const second = await restarted(t, app);
  await send(second, 20, { 200: 20 });
  assert.deepEqual(await states(second), ['recovering']);
  await send(second, 300, { 200: 20 }, { every: 20 });
  assert.deepEqual(await states(second), ['resolved']);
  const third = await restarted(t, second);
  await send(third, 30, { 200: 5, 502: 15 });
  assert.deepEqual(await states(third), ['firing'], 'back within the grace period, it is the same');
});

test('what pends is told with when it will fire, and goes on pending over a restart', async (t) => {
  const rule: RuleSpec = {
    kind: 'threshold',
    name: 'slow burn',
    source: null,
    severity: 'page',
    codes: '404',
    where: null,
    measure: 'share',
    above: 0.1,
    clear: null,
    window: 60,
    minTotal: 0,
    for: 600,
    keepFiring: 0,
  };
  const app = await openApp(t, { rules: [rule] });
  const pending = async (of: TestApp): Promise<Incidents['pending']> =>
    (await get<Incidents>(of, '/api/incidents?open=true')).pending;
  await send(app, 300, { 200: 25 }, { every: 30 });
  assert.deepEqual(await pending(app), []);
  const begun = app.clock.now;
  await send(app, 300, { 200: 22, 404: 3 });
  const [first, ...more] = await pending(app);
  assert.deepEqual(
    [first.source, first.rule, first.severity, first.codes, more.length],
    ['shop', 'slow burn', 'page', [404], 0],
  );
  assert.ok(Math.abs(first.firesAt - (begun + 640_000)) < 40_000, `${(first.firesAt - begun) / 1000} s`);
  const again = await restarted(t, app, 10);
  await send(again, 20, { 200: 22, 404: 3 });
  assert.deepEqual(
    (await pending(again)).map(({ firesAt }) => firesAt),
    [first.firesAt],
  );
  await send(again, (first.firesAt - again.clock.now) / 1000 - 20, { 200: 22, 404: 3 });
  assert.deepEqual(await open(again), []);
  await send(again, 40, { 200: 22, 404: 3 });
  assert.deepEqual(
    (await open(again)).map((incident) => incident.rule),
    ['slow burn'],
  );
  assert.deepEqual(await pending(again), []);
});

test('what pended and does not go on is no longer told', async (t) => {
  const app = await openApp(t);
  await send(app, 900, { 200: 100 }, { every: 30 });
  await send(app, 65, { 200: 10, 404: 90 });
  const { pending } = await get<Incidents>(app, '/api/incidents');
  assert.deepEqual(
    pending.map(({ severity, codes }) => [severity, codes]),
    [['warn', [404]]],
  );
  await send(app, 60, { 200: 1000 });
  assert.deepEqual((await get<Incidents>(app, '/api/incidents')).pending, []);
});

test('a source that was taken away pages once: ended by hand, its silence does not come back', async (t) => {
  const app = await openApp(t);
  await send(app, 2400, { 200: 20 }, { every: 30 });
  await silence(app, 400);
  const [{ id, rule }] = await open(app);
  assert.equal(rule, 'traffic-vanished');
  await post(app, `/api/incidents/${id}/resolve`, {});
  await silence(app, 3600, 30);
  assert.deepEqual(await open(app), []);
  assert.equal((await get<Incidents>(app, '/api/incidents')).incidents.length, 1);
});

test('a silence ended by hand stays ended over restarts, soon, late and long, until something comes', async (t) => {
  let app = await openApp(t);
  await send(app, 2400, { 200: 20 }, { every: 30 });
  await silence(app, 400);
  const [{ id }] = await open(app);
  await post(app, `/api/incidents/${id}/resolve`, {});
  await silence(app, 60);
  for (const [before, away] of [
    [60, 900],
    [4000, 60],
    [60, 3 * 86_400],
  ]) {
    app = await restarted(t, app, away);
    await silence(app, before, 30);
    assert.deepEqual(await open(app), [], `${away} s away, then ${before} s`);
  }
  await send(app, 2400, { 200: 20 }, { every: 30 });
  app = await restarted(t, app);
  await silence(app, 12_000, 30);
  assert.deepEqual(
    (await open(app)).map(({ rule }) => rule),
    ['traffic-vanished'],
    'what falls silent again is told again',
  );
});

test('a warning that turns into a page is told, whenever it does', async (t) => {
  const grumbling: Mix = [
    [200, '10.0.0.1:80', 39],
    [503, '10.0.0.1:80', 1],
  ];
  for (const seconds of [105, 110, 115, 120]) {
    const app = await openApp(t);
    await proxied(app, 600, { shop: healthy });
    await proxied(app, seconds, { shop: grumbling });
    assert.deepEqual(
      (await open(app)).map(({ severity }) => severity),
      ['warn'],
    );
    await proxied(app, 30, { shop: failing });
    assert.deepEqual(outbox(app), ['opened shop', 'escalated shop'], `after ${seconds} s`);
  }
});
