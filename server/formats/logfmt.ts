// logfmt: `method=GET path=/x status=502 msg="…"`, in any order, with or without quotes. Heroku's router, Go services, Loki.
import { Dialect } from './dialect.ts';
import { keys, values } from './line-values.ts';
import type { Envelope } from './envelope.ts';
import type { Chunk, Format, Miss, Reader } from './format.ts';
import { closingQuote, Needle } from './scanner.ts';
import { KeyOrder } from './keys.ts';
import { rejected } from './misses.ts';
import { NAMES } from './names.ts';
import { unwrapValues } from './unwrap-record.ts';
import { BARE, ESCAPED, PLAIN } from './values.ts';

const SPACE = 0x20, EQUALS = 0x3d, QUOTE = 0x22, BACKSLASH = 0x5c, COMMA = 0x2c, BRACE = 0x7b;
const order = new KeyOrder(keys);
/** A logger's time, level and name, and a few words: `INFO[0000] request served   method=GET …`. */
const FRONT_BYTES_MAX = 160;
const NOT_PAIRS = rejected('no key=value pairs');
const quote = new Needle('"');
const equals = new Needle('=');

const dialect = new Dialect({
  title: 'logfmt',
  proxy: 'unknown',
  isNamed: true,
  reads: { ...NAMES, code: [...NAMES.code!, 'resp?'], client: [...NAMES.client!, 'fwd'], upstream: [...NAMES.upstream!, 'dyno'], responseTime: [...NAMES.responseTime!, 'service'] },
});

export const logfmt = {
  name: 'logfmt',
  title: 'logfmt (key=value)',
  proxy: 'unknown',
  supplies: ['method', 'path', 'host', 'client', 'userAgent', 'size', 'durationMs', 'upstream', 'upstreamStatus'],
  samples: [
    {
      line: 'time=2026-01-02T15:04:05.250Z level=info msg="request completed" method=GET path="/x?a=b" host=a.example status=503 duration=12.5ms bytes=120 remote_addr=192.0.2.7:4711',
      hit: { ts: 1767366245250, code: 503, method: 'GET', path: '/x?a=b', host: 'a.example', durationMs: 12.5, bytes: 120, client: '192.0.2.7' },
    },
    {
      line: 'at=error code=H12 desc="Request timeout" method=GET path="/" host=a.example request_id=1 fwd="192.0.2.7" dyno=web.1 connect=1ms service=30000ms status=503 bytes=0 protocol=https',
      hit: { code: 503, method: 'GET', path: '/', host: 'a.example', upstream: 'web.1', bytes: 0, client: '192.0.2.7' },
    },
    {
      line: 'I0102 15:04:05.123456       1 httplog.go:132] "HTTP" verb="GET" URI="/healthz" latency="1.25ms" userAgent="kube-probe/1.28" audit-ID="" srcIP="192.0.2.7:1234" resp=500',
      hit: { code: 500, method: 'GET', path: '/healthz', durationMs: 1.25, client: '192.0.2.7' },
    },
  ],
  open: (): Reader => ({ read }),
} as const satisfies Format;

function read(chunk: Chunk, start: number, end: number, hit: Parameters<Reader['read']>[3]): Miss | undefined {
  return scanPairs(chunk, start, end, FRONT_BYTES_MAX) ? dialect.fillAnyway(chunk, hit) : NOT_PAIRS;
}

/** A record in logfmt whose message is a line: `ts=… level=info msg="10.0.0.1 - - […]"`. */
export function unwrapKeyed(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  return scanPairs(chunk, start, end, 0) && unwrapValues(chunk, out);
}

/** Finds the pairs; false when the first begins after `front` bytes, or there are fewer than two. */
function scanPairs(chunk: Chunk, start: number, end: number, front: number): boolean {
  values.begin();
  const isRecord = readPairs(chunk, start, end, front);
  values.done();
  return isRecord;
}

function readPairs(chunk: Chunk, start: number, end: number, front: number): boolean {
  const first = equals.find(chunk, start, end);
  if (first === -1 || equals.find(chunk, first + 1, end) === -1) return false;
  const b = chunk.bytes;
  let pairs = 0;
  let at = start;
  while (at < end) {
    while (at < end && (b[at] <= SPACE || b[at] === COMMA || b[at] === BRACE)) at++;
    const key = at;
    while (at < end && isKeyByte(b[at])) at++;
    if (at === key || at >= end || b[at] !== EQUALS) {
      if (pairs === 0 && at >= start + front) return false;
      while (at < end && b[at] > SPACE && b[at] !== BRACE) at++; // a word between the pairs
      continue;
    }
    const found = order.find(pairs++, b, key, at);
    at++;
    if (at < end && b[at] === QUOTE) {
      const close = closingQuote(quote, chunk, at + 1, end);
      if (close === -1) return pairs > 1;
      if (found.id >= 0) values.add(b, found.id, at + 1, close, hasBackslash(b, at + 1, close) ? ESCAPED : PLAIN);
      at = close + 1;
    } else {
      const value = at;
      while (at < end && b[at] > SPACE) at++;
      let last = at;
      if (last > value && b[last - 1] === COMMA) last--;
      if (found.id >= 0) values.add(b, found.id, value, last, isNumber(b, value, last) ? BARE : PLAIN);
    }
  }
  return pairs > 1;
}

const isKeyByte = (c: number): boolean => c > SPACE && c !== EQUALS && c !== QUOTE && c !== COMMA && c !== BRACE && c !== 0x7d;
const isNumber = (b: Buffer, start: number, end: number): boolean => end > start && b[start] >= 48 && b[start] <= 57;

function hasBackslash(b: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (b[i] === BACKSLASH) return true;
  return false;
}
