// What would have paged: the live engine over stored counts, for a rule before it is saved, for the detector itself, and for data
// that came late.
import type { Backtest, RuleSpec } from '#shared/api.ts';
import { Engine } from '../core/detect/engine.ts';
import type { Incident } from '../core/detect/incident.ts';
import type { SourceState } from '../core/detect/source-state.ts';
import type { CountStore, OneValue, SourceStore } from '../store/store.ts';
import { limits, says, BacktestCoverage } from './backtest-coverage.ts';
import { spread, storedCounts, type StoredBucket } from './stored-counts.ts';

const DAY_MS = 86_400_000;
/** Counts of 10 s are kept for two days; before that, minutes. */
const FINE_MS = 2 * DAY_MS;
const INCIDENTS_MAX = 500;
const HOUR = 3600;

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
async function backtestSource(
  deps: BacktestDeps,
  source: string,
  { spec, from, to }: Wanted,
  tried: BacktestCoverage,
): Promise<Incident[]> {
  const found = new Set<Incident>();
  const engine = new Engine({
    rulesOnly: spec !== null,
    onTransition: (incident, { to: state }) => {
      if (state !== 'pending') found.add(incident);
    },
  });
  if (spec) engine.setRules([{ id: 0, spec }], from / 1000);
  const { counts } = deps.store;
  if (spec?.kind === 'threshold' && spec.where !== null) {
    await playValue(
      counts,
      engine,
      source,
      { from: await minutesFrom(counts, source, { from, to }, spec), to },
      spec.where,
      tried,
    );
  } else {
    const fineFrom = Math.min(to, Math.max(from, deps.now() - FINE_MS));
    for (const part of [
      { from, to: fineFrom, step: 60 },
      { from: fineFrom, to, step: 10 },
    ]) {
      for await (const bucket of storedCounts(counts, source, part)) {
        tried.saw(bucket);
        // the detector knows what a wide bucket can prove; a rule takes its hits to have come evenly
        for (const each of spec ? spread(bucket, to / 1000) : [bucket]) playBucket(engine, source, each);
      }
    }
  }
  return [...found];
}

/** From when on single values can be tried: hours say nothing about what is looked at over less. */
async function minutesFrom(
  counts: CountStore,
  source: string,
  { from, to }: { from: number; to: number },
  { window, where }: RuleSpec & { kind: 'threshold' },
): Promise<number> {
  if (window >= HOUR) return from;
  const { oldest } = await counts.series({ from: to - 60_000, to, step: 60_000, by: 'code', source, where: where! });
  return Math.max(from, oldest ?? from);
}

/** The source's counts, which say when it spoke, and those of the one value beside them. */
async function playValue(
  counts: CountStore,
  engine: Engine,
  source: string,
  range: { from: number; to: number },
  where: OneValue,
  tried: BacktestCoverage,
): Promise<void> {
  const until = range.to / 1000;
  const values = parts(storedCounts(counts, source, { ...range, step: 60, where }), until, tried);
  let value = (await values.next()).value;
  tried.begins(range.from);
  for await (const part of parts(storedCounts(counts, source, { ...range, step: 60 }), until)) {
    const end = part.start + part.width;
    for (; value && value.start + value.width <= end; value = (await values.next()).value) {
      for (const [code, count] of value.counts)
        engine.countValue(
          engine.source(source, value.start),
          where.dimension,
          where.value,
          value.start + value.width - 1,
          code,
          count,
        );
    }
    playBucket(engine, source, part);
  }
}

async function* parts(
  buckets: AsyncIterable<StoredBucket>,
  until: number,
  tried?: BacktestCoverage,
): AsyncGenerator<StoredBucket, undefined> {
  for await (const bucket of buckets) {
    tried?.saw(bucket);
    yield* spread(bucket, until);
  }
}

/** A bucket is known when it has ended; `look` sees the source just before that moment is judged. */
export function playBucket(
  engine: Engine,
  source: string,
  { start, width, counts }: StoredBucket,
  look?: (state: SourceState) => void,
): void {
  if (counts.length > 0) {
    const watched = engine.source(source, start);
    watched.state.resolution = width;
    for (const [code, count] of counts) engine.count(watched, start + width - 1, code, count);
  }
  const state = engine.sources.get(source)?.state;
  if (state) look?.(state);
  engine.tick(start + width);
}

type Replayed = Backtest['incidents'][number];

/** What would have been told in [from, to), oldest first. */
export async function backtest(
  deps: BacktestDeps,
  wanted: Wanted,
  tried = new BacktestCoverage(),
): Promise<Replayed[]> {
  const sources = (await deps.store.sources.list())
    .map(({ name }) => name)
    .filter((name) => (wanted.source ?? wanted.spec?.source ?? name) === name);
  const all: Incident[] = [];
  for (const source of sources) all.push(...(await backtestSource(deps, source, wanted, tried)));
  return all
    .map((i) => ({
      source: i.source,
      codes: i.codes,
      severity: i.severity,
      openedAt: Math.round((i.severity === 'page' ? i.pagedAt : i.openedAt) * 1000),
      resolvedAt: Number.isFinite(i.resolvedAt) ? Math.round(i.resolvedAt * 1000) : null,
      peakShare: i.peakShare,
      says: i.verdict.says,
    }))
    .sort((a, b) => a.openedAt - b.openedAt)
    .slice(0, INCIDENTS_MAX);
}

/** POST /api/rules/backtest, GET /api/replay. */
export async function backtestAnswer(deps: BacktestDeps, spec: RuleSpec | null, days: number): Promise<Backtest> {
  const to = deps.now(),
    asked = { from: to - days * DAY_MS, to };
  const tried = new BacktestCoverage();
  const incidents = await backtest(deps, { spec, ...asked }, tried);
  return {
    from: tried.from ?? asked.from,
    to,
    says: says(incidents, tried, asked),
    limits: limits(spec, tried, asked),
    incidents,
  };
}
