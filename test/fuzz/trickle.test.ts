// A sender chooses in what pieces its bytes arrive: as single ones, twice as many are twice the work for everything that cuts or
// decodes them.
import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { compress } from 'snappyjs';
import { Allowance } from '../../server/receive/allowance.ts';
import type { FrameSink } from '../../server/receive/cutter.ts';
import { Framer } from '../../server/receive/framing.ts';
import { Snappy } from '../../server/receive/snappy-body.ts';
import { SyslogFrames } from '../../server/receive/syslog-frames.ts';

/** Of work that is not linear it is 4; memory that grows by doubling makes steps. */
const GROWTH_MAX = 3;
const BYTES = 10_000;
const RUNS_MIN = 4,
  RUNS_MAX = 40;

type Taker = () => { take(bytes: Buffer): void };

function msOf(open: Taker, text: Buffer): number {
  const { take } = open();
  const from = performance.now();
  for (let i = 0; i < text.length; i++) take(text.subarray(i, i + 1));
  return performance.now() - from;
}

/** How much longer twice the text takes: the smaller growth of two doublings, by the least of several runs. */
function growthOf(open: Taker, textOf: (bytes: number) => Buffer): number {
  const texts = [textOf(BYTES), textOf(2 * BYTES), textOf(4 * BYTES)],
    least = texts.map(() => Infinity);
  let growth = Infinity;
  for (let runs = 0; runs < RUNS_MIN || (runs < RUNS_MAX && growth > GROWTH_MAX); runs++) {
    for (const [i, text] of texts.entries()) least[i] = Math.min(least[i], msOf(open, text));
    growth = Math.min(least[1] / least[0], least[2] / least[1]);
  }
  return growth;
}

const SINK: FrameSink = { record() {}, quoted() {}, tooLong() {}, blank() {} };
const syslog: Taker = () => {
  const frames = new SyslogFrames({ message() {}, tooLong() {}, cutOff() {} });
  return { take: (bytes) => frames.write(bytes) };
};
const framer: Taker = () => {
  const cutter = new Framer(SINK);
  return { take: (bytes) => cutter.write(bytes) };
};
const snappy: Taker = () => {
  const decoder = new Snappy(
    () => {},
    new Allowance({ maxBytes: 2 ** 26 }, new ServerResponse(new IncomingMessage(new Socket()))),
  );
  return { take: (bytes) => void decoder.write(bytes) };
};
const filled = (head: string, unit: string, bytes: number): Buffer =>
  Buffer.from(head + unit.repeat(bytes / unit.length));

suite('one byte a chunk', () => {
  const cases: Record<string, [Taker, (bytes: number) => Buffer]> = {
    'a line': [framer, (n) => filled('', 'x', n)],
    'a JSON record': [framer, (n) => filled('[{"a":"', 'x', n)],
    'a JSON record of brackets': [framer, (n) => filled('{"a":', '[', n)],
    'a JSON record of arrays': [framer, (n) => filled('{', '"a":[],', n)],
    'a body of blanks': [framer, (n) => filled('', ' ', n)],
    'a syslog message that is counted': [syslog, (n) => filled('65000 <1>', 'x', n)],
    'a syslog message that ends in a newline': [syslog, (n) => filled('<1>', 'x', n)],
    'a syslog message of headers': [syslog, (n) => filled('<1>', '<', n)],
    'a syslog message that nothing ends': [
      syslog,
      (n) => filled('<13>Dec  2 16:31:03 host app: a', '<13>Dec  2 16:31:03 ', n),
    ],
    'syslog lines without a header': [syslog, (n) => filled('', '1 ', n)],
    'a snappy block': [snappy, (n) => Buffer.from(compress(Buffer.alloc(n * 20, Math.random().toString())))],
    'a snappy frame': [
      snappy,
      (n) =>
        Buffer.concat([
          Buffer.from([0xff, 6, 0, 0, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59, 1, 0xff, 0xff, 0xff]),
          Buffer.alloc(n),
        ]),
    ],
  };
  for (const [name, [open, textOf]] of Object.entries(cases)) {
    test(name, () => {
      const growth = growthOf(open, textOf);
      assert.ok(growth <= GROWTH_MAX, `${growth.toFixed(2)} × the time for twice the bytes`);
    });
  }
});
