// Any other text line that holds a quoted request with a status right behind it: Gunicorn, uvicorn, Werkzeug, Tomcat patterns, home-made
// formats that nobody declared. Strict about what counts as a request, because application logs quote requests too.
import { CLIENT, HOST, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader, Surroundings } from '../format.ts';
import { clientBefore, clientBetween, timeBefore } from '../bytes/leading-fields.ts';
import { NO_STATUS, SSL_LOG } from '../misses.ts';
import { ENOUGH, MEASURED, MESSAGE, REQUEST, SENT, unserved, URL_ALONE } from '../served.ts';
import { methodEnd, readRequest } from '../bytes/request.ts';
import { DASHED, closingQuote, digits, isDigit, Needle, startsWith, status } from '../bytes/scanner.ts';
import { TrailingFieldsReader } from './trailing-fields.ts';
import { TimeReader } from '../bytes/times.ts';
import { isDjango, isHostName, isMade, isMessage } from './line-head.ts';
import { isKnownCode } from './line-status.ts';
import { SHAPELESS as NO_REQUEST, ShapelessReader } from './shapeless.ts';
import { ASCII } from '../bytes/ascii.ts';

const { APOSTROPHE, BAR, BRACKET, BRACKET_END, COLON, COMMA, DOT, EQUALS, QUOTE, SEMICOLON, SLASH, SPACE, TAB } = ASCII;

