// What would have paged: the live engine over stored counts, for a rule before it is saved, for the detector itself, and for data
// that came late.
import type { Backtest, Incident as Told, RuleSpec } from '#shared/api.ts';
import { Engine } from '../core/detect/engine.ts';
import type { Incident } from '../core/detect/incident.ts';
import type { SourceState } from '../core/detect/source-state.ts';
import type { CountStore, SourceStore } from '../store/store.ts';
import { storedCounts, type StoredBucket } from './stored-counts.ts';

const DAY_MS = 86_400_000;
/** Counts of 10 s are kept for two days; before that, minutes. */
const FINE_MS = 2 * DAY_MS;
const INCIDENTS_MAX = 500;

export interface BacktestDeps {
  store: { counts: CountStore; sources: SourceStore };
  now(): number;
}

export interface Wanted {
  /** null: the built-in detector. */
  spec: RuleSpec | null;
  from: number;
  to: number;
  /** Only this source. */
  source?: string;
}

/** Incidents of one source. */
async function backtestSource({ store, now }: BacktestDeps, source: string, { spec, from, to }: Wanted): Promise<Incident[]> {
  const found = new Set<Incident>();
  const engine = new Engine({ rulesOnly: spec !== null, onTransition: (incident, { to: state }) => { if (state !== 'pending') found.add(incident); } });
  if (spec) engine.setRules([{ id: 0, spec }], from / 1000);
  const fineFrom = Math.min(to, Math.max(from, now() - FINE_MS));
  for (const part of [{ from, to: fineFrom, step: 60 }, { from: fineFrom, to, step: 10 }]) {
    for await (const bucket of storedCounts(store.counts, source, part)) playBucket(engine, source, bucket);
  }
  return [...found];
}

/** A bucket is known when it has ended; `look` sees the source just before that moment is judged. */
export function playBucket(engine: Engine, source: string, { start, width, counts }: StoredBucket, look?: (state: SourceState) => void): void {
  if (counts.length > 0) {
    const watched = engine.source(source, start);
    watched.state.resolution = width;
    for (const [code, count] of counts) engine.count(watched, start + width - 1, code, count);
  }
  const state = engine.sources.get(source)?.state;
  if (state) look?.(state);
  engine.tick(start + width);
}

export type Replayed = Backtest['incidents'][number] & { says: string };

/** What would have been told in [from, to), oldest first. */
export async function backtest(deps: BacktestDeps, wanted: Wanted): Promise<Replayed[]> {
  const sources = (await deps.store.sources.list()).map(({ name }) => name)
    .filter((name) => (wanted.source ?? wanted.spec?.source ?? name) === name);
  const all: Incident[] = [];
  for (const source of sources) all.push(...await backtestSource(deps, source, wanted));
  return all.map((i) => ({
    source: i.source, codes: i.codes, severity: i.severity, openedAt: Math.round((i.severity === 'page' ? i.pagedAt : i.openedAt) * 1000),
    resolvedAt: Number.isFinite(i.resolvedAt) ? Math.round(i.resolvedAt * 1000) : null, peakShare: i.peakShare, says: i.verdict.says,
  })).sort((a, b) => a.openedAt - b.openedAt).slice(0, INCIDENTS_MAX);
}

const times = (n: number): string => (n === 1 ? 'once' : `${n} times`);

/** POST /api/rules/backtest, GET /api/replay. */
export async function backtestAnswer(deps: BacktestDeps, spec: RuleSpec | null, days: number): Promise<Backtest> {
  const to = deps.now(), from = to - days * DAY_MS;
  if (spec?.kind === 'threshold' && spec.where !== null) {
    const { dimension, value } = spec.where;
    return { from, to, says: `cannot be tried on the past: counts of single values (${dimension} ${value}) are stored too coarsely to be replayed. Saved, it watches from now on`, incidents: [] };
  }
  const incidents = await backtest(deps, { spec, from, to });
  const pages = incidents.filter(({ severity }) => severity === 'page').length;
  const warns = incidents.length - pages;
  const did = [...(pages > 0 ? [`paged ${times(pages)}`] : []), ...(warns > 0 ? [`warned ${times(warns)}`] : [])].join(' and ');
  const says = `would ${did === '' ? 'not have fired' : `have ${did}`} in ${days} ${days === 1 ? 'day' : 'days'}`;
  return { from, to, says, incidents: incidents.map(({ says: _, ...incident }) => incident) };
}

/** Pages that late data would have caused, other than those that were told at the time. */
export async function latePages(deps: BacktestDeps, source: string, late: { from: number; to: number }, known: readonly Told[]): Promise<Replayed[]> {
  const from = late.from * 1000, to = late.to * 1000 + 60_000;
  const pages = await backtest(deps, { spec: null, source, from: from - DAY_MS, to });
  return pages.filter((page) => page.severity === 'page' && page.openedAt >= from && page.openedAt <= to
    && !known.some((told) => told.openedAt <= page.openedAt + 300_000 && (told.resolvedAt ?? Infinity) >= page.openedAt));
}
