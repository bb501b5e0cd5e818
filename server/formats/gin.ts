// Gin's logger, the default of many Go services: columns between bars.
import { METHOD, type Hit } from '../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from './format.ts';
import { BAD_STATUS, rejected } from './misses.ts';
import { methodEnd, readUrl, setClient } from './request.ts';
import { decimal, Needle, QUOTE, skipBlank, startsWith, status, tokenEnd } from './scanner.ts';
import { TimeReader } from './times.ts';

const NOT_GIN = rejected('no [GIN] time | status | duration | client | method "path"');
const UNITS: readonly (readonly [string, number])[] = [['µs', 1e-3], ['us', 1e-3], ['ns', 1e-6], ['ms', 1], ['s', 1000]];

class GinReader implements Reader {
  readonly #bar = new Needle('|');
  readonly #time = new TimeReader();

  // [GIN] 2026/01/02 - 15:04:05 | 200    | 1.234ms  | 192.0.2.7 | GET      "/ping"
  //       time                    status   duration   client      method   path
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    if (!startsWith(b, start, end, '[GIN] ')) return NOT_GIN;
    const bars: number[] = [];
    for (let bar = this.#bar.find(chunk, start, end); bar !== -1 && bars.length < 4; bar = this.#bar.find(chunk, bar + 1, end)) bars.push(bar);
    if (bars.length < 4) return NOT_GIN;
    let at = skipBlank(b, bars[0] + 1, end);
    const code = status(b, at, tokenEnd(b, at, end));
    if (code < 0) return BAD_STATUS;
    const stamp = Buffer.from(chunk.text.slice(start + 6, bars[0]).replace(' - ', ' '), 'latin1');
    hit.ts = this.#time.iso(stamp, 0, stamp.length);
    hit.code = code;
    at = skipBlank(b, bars[1] + 1, end);
    const duration = durationMs(b.toString('utf8', at, bars[2]).trim());
    if (duration === duration) hit.durationMs = duration;
    at = skipBlank(b, bars[2] + 1, end);
    setClient(b, at, tokenEnd(b, at, bars[3]), hit);
    at = skipBlank(b, bars[3] + 1, end);
    const gap = methodEnd(b, at, end);
    if (gap === -1 || gap === end) return undefined;
    hit.set(METHOD, at, gap);
    at = skipBlank(b, gap, end);
    if (b[at] === QUOTE && b[end - 1] === QUOTE && end - 1 > at) readUrl(chunk, at + 1, end - 1, hit);
    else if (at < end) readUrl(chunk, at, end, hit);
    return undefined;
  }
}

/** Go prints `1.234ms`, `12.5µs`, `1m2.5s`; minutes are too rare to read. */
function durationMs(text: string): number {
  const bytes = Buffer.from(text);
  for (const [unit, ms] of UNITS) if (text.endsWith(unit)) return decimal(bytes, 0, bytes.length - Buffer.byteLength(unit)) * ms;
  return NaN;
}

export const gin = {
  name: 'gin',
  title: 'Gin (Go)',
  proxy: 'unknown',
  supplies: ['client', 'method', 'path', 'durationMs'],
  samples: [
    {
      line: '[GIN] 2026/01/02 - 15:04:05 | 500 |    1.25ms |       192.0.2.7 | GET      "/ping?x=1"',
      hit: { ts: 1767366245000, code: 500, method: 'GET', path: '/ping?x=1', durationMs: 1.25, client: '192.0.2.7' },
    },
  ],
  open: () => new GinReader(),
} as const satisfies Format;
