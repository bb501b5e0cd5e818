import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Incident, IncidentDetail, Incidents, Rule, Rules, Sources } from '#shared/api.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';

const get = async <T>(app: TestApp, url: string): Promise<T> => (await app.app.inject(url)).json() as T;
const post = async <T>(app: TestApp, url: string, payload: object): Promise<T> => {
  const response = await app.app.inject({ method: 'POST', url, payload });
  assert.equal(response.statusCode, 200, response.body);
  return response.json() as T;
};

/** Seconds of traffic as it would arrive: ten requests each, `failing` of them a 502. */
async function traffic(app: TestApp, seconds: number, failing: number): Promise<void> {
  for (let s = 0; s < seconds; s++) {
    const lines = Array.from({ length: 10 }, (_, i) => combined(app.clock.now, i < failing ? 502 : 200, `/p/${i}`));
    await app.app.inject({ method: 'POST', url: '/ingest/shop', payload: lines.join('\n') });
    app.clock.now += 1000;
    await app.tick();
  }
}

test('failing requests open an incident that can be read, taken, silenced, noted and ended', async (t) => {
  const app = await openApp(t);
  await traffic(app, 200, 0);
  assert.deepEqual((await get<Incidents>(app, '/api/incidents')).incidents, []);
  await traffic(app, 30, 5);
  const {
    incidents: [incident],
  } = await get<Incidents>(app, '/api/incidents?open=true&from=now-10m');
  assert.deepEqual(
    [incident.source, incident.codes, incident.severity, incident.state],
    ['shop', [502], 'page', 'firing'],
  );
  assert.ok(incident.openedAt > NOON + 200_000 && incident.openedAt < NOON + 215_000);
  assert.equal((await get<Sources>(app, '/api/sources')).sources[0].alarm, 'page');
  assert.match((await app.app.inject('/metrics')).body, /fivealarm_incidents_open\{severity="page"\} 1/);

  const url = `/api/incidents/${incident.id}`;
  assert.equal((await post<Incident>(app, `${url}/ack`, { by: 'ann' })).acknowledged?.by, 'ann');
  assert.equal((await post<Incident>(app, `${url}/silence`, { minutes: 30 })).silencedUntil, app.clock.now + 1_800_000);
  assert.equal((await post<Incident>(app, `${url}/silence`, { minutes: 0 })).silencedUntil, null);
  await post(app, `${url}/note`, { text: 'restarted <b>shop</b>', by: 'ann' });
  const detail = await get<IncidentDetail>(app, url);
  assert.equal(detail.notes[0].text, 'restarted <b>shop</b>');
  assert.ok(detail.diagnosis!.causes.length > 0 && detail.evaluations.length > 0 && detail.samples.length > 0);
  const markdown = await app.app.inject(`${url}/markdown`);
  assert.match(String(markdown.headers['content-type']), /^text\/markdown/);
  assert.match(markdown.body, /shop/);
  assert.equal((await post<Incident>(app, `${url}/resolve`, {})).state, 'resolved');
});

test('an open incident outlives a restart', async (t) => {
  const app = await openApp(t);
  await traffic(app, 120, 0);
  await traffic(app, 30, 5);
  const [{ id }] = (await get<Incidents>(app, '/api/incidents?open=true')).incidents;
  await app.close();
  const again = await openApp(t, { dataDir: app.dataDir });
  again.clock.now = app.clock.now + 2000;
  await again.tick();
  assert.deepEqual(
    (await get<Incidents>(again, '/api/incidents?open=true')).incidents.map((i) => i.id),
    [id],
  );
});

test('lines of an hour ago are counted and page nobody', async (t) => {
  const app = await openApp(t);
  await traffic(app, 60, 0);
  const old = Array.from({ length: 2000 }, (_, i) => combined(app.clock.now - 3_600_000 + i * 500, i % 2 ? 502 : 200));
  await app.app.inject({ method: 'POST', url: '/ingest/shop', payload: old.join('\n') });
  await app.app.inject({ method: 'POST', url: '/ingest/new', payload: old.join('\n') });
  await traffic(app, 60, 0);
  assert.deepEqual((await get<Incidents>(app, '/api/incidents')).incidents, []);
});

test('an incident there is not is 404, and unknown fields are refused', async (t) => {
  const app = await openApp(t);
  for (const [method, url] of [
    ['GET', '/api/incidents/7'],
    ['POST', '/api/incidents/7/ack'],
    ['POST', '/api/incidents/7/resolve'],
  ] as const) {
    assert.equal(
      (await app.app.inject({ method, url, ...(method === 'POST' ? { payload: {} } : {}) })).statusCode,
      404,
      url,
    );
  }
  for (const payload of [{ minutes: -1 }, { minutes: '5' }, { minutes: 5, hours: 1 }, {}]) {
    assert.equal(
      (await app.app.inject({ method: 'POST', url: '/api/incidents/7/silence', payload })).statusCode,
      400,
      JSON.stringify(payload),
    );
  }
});

test('a rule is added, tried, switched off and removed; one of the configuration stays', async (t) => {
  const spec = {
    kind: 'threshold',
    name: '404s',
    source: null,
    severity: 'warn',
    codes: '404',
    where: null,
    measure: 'share',
    above: 0.5,
    clear: null,
    window: 60,
    minTotal: 10,
    for: 0,
    keepFiring: 0,
  } as const;
  const app = await openApp(t, { rules: [{ ...spec, name: 'ours' }] });
  const { id, spec: kept } = await post<Rule>(app, '/api/rules', spec);
  assert.deepEqual(kept, spec);
  const { rules, builtin, floors, presets } = await get<Rules>(app, '/api/rules');
  assert.deepEqual(rules.map((rule) => [rule.spec.name, rule.origin]).sort(), [
    ['404s', 'page'],
    ['ours', 'config'],
  ]);
  assert.deepEqual(
    floors.map(({ window }) => window),
    [10, 20, 20, 30, 60, 120, 300, 600, 1200, 3600],
  );
  assert.ok(floors.every(({ page, gateway, warn }) => gateway <= page && (warn === null || warn < page)));
  assert.deepEqual(
    presets.map(({ name }) => name),
    ['netdata'],
  );
  assert.ok(builtin.length >= 3 && builtin.every(({ says }) => says.length > 40));
  assert.match((await post<{ says: string }>(app, '/api/rules/backtest', { spec, days: 2 })).says, /./);
  assert.equal((await app.app.inject({ method: 'DELETE', url: `/api/rules/${id}` })).statusCode, 204);
  assert.equal(
    (
      await app.app.inject({
        method: 'DELETE',
        url: `/api/rules/${rules.find(({ origin }) => origin === 'config')!.id}`,
      })
    ).statusCode,
    404,
  );
  assert.equal(
    (await app.app.inject({ method: 'POST', url: '/api/rules', payload: { ...spec, codes: 'many' } })).statusCode,
    400,
  );
});
