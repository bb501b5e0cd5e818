// logfmt: `method=GET path=/x status=502 msg="…"`, in any order, with or without quotes. Heroku's router, Go services, Loki.
import { RESPONSE_TIME, type Hit } from '../../core/hit.ts';
import { KeyedFormat } from './keyed-format.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { ASCII } from '../bytes/ascii.ts';
import { timeIn } from '../bytes/scalars.ts';
import { digits, Needle } from '../bytes/scanner.ts';
import { rejected, TOO_MANY_KEYS } from '../misses.ts';
import { BARE, ENOUGH, SENT, unserved } from '../served.ts';
import { NAMES } from './names.ts';
import { pairOrder, scanPairs } from './pairs.ts';

const { BRACKET } = ASCII;

/** A logger's time, level and name, and a few words: `INFO[0000] request served   method=GET …`. */
const FRONT_BYTES_MAX = 160;
/** `a request failed k`. */
const CALL_BYTES_MIN = 17;
const NOT_PAIRS = rejected('logfmt-no-pairs', 'no key=value pairs');
/** `Jira API request failed status=503 …`: what another service answered, told by who asked it. */
const CALL_FAILED = /(?<![\w.])(?!(?:http|incoming|error|warn|warning|info|debug)\b)[a-z]+(?: API)? request failed\b/i;
const equals = new Needle('=');

const keyed = new KeyedFormat({
  title: 'logfmt',
  proxy: 'unknown',
  isNamed: true,
  // Heroku's router, of a request that was interrupted before its path was known
  words: ['connect'],
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
  if (miss !== undefined) return pairOrder.isCut && miss.kind === 'rejected' ? TOO_MANY_KEYS : miss;
  if (hit.ts !== hit.ts) hit.ts = timeInFront(chunk, start, end);
  return isOutgoing(chunk, start, end) ? unserved(ENOUGH | BARE | SENT) : undefined;
}

/** Heroku's router has no other: `service=30001ms`. */
function herokuDuration(b: Buffer, hit: Hit): void {
  const end = hit.endOf(RESPONSE_TIME) - 2;
  const ms = b[end] === 0x6d && b[end + 1] === 0x73 ? digits(b, hit.startOf(RESPONSE_TIME), end) : -1;
  if (ms !== -1) hit.durationMs = ms;
}

// [18/Aug/2022:11:12:13 +0200] client=203.0.113.4 request="GET / HTTP/1.1" status=502
/** The time that stands before the pairs, in brackets or not; NaN when none does. */
function timeInFront(chunk: Chunk, start: number, end: number): number {
  const first = equals.find(chunk, start, end);
  const from = chunk.bytes[start] === BRACKET ? start + 1 : start;
  return first === -1 ? NaN : timeIn(chunk.bytes, from, Math.min(first, start + FRONT_BYTES_MAX));
}

function isOutgoing(chunk: Chunk, start: number, end: number): boolean {
  const first = equals.find(chunk, start, end);
  return (
    first - start > CALL_BYTES_MIN &&
    CALL_FAILED.test(chunk.text.slice(start, Math.min(first, start + FRONT_BYTES_MAX)))
  );
}
