// A line of no known shape that is an access record all the same: a time, a request, a status, wherever they stand. The last to be asked,
// and strict: what people and programs say of requests has all three as well.
import { CLIENT, HOST, METHOD, type Hit } from '../../core/hit.ts';
import type { Chunk, Miss, Reader, Surroundings } from '../format.ts';
import { clientBefore, timeBefore } from '../bytes/leading-fields.ts';
import { readUrl } from '../bytes/request.ts';
import { decimal, digits, isDigit, startsWith } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import { monthOf } from '../bytes/calendar.ts';
import { rejected } from '../misses.ts';
import { ASCII } from '../bytes/ascii.ts';
import { LineColumns } from './line-columns.ts';
import { CALM, isHostName, isMade, isMessage } from './line-head.ts';
import { LineRequest } from './line-request.ts';
import { isPlainWord, LineStatus } from './line-status.ts';
import { TrailingFieldsReader } from './trailing-fields.ts';

const { BAR, BRACE, BRACKET, COLON, COMMA, DASH, DOT, GREATER, LESS, SPACE } = ASCII;

export const SHAPELESS = rejected('no-request', 'no request with a status behind it');

/** An access record is short. */
const LINE_BYTES_MAX = 8 * 1024;
/** A line without client and protocol has this many columns between signs of its own. */
const RULED_COLUMNS_MIN = 5;
/** Words up to the status, in columns between blanks. */
const WORDS_MAX = 2;
/** Bars that make a line one of columns. */
const BARS_MIN = 3;

export class ShapelessReader implements Reader {
  readonly #request = new LineRequest();
  readonly #columns = new LineColumns();
  readonly #status = new LineStatus(this.#columns);
  readonly #time = new TimeReader();
  readonly #trailing = new TrailingFieldsReader();

  readonly #around: Readonly<Surroundings>;

  constructor(around: Readonly<Surroundings>) {
    this.#around = around;
  }

