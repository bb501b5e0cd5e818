// Looks for lines that throw, give a code that is none, or take long, for as long as it is told to (seconds, 60 unless said):
// `npm run fuzz -- 600`. Half of the time samples are mutated, half of it one thing in them is repeated; then it prints, for each reader, what
// the slowest line of 8 KB took, and how that grows. Prints the seed; the second argument repeats a run.
import { Hit } from '../../server/core/hit.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { hitJson } from '../../server/formats/hit-json.ts';
import type { Sample } from '../../server/formats/format.ts';
import { growthOf, GROWTH_MAX, slowestOf } from './growth.ts';
import { described, msOf, Random } from './pumped.ts';
import { targets } from './targets.ts';

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
const random = new Random(seed);
console.log(`fuzzing for ${seconds} s, seed ${seed}`);

const LINE_BYTES_MAX = 64 * 1024;
const TOLD_BYTES = 8 * 1024;
const samples = formats.flatMap((format) =>
  (format.samples as readonly Sample[]).map((sample) => ({ format: format.name, bytes: Buffer.from(sample.line) })),
);
const PUT = [
  '"',
  '\\',
  '[',
  ']',
  '{',
  '}',
  ' ',
  '\t',
  ',',
  ':',
  '-',
  '-1',
  '000',
  '999',
  '=',
  '|',
  '\0',
  '\xff',
  '\x1b[',
  ' HTTP/1.1',
  '": "',
  '" 200 ',
].map((text) => Buffer.from(text, 'latin1'));

function mutated(bytes: Buffer): Buffer {
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(bytes.length + 1),
      put = random.of(PUT);
    const times = random.below(50) === 0 ? random.below(Math.floor(LINE_BYTES_MAX / put.length)) : 1;
    const other = random.of(samples).bytes;
    const inserted =
      random.below(8) === 0
        ? other.subarray(random.below(other.length))
        : Buffer.concat(Array<Buffer>(times).fill(put));
    bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + random.below(9))]).subarray(
      0,
      LINE_BYTES_MAX,
    );
  }
  return bytes;
}

/** Nothing throws, and a code is a code. */
function mutateUntil(stop: number): void {
  const hit = new Hit();
  let lines = 0,
    hits = 0,
    reader = openLineReader();
  for (; performance.now() < stop; lines++) {
    const { format, bytes } = random.of(samples);
    if (random.below(20) === 0) reader = openLineReader(random.below(2) === 0 ? 'auto' : format);
    const line = mutated(bytes);
    try {
      if (reader.read({ bytes: line, text: line.toString('latin1') }, 0, line.length, hit) !== undefined) continue;
      hits++;
      const { code } = hitJson(hit);
      if (!Number.isInteger(code) || (code as number) < 0 || (code as number) > 999) throw new Error(`code ${code}`);
    } catch (error) {
      console.error(
        `${reader.format ?? format}: ${(error as Error).stack}\n${JSON.stringify(line.toString('latin1').slice(0, 2000))}`,
      );
      process.exitCode = 1;
    }
  }
  console.log(`${lines} mutated lines, ${hits} hits`);
}

function pumpUntil(stop: number): void {
  console.log(`${'ms for 8 KB'.padStart(11)}  ${'doubled'.padStart(7)}  slowest line`);
  for (const [i, target] of targets.entries()) {
    const until = performance.now() + (stop - performance.now()) / (targets.length - i);
    const [found] = slowestOf(target, random, until, 1);
    const ms = msOf(found, Math.min(TOLD_BYTES, target.bytesMax), target.open(), 20);
    const growth = growthOf(found, target.bytesMax);
    console.log(
      `${ms.toFixed(3).padStart(11)}  ${`${growth.toFixed(2)} ×`.padStart(7)}  ${described(found).slice(0, 180)}`,
    );
    if (growth > GROWTH_MAX) process.exitCode = 1;
  }
}

mutateUntil(performance.now() + seconds * 500);
pumpUntil(performance.now() + seconds * 500);
