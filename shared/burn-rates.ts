// When a service-level objective is burning too fast: the SRE workbook's table, with a floor. Both windows must exceed the rate.
// https://sre.google/workbook/alerting-on-slos/

export interface BurnRate {
  /** How many times faster than a 30-day budget lasts. */
  readonly burn: number;
  /** Windows, s. */
  readonly long: number;
  readonly short: number;
  readonly level: 'page' | 'warn';
}

const DAY = 86_400,
  HOUR = 3600;
export const BURN_RATES: readonly BurnRate[] = [
  { burn: 14.4, long: HOUR, short: 300, level: 'page' },
  { burn: 6, long: 6 * HOUR, short: 1800, level: 'page' },
  { burn: 3, long: DAY, short: 2 * HOUR, level: 'warn' },
  { burn: 1, long: 3 * DAY, short: 6 * HOUR, level: 'warn' },
];
/** Failures in the long window below which a burn rate says nothing: one failure of ten is not a burnt month. */
export const BURN_FAILURES_MIN = 10;
