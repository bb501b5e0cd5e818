// Times as people, scripts and senders write them.

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
/** A plain number below this is seconds: as ms it would be a time before 1973, as seconds one up to 5138. */
const SECONDS_BELOW = 1e11;

/** ms since the epoch from `1700000000`, `1700000000000`, ISO 8601, `now` or `now-15m`; undefined when it is none of these. */
export function parseTime(text: string, now: number): number | undefined {
  const given = text.trim();
  if (/^\d+(\.\d+)?$/.test(given)) {
    const n = Number(given);
    return Math.round(n < SECONDS_BELOW ? n * 1000 : n);
  }
  const relative = /^now(?:\s*([+-])\s*(\d+)\s*(ms|s|m|h|d|w))?$/.exec(given);
  if (relative)
    return now + (relative[1] === '-' ? -1 : 1) * Number(relative[2] ?? 0) * (UNIT_MS[relative[3] ?? ''] ?? 0);
  const ms = parseIso(given);
  return Number.isNaN(ms) ? undefined : ms;
}

/** ms since the epoch from ISO 8601; NaN when it is no time. (Date.parse makes 2 March of 30 February.) */
export function parseIso(text: string): number {
  const [, year, month, day = '1'] = /^(\d{4})-(\d\d)(?:-(\d\d))?(?:[T ]|$)/.exec(text) ?? [];
  if (year === undefined || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return NaN;
  return Date.parse(text);
}
