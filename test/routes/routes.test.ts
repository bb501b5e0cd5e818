import { test } from 'node:test';
import assert from 'node:assert/strict';
import type {
  Annotations,
  Breakdown,
  CodeCounts,
  Crossing,
  ParseAnswer,
  Series,
  Sources,
  Totals,
} from '#shared/api.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';

const get = async <T>(app: TestApp, url: string): Promise<T> => {
  const response = await app.app.inject(url);
  assert.equal(response.statusCode, 200, `${url}: ${response.body}`);
  return response.json() as T;
};
const post = (app: TestApp, lines: string[], source = 'shop') =>
  app.app.inject({ method: 'POST', url: `/ingest/${source}`, payload: lines.join('\n') });

async function withTraffic(t: { after(work: () => unknown): void }): Promise<TestApp> {
  const app = await openApp(t);
  await post(app, [
    combined(NOON - 600_000, 200),
    combined(NOON - 60_000, 200, '/a'),
    combined(NOON - 60_000, 502, '/b'),
    combined(NOON - 5000, 502, '/b'),
  ]);
  await post(app, [combined(NOON - 7_200_000, 404), combined(NOON - 5000, 200)], 'blog');
  return app;
}

test('totals are exact, by source and code, over all or a stretch of time', async (t) => {
  const app = await withTraffic(t);
  const rows = (totals: Totals) => totals.totals.map(({ source, code, count }) => `${source} ${code} ${count}`).sort();
  assert.deepEqual(rows(await get(app, '/api/totals')), ['blog 200 1', 'blog 404 1', 'shop 200 2', 'shop 502 2']);
  assert.deepEqual(rows(await get(app, '/api/totals?source=blog')), ['blog 200 1', 'blog 404 1']);
  assert.deepEqual(rows(await get(app, '/api/totals?from=now-2m')), ['blog 200 1', 'shop 200 1', 'shop 502 2']);
  assert.deepEqual(rows(await get(app, `/api/totals?from=0&to=${(NOON - 3_600_000) / 1000}`)), ['blog 404 1']);
  assert.deepEqual(rows(await get(app, `/api/totals?from=${new Date(NOON - 30_000).toISOString()}`)), [
    'blog 200 1',
    'shop 502 1',
  ]);
});

test('a source or time that there is not is empty or refused, never a guess', async (t) => {
  const app = await withTraffic(t);
  assert.deepEqual((await get<Totals>(app, '/api/totals?source=__proto__')).totals, []);
  for (const [url, code] of [
    ['/api/totals?from=yesterday', 'badTime'],
    ['/api/totals?from=now&to=now-1h', 'badTime'],
    ['/api/series?by=colour', 'badRequest'],
    ['/api/series?step=5', 'badRequest'],
    ['/api/series?from=0&step=10000', 'badRequest'],
    ['/api/breakdown?dimension=constructor', 'badRequest'],
    ['/api/breakdown', 'badRequest'],
    ['/api/crossings?rows=route', 'badRequest'],
    ['/api/crossings?rows=route&columns=client', 'badRequest'],
    ['/api/crossings?rows=route&columns=route', 'badRequest'],
    ['/api/codes/abc', 'badRequest'],
  ]) {
    const response = await app.app.inject(url);
    assert.deepEqual(
      [response.statusCode, (response.json() as { error: { code: string } }).error.code],
      [400, code],
      url,
    );
  }
});

test('a series has a bucket for each step and says which step it is', async (t) => {
  const app = await withTraffic(t);
  const series = await get<Series>(app, '/api/series?from=now-15m&by=code&source=shop');
  assert.equal(series.step, 10_000);
  const of = (key: string) => series.series.find((s) => s.key === key)!.counts;
  assert.equal(
    of('502').reduce((a, b) => a + b),
    2,
  );
  assert.equal(of('502')[(NOON - 60_000 - series.from) / series.step], 1);
  assert.equal(of('200').length, (series.to - series.from) / series.step);
  const byClass = await get<Series>(app, '/api/series?from=now-15m');
  assert.deepEqual(byClass.series.map(({ key }) => key).sort(), ['2xx', '5xx']);
});

test('a breakdown tells which values the asked-for hits had', async (t) => {
  const app = await withTraffic(t);
  const routes = await get<Breakdown>(app, '/api/breakdown?dimension=route&class=5xx&from=now-15m');
  assert.deepEqual(
    routes.rows.map(({ value, count, share }) => [value, count, share]),
    [['/b', 2, 1]],
  );
});

test('a crossing tells what failed, by two things at once', async (t) => {
  const app = await withTraffic(t);
  const of = async (more = '') => {
    const url = `/api/crossings?rows=route&columns=code&from=now-15m${more}`;
    const { rows, columns, cells } = await get<Crossing>(app, url);
    return cells.map(({ row, column, count }) => [rows[row].value, columns[column].value, count]);
  };
  assert.deepEqual(await of(), [['/b', '502', 2]]);
  assert.deepEqual(await of('&source=shop&code=502&cause=unknown&route=%2Fb'), [['/b', '502', 2]]);
  for (const none of ['&source=blog', '&source=nobody', '&route=%2Fa', '&code=504', '&cause=__proto__'])
    assert.deepEqual(await of(none), [], none);
});