const LABEL = 'status';
const QUOTES_MAX = 12;
/** `502 Bad Gateway`: a client reads that; who served it knows the client, or the bytes. */
const PHRASE = /^(?: [A-Za-z'-]+){1,5}$/;
const LETTER = /[A-Za-z]/;
/** Two plain words in a row and more, where neither a time nor a client is: somebody tells of a request. */
const PROSE = /(?:^|\s)[A-Za-z]+,? [A-Za-z]+[:,]? /;
/** What stands before the request is short in an access record. */
const HEAD_BYTES_MAX = 1024;

class AccessReader implements Reader {
  readonly #protocol = new Needle(' HTTP/');
  readonly #open = new Needle('"');
  readonly #close = new Needle('"');
  readonly #time = new TimeReader();
  readonly #trailing = new TrailingFieldsReader();
  readonly #shapeless: ShapelessReader;

  constructor(around: Readonly<Surroundings>) {
    this.#shapeless = new ShapelessReader(around);
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const miss = this.#known(chunk, start, end, hit);
    if (miss !== undefined || isKnownCode(hit.code)) return miss;
    // A code that nobody knows is one where no other number can be meant.
    return this.#shapeless.read(chunk, start, end, hit) === undefined ? undefined : this.#known(chunk, start, end, hit);
  }

  /** The status stands right behind the request. */
  #known(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    hit.reset(b);
    let open = this.#open.find(chunk, start, end);
    for (let i = 0; i < QUOTES_MAX && open !== -1; i++) {
      const close = closingQuote(this.#close, chunk, open + 1, end);
      if (close === -1) return NO_REQUEST;
      if (isRequest(b, open + 1, close)) return this.#record(chunk, start, open + 1, close, close + 1, end, hit);
      open = this.#open.find(chunk, close + 1, end);
    }
    return this.#bare(chunk, start, end, hit);
  }

  /** A request that nobody quoted, or in other signs: `GET /x HTTP/1.1 200 12`, `'GET /x HTTP/1.1' 200 12`. */
  #bare(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    const protocol = this.#protocol.find(chunk, start, end);
    if (protocol === -1) return NO_REQUEST;
    const path = wordStart(b, start, protocol),
      word = path === start ? start : wordStart(b, start, path - 1);
    const sign = b[word] === APOSTROPHE ? APOSTROPHE : b[word] === BRACKET ? BRACKET_END : 0,
      method = sign === 0 ? word : word + 1;
    if (b[path] !== SLASH && !startsWith(b, path, protocol, 'http')) return NO_REQUEST;
    let close = protocol + 6;
    while (close < end && (isDigit(b[close]) || b[close] === DOT)) close++;
    if (!isRequest(b, method, close)) return NO_REQUEST;
    if (sign === 0) return this.#record(chunk, start, method, close, close, end, hit);
    const miss = b[close] === sign ? this.#record(chunk, start, method, close, close + 1, end, hit) : NO_REQUEST;
    return miss === undefined && !hit.has(CLIENT) && hit.size !== hit.size ? NO_REQUEST : miss; // people quote so, too
  }

  // INFO:     127.0.0.1:52344 - "GET / HTTP/1.1"  200     OK
  // whatever, client, time      "request"         status  tail
  #record(
    chunk: Chunk,
    start: number,
    from: number,
    to: number,
    after: number,
    end: number,
    hit: Hit,
  ): Miss | undefined {
    const b = chunk.bytes;
    let at = separator(b, after, end);
    const labelled = afterLabel(b, at, end);
    const isLabelled = labelled !== at;
    at = labelled;
    const quoted = b[at] === QUOTE && b[at + 4] === QUOTE ? 1 : 0;
    at += quoted;
    const stop = numberEnd(b, at, end);
    const code = at === after ? -1 : status(b, at, stop);
    if (code === DASHED) return NO_STATUS;
    if (code < 100 || code > 599 || from - start > HEAD_BYTES_MAX) return NO_REQUEST;
    const head = chunk.text.slice(start, from);
    let signs = REQUEST | ENOUGH | MEASURED;
    if (isMessage(head, !isLabelled)) signs |= MESSAGE;
    if (b[from - 1] === QUOTE && isMade(head)) signs |= SENT;
    const doubt = unserved(signs);
    if (doubt !== undefined) return doubt;
    if (stop === end && /\s(?:TLSv|SSLv)[\d.]+ \S+ "$/.test(head)) return SSL_LOG;
    hit.ts = timeBefore(this.#time, b, start, from);
    hit.code = code;
    clientBefore(b, start, from, hit);
    if (!hit.has(CLIENT) && isSeparator(b[from - 2])) clientBetween(b, start, from, b[from - 2], hit);
    if (
      hit.ts !== hit.ts &&
      !hit.has(CLIENT) &&
      !isDjango(head) &&
      isTold(head, chunk.text.slice(stop, Math.min(end, stop + HEAD_BYTES_MAX)))
    )
      return unserved(signs | MESSAGE);
    readRequest(chunk, from, to, hit);
    if (!hit.has(HOST) && hit.has(CLIENT)) hostBeside(b, start, from, hit);
    const size = separator(b, stop + quoted, end),
      sizeEnd = numberEnd(b, size, end);
    const n = digits(b, size, sizeEnd);
    if (n !== -1) hit.size = n;
    else if (hit.ts !== hit.ts && !hit.has(CLIENT) && hit.has(HOST)) return unserved(signs | URL_ALONE);
    if (sizeEnd < end) this.#trailing.read(chunk, sizeEnd, end, hit);
    return undefined;
  }
}

/** `www.example.com 203.0.113.7`: the name in front of the client is the host. */
function hostBeside(b: Uint8Array, start: number, from: number, hit: Hit): void {
  const end = hit.startOf(CLIENT) - 1;
  if (end <= start || end >= from || !isSeparator(b[end])) return;
  const at = wordStart(b, start, end);
  if (isHostName(b, at, end)) hit.set(HOST, at, end);
}

/** Is what stands before a request and after its status what people and clients say of one, and no server? */
const isTold = (head: string, rest: string): boolean =>
  PROSE.test(head) || PROSE.test(rest) || (!LETTER.test(head) && PHRASE.test(rest));

const isSeparator = (c: number): boolean => c === SPACE || c === TAB || c === COMMA || c === BAR || c === SEMICOLON;

function separator(b: Uint8Array, at: number, end: number): number {
  while (at < end && isSeparator(b[at])) at++;
  return at;
}

/** Past `status=`, `status: ` or `status `, as some name it. */
function afterLabel(b: Uint8Array, at: number, end: number): number {
  const sign = at + LABEL.length;
  if (!startsWith(b, at, end, LABEL) || (b[sign] !== EQUALS && b[sign] !== COLON && b[sign] !== SPACE)) return at;
  return b[sign] === COLON && b[sign + 1] === SPACE ? sign + 2 : sign + 1;
}

/** End of the word at `at`, for formats between blanks, commas, bars or quotes. */
function numberEnd(b: Uint8Array, at: number, end: number): number {
  while (at < end && !isSeparator(b[at]) && b[at] !== QUOTE) at++;
  return at;
}

function wordStart(b: Uint8Array, start: number, at: number): number {
  while (at > start && !isSeparator(b[at - 1])) at--;
  return at;
}

/** A method of capitals, a path, and HTTP/ at the end. */
function isRequest(b: Uint8Array, start: number, end: number): boolean {
  const gap = methodEnd(b, start, end);
  if (gap === -1 || gap === end || gap - start < 3 || b[start] < 0x41 || b[start] > 0x5a) return false;
  for (let i = end - 1; i > end - 12 && i > gap; i--) {
    if (b[i] === SPACE)
      return b[i + 1] === 0x48 && b[i + 2] === 0x54 && b[i + 3] === 0x54 && b[i + 4] === 0x50 && b[i + 5] === SLASH;
  }
  return false;
}

export const access = {
  name: 'access',
  title: 'any line with a quoted request and its status',
  proxy: 'unknown',
  samples: [
    {
      line: 'INFO:     127.0.0.1:52344 - "GET /items?q=1 HTTP/1.1" 200 OK',
      hit: { code: 200, method: 'GET', path: '/items?q=1', client: '127.0.0.1' },
    },
    {
      line: '2026-01-02 15:04:05,250 web 192.0.2.7 "POST /pay HTTP/1.1" 504 0 rt=1.000 us="504"',
      hit: {
        ts: 1767366245250,
        code: 504,
        method: 'POST',
        path: '/pay',
        upstreamStatus: [504],
        durationMs: 1000,
        bytes: 0,
        client: '192.0.2.7',
      },
    },
    {
      line: 'WARNING 2026-01-02 15:04:05,250 basehttp "GET /x/ HTTP/1.1" 403 61',
      hit: { ts: 1767366245250, code: 403, method: 'GET', path: '/x/', bytes: 61 },
    },
  ],
  isLoose: true,
  open: (around = { isTimed: false }) => new AccessReader(around),
} as const satisfies Format;
