// PetShop (amazon-science/petshop-root-cause-analysis, CC-BY-4.0): faults injected into a running shop, seen at its front end. The only
// public series of error counts with labels that we know of, and a limited one: five-minute bins, so that no delay under five minutes
// can be measured; two bins before each fault and three from it on; and faults deep inside that fail 0.2–9 % of the front end's
// requests. What fails under 2 % there is rightly not worth a page.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Engine } from '../../../server/core/detect/engine.ts';
import type { Incident } from '../../../server/core/detect/incident.ts';
import { MONDAY } from '../../support/traffic.ts';

type Bin = [requests: number, failed: number];
const { normal, issues } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/detect/petshop.json'), 'utf8'),
) as { normal: Bin[]; issues: { metric: string; onset: number; bins: Bin[] }[] };
const BIN = 300;

/** What is told in the bins that follow a day and a half of normal ones. */
function told(bins: readonly Bin[], before = normal.slice(0, 432)): Incident[] {
  const found = new Set<Incident>();
  const engine = new Engine({
    resolution: BIN,
    onTransition: (incident, { to }) => {
      if (to === 'firing') found.add(incident);
    },
  });
  [...before, ...bins].forEach(([requests, failed], i) => {
    const end = MONDAY + (i + 1) * BIN;
    const watched = engine.source('PetSite', end - 1);
    if (requests > failed) engine.count(watched, end - 1, 200, requests - failed);
    if (failed > 0) engine.count(watched, end - 1, 500, failed);
    engine.tick(end);
  });
  return [...found];
}

const share = (bins: readonly Bin[]): number =>
  bins.reduce((n, [, failed]) => n + failed, 0) / bins.reduce((n, [requests]) => n + requests, 0);

test('two days of normal operation say nothing', () => {
  assert.equal(normal.length, 589);
  assert.deepEqual(told([], normal), []);
});

test('faults that only slow the front end down are not taken for failures', () => {
  const slow = issues.filter(({ metric }) => metric === 'latency');
  assert.ok(slow.length >= 14);
  for (const { bins } of slow) assert.deepEqual(told(bins), []);
});

test('faults that fail 4 % of requests or more are paged, none is paged before its onset', () => {
  const failing = issues.filter(({ metric }) => metric === 'availability');
  for (const { bins, onset } of failing) {
    assert.deepEqual(told(bins.slice(0, onset)), []);
    const worst = Math.max(share(bins.slice(onset, onset + 2)), share(bins.slice(onset + 1, onset + 3)));
    if (worst >= 0.04) assert.equal(told(bins)[0]?.severity, 'page', `${(worst * 100).toFixed(1)} %`);
    if (worst < 0.01)
      assert.deepEqual(
        told(bins).filter(({ severity }) => severity === 'page'),
        [],
      );
  }
});
