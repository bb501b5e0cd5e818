// Every line is counted once, whatever becomes of the file that it was written to and of the process that reads it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RotatingLog, type Scheme } from '../support/rotating-log.ts';

const schemes: fc.Arbitrary<Scheme> = fc.record({
  how: fc.constantFrom('rename', 'copytruncate'),
  name: fc.constantFrom('number', 'date'),
  compress: fc.constantFrom('no', 'no', 'gzip', 'zstd'),
  delay: fc.boolean(),
  shred: fc.boolean(),
  olddir: fc.constantFrom('.', '.', 'old', '../old'),
  keep: fc.constant(30),
});

type Step =
  | 'write'
  | 'half'
  | 'rotate'
  | 'empty'
  | 'settle'
  | 'stop'
  | 'kill unanswered'
  | 'kill undone'
  | 'start'
  | 'wait'
  | 'breathe';
const step: fc.Arbitrary<Step> = fc.constantFrom(
  'write',
  'write',
  'write',
  'half',
  'rotate',
  'rotate',
  'rotate',
  'empty',
  'settle',
  'settle',
  'stop',
  'kill unanswered',
  'kill undone',
  'start',
  'start',
  'wait',
  'breathe',
  'breathe',
  'breathe',
);

async function perform(log: RotatingLog, steps: readonly Step[], rotations: Generator<void>[]): Promise<void> {
  for (const [i, what] of steps.entries()) {
    if (what === 'write') log.write(1 + ((i * 7) % 13));
    else if (what === 'half') log.writeHalf();
    else if (what === 'rotate') {
      // One step of it; the next ones come with the next 'rotate'.
      rotations[0] ??= log.rotate();
      if (rotations[0].next().done) rotations.shift();
    } else if (what === 'empty') {
      if (rotations.length === 0) log.empty();
    } else if (what === 'settle') await log.settle();
    else if (what === 'stop') await log.stop();
    else if (what === 'start') log.start();
    else if (what === 'wait') log.now += 70_000;
    // The reader gets on in between, some way or other.
    else if (what === 'breathe') await new Promise((resolve) => setTimeout(resolve, (i * 5) % 4));
    else await log.kill(what === 'kill undone' ? 'undone' : 'unanswered');
  }
  for (const rotation of rotations) for (const _ of rotation);
}

test('every line counts once, over any sequence of writes, rotations of any kind, truncations, stops and kills', async () => {
  await fc.assert(
    fc.asyncProperty(
      schemes,
      fc.boolean(),
      fc.array(step, { minLength: 5, maxLength: Number(process.env.STEPS ?? 60) }),
      async (scheme, isGlob, steps) => {
        const folder = mkdtempSync(join(tmpdir(), 'fivealarm-test-'));
        const log = new RotatingLog(folder, scheme, isGlob ? 'access.log*' : 'access.log');
        try {
          log.start();
          await log.settle();
          await perform(log, steps, []);
          await log.finish();
          assert.deepEqual(log.wrong(), [], log.said.join('\n'));
        } finally {
          await log.stop();
          log.close();
          rmSync(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 60) },
  );
});
