// Every line is counted once, whatever becomes of the file that it was written to and of the process that reads it.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { RotatingLog, type Scheme } from '../support/rotating-log.ts';
import { temporaryFolder } from '../support/server.ts';

const schemes: fc.Arbitrary<Scheme> = fc.record({
  how: fc.constantFrom('rename', 'copytruncate'),
  name: fc.constantFrom('number', 'date'),
  compress: fc.constantFrom('no', 'no', 'gzip', 'zstd'),
  delay: fc.boolean(),
  shred: fc.boolean(),
  olddir: fc.constantFrom('.', '.', 'old', '../old'),
  keep: fc.constant(30),
});
const PLAIN: Scheme = {
  how: 'rename',
  name: 'number',
  compress: 'no',
  delay: false,
  shred: false,
  olddir: '.',
  keep: 30,
};

const STEPS = [
  'write',
  'half',
  'rotate',
  'empty',
  'settle',
  'breathe',
  'wait',
  'start',
  'stop',
  'kill unanswered',
  'kill undone',
] as const;
type Step = (typeof STEPS)[number];
const step: fc.Arbitrary<Step> = fc.oneof(
  ...STEPS.map((what) => ({
    arbitrary: fc.constant(what),
    weight: ['write', 'rotate', 'breathe'].includes(what) ? 3 : ['settle', 'start'].includes(what) ? 2 : 1,
  })),
);

async function perform(log: RotatingLog, steps: readonly Step[]): Promise<void> {
  let rotation: Generator<void> | undefined;
  const kinds: Record<Step, (i: number) => unknown> = {
    write: (i) => log.write(1 + ((i * 7) % 13)),
    half: () => log.writeHalf(),
    // One step of it; the next comes with the next 'rotate'.
    rotate: () => {
      rotation ??= log.rotate();
      if (rotation.next().done) rotation = undefined;
    },
    empty: () => rotation === undefined && log.empty(),
    settle: () => log.settle(),
    // The reader gets on, some way or other.
    breathe: (i) => new Promise((resolve) => setTimeout(resolve, (i * 5) % 4)),
    wait: () => (log.now += 70_000),
    start: () => log.start(),
    stop: () => log.stop(),
    'kill unanswered': () => log.kill('unanswered'),
    'kill undone': () => log.kill('undone'),
  };
  for (const [i, what] of steps.entries()) await kinds[what](i);
  if (rotation !== undefined) for (const _ of rotation);
}

/** A log that is followed from before its first line. */
async function openLog(t: TestContext, scheme: Partial<Scheme> = {}): Promise<RotatingLog> {
  const log = new RotatingLog(temporaryFolder(t), { ...PLAIN, ...scheme });
  t.after(async () => {
    await log.stop();
    log.close();
  });
  log.start();
  await log.settle();
  return log;
}

function rotate(log: RotatingLog): void {
  for (const _ of log.rotate());
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
          await perform(log, steps);
          await log.finish();
          assert.deepEqual(log.wrong(), [], log.said.join('\n'));
        } finally {
          await log.stop();
          log.close();
          rmSync(folder, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: Number(process.env.RUNS ?? 100) },
  );
});

suite('rotated files', () => {
  for (const compress of ['no', 'gzip', 'zstd'] as const) {
    test(`a life that was missed makes none of many old copies new (copytruncate, compress: ${compress})`, async (t) => {
      const log = await openLog(t, { how: 'copytruncate', compress });
      for (let i = 0; i < 14; i++) {
        log.write(20);
        if (i === 11) await log.stop();
        // While nobody looks, a whole life comes and goes.
        rotate(log);
        if (i === 12) log.start();
        if (i !== 11) await log.settle();
      }
      for (let i = 0; i < 14; i++) {
        log.write(5);
        rotate(log);
        await log.settle();
        assert.deepEqual(log.wrong(), []);
      }
    });
  }

  test('those of before are never read, also when the log was empty when it was first followed', async (t) => {
    const log = new RotatingLog(temporaryFolder(t), PLAIN);
    t.after(() => log.close());
    for (let i = 0; i < 4; i++) {
      log.write(3);
      rotate(log);
    }
    const history = log.written.splice(0);
    log.start();
    await log.settle();
    await log.stop();
    // Missed whole, though nothing of this log was ever counted.
    log.write(4);
    rotate(log);
    log.write(2);
    await log.finish();
    await log.stop();
    assert.deepEqual(log.wrong(), []);
    assert.ok(history.every((line) => !log.store.lines.has(line)));
  });

  test('the lines still written to a renamed file are counted after a restart, though it held nothing new then', async (t) => {
    const log = await openLog(t);
    log.write(3);
    await log.settle();
    await log.stop();
    const rotation = log.rotate();
    rotation.next();
    rotation.next();
    log.start();
    await log.settle();
    log.write(2);
    await log.settle();
    for (const _ of rotation);
    log.write(1);
    await log.settle();
    assert.deepEqual(log.wrong(), []);
  });

  test('what cannot be unpacked is said, once', async (t) => {
    const log = await openLog(t);
    log.write(3);
    await log.settle();
    await log.stop();
    rotate(log);
    log.write(3);
    writeFileSync(`${log.path}.0.xz`, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2, 3]));
    log.start();
    await log.settle();
    await log.settle();
    assert.equal(
      log.said.filter((message) => /access\.log\.0\.xz cannot be read: .*import/.test(message)).length,
      1,
      log.said.join('\n'),
    );
    assert.deepEqual(log.wrong(), []);
  });

  test('a compressed file that breaks off gives the lines that it has, and the rest once it is whole', async (t) => {
    const log = await openLog(t);
    log.write(2);
    await log.settle();
    await log.stop();
    log.write(20_000);
    const packed = gzipSync(readFileSync(log.path));
    writeFileSync(`${log.path}.1.gz`, packed.subarray(0, packed.length / 2));
    unlinkSync(log.path);
    log.reopen();
    log.write(1);
    log.start();
    await log.settle();
    const before = log.store.lines.size;
    assert.ok(before > 2000 && before < 20_000, `${before} lines`);
    writeFileSync(`${log.path}.1.gz.tmp`, packed);
    renameSync(`${log.path}.1.gz.tmp`, `${log.path}.1.gz`);
    await log.settle();
    assert.deepEqual(log.wrong(), []);
  });
});
