import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Annotations, Incident, IncidentDetail, Incidents, Sources, WhyAnswer } from '#shared/api.ts';
import { combined, openApp } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';
import { get, open, outage, post, restarted, send } from './support.ts';

test('an outage is an incident with its reasons, written and told', async (t) => {
  const app = await outage(t);
  const [incident] = await open(app);
  assert.deepEqual(
    [incident.source, incident.codes, incident.severity, incident.state],
    ['shop', [502], 'page', 'firing'],
  );
  const detail = await get<IncidentDetail>(app, `/api/incidents/${incident.id}`);
  assert.deepEqual(
    detail.transitions.map(({ from, to }) => `${from} → ${to}`),
    ['pending → firing'],
  );
  assert.ok(
    detail.evaluations.length > 0 &&
      detail.evaluations.every(({ share, score, says }) => share > 0 && score > 6 && says.includes('502s')),
  );
  assert.match(detail.markdown, /502/);
  assert.deepEqual(app.ingest.store.db.prepare('SELECT event FROM outbox').pluck().all(), ['opened']);
});

test('it is acknowledged, silenced, annotated and ended by hand', async (t) => {
  const app = await outage(t);
  const [{ id }] = await open(app);
  assert.equal((await post<Incident>(app, `/api/incidents/${id}/ack`, { by: 'mia' })).acknowledged!.by, 'mia');
  assert.equal(
    (await post<Incident>(app, `/api/incidents/${id}/silence`, { minutes: 30 })).silencedUntil,
    app.clock.now + 1_800_000,
  );
  await post(app, `/api/incidents/${id}/note`, { by: 'mia', text: 'disk full' });
  await send(app, 10, { 200: 5, 502: 15 });
  const after = await get<IncidentDetail>(app, `/api/incidents/${id}`);
  assert.deepEqual(
    [after.incident.acknowledged!.by, after.notes[0].text],
    ['mia', 'disk full'],
    'what people said outlives the next evaluation',
  );
  assert.equal((await post<Incident>(app, `/api/incidents/${id}/resolve`, { by: 'mia' })).state, 'resolved');
  assert.deepEqual(await open(app), []);
});

test('lines of an incident outlive a restart, a handful and without secrets', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await openApp(t, { dataDir });
  await send(first, 600, { 200: 20 }, { every: 30 });
  for (let s = 0; s < 30; s++) {
    first.clock.now += 1000;
    await first.app.inject({
      method: 'POST',
      url: '/ingest/shop',
      payload: Array.from({ length: 5 }, (_, i) =>
        combined(first.clock.now, 502, `/pay/${s}-${i}?card=4111111111111111`),
      ).join('\n'),
    });
    await first.tick();
  }
  const [{ id }] = await open(first);
  const { clock } = first;
  await first.close();
  const second = await openApp(t, { dataDir });
  second.clock.now = clock.now + 1000;
  const { samples, diagnosis } = await get<IncidentDetail>(second, `/api/incidents/${id}`);
  assert.equal(samples.length, 10);
  assert.ok(samples.every(({ code, line }) => code === 502 && line.includes('/pay/') && !line.includes('4111')));
  assert.equal(diagnosis!.code, 502);
});

test('an open incident, what was learnt and the state of its recovery survive a restart', async (t) => {
  const dataDir = temporaryFolder(t);
  const first = await outage(t, { dataDir });
  const [{ id }] = await open(first);
  const at = first.clock.now;
  await first.close();
  const second = await openApp(t, { dataDir });
  second.clock.now = at + 5000;
  assert.deepEqual(
    (await open(second)).map((incident) => [incident.id, incident.state]),
    [[id, 'firing']],
  );
  await send(second, 20, { 200: 5, 502: 15 });
  assert.deepEqual(
    (await open(second)).map((incident) => incident.id),
    [id],
    'it goes on as the same incident',
  );
  await send(second, 500, { 200: 20 }, { every: 20 });
  assert.deepEqual(await open(second), []);
  assert.equal((await get<Incidents>(second, '/api/incidents')).incidents.length, 1);
});

test('late data is counted and never pages; what it would have paged for is marked', async (t) => {
  const app = await openApp(t);
  await send(app, 600, { 200: 20 }, { every: 30 });
  const then = app.clock.now / 1000 - 7200;
  const lines = Array.from({ length: 3000 }, (_, i) => ({
    ts: then + i,
    source: 'shop',
    code: i > 2400 && i < 2700 ? 503 : 200,
    count: 20,
  }));
  await post(app, '/ingest?format=counts', lines);
  await send(app, 30, { 200: 20 });
  assert.deepEqual((await get<Incidents>(app, '/api/incidents')).incidents, []);
  const { annotations } = await get<Annotations>(app, '/api/annotations?from=now-3h');
  assert.equal(annotations.length, 1);
  assert.match(annotations[0].text, /^would have paged at ..:.. UTC, data arrived ..:.. UTC: 503s at /);
});

