import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Sources } from '#shared/api.ts';
import { causeOfExchange } from '../../server/core/cause.ts';
import { exchangeOf } from '../../server/core/exchange.ts';
import { Hit } from '../../server/core/hit.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { startDemo } from '../../server/demo/demo.ts';
import { faultAt, load } from '../../server/demo/script.ts';
import { DEMO_SOURCES, linesOf, type DemoSource } from '../../server/demo/traffic.ts';
import { NOON, openApp } from '../support/app.ts';

/** "code cause" of the lines of [from, to) seconds after the start, and how many of each. */
function outcomes(source: DemoSource, from: number, to: number): Map<string, number> {
  const reader = openLineReader(),
    hit = new Hit();
  const seen = new Map<string, number>();
  for (let offset = from; offset < to; offset++) {
    for (const line of linesOf(source, NOON / 1000 + offset, offset)) {
      const bytes = Buffer.from(line);
      const miss = reader.read({ bytes, text: bytes.toString('latin1') }, 0, bytes.length, hit);
      assert.equal(miss, undefined, line);
      assert.equal(Math.floor(hit.ts / 1000), NOON / 1000 + offset);
      const key = `${hit.code} ${causeOfExchange(exchangeOf(hit))?.id ?? '-'}`;
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  }
  return seen;
}

const share = (seen: Map<string, number>, key: string) =>
  (seen.get(key) ?? 0) / [...seen.values()].reduce((a, b) => a + b);

test('each fault shows in the lines with the evidence that a real proxy would leave', () => {
  assert.ok(share(outcomes('demo-shop', 70, 170), '502 upstream_connection_refused') > 0.2);
  assert.ok(share(outcomes('demo-api', 650, 710), '504 upstream_response_timeout') > 0.2);
  assert.ok(share(outcomes('demo-shop', 910, 1010), '503 proxy_rate_limited') > 0.3);
  assert.ok(share(outcomes('demo-api', 1180, 1310), '500 app_exception') > 0.05);
});

test('between the faults there is hardly a 5xx', () => {
  for (const source of DEMO_SOURCES) {
    for (const [key, count] of outcomes(source, 300, 460))
      if (key.startsWith('5')) assert.ok(count <= 5, `${source} ${key} ${count}`);
  }
});

test('the same second gives the same lines, and the day has its tide', () => {
  assert.deepEqual(linesOf('demo-shop', 1_800_000_000, 5), linesOf('demo-shop', 1_800_000_000, 5));
  assert.ok(load(16 * 3600) > 1.4 && load(4 * 3600) < 0.6);
  assert.equal(faultAt(0), undefined);
  assert.equal(faultAt(100)?.kind, faultAt(100 + 24 * 60)?.kind);
});

test('the demo fills in its history, then goes on with the present, under names that say what it is', async (t) => {
  const app = await openApp(t, { demo: true });
  const demo = startDemo(app.ingest.receive, (error) => assert.fail(String(error)));
  await demo.ready;
  await demo.close();
  const { sources } = (await app.app.inject('/api/sources')).json() as Sources;
  assert.deepEqual(sources.map(({ name }) => name).sort(), [...DEMO_SOURCES].sort());
  for (const source of sources) {
    assert.ok(source.name.startsWith('demo-'));
    assert.deepEqual([source.rejected, source.skipped], [0, 0]);
    assert.ok(source.accepted > 6 * 3600 * 0.5, `${source.name} ${source.accepted}`);
    assert.ok(source.lastEvent! > NOON - 10_000 && source.lastEvent! <= NOON);
  }
});
