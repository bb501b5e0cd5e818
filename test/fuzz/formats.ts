// Mutates the samples of every format for as long as it is told to (seconds, 30 unless said) and reports what throws, takes long, or
// gives a code that is none. `npm run fuzz -- 600`. Prints the seed; the second argument repeats a run.
import { Hit } from '../../server/core/hit.ts';
import type { Sample } from '../../server/formats/format.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { hitJson } from '../../server/formats/hit-json.ts';

const seconds = Number(process.argv[2] ?? 30);
let state = Number(process.argv[3] ?? Date.now() % 2 ** 31) | 0;
console.log(`fuzzing for ${seconds} s, seed ${state}`);

/** xorshift32: the same seed gives the same run. */
function random(below: number): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
}

const LINE_BYTES_MAX = 64 * 1024;
/** A line this long may take this many ms at most on a slow machine: quadratic work takes seconds. */
const SLOW_MS = 250;
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
  ' HTTP/1.1',
  '": "',
  '" 200 ',
].map((text) => Buffer.from(text, 'latin1'));

function mutate(bytes: Buffer): Buffer {
  for (let i = random(4); i >= 0; i--) {
    const at = random(bytes.length + 1),
      put = PUT[random(PUT.length)];
    const times = random(50) === 0 ? random(Math.floor(LINE_BYTES_MAX / put.length)) : 1;
    const other = samples[random(samples.length)].bytes;
    const inserted =
      random(8) === 0 ? other.subarray(random(other.length)) : Buffer.concat(Array<Buffer>(times).fill(put));
    bytes = Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + random(9))]).subarray(
      0,
      LINE_BYTES_MAX,
    );
  }
  return bytes;
}

const hit = new Hit();
const stop = performance.now() + seconds * 1000;
let lines = 0,
  hits = 0,
  slowest = 0;
let reader = openLineReader();
for (; performance.now() < stop; lines++) {
  const { format, bytes } = samples[random(samples.length)];
  if (random(20) === 0) reader = openLineReader(random(2) === 0 ? 'auto' : format);
  const line = mutate(bytes);
  const before = performance.now();
  try {
    if (reader.read({ bytes: line, text: line.toString('latin1') }, 0, line.length, hit) === undefined) {
      hits++;
      const { code } = hitJson(hit);
      if (!Number.isInteger(code) || (code as number) < 0 || (code as number) > 999) throw new Error(`code ${code}`);
    }
  } catch (error) {
    console.error(
      `${reader.format ?? format}: ${(error as Error).stack}\n${JSON.stringify(line.toString('latin1').slice(0, 2000))}`,
    );
    process.exitCode = 1;
  }
  let took = performance.now() - before;
  if (took > SLOW_MS) {
    // the line, or a machine that was busy elsewhere?
    const again = performance.now();
    openLineReader().read({ bytes: line, text: line.toString('latin1') }, 0, line.length, hit);
    took = Math.min(took, performance.now() - again);
  }
  slowest = Math.max(slowest, took);
  if (took > SLOW_MS) {
    console.error(
      `${took.toFixed(0)} ms: ${JSON.stringify(line.toString('latin1').slice(0, 300))} … ${line.length} bytes`,
    );
    process.exitCode = 1;
  }
}
console.log(`${lines} lines, ${hits} hits, slowest ${slowest.toFixed(1)} ms`);