  /** Fills the hit, which may hold what another reader left. */
  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes,
      request = this.#request,
      columns = this.#columns;
    if (end - start > LINE_BYTES_MAX || b[start] === BRACE || b[start] === LESS) return SHAPELESS;
    columns.clear();
    if (!request.find(b, start, end)) return this.#addressOnly(chunk, start, end, hit);
    const { gap } = request;
    columns.add(b, start, request.start, gap);
    const head = columns.count;
    columns.add(b, request.end, end, gap);
    const isRuled = gap !== 0;
    if (!this.#status.find(b, head, isRuled)) return SHAPELESS;
    const ts = this.#when(b, start, end, head);
    const { isTimed, isColumn } = this.#around;
    if (ts !== ts && (!isTimed || isColumn === true)) return SHAPELESS;
    hit.reset(b);
    this.#setClient(b, start, head, hit);
    if (!this.#isRecord(chunk, start, head, isRuled, ts === ts, hit)) return SHAPELESS;
    hit.ts = ts;
    hit.code = this.#status.code;
    hit.set(METHOD, request.method, request.methodEnd);
    readUrl(chunk, request.target, request.targetEnd, hit);
    if (!hit.has(HOST)) this.#setHost(b, head, hit);
    this.#rest(chunk, head, end, isRuled, hit);
    return undefined;
  }

  // [23/Apr/2018:13:16:41 +0200] | https://www.example.org/x | 200 | Mozilla/5.0 (…) | 203.0.113.7 | 0.359
  /** No method, but a URL with its status next to it, between bars. */
  #addressOnly(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes,
      columns = this.#columns;
    let bars = 0;
    for (let i = start; i < end; i++) if (b[i] === BAR) bars++;
    if (bars < BARS_MIN) return SHAPELESS;
    columns.add(b, start, end, BAR);
    const { starts, ends, count } = columns;
    let url = 0;
    while (url < count && !isUrl(b, starts[url], ends[url])) url++;
    if (url + 1 >= count || !this.#status.find(b, url + 1, true) || this.#status.column !== url + 1) return SHAPELESS;
    const ts = timeBefore(this.#time, b, start, starts[url]);
    if (ts !== ts) return SHAPELESS;
    hit.reset(b);
    this.#setClient(b, start, url, hit);
    if (!hit.has(CLIENT)) return SHAPELESS;
    hit.ts = ts;
    hit.code = this.#status.code;
    readUrl(chunk, starts[url], ends[url], hit);
    return undefined;
  }

  /** The time in front of the request; else the column behind it that can be nothing else. */
  #when(b: Buffer, start: number, end: number, head: number): number {
    const { starts, ends, signs, count } = this.#columns,
      time = this.#time;
    // `15:04:05,203.0.113.7` is no fraction of a second
    for (let i = 0; i < head && this.#request.gap === COMMA; i++) {
      const ts = timeBefore(time, b, starts[i], ends[i]);
      if (ts === ts) return ts;
    }
    const before = timeBefore(time, b, start, this.#request.start);
    if (before === before) return before;
    for (let i = head; i < count; i++) {
      const at = starts[i],
        stop = ends[i];
      if (stop - at < 14 || !isDigit(b[at])) continue;
      const isEpoch = b[stop - 4] === DOT && stop - at === 14; // 1427761920.280
      const ts = signs[i] === BRACKET || isEpoch || b[at + 4] === DASH ? time.any(b, at, end) : NaN;
      if (ts === ts) return ts;
    }
    return NaN;
  }

  #setClient(b: Buffer, start: number, head: number, hit: Hit): void {
    const { starts, ends, count } = this.#columns;
    if (head > 0 && this.#request.gap !== COMMA) clientBefore(b, start, ends[head - 1], hit);
    for (let i = 0; i < count && !hit.has(CLIENT); i++) {
      if (i < head || isAddress(b, starts[i], ends[i])) clientBefore(b, starts[i], ends[i], hit);
    }
  }

  /** Is there enough that somebody who serves requests wrote it, and nothing that somebody wrote who tells of them? */
  #isRecord(chunk: Chunk, start: number, head: number, isRuled: boolean, isDated: boolean, hit: Hit): boolean {
    const b = chunk.bytes;
    const before = chunk.text.slice(start, this.#request.start);
    const isCalm = !this.#status.isLabelled && hit.has(CLIENT) && this.#request.hasProtocol && CALM.test(before);
    if ((!isCalm && isMessage(before, false)) || isMade(before)) return false;
    const { target, targetEnd, hasProtocol } = this.#request;
    const isWhole = hit.has(CLIENT) || (hasProtocol && !isUrl(b, target, targetEnd));
    return (isWhole || (isRuled && isDated && this.#isTable(b))) && !this.#isTold(b, head, isRuled);
  }

  /** Columns between signs, none of which holds words or another's URL, and a size or a duration behind the status. */
  #isTable(b: Buffer): boolean {
    const { starts, ends, count } = this.#columns,
      { target, targetEnd } = this.#request;
    if (count + 2 < RULED_COLUMNS_MIN || isUrl(b, target, targetEnd)) return false;
    const next = this.#status.column + 1;
    if (next >= count || !isDigit(b[starts[next]])) return false;
    for (let i = 0; i < count; i++) {
      if (isUrl(b, starts[i], ends[i]) || wordsIn(b, starts[i], ends[i]) > 1) return false;
    }
    return true;
  }

  /** Two words side by side, more words than columns have, or a word between the request and its status. */
  #isTold(b: Buffer, head: number, isRuled: boolean): boolean {
    const { starts, ends, signs } = this.#columns,
      last = Math.max(head - 1, this.#status.column);
    let words = 0,
      all = 0;
    for (let i = 0; i <= last; i++) {
      // as clients show what they sent (>) and what they got (<)
      if (ends[i] - starts[i] === 1 && (b[starts[i]] === LESS || b[starts[i]] === GREATER)) return true;
      if (isRuled && wordsIn(b, starts[i], ends[i]) > 2) return true;
      const isWord = !isRuled && signs[i] === 0 && isSaid(b, starts[i], ends[i]);
      words = isWord ? words + 1 : 0;
      if (isWord && ++all > WORDS_MAX) return true;
      // (`to: 10.0.0.1:80` is the name of what follows it)
      if (words > 1 || (isWord && i >= head && i !== this.#status.column - 1 && b[ends[i] - 1] !== COLON)) return true;
    }
    return false;
  }

  /** `www.example.com` next to the client. */
  #setHost(b: Buffer, head: number, hit: Hit): void {
    const { starts, ends } = this.#columns;
    const client = hit.has(CLIENT) ? hit.startOf(CLIENT) : -1;
    for (let i = 0; i < head; i++) {
      if (client < starts[i] || client >= ends[i]) continue;
      for (const near of [i - 1, i + 1]) {
        if (near >= 0 && near < head && isHostName(b, starts[near], ends[near]))
          return hit.set(HOST, starts[near], ends[near]);
      }
    }
  }

  /** The size right behind the status, and what follows it. */
  #rest(chunk: Chunk, head: number, end: number, isRuled: boolean, hit: Hit): void {
    const { column } = this.#status,
      { starts, ends, count } = this.#columns;
    if (column < head || column + 1 >= count) return;
    const size = digits(chunk.bytes, starts[column + 1], ends[column + 1]);
    if (size !== -1) hit.size = size;
    const from = size === -1 ? column : column + 1;
    if (!isRuled) this.#trailing.read(chunk, ends[from], end, hit);
    for (let i = from + 1; i < count && isRuled && hit.durationMs !== hit.durationMs; i++) {
      const stop = ends[i];
      if (stop - starts[i] > 4 && stop - starts[i] < 9 && chunk.bytes[stop - 4] === DOT)
        hit.durationMs = decimal(chunk.bytes, starts[i], stop) * 1000;
    }
  }
}

const isUrl = (b: Uint8Array, from: number, to: number): boolean =>
  startsWith(b, from, to, 'http://') || startsWith(b, from, to, 'https://');

/** Digits and three dots, or an IPv6 address: behind a request only what has no port. */
function isAddress(b: Uint8Array, from: number, to: number): boolean {
  let dots = 0,
    colons = 0;
  for (let i = from; i < to; i++) {
    if (b[i] === DOT) dots++;
    else if (b[i] === COLON) colons++;
    else if (!isDigit(b[i]) && ((b[i] | 32) < 0x61 || (b[i] | 32) > 0x66)) return false;
  }
  return (dots === 3 && colons === 0) || (dots === 0 && colons > 1);
}

/** A word, with or without a sign behind it, that is none of a date. */
function isSaid(b: Uint8Array, from: number, to: number): boolean {
  const last = b[to - 1];
  const stop = last === COLON || last === COMMA || last === DOT || last === 0x21 ? to - 1 : to;
  if (!isPlainWord(b, from, stop)) return false;
  return !(stop - from === 3 && (monthOf(b, from) !== 0 || isWeekday(b, from))) && !startsWith(b, from, stop, 'http');
}

const WEEKDAYS = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)$/;
const isWeekday = (b: Uint8Array, from: number): boolean =>
  WEEKDAYS.test(String.fromCharCode(b[from], b[from + 1], b[from + 2]));

/** The most words in a row. */
function wordsIn(b: Uint8Array, from: number, to: number): number {
  let words = 0,
    most = 0;
  for (let at = from; at < to;) {
    let stop = at;
    while (stop < to && b[stop] > SPACE) stop++;
    words = isSaid(b, at, stop) ? words + 1 : 0;
    if (words > most) most = words;
    at = stop + 1;
  }
  return most;
}
