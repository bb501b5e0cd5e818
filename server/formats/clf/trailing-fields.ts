// What people append to combined: `rt=0.007 us="502, 200"` pairs, Traefik's and ingress-nginx's columns, a bare request time.
// Evidence is read from them although nobody declared the log_format.
import {
  HOST,
  METHOD,
  PATH,
  RESPONSE_TIME,
  RETRIES,
  TERMINATION,
  TIMERS,
  UPSTREAM,
  UPSTREAM_LENGTH,
  UPSTREAM_STATUS,
  type Hit,
} from '../../core/hit.ts';
import type { Chunk } from '../format.ts';
import {
  bytesAt,
  decimal,
  digits,
  isDash,
  isDigit,
  lastNumber,
  listEnd,
  nearQuote,
  skipBlank,
  tokenEnd,
} from '../bytes/scanner.ts';
import { mayBeAddress, upstreamColumns } from './trailing-upstream.ts';
import { ACQUIA, DURATION, DURATION_MS, NAMES, NOTHING } from './trailing-names.ts';
import { setService } from '../bytes/request.ts';
import { fold, upstreamVariable } from '../bytes/upstream-names.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACKET, BRACKET_END, COLON, COMMA, DASH, DOT, EQUALS, PAREN, PLUS, QUOTE, SEMICOLON, SLASH, SPACE, TAB } =
  ASCII;

/** Whose columns they are; `any`: nobody's in particular. */
export type TrailingKind = 'any' | 'traefik' | 'ingress' | 'haproxy';

const PAIRS_MAX = 64;
/** Keys longer than this are nobody's nginx variable. */
const KEY_BYTES_MAX = 40;

/** Reads the fields after the browser. One per stream: it remembers the keys in their order, so that a known layout costs no lookups. */
export class TrailingFieldsReader {
  readonly #keys: { key: Uint8Array; field: number }[] = [];
  /** ms of what is called seconds. */
  #secondMs = 1000;

  read(chunk: Chunk, at: number, end: number, hit: Hit): TrailingKind {
    const b = chunk.bytes;
    let pairs = 0,
      plain = 0;
    this.#secondMs = 1000;
    let before = at,
      beforeEnd = at,
      untried = at;
    while ((at = skipBlank(b, at, end)) < end) {
      const start = at;
      const c = b[at];
      if (start >= untried && mayBeAddress(b, start) && !hit.has(UPSTREAM))
        untried = upstreamColumns(b, before, beforeEnd, start, end, hit);
      if (c === QUOTE) {
        const close = nearQuote(b, at + 1, end);
        at = close === -1 ? end : close + 1;
        plain++;
        before = start + 1;
        beforeEnd = at - 1;
        continue;
      }
      if (c === BRACKET && plain === 2 && this.#ingress(chunk, start, end, hit)) return 'ingress';
      let valueAt = -1;
      while (at < end && b[at] !== SPACE && b[at] !== TAB) {
        if (
          valueAt === -1 &&
          (b[at] === EQUALS || (b[at] === COLON && at + 1 < end && b[at + 1] === QUOTE)) &&
          at > start &&
          at - start <= KEY_BYTES_MAX
        ) {
          valueAt = at + 1;
          if (b[valueAt] === QUOTE) {
            const close = nearQuote(b, valueAt + 1, end);
            at = close === -1 ? end : close + 1;
            break;
          }
        }
        at++;
      }
      if (valueAt !== -1) {
        if (pairs < PAIRS_MAX) this.#pair(chunk, start, valueAt, pairs, this.#list(b, valueAt, at, end), hit);
        pairs++;
        at = this.#list(b, valueAt, at, end);
        continue;
      }
      plain++;
      if (b[beforeEnd - 1] !== COMMA) before = start;
      beforeEnd = at;
      if (plain === 1 && this.#traefik(chunk, start, at, end, hit)) return 'traefik';
      if (plain === 1 && this.#haproxy(chunk, start, at, end, hit)) return 'haproxy';
      if (Number.isNaN(hit.durationMs)) bareTime(b, start, at, hit);
    }
    return 'any';
  }

  /** An unquoted list goes on after ", " and " : ": `us=502, 200`. */
  #list(b: Uint8Array, valueAt: number, at: number, end: number): number {
    if (b[valueAt] === QUOTE) return at;
    return listEnd(b, at, end);
  }

  #pair(chunk: Chunk, start: number, valueAt: number, index: number, end: number, hit: Hit): void {
    const b = chunk.bytes;
    let known = this.#keys[index];
    if (known === undefined || valueAt - 1 - start !== known.key.length || !bytesAt(b, start, valueAt, known.key)) {
      const key = chunk.text.slice(start, valueAt - 1);
      known = {
        key: Buffer.from(key, 'latin1'),
        field: NAMES.get(key.toLowerCase().replaceAll('-', '_')) ?? upstreamVariable(fold(key))?.field ?? NOTHING,
      };
      this.#keys[index] = known;
    }
    if (known.field === NOTHING) return;
    let from = valueAt,
      to = end;
    if (b[from] === QUOTE && to - 1 > from && b[to - 1] === QUOTE) {
      from++;
      to--;
    } else if (to > from && (b[to - 1] === COMMA || b[to - 1] === SEMICOLON)) to--;
    if (known.field >= DURATION) {
      this.#duration(b, from, to, known.field, hit);
      return;
    }
    if (known.field === UPSTREAM && !namesUpstream(b, from, to)) return;
    if (known.field <= PATH && hit.has(known.field)) return;
    if (known.field === HOST && isDash(b, from, to)) return;
    hit.set(known.field, from, to);
    if (known.field !== HOST && known.field !== METHOD && known.field !== PATH && known.field !== RETRIES)
      hit.proxy = 'nginx';
  }

  #duration(b: Uint8Array, from: number, to: number, field: number, hit: Hit): void {
    if (field === ACQUIA) {
      // whose request_time is µs
      this.#secondMs = 1e-3;
      return;
    }
    const n = decimal(b, from, to && b[to - 1] === 0x73 ? to - 1 : to); // "0.007s"
    if (!Number.isNaN(n))
      hit.durationMs = field === DURATION ? n * this.#secondMs : field === DURATION_MS ? n : n / 1000;
  }

