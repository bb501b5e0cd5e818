// Data that came too late to page anyone: what it would have paged for, marked on the timeline.
import type { Backtest, Incident as IncidentView } from '#shared/api.ts';
import type { AnnotationStore, IncidentStore } from '../store/store.ts';
import { backtest, type BacktestDeps } from './backtest.ts';
import type { Feed } from './judging-time.ts';

/** Late data has all come when none has for this long, s. */
const SETTLED = 15;
/** Marks left for one stretch of late data, at most. */
const MARKS_MAX = 20;
const DAY_MS = 86_400_000;

export interface LateDeps extends BacktestDeps {
  store: BacktestDeps['store'] & { incidents: Pick<IncidentStore, 'list'>; annotations: AnnotationStore };
}

/** `now` in s. */
export async function markLate(deps: LateDeps, feed: Feed, now: number): Promise<void> {
  const { late } = feed;
  if (!late || now - late.arrived < SETTLED) return;
  feed.late = undefined;
  const source = feed.watched.state.name;
  const known = await deps.store.incidents.list({ source, from: late.from * 1000, to: late.to * 1000 + 60_000 });
  for (const page of (await latePages(deps, source, late, known)).slice(0, MARKS_MAX)) {
    const text = `would have paged at ${clock(page.openedAt, late.arrived * 1000)}, data arrived ${clock(late.arrived * 1000)}: ${page.says}`;
    await deps.store.annotations.add({ kind: 'incident', text: text.slice(0, 400), at: page.openedAt, source });
  }
}

/** Pages that late data would have caused, other than those that were told at the time. */
async function latePages(
  deps: BacktestDeps,
  source: string,
  late: { from: number; to: number },
  known: readonly IncidentView[],
): Promise<Backtest['incidents']> {
  const from = late.from * 1000,
    to = late.to * 1000 + 60_000;
  const pages = await backtest(deps, { spec: null, source, from: from - DAY_MS, to });
  return pages.filter(
    (page) =>
      page.severity === 'page' &&
      page.openedAt >= from &&
      page.openedAt <= to &&
      !known.some((told) => told.openedAt <= page.openedAt + 300_000 && (told.resolvedAt ?? Infinity) >= page.openedAt),
  );
}

/** With its day, where that is not the day of `beside`. */
function clock(ms: number, beside = ms): string {
  const [day, time] = new Date(ms).toISOString().split('T');
  return `${new Date(beside).toISOString().startsWith(day) ? '' : `${day} `}${time.slice(0, 5)} UTC`;
}
