// Which cause an exchange shows. Most requests succeed and most failures are alike, so both are decided without allocating: a success
// is matched only if something in it can show a cause, and a verdict is remembered by what it was based on (cause-key.ts).
import { causes } from '#shared/causes/index.ts';
import type { Cause } from '#shared/causes/cause.ts';
import { PROXIES, type Evidence, type Proxy } from '#shared/exchange.ts';
import { ASCII } from './ascii.ts';
import { CauseKey } from './cause-key.ts';
import { READ_FROM, evidenceOf } from './exchange.ts';
import { CONNECT_TIME, FLAGS, RETRIES, TERMINATION, UPSTREAM_STATUS, bitsOf, type Hit } from './hit.ts';

const { COMMA, DASH, COLON } = ASCII;

/** The first cause that the exchange shows; undefined when nothing is wrong with it. */
export const causeOfExchange = (x: Evidence): Cause | undefined => causes[indexOf(x) - 1];

/** The last verdicts, each in the place that the low bits of its key give. */
const REMEMBERED = 4096,
  NONE = 255;
const key = new CauseKey();
const lows = new Int32Array(REMEMBERED),
  highs = new Int32Array(REMEMBERED),
  verdicts = new Uint8Array(REMEMBERED).fill(NONE);

/** As causeOfExchange, for a hit as it was read: 0 when nothing is wrong, otherwise 1 + the index in `causes`. */
export function causeOf(hit: Hit): number {
  const { code } = hit;
  if (code >= 100 && code < 400 && looksHealthy(hit)) return 0;
  if (!key.see(hit)) return indexOf(evidenceOf(hit));
  const { low, high } = key;
  const at = low & (REMEMBERED - 1);
  if (verdicts[at] === NONE || lows[at] !== low || highs[at] !== high) {
    lows[at] = low;
    highs[at] = high;
    verdicts[at] = indexOf(evidenceOf(hit));
  }
  return verdicts[at];
}

function indexOf(x: Evidence): number {
  for (let i = 0; i < causes.length; i++) if (causes[i].matches(x)) return i + 1;
  return 0;
}

const ZERO = 48,
  FIVE = 53;

/** Success codes that a cause asks for. */
const MATCHED_CODES = new Uint8Array(400);
/** Fields of successes that a cause asks for, as bits, per program that wrote the line. */
const MATCHED_FIELDS = new Map<Proxy, number>();
for (const { onSuccess } of causes) {
  for (const code of onSuccess?.codes ?? []) MATCHED_CODES[code] = 1;
  for (const proxy of PROXIES) {
    for (const field of onSuccess?.fields?.[proxy] ?? [])
      MATCHED_FIELDS.set(proxy, (MATCHED_FIELDS.get(proxy) ?? 0) | READ_FROM[field]);
  }
}
const ANY_MATCHED = [...MATCHED_FIELDS.values()].reduce((all, bits) => all | bits, 0);
/** Where a success may show that something went wrong with it. */
const SIGNS = ANY_MATCHED | bitsOf(UPSTREAM_STATUS, CONNECT_TIME, RETRIES, TERMINATION, FLAGS);

/** Nothing in a success (100–399) shows a retry, an abort or what else a cause asks for in `onSuccess`. */
function looksHealthy(hit: Hit): boolean {
  if (MATCHED_CODES[hit.code] === 1) return false;
  if (!hit.hasAny(SIGNS)) return true;
  if (
    hit.has(UPSTREAM_STATUS)
      ? isListOr(hit, UPSTREAM_STATUS, FIVE)
      : hit.has(CONNECT_TIME) && startsWith(hit, CONNECT_TIME, DASH) && isListOr(hit, CONNECT_TIME)
  )
    return false;
  if (hit.has(RETRIES) && !startsWith(hit, RETRIES, ZERO) && !startsWith(hit, RETRIES, DASH)) return false;
  if (hit.has(TERMINATION) && !startsWith(hit, TERMINATION, DASH)) return false;
  if (hit.has(FLAGS) && !startsWith(hit, FLAGS, DASH)) return false;
  return !hit.hasAny(ANY_MATCHED) || !hit.hasAny(MATCHED_FIELDS.get(hit.proxy) ?? 0);
}

/** Several attempts, or one that failed (begins so): a success that came from another upstream, a cache or an error page. */
function isListOr(hit: Hit, field: number, failed = -1): boolean {
  const bytes = hit.bufferOf(field),
    start = hit.startOf(field),
    end = hit.endOf(field);
  if (start < end && bytes[start] === failed) return true;
  for (let i = start; i < end; i++) if (bytes[i] === COMMA || bytes[i] === COLON) return true;
  return false;
}

/** Empty counts as starting so: an absent value. */
const startsWith = (hit: Hit, field: number, byte: number): boolean =>
  hit.startOf(field) === hit.endOf(field) || hit.bufferOf(field)[hit.startOf(field)] === byte;