test('codes come with their names and the period before', async (t) => {
  const app = await withTraffic(t);
  const { codes, total } = await get<CodeCounts>(app, '/api/codes?from=now-5m');
  assert.equal(total, 4);
  assert.deepEqual(codes.map(({ code, name, class: c, count }) => [code, name, c, count]).sort(), [
    [200, 'OK', '2xx', 2],
    [502, 'Bad Gateway', '5xx', 2],
  ]);
});

test("a source's format can be set, is used from then on, outlives a restart, and can be given back", async (t) => {
  const app = await withTraffic(t);
  const set = (format: string, name = 'shop') =>
    app.app.inject({ method: 'PUT', url: `/api/sources/${name}/format`, payload: { format } });
  assert.equal((await set('$status $time_iso8601')).statusCode, 200);
  const { accepted } = (await post(app, ['503 2026-03-01T12:00:00+00:00'])).json() as { accepted: number };
  assert.equal(accepted, 1);
  assert.deepEqual([(await set('nope')).statusCode, (await set('auto', 'nobody')).statusCode], [422, 404]);
  await app.close();
  const again = await openApp(t, { dataDir: app.dataDir });
  assert.equal(((await post(again, ['504 2026-03-01T12:00:00+00:00'])).json() as { accepted: number }).accepted, 1);
  const { sources } = await get<Sources>(again, '/api/sources');
  assert.equal(sources.find(({ name }) => name === 'shop')!.formatChosen, 'set');
  await again.app.inject({ method: 'PUT', url: '/api/sources/shop/format', payload: { format: 'auto' } });
  assert.equal((await get<Sources>(again, '/api/sources')).sources[0].formatChosen, 'auto');
});

test('a format in the configuration is used for its source', async (t) => {
  const app = await openApp(t, { sources: { own: { format: '$status $time_iso8601' } } });
  assert.equal(
    ((await post(app, ['503 2026-03-01T12:00:00+00:00'], 'own')).json() as { accepted: number }).accepted,
    1,
  );
  const broken = { dataDir: temporaryFolder(t), sources: { own: { format: '$remote_addr' } } };
  await assert.rejects(openApp(t, broken), /status/i);
  await (await openApp(t, { dataDir: broken.dataDir })).close(); // the database was closed
});

test('an annotation is one curl, and found again', async (t) => {
  const app = await openApp(t);
  const response = await app.app.inject({
    method: 'POST',
    url: '/api/annotations',
    payload: { text: 'shop v1.4.2', source: 'shop' },
  });
  assert.deepEqual(
    [response.statusCode, response.json()],
    [201, { id: 1, at: NOON, kind: 'deploy', text: 'shop v1.4.2', source: 'shop' }],
  );
  assert.equal((await get<Annotations>(app, `/api/annotations?to=${NOON + 1}`)).annotations.length, 1);
  assert.equal((await get<Annotations>(app, '/api/annotations?from=now-2h&to=now-1h')).annotations.length, 0);
});

test('lines on trial tell each field and where it was found, and count nothing', async (t) => {
  const app = await openApp(t);
  const parse = async (format: string, lines: string[]) =>
    (await app.app.inject({ method: 'POST', url: '/api/parse', payload: { format, lines } })).json() as ParseAnswer;
  const line = combined(NOON, 502, '/café');
  const { format, lines } = await parse('auto', [line, 'rubbish']);
  assert.equal(format, 'combined');
  const path = lines[0].fields.find(({ name }) => name === 'path')!;
  assert.deepEqual([path.value, line.slice(path.from!, path.to!)], ['/café', '/café']);
  for (const [name, value] of [
    ['code', '502'],
    ['class', '5xx'],
    ['method', 'GET'],
  ])
    assert.equal(lines[0].fields.find((f) => f.name === name)?.value, value, name);
  assert.notEqual(lines[1].kind, 'hit');
  assert.ok(lines[1].reason);
  assert.match((await parse('$remote_addr', ['x'])).error!, /status/i);
  assert.deepEqual((await get<Totals>(app, '/api/totals')).totals, []);
});

test('metrics are Prometheus text and agree with the counts', async (t) => {
  const app = await withTraffic(t);
  const response = await app.app.inject('/metrics');
  assert.match(String(response.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  const samples = new Map(
    response.body
      .split('\n')
      .filter((l) => l !== '' && !l.startsWith('#'))
      .map((l) => [l.slice(0, l.lastIndexOf(' ')), Number(l.slice(l.lastIndexOf(' ') + 1))]),
  );
  assert.equal(samples.get('fivealarm_hits_total{source="shop",code="502"}'), 2);
  assert.equal(samples.get('fivealarm_lines_total{outcome="accepted"}'), 6);
  assert.equal(samples.get('fivealarm_ingest_answers_total{status="200"}'), 2);
  assert.equal(samples.get('fivealarm_commit_seconds_count'), 2);
  for (const [name, value] of samples) {
    assert.match(name, /^[a-z_]+(\{([a-z]+="([^"\\]|\\.)*",?)+\})?$/i);
    assert.ok(Number.isFinite(value), name);
  }
});

test('readiness ends when the server stops, health does not', async (t) => {
  const app = await openApp(t);
  assert.equal((await app.app.inject('/readyz')).statusCode, 200);
  app.clock.stopping = true;
  const response = await app.app.inject('/readyz');
  assert.deepEqual([response.statusCode, response.headers['retry-after']], [503, '2']);
  assert.equal((await app.app.inject('/healthz')).statusCode, 200);
});
