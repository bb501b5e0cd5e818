// HAProxy's httplog and httpslog, with or without captures and syslog header. TCP lines share the beginning and must never count:
// their third number is a size, not a status.
import { CLIENT, HOST, RETRIES, TERMINATION, TIMERS, UPSTREAM, type Hit } from '../../core/hit.ts';
import { ClfReader } from '../clf/clf.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, DOUBLED, NO_STATUS, rejected } from '../misses.ts';
import { SESSION, unserved } from '../served.ts';
import { readRequest } from '../bytes/request.ts';
import { DASHED, digits, isDash, isDigit, lastNumber, Needle, skipBlank, status, tokenEnd } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACE, BRACKET, BRACKET_END, COLON, DASH, DOT, PLUS, QUOTE, SLASH, SPACE } = ASCII;

const NO_DATE = rejected('haproxy-no-date', 'no [accept date] after the client');
const NO_TIMERS = rejected('haproxy-no-timers', 'no timers Tq/Tw/Tc/Tr/Ta');
/** A captured header or user name may hold brackets in front; more are no HAProxy line. */
const BRACKETS_MAX = 4;
/** Custom log-formats put a word or two (a host, an id) between server and timers. */
const WORDS_MAX = 6;

class HaproxyReader implements Reader {
  readonly #bracket = new Needle('[');
  readonly #quote = new Needle('"');
  readonly #time = new TimeReader();
  /** Where the word of #numbers ended, and where its last number began. */
  #stop = 0;
  #last = 0;

  // 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in  static/srv1   10/0/30/69/109 200    2750  -  -  ----  1/1/1/1/0 0/0    {1wt.eu} {} "GET /index.html HTTP/1.1"
  // client:port    [accept date]              frontend backend/server Tq/Tw/Tc/Tr/Ta status bytes CC CS tsc   conns     queues captures    request
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    if (b[start] === BRACE) return NO_DATE; // JSON with the line in it
    // 203.0.113.7:33317 [    by far the usual beginning
    let address = start,
      colon = -1,
      ts = NaN;
    for (; address < end && b[address] >= DOT && b[address] <= COLON; address++)
      if (b[address] === COLON) colon = address;
    let open =
      colon > start && b[address] === SPACE && b[address + 1] === BRACKET
        ? address + 1
        : this.#bracket.find(chunk, start, end);
    for (let i = 0; i < BRACKETS_MAX && open !== -1; i++) {
      // HAProxy's date has no zone, and a client with its port stands right before it.
      ts = open === start || (b[open - 1] === SPACE && open - 2 >= start) ? this.#time.clf(b, open + 1, end) : NaN;
      if (ts === ts && b[this.#time.end] === BRACKET_END) break;
      ts = NaN;
      open = this.#bracket.find(chunk, open + 1, end);
    }
    if (ts !== ts) return NO_DATE;
    let at = this.#time.end + 2;
    if (open === start) at = this.#afterClient(b, at, end, hit);
    const frontendEnd = tokenEnd(b, at, end);
    const backend = frontendEnd + 1,
      backendEnd = tokenEnd(b, backend, end);
    let timers = backendEnd + 1,
      parts = this.#numbers(b, timers, end),
      extra = -1;
    for (let i = 0; i < WORDS_MAX && parts === 0 && this.#stop < end; i++) {
      extra = timers;
      timers = this.#stop + 1;
      parts = this.#numbers(b, timers, end);
    }
    const timersEnd = this.#stop;
    if (parts === 3) return unserved(SESSION);
    if (parts !== 5 && parts !== 6) return NO_TIMERS;

    at = timersEnd + 1;
    let stop = tokenEnd(b, at, end);
    const code = status(b, at, stop);
    if (code < 0) return code === DASHED ? NO_STATUS : BAD_STATUS;
    hit.ts = ts;
    hit.code = code;
    if (open === start) {
      // (read already)
    } else if (colon > start && open === address + 1) hit.set(CLIENT, start, colon);
    else this.#client(b, start, open - 1, hit);
    hit.set(UPSTREAM, backend, backendEnd);
    if (extra !== -1 && hasDot(b, extra, timers - 1)) hit.set(HOST, extra, timers - 1);
    if (parts === 5) hit.set(TIMERS, timers, timersEnd);
    else hit.setText(TIMERS, chunk.text.slice(timers, timersEnd).replace(/\/[^/]*/, '')); // TR and Tq, which holds TR
    hit.durationMs = lastNumber(b, this.#last, timersEnd);

    at = stop + 1;
    stop = tokenEnd(b, at, end);
    const size = digits(b, b[at] === PLUS ? at + 1 : at, stop);
    if (size !== -1) hit.size = size;
    this.#state(b, stop, end, hit);

    const quote = this.#quote.find(chunk, stop, end);
    if (quote !== -1) {
      if (b[quote + 1] === QUOTE && quote + 2 < end && b[quote + 2] > SPACE) return DOUBLED;
      const close = this.#quote.find(chunk, quote + 1, end);
      readRequest(chunk, quote + 1, close === -1 ? end : close, hit);
    }
    return undefined;
  }

  // [08/Mar/2019:06:25:07.063] [C0A8000A:D6F3_…:07DF] 203.0.113.6:42448 http-in
  /** Where the frontend is, behind an id in brackets and the client. */
  #afterClient(b: Uint8Array, at: number, end: number, hit: Hit): number {
    if (b[at] === BRACKET) at = tokenEnd(b, at, end) + 1;
    const stop = tokenEnd(b, at, end);
    this.#client(b, at, stop, hit);
    return stop + 1;
  }

  #client(b: Uint8Array, start: number, end: number, hit: Hit): void {
    let from = end,
      stop = end;
    while (from > start && b[from - 1] !== SPACE) if (b[--from] === COLON && stop === end) stop = from;
    if (stop === from) stop = end;
    if (stop > from && !isDash(b, from, stop)) hit.set(CLIENT, from, stop);
  }

