// Which code is explained when nobody asked for one.
import assert from 'node:assert/strict';
import test from 'node:test';
import { worstCode } from '../../../server/core/diagnose/worst-code.ts';

const worst = (faults: Record<number, number>): number | undefined =>
  worstCode(Object.entries(faults).map(([code, faulty]) => ({ code: Number(code), hits: faulty, faulty })));

test('server failures come first, unless they are a stray among a flood of limits or abandonments', () => {
  assert.equal(worst({ 404: 5000, 429: 60, 502: 10 }), 502);
  assert.equal(worst({ 429: 60, 500: 1 }), 429);
  assert.equal(worst({ 499: 30, 504: 2 }), 504);
  assert.equal(worst({ 500: 3, 502: 40 }), 502);
});

test('refusals come after both, redirects that lose the method last, and what shows no fault never', () => {
  assert.equal(worst({ 404: 5000, 499: 1 }), 499);
  assert.equal(worst({ 302: 90, 403: 2 }), 403);
  assert.equal(worst({ 302: 90 }), 302);
  assert.equal(worst({ 200: 0 }), undefined);
});
