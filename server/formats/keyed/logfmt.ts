// logfmt: `method=GET path=/x status=502 msg="…"`, in any order, with or without quotes. Heroku's router, Go services, Loki.
import { RESPONSE_TIME, type Hit } from '../../core/hit.ts';
import { KeyedFormat } from './keyed-format.ts';
import { keys, values } from './line-values.ts';
import type { Envelope } from '../wrapping/envelope.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { closingQuote, digits, Needle } from '../bytes/scanner.ts';
import { KeyOrder } from './keys.ts';
import { rejected, skipped } from '../misses.ts';
import { NAMES } from './names.ts';
import { unwrapValues } from '../wrapping/record.ts';
import { BARE, ESCAPED, PLAIN } from './values.ts';

const SPACE = 0x20,
  EQUALS = 0x3d,
  QUOTE = 0x22,
  BACKSLASH = 0x5c,
  COMMA = 0x2c,
  BRACE = 0x7b,
  PAREN = 0x28;
const order = new KeyOrder(keys);
/** A logger's time, level and name, and a few words: `INFO[0000] request served   method=GET …`. */
const FRONT_BYTES_MAX = 160;
/** `a request failed k`. */
const CALL_BYTES_MIN = 17;
const NOT_PAIRS = rejected('no key=value pairs');
/** `Jira API request failed status=503 …`: what another service answered, told by who asked it. */
const CALL_FAILED =
  /(?<![\w.])(?!(?:http|incoming|error|warn|warning|info|debug)\b)[a-z]+(?: API)? request failed\b[^=]*$/i;
const CALL = skipped('a request that was made, not served');
const quote = new Needle('"');
const equals = new Needle('=');

const keyed = new KeyedFormat({
  title: 'logfmt',
  proxy: 'unknown',
  isNamed: true,
  reads: {
    ...NAMES,
    code: [...NAMES.code!, 'resp?'],
    client: [...NAMES.client!, 'fwd'],
    upstream: [...NAMES.upstream!, 'dyno'],
    responseTime: [...NAMES.responseTime!, 'service'],
  },
});

export const logfmt = {
  name: 'logfmt',
  title: 'logfmt (key=value)',
  proxy: 'unknown',
  supplies: ['method', 'path', 'host', 'client', 'userAgent', 'size', 'durationMs', 'upstream', 'upstreamStatus'],
  samples: [
    {
      line: 'time=2026-01-02T15:04:05.250Z level=info msg="request completed" method=GET path="/x?a=b" host=a.example status=503 duration=12.5ms bytes=120 remote_addr=192.0.2.7:4711',
      hit: {
        ts: 1767366245250,
        code: 503,
        method: 'GET',
        path: '/x?a=b',
        host: 'a.example',
        durationMs: 12.5,
        bytes: 120,
        client: '192.0.2.7',
      },
    },
    {
      line: 'at=error code=H12 desc="Request timeout" method=GET path="/" host=a.example request_id=1 fwd="192.0.2.7" dyno=web.1 connect=1ms service=30000ms status=503 bytes=0 protocol=https',
      hit: {
        code: 503,
        method: 'GET',
        path: '/',
        host: 'a.example',
        upstream: 'web.1',
        durationMs: 30000,
        bytes: 0,
        client: '192.0.2.7',
      },
    },
    {
      line: 'I0102 15:04:05.123456       1 httplog.go:132] "HTTP" verb="GET" URI="/healthz" latency="1.25ms" userAgent="kube-probe/1.28" audit-ID="" srcIP="192.0.2.7:1234" resp=500',
      hit: { code: 500, method: 'GET', path: '/healthz', durationMs: 1.25, client: '192.0.2.7' },
    },
  ],
  open: (): Reader => ({ read }),
} as const satisfies Format;

function read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
  if (!scanPairs(chunk, start, end, FRONT_BYTES_MAX)) return NOT_PAIRS;
  const miss = keyed.fillAnyway(chunk, hit);
  if (hit.durationMs !== hit.durationMs && hit.has(RESPONSE_TIME)) herokuDuration(chunk.bytes, hit);
  return miss === undefined && isOutgoing(chunk, start, end) ? CALL : miss;
}

/** A record in logfmt whose message is a line: `ts=… level=info msg="10.0.0.1 - - […]"`, or nothing but it: `log="10.0.0.1 - - […]"`. */
export function unwrapKeyed(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  return scanPairs(chunk, start, end, 0, 1) && unwrapValues(chunk, out);
}

/** Heroku's router has no other: `service=30001ms`. */
function herokuDuration(b: Buffer, hit: Hit): void {
  const end = hit.endOf(RESPONSE_TIME) - 2;
  const ms = b[end] === 0x6d && b[end + 1] === 0x73 ? digits(b, hit.startOf(RESPONSE_TIME), end) : -1;
  if (ms !== -1) hit.durationMs = ms;
}

function isOutgoing(chunk: Chunk, start: number, end: number): boolean {
  const first = equals.find(chunk, start, end);
  return (
    first - start > CALL_BYTES_MIN &&
    CALL_FAILED.test(chunk.text.slice(start, Math.min(first, start + FRONT_BYTES_MAX)))
  );
}

/** Finds the pairs; false when the first begins after `front` bytes, or there are fewer than `least`. */
function scanPairs(chunk: Chunk, start: number, end: number, front: number, least = 2): boolean {
  values.begin();
  const isRecord = readPairs(chunk, start, end, front, least);
  values.done();
  return isRecord;
}

function readPairs(chunk: Chunk, start: number, end: number, front: number, least: number): boolean {
  const first = equals.find(chunk, start, end);
  if (first === -1 || (least > 1 && equals.find(chunk, first + 1, end) === -1)) return false;
  const b = chunk.bytes;
  let pairs = 0;
  let at = start;
  while (at < end) {
    while (at < end && (b[at] <= SPACE || b[at] === COMMA || b[at] === BRACE || b[at] === PAREN)) at++;
    const key = at;
    while (at < end && isKeyByte(b[at])) at++;
    if (at === key || at >= end || b[at] !== EQUALS) {
      if (pairs === 0 && at >= start + front) return false;
      if (at > key && at < end && opensArguments(b, at, end)) return false;
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
  return pairs >= least;
}

const isKeyByte = (c: number): boolean =>
  c > SPACE && c !== EQUALS && c !== QUOTE && c !== COMMA && c !== BRACE && c !== PAREN && c !== 0x7d;
const isNumber = (b: Buffer, start: number, end: number): boolean => end > start && b[start] >= 48 && b[start] <= 57;

/** Pairs in brackets right behind a name: a metric's labels, a call in source code. `requests{method="GET",status="502"} 3` */
function opensArguments(b: Buffer, at: number, end: number): boolean {
  if (b[at] !== BRACE && b[at] !== PAREN) return false;
  let stop = at + 1;
  while (stop < end && isKeyByte(b[stop])) stop++;
  return stop > at + 1 && b[stop] === EQUALS && (b[at] === PAREN || b[stop + 1] === QUOTE); // a span's fields are bare: `request{method=GET`
}

function hasBackslash(b: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (b[i] === BACKSLASH) return true;
  return false;
}
