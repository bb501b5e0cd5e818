// W3C extended logs: IIS, CloudFront, Microsoft's HTTP API and whatever else names its columns in `#Fields`. The columns may change in
// the middle of a file.
import { DETAILS, HOST, METHOD, PATH, RESULT, USER_AGENT, type Hit } from '../../core/hit.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { BAD_STATUS, NO_STATUS, rejected, skipped } from '../misses.ts';
import { OTHER_SERVICE, unserved } from '../served.ts';
import { isMethod, isServiceCommand } from '../bytes/http-words.ts';
import { setClient } from '../bytes/request.ts';
import { DASHED, decimal, digits, isDash, Needle, status } from '../bytes/scanner.ts';
import { TimeReader } from '../bytes/times.ts';
import {
  AGENT,
  CLIENT_,
  COLUMNS_MAX,
  DATE,
  EDGE,
  EDGE_DETAIL,
  HOST_,
  METHOD_,
  QUERY,
  SENT,
  SIZE,
  STATUS,
  STEM,
  SUBSTATUS,
  TAKEN,
  TIME,
  URI,
  WIN32,
  columnsOf,
  fits,
  guess,
  mayBeRow,
  type Columns,
} from './w3c-columns.ts';
import { quotedEnd, readUri, textOf, withT, statusStart } from './w3c-values.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACKET, DOT, HASH, QUOTE, SPACE, TAB } = ASCII;

const DIRECTIVE = skipped('w3c-directive', 'a W3C directive');
const NOT_W3C = rejected('w3c-no-fields', 'no #Fields directive before it');
const OTHER_COLUMNS = rejected('w3c-column-count', 'not as many columns as #Fields names');
const NO_STATUS_FIELD = skipped('w3c-no-status-field', 'its #Fields have no sc-status');
const BAD_DATE = rejected('w3c-bad-time', 'date and time cannot be read');

export class W3cReader implements Reader {
  readonly #tab = new Needle('\t');
  readonly #time = new TimeReader();
  readonly #starts = new Int32Array(COLUMNS_MAX);
  readonly #ends = new Int32Array(COLUMNS_MAX);
  readonly #stamp = Buffer.alloc(20, ' ');
  #columns: Columns | undefined;
  /** The row at hand has tabs between its columns. */
  #tabs = false;
  #software = '';
  /** Of `#Date`, for logs whose rows have the time only. */
  #date = '';

