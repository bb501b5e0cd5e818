// Which value of each dimension a hit is counted under: bytes in, number out, a string only when a value is new. One of
// these serves all deltas of a process; its memory is bounded by sources × dimensions × their caps.
import { DIMENSIONS } from '#shared/api.ts';
import { ASCII } from '../ascii.ts';
import { boundText, durationBucket, DURATION_BOUNDS } from './duration.ts';
import { CLIENT, HOST, METHOD, PATH, ROUTE as ROUTE_FIELD, UPSTREAM, type Hit } from '../hit.ts';
import { ROUTE_BYTES, routeBytes } from './route.ts';
import { RoutePatterns } from './route-patterns.ts';
import { Slugs } from './slugs.ts';
import * as dimension from './value-id.ts';
import { valueId } from './value-id.ts';
import { ValueTable } from './value-table.ts';

const { DASH, SLASH, QUESTION } = ASCII;

/** Gives each text of a (source, dimension) its number, for good. 0 when it holds as many as it may: count it as `other`. */
export interface Dictionary {
  numberOf(source: number, dimension: number, text: string): number;
  /** The text of a value id; undefined for 0 and for `other`. */
  textOf(id: number): string | undefined;
}

/** How many values of each dimension are told apart at a time, in the order of DIMENSIONS. */
const CAPS: Record<(typeof DIMENSIONS)[number], number> = {
  cause: 128,
  upstream: 200,
  route: 500,
  method: 40,
  host: 200,
  client: 200,
  duration: 32,
};
const TEXT_BYTES_MAX = 200;
/** As much of a path as is held against written patterns. */
const PATH_BYTES_MAX = 1000;
/**
 * Paths seen lately, and the resident each led to; few enough to stay in the processor's cache. A path's place is the low bits of its
 * first hash, which makes room for the resident in the word that holds the others; the second hash is the next word.
 */
const PATHS = 1 << 12,
  PLACE = PATHS - 1;
/** In the place of "/123", no byte. */
const NUMBER = 256;

export interface ValuesOptions {
  dictionary: Dictionary;
  /** 0 when nothing went wrong, else 1 + index into `causes`. */
  causeOf(hit: Hit): number;
  causes: readonly string[];
  /** Makes fingerprints unguessable, so that no sender can build two values that share one. */
  seed?: number;
  routes?: RoutePatterns;
  /** What each source's routes have taught before, and whom to tell when that grows. */
  learned?: ReadonlyMap<number, readonly string[]>;
  onLearned?(source: number, folders: string[]): void;
}

export class Values {
  readonly #dictionary: Dictionary;
  readonly #causeOf: (hit: Hit) => number;
  readonly #causes: readonly string[];
  readonly #seed: number;
  readonly #patterns: RoutePatterns;
  readonly #slugs: Slugs;
  readonly #onLearned: (source: number, folders: string[]) => void;
  /** Index: source << 3 | dimension. */
  readonly #tables: (ValueTable | undefined)[] = [];
  /** Index as above; ids by cause or duration bucket. */
  readonly #fixed: (Uint32Array | undefined)[] = [];
  readonly #paths = new Int32Array(PATHS * 2);
  /** A Buffer as the hits' bytes are: code that sees one kind of array is faster. */
  readonly #route = Buffer.alloc(ROUTE_BYTES);
  /**
   * The id that durations are counted under of the upstream, route or host given last: its own when it is among the most frequent,
   * else that of `other`; 0 when the hit had none.
   */
  measured = 0;
  /** Of the duration given last. */
  bucket = 0;
  /** Of the hit given last, by the number that causeOf gave. */
  causeNumber = 0;
  #h1 = 0;
  #h2 = 0;
  #entry = -1;

  constructor(options: ValuesOptions) {
    this.#dictionary = options.dictionary;
    this.#causeOf = options.causeOf;
    this.#causes = options.causes;
    this.#seed = (options.seed ?? 0x2545f491) | 0;
    this.#patterns = options.routes ?? new RoutePatterns([]);
    this.#slugs = new Slugs(options.learned, this.#seed);
    this.#onLearned = options.onLearned ?? (() => {});
  }

