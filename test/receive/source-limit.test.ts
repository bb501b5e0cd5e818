// The limit on sources: only what was counted takes a place, what finds none is counted as `other`, and a restart changes nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IngestAnswer, Sources, Totals } from '#shared/api.ts';
import { SourceRegistry } from '../../server/receive/source-registry.ts';
import { openSqlite } from '../../server/store/sqlite/index.ts';
import { pipelineOver } from '../store/support.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';

const RUBBISH = 'no access log line\n';
async function post(app: TestApp, source: string, payload = combined(NOON, 502), headers: Record<string, string> = {}) {
  const response = await app.app.inject({ method: 'POST', url: `/ingest/${source}`, payload, headers });
  return { status: response.statusCode, body: response.json<IngestAnswer & { error?: { code: string } }>() };
}
const listed = async (app: TestApp) => (await app.app.inject('/api/sources')).json<Sources>();
const names = async (app: TestApp) => (await listed(app)).sources.map(({ name }) => name);
async function totals(app: TestApp): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { source, count } of (await app.app.inject(`/api/totals?from=0&to=${NOON + 60_000}`)).json<Totals>()
    .totals)
    sums[source] = (sums[source] ?? 0) + count;
  return sums;
}

test('names that never sent a line that counts take no place, however many: an honest one after them is itself', async (t) => {
  const app = await openApp(t, { maxSources: 3 });
  for (let i = 0; i < 300; i++)
    assert.equal((await post(app, `invented-${i}`, i % 2 === 0 ? RUBBISH : '')).status, 200);
  await post(app, 'counts', JSON.stringify({ ts: NOON / 1000, source: 'of-nothing', code: 502, count: 0 }));
  for (const name of ['a', 'b', 'c'])
    assert.deepEqual(await post(app, name).then(({ status, body }) => [status, body.accepted, body.note]), [
      200,
      1,
      undefined,
    ]);
  assert.deepEqual(await totals(app), { a: 1, b: 1, c: 1 });
  const { sources, limit } = await listed(app);
  assert.deepEqual(limit, { max: 3, used: 3, over: [] });
  assert.ok(sources.length < 120, `${sources.length} are listed`); // what is remembered of them is bounded
});

test('past the limit lines are counted as other: the answer, the diagnostics and the list say so', async (t) => {
  const app = await openApp(t, { maxSources: 2 });
  for (const name of ['a', 'b']) await post(app, name);
  const { status, body } = await post(app, 'c', `${combined(NOON, 502)}\n${RUBBISH}`);
  assert.deepEqual([status, body.accepted, body.rejected + body.skipped], [200, 1, 1]);
  assert.equal(body.note, 'The limit on sources (maxSources, 2) is reached: 1 line of "c" is counted under "other".');
  const mixed = ['a', 'd', 'e']
    .map((source) => JSON.stringify({ ts: NOON / 1000, source, code: 200, count: 2 }))
    .join('\n');
  assert.match((await post(app, 'a', mixed)).body.note!, /4 lines of "d", "e" are counted under "other"/);
  assert.equal((await post(app, 'a')).body.note, undefined);
  assert.deepEqual(await totals(app), { a: 4, b: 1, other: 5 });
  const { sources, limit } = await listed(app);
  assert.deepEqual(limit, { max: 2, used: 2, over: ['e', 'd', 'c'] });
  const other = sources.find(({ name }) => name === 'other')!;
  assert.deepEqual(
    [other.flags, other.received, other.accepted, other.rejected + other.skipped],
    [['past-limit'], 6, 5, 1],
  );
  assert.ok(other.answers.some(({ note }) => /1 line of "c" is counted under "other"/.test(note)));
});

test('the note says of all lines of a batch that went to other, however many names it has', async (t) => {
  const app = await openApp(t, { maxSources: 2 });
  const lines = Array.from({ length: 50_000 }, (_, i) =>
    JSON.stringify({ ts: NOON / 1000, source: `name-${i}`, code: 200, count: 1 }),
  );
  const { body } = await post(app, 'a', [...lines, lines[0], lines[1]].join('\n'));
  assert.deepEqual([body.received, body.accepted], [50_002, 50_002]);
  assert.match(body.note!, /49,998 lines of "name-2", .* and many more are counted under "other"/);
  assert.deepEqual(await totals(app), { 'name-0': 2, 'name-1': 2, other: 49_998 });
});

test('a resend of what was counted as other is a duplicate, with the same note', async (t) => {
  const app = await openApp(t, { maxSources: 1 });
  await post(app, 'a');
  const send = () => post(app, 'b', combined(NOON, 502), { 'idempotency-key': 'k' });
  const [first, again] = [await send(), await send()];
  assert.deepEqual([first.body.duplicate, again.body.duplicate, again.body.note], [false, true, first.body.note]);
  assert.deepEqual(await totals(app), { a: 1, other: 1 });
});

