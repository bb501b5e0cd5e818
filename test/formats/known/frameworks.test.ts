// The rows of the frameworks' tables prove themselves: a row's samples are its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Hit } from '../../../server/core/hit.ts';
import { FRAMEWORKS } from '../../../server/formats/known/frameworks.ts';
import { Line } from '../../../server/formats/layout/pattern-line.ts';
import { chunkOf } from '../parsed.ts';

test('each pattern reads its samples, and none before it does', () => {
  for (const [i, { of, samples }] of FRAMEWORKS.entries()) {
    assert.ok(samples.length > 0, `${of} has no sample`);
    for (const { line: text } of samples) {
      const chunk = chunkOf(text),
        line = new Line(),
        hit = new Hit();
      hit.reset(chunk.bytes);
      line.open(chunk, 0, chunk.bytes.length, hit);
      assert.equal(
        FRAMEWORKS.findIndex(({ pattern }) => pattern.read(line)),
        i,
        `${of}: ${text}`,
      );
    }
  }
});
