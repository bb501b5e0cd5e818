// What each detector of server/core/detect/detectors/index.ts is there for, in the notation of support/traffic.ts. The contract test walks
// these; a detector without a scene fails it.

export interface Scene {
  /** The source before: long enough that its usual is known. */
  readonly usual: string;
  /** What this detector finds, and no other one. */
  readonly trouble: string;
  /** Long after it, when nothing of it shows any more; `usual` again where nothing is said. */
  readonly after?: string;
}

/** By the detector's id. */
export const scenes: Readonly<Record<string, Scene>> = {
  'error-share': { usual: '200x100 ×2h', trouble: '200x20 502x80 ×3m' },
  // an hourly job
  'every-request': {
    usual: Array.from({ length: 30 }, () => '200x1 | — ×3590s').join(' | '),
    trouble: Array.from({ length: 12 }, () => '500x1 | — ×3590s').join(' | '),
    after: '200x1 ×20s',
  },
  // an error log shipped alone
  'error-rate': { usual: Array.from({ length: 72 }, () => '500x1 | — ×290s').join(' | '), trouble: '500x40 ×2m' },
  'traffic-vanished': { usual: '200x100 ×26h', trouble: '— ×10m' },
  // all redirected, as by a wrong rule of the proxy
  'success-fell': { usual: '200x95 404x5 ×3h', trouble: '301x95 404x5 ×20s' },
  // a scanner
  'unusual-share': { usual: '200x100 ×2h', trouble: '200x100 401x150 ×5m' },
};

/** Nothing that anyone should be told of. */
export const quiet: readonly string[] = [
  '200x100 ×3h',
  '200x1 ×3h',
  '200x99 500x1 ×12h',
  '200x90 301x5 404x5 ×3h',
  '200x100 ×2h | 200x100 502x1 | 200x100 ×10m',
  '200x100 ×2h | — ×60s | 200x100 ×10m',
  '200x1 ×1h | 500x2 | 200x1 ×10m',
  '— ×1h',
];
