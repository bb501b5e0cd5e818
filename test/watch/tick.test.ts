// One thing that throws in a tick takes nothing else along, and is counted and shown.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Incident, IncidentDetail, Troubles } from '#shared/api.ts';
import { detectors } from '../../server/core/detect/detectors/index.ts';
import type { TestApp } from '../support/app.ts';
import { openApp } from '../support/app.ts';
import { get, open, outbox, send } from './support.ts';

/** Two sources that have been well for ten minutes, and fail from now on; `after` looks after each tick. */
async function bothFail(app: TestApp, before: () => void): Promise<void> {
  for (const source of ['shop', 'blog']) await send(app, 600, { 200: 20 }, { every: 30, source });
  before();
  for (let i = 0; i < 6; i++) {
    for (const source of ['shop', 'blog']) {
      await app.app.inject({
        method: 'POST',
        url: '/ingest?format=counts',
        payload: [
          [200, 25],
          [502, 75],
        ]
          .map(([code, count]) => JSON.stringify({ ts: app.clock.now / 1000, source, code, count }))
          .join('\n'),
      });
    }
    app.clock.now += 5000;
    await app.tick();
  }
}

const troubles = async (app: TestApp): Promise<string[]> =>
  (await get<Troubles>(app, '/api/troubles')).troubles.map(({ step, of, count }) => `${step} of ${of}: ${count > 0}`);

test('a detector that throws for one source leaves the other its incident, told in that very tick', async (t) => {
  const app = await openApp(t);
  const judges = detectors.map((detector) => detector.judge);
  t.after(() =>
    detectors.forEach((detector, i) => {
      detector.judge = judges[i];
    }),
  );
  await bothFail(app, () =>
    detectors.forEach((detector, i) => {
      detector.judge = (state, now) => {
        if (state.name === 'shop') throw new Error('a bug');
        return judges[i].call(detector, state, now);
      };
    }),
  );
  assert.deepEqual(
    (await open(app)).map(({ source }) => source),
    ['blog'],
  );
  assert.deepEqual(outbox(app), ['opened blog']);
  assert.deepEqual(await troubles(app), ['detection of shop: true']);
  assert.match((await app.app.inject('/metrics')).body, /fivealarm_troubles_total\{step="detection"\} [1-9]/);
  assert.equal(
    app.log.filter((line) => line.includes('detection failed for shop')).length < 8,
    true,
    'said when it is new and as it piles up, not each second',
  );
});

test('an incident that cannot be written leaves the others written and told, and is when it can be', async (t) => {
  const app = await openApp(t);
  const { incidents } = app.ingest.store,
    { write } = incidents;
  const told: Incident[][] = [];
  await bothFail(app, () => {
    incidents.write = async (changes) => {
      if (changes.some(({ incident }) => incident.source === 'shop')) throw new RangeError('datatype mismatch');
      told.push(changes.map(({ incident }) => incident as Incident));
      return write.call(incidents, changes);
    };
  });
  assert.deepEqual(
    (await open(app)).map(({ source }) => source),
    ['blog'],
  );
  assert.deepEqual(outbox(app), ['opened blog']);
  assert.deepEqual(await troubles(app), ['incidents of shop: true']);
  incidents.write = write;
  await app.tick();
  assert.deepEqual((await open(app)).map(({ source }) => source).sort(), ['blog', 'shop']);
  assert.deepEqual(outbox(app).sort(), ['opened blog', 'opened shop']);
});

test('a diagnosis that throws, samples that cannot be kept and learning that cannot be written stop nothing behind them', async (t) => {
  const app = await openApp(t);
  const { counts, incidents, watch } = app.ingest.store;
  const { breakdown } = counts,
    { keepLearnt } = watch;
  await bothFail(app, () => {
    counts.breakdown = async (query) => {
      if (query.source === 'shop') throw new Error('no such breakdown');
      return breakdown.call(counts, query);
    };
    incidents.addSamples = async () => {
      throw new TypeError('REAL value in an INTEGER column');
    };
    watch.keepLearnt = async (rows, at) => {
      if (rows.has('shop')) throw new Error('cannot be kept');
      return keepLearnt.call(watch, rows, at);
    };
  });
  const all = await open(app);
  assert.deepEqual(all.map(({ source }) => source).sort(), ['blog', 'shop']);
  assert.notEqual(
    all.find(({ source }) => source === 'blog')!.cause,
    null,
    'the second incident is diagnosed though the first cannot be',
  );
  assert.ok((await troubles(app)).some((text) => text.startsWith('diagnosis of incident ')));
});

test('incidents of Loki and OTLP records, whose times have fractions of a millisecond, get samples, cause and headline', async (t) => {
  const app = await openApp(t);
  const line = (code: number) => `10.0.0.1 - - "GET / HTTP/1.1" ${code} 12 "-" "curl"`;
  const nanos = (ms: number, i: number) => `${ms}${String(100_001 + i * 7).padStart(6, '0')}`;
  const loki = (codes: number[]) => ({
    streams: [
      { stream: { service_name: 'loki-shop' }, values: codes.map((code, i) => [nanos(app.clock.now, i), line(code)]) },
    ],
  });
  const otlp = (codes: number[]) => ({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'otlp-shop' } }] },
        scopeLogs: [
          {
            logRecords: codes.map((code, i) => ({
              timeUnixNano: nanos(app.clock.now, i),
              attributes: [
                { key: 'http.response.status_code', value: { intValue: String(code) } },
                { key: 'http.request.method', value: { stringValue: 'GET' } },
              ],
            })),
          },
        ],
      },
    ],
  });
  for (let s = 0; s < 700; s += 10) {
    app.clock.now += 10_000;
    const codes = Array.from({ length: 100 }, (_, i) => (s >= 660 && i % 2 === 0 ? 502 : 200));
    const json = { 'content-type': 'application/json' };
    assert.equal(
      (
        await app.app.inject({
          method: 'POST',
          url: '/loki/api/v1/push',
          headers: json,
          payload: JSON.stringify(loki(codes)),
        })
      ).statusCode,
      204,
    );
    assert.equal(
      (await app.app.inject({ method: 'POST', url: '/v1/logs', headers: json, payload: JSON.stringify(otlp(codes)) }))
        .statusCode,
      200,
    );
    await app.tick();
  }
  const all = await open(app);
  assert.deepEqual(all.map(({ source }) => source).sort(), ['loki-shop', 'otlp-shop']);
  for (const { id, source, cause, headline, summary } of all) {
    assert.notEqual(cause, null, source);
    assert.notEqual(headline, summary, source);
    const kept = app.ingest.store.db.prepare('SELECT at FROM sample WHERE incident = ?').pluck().all(id) as number[];
    assert.ok(kept.length > 0 && kept.every(Number.isInteger), `${source} keeps samples`);
    assert.ok(
      (await get<IncidentDetail>(app, `/api/incidents/${id}`)).samples.every(({ at }) => Number.isInteger(at)),
      source,
    );
  }
  assert.deepEqual(await troubles(app), []);
});
