// Times as logs write them, read from bytes into ms since the epoch. A time without a zone is taken as UTC: a log line has no
// way to say otherwise, and proxies in containers run in UTC.
import { daysOf, isDate, isOffset, isTimeOfDay, monthOf, two } from './calendar.ts';
import { isDigit } from './scanner.ts';
import { ASCII } from './ascii.ts';

const { BRACKET_END, COLON, COMMA, DASH, DOT, PLUS, SLASH, SPACE, TAB, UNDERSCORE } = ASCII;

/** Length of `10/Oct/2000:13:55:36 -0700`. */
const CLF_BYTES = 26;
/** Length of `10/Oct/2000:13:55:36`. */
const CLF_TIME_BYTES = 20;
/** Length of `2015-02-03T04:05:06+00:00`, and without its zone. */
const ISO_BYTES = 25,
  ISO_TIME_BYTES = 19;
/** Where the words begin that cover them. */
const CLF_WORDS = [0, 8, 12],
  ISO_WORDS = [0, 8, 11];

/** Reads times; `end` is where the last one ended. */
export class TimeReader {
  end = 0;
  /** Zone of a text without one, in minutes east of UTC. */
  defaultZone = 0;
  // Most lines carry the time of the line before: its bytes are kept as doubles, the widest words that compare without allocating.
  // Words that overlap cover what is no multiple of eight; text that was read as a time is neither NaN nor zero.
  readonly #clf = new Float64Array(4).fill(NaN);
  #clfMs = NaN;
  #clfBaseMs = NaN;
  readonly #iso = new Float64Array(4).fill(NaN);
  #isoMs = NaN;
  #isoBaseMs = NaN;
  #bytes: Uint8Array | undefined;
  #view: DataView = new DataView(new ArrayBuffer(0));
  #days = 0;
  #dayKey = -1;

  /** `10/Oct/2000:13:55:36 -0700`, also with a fraction, with a space for the first colon, or without zone. NaN when it is none. */
  clf(b: Uint8Array, at: number, limit: number): number {
    if (at + CLF_TIME_BYTES > limit) return NaN;
    const view = b === this.#bytes ? this.#view : this.#see(b),
      memo = this.#clf;
    if (
      view.getFloat64(at + 12, true) === memo[2] &&
      view.getFloat64(at + 8, true) === memo[1] &&
      view.getFloat64(at, true) === memo[0]
    ) {
      if (at + CLF_BYTES >= limit || view.getFloat64(at + 18, true) !== memo[3] || isDigit(b[at + CLF_BYTES]))
        return this.#rest(b, at + CLF_TIME_BYTES, limit, this.#clfBaseMs);
      this.end = at + CLF_BYTES;
      return this.#clfMs;
    }
    return this.#readClf(b, at, limit, view);
  }

