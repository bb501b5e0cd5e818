// The family of the Common Log Format: every line that goes `client … [time] "request" status bytes …`. The formats of the family
// (common, combined, traefik, ingress-nginx) are this one reader asked for different tails.
import { CLIENT, HOST, USER_AGENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Miss, Reader } from '../format.ts';
import { BAD_STATUS, BAD_TIME, DOUBLED, NO_STATUS, rejected } from '../misses.ts';
import { OTHER_SERVICE, QUOTATION, unserved } from '../served.ts';
import { isServiceCommand } from '../bytes/http-words.ts';
import { methodEnd, readRequest, setClient } from '../bytes/request.ts';
import {
  DASHED,
  closingQuote,
  digits,
  isDash,
  isDigit,
  nearQuote,
  Needle,
  skipBlank,
  status,
  tokenEnd,
} from '../bytes/scanner.ts';
import { isKnownCode } from './line-status.ts';
import { TrailingFieldsReader, type TrailingKind } from './trailing-fields.ts';
import { TimeReader } from '../bytes/times.ts';
import { ASCII } from '../bytes/ascii.ts';

const { APOSTROPHE, BRACKET, BRACKET_END, COLON, COMMA, DASH, DOT, QUOTE, SPACE } = ASCII;

const NO_BRACKET = rejected('clf-no-time', 'no [time] in brackets');
const NO_CLIENT = rejected('clf-no-client', 'nothing stands before the [time]'); // Envoy, and what access.ts reads
const NO_REQUEST = rejected('clf-no-request', 'no quoted request after the time');
const OPEN_REQUEST = rejected('clf-open-request', 'the quoted request has no end');
const OTHER_TAIL = rejected('clf-other-fields', 'the fields after the status are those of another format');
/** Of `HTTP/1.1`, of `HTTP/2`. */
const H = 0x48;
/** A user name may hold brackets; more than a few in front of the time is no access line. */
const BRACKETS_MAX = 8;

type ClfTrailing = 'none' | TrailingKind;

export class ClfReader implements Reader {
  readonly #trailing: ClfTrailing;
  readonly #vhost: boolean;
  readonly #time = new TimeReader();
  readonly #bracket = new Needle('[');
  readonly #requestQuote = new Needle('"');
  readonly #gap = new Needle('" ');
  readonly #refererQuote = new Needle('"');
  readonly #agentQuote = new Needle('"');
  readonly #trailingReader = new TrailingFieldsReader();
  hasRest = false;