  // 262   "Host-host-1" "http://172.19.0.3:5601" 2ms
  // count router        service                  duration
  #traefik(chunk: Chunk, start: number, countEnd: number, end: number, hit: Hit): boolean {
    const b = chunk.bytes;
    if (end - countEnd < 6 || b[end - 1] !== 0x73 || b[end - 2] !== 0x6d) return false; // …ms
    if (digits(b, start, countEnd) === -1 && !isDash(b, start, countEnd)) return false;
    const router = quotedOrDash(b, countEnd + 1, end);
    if (router === -1) return false;
    const service = quotedOrDash(b, router + 1, end);
    if (service === -1) return false;
    const ms = decimal(b, service + 1, end - 2);
    if (Number.isNaN(ms)) return false;
    hit.proxy = 'traefik';
    hit.durationMs = ms;
    setService(b, router + 1, service, hit);
    return true;
  }

  // 53248 123 "http-in" "static" "srv1" 10 0  30 69 109 ----   1  1  1  1  0  0  0  "" "" "" ""
  // port  ms  frontend  backend  server TR Tw Tc Tr Ta  tsc    ac fc bc sc rc sq bq  CC CS captures     (some versions quote tsc)
  #haproxy(chunk: Chunk, start: number, portEnd: number, end: number, hit: Hit): boolean {
    const b = chunk.bytes,
      fraction = tokenEnd(b, portEnd + 1, end);
    if (digits(b, start, portEnd) === -1 || fraction - portEnd > 4 || digits(b, portEnd + 1, fraction) === -1)
      return false;
    const backend = quotedOrDash(b, fraction + 1, end);
    const server = backend === -1 ? -1 : quotedOrDash(b, backend + 1, end);
    const timers = server === -1 ? -1 : quotedOrDash(b, server + 1, end);
    if (timers === -1) return false;
    let at = timers;
    for (let i = 0; i < 5; i++) {
      const stop = tokenEnd(b, at + 1, end);
      if (!isNumber(b, at + 1, stop)) return false;
      at = stop;
    }
    const quoted = b[at + 1] === QUOTE && b[at + 6] === QUOTE ? 1 : 0,
      state = at + 1 + quoted,
      stateEnd = tokenEnd(b, state, end);
    const retries = wordsOn(b, stateEnd + 1, 4, end),
      retriesEnd = tokenEnd(b, retries, end);
    if (stateEnd - state !== 4 + quoted || !isNumber(b, retries, retriesEnd)) return false;
    hit.proxy = 'haproxy';
    hit.setText(UPSTREAM, `${chunk.text.slice(backend + 2, server - 1)}/${chunk.text.slice(server + 2, timers - 1)}`);
    hit.setText(TIMERS, chunk.text.slice(timers + 1, at).replaceAll(' ', '/'));
    hit.set(TERMINATION, state, state + 4);
    hit.set(RETRIES, retries, retriesEnd);
    hit.durationMs = lastNumber(b, timers, at);
    return true;
  }

  // 462    0.050 [default-web-80] [] 10.0.50.80:9000 19437  0.049 200    752178ad…
  // length time  [upstream]       [] addr            length time  status id          (`at` is at the first bracket)
  #ingress(chunk: Chunk, at: number, end: number, hit: Hit): boolean {
    const b = chunk.bytes;
    const name = bracketEnd(b, at, end);
    if (name === -1) return false;
    let i = skipBlank(b, name, end);
    if (b[i] === BRACKET) {
      // versions before 0.23 have no alternative upstream
      i = bracketEnd(b, i, end);
      if (i === -1) return false;
      i = skipBlank(b, i, end);
    }
    const addr = i,
      addrEnd = listEnd(b, tokenEnd(b, i, end), end);
    const length = skipBlank(b, addrEnd, end),
      lengthEnd = listEnd(b, tokenEnd(b, length, end), end);
    const time = skipBlank(b, lengthEnd, end),
      timeEnd = listEnd(b, tokenEnd(b, time, end), end);
    const code = skipBlank(b, timeEnd, end),
      codeEnd = listEnd(b, tokenEnd(b, code, end), end);
    if (codeEnd <= code) return false;
    hit.proxy = 'nginx';
    // Upstreams of ingress-nginx are pods that come and go; the service is what a person knows, but the pod is what failed.
    hit.set(UPSTREAM, addr, addrEnd);
    hit.set(UPSTREAM_LENGTH, length, lengthEnd);
    hit.set(RESPONSE_TIME, time, timeEnd);
    hit.set(UPSTREAM_STATUS, code, codeEnd);
    return true;
  }
}