  /** What was learnt of a source whose number is another's from now on. */
  forget(source: number): void {
    for (let dim = 0; dim < DIMENSIONS.length; dim++)
      this.#tables[(source << 3) | dim] = this.#fixed[(source << 3) | dim] = undefined;
    this.#paths.fill(0);
    this.#slugs.forget(source);
    this.#onLearned(source, []);
  }

  // Each of these gives the value id of the hit in a dimension, 0 when the hit has no such thing.

  cause(hit: Hit, source: number): number {
    const cause = (this.causeNumber = this.#causeOf(hit));
    return cause === 0
      ? 0
      : this.#fixedId(source, dimension.CAUSE, cause - 1, this.#causes.length, (i) => this.#causes[i]);
  }

  duration(hit: Hit, source: number): number {
    const ms = hit.durationMs;
    if (!(ms >= 0)) return 0;
    this.bucket = durationBucket(ms);
    return this.#fixedId(source, dimension.DURATION, this.bucket, DURATION_BOUNDS.length, boundText);
  }

  method(hit: Hit, source: number, minute: number): number {
    return this.#text(hit, METHOD, source, dimension.METHOD, minute, methodText);
  }

  host(hit: Hit, source: number, minute: number): number {
    return this.#text(hit, HOST, source, dimension.HOST, minute, hostText);
  }

  upstream(hit: Hit, source: number, minute: number): number {
    return this.#text(hit, UPSTREAM, source, dimension.UPSTREAM, minute, upstreamText);
  }

  client(hit: Hit, source: number, minute: number): number {
    return this.#text(hit, CLIENT, source, dimension.CLIENT, minute, plainText);
  }

  route(hit: Hit, source: number, minute: number): number {
    if (hit.has(ROUTE_FIELD)) return this.#text(hit, ROUTE_FIELD, source, dimension.ROUTE, minute, plainText);
    this.measured = 0;
    if (!hit.has(PATH)) return 0;
    const bytes = hit.bufferOf(PATH),
      start = hit.startOf(PATH),
      end = hit.endOf(PATH);
    if (end - start <= 1 && (end === start || bytes[start] === DASH)) return 0;
    this.#fingerprint(bytes, start, end, source, true);
    let entry = this.#pathEntry();
    // Paths with numbers in them are rarely met again, but others with numbers in the same places are.
    if (entry === -1 && this.#patterns.size === 0 && this.#fold(bytes, start, end, source)) entry = this.#pathEntry();
    if (entry !== -1) {
      const table = this.#table(source, dimension.ROUTE);
      table.touch(entry);
      return this.#idOf(table, entry, source, dimension.ROUTE);
    }
    const h1 = this.#h1,
      h2 = this.#h2;
    const id = this.#routeId(hit, bytes, start, end, source, minute);
    if (this.#entry === -1) return id;
    const k = (h1 & PLACE) * 2;
    this.#paths[k] = (h1 & ~PLACE) | this.#entry;
    this.#paths[k + 1] = h2;
    return id;
  }

  /** The resident that the path whose fingerprint was taken led to; -1 when it was not seen lately. */
  #pathEntry(): number {
    const h1 = this.#h1,
      k = (h1 & PLACE) * 2,
      known = this.#paths[k];
    return this.#paths[k + 1] === this.#h2 && ((known ^ h1) & ~PLACE) === 0 ? known & PLACE : -1;
  }

  /** Id of a path's route; its entry is left in #entry. */
  #routeId(hit: Hit, bytes: Uint8Array, start: number, end: number, source: number, minute: number): number {
    const declared = this.#patterns.size === 0 ? 0 : this.#declared(bytes, start, end);
    let length = declared || routeBytes(bytes, start, end, this.#route);
    this.#fingerprint(this.#route, 0, length, source, false);
    let entry = this.#table(source, dimension.ROUTE).find(this.#h1, this.#h2);
    if (entry === -1 && declared === 0) {
      length = this.#learnt(length, hit.code, source);
      this.#fingerprint(this.#route, 0, length, source, false);
      entry = this.#table(source, dimension.ROUTE).find(this.#h1, this.#h2);
    }
    const table = this.#table(source, dimension.ROUTE);
    if (entry === -1) entry = this.#newcomer(table, this.#route, 0, length, source, dimension.ROUTE, minute, plainText);
    this.#entry = entry;
    return this.#idOf(table, entry, source, dimension.ROUTE);
  }

  /** Of a resident, or of `other` (-1). */
  #idOf(table: ValueTable, entry: number, source: number, dim: number): number {
    if (entry === -1) return (this.measured = valueId(source, dim, 0));
    const id = table.id(entry);
    this.measured = table.isMeasured(entry) ? id : valueId(source, dim, 0);
    return id;
  }

  /** Puts the pattern that the path is of in #route, and returns its length; 0 when it is of none. */
  #declared(bytes: Uint8Array, start: number, end: number): number {
    const pattern = this.#patterns.match(
      latin(bytes, start, Math.min(end, start + PATH_BYTES_MAX)).split(/[?#;]/, 1)[0],
    );
    return pattern === undefined ? 0 : this.#route.write(pattern);
  }

  /** The route in #route, with what was learned applied; returns its length. */
  #learnt(length: number, code: number, source: number): number {
    length = this.#slugs.apply(source, this.#route, length);
    if (code < 400 && this.#slugs.learn(source, this.#route, length)) {
      // What has little traffic of its own gives up its seat, to be counted under the slug.
      this.#table(source, dimension.ROUTE).keepHeavy();
      this.#paths.fill(0);
      this.#onLearned(source, this.#slugs.of(source));
      length = this.#slugs.apply(source, this.#route, length);
    }
    return length;
  }