  /** `vhost`: only lines that begin with the virtual host are its own. */
  constructor(tail: ClfTrailing, vhost = false) {
    this.#trailing = tail;
    this.#vhost = vhost;
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    hit.proxy = 'unknown'; // until the tail tells
    // 203.0.113.7 - - [    by far the usual beginning: an address and nothing else to tell
    let open = start;
    while (open < end && (isDigit(b[open]) || b[open] === DOT)) open++;
    const plain =
      open > start &&
      b[open] === SPACE &&
      b[open + 1] === DASH &&
      b[open + 2] === SPACE &&
      b[open + 3] === DASH &&
      b[open + 4] === SPACE &&
      b[open + 5] === BRACKET;
    const clientEnd = plain ? open : tokenEnd(b, open, end);
    open = plain ? open + 5 : this.#bracket.find(chunk, start, end);
    if (open === -1) return NO_BRACKET;
    let ts = this.#time.clf(b, open + 1, end),
      at = -1;
    if (ts !== ts) ts = this.#time.any(b, open + 1, end);
    // Brackets in front of the time: a user's name, another logger's time, an IPv6 address.
    for (let i = 0; (at = this.#requestAfter(b, ts, end)) < 0; i++) {
      open = i === BRACKETS_MAX ? -1 : this.#bracket.find(chunk, open + 1, end);
      if (open === -1) return ts === ts ? NO_REQUEST : BAD_TIME;
      const next = this.#time.any(b, open + 1, end);
      if (next === next || ts !== ts) ts = next;
    }

    if (open === start) return NO_CLIENT;
    let request = at,
      requestEnd = -1,
      name = -1,
      nameEnd = -1;
    let close = closingQuote(this.#requestQuote, chunk, request, end);
    let code = close === -1 ? -1 : this.#code(b, close, end);
    // A quote inside the request that nobody escaped: go on to the one that a status follows.
    while (code === -1 && close !== -1) {
      if (close === request) return DOUBLED;
      // `"GET /x HTTP/1.1" "-" 502`: the request is whole, and only columns in quotes stand between it and its status
      if (endsInProtocol(b, close) && isRequestLine(b, request, close)) {
        requestEnd = close;
        close = this.#beforeStatus(b, close + 1, end);
        code = close === -1 ? -1 : this.#code(b, close, end);
        if (code < 0) return BAD_STATUS;
        break;
      }
      // `"a.example" "GET /x HTTP/1.1"`: a column between the time and the request
      if (name === -1 && b[close + 1] === SPACE && b[close + 2] === QUOTE && !isRequestLine(b, request, close)) {
        name = request;
        nameEnd = close;
        request = close + 3;
        close = closingQuote(this.#requestQuote, chunk, request, end);
        code = close === -1 ? -1 : this.#code(b, close, end);
        continue;
      }
      close = this.#quoteBeforeNumber(chunk, close + 1, end);
      if (close === -1) return BAD_STATUS;
      code = this.#code(b, close, end);
    }
    if (close === -1) return OPEN_REQUEST;
    if (code === DASHED) return NO_STATUS;
    if (!isKnownCode(code) && namesCode(b, start, open)) return BAD_STATUS; // the size, and the status in front of the time
    if (requestEnd === -1) requestEnd = close;

    if (plain) hit.set(CLIENT, start, clientEnd);
    else {
      this.#head(b, start, clientEnd, open, hit);
      if (isQuotation(b, hit)) return unserved(QUOTATION);
    }
    if (name !== -1 && !hit.has(HOST) && hasDot(b, name, nameEnd)) hit.set(HOST, name, nameEnd);
    if (this.#vhost && !hit.has(HOST)) return OTHER_TAIL;
    if (!endsInProtocol(b, requestEnd) && isService(chunk, request, requestEnd, code)) return unserved(OTHER_SERVICE);
    hit.ts = ts;
    hit.code = code;
    readRequest(chunk, request, requestEnd, hit);
    return this.#rest(chunk, tokenEnd(b, skipBlank(b, close + 1, end), end), end, hit);
  }

  /** Where the request begins, if its quote follows the time just read and its bracket; -1 otherwise. */
  #requestAfter(b: Uint8Array, ts: number, end: number): number {
    const close = this.#time.end;
    if (ts !== ts || close >= end || b[close] !== BRACKET_END) return -1;
    const quote = skipBlank(b, close + 1, end);
    return quote < end && b[quote] === QUOTE ? quote + 1 : -1;
  }

  /** The next quote that a status may follow, or -1. */
  #quoteBeforeNumber(chunk: Chunk, from: number, end: number): number {
    const b = chunk.bytes;
    let at = this.#gap.find(chunk, from, end);
    while (at !== -1 && b[at + 2] > SPACE && b[at + 2] !== DASH && !isDigit(b[at + 2]))
      at = this.#gap.find(chunk, at + 2, end);
    return at;
  }

  /** The quote that closes the last of the columns in quotes from `at` on; -1 when there are none, or one holds a status. */
  #beforeStatus(b: Uint8Array, at: number, end: number): number {
    let last = -1;
    for (at = skipBlank(b, at, end); at < end && b[at] === QUOTE; at = skipBlank(b, last + 1, end)) {
      const close = nearQuote(b, at + 1, end);
      if (close === -1 || status(b, at + 1, close) >= 0) return -1;
      last = close;
    }
    return last;
  }

  /** The status after the request's closing quote; -1 when something else stands there. */
  #code(b: Uint8Array, close: number, end: number): number {
    const at = skipBlank(b, close + 1, end);
    return at === close + 1 ? -1 : status(b, at, tokenEnd(b, at, end));
  }