/** `12`, `-1`, `+30` */
const isNumber = (b: Uint8Array, start: number, end: number): boolean =>
  digits(b, b[start] === DASH || b[start] === PLUS ? start + 1 : start, end) !== -1;

/** Start of the word `n` words after the one at `at`. */
function wordsOn(b: Uint8Array, at: number, n: number, end: number): number {
  for (let i = 0; i < n; i++) at = tokenEnd(b, at, end) + 1;
  return at;
}

function quotedOrDash(b: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1;
  if (b[at] === DASH && b[at + 1] === SPACE) return at + 1;
  if (b[at] !== QUOTE) return -1;
  const close = nearQuote(b, at + 1, end);
  return close === -1 || close + 1 >= end || b[close + 1] !== SPACE ? -1 : close + 1;
}

function bracketEnd(b: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    if (b[i] === BRACKET_END) return i + 1;
    if (b[i] === SPACE) return -1;
  }
  return -1;
}

/** An address, a list of them, a unix socket, a group's name or "-", but not a browser's name. */
function namesUpstream(b: Uint8Array, start: number, end: number): boolean {
  if (end - start > 5 && b[start] === 0x75 && b[start + 4] === COLON) return true; // unix:/path
  for (let i = start; i < end; i++) {
    if (b[i] === SLASH || b[i] === PAREN) return false;
    if (b[i] === SPACE && b[i - 1] !== COMMA && b[i - 1] !== COLON && b[i + 1] !== COLON) return false;
  }
  return true;
}

/** nginx's $request_time is the only bare column with exactly three decimals. */
function bareTime(b: Uint8Array, start: number, end: number, hit: Hit): void {
  if (end - start < 5 || b[end - 4] !== DOT || !isDigit(b[start])) return;
  const n = decimal(b, start, end);
  if (!Number.isNaN(n)) hit.durationMs = n * 1000;
}
