// Which cause an exchange shows. Healthy ones, and failures like one that was judged before, are decided without allocating.
import { causes } from '#shared/causes/index.ts';
import type { Cause } from '#shared/causes/cause.ts';
import type { Exchange } from '#shared/exchange.ts';
import { evidenceOf } from './exchange.ts';
import {
  CONNECT_TIME,
  DETAILS,
  FLAGS,
  METHOD,
  RESULT,
  RETRIES,
  TERMINATION,
  UPSTREAM_STATUS,
  bitsOf,
  type Hit,
} from './hit.ts';
import { CauseKey } from './cause-key.ts';

/** The first cause that the exchange shows; undefined when nothing is wrong with it. */
export const causeOfExchange = (x: Exchange): Cause | undefined => causes[indexOf(x) - 1];

/** The last verdicts, each in the place its low bits say. */
const REMEMBERED = 4096,
  NONE = 255;
const causeKey = new CauseKey();
const lows = new Int32Array(REMEMBERED),
  highs = new Int32Array(REMEMBERED),
  verdicts = new Uint8Array(REMEMBERED).fill(NONE);

/** As causeOfExchange, for a hit as it was read: 0 when nothing is wrong, otherwise 1 + the index in `causes`. */
export function causeOf(hit: Hit): number {
  const { code } = hit;
  if (code >= 100 && code < 400 && looksHealthy(hit)) return 0;
  if (!causeKey.see(hit)) return indexOf(evidenceOf(hit));
  const { low, high } = causeKey;
  const at = low & (REMEMBERED - 1);
  if (verdicts[at] === NONE || lows[at] !== low || highs[at] !== high) {
    lows[at] = low;
    highs[at] = high;
    verdicts[at] = indexOf(evidenceOf(hit));
  }
  return verdicts[at];
}

function indexOf(x: Exchange): number {
  for (let i = 0; i < causes.length; i++) if (causes[i].matches(x)) return i + 1;
  return 0;
}

const DASH = 45,
  ZERO = 48,
  FIVE = 53,
  COMMA = 44,
  COLON = 58;

/** Where a success may show that something went wrong with it. */
const SIGNS = bitsOf(UPSTREAM_STATUS, CONNECT_TIME, RETRIES, TERMINATION, FLAGS, DETAILS, RESULT);

/** No sign that a success was a retry, cut short, abandoned, or a redirect of something other than GET and HEAD. */
function looksHealthy(hit: Hit): boolean {
  if ((hit.code === 301 || hit.code === 302) && hit.has(METHOD) && !isRead(hit)) return false;
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
  // Their words for a cut or abandoned 200 differ: these are read whole.
  return (
    !(
      hit.has(DETAILS) &&
      (hit.proxy === 'gcp' || hit.proxy === 'iis' || hit.proxy === 'cloudfront' || hit.proxy === 'azure')
    ) && !(hit.has(RESULT) && hit.proxy === 'squid')
  );
}

function isRead(hit: Hit): boolean {
  const at = hit.startOf(METHOD),
    length = hit.endOf(METHOD) - at,
    bytes = hit.bufferOf(METHOD);
  return (length === 3 && bytes[at] === 71 && bytes[at + 1] === 69) || (length === 4 && bytes[at] === 72);
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
