// Reads sums and series. Every question is answered from the coarsest rows that answer it exactly.
import type { Breakdown, Series, Totals } from '#shared/api.ts';
import { CLASSES, classOf } from '#shared/status.ts';
import { CAUSE, dimensionIndex, HOST, idIn, ROUTE, UPSTREAM } from '../../core/count/value-id.ts';
import {
  BUCKETS_MAX,
  type BreakdownQuery,
  type CodeTrend,
  type CountStore,
  type OneValue,
  type PlaceQuery,
  type Range,
  type SeriesQuery,
  type ValueRow,
} from '../store.ts';
import { Breakdowns } from './breakdowns.ts';
import { planRange } from './range-plan.ts';
import { prepareCounts, type CountStatements } from './count-statements.ts';
import type { Database } from './database.ts';
import type { SqliteDictionary } from './dictionary.ts';
import { findGaps } from './gaps.ts';
import type { SqliteRetentionMarks } from './retention-marks.ts';
import { ALL } from './rollups.ts';
import type { SqliteUptime } from './uptime.ts';
import type { SqliteSources } from './sources.ts';
import { COUNT_TIERS, VALUE_TIERS } from './tiers.ts';

/** Where no step is asked for: what a chart draws. */
const BUCKETS_WANTED = 600;
/** Buckets of all series of an answer; many sources get a longer step. */
const CELLS_MAX = 2_000_000;
/** Past so many rows to read, a series by source takes a coarser tier. */
const ROWS_MAX = 100_000;
const TREND_BUCKETS = 30;
/** Steps that people read easily; seconds. */
const STEPS = [
  10, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
  2_592_000, 31_536_000,
];

export interface CountsDeps {
  db: Database;
  sources: SqliteSources;
  dictionary: SqliteDictionary;
  retentionMarks: SqliteRetentionMarks;
  uptime: SqliteUptime;
  /** Makes what was committed readable. */
  fold(): Promise<void> | undefined;
}

/** Seconds. */
interface Span {
  from: number;
  to: number;
}

export class SqliteCounts implements CountStore {
  readonly #deps: CountsDeps;
  readonly #breakdowns: Breakdowns;
  readonly #read: CountStatements;

  constructor(deps: CountsDeps) {
    const { db } = deps;
    this.#deps = deps;
    this.#breakdowns = new Breakdowns(db, deps.dictionary);
    this.#read = prepareCounts(db);
  }

