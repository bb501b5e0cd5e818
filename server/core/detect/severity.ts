// When is it worth waking someone? One rule, in one place: what users lose is the share of requests that fails, and the smaller
// that share, the longer it must have lasted.
import { W10M, W10S, W1H, W1M, W20M, W20S, W2M, W30S, W5M } from './window-counter.ts';

export type Level = 'warn' | 'page';

export interface Threshold {
  readonly window: number;
  /** The failing share must be at least this, and certainly so (Wilson's lower bound). Above `warn` it is shown, above `page` someone is woken. */
  readonly page: number;
  readonly warn: number;
  /** Part of these that is enough for failures between the client and the application: no single client's bad request makes them. */
  readonly gateway: number;
  /** Of the requests now; or of the source's usual traffic when that is more, so that one client's loop at night is no outage. */
  readonly of: 'now' | 'usual';
  /** How it must have lasted: `trim`: also without its worst half minute, so that a deploy's blip is none; `thirds`: in each third of the window. */
  readonly lasted: 'span' | 'halves' | 'trim' | 'thirds';
  /** Not for failures that a restart makes (502, 503), nor for sums that may hold them. */
  readonly restartsExcused?: true;
}

export const THRESHOLDS: readonly Threshold[] = [
  { window: W10S, page: 0.165, warn: NaN, gateway: 1, of: 'now', lasted: 'span' },
  { window: W20S, page: 0.15, warn: NaN, gateway: 1, of: 'now', lasted: 'span' },
  { window: W20S, page: 0.035, warn: NaN, gateway: 0.5, of: 'usual', lasted: 'halves', restartsExcused: true },
  { window: W30S, page: 0.05, warn: NaN, gateway: 0.5, of: 'usual', lasted: 'trim' },
  { window: W1M, page: 0.025, warn: 0.02, gateway: 0.35, of: 'usual', lasted: 'trim' },
  { window: W2M, page: 0.021, warn: 0.01, gateway: 0.35, of: 'usual', lasted: 'trim' },
  { window: W5M, page: 0.0185, warn: 0.008, gateway: 0.35, of: 'usual', lasted: 'trim' },
  { window: W10M, page: 0.02, warn: NaN, gateway: 0.35, of: 'usual', lasted: 'trim' },
  { window: W20M, page: 0.012, warn: 0.006, gateway: 0.35, of: 'now', lasted: 'thirds' },
  { window: W1H, page: 0.006, warn: 0.004, gateway: 0.35, of: 'now', lasted: 'thirds' },
];

/** −log10 of the chance that it is chance. */
export const SCORE_MIN = 6;
/** A source that has been looked at every ten seconds for long has a few failures together once in a million by itself; hardly ever most of a minute's requests, though. */
export const SCORE_MIN_FEW = 7,
  FEW = 24,
  MOST = 0.5;
/** Enough where for five minutes three quarters and at least five of the requests have failed: a tiny site cannot prove more. */
export const SCORE_MIN_NEARLY_ALL = 4,
  NEARLY_ALL = 0.75,
  NEARLY_ALL_MIN = 5;
/** Fewer failures prove nothing, whatever their share; and where less than a fifth fails, a handful is nothing to wake anyone for. */
export const FAILURES_MIN = 3,
  FAILURES_MIN_LOW = 8,
  LOW_SHARE = 0.2;
/** How certain the lower bound of a share is, in standard deviations. */
export const Z = 1.96;
/** The same for the shortest window, which is looked at most often. */
export const Z_SHORT = 2.6;

/** The rule as the interface shows it, a sentence a line. */
export const SEVERITY_RULE: readonly string[] = [
  'It pages when the failing share of requests is certainly above what is usual by a floor, which falls with time (the table has it), and warns from where it has a floor to warn at.',
  `Never for fewer than ${FAILURES_MIN} failures (${FAILURES_MIN_LOW} where under a fifth fails), and only when chance would explain it less than once in a million (ten million for fewer than ${FEW} failures, but in a source's first hour or where most requests of a minute or more fail).`,
  "From 30 seconds to 10 minutes the share is taken of the source's usual traffic when that is more than it has now, so that one client's loop at night is no outage. Where more than eight a second fail, which no single client makes, two fifths of these floors are enough.",
  "Gateway failures (502, 503, 504, 52x) have lower floors from 30 seconds on, since no single client's bad request makes them.",
  'Clients that gave up page at five times the floors; a source that always fails a little, at six tenths more of it at the least; a source in its first hour, at 10%.',
  '401, 403, 404 and 429 only warn, unless the successes vanish with them.',
  'What comes at the same minute of each hour or day and passes pages twice, then it is a habit: it warns while it is no worse and no longer.',
];
