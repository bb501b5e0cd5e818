import { test } from 'node:test';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RuleSpec } from '#shared/api.ts';
import { codeSet } from '../../../server/core/rules/code-set.ts';
import { PRESETS } from '../../../server/core/rules/presets.ts';
import { RollingSum } from '../../../server/core/rules/rolling-sum.ts';
import { problemOf } from '../../../server/core/rules/rules.ts';
import { play } from '../../support/traffic.ts';

const threshold = (fields: Partial<RuleSpec & { kind: 'threshold' }> = {}): RuleSpec => ({
  kind: 'threshold',
  name: 'too many 5xx',
  source: null,
  severity: 'page',
  codes: '5xx',
  where: null,
  measure: 'share',
  above: 0.05,
  clear: null,
  window: 60,
  minTotal: 0,
  for: 0,
  keepFiring: 0,
  ...fields,
});
const run = (traffic: string, ...rules: RuleSpec[]) => play(traffic, { rules, rulesOnly: true }).log;

test('codes are said one by one, by class, by range, or several with commas', () => {
  const said = (text: string) => [...codeSet(text)!].flatMap((set, code) => (set ? [code] : []));
  assert.deepEqual(said('502'), [502]);
  assert.equal(said('5xx').length, 100);
  assert.deepEqual(said('500-504, 429'), [429, 500, 501, 502, 503, 504]);
  for (const wrong of ['', '6xx', '5x', '504-500', 'five', '500,,502', '1000'])
    assert.equal(codeSet(wrong), undefined, wrong);
});

test('a rule names the codes that it fired for, not those of last week', () => {
  const { incidents } = play('200x100 ×10m | 200x50 503x50 ×2m | 200x100 ×2h | 200x40 502x20 500x40 ×2m', {
    rules: [threshold()],
    rulesOnly: true,
  });
  assert.deepEqual(
    incidents.map(({ codes }) => codes),
    [[503], [500, 502]],
  );
});

test('a threshold fires over its level and ends under it', () => {
  assert.deepEqual(
    run('200x100 ×10m | 200x90 500x10 ×2m | 200x100 ×10m', threshold()).map((line) => line.split(' ')[1]),
    ['firing', 'recovering', 'resolved'],
  );
  assert.deepEqual(run('200x100 ×10m | 200x97 500x3 ×2m | 200x100 ×10m', threshold()), []);
});

test('`for` waits, and forgets what did not last', () => {
  assert.deepEqual(
    run('200x100 ×10m | 200x50 500x50 ×1m | 200x100 ×20m', threshold({ for: 300 })).filter((line) =>
      line.includes('firing'),
    ),
    [],
  );
  const [, fired] = run('200x100 ×10m | 200x50 500x50 ×20m', threshold({ for: 300 }));
  const at = Number(/firing \+(\d+)/.exec(fired)![1]);
  assert.ok(at >= 300 && at <= 330, `${at} s`);
});

test('`keepFiring` and the clear level keep it from flapping', () => {
  const turns = Array.from({ length: 5 }, () => '200x90 500x10 ×2m | 200x100 ×3m').join(' | ');
  const fired = (fields: object) =>
    run(`200x100 ×10m | ${turns} | 200x100 ×1h`, threshold(fields)).filter((line) => line.startsWith('page resolved'))
      .length;
  assert.equal(fired({ keepFiring: 0 }), 5);
  assert.equal(fired({ keepFiring: 900 }), 1);
  assert.equal(run('200x100 ×10m | 200x90 500x10 ×2m | 200x96 500x4 ×10m', threshold({ clear: 0.01 })).length, 1);
});

test('minimum traffic keeps a quiet night from firing', () => {
  assert.deepEqual(run('200x1 ×10m | 200x1 500x1 ×10m', threshold({ minTotal: 120 })), []);
});

test('a rate counts hits a second, whatever the traffic', () => {
  assert.equal(
    run('200x1000 ×10m | 200x1000 404x60 ×3m', threshold({ codes: '404', measure: 'rate', above: 5 })).length,
    1,
  );
  assert.equal(
    run('200x1000 ×10m | 200x1000 404x40 ×3m', threshold({ codes: '404', measure: 'rate', above: 5 })).length,
    0,
  );
});

test('an objective pages at 14.4 times its burn rate and not below, and a few failures of a few requests are no burnt budget', () => {
  const slo: RuleSpec = { kind: 'slo', name: 'three nines', source: null, severity: 'page', target: 0.999 };
  assert.match(run('200x1000 ×2h | 200x980 500x20 ×1h', slo).join(), /page firing/);
  assert.doesNotMatch(run('200x1000 ×8h | 200x997 500x3 ×1h', slo).join(), /page firing/);
  assert.deepEqual(run('200x1 ×6h | 500x1 ×30s | 200x1 ×1h', slo), []);
});

test('absence fires when nothing has come for so long, and ends with the first request', () => {
  const rule: RuleSpec = { kind: 'absence', name: 'heartbeat', source: 'shop', severity: 'page', for: 600 };
  assert.deepEqual(run('200x5 ×1h | — ×9m | 200x5 ×1h', rule), []);
  const log = run('200x5 ×1h | — ×15m | 200x5 ×10m', rule);
  assert.deepEqual(
    log.map((line) => line.split(' ')[1]),
    ['firing', 'recovering', 'resolved'],
  );
});

test('a rule on another source says nothing here', () => {
  assert.deepEqual(run('500x100 ×10m', threshold({ source: 'blog' })), []);
});

test('a rule that cannot work says why', () => {
  assert.match(problemOf(threshold({ codes: '5zz' }))!, /no set of codes/);
  assert.match(problemOf(threshold({ above: 1.5 }))!, /shares are 0–1/);
  assert.match(problemOf(threshold({ clear: 0.2 }))!, /clear level/);
  for (const spec of Object.values(PRESETS).flatMap(({ rules }) => rules))
    assert.equal(problemOf(spec), undefined, spec.name);
});

test("Netdata's thresholds fire where Netdata's would, past its two minutes of delay", () => {
  const preset = PRESETS.netdata.rules;
  assert.match(run('200x100 ×10m | 200x90 500x10 ×5m', ...preset).join(), /page firing/);
  assert.doesNotMatch(run('200x100 ×10m | 200x90 500x10 ×1m | 200x100 ×20m', ...preset).join(), /firing/);
  assert.deepEqual(run('200x10 ×10m | 200x1 500x9 ×10m', ...preset), [], 'under 120 requests a minute it is silent');
});

test('a rolling sum is the sum of what lies within its window, to a sixtieth', () => {
  const hits = fc.array(fc.record({ wait: fc.integer({ min: 0, max: 400 }), bad: fc.integer({ min: 0, max: 9 }) }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(hits, fc.integer({ min: 1, max: 7200 }), (list, window) => {
      const sum = new RollingSum(window);
      const at: { second: number; bad: number }[] = [];
      let now = 1_000_000;
      for (const { wait, bad } of list) {
        now += wait;
        sum.add(now, bad, bad + 1);
        at.push({ second: now, bad });
      }
      const step = Math.ceil(window / 60);
      const within = (seconds: number) =>
        at.filter(({ second }) => second > now - seconds).reduce((n, { bad }) => n + bad, 0);
      assert.ok(sum.bad >= within(window - step) && sum.bad <= within(window + step), `${sum.bad}`);
    }),
  );
});
