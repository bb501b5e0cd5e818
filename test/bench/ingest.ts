// `npm run bench`: how fast lines become durable counts, beside wc, goaccess and mtail in the same run. Absolute figures move
// with the machine; the ratios are what to look at. Options: --lines N (1,000,000), --rounds N (3), --profile FOLDER.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Hit } from '../../server/core/hit.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { INLINING } from '../../server/ingest.ts';
import { Framer } from '../../server/receive/framing.ts';
import { timeChart } from './ingest/chart.ts';
import { writeLogs } from './ingest/logs.ts';
import { goaccess, mtail, wc, type Peer } from './ingest/peers.ts';
import { startServer, type Server } from './ingest/server.ts';

const { values: options } = parseArgs({
  options: {
    lines: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '3' },
    profile: { type: 'string' },
  },
});
setFlagsFromString(INLINING); // as the server runs
const LINES = Number(options.lines),
  ROUNDS = Number(options.rounds);
const KIB = 1024,
  MIB = 1024 * KIB;
const SHAPES = [
  { name: '64 KiB', bytes: 64 * KIB, connections: 32 },
  { name: '1 MiB', bytes: MIB, connections: 16 },
  { name: '8 MiB', bytes: 8 * MIB, connections: 4 },
];
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

interface Measured {
  name: string;
  lines: number;
  bytes: number;
  ms: number;
  /** MB. */
  peak?: number;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];
const rate = (m: Measured): number => m.lines / m.ms / 1000;

function parseOnly(name: string, file: string): Measured {
  const log = readFileSync(file);
  const times = Array.from({ length: ROUNDS }, () => {
    const reader = openLineReader(),
      hit = new Hit();
    let read = 0;
    const framer = new Framer({
      record: (chunk, start, end) => {
        if (reader.read(chunk, start, end, hit) === undefined) read++;
      },
      quoted() {},
      tooLong() {},
      blank() {},
    });
    const started = performance.now();
    for (let at = 0; at < log.length; at += MIB) framer.write(log.subarray(at, at + MIB));
    framer.end();
    if (read !== LINES) throw new Error(`${read} of ${LINES} lines were read`);
    return performance.now() - started;
  });
  return { name: `${name}: parse only`, lines: LINES, bytes: log.length, ms: median(times) };
}

let posts = 0;

function post(name: string, file: string, server: Server, shape: (typeof SHAPES)[number], counts: boolean): Measured {
  const times = Array.from({ length: ROUNDS }, () => {
    // A source of its own each time: the same bodies sent again would be duplicates.
    const source = `bench-${++posts}`;
    const sent = JSON.parse(
      execFileSync(process.execPath, [
        here('ingest/sender.ts'),
        file,
        `${server.url}/ingest/${source}`,
        String(shape.bytes),
        String(shape.connections),
      ]).toString(),
    ) as { ms: number; accepted: number };
    if (counts && sent.accepted !== LINES) throw new Error(`${sent.accepted} of ${LINES} lines were accepted`);
    return sent.ms;
  });
  return {
    name: `${name}: ${counts ? 'POST' : 'receive only'}, ${shape.name} × ${shape.connections}`,
    lines: LINES,
    bytes: statSync(file).size,
    ms: median(times),
    peak: server.peak(),
  };
}

async function checkSums(server: Server): Promise<void> {
  const { totals } = (await (await fetch(`${server.url}/api/totals`)).json()) as {
    totals: { source: string; count: number }[];
  };
  const sums = Map.groupBy(totals, (row) => row.source);
  for (const [source, rows] of sums) {
    const sum = rows.reduce((n, row) => n + row.count, 0);
    if (sum !== LINES) throw new Error(`${source}: the database holds ${sum} of ${LINES} lines`);
  }
  console.log(`The database's sums are the lines sent: ${sums.size} × ${LINES}.`);
}

function peer({ name, run }: Peer, file: string, lines: number, folder: string): Measured | undefined {
  const times = Array.from({ length: ROUNDS }, () => run(file, folder)).filter((ms) => ms !== undefined);
  return times.length === 0 ? undefined : { name, lines, bytes: statSync(file).size, ms: median(times) };
}

function print(rows: readonly Measured[]): void {
  console.log(`\n${''.padEnd(44)}M lines/s     MB/s   peak MB`);
  for (const row of rows) {
    console.log(
      `${row.name.padEnd(44)}${rate(row).toFixed(3).padStart(9)}${(row.bytes / row.ms / 1000).toFixed(0).padStart(9)}${(row.peak?.toFixed(0) ?? '').padStart(10)}`,
    );
  }
}

function printRatios(rows: readonly Measured[]): void {
  const find = (name: string): Measured | undefined => rows.find((row) => row.name === name);
  const ratio = (a: string, b: string, goal: number): void => {
    const [x, y] = [find(a), find(b)];
    if (x !== undefined && y !== undefined)
      console.log(`${`${a} ÷ ${b}`.padEnd(76)}${(rate(x) / rate(y)).toFixed(3).padStart(9)}   goal ${goal}`);
  };
  console.log();
  const best = 'combined: POST, 1 MiB × 16';
  ratio(best, wc.name, 0.07);
  ratio('combined: POST, 64 KiB × 32', 'combined: receive only, 64 KiB × 32', 0.8);
  ratio(best, 'combined: receive only, 1 MiB × 16', 0.5);
  ratio(best, goaccess.name, 30);
  ratio(best, mtail.name, 8);
}

const folder = mkdtempSync(join(tmpdir(), 'fivealarm-bench-'));
try {
  const [combined, json, part] = ['combined.log', 'json.log', 'part.log'].map((name) => join(folder, name));
  writeLogs(combined, json, LINES);
  const partLines = Math.min(LINES, 200_000);
  writeLogs(part, join(folder, 'part.json'), partLines);
  if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
  const rows: (Measured | undefined)[] = [parseOnly('combined', combined), parseOnly('JSON', json)];

  const server = await startServer(
    [here('../../server/main.ts'), 'serve', '--data-dir', join(folder, 'data'), '--port', '0'],
    options.profile,
  );
  for (const shape of SHAPES) rows.push(post('combined', combined, server, shape, true));
  rows.push(post('JSON', json, server, SHAPES[1], true));
  await checkSums(server);
  await server.stop();

  const discard = await startServer([here('ingest/discard.ts')]);
  for (const shape of SHAPES.slice(0, 2)) rows.push(post('combined', combined, discard, shape, false));
  await discard.stop();

  rows.push(
    peer(wc, combined, LINES, folder),
    peer(goaccess, part, partLines, folder),
    peer(mtail, part, partLines, folder),
  );
  const measured = rows.filter((row) => row !== undefined);
  print(measured);
  printRatios(measured);
  const chart = await timeChart(folder);
  console.log(
    `\n24-hour chart out of 30 days × 20 sources × 12 codes: one source ${chart.oneSource.toFixed(1)} ms, all ${chart.allSources.toFixed(1)} ms   goal 15`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
