// Columns under a header: CSV and TSV exports of load balancers, storage services and spreadsheets. The header's names are the same as
// the keys of JSON records, so they are read as those are.
import type { Hit } from '../../core/hit.ts';
import { KeyedFormat } from './keyed-format.ts';
import { keys, values } from './line-values.ts';
import type { Chunk, Format, Miss, Reader } from '../format.ts';
import { rejected, skipped } from '../misses.ts';
import { NAMES } from './names.ts';
import { isDigit } from '../bytes/scanner.ts';
import { BARE, PLAIN } from './values.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BAR, COLON, COMMA, DASH, PAREN, PAREN_END, QUOTE, SEMICOLON, SPACE, TAB, UNDERSCORE } = ASCII;

const HEADER = skipped('columns-header', 'a header that names the columns');
const NO_HEADER = rejected('columns-no-header', 'no header that names the columns');
const OTHER_COUNT = rejected('columns-count', 'not as many columns as the header names');
const COLUMNS_MIN = 4,
  COLUMNS_MAX = 128,
  HEADER_BYTES_MAX = 4096;
/** Names of a status that are nothing else, beside a name of a request's parts. */
const STATUS_NAME =
  /^(?:(?:sc|c|http|edge|response|elb|backend|target)[_ -]?)?status(?:[_ -]?code)?$|^(?:response|http)[_ -]?code$|^response$/i;
const REQUEST_NAME =
  /^(?:(?:cs|c|http|request)[_ -]?)?(?:method|uri|url|path|request|verb)$|^(?:cs[_-]uri|client[_ -]?ip|c[_-]ip|remote[_ -]?addr)/i;
/** Names of how many requests a row stands for: a report, no access log. */
const COUNT_NAME =
  /^(?:count(?:\(\*?\))?|counts|hits|requests|request[_ ]count|num[_ ]requests|occurrences|errors|error[_ ](?:count|rate)|percent|percentage)$/i;

const keyed = new KeyedFormat({
  title: 'columns under a header',
  proxy: 'unknown',
  isNamed: true,
  durationUnitMs: 1000,
  reads: {
    ...NAMES,
    // Cloud Storage's usage logs, where time_micros is the time of the request
    time: [...NAMES.time!, 'time_micros'],
    duration: [...NAMES.duration!.filter((name) => name !== 'time_micros us'), 'time_taken_micros us'],
    path: [...NAMES.path!.filter((name) => name !== 'cs_uri'), 'cs_uri'],
    host: [...NAMES.host!.filter((name) => name !== 'cs_host'), 'cs_host'],
    client: [...NAMES.client!.filter((name) => name !== 'c_ip'), 'c_ip'],
  },
});

class ColumnsReader implements Reader {
  #gap = 0;
  /** Ids of the header's names. */
  #ids: number[] = [];
  readonly #starts = new Int32Array(COLUMNS_MAX);
  readonly #ends = new Int32Array(COLUMNS_MAX);

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    const b = chunk.bytes;
    if (opensName(b[b[start] === QUOTE ? start + 1 : start]) && this.#header(chunk, start, end)) return HEADER;
    if (this.#ids.length === 0) return NO_HEADER;
    if (this.#split(b, start, end, this.#gap) !== this.#ids.length) return OTHER_COUNT;
    values.begin();
    const ids = this.#ids,
      starts = this.#starts,
      ends = this.#ends;
    for (let i = 0; i < ids.length; i++)
      if (ids[i] >= 0) values.add(b, ids[i], starts[i], ends[i], isDigit(b[starts[i]]) ? BARE : PLAIN);
    values.done();
    return keyed.fillAnyway(chunk, hit);
  }

  /** Takes the line for a header when all of it is names, a status and a request's parts among them. */
  #header(chunk: Chunk, start: number, end: number): boolean {
    if (end - start > HEADER_BYTES_MAX) return false;
    const b = chunk.bytes;
    const gap = gapOf(b, start, end);
    const count = this.#split(b, start, end, gap);
    if (count < COLUMNS_MIN) return false;
    let status = false,
      request = false,
      isReport = false;
    for (let i = 0; i < count; i++) {
      if (!isName(b, this.#starts[i], this.#ends[i])) return false;
    }
    for (let i = 0; i < count; i++) {
      const name = chunk.text.slice(this.#starts[i], this.#ends[i]);
      status ||= STATUS_NAME.test(name);
      request ||= REQUEST_NAME.test(name);
      isReport ||= COUNT_NAME.test(name);
    }
    if (!status || !request) return false;
    this.#gap = gap;
    this.#ids = Array.from(
      { length: isReport ? 0 : count },
      (_, i) => keys.find(keys.root, b, this.#starts[i], this.#ends[i]).id,
    );
    return true;
  }

  /** Columns between `gap`s; quoted ones may hold it, a quote in them is doubled. */
  #split(b: Uint8Array, start: number, end: number, gap: number): number {
    let n = 0;
    for (let at = start; at <= end && n < COLUMNS_MAX; at++) {
      let from = at,
        to: number;
      if (b[at] === QUOTE && at < end) {
        from++;
        at++;
        while (at < end && (b[at] !== QUOTE || b[at + 1] === QUOTE)) at += b[at] === QUOTE ? 2 : 1;
        to = Math.min(at, end);
        while (at < end && b[at] !== gap) at++;
      } else {
        while (at < end && b[at] !== gap) at++;
        to = at;
      }
      this.#starts[n] = from;
      this.#ends[n++] = to;
    }
    return n;
  }
}

const opensName = (c: number): boolean => ((c | 32) >= 0x61 && (c | 32) <= 0x7a) || c === UNDERSCORE;

/** A letter, then letters, digits, blanks and any of `_.:()/@-`. */
function isName(b: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const c = b[i];
    if (!(
      opensName(c) ||
      (i > start && ((c >= DASH && c <= COLON) || c === SPACE || c === PAREN || c === PAREN_END || c === 0x40))
    ))
      return false;
  }
  return end > start;
}

function gapOf(b: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++)
    if (b[i] === COMMA || b[i] === TAB || b[i] === SEMICOLON || b[i] === BAR) return b[i];
  return COMMA;
}

export const columns = {
  name: 'columns',
  title: 'columns under a header (CSV, TSV)',
  proxy: 'unknown',
  samples: [
    {
      before: ['timestamp,remote_addr,method,uri,status,bytes_sent'],
      line: '2026-01-02T15:04:05Z,192.0.2.7,GET,"/a,b?c=""d""",502,157',
      hit: { ts: 1767366245000, code: 502, method: 'GET', path: '/a,b?c=""d""', bytes: 157, client: '192.0.2.7' },
    },
    {
      before: [
        '"time_micros","c_ip","c_ip_type","c_ip_region","cs_method","cs_uri","sc_status","cs_bytes","sc_bytes","time_taken_micros","cs_host","cs_referer","cs_user_agent"',
      ],
      line: '"1524233483000000","192.0.2.7","1","","GET","/b/o?x=1","503","0","12","250000","storage.example","","UA"',
      hit: {
        ts: 1524233483000,
        code: 503,
        method: 'GET',
        path: '/b/o?x=1',
        host: 'storage.example',
        durationMs: 250,
        bytes: 12,
        client: '192.0.2.7',
      },
    },
  ],
  open: () => new ColumnsReader(),
} as const satisfies Format;