  /** `header`: directives that stand for those of a file without. */
  constructor(header = '') {
    for (const line of header.split('\n')) this.#directive(line.trim());
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    if (b[start] === HASH) return this.#directive(chunk.text.slice(start, end));
    const named = this.#columns;
    if (named === undefined && !mayBeRow(b, start, end)) return NOT_W3C;
    const count = this.#split(chunk, start, end);
    const columns =
      named !== undefined && (fits(named, count, this.#tabs) || this.#goesOn(b, named, count))
        ? named
        : guess(b, this.#starts, this.#ends, count);
    if (columns === undefined) return named === undefined ? NOT_W3C : OTHER_COLUMNS;
    const { at } = columns;
    if (at[STATUS] === -1) return NO_STATUS_FIELD;
    const starts = this.#starts,
      ends = this.#ends;
    const from = statusStart(b, starts[at[STATUS]], ends[at[STATUS]]);
    const code = status(b, from, ends[at[STATUS]]);
    if (code < 0) return code === DASHED || from === ends[at[STATUS]] ? NO_STATUS : BAD_STATUS;
    const ts = this.#when(b, at);
    if (ts !== ts && (at[TIME] !== -1 || at[DATE] !== -1)) return BAD_DATE;
    if (at[METHOD_] !== -1 && this.#isService(chunk, starts[at[METHOD_]], ends[at[METHOD_]]))
      return unserved(OTHER_SERVICE);

    hit.ts = ts;
    hit.code = code;
    hit.proxy = columns.proxy;
    this.#fill(chunk, columns, hit);
    return undefined;
  }

  #directive(line: string): Miss | undefined {
    const [, name, value] = /^#\s*([\w-]+)(?::\s*|\t)(.*)/.exec(line) ?? [];
    if (name === undefined) return NOT_W3C;
    switch (name.toLowerCase()) {
      case 'fields':
        this.#columns = columnsOf(value.trim().split(/[\s,]+/), this.#software);
        break;
      case 'software':
        this.#software = value;
        break;
      case 'date':
        this.#date = /^\d{4}-\d\d-\d\d/.exec(value)?.[0] ?? '';
        break;
      case 'version':
      case 'start-date':
      case 'end-date':
      case 'remark':
      case 'gmt-offset':
        break;
      case 'separator':
      case 'set_separator':
      case 'empty_field':
      case 'unset_field':
      case 'path':
      case 'open':
      case 'close':
      case 'types':
        break; // Zeek's
      default:
        return NOT_W3C;
    }
    return DIRECTIVE;
  }

  /** Columns between tabs, or between runs of blanks when there is no tab; quoted texts are one. */
  #split(chunk: Chunk, start: number, end: number): number {
    const b = chunk.bytes;
    const starts = this.#starts,
      ends = this.#ends;
    this.#tabs = this.#tab.find(chunk, start, end) !== -1;
    const gap = this.#tabs ? TAB : SPACE;
    let n = 0,
      closes = true;
    for (let at = start; at < end && n < COLUMNS_MAX;) {
      while (b[at] === SPACE && at < end) at++;
      const quoted = b[at] === QUOTE && closes ? quotedEnd(b, at, end) : -1;
      if (b[at] === QUOTE && quoted === -1) closes = false; // nor does any behind it
      let from = at,
        to = quoted;
      if (quoted === -1) {
        while (at < end && b[at] !== gap) at++;
        to = at;
        while (to > from && b[to - 1] === SPACE) to--;
      } else {
        from++;
        at = quoted + 1;
        while (b[at] === SPACE && at < end) at++;
      }
      starts[n] = from;
      ends[n++] = to;
      if (b[at] === gap) at++;
    }
    return n;
  }

  /** More columns than are named, as some appliances write: those named stand in their places when the method does (the time and the status are read anyway). */
  #goesOn(b: Buffer, { at, count: named }: Columns, count: number): boolean {
    const method = at[METHOD_];
    return (
      count > named &&
      at[TIME] !== -1 &&
      at[STATUS] !== -1 &&
      method !== -1 &&
      isMethod(b, this.#starts[method], this.#ends[method])
    );
  }

  /** Date and time columns put side by side, as they are read from. */
  #when(b: Buffer, at: Int32Array): number {
    const starts = this.#starts,
      ends = this.#ends;
    const time = at[TIME],
      date = at[DATE];
    if (time === -1) return date === -1 ? NaN : this.#time.any(b, starts[date], ends[date]);
    if (date !== -1 && starts[time] === ends[date] + 1 && ends[date] - starts[date] === 10)
      return this.#time.iso(
        withT(b, ends[date], this.#stamp, starts[date], ends[time]),
        0,
        Math.min(19, ends[time] - starts[date]),
      );
    if (ends[time] - starts[time] < 8) return NaN;
    if (date !== -1 && ends[date] - starts[date] === 10) b.copy(this.#stamp, 0, starts[date], ends[date]);
    else if (date === -1 && this.#date !== '') this.#stamp.write(this.#date, 0, 'latin1');
    else return NaN;
    this.#stamp[10] = SPACE;
    b.copy(this.#stamp, 11, starts[time], starts[time] + 8);
    return this.#time.iso(this.#stamp, 0, 19);
  }

  #fill(chunk: Chunk, columns: Columns, hit: Hit): void {
    const b = chunk.bytes;
    const { at } = columns;
    const starts = this.#starts,
      ends = this.#ends;
    const has = (place: number): boolean =>
      at[place] !== -1 && !isDash(b, starts[at[place]], ends[at[place]]) && ends[at[place]] > starts[at[place]];
    const set = (field: number, place: number): void => {
      if (has(place)) hit.set(field, starts[at[place]], ends[at[place]]);
    };
    set(METHOD, METHOD_);
    if (has(STEM)) set(PATH, STEM);
    else if (has(URI)) readUri(chunk, starts[at[URI]], ends[at[URI]], hit);
    if (has(QUERY) && hit.has(PATH)) {
      const query = textOf(chunk, starts[at[QUERY]], ends[at[QUERY]]);
      hit.setText(PATH, `${hit.text(PATH)!}${query.startsWith('?') ? '' : '?'}${query}`);
    }
    if (has(HOST_)) set(HOST, HOST_);
    if (has(CLIENT_)) setClient(b, starts[at[CLIENT_]], ends[at[CLIENT_]], hit);
    set(USER_AGENT, AGENT);
    const sent = has(SENT) ? SENT : SIZE;
    if (has(sent)) {
      const size = digits(b, starts[at[sent]], ends[at[sent]]);
      if (size !== -1) hit.size = size;
    }
    if (has(TAKEN)) {
      const from = starts[at[TAKEN]],
        to = ends[at[TAKEN]];
      const taken = decimal(b, from, to);
      let fraction = false;
      for (let i = from; i < to; i++) fraction ||= b[i] === DOT;
      if (taken === taken) hit.durationMs = Math.round(taken * (fraction ? 1000 : columns.msPerUnit) * 1e3) / 1e3;
    }
    if (hit.code < 400 && columns.proxy !== 'cloudfront') return;
    if (has(EDGE)) set(RESULT, EDGE);
    if (has(EDGE_DETAIL)) set(DETAILS, EDGE_DETAIL);
    if (has(SUBSTATUS))
      hit.setText(
        DETAILS,
        `${b.toString('latin1', starts[at[SUBSTATUS]], ends[at[SUBSTATUS]])}.${has(WIN32) ? b.toString('latin1', starts[at[WIN32]], ends[at[WIN32]]) : '0'}`,
      );
  }

  #isService(chunk: Chunk, start: number, end: number): boolean {
    const b = chunk.bytes;
    if (b[start] === BRACKET) return true; // [2]USER
    return end - start !== 3 && isServiceCommand(chunk.text.slice(start, end));
  }
}

export const w3c = {
  name: 'w3c',
  title: 'W3C extended: IIS, CloudFront, HTTP.sys',
  proxy: 'unknown',
  samples: [
    {
      before: [
        '#Software: Microsoft Internet Information Services 10.0',
        '#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken',
      ],
      line: '2023-09-21 02:59:24 192.168.1.1 GET /index.html a=b 443 192.0.2.7 Mozilla/5.0+(X11) 503 2 0 123',
      hit: {
        ts: 1695265164000,
        code: 503,
        method: 'GET',
        path: '/index.html?a=b',
        durationMs: 123,
        client: '192.0.2.7',
      },
    },
    {
      line: '2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/index.html\t000\t-\tMozilla/5.0\t-\t-\tError\tSOX4xwn4XV6Q4rgb7XiVGOHms\texample.org\thttps\t23\t0.001\t-\tTLSv1.2\tECDHE-RSA-AES128-GCM-SHA256\tError\tHTTP/2.0\t-\t-\t11040\t0.001\tClientCommError\ttext/html\t78\t-\t-',
      hit: {
        ts: 1575493351000,
        code: 0,
        method: 'GET',
        path: '/index.html',
        host: 'example.org',
        durationMs: 1,
        bytes: 392,
        client: '192.0.2.100',
      },
    },
    {
      line: '2026-01-02 15:04:05 192.0.2.7 2094 172.31.77.6 80 HTTP/1.1 GET /qos/1kbfile.txt 503 - ConnLimit -',
      hit: { ts: 1767366245000, code: 503, method: 'GET', path: '/qos/1kbfile.txt', client: '192.0.2.7' },
    },
    {
      line: '2026-01-02 15:04:05 W3SVC1 WEB1 10.0.0.1 GET /x a=b 80 - 192.0.2.7 HTTP/1.1 Mozilla/5.0 - - a.example 502 3 12002 20 30 125',
      hit: {
        ts: 1767366245000,
        code: 502,
        method: 'GET',
        path: '/x?a=b',
        durationMs: 125,
        bytes: 20,
        client: '192.0.2.7',
      },
    },
    {
      line: '2026-01-02 15:04:05 WEB1 fe80::d9e3%3 POST /x - 444 ada fe80::d9e3%3 Mozilla/5.0 - 502 0 0 125 192.0.2.7,10.93.4.75 36391',
      hit: { ts: 1767366245000, code: 502, method: 'POST', path: '/x', durationMs: 125, client: 'fe80::d9e3%3' },
    },
  ],
  open: () => new W3cReader(),
} as const satisfies Format;