  #readClf(b: Uint8Array, at: number, limit: number, view: DataView): number {
    const memo = this.#clf;
    const day = two(b, at),
      year = two(b, at + 7) * 100 + two(b, at + 9);
    if (b[at + 2] !== SLASH || b[at + 6] !== SLASH || (b[at + 11] !== COLON && b[at + 11] !== SPACE)) return NaN;
    const base = this.#wholeSeconds(b, at + 12, year, monthOf(b, at + 3), day);
    if (base !== base) return NaN;
    const ms = this.#rest(b, at + CLF_TIME_BYTES, limit, base);
    for (let i = 0; i < 3; i++) memo[i] = view.getFloat64(at + CLF_WORDS[i], true);
    memo[3] = this.end === at + CLF_BYTES ? view.getFloat64(at + 18, true) : NaN;
    this.#clfBaseMs = base;
    this.#clfMs = ms;
    return ms;
  }

  /** `2015-02-03T04:05:06.789Z`, with a space or a tab for the T, slashes for the dashes, any fraction, any zone or none. */
  iso(b: Uint8Array, at: number, limit: number): number {
    if (at + ISO_TIME_BYTES > limit) return NaN;
    const view = b === this.#bytes ? this.#view : this.#see(b),
      memo = this.#iso;
    if (
      view.getFloat64(at + 11, true) === memo[2] &&
      view.getFloat64(at + 8, true) === memo[1] &&
      view.getFloat64(at, true) === memo[0]
    ) {
      if (at + ISO_BYTES > limit || view.getFloat64(at + 17, true) !== memo[3])
        return this.#rest(b, at + ISO_TIME_BYTES, limit, this.#isoBaseMs);
      this.end = at + ISO_BYTES;
      return this.#isoMs;
    }
    return this.#readIso(b, at, limit, view);
  }

  #readIso(b: Uint8Array, at: number, limit: number, view: DataView): number {
    const memo = this.#iso;
    const mark = b[at + 4],
      t = b[at + 10];
    if (
      (mark !== DASH && mark !== SLASH) ||
      b[at + 7] !== mark ||
      (t !== 0x54 && t !== SPACE && t !== 0x74 && t !== UNDERSCORE && t !== TAB)
    )
      return NaN;
    const base = this.#wholeSeconds(b, at + 11, two(b, at) * 100 + two(b, at + 2), two(b, at + 5), two(b, at + 8));
    if (base !== base) return NaN;
    for (let i = 0; i < 3; i++) memo[i] = view.getFloat64(at + ISO_WORDS[i], true);
    this.#isoBaseMs = base;
    const ms = this.#rest(b, at + ISO_TIME_BYTES, limit, base);
    // a zone of +00:00 ends it, whatever follows; a fraction of any length or -0700 does not
    memo[3] = this.end === at + ISO_BYTES && b[at + 22] === COLON ? view.getFloat64(at + 17, true) : NaN;
    return (this.#isoMs = ms);
  }

  #see(b: Uint8Array): DataView {
    this.#bytes = b;
    return (this.#view = new DataView(b.buffer, b.byteOffset, b.byteLength));
  }

  /** Seconds, ms, µs or ns since the epoch, told apart by size, with or without a fraction. */
  epoch(b: Uint8Array, at: number, limit: number): number {
    let i = at,
      n = 0,
      scale = 1;
    for (; i < limit && isDigit(b[i]); i++) n = n * 10 + b[i] - 48;
    const whole = i - at;
    if (whole < 9 || whole > 20) return NaN;
    if (i + 1 < limit && (b[i] === DOT || b[i] === COMMA) && isDigit(b[i + 1])) {
      for (i++; i < limit && isDigit(b[i]); i++) {
        if (scale < 1e6) {
          n = n * 10 + b[i] - 48;
          scale *= 10;
        }
      }
    }
    this.end = i;
    return epochMs(n / scale);
  }

  /** C's ctime, `Tue Dec  2 10:18:25.123 2014`. */
  ctime(b: Uint8Array, at: number, limit: number): number {
    if (at + 24 > limit || b[at + 3] !== SPACE || b[at + 7] !== SPACE) return NaN;
    const day = b[at + 8] !== SPACE ? two(b, at + 8) : isDigit(b[at + 9]) ? b[at + 9] - 48 : -1;
    let year = at + 19; // behind the time and its fraction
    while (year < limit && b[year] !== SPACE) year++;
    const base =
      year + 5 > limit
        ? NaN
        : this.#wholeSeconds(b, at + 11, two(b, year + 1) * 100 + two(b, year + 3), monthOf(b, at + 4), day);
    const ms = this.#rest(b, at + 19, year, base);
    this.end = year + 5;
    return ms;
  }

  /** Any of the above, told apart by its shape. */
  any(b: Uint8Array, at: number, limit: number): number {
    if (b[at + 2] === SLASH) return this.clf(b, at, limit);
    if (b[at + 4] === DASH || b[at + 4] === SLASH) return this.iso(b, at, limit);
    return isDigit(b[at]) ? this.epoch(b, at, limit) : this.ctime(b, at, limit);
  }

  /** The ms of `13:55:36` at `at` on a date, in UTC; NaN when there is no such time. */
  #wholeSeconds(b: Uint8Array, at: number, year: number, month: number, day: number): number {
    const hour = two(b, at),
      minute = two(b, at + 3),
      second = two(b, at + 6);
    if (b[at + 2] !== COLON || b[at + 5] !== COLON || !isTimeOfDay(hour, minute, second)) return NaN;
    if (month < 1 || month > 12 || day < 1 || day > 31) return NaN; // the key would be another day's
    const key = (year * 13 + month) * 32 + day;
    if (key !== this.#dayKey) {
      if (!isDate(year, month, day)) return NaN;
      this.#dayKey = key;
      this.#days = daysOf(year, month, day);
    }
    return this.#days * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000;
  }

  /** Adds the fraction at `i` and takes the zone off. */
  #rest(b: Uint8Array, i: number, limit: number, ms: number): number {
    if (
      i + 4 < limit &&
      b[i] === DOT &&
      b[i + 4] === BRACKET_END &&
      isDigit(b[i + 1]) &&
      isDigit(b[i + 2]) &&
      isDigit(b[i + 3])
    ) {
      // .123]
      this.end = i + 4;
      return ms + b[i + 1] * 100 + b[i + 2] * 10 + b[i + 3] - 111 * 48 - this.defaultZone * 60_000;
    }
    if (i + 1 < limit && (b[i] === DOT || b[i] === COMMA) && isDigit(b[i + 1])) {
      let unit = 100;
      for (i++; i < limit && isDigit(b[i]); i++, unit = unit === 100 ? 10 : unit === 10 ? 1 : 0)
        ms += (b[i] - 48) * unit;
    }
    return ms - this.zone(b, i, limit) * 60_000;
  }

  /** Minutes east of UTC of the zone at `at`, if there is one; NaN when it is written like one that no place has. Sets `end`. */
  zone(b: Uint8Array, at: number, limit: number): number {
    let i = at < limit && b[at] === SPACE ? at + 1 : at;
    if (i < limit && (b[i] === 0x5a || b[i] === 0x7a)) {
      this.end = i + 1;
      return 0;
    }
    if (i + 2 < limit && (b[i] === PLUS || b[i] === DASH)) {
      const hours = two(b, i + 1),
        sign = b[i] === DASH ? -1 : 1;
      if (hours >= 0) {
        i += 3;
        const colon = i < limit && b[i] === COLON ? 1 : 0;
        const minutes = i + colon + 1 < limit ? two(b, i + colon) : -1;
        if (minutes >= 0) {
          this.end = i + colon + 2;
          return isOffset(hours, minutes) ? sign * (hours * 60 + minutes) : NaN;
        }
        if (isOffset(hours, 0) && !isDigit(b[i])) {
          this.end = i;
          return sign * hours * 60;
        }
      }
    }
    this.end = at;
    return this.defaultZone;
  }
}

/** An epoch number of any unit, told by its size, in whole ms: seconds until the year 5138, then ms, µs, ns. */
export function epochMs(n: number): number {
  if (n < 1e11) return Math.floor(Math.round(n * 1e6) / 1e3);
  return Math.floor(n < 1e14 ? n : n < 1e17 ? n / 1e3 : n / 1e6);
}
