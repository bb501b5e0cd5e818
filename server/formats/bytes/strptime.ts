// Times in a declared format: strftime's `%d/%b/%Y %H:%M:%S`, read into parts that may stand in several places of a line.
import { isDigit } from './scanner.ts';
import { daysIn, isTimeOfDay, monthOf, msOf } from './calendar.ts';
import { epochMs, TimeReader } from './times.ts';
import { ASCII } from './ascii.ts';

const { SPACE } = ASCII;

/** The parts of one line's time. */
export class Moment {
  year = 1970;
  month = 1;
  day = 1;
  /** Counted from the first of January, when the format counts so; else 0. */
  dayOfYear = 0;
  hour = 0;
  minute = 0;
  second = 0;
  ms = 0;
  zone = 0;
  pm = false;
  hour12 = false;
  /** ms since the epoch when the format says it outright. */
  epoch = NaN;
  any = false;

  clear(): void {
    this.year = 1970;
    this.month = this.day = 1;
    this.dayOfYear = this.hour = this.minute = this.second = this.ms = this.zone = 0;
    this.pm = this.hour12 = this.any = false;
    this.epoch = NaN;
  }

  /** ms since the epoch; NaN when no part was read, or the parts are those of no time. */
  get value(): number {
    if (!this.any) return NaN;
    if (!Number.isNaN(this.epoch)) return this.epoch + this.ms;
    if (this.hour12 && (this.hour < 1 || this.hour > 12)) return NaN;
    const { year, dayOfYear, minute, second } = this,
      hour = this.hour12 ? (this.hour % 12) + (this.pm ? 12 : 0) : this.hour;
    return (
      (dayOfYear === 0
        ? msOf(year, this.month, this.day, hour, minute, second)
        : onDayOfYear(year, dayOfYear, hour, minute, second)) -
      this.zone * 60_000 +
      this.ms
    );
  }
}

function onDayOfYear(year: number, day: number, hour: number, minute: number, second: number): number {
  return day <= daysIn(year) && isTimeOfDay(hour, minute, second)
    ? msOf(year, 1, 1, hour, minute, second) + (day - 1) * 86_400_000
    : NaN;
}

const COMPOSED: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  D: '%m/%d/%y',
  F: '%Y-%m-%d',
  R: '%H:%M',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
  v: '%e-%b-%Y',
};
/** Specifiers of digits: the most that each takes. */
const WIDTHS: Readonly<Record<string, number>> = {
  d: 2,
  e: 2,
  m: 2,
  y: 2,
  Y: 4,
  H: 2,
  k: 2,
  I: 2,
  l: 2,
  M: 2,
  S: 2,
  f: 9,
  L: 9,
  N: 9,
  s: 19,
  j: 3,
  Q: 19,
};

/** The format with its short forms written out. */
export const expanded = (format: string): string =>
  format.replace(/%([TDFRrcv])/g, (_, letter: string) => COMPOSED[letter]);

export class Strptime {
  readonly #parts: readonly string[];
  readonly #zone = new TimeReader();
  end = 0;

  constructor(format: string) {
    this.#parts = expanded(format).match(/%[-_0^#]?[a-zA-Z%]|[^%]/g) ?? [];
  }

  /** Reads from `at`; false when the text is not in the format. Sets `end`. */
  read(b: Uint8Array, at: number, limit: number, into: Moment): boolean {
    for (const part of this.#parts) {
      if (part.length === 1 || part === '%%') {
        if (b[at] !== part.charCodeAt(0) || at >= limit) return false;
        at++;
        continue;
      }
      at = this.#part(part[part.length - 1], b, at, limit, into);
      if (at === -1) return false;
    }
    this.end = at;
    into.any = true;
    return true;
  }

  #part(letter: string, b: Uint8Array, at: number, limit: number, into: Moment): number {
    const width = WIDTHS[letter];
    if (width === undefined) return this.#word(letter, b, at, limit, into);
    if (letter === 'e' || letter === 'k' || letter === 'l') while (at < limit && b[at] === SPACE) at++;
    let i = at,
      n = 0;
    for (; i < limit && i < at + width && isDigit(b[i]); i++) n = n * 10 + b[i] - 48;
    if (i === at) return -1;
    switch (letter) {
      case 'd':
      case 'e':
        into.day = n;
        break;
      case 'm':
        into.month = n;
        break;
      case 'y':
        into.year = n < 69 ? 2000 + n : 1900 + n;
        break;
      case 'Y':
        into.year = n;
        break;
      case 'H':
      case 'k':
        into.hour = n;
        break;
      case 'I':
      case 'l':
        into.hour = n;
        into.hour12 = true;
        break;
      case 'M':
        into.minute = n;
        break;
      case 'S':
        into.second = n;
        break;
      case 'j':
        into.dayOfYear = n;
        break;
      case 's':
      case 'Q':
        into.epoch = epochMs(n);
        break;
      default:
        into.ms = Math.floor(n / 10 ** (i - at - 3)); // a fraction of a second
    }
    return i;
  }

  #word(letter: string, b: Uint8Array, at: number, limit: number, into: Moment): number {
    switch (letter) {
      case 'b':
      case 'h':
      case 'B':
        into.month = monthOf(b, at);
        return into.month === 0 ? -1 : letter === 'B' ? letters(b, at, limit) : at + 3;
      case 'a':
        return letters(b, at, limit) > at ? at + 3 : -1;
      case 'A':
        return letters(b, at, limit);
      case 'p':
      case 'P':
        into.pm = (b[at] | 32) === 0x70;
        return at + 2;
      case 'z':
        into.zone = this.#zone.zone(b, at, limit);
        return this.#zone.end > at && into.zone === into.zone ? this.#zone.end : -1;
      case 'Z':
        return letters(b, at, limit);
      case 'n':
      case 't':
        while (at < limit && b[at] <= SPACE) at++;
        return at;
      default:
        return -1;
    }
  }
}

function letters(b: Uint8Array, at: number, limit: number): number {
  while (at < limit && (b[at] | 32) >= 0x61 && (b[at] | 32) <= 0x7a) at++;
  return at;
}
