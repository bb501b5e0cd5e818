// The calendar and the clock: what is a date, a time of day, a zone's offset, and what is none (30 February, 25:00, +9999).

/** Days from 1970-01-01 to a date of the Gregorian calendar (Hinnant's algorithm), in integer arithmetic. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = (((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) | 0) + day - 1;
  return era * 146097 + yearOfEra * 365 + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0) + dayOfYear - 719468;
}

/** Two digits; far below zero when they are none, whatever is multiplied or added. */
export function two(b: Uint8Array, at: number): number {
  const x = b[at] - 48,
    y = b[at + 1] - 48;
  return x >= 0 && x <= 9 && y >= 0 && y <= 9 ? x * 10 + y : NO_DIGITS;
}

const NO_DIGITS = -1_000_000;

/** 1–12 from the three letters of an English month, any case; 0 when they are none. */
export function monthOf(b: Uint8Array, at: number): number {
  const c1 = b[at + 1] | 32,
    c2 = b[at + 2] | 32;
  switch (b[at] | 32) {
    case 0x6a:
      return c1 === 0x61 && c2 === 0x6e ? 1 : c1 === 0x75 ? (c2 === 0x6e ? 6 : c2 === 0x6c ? 7 : 0) : 0; // jan jun jul
    case 0x66:
      return c1 === 0x65 && c2 === 0x62 ? 2 : 0; // feb
    case 0x6d:
      return c1 === 0x61 ? (c2 === 0x72 ? 3 : c2 === 0x79 ? 5 : 0) : 0; // mar may
    case 0x61:
      return c1 === 0x70 && c2 === 0x72 ? 4 : c1 === 0x75 && c2 === 0x67 ? 8 : 0; // apr aug
    case 0x73:
      return c1 === 0x65 && c2 === 0x70 ? 9 : 0; // sep
    case 0x6f:
      return c1 === 0x63 && c2 === 0x74 ? 10 : 0; // oct
    case 0x6e:
      return c1 === 0x6f && c2 === 0x76 ? 11 : 0; // nov
    case 0x64:
      return c1 === 0x65 && c2 === 0x63 ? 12 : 0; // dec
    default:
      return 0;
  }
}

const isLeap = (year: number): boolean => (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
export const daysIn = (year: number): number => (isLeap(year) ? 366 : 365);

/** A day of the calendar. */
export function isDate(year: number, month: number, day: number): boolean {
  if (!(year >= 0 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31)) return false;
  if (month === 2) return day <= (isLeap(year) ? 29 : 28);
  return day < 31 || (month !== 4 && month !== 6 && month !== 9 && month !== 11);
}

/** A leap second is one; 24:00:00 is the end of the day (ISO 8601), later is none. */
export const isTimeOfDay = (hour: number, minute: number, second: number): boolean =>
  hour >= 0 &&
  minute >= 0 &&
  minute <= 59 &&
  second >= 0 &&
  second <= 60 &&
  (hour <= 23 || (hour === 24 && minute === 0 && second === 0));

/** No zone is further from Greenwich than this, in hours. */
const OFFSET_HOURS_MAX = 18;
export const isOffset = (hours: number, minutes: number): boolean =>
  hours >= 0 && minutes >= 0 && minutes <= 59 && hours * 60 + minutes <= OFFSET_HOURS_MAX * 60;

/** ms since the epoch of a date and a time of day in UTC; NaN when there is no such date or time. */
export function msOf(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  if (!isDate(year, month, day) || !isTimeOfDay(hour, minute, second)) return NaN;
  return daysOf(year, month, day) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000;
}
