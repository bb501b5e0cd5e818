// Envoy's default text format, and Istio's, which puts response code details behind the flags.
import {
  CLIENT,
  DETAILS,
  FLAGS,
  HOST,
  METHOD,
  PATH,
  RESPONSE_TIME,
  UPSTREAM,
  USER_AGENT,
  type Hit,
} from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, BAD_TIME, NO_STATUS, rejected } from '../misses.ts';
import { SESSION, unserved } from '../served.ts';
import { readRequest, setClient } from '../bytes/request.ts';
import { DASHED, closingQuote, digits, isDash, Needle, skipBlank, status, tokenEnd } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACKET, BRACKET_END, COLON, COMMA, DASH, QUOTE, SPACE } = ASCII;

const NOT_ENVOY = rejected('envoy-no-start', 'no [start time] "request" at the beginning');
const NO_FLAGS = rejected('envoy-no-flags', 'no response flags and sizes after the status');

class EnvoyReader implements Reader {
  readonly #quote = new Needle('"');
  readonly #time = new TimeReader();

  // [2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 -     154 0  226      100          "10.0.35.28" "nsq2http" "cc21d9b0-…" "locations" "tcp://10.0.2.1:80"
  // [start time]               "request"                       code flags rx  tx duration service-time "xff"        "agent"    "id"         "authority" "upstream"
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    while (start < end && b[start] >= 0x41 && b[start] <= 0x5a) start++; // Ambassador writes ACCESS in front
    if (b[start] === SPACE) start++;
    let at = start,
      ts = NaN;
    if (b[at] === BRACKET && at < end) {
      ts = this.#time.iso(b, start + 1, end);
      if (ts !== ts) return BAD_TIME;
      at = this.#time.end + 2;
      if (b[at - 2] !== BRACKET_END || b[at - 1] !== SPACE) return NOT_ENVOY;
    }
    // (somebody may have left the time out)
    if (at >= end || b[at] !== QUOTE) return NOT_ENVOY;
    const request = at + 1,
      close = closingQuote(this.#quote, chunk, request, end);
    if (close === -1) return NOT_ENVOY;
    at = skipBlank(b, close + 1, end);
    let stop = tokenEnd(b, at, end);
    const code = status(b, at, stop);
    if (code < 0) return code === DASHED ? NO_STATUS : BAD_STATUS;

    const flags = skipBlank(b, stop, end),
      flagsEnd = tokenEnd(b, flags, end);
    if (!areFlags(b, flags, flagsEnd)) return NO_FLAGS;
    // Between flags and sizes Istio has details, termination details and the "transport failure reason".
    at = skipBlank(b, flagsEnd, end);
    let details = -1,
      detailsEnd = -1,
      words = 0;
    for (; at < end && digits(b, at, (stop = this.#fieldEnd(chunk, at, end))) === -1; at = skipBlank(b, stop, end)) {
      if (words++ > 3) return NO_FLAGS;
      const quoted = b[at] === QUOTE ? 1 : 0;
      if (isDash(b, at + quoted, stop - quoted)) continue;
      // Up to the last of them: only the last names a failed TLS handshake in older versions.
      if (details === -1) details = at + quoted;
      detailsEnd = stop - quoted;
    }
    if (at >= end) return NO_FLAGS;
    if (code === 0 && b[request] === DASH && b[close - 1] === DASH) return unserved(SESSION);

    hit.ts = ts;
    hit.code = code;
    readRequest(chunk, request, close, hit);
    if (hit.has(METHOD) && !hit.has(PATH)) hit.clear(METHOD);
    hit.set(FLAGS, flags, flagsEnd);
    if (details !== -1) hit.set(DETAILS, details, detailsEnd);
    this.#sizes(chunk, skipBlank(b, stop, end), end, hit);
    if (ts !== ts && !(hit.has(METHOD) && hit.size === hit.size && hit.durationMs === hit.durationMs)) return NOT_ENVOY;
    return undefined;
  }

  /** From the bytes sent on. */
  #sizes(chunk: Chunk, at: number, end: number, hit: Hit): void {
    const b = chunk.bytes;
    let stop = tokenEnd(b, at, end);
    const size = digits(b, at, stop);
    if (size !== -1) hit.size = size;
    at = skipBlank(b, stop, end);
    stop = tokenEnd(b, at, end);
    const duration = digits(b, at, stop);
    if (duration !== -1) hit.durationMs = duration;
    at = skipBlank(b, stop, end);
    stop = tokenEnd(b, at, end);
    hit.timeUnitMs = 1;
    if (b[at] !== QUOTE && stop > at) {
      hit.set(RESPONSE_TIME, at, stop);
      at = skipBlank(b, stop, end);
    }
    for (let i = 0; i < 5 && b[at] === QUOTE && at < end; i++) {
      stop = this.#fieldEnd(chunk, at, end);
      const from = at + 1,
        to = stop - 1;
      if (to > from && !isDash(b, from, to)) {
        if (i === 0) setClient(b, from, to, hit);
        else if (i === 1) hit.set(USER_AGENT, from, to);
        else if (i === 3) hit.set(HOST, from, to);
        else if (i === 4) hit.set(UPSTREAM, b[from] === 0x74 && b[from + 3] === COLON ? from + 6 : from, to); // tcp://
      } else if (i === 4 && to > from) hit.set(UPSTREAM, from, to);
      at = skipBlank(b, stop, end);
    }
    // Istio: cluster, upstream local, downstream local, downstream remote address
    if (hit.has(CLIENT)) return;
    for (let i = 0; i < 4 && at < end; i++) {
      stop = tokenEnd(b, at, end);
      if (i === 3) setClient(b, at, stop, hit);
      at = skipBlank(b, stop, end);
    }
  }

  #fieldEnd(chunk: Chunk, at: number, end: number): number {
    if (chunk.bytes[at] !== QUOTE) return tokenEnd(chunk.bytes, at, end);
    const close = closingQuote(this.#quote, chunk, at + 1, end);
    return close === -1 ? end : close + 1;
  }
}

/** `-`, or words of letters with commas between: `UF,URX`. */
function areFlags(b: Uint8Array, start: number, end: number): boolean {
  if (isDash(b, start, end)) return true;
  for (let i = start; i < end; i++) if (b[i] !== COMMA && !((b[i] | 32) >= 0x61 && (b[i] | 32) <= 0x7a)) return false;
  return end > start;
}

export const envoy = {
  name: 'envoy',
  title: 'Envoy and Istio (default text)',
  proxy: 'envoy',
  samples: [
    {
      line: '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 503 UF,URX 154 91 226 - "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"',
      hit: {
        ts: 1460751420310,
        code: 503,
        method: 'POST',
        path: '/api/v1/locations',
        host: 'locations',
        upstream: '10.0.2.1:80',
        durationMs: 226,
        bytes: 91,
        client: '10.0.35.28',
      },
    },
    {
      line: '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 3 1 "-" "curl/7.73.0" "84961386-6d84" "httpbin:8000" "127.0.0.1:80" inbound|8000|| 127.0.0.1:41854 10.44.1.27:80 10.44.1.23:37652 outbound_.8000 default',
      hit: {
        ts: 1606339578409,
        code: 418,
        method: 'GET',
        path: '/status/418',
        host: 'httpbin:8000',
        upstream: '127.0.0.1:80',
        durationMs: 3,
        bytes: 135,
        client: '10.44.1.23',
      },
    },
    {
      line: '"GET /x HTTP/1.1" 503 UF upstream_reset_before_response_started{connection_failure} - "TLS error" 0 91 52 - "-" "curl/7.29.0" "6d4a7a1e" "api.example.com" "10.0.0.5:80" outbound|80||api.default - 10.0.0.1:80 10.0.0.2:43210 - default',
      hit: {
        code: 503,
        method: 'GET',
        path: '/x',
        host: 'api.example.com',
        upstream: '10.0.0.5:80',
        durationMs: 52,
        bytes: 91,
        client: '10.0.0.2',
      },
    },
  ],
  open: () => new EnvoyReader(),
} as const satisfies Format;
