// What would have paged: the live engine over stored counts, for a rule before it is saved, for the detector itself, and for data
// that came late.
import type { Backtest, Incident as Told, RuleSpec } from '#shared/api.ts';
import { Engine } from '../core/engine.ts';
import type { Incident } from '../core/incident.ts';
import type { CountStore, SourceStore } from '../store/store.ts';

const DAY_MS = 86_400_000;
/** Counts of 10 s are kept for two days; before that, minutes. */
const FINE_MS = 2 * DAY_MS;
const CHUNK_MS = DAY_MS;
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

/** Incidents of one source; time passes between chunks, so that the server goes on serving. */
async function backtestSource({ store, now }: BacktestDeps, source: string, { spec, from, to }: Wanted): Promise<Incident[]> {
  const found = new Set<Incident>();
  const fineFrom = Math.max(from, now() - FINE_MS);
  let engine: Engine | undefined;
  for (const [start, end, step] of [[from, Math.min(to, fineFrom), 60], [fineFrom, to, 10]] as const) {
    for (let at = start; at < end; at += CHUNK_MS) {
      const { from: first, series } = await store.counts.series({ from: at, to: Math.min(end, at + CHUNK_MS), step: step * 1000, by: 'code', source });
      if (series.length === 0) {
        engine?.tick(Math.min(end, at + CHUNK_MS) / 1000);
        continue;
      }
      if (!engine) {
        engine = new Engine({ resolution: step, rulesOnly: spec !== null, onTransition: (incident, { to: state }) => { if (state !== 'pending') found.add(incident); } });
        if (spec) engine.setRules([{ id: 0, spec }], at / 1000);
      }
      play(engine, source, first / 1000, step, series);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  engine?.tick(to / 1000);
  return [...found];
}

function play(engine: Engine, source: string, from: number, step: number, series: readonly { key: string; counts: readonly number[] }[]): void {
  const codes = series.map(({ key, counts }) => ({ code: Number(key), counts }));
  for (let i = 0; i < codes[0].counts.length; i++) {
    const second = from + (i + 1) * step - 1;
    for (const { code, counts } of codes) {
      if (!(counts[i] > 0)) continue;
      const watched = engine.source(source, second);
      watched.state.resolution = step;
      engine.count(watched, second, code, counts[i]);
    }
    engine.tick(second + 1);
  }
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

const counted = (n: number, noun: string): string => `${n === 0 ? 'never' : n === 1 ? 'once' : `${n} times`}${noun}`;

/** POST /api/rules/backtest, GET /api/replay. */
export async function backtestAnswer(deps: BacktestDeps, spec: RuleSpec | null, days: number): Promise<Backtest> {
  const to = deps.now(), from = to - days * DAY_MS;
  const incidents = await backtest(deps, { spec, from, to });
  const pages = incidents.filter(({ severity }) => severity === 'page').length;
  const warns = incidents.length - pages;
  const says = `would have paged ${counted(pages, '')}${warns > 0 ? ` and warned ${counted(warns, '')}` : ''} in ${days} ${days === 1 ? 'day' : 'days'}`;
  return { from, to, says, incidents: incidents.map(({ says: _, ...incident }) => incident) };
}

/** Pages that late data would have caused, other than those that were told at the time. */
export async function latePages(deps: BacktestDeps, source: string, late: { from: number; to: number }, known: readonly Told[]): Promise<Replayed[]> {
  const from = late.from * 1000, to = late.to * 1000 + 60_000;
  const pages = await backtest(deps, { spec: null, source, from: from - DAY_MS, to });
  return pages.filter((page) => page.severity === 'page' && page.openedAt >= from && page.openedAt <= to
    && !known.some((told) => told.openedAt <= page.openedAt + 300_000 && (told.resolvedAt ?? Infinity) >= page.openedAt));
}
