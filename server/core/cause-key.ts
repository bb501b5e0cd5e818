// The key under which the verdict on a hit is remembered: 64 bits of everything that a cause may ask for (shared/exchange.ts, Evidence).
// Hits with the same key show the same cause. Of times the key holds only which of them are numbers, and whether the exchange or its
// last attempt took a second, because a cause may not ask more; so the thousands of failures of an outage, each with times of its own, are judged once. A cause that compares numbers names the
// programs on whose lines it does (`comparesNumbersOf`), and the numbers of these are in the key.
import { SIZES_COMPARED_OF } from '#shared/causes/exchange-facts.ts';
import { causes } from '#shared/causes/index.ts';
import { PROXIES, type Proxy } from '#shared/exchange.ts';
import { ASCII } from './ascii.ts';
import {
  CONNECT_TIME,
  DETAILS,
  FLAGS,
  HEADER_TIME,
  LIMIT,
  METHOD,
  RESPONSE_TIME,
  RESULT,
  RETRIES,
  TERMINATION,
  TIMERS,
  UPSTREAM,
  UPSTREAM_BYTES,
  UPSTREAM_LENGTH,
  UPSTREAM_STATUS,
  bitsOf,
  type Hit,
} from './hit.ts';

const { SPACE, PLUS, COMMA, DASH, DOT, SLASH, COLON } = ASCII;

const TEXTS = [
  METHOD,
  UPSTREAM,
  UPSTREAM_STATUS,
  UPSTREAM_BYTES,
  UPSTREAM_LENGTH,
  TERMINATION,
  FLAGS,
  DETAILS,
  RESULT,
  RETRIES,
  LIMIT,
];
const TIMES = [CONNECT_TIME, HEADER_TIME, RESPONSE_TIME, TIMERS];
const ANY_TIME = bitsOf(...TIMES);

const NUMBERS_COMPARED_OF: ReadonlySet<Proxy> = new Set<Proxy>([
  ...SIZES_COMPARED_OF,
  ...causes.flatMap((cause) => cause.comparesNumbersOf ?? []),
]);
const PROXY_NUMBERS: ReadonlyMap<Proxy, number> = new Map(PROXIES.map((proxy, i) => [proxy, i + 1]));

export class CauseKey {
  /** The two halves of the key of the hit that was seen last. */
  low = 0;
  high = 0;

  /** False when the hit's times are written in a way that has to be looked at. */
  see(hit: Hit): boolean {
    this.low = 0x2545f491;
    this.high = 0x6d2b79f5;
    this.#mix((PROXY_NUMBERS.get(hit.proxy)! << 10) + hit.code);
    this.#mix((hit.durationMs >= 1000 ? 1 : 0) | (hit.size === 0 ? 2 : 0));
    for (let i = 0; i < TEXTS.length; i++) if (hit.has(TEXTS[i])) this.#text(hit, TEXTS[i]);
    if (NUMBERS_COMPARED_OF.has(hit.proxy)) this.#numbers(hit);
    else if (hit.hasAny(ANY_TIME))
      for (let i = 0; i < TIMES.length; i++) if (hit.has(TIMES[i]) && !this.#times(hit, TIMES[i])) return false;
    return true;
  }

  #text(hit: Hit, field: number): void {
    const bytes = hit.bufferOf(field),
      start = hit.startOf(field),
      end = hit.endOf(field);
    this.#mix((field << 20) | (end - start));
    let i = start;
    for (const last = end - 3; i < last; i += 4)
      this.#mix(bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
    for (; i < end; i++) this.#mix(bytes[i]);
  }

  /** One time, or a list of them: "0.001", "-", "0.001, -", "0/0/-1/-1/3000". */
  #times(hit: Hit, field: number): boolean {
    const bytes = hit.bufferOf(field),
      end = hit.endOf(field);
    this.#mix(field << 20);
    for (let i = hit.startOf(field); i < end;) {
      let digits = 0,
        dots = 0,
        whole = 0;
      for (; i < end; i++) {
        if (bytes[i] === DOT) dots++;
        else if (bytes[i] >= 48 && bytes[i] <= 57) {
          digits++;
          if (dots === 0 && (whole > 0 || bytes[i] !== 48)) whole++;
        } else break;
      }
      if (digits + dots > 0) {
        if (digits === 0 || dots > 1) return false;
        this.#mix(48);
        // A cause may ask whether the last attempt took a second (`tookLong`): its digits before the dot decide, in any unit.
        if (field === RESPONSE_TIME) this.#mix(whole + 100 * hit.timeUnitMs);
        continue;
      }
      const c = bytes[i++];
      if (c !== DASH && c !== COMMA && c !== COLON && c !== SLASH && c !== PLUS && c !== SPACE) return false;
      this.#mix(c);
    }
    return true;
  }

  /** All numbers as they are. */
  #numbers(hit: Hit): void {
    this.#number(hit.durationMs * 1000);
    this.#number(hit.size);
    this.#number(hit.timeUnitMs * 1000);
    for (let i = 0; i < TIMES.length; i++) if (hit.has(TIMES[i])) this.#text(hit, TIMES[i]);
  }

  #number(n: number): void {
    const known = Number.isNaN(n) ? -1 : n;
    this.#mix(known);
    this.#mix(known / 2 ** 32);
  }

  #mix(word: number): void {
    this.low = Math.imul(this.low ^ word, 0x9e3779b1);
    this.low ^= this.low >>> 15;
    this.high = Math.imul((this.high << 13) | (this.high >>> 19), 0x85ebca6b) ^ word;
  }
}
