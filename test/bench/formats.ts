// Parse-only speed, a row a format: each format's sample lines repeated to some megabytes, read in 1 MiB chunks in one thread.
// The ratio is to combined's MB/s in the same run; absolute figures depend on the machine.
import { Hit } from '../../server/core/hit.ts';
import type { Chunk } from '../../server/formats/format.ts';
import { formats } from '../../server/formats/index.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';

const CHUNK_BYTES = 1 << 20;
/** Few enough to stay in the cache, as the chunk just received is. */
const CHUNKS = 3;
const ROUNDS = 30;

interface Subject {
  name: string;
  format: string;
  before?: readonly string[];
  lines: readonly string[];
}

/** A second of traffic: what differs from line to line in a real log does here too. */
function* combinedLines(tail = ''): Generator<string> {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36';
  for (let i = 0; ; i++) {
    const second = String((i >> 7) % 60).padStart(2, '0');
    const code = i % 50 === 0 ? 502 : i % 9 === 0 ? 304 : 200;
    yield `203.0.113.${i % 250} - - [02/Jan/2026:15:04:${second} +0000] "GET /api/items/${i * 7919 % 100000}?page=${i % 9} HTTP/1.1" ${code} ${i * 31 % 50000} "https://www.example.com/list" "${agent}"${tail}`;
  }
}

const take = (lines: Generator<string>, n: number): string[] => Array.from({ length: n }, () => lines.next().value as string);

function subjects(): Subject[] {
  const own: Subject[] = formats.map((format) => {
    const sample = format.samples[0] as { line: string; before?: readonly string[] };
    return { name: format.name, format: format.name, before: sample.before, lines: format.samples.map(({ line }) => line) };
  });
  const tail = ' rt=0.007 ua="127.0.0.1:21240" us="200" ut="0.008" uc="0.000" uh="0.008" ub="251"';
  return [
    { name: 'combined', format: 'combined', lines: take(combinedLines(), 5000) },
    { name: 'combined, detected', format: 'auto', lines: take(combinedLines(), 5000) },
    { name: 'combined + key=value tail', format: 'auto', lines: take(combinedLines(tail), 5000) },
    ...own.filter(({ name }) => name !== 'combined'),
  ];
}

function chunksOf(lines: readonly string[]): { chunks: Chunk[]; count: number } {
  const once = Buffer.from(`${lines.join('\n')}\n`);
  const times = Math.max(1, Math.floor(CHUNK_BYTES / once.length));
  const bytes = Buffer.concat(Array.from({ length: times }, () => once));
  const chunks = Array.from({ length: CHUNKS }, () => ({ bytes: Buffer.from(bytes), text: bytes.toString('latin1') }));
  return { chunks, count: lines.length * times * CHUNKS };
}

function measure(subject: Subject): { linesPerSecond: number; bytesPerSecond: number } {
  const { chunks, count } = chunksOf(subject.lines);
  const reader = openLineReader(subject.format);
  const hit = new Hit();
  for (const line of subject.before ?? []) reader.read({ bytes: Buffer.from(line), text: line }, 0, line.length, hit);
  const size = chunks.reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  let best = Infinity, misses = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const before = performance.now();
    for (const chunk of chunks) {
      const { length } = chunk.bytes;
      for (let at = 0; at < length;) {
        const end = chunk.text.indexOf('\n', at);
        if (reader.read(chunk, at, end, hit) !== undefined) misses++;
        at = end + 1;
      }
    }
    best = Math.min(best, (performance.now() - before) / 1000);
  }
  if (misses > 0) console.error(`${subject.name}: ${misses / ROUNDS} of ${count} lines gave no hit`);
  return { linesPerSecond: count / best, bytesPerSecond: size / best };
}

const wanted = process.argv.slice(2);
console.log(`${'format'.padEnd(28)} ${'M lines/s'.padStart(9)} ${'MB/s'.padStart(7)} ${'÷ combined'.padStart(11)}`);
let base = 0;
for (const subject of subjects()) {
  if (base > 0 && wanted.length > 0 && !wanted.some((name) => subject.name.includes(name))) continue;
  const { linesPerSecond, bytesPerSecond } = measure(subject);
  base ||= bytesPerSecond;
  console.log(`${subject.name.padEnd(28)} ${(linesPerSecond / 1e6).toFixed(2).padStart(9)} ${(bytesPerSecond / 1e6).toFixed(0).padStart(7)} ${(bytesPerSecond / base).toFixed(2).padStart(11)}`);
}
