// The contract every format keeps, walked over the list of formats.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hit } from '../../server/core/hit.ts';
import type { Sample } from '../../server/formats/format.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { chunkOf, parsed } from './parsed.ts';

/** The line a sample is judged by comes last. */
const stream = (sample: Sample): string => [...(sample.before ?? []), sample.line].join('\n');

for (const format of formats) {
  for (const sample of format.samples as readonly Sample[]) {
    const shown = sample.line.slice(0, 60);
    test(`${format.name} reads its sample ${shown}`, () => {
      assert.deepEqual(parsed(stream(sample), format.name).at(-1), sample.hit);
    });
    test(`detection gives ${shown} to ${format.name} and reads the same`, () => {
      assert.deepEqual(parsed(stream(sample)).at(-1), sample.hit);
      const reader = openLineReader();
      for (const line of stream(sample).split('\n')) reader.read(chunkOf(line), 0, Buffer.byteLength(line), new Hit());
      assert.equal(reader.format, format.name);
    });
  }
}
