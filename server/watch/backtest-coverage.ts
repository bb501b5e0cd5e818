// What a backtest rests on, and what it could not see: said beside its answer.
import type { RuleSpec, Severity } from '#shared/api.ts';
import { long } from '../core/words.ts';
import type { StoredBucket } from './stored-counts.ts';

const DAY_MS = 86_400_000;

/** ms */
interface Asked {
  from: number;
  to: number;
}

export class BacktestCoverage {
  /** Where it began, ms, where that is not what was asked: single values are held by the minute for so long only. */
  from: number | undefined;
  /** The first bucket that held something, s. */
  first = Infinity;
  /** By width (s): up to when (s) such buckets were all there was. */
  readonly until = new Map<number, number>();

  begins(from: number): void {
    this.from = Math.min(this.from ?? Infinity, from);
  }

  saw({ start, width, counts }: StoredBucket): void {
    if (counts.length === 0) return;
    this.first = Math.min(this.first, start);
    this.until.set(width, Math.max(this.until.get(width) ?? 0, start + width));
  }
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);
const day = (s: number): string => `${new Date(s * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** "would have paged 4 times in 30 days", or in as much of them as there are counts of. */
export function says(
  incidents: readonly { severity: Severity }[],
  tried: BacktestCoverage,
  { from, to }: Asked,
): string {
  if (tried.first === Infinity) return 'cannot be said: there are no counts to try it on';
  const pages = incidents.filter(({ severity }) => severity === 'page').length,
    warns = incidents.length - pages;
  const did = [...(pages > 0 ? [`paged ${times(pages)}`] : []), ...(warns > 0 ? [`warned ${times(warns)}`] : [])].join(
    ' and ',
  );
  const days = Math.round((to - from) / DAY_MS),
    held = to - Math.max(tried.from ?? from, tried.first * 1000);
  const over =
    held < 0.9 * (to - from) ? `the ${long(held)} that there are counts of` : `${days} ${days === 1 ? 'day' : 'days'}`;
  return `would ${did === '' ? 'not have fired' : `have ${did}`} in ${over}`;
}

/** What the stored counts cannot tell, a sentence each. */
export function limits(spec: RuleSpec | null, { from, until }: BacktestCoverage, asked: Asked): string[] {
  const where = spec?.kind === 'threshold' ? spec.where : null;
  const found: string[] = [];
  if (where !== null && from !== undefined && from > asked.from)
    found.push(
      `Counts of single ${where.dimension}s are kept by the minute since ${day(from / 1000)}: before that it was not tried.`,
    );
  const minutes = until.get(60),
    hours = until.get(3600);
  if (where !== null)
    found.push(
      `Single ${where.dimension}s are counted by the minute: what is shorter is averaged out, and it may have fired up to a minute earlier.`,
    );
  else if (minutes !== undefined)
    found.push(`Before ${day(minutes)} there are only counts by the minute: what was shorter is averaged out.`);
  if (hours !== undefined)
    found.push(`Before ${day(hours)} there are only counts by the hour: what was shorter than that was not seen.`);
  return found;
}