  async totals(query: Range & { source?: string }): Promise<Omit<Totals, 'sampled'>> {
    const scope = await this.#scope(query.source);
    if (scope === undefined) return { ...noTime(query), totals: [] };
    const span = this.#spanFor(query, scope);
    const covered = this.#plan(span, scope);
    const totals: Totals['totals'] = [];
    for (const id of scope === ALL ? this.#deps.sources.ids() : [scope]) {
      const sums = this.#sum(id, covered.stretches);
      if (query.from === undefined)
        for (const [code, count] of this.#read.expired.all(id)) sums.set(code, (sums.get(code) ?? 0) + count);
      const source = this.#deps.sources.nameOf(id);
      for (const [code, count] of [...sums].sort((a, b) => a[0] - b[0])) totals.push({ source, code, count });
    }
    return { from: covered.from * 1000, to: covered.to * 1000, totals };
  }

  async series(query: SeriesQuery): Promise<Omit<Series, 'sampled'>> {
    const scope = await this.#scope(query.source);
    const step = query.step ?? 0;
    if (scope === undefined)
      return { ...noTime(query), step: step || 60_000, by: query.by, series: [], gaps: [], oldest: null };
    const span = this.#spanFor(query, scope);
    if (query.where !== undefined) return this.#seriesOfValue(query.where, scope, span, step / 1000);
    const grid = this.#grid(span, scope, step / 1000, query.by);
    const { tier, width, from, buckets } = grid;
    const keys = new Map<string, number[]>();
    const row = (key: string): number[] => {
      let counts = keys.get(key);
      if (counts === undefined) keys.set(key, (counts = new Array<number>(buckets).fill(0)));
      return counts;
    };
    const seen = new Uint8Array(buckets);
    const to = from + buckets * width;
    if (query.by === 'cause') this.#addCauses(query, scope, grid, row);
    const byCode: (number[] | undefined)[] = [];
    for (const id of query.by === 'source' && scope === ALL ? this.#deps.sources.ids() : [scope]) {
      const mine = query.by === 'source' ? row(this.#deps.sources.nameOf(id)) : undefined;
      for (const [bucket, code, count] of this.#read.rows[tier].all(id, from, to)) {
        const i = ((bucket - from) / width) | 0;
        seen[i] = 1;
        if (query.by === 'cause' || (query.code !== undefined && code !== query.code)) continue;
        const counts = mine ?? (byCode[code] ??= row(query.by === 'class' ? classOf(code) : String(code)));
        counts[i] += count;
      }
    }
    const oldest = this.#read.oldest[tier].get(scope);
    return {
      from: from * 1000,
      to: to * 1000,
      step: width * 1000,
      by: query.by,
      series: ordered(keys, query.by),
      gaps: findGaps({
        from,
        width,
        seen,
        runs: this.#deps.uptime.list(from * 1000, to * 1000),
        firstEvent: this.#events(scope)?.from ?? Infinity,
      }),
      oldest: oldest == null ? null : oldest * 1000,
    };
  }

  #seriesOfValue({ dimension, value }: OneValue, scope: number, span: Span, step: number): Omit<Series, 'sampled'> {
    const horizon = this.#deps.retentionMarks.of(VALUE_TIERS[0], scope);
    const tier = span.from >= horizon && step < VALUE_TIERS[1].seconds ? 0 : 1;
    const width = Math.max(
      VALUE_TIERS[tier].seconds,
      STEPS.find(
        (s) => s % VALUE_TIERS[tier].seconds === 0 && s >= Math.max(step, (span.to - span.from) / BUCKETS_MAX),
      )!,
    );
    const from = Math.floor(span.from / width) * width,
      buckets = Math.max(1, Math.ceil((span.to - from) / width));
    const family = (scope << 3) | dimensionIndex(dimension),
      number = this.#deps.dictionary.find(family, value);
    const byCode = new Map<string, number[]>();
    const rows =
      number === undefined ? [] : this.#read.value[tier].all({ family, number, from, to: from + buckets * width });
    for (const [bucket, code, count] of rows) {
      let counts = byCode.get(String(code));
      if (counts === undefined) byCode.set(String(code), (counts = new Array<number>(buckets).fill(0)));
      counts[((bucket - from) / width) | 0] += count;
    }
    return {
      from: from * 1000,
      to: (from + buckets * width) * 1000,
      step: width * 1000,
      by: 'code',
      series: ordered(byCode, 'code'),
      gaps: [],
      oldest: tier === 0 && horizon > 0 ? horizon * 1000 : null,
    };
  }

  async breakdown(query: BreakdownQuery): Promise<Omit<Breakdown, 'sampled'>> {
    const scope = await this.#scope(query.source);
    if (scope === undefined) return { ...noTime(query), dimension: query.dimension, total: 0, rows: [], other: 0 };
    const ids = scope === ALL ? this.#deps.sources.ids() : [scope];
    const wanted = this.#spanFor(query, scope);
    const marks = VALUE_TIERS.map((tier) => this.#deps.retentionMarks.of(tier, scope));
    const now = planRange(
      wanted.from,
      wanted.to,
      VALUE_TIERS.map((tier) => tier.seconds),
      marks,
    );
    const past = planRange(
      2 * now.from - now.to,
      now.from,
      VALUE_TIERS.map((tier) => tier.seconds),
      marks,
    );
    const [here, before] = [now, past].map((part) => ({
      ...part,
      counts: this.#sum(scope, this.#plan(part, scope).stretches),
    }));
    return { from: now.from * 1000, to: now.to * 1000, ...this.#breakdowns.rank(query, ids, here, before) };
  }

  async codes(
    query: Range & { source?: string },
  ): Promise<{ from: number; to: number; total: number; codes: CodeTrend[] }> {
    const scope = await this.#scope(query.source);
    if (scope === undefined) return { ...noTime(query), total: 0, codes: [] };
    const now = this.#plan(this.#spanFor(query, scope), scope);
    const counts = this.#sum(scope, now.stretches);
    const before = this.#sum(scope, this.#plan({ from: 2 * now.from - now.to, to: now.from }, scope).stretches);
    const trends = await this.series({
      from: now.from * 1000,
      to: now.to * 1000,
      step: ((now.to - now.from) / TREND_BUCKETS) * 1000,
      by: 'code',
      source: query.source,
    });
    const trendOf = new Map(trends.series.map((s) => [Number(s.key), s.counts]));
    const total = sumOf(counts);
    const codes = [...counts].map(([code, count]) => ({
      code,
      count,
      before: before.get(code) ?? 0,
      share: count / total,
      trend: trendOf.get(code) ?? [],
    }));
    for (const [code, count] of before)
      if (!counts.has(code)) codes.push({ code, count: 0, before: count, share: 0, trend: [] });
    return {
      from: now.from * 1000,
      to: now.to * 1000,
      total,
      codes: codes.sort((a, b) => b.count - a.count || a.code - b.code),
    };
  }

  async places({ source, from, to = Number.MAX_SAFE_INTEGER }: PlaceQuery): Promise<ValueRow[]> {
    const scope = await this.#scope(source);
    if (scope === undefined) return [];
    const first = Math.floor(from / 60_000) * 60;
    return [UPSTREAM, ROUTE, HOST].flatMap((dimension) =>
      this.#breakdowns.minutes((scope << 3) | dimension, first, to / 1000),
    );
  }

  /** A source's id, ALL, or undefined for a name nobody has sent under. */
  async #scope(source: string | undefined): Promise<number | undefined> {
    await this.#deps.fold();
    return source === undefined ? ALL : this.#deps.sources.find(source);
  }

  #events(scope: number): Span | undefined {
    const [oldest, newest] = (scope === ALL ? this.#read.span.get() : this.#read.spanOf.get(scope)) ?? [null, null];
    return oldest === null || newest === null ? undefined : { from: oldest, to: newest + 1 };
  }

  #spanFor({ from, to }: Range, scope: number): Span {
    const events = this.#events(scope) ?? { from: (to ?? from ?? 0) / 1000, to: (from ?? to ?? 0) / 1000 };
    const low = from === undefined ? events.from : Math.max(0, from / 1000);
    const high = to === undefined ? events.to : to / 1000;
    return { from: low, to: Math.max(low, high) };
  }

  #plan(span: Span, scope: number) {
    return planRange(
      span.from,
      span.to,
      COUNT_TIERS.map((tier) => tier.seconds),
      COUNT_TIERS.map((tier) => this.#deps.retentionMarks.of(tier, scope)),
    );
  }

  #sum(id: number, stretches: readonly { tier: number; from: number; to: number }[]): Map<number, number> {
    const sums = new Map<number, number>();
    for (const { tier, from, to } of stretches) {
      for (const [code, count] of this.#read.sums[tier].all(id, from, to))
        sums.set(code, (sums.get(code) ?? 0) + count);
    }
    return sums;
  }

  /** The buckets of a series: the finest tier that is held, wide enough a step. */
  #grid(span: Span, scope: number, step: number, by: SeriesQuery['by']): Grid {
    const length = Math.max(1, span.to - span.from);
    const series = by === 'source' && scope === ALL ? this.#deps.sources.ids().length : 1;
    const wanted = Math.max(step || length / BUCKETS_WANTED, length / BUCKETS_MAX, (length * series) / CELLS_MAX);
    let width = STEPS.find((s) => s >= wanted * 0.999) ?? STEPS[STEPS.length - 1];
    const fits = (tier: number): boolean => {
      const { seconds } = COUNT_TIERS[tier];
      return (
        width % seconds === 0 &&
        (tier === COUNT_TIERS.length - 1 || span.from >= this.#deps.retentionMarks.of(COUNT_TIERS[tier], scope)) &&
        (tier === COUNT_TIERS.length - 1 || (length / seconds) * series * 8 <= ROWS_MAX) &&
        (by !== 'cause' || tier > 0)
      );
    };
    let tier = COUNT_TIERS.length - 1;
    while (tier > 0 && width % COUNT_TIERS[tier].seconds !== 0) tier--;
    while (!fits(tier)) {
      width = STEPS.find((s) => s >= COUNT_TIERS[tier + 1].seconds && s >= width)!;
      tier++;
    }
    const from = Math.floor(span.from / width) * width;
    return { tier, width, from, buckets: Math.max(1, Math.ceil((span.to - from) / width)) };
  }

  #addCauses(query: SeriesQuery, scope: number, grid: Grid, row: (key: string) => number[]): void {
    const { from, width, buckets } = grid;
    const tier =
      grid.tier === COUNT_TIERS.length - 1 || from < this.#deps.retentionMarks.of(VALUE_TIERS[0], scope) ? 1 : 0;
    for (const id of scope === ALL ? this.#deps.sources.ids() : [scope]) {
      const family = (id << 3) | CAUSE;
      for (const [bucket, code, count, number] of this.#read.causes[tier].all(family, from, from + buckets * width)) {
        if (query.code !== undefined && code !== query.code) continue;
        row(this.#deps.dictionary.textOf(idIn(family, number)) ?? 'other')[((bucket - from) / width) | 0] += count;
      }
    }
  }
}

interface Grid {
  tier: number;
  /** Seconds a bucket. */
  width: number;
  from: number;
  buckets: number;
}

const noTime = ({ from, to }: Range): Span => ({ from: from ?? to ?? 0, to: to ?? from ?? 0 });
const sumOf = (counts: ReadonlyMap<number, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);

/** Classes and codes in their own order, the rest most first. */
function ordered(keys: ReadonlyMap<string, number[]>, by: SeriesQuery['by']): Series['series'] {
  const series = [...keys].map(([key, counts]) => ({ key, counts }));
  if (by === 'class') return series.sort((a, b) => CLASSES.indexOf(a.key as never) - CLASSES.indexOf(b.key as never));
  if (by === 'code') return series.sort((a, b) => Number(a.key) - Number(b.key));
  const totals = new Map(series.map((s) => [s.key, s.counts.reduce((sum, n) => sum + n, 0)]));
  return series.sort((a, b) => totals.get(b.key)! - totals.get(a.key)!);
}
