// Counts that somebody made already: a line stands for many exchanges of one code. What `replay` and backfills of other systems use.
import { SOURCE, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { rejected } from '../misses.ts';
import { digits, isDigit, Needle, startsWith } from '../bytes/scanner.ts';
import { epochMs } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BACKSLASH, BRACE, COLON, COMMA, QUOTE } = ASCII;

const NOT_COUNTS = rejected('counts-shape', 'not {"ts","source","code","count"}');
const BAD_TS = rejected('counts-bad-ts', 'ts is no time in seconds or ms');
const BAD_CODE = rejected('counts-bad-code', 'code is not a number from 0 to 999');
const BAD_COUNT = rejected('counts-bad-count', 'count is no whole number from 0 on');
const KEYS = new Set(['ts', 'source', 'code', 'count']);
/** Four short values; longer lines are something else. */
const LINE_BYTES_MAX = 512;

class CountsReader implements Reader {
  readonly #count = new Needle('"count"');

  // {"ts":1767366245,"source":"web","code":502,"count":17}
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    if (chunk.bytes[start] !== BRACE || end - start > LINE_BYTES_MAX || this.#count.find(chunk, start, end) === -1)
      return NOT_COUNTS;
    if (compact(chunk.bytes, start, end, hit)) return undefined;
    let record: unknown;
    try {
      record = JSON.parse(
        isAscii(chunk.bytes, start, end) ? chunk.text.slice(start, end) : chunk.bytes.toString('utf8', start, end),
      );
    } catch {
      return NOT_COUNTS;
    }
    if (typeof record !== 'object' || record === null || !('count' in record) || !('code' in record)) return NOT_COUNTS;
    for (const key in record) if (!KEYS.has(key)) return NOT_COUNTS;
    const { ts, source, code, count } = record as Record<string, unknown>;
    if (typeof ts !== 'number' || !(ts > 0)) return BAD_TS;
    const number = typeof code === 'string' && /^\d{1,3}$/.test(code) ? Number(code) : code;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 999) return BAD_CODE;
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) return BAD_COUNT;
    hit.ts = epochMs(ts);
    hit.code = number;
    hit.count = count;
    if (typeof source === 'string' && source !== '') hit.setText(SOURCE, source);
    return undefined;
  }
}

/** The usual case, without white space or escapes; false (and to be read as any JSON) otherwise. */
function compact(b: Uint8Array, start: number, end: number, hit: Hit): boolean {
  let ts = -1,
    code = -1,
    count = -1,
    source = -1,
    sourceEnd = -1;
  for (let at = start; at < end - 1;) {
    // `{` or `,`, then a key
    const key = at + 2;
    let close = key;
    while (close < end && b[close] !== QUOTE) close++;
    let value = close + 2;
    if (b[at + 1] !== QUOTE || b[close + 1] !== COLON) return false;
    let stop = value;
    if (startsWith(b, key, close, 'source') && b[value] === QUOTE) {
      source = ++value;
      while (stop < end && b[++stop] !== QUOTE) if (b[stop] === BACKSLASH) return false;
      sourceEnd = stop++;
    } else {
      while (isDigit(b[stop])) stop++;
      const n = stop - value > 15 ? -1 : digits(b, value, stop);
      if (n === -1) return false;
      if (startsWith(b, key, close, 'ts') && close - key === 2) ts = n;
      else if (startsWith(b, key, close, 'code') && close - key === 4) code = n;
      else if (startsWith(b, key, close, 'count') && close - key === 5) count = n;
      else return false;
    }
    if (b[stop] !== COMMA && stop !== end - 1) return false;
    at = stop;
  }
  if (b[end - 1] !== BRACE + 2 || ts <= 0 || code < 0 || code > 999 || count < 0) return false;
  hit.ts = epochMs(ts);
  hit.code = code;
  hit.count = count;
  if (sourceEnd > source) hit.set(SOURCE, source, sourceEnd);
  return true;
}

function isAscii(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (b[i] > 0x7f) return false;
  return true;
}

export const counts = {
  name: 'counts',
  title: 'counts made elsewhere, as JSON lines',
  proxy: 'unknown',
  samples: [
    {
      line: '{"ts":1767366245,"source":"web","code":502,"count":17}',
      hit: { ts: 1767366245000, code: 502, count: 17 },
    },
    {
      line: '{ "count": 3, "code": "009", "source": "a\\"b", "ts": 1767366245.5 }',
      hit: { ts: 1767366245500, code: 9, count: 3 },
    },
  ],
  begins: '{',
  open: () => new CountsReader(),
} as const satisfies Format;