  // - - ---- 1/1/1/1/0 0/0
  /** Cookies, termination state, connections and retries. */
  #state(b: Uint8Array, at: number, end: number, hit: Hit): void {
    let word = 0;
    // most often there are no cookies
    if (b[at] === SPACE && b[at + 1] === DASH && b[at + 2] === SPACE && b[at + 3] === DASH && b[at + 4] === SPACE) {
      at += 4;
      word = 2;
    }
    for (; word < 8 && at < end; word++) {
      at = skipBlank(b, at, end);
      if (b[at] === QUOTE) return;
      const stop = tokenEnd(b, at, end);
      if (word >= 2 && stop - at === 4 && isState(b, at)) {
        hit.set(TERMINATION, at, stop);
        if (this.#numbers(b, skipBlank(b, stop, end), end) === 5) hit.set(RETRIES, this.#last, this.#stop);
        return;
      }
      at = stop;
    }
  }

  /** How many numbers are between the slashes of the word at `at`, as in `10/0/-1/+69/109`; 0 when anything else is there. */
  #numbers(b: Uint8Array, at: number, end: number): number {
    let n = 0,
      last = at;
    for (; ; at++) {
      last = at;
      if (b[at] === DASH || b[at] === PLUS) at++;
      const first = at;
      while (at < end && isDigit(b[at])) at++;
      if (at === first) break;
      n++;
      if (at === end || b[at] !== SLASH) break;
    }
    const stop = tokenEnd(b, at, end);
    this.#last = last;
    this.#stop = stop;
    return stop === at && at > last && isDigit(b[at - 1]) ? n : 0;
  }
}

const isState = (b: Uint8Array, at: number): boolean => {
  for (let i = at; i < at + 4; i++) if (b[i] !== DASH && !((b[i] | 32) >= 0x61 && (b[i] | 32) <= 0x7a)) return false;
  return true;
};

function hasDot(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start + 1; i < end - 1; i++) if (b[i] === DOT) return true;
  return false;
}

/** `option httplog clf`: CLF with HAProxy's columns behind it. */
export const haproxyClf = {
  name: 'haproxy-clf',
  title: 'HAProxy (httplog clf)',
  proxy: 'haproxy',
  samples: [
    // client  [time] "request"                                       status bytes ""  "" port ms frontend  backend  server …
    {
      line: '192.0.2.7 - - [11/Feb/2026:12:00:00 +0000] "GET /x HTTP/1.1" 503 217 "" "" 53248 123 "http-in" "app" "<NOSRV>" 0 300 -1 -1 300 "sQ--" 1 1 1 1 0 0 7 "" "" "" ""',
      hit: {
        ts: 1770811200000,
        code: 503,
        method: 'GET',
        path: '/x',
        upstream: 'app/<NOSRV>',
        durationMs: 300,
        bytes: 217,
        client: '192.0.2.7',
      },
    },
    {
      line: '192.0.2.7 - - [11/Feb/2026:12:00:00 +0000] "GET /x HTTP/1.1" 503 217 "" "" 40228 737 "http-in" "app" "web1" 0 0 -1 -1 0 SC-- 70 6 0 0 3 0 0 "" ""',
      hit: {
        ts: 1770811200000,
        code: 503,
        method: 'GET',
        path: '/x',
        upstream: 'app/web1',
        durationMs: 0,
        bytes: 217,
        client: '192.0.2.7',
      },
    },
  ],
  open: () => new ClfReader('haproxy'),
} as const satisfies Format;

export const haproxy = {
  name: 'haproxy',
  title: 'HAProxy (httplog, httpslog)',
  proxy: 'haproxy',
  samples: [
    {
      line: 'Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"',
      hit: {
        ts: 1233922454655,
        code: 200,
        method: 'GET',
        path: '/index.html',
        upstream: 'static/srv1',
        durationMs: 109,
        bytes: 2750,
        client: '10.0.1.2',
      },
    },
    {
      line: '127.0.0.1:36890 [22/Nov/2026:22:18:27.091] fe b_empty/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- 1/1/0/0/0 0/0 "GET /empty HTTP/1.1"',
      hit: {
        ts: 1795385907091,
        code: 503,
        method: 'GET',
        path: '/empty',
        upstream: 'b_empty/<NOSRV>',
        durationMs: 0,
        bytes: 217,
        client: '127.0.0.1',
      },
    },
    {
      line: '::1:36890 [22/Nov/2026:22:18:27.091] fe~ fe/<NOSRV> -1/-1/-1/-1/+12 -1 +0 - - CR-- 1/1/0/0/0 0/0 "<BADREQ>"',
      hit: { ts: 1795385907091, code: 0, upstream: 'fe/<NOSRV>', durationMs: 12, bytes: 0, client: '::1' },
    },
  ],
  open: () => new HaproxyReader(),
} as const satisfies Format;
