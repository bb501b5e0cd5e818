// The resolutions that counts are kept at, finest first.
import type { Retention } from '../store.ts';

export interface Tier {
  readonly table: string;
  /** Width of a bucket. */
  readonly seconds: number;
  readonly keep: keyof Retention;
}

export const COUNT_TIERS = [
  { table: 'counts_10s', seconds: 10, keep: 'counts10s' },
  { table: 'counts_1m', seconds: 60, keep: 'counts1m' },
  { table: 'counts_1h', seconds: 3600, keep: 'counts1h' },
] as const satisfies readonly Tier[];

export const VALUE_TIERS = [
  { table: 'values_1m', seconds: 60, keep: 'values1m' },
  { table: 'values_1h', seconds: 3600, keep: 'values1h' },
] as const satisfies readonly Tier[];

/** What fails, by all that is known of it together. */
export const FAILURE_TIERS = [
  { table: 'failures_10s', seconds: 10, keep: 'failures10s' },
  { table: 'failures_1m', seconds: 60, keep: 'failures1m' },
] as const satisfies readonly Tier[];

export const DURATION_TIER = { table: 'durations_1m', seconds: 60, keep: 'durations1m' } as const satisfies Tier;