test('a restart keeps the limit, and the places', async (t) => {
  const dataDir = temporaryFolder(t);
  let app = await openApp(t, { dataDir, maxSources: 2 });
  for (const name of ['a', 'b', 'c']) await post(app, name);
  await app.close();
  app = await openApp(t, { dataDir, maxSources: 2 });
  for (const name of ['x', 'b', 'a']) await post(app, name, combined(NOON + 1000, 502));
  assert.deepEqual(await totals(app), { a: 2, b: 2, other: 2 });
  await app.close();
  app = await openApp(t, { dataDir, maxSources: 3 });
  await post(app, 'x', combined(NOON + 2000, 502));
  assert.deepEqual(await totals(app), { a: 2, b: 2, other: 2, x: 1 });
});

test('a source whose lines are not read shows with its reasons, and keeps them once a line of it counts', async (t) => {
  const dataDir = temporaryFolder(t);
  let app = await openApp(t, { dataDir });
  await post(app, 'shop', RUBBISH.repeat(3));
  const [before] = (await listed(app)).sources;
  assert.deepEqual(
    [before.name, before.received, before.rejected + before.skipped, before.accepted],
    ['shop', 3, 3, 0],
  );
  assert.ok(before.reasons.length > 0 && before.lastMisses.length === 3 && before.receiver === 'http');
  await post(app, 'shop');
  await app.close();
  app = await openApp(t, { dataDir });
  const [after] = (await listed(app)).sources;
  assert.deepEqual([after.name, after.received, after.accepted, after.reasons], ['shop', 4, 1, before.reasons]);
});

test('a format may be set before the first line counts, and outlives a restart', async (t) => {
  const dataDir = temporaryFolder(t);
  const line = '502|/cart\n',
    format = '$status|$request_uri';
  let app = await openApp(t, { dataDir });
  assert.equal((await post(app, 'shop', line)).body.accepted, 0);
  assert.equal(
    (await app.app.inject({ method: 'PUT', url: '/api/sources/shop/format', payload: { format } })).statusCode,
    200,
  );
  assert.equal(
    (await app.app.inject({ method: 'PUT', url: '/api/sources/nobody/format', payload: { format } })).statusCode,
    404,
  );
  await app.close();
  app = await openApp(t, { dataDir });
  assert.equal((await post(app, 'shop', line)).body.accepted, 1);
  assert.deepEqual(await names(app), ['shop']);
});

test('a place taken for a batch that was never committed is given back when another needs it, and not to two at once', () => {
  const pipeline = pipelineOver(openSqlite(':memory:'));
  let now = 0;
  const registry = new SourceRegistry({ pipeline, formats: new Map(), max: 1, now: () => now });
  const broken = registry.place(registry.get('broken-off'));
  assert.equal(registry.place(registry.get('honest')).name, 'other');
  now += 11 * 60_000;
  const honest = registry.place(registry.get('honest'));
  assert.deepEqual(honest, { id: broken.id, name: 'honest' });
  assert.deepEqual([registry.holds('broken-off', broken.id), registry.holds('honest', honest.id)], [false, true]);
  registry.counted(registry.get('honest'));
  now += 11 * 60_000;
  assert.equal(registry.place(registry.get('broken-off')).name, 'other');
});

test('a body that names a source a line costs no more than one that names a few: the rest is other, and none is lost', async (t) => {
  const app = await openApp(t, { maxSources: 5 });
  const lines = Array.from({ length: 5000 }, (_, i) =>
    JSON.stringify({ ts: NOON / 1000, source: `s${i}`, code: 200, count: 1 }),
  );
  const { body } = await post(app, 'x', lines.join('\n'));
  assert.equal(body.accepted, 5000);
  assert.match(body.note!, /"s5", "s6", "s7", "s8", "s9" and many more are counted under "other"/);
  assert.deepEqual(await totals(app), { s0: 1, s1: 1, s2: 1, s3: 1, s4: 1, other: 4995 });
  const streams = Array.from({ length: 3000 }, (_, i) => ({
    stream: { service_name: `l${i}` },
    values: [[`${NOON}000000`, 'no line that is read']],
  }));
  assert.equal(
    (await app.app.inject({ method: 'POST', url: '/loki/api/v1/push', payload: { streams } })).statusCode,
    204,
  );
  const { sources } = await listed(app);
  assert.ok(
    sources.length < 120 &&
      sources.every(
        ({ received, accepted, rejected, skipped, duplicate }) =>
          received === accepted + rejected + skipped + duplicate,
      ),
  );
});
