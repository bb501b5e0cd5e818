// Squid's native log.
import { METHOD, RESULT, UPSTREAM, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, BAD_TIME, NO_STATUS, rejected } from '../misses.ts';
import { readUrl, setClient } from '../bytes/request.ts';
import { DASHED, digits, isDash, skipBlank, status, tokenEnd } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { DASH, SLASH, UNDERSCORE } = ASCII;

const NO_RESULT = rejected('squid-no-result', 'no RESULT/status in its column');

class SquidReader implements Reader {
  readonly #time = new TimeReader();

  // 1157689320.327   2864    10.105.21.199 TCP_MISS/200  10182 GET    http://www.goonernews.com/ badeyek DIRECT/207.58.145.61 text/html
  // time             elapsed client        result/status bytes method URL                        user    hierarchy/peer       type
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    const ts = this.#time.epoch(b, start, end);
    if (ts !== ts || this.#time.end - start < 10) return BAD_TIME;
    let at = skipBlank(b, this.#time.end, end),
      stop = tokenEnd(b, at, end);
    const negative = b[at] === DASH;
    const elapsed = digits(b, negative ? at + 1 : at, stop);
    if (elapsed === -1) return NO_RESULT;
    const client = skipBlank(b, stop, end),
      clientEnd = tokenEnd(b, client, end);
    let result = skipBlank(b, clientEnd, end),
      resultEnd = tokenEnd(b, result, end);
    const isLong = digits(b, result, resultEnd) !== -1; // the client's port: what Elastic's and others' logformats add to the native one
    if (isLong) {
      result = skipBlank(b, resultEnd, end);
      resultEnd = tokenEnd(b, result, end);
    }
    let slash = result;
    while (slash < resultEnd && b[slash] !== SLASH) slash++;
    if (slash === resultEnd || slash - result < 3 || !isResult(b, result, slash)) return NO_RESULT;
    const code = status(b, slash + 1, resultEnd);
    if (code < 0) return code === DASHED ? NO_STATUS : BAD_STATUS;

    hit.ts = ts;
    hit.code = code;
    if (!negative) hit.durationMs = elapsed;
    setClient(b, client, clientEnd, hit);
    hit.set(RESULT, result, slash);
    at = skipBlank(b, resultEnd, end);
    stop = tokenEnd(b, at, end);
    const size = digits(b, at, stop);
    if (size !== -1) hit.size = size;
    do {
      at = skipBlank(b, stop, end);
      stop = tokenEnd(b, at, end);
    } while (isLong && at < end && (isDash(b, at, stop) || digits(b, at, stop) !== -1)); // sizes of heads and bodies
    if (stop > at && !isDash(b, at, stop)) hit.set(METHOD, at, stop);
    at = skipBlank(b, stop, end);
    stop = tokenEnd(b, at, end);
    if (stop > at && !isDash(b, at, stop)) readUrl(chunk, at, stop, hit);
    if (isLong) stop = tokenEnd(b, skipBlank(b, stop, end), end); // HTTP's version
    const hierarchy = skipBlank(b, tokenEnd(b, skipBlank(b, stop, end), end), end),
      hierarchyEnd = tokenEnd(b, hierarchy, end);
    for (let i = hierarchy; i < hierarchyEnd; i++) {
      if (b[i] !== SLASH) continue;
      if (i + 1 < hierarchyEnd) hit.set(UPSTREAM, i + 1, hierarchyEnd);
      break;
    }
    return undefined;
  }
}

/** `TCP_MISS`, `TCP_REFRESH_HIT`, `NONE_ABORTED`: capitals with an underscore, or the bare NONE. */
function isResult(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (!(b[i] === UNDERSCORE || (b[i] >= 0x41 && b[i] <= 0x5a))) return false;
  return true;
}

export const squid = {
  name: 'squid',
  title: 'Squid (native)',
  proxy: 'squid',
  samples: [
    {
      line: '1157689320.327   2864 10.105.21.199 TCP_MISS/200 10182 GET http://www.goonernews.com/ badeyek DIRECT/207.58.145.61 text/html',
      hit: {
        ts: 1157689320327,
        code: 200,
        method: 'GET',
        path: '/',
        host: 'www.goonernews.com',
        upstream: '207.58.145.61',
        durationMs: 2864,
        bytes: 10182,
        client: '10.105.21.199',
      },
    },
    {
      line: '1286536310.528    130 192.168.0.227 TCP_MISS_ABORTED/000 0 POST http://c.example/x - HIER_NONE/- -',
      hit: {
        ts: 1286536310528,
        code: 0,
        method: 'POST',
        path: '/x',
        host: 'c.example',
        durationMs: 130,
        bytes: 0,
        client: '192.168.0.227',
      },
    },
    {
      line: '1773416923.419     22 192.0.2.7 58964 TCP_MISS/404 824 134 284 134 - GET http://a.example/x 1.1 - HIER_DIRECT/203.0.113.10 80 text/html - - "-" "curl/8.14.1" "a.example" "-" - -',
      hit: {
        ts: 1773416923419,
        code: 404,
        method: 'GET',
        path: '/x',
        host: 'a.example',
        upstream: '203.0.113.10',
        durationMs: 22,
        bytes: 824,
        client: '192.0.2.7',
      },
    },
  ],
  begins: '0123456789',
  open: () => new SquidReader(),
} as const satisfies Format;
