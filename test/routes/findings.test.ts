// Findings over the API: what the traffic breaks is listed, dismissed for good, and taken back.
import assert from 'node:assert/strict';
import test from 'node:test';
import type { CodeReference, Finding, Findings } from '#shared/api.ts';
import { combined, NOON, openApp, type TestApp } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';

const list = async (app: TestApp, query = ''): Promise<Finding[]> =>
  (await app.app.inject(`/api/findings${query}`)).json<Findings>().findings;
const moved = Array.from({ length: 5 }, (_, i) => [
  combined(NOON - 60_000 + i * 2000, 301, '/v1/orders').replace('"GET', '"POST'),
  combined(NOON - 60_000 + i * 2000, 404, '/v2/orders'),
])
  .flat()
  .join('\n');

test('a POST that a redirect loses is found in what was posted, and a dismissal outlives a restart', async (t) => {
  const dataDir = temporaryFolder(t);
  const app = await openApp(t, { dataDir });
  await app.app.inject({ method: 'POST', url: '/ingest/shop', payload: moved });
  const [finding] = await list(app);
  assert.deepEqual(
    [finding.check, finding.source, finding.level, finding.hits, finding.dismissed],
    ['post-redirected', 'shop', 'problem', 5, null],
  );
  assert.match(finding.title, /^POST \/v1\/orders is answered 301/);
  assert.deepEqual(await list(app, '?source=other'), []);
  const dismissed = await app.app.inject({
    method: 'POST',
    url: `/api/findings/${finding.id}/dismiss`,
    payload: { by: 'jo' },
  });
  assert.deepEqual(dismissed.json<Finding>().dismissed, { at: NOON, by: 'jo' });
  await app.close();
  const again = await openApp(t, { dataDir });
  assert.equal((await list(again))[0].dismissed?.by, 'jo');
  const undone = await again.app.inject({
    method: 'POST',
    url: `/api/findings/${finding.id}/dismiss`,
    payload: { undo: true },
  });
  assert.equal(undone.json<Finding>().dismissed, null);
});

test('what is not there cannot be dismissed', async (t) => {
  const app = await openApp(t);
  assert.equal((await app.app.inject({ method: 'POST', url: '/api/findings/7/dismiss', payload: {} })).statusCode, 404);
});

test('one code of the reference comes whole, with its count', async (t) => {
  const app = await openApp(t);
  await app.app.inject({
    method: 'POST',
    url: '/ingest/shop',
    payload: [combined(NOON - 60_000, 200), combined(NOON - 50_000, 502)].join('\n'),
  });
  const about = (await app.app.inject('/api/codes/502')).json<CodeReference>();
  assert.deepEqual(
    [about.entry.name, about.class, about.count, about.share, about.runbook?.differs.length],
    ['Bad Gateway', '5xx', 1, 0.5, 3],
  );
  assert.ok(about.comparisons.some((c) => c.id === 'server-errors'));
});