test('a source whose clock is steadily wrong is judged at arrival, and flagged', async (t) => {
  const app = await openApp(t);
  await send(app, 600, { 200: 20 }, { late: 3600, every: 20 });
  await send(app, 30, { 502: 20 }, { late: 3600 });
  assert.deepEqual(
    (await open(app)).map(({ codes }) => codes),
    [[502]],
  );
  const { sources } = await get<Sources>(app, '/api/sources');
  const shop = sources.find(({ name }) => name === 'shop')!;
  assert.deepEqual(
    [shop.flags, shop.clockBehindMs, shop.rate > 1],
    [['clock-behind'], 3_600_000, true],
    'it is seen to be alive, and by how much its clock is wrong',
  );
});

test('why has this not fired? the nearest moment is named, with what was missing', async (t) => {
  const app = await openApp(t);
  await send(app, 600, { 200: 100 }, { every: 30 });
  await send(app, 20, { 200: 90, 500: 1 });
  await send(app, 60, { 200: 100 });
  const why = await get<WhyAnswer>(app, '/api/why?source=shop&from=now-15m');
  assert.ok(why.at !== null && why.rows.length > 0);
  assert.equal(
    why.rows.some(({ fires }) => fires),
    false,
  );
  assert.match(why.rows[0].says, /under the floor|has not lasted|chance explains/);
});

test('counts that may be of a sample say so wherever they are given, after a restart too', async (t) => {
  const app = await openApp(t);
  const attribute = (key: string, value: object): object => ({ key, value });
  const spans = (code: number, times: number): object[] =>
    Array.from({ length: times }, () => ({
      kind: 2,
      startTimeUnixNano: `${app.clock.now - 20}000000`,
      endTimeUnixNano: `${app.clock.now}000000`,
      attributes: [
        attribute('http.response.status_code', { intValue: code }),
        attribute('http.request.method', { stringValue: 'GET' }),
      ],
    }));
  const traces = async (seconds: number, ...mix: [number, number][]): Promise<void> => {
    for (let s = 0; s < seconds; s += 5) {
      app.clock.now += 5000;
      await post(app, '/v1/traces', {
        resourceSpans: [
          {
            resource: { attributes: [attribute('service.name', { stringValue: 'traced' })] },
            scopeSpans: [{ spans: mix.flatMap(([code, times]) => spans(code, times)) }],
          },
        ],
      });
      await app.tick();
    }
  };
  await send(app, 60, { 200: 5 }, { every: 30 });
  await traces(300, [200, 40]);
  await traces(40, [200, 10], [500, 30]);
  const labels = async (of: typeof app): Promise<string[][]> =>
    Promise.all(
      ['/api/totals', '/api/series', '/api/breakdown?dimension=method', '/api/codes', '/api/totals?source=shop'].map(
        async (url) => (await get<{ sampled: string[] }>(of, url)).sampled,
      ),
    );
  const expected = [['traced'], ['traced'], ['traced'], ['traced'], []];
  assert.deepEqual(await labels(app), expected);
  const [{ id }] = await open(app);
  const { diagnosis, markdown } = await get<IncidentDetail>(app, `/api/incidents/${id}`);
  assert.ok(
    diagnosis!.refinements.some(({ evidence }) => evidence.includes('do not say how they were sampled')) &&
      markdown.includes('do not say how they were sampled'),
  );
  const again = await restarted(t, app);
  assert.deepEqual(await labels(again), expected);
  const sampledIn = async (range: string): Promise<string[]> =>
    (await get<{ sampled: string[] }>(again, `/api/totals?${range}`)).sampled;
  const flags = async (): Promise<string[]> =>
    (await get<Sources>(again, '/api/sources')).sources.find(({ name }) => name === 'traced')!.flags;
  assert.ok((await flags()).includes('sampled'));
  again.clock.now += 26 * 3_600_000;
  await send(again, 60, { 200: 5 }, { source: 'traced' });
  assert.deepEqual(
    [await sampledIn('from=now-1h'), await sampledIn('from=now-2d'), await sampledIn('')],
    [[], ['traced'], ['traced']],
    'a range is exact when nothing in it was of a sample',
  );
  assert.deepEqual(await flags(), [], 'a day of exact counts, and the source is no longer marked');
  assert.deepEqual(
    (await get<IncidentDetail>(again, `/api/incidents/${id}`)).sampled,
    ['traced'],
    'of that time it stays true',
  );
});