  // 157   "-"       "curl/8.5.0" …
  // bytes "referer" "agent"      tail
  #rest(chunk: Chunk, at: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    at = skipBlank(b, at, end);
    if (at < end && b[at] !== QUOTE) {
      const stop = tokenEnd(b, at, end);
      const size = digits(b, at, stop);
      if (size !== -1) hit.size = size;
      else if (!isDash(b, at, stop)) return this.#trailingOf(chunk, at, end, hit);
      at = skipBlank(b, stop, end);
    }
    this.hasRest = false;
    if (at >= end) return this.#trailing === 'none' || this.#trailing === 'any' ? undefined : OTHER_TAIL;
    if (this.#trailing === 'none') return OTHER_TAIL;
    if (b[at] === QUOTE) {
      const referer = closingQuote(this.#refererQuote, chunk, at + 1, end);
      if (referer === -1) return this.#trailingOf(chunk, end, end, hit);
      at = referer + 1;
    } else if (b[at] === DASH && b[at + 1] === SPACE && b[at + 2] === QUOTE)
      at++; // Traefik's missing referer
    else return this.#trailingOf(chunk, at, end, hit);
    at = skipBlank(b, at, end);
    if (b[at] === QUOTE && at < end) {
      const agent = closingQuote(this.#agentQuote, chunk, at + 1, end);
      hit.set(USER_AGENT, at + 1, agent === -1 ? end : agent);
      at = agent === -1 ? end : agent + 1;
    } else if (b[at] === DASH && (at + 1 === end || b[at + 1] === SPACE)) at++;
    return this.#trailingOf(chunk, at, end, hit);
  }

  #trailingOf(chunk: Chunk, at: number, end: number, hit: Hit): Miss | undefined {
    this.hasRest = at < end;
    const kind = this.hasRest ? this.#trailingReader.read(chunk, at, end, hit) : 'any';
    return this.#trailing === 'any' || this.#trailing === kind ? undefined : OTHER_TAIL;
  }

  /** Who asked, and of which virtual host, from the words before the time. */
  #head(b: Uint8Array, start: number, firstEnd: number, open: number, hit: Hit): void {
    let second = firstEnd + 1;
    // XFF lists: `10.0.0.2, 10.0.0.1 - - [`, quoted or not: the first address is the client.
    if (b[start] === QUOTE || b[firstEnd - 1] === COMMA || second >= open) {
      setClient(b, start, Math.min(firstEnd, open), hit);
      return;
    }
    const secondEnd = Math.min(tokenEnd(b, second, open), open);
    if (isDash(b, second, secondEnd) || second === open) {
      setClient(b, start, firstEnd, hit);
      return;
    }
    if (b[second] === QUOTE) second++;
    const third = skipBlank(b, secondEnd, open),
      thirdEnd = Math.min(tokenEnd(b, third, open), open);
    const fourth = skipBlank(b, thirdEnd, open);
    // `app 2026-01-02 INFO 203.0.113.7 - - [`: somebody else's words in front; the client is three words before the time
    if (fourth < open && !isIpAddress(b, start, firstEnd) && skipBlank(b, tokenEnd(b, fourth, open), open) < open) {
      let at = open;
      for (let i = 0; i < 3; i++) at = wordStart(b, start, at);
      setClient(b, at, tokenEnd(b, at, open), hit);
      return;
    }
    // `www.example.com:443 203.0.113.7 - - [`: the host first (vhost_combined)
    if (
      !isIpAddress(b, start, firstEnd) &&
      (isIpAddress(b, second, secondEnd) || (fourth < open && isDash(b, third, thirdEnd)))
    ) {
      if (!isDash(b, start, firstEnd)) hit.set(HOST, start, firstEnd);
      setClient(b, second, secondEnd, hit);
      return;
    }
    setClient(b, start, firstEnd, hit);
    // `203.0.113.7 www.example.com - [`: lighttpd writes the host where others write the ident
    if (hasDot(b, second, secondEnd) && fourth >= open) hit.set(HOST, second, secondEnd);
  }
}

/** `HTTP/1.1` or `HTTP/2` before the quote at `close`. */
const endsInProtocol = (b: Uint8Array, close: number): boolean => b[close - 8] === H || b[close - 6] === H;

/** A word that is a known status code. */
function namesCode(b: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end;) {
    const stop = tokenEnd(b, at, end);
    if (stop - at === 3 && isKnownCode(digits(b, at, stop))) return true;
    at = stop + 1;
  }
  return false;
}

/** A method and more. */
function isRequestLine(b: Uint8Array, start: number, end: number): boolean {
  const gap = methodEnd(b, start, end);
  return gap !== -1 && gap < end;
}

/** ProFTPD's `"RETR x" 226`; what a web server answers to such a request are these codes. */
const isService = (chunk: Chunk, start: number, end: number, code: number): boolean =>
  code !== 400 &&
  (code < 403 || code > 408) &&
  isServiceCommand(chunk.text.slice(start, Math.min(end, tokenEnd(chunk.bytes, start, end))));

/** Source code and documents hold log lines too: in single quotes or backticks, or behind the signs of a comment. */
function isQuotation(b: Uint8Array, hit: Hit): boolean {
  const client = b[hit.startOf(CLIENT)];
  if (hit.has(CLIENT) && (client === APOSTROPHE || client === 0x60)) return true;
  return hit.has(HOST) && !/[\w-]/.test(hit.text(HOST)!);
}

/** Start of the word that ends before `at`. */
function wordStart(b: Uint8Array, start: number, at: number): number {
  while (at > start && b[at - 1] === SPACE) at--;
  while (at > start && b[at - 1] !== SPACE) at--;
  return at;
}

/** An IPv4 or IPv6 address, with or without brackets and port. */
function isIpAddress(b: Uint8Array, start: number, end: number): boolean {
  let colons = 0,
    dots = 0,
    hex = true,
    decimals = true;
  for (let i = start; i < end; i++) {
    const c = b[i];
    if (c === COLON) colons++;
    else if (c === DOT) dots++;
    else if (!isDigit(c)) {
      decimals = false;
      if (!(((c | 32) >= 0x61 && (c | 32) <= 0x66) || c === BRACKET || c === BRACKET_END || c === COMMA)) hex = false;
    }
  }
  return (decimals && dots === 3) || (hex && colons >= 2);
}

function hasDot(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start + 1; i < end - 1; i++) if (b[i] === DOT) return true;
  return false;
}
