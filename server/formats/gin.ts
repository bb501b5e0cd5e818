// Gin's logger, the default of many Go services: columns between bars.
import { METHOD, type Hit } from '../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from './format.ts';
import { BAD_STATUS, rejected } from './misses.ts';
import { methodEnd, readUrl, setClient } from './request.ts';
import { decimal, Needle, QUOTE, skipBlank, startsWith, status, tokenEnd } from './scanner.ts';
import { TimeReader } from './times.ts';

const NOT_GIN = rejected('no [GIN] time | status | duration | client | method "path"');

class GinReader implements Reader {
  readonly #bar = new Needle('|');
  readonly #time = new TimeReader();
  readonly #bars = new Int32Array(4);
  readonly #stamp = Buffer.from('2026-01-02 15:04:05');

  // [GIN] 2026/01/02 - 15:04:05 | 200    | 1.234ms  | 192.0.2.7 | GET      "/ping"
  //       time                    status   duration   client      method   path
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    if (!startsWith(b, start, end, '[GIN] ')) return NOT_GIN;
    const bars = this.#bars;
    for (let i = 0, from = start; i < 4; i++, from = bars[i - 1] + 1) {
      bars[i] = this.#bar.find(chunk, from, end);
      if (bars[i] === -1) return NOT_GIN;
    }
    let at = skipBlank(b, bars[0] + 1, end);
    const code = status(b, at, tokenEnd(b, at, end));
    if (code < 0) return BAD_STATUS;
    b.copy(this.#stamp, 0, start + 6, start + 16);
    b.copy(this.#stamp, 11, start + 19, start + 27);
    hit.ts = this.#time.iso(this.#stamp, 0, 19);
    hit.code = code;
    at = skipBlank(b, bars[1] + 1, end);
    const duration = durationMs(b, at, tokenEnd(b, at, bars[2]));
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

/** Go prints `1.234ms`, `12.5µs`, `80ns`, `2.5s`; minutes are too rare to read. */
function durationMs(b: Uint8Array, start: number, end: number): number {
  if (b[end - 1] !== 0x73) return NaN; // s
  switch (b[end - 2]) {
    case 0x6d: return decimal(b, start, end - 2); // ms
    case 0x6e: return decimal(b, start, end - 2) / 1e6; // ns
    case 0x75: return decimal(b, start, end - 2) / 1e3; // us
    case 0xb5: return decimal(b, start, end - 3) / 1e3; // µs in UTF-8
    default: return decimal(b, start, end - 1) * 1000;
  }
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