  #text(hit: Hit, field: number, source: number, dim: number, minute: number, textOf: TextOf): number {
    this.measured = 0;
    if (!hit.has(field)) return 0;
    const bytes = hit.bufferOf(field),
      start = hit.startOf(field),
      end = hit.endOf(field);
    if (end - start <= 1 && (end === start || bytes[start] === DASH)) return 0;
    this.#fingerprint(bytes, start, end, source, false);
    const table = this.#table(source, dim);
    let entry = table.find(this.#h1, this.#h2);
    if (entry === -1) entry = this.#newcomer(table, bytes, start, end, source, dim, minute, textOf);
    return this.#idOf(table, entry, source, dim);
  }

  /** Entry for a value that is no resident, whose fingerprint was taken; -1 when it goes to `other`. */
  #newcomer(
    table: ValueTable,
    bytes: Uint8Array,
    start: number,
    end: number,
    source: number,
    dim: number,
    minute: number,
    textOf: TextOf,
  ): number {
    const h1 = this.#h1,
      h2 = this.#h2;
    const room = !table.full;
    if (!room && !table.vote(h1, h2, minute)) return -1;
    const text = textOf(latin(bytes, start, Math.min(end, start + TEXT_BYTES_MAX)));
    const id = valueId(source, dim, text === '' ? 0 : this.#dictionary.numberOf(source, dim, text));
    if (room) return table.admit(h1, h2, id);
    const entry = table.replace(h1, h2, id);
    if (dim === dimension.ROUTE) this.#forgetPathsTo(entry);
    return entry;
  }

  /** The seat has gone to another route. */
  #forgetPathsTo(entry: number): void {
    const paths = this.#paths;
    for (let k = 0; k < paths.length; k += 2) if ((paths[k] & PLACE) === entry) paths[k] = paths[k + 1] = 0;
  }

  #table(source: number, dim: number): ValueTable {
    return (
      this.#tables[(source << 3) | dim] ?? (this.#tables[(source << 3) | dim] = new ValueTable(CAPS[DIMENSIONS[dim]]))
    );
  }

  #fixedId(source: number, dim: number, index: number, size: number, textOf: (index: number) => string): number {
    const ids = (this.#fixed[(source << 3) | dim] ??= new Uint32Array(size));
    return (ids[index] ||= valueId(source, dim, this.#dictionary.numberOf(source, dim, textOf(index))));
  }

  /**
   * The fingerprint that a path shares with all that differ from it in numbers which are whole segments: core/count/route.ts makes one
   * route of them. False, and the fingerprint untouched, when it has no such numbers.
   */
  #fold(bytes: Uint8Array, start: number, end: number, source: number): boolean {
    let a = ~(this.#seed ^ Math.imul(source, 0x27d4eb2f)),
      b = this.#seed;
    let numbers = false;
    for (let i = start; i < end;) {
      let c = bytes[i++];
      if (c === QUESTION) break;
      if (c === SLASH) {
        let stop = i;
        while (stop < end && bytes[stop] >= 48 && bytes[stop] <= 57) stop++;
        if (stop > i && (stop === end || bytes[stop] === SLASH || bytes[stop] === QUESTION)) {
          c = NUMBER;
          i = stop;
          numbers = true;
        }
      }
      a = Math.imul(a ^ c, 0x01000193);
      a ^= a >>> 15;
      b = Math.imul((b << 5) | (b >>> 27), 0xc2b2ae35) ^ c;
    }
    if (!numbers) return false;
    b = Math.imul(b ^ (b >>> 16), 0x297a2d39);
    this.#h1 = a ^ (a >>> 16);
    this.#h2 = b ^ (b >>> 13);
    return true;
  }

  /** Two 32-bit hashes of the bytes, up to a "?" for a path, in one pass, into #h1 and #h2. */
  #fingerprint(bytes: Uint8Array, start: number, end: number, source: number, path: boolean): void {
    let a = this.#seed ^ Math.imul(source, 0x27d4eb2f),
      b = ~this.#seed;
    let i = start;
    for (const last = end - 3; i < last; i += 4) {
      const w = bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24);
      if (path) {
        const q = w ^ 0x3f3f3f3f;
        if (((q - 0x01010101) & ~q & 0x80808080) !== 0) break;
      }
      a = Math.imul(a ^ w, 0x9e3779b1);
      a ^= a >>> 15;
      b = Math.imul((b << 13) | (b >>> 19), 0x85ebca6b) ^ w;
    }
    for (; i < end; i++) {
      const c = bytes[i];
      if (path && c === QUESTION) break;
      a = Math.imul(a ^ c, 0x01000193);
      b = Math.imul((b << 5) | (b >>> 27), 0xc2b2ae35) ^ c;
    }
    a = Math.imul(a ^ (i - start), 0x2c1b3c6d);
    b = Math.imul(b ^ (b >>> 16), 0x297a2d39);
    this.#h1 = a ^ (a >>> 16);
    this.#h2 = b ^ (b >>> 13);
  }
}

/** The text a value is filed under; '' for what names nothing and goes to `other`. */
type TextOf = (text: string) => string;

const decoder = new TextDecoder();
const latin = (bytes: Uint8Array, start: number, end: number): string => decoder.decode(bytes.subarray(start, end));
const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
const plainText: TextOf = printable;
/** RFC 9110 tokens; the rest is another protocol knocking. */
const methodText: TextOf = (text) => (/^[A-Za-z][A-Za-z_-]{0,19}$/.test(text) ? text : '');
const hostText: TextOf = (text) => printable(text).toLowerCase();
/** nginx lists every upstream tried ("a, b" and " : " between groups); the client saw the last. */
function upstreamText(text: string): string {
  const word = text.split(/[\s,]/).findLast((word) => /[^:]/.test(word));
  return printable(word ?? text);
}
