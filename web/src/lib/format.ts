// Numbers and times as text. Pure: the zone is an argument, so that one switch changes every time on the dashboard.
import { percent } from '#shared/numbers.ts';
export { count, exactPercent, percent } from '#shared/numbers.ts';

const plain = new Intl.NumberFormat('en-US');
const short = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
/** A narrow space that does not break, between a number and its unit. */
const THIN = '\u202f';

/** On an axis: 500, 5K, 12.5K. */
export const axisNumber = (n: number): string => (n < 1000 ? plain.format(n) : short.format(n));
export const compact = (n: number): string => (n < 10_000 ? plain.format(Math.round(n * 10) / 10) : short.format(n));

/** A sentence from the server in which numbers stay with their units when the line breaks, and percentages have no space. */
export const tight = (text: string): string =>
  text.replace(/(\d) %/g, '$1%').replace(/(\d) (?=(?:ms|s|min|h|d)(?!\w))/g, `$1${THIN}`);

/** A rate per second. */
export const rate = (r: number): string =>
  `${r === 0 ? '0' : r < 0.1 ? '<0.1' : r < 10 ? r.toFixed(1) : compact(Math.round(r))}/s`;

const UNITS: [string, number][] = [
  ['y', 365 * 86_400_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** The largest unit, and the next one while the first is small: 45 s, 6 min, 2 h 5 min, 3 d 4 h. */
export function duration(ms: number): string {
  if (ms < 1000) return ms < 0 ? `0${THIN}s` : ms >= 1 ? `${Math.round(ms)}${THIN}ms` : `0${THIN}s`;
  const at = UNITS.findIndex(([, size]) => ms >= size);
  const [unit, size] = UNITS[at];
  const n = Math.floor(ms / size);
  const next = UNITS[at + 1];
  const rest = next && n < 10 && unit !== 'min' ? Math.floor((ms % size) / next[1]) : 0;
  return `${n}${THIN}${unit}${rest ? ` ${rest}${THIN}${next[0]}` : ''}`;
}

const cache = new Map<string, Intl.DateTimeFormat>();
function formatter(kind: 'clock' | 'minute' | 'day' | 'full', utc: boolean): Intl.DateTimeFormat {
  const key = `${kind}${utc}`;
  let made = cache.get(key);
  if (!made) {
    const parts: Record<typeof kind, Intl.DateTimeFormatOptions> = {
      clock: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
      minute: { hour: '2-digit', minute: '2-digit' },
      day: { day: 'numeric', month: 'short' },
      full: {
        year: 'numeric',
        month: 'short',
        day: 'numeric',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        timeZoneName: 'short',
      },
    };
    made = new Intl.DateTimeFormat('en-GB', { ...parts[kind], hourCycle: 'h23', ...(utc ? { timeZone: 'UTC' } : {}) });
    cache.set(key, made);
  }
  return made;
}

export const clockTime = (ms: number, utc: boolean): string => formatter('clock', utc).format(ms);
export const minuteTime = (ms: number, utc: boolean): string => formatter('minute', utc).format(ms);
export const dayText = (ms: number, utc: boolean): string => formatter('day', utc).format(ms);
/** With date and zone: what a title says. */
export const fullTime = (ms: number, utc: boolean): string => formatter('full', utc).format(ms);

/** Time alone when it is of today, else with its day (and year, when another). */
export function timestampText(ms: number, now: number, utc: boolean): string {
  const day = (t: number) => (utc ? new Date(t).toISOString().slice(0, 10) : new Date(t).toDateString());
  if (day(ms) === day(now)) return clockTime(ms, utc);
  const year = new Date(ms).getUTCFullYear();
  return `${dayText(ms, utc)}${year === new Date(now).getUTCFullYear() ? '' : ` ${year}`}, ${minuteTime(ms, utc)}`;
}

/** Change against a count before: +12, −4, ±0; in percent once there is enough to divide by. */
export function change(now: number, before: number): string {
  const d = now - before;
  if (d === 0) return '±0';
  const sign = d > 0 ? '+' : '−';
  if (before >= 100 && now / before < 10) {
    const [, bound, size] = /^([<>]?)(.*)/.exec(percent(Math.abs(d / before)))!;
    return `${bound}${sign}${size}`;
  }
  return `${sign}${compact(Math.abs(d))}`;
}
