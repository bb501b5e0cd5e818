// The reference: whole, without doubles, and the comparisons speak of codes that it knows.
import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import test from 'node:test';
import {
  codeName,
  codeReference,
  codes,
  comparisons,
  comparisonsOf,
  runbookOf,
  runbooks,
} from '#shared/codes/index.ts';

const codeEntry = (code: number) => codes.find((entry) => entry.code === code);

test('every code that Node knows by an RFC is in the reference, once', () => {
  const known = new Set(codes.map((entry) => entry.code));
  assert.equal(known.size, codes.length);
  // 509 is in Node's list and in no RFC.
  assert.deepEqual(
    Object.keys(STATUS_CODES)
      .map(Number)
      .filter((code) => !known.has(code)),
    [],
  );
});

test('codes that proxies and CDNs made up are there, and said to be no standard', () => {
  for (const code of [
    0, 9, 440, 444, 449, 460, 463, 494, 495, 496, 497, 499, 520, 521, 522, 523, 524, 525, 526, 527, 530, 561, 598, 599,
  ])
    assert.equal(codeEntry(code)?.official, false, String(code));
});

test('every entry says who makes it, about retries and about caching', () => {
  for (const entry of codes)
    for (const text of [entry.name, entry.meaning, entry.madeBy, entry.retry, entry.caching, entry.source])
      assert.ok(text.length > 1, String(entry.code));
});

test('headers that a code must carry are named', () => {
  const names = (code: number) => codeEntry(code)!.headers!.map((h) => h.name);
  assert.ok(names(401).includes('WWW-Authenticate'));
  assert.ok(names(405).includes('Allow'));
  for (const code of [429, 503]) assert.ok(names(code).includes('Retry-After'));
  for (const code of [301, 302, 303, 307, 308])
    assert.ok(names(code).includes('Location') && codeEntry(code)!.method, String(code));
});

test('comparisons have a cell a column, a row a code, and are found from each of their codes', () => {
  for (const comparison of comparisons) {
    assert.equal(comparison.rows.length, comparison.codes.length, comparison.id);
    for (const row of comparison.rows) assert.equal(row.length, comparison.columns.length, comparison.id);
    for (const code of comparison.codes)
      assert.ok(comparisonsOf(code).includes(comparison) && codeEntry(code), `${comparison.id} ${code}`);
  }
});

test('500, 502, 503 and 504 each have a runbook that tells them from the other three', () => {
  assert.deepEqual(
    runbooks.map((r) => r.code),
    [500, 502, 503, 504],
  );
  for (const runbook of runbooks)
    assert.deepEqual([...runbook.differs.map((d) => d.code), runbook.code].sort(), [500, 502, 503, 504]);
});

test('a code that nobody has defined still has a name and a page', () => {
  assert.equal(codeName(599), 'Network connect timeout');
  assert.equal(codeName(477), 'Client error');
  assert.equal(codeReference(477).entry.official, false);
  assert.equal(runbookOf(477), undefined);
});
