// Reading is linear: of twice as long a line, twice the work. Looks for the slowest lines of each reader, and doubles them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../formats/parsed.ts';
import { growthOf, GROWTH_MAX, slowestOf } from './growth.ts';
import { KNOWN, KNOWN_FORMATS } from './known.ts';
import { described, Random, type Case } from './pumped.ts';
import { reading, targets, type Target } from './targets.ts';

const SEARCH_MS = 6000;

test('twice as long a line is twice the work, for every format, wrapping and declared language', (t) => {
  const seed = Date.now() % 2 ** 31,
    random = new Random(seed);
  t.diagnostic(`seed ${seed}`);
  for (const target of targets) {
    for (const found of slowestOf(target, random, performance.now() + SEARCH_MS / targets.length, 2)) {
      for (const bytes of new Set([8 * 1024, target.bytesMax])) {
        const growth = growthOf(found, bytes);
        assert.ok(
          growth <= GROWTH_MAX,
          `${growth.toFixed(2)} × a doubling up to ${bytes} bytes (seed ${seed}), ${described(found)}`,
        );
      }
    }
  }
});

const repeated = (target: Target, line: string): Case => {
  const [, before, pump, after] = /^([^«]*)«([^»]*)»([^]*)$/.exec(line)!;
  return { target, line: before + after, at: before.length, pump, isCut: after === '' };
};

test('what once took too long is linear', () => {
  for (const [format, line] of KNOWN) {
    const found = repeated(reading(format, format, []), line);
    for (const bytes of [8 * 1024, 64 * 1024])
      assert.ok(growthOf(found, bytes) <= GROWTH_MAX, `${bytes} bytes, ${described(found)}`);
  }
  const formats = targets.find(({ name }) => name === 'a declared format itself')!;
  for (const format of KNOWN_FORMATS)
    assert.ok(growthOf(repeated(formats, format), formats.bytesMax) <= GROWTH_MAX, format);
});

test('an escape sequence in an escape sequence is no end of it', () => {
  const [line] = parsed(`${'\x1b'.repeat(30_000)}${'['.repeat(30_000)}`);
  assert.ok(line.skipped !== undefined || line.rejected !== undefined);
});
