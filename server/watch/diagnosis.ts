// An incident's diagnosis, from what the store counted and the samples kept: the same function that `explain` uses.
import type { Diagnosis, Dimension, Incident } from '#shared/api.ts';
import type { Proxy } from '#shared/exchange.ts';
import { diagnose } from '../core/diagnose/evidence.ts';
import { failsAtServer, leftByClient } from '../core/failing.ts';
import type { Observed, ObservedCause, ObservedValue } from '../core/diagnose/observed.ts';
import type { SampledTimes } from '../receive/sampled.ts';
import type { AnnotationStore, CountStore, IncidentStore, Sample } from '../store/store.ts';
import type { TrafficObserver } from './traffic-observer.ts';

export interface DiagnosisDeps {
  store: { counts: CountStore; annotations: AnnotationStore; incidents: Pick<IncidentStore, 'samples'> };
  witness: Pick<TrafficObserver, 'samples' | 'returns'>;
  sampled: Pick<SampledTimes, 'touches'>;
  now(): number;
}

export interface Diagnosed {
  diagnosis: Diagnosis;
  samples: Sample[];
  /** The upstream that most failures came by, with its share of them. */
  upstream: { value: string; share: number } | null;
}

export type Diagnoser = (
  incident: Pick<Incident, 'id' | 'source' | 'codes' | 'openedAt' | 'resolvedAt' | 'lastBadAt'>,
) => Promise<Diagnosed | null>;

const MINUTE = 60_000;
/** Failures begin before they are noticed. */
const LEAD_MS = 2 * MINUTE;
/** A long incident is judged by its latest hours: what is true now is what must be repaired. */
const SPAN_MS = 6 * 60 * MINUTE;
/** What is normal: the hour before. */
const BEFORE_MS = 60 * MINUTE;
/** A deploy is looked for this long before. */
const DEPLOY_MS = 30 * MINUTE;
const SERIES_STEP_MS = 10_000;
const SERIES_MAX_MS = 60 * MINUTE;
const ROWS = 1000;
const SAMPLES_SHOWN = 20;
const OF_A_SAMPLE = {
  id: 'sampled',
  title: 'maybe a sample',
  evidence:
    'These counts come from traces that do not say how they were sampled. If they were, the numbers are of the sample, and the failing share is right only where failures are kept no more often than the rest.',
};

/** Only failures are counted by client. */
const BY_ALL = ['upstream', 'route', 'host', 'method'] as const satisfies readonly Dimension[];

export function createDiagnoser({ store, witness, sampled, now }: DiagnosisDeps): Diagnoser {
  return async ({ id, source, codes, openedAt, resolvedAt, lastBadAt }) => {
    if (codes.length === 0) return null;
    const until = Math.min(now(), (resolvedAt ?? Math.max(lastBadAt, openedAt)) + MINUTE);
    // Values are counted by the minute, and after a week by the hour: all is summed over the same whole ones.
    const { from, to } = await store.counts.breakdown({
      from: Math.max(openedAt - LEAD_MS, until - SPAN_MS),
      to: until,
      source,
      dimension: 'cause',
      limit: 1,
    });
    const range = { from, to, source };
    const totals = await store.counts.totals(range);
    const sum = (of: (code: number) => boolean): number =>
      totals.totals.reduce((n, row) => n + (of(row.code) ? row.count : 0), 0);
    // Of several codes the most frequent: a failure under load drags others along.
    const code = codes.reduce((most, other) => (sum((c) => c === other) > sum((c) => c === most) ? other : most));
    const kept = witness.samples.of(source, code, from, to);
    // few at hand: this process has not been running for long, and others were kept before
    if (kept.length < SAMPLES_SHOWN)
      for (const old of await store.incidents.samples(id))
        if (old.code === code && !kept.some(({ at, line }) => at === old.at && line === old.line)) kept.push(old);
    const [causes, dimensions, series, marks] = await Promise.all([
      causesOf(store.counts, range, code, kept),
      dimensionsOf(store.counts, range, code),
      seriesOf(store.counts, range, code),
      store.annotations.list({ from: openedAt - DEPLOY_MS, to }),
    ]);
    const observed: Observed = {
      source,
      proxy: proxyOf(kept),
      code,
      total: sum(() => true),
      hits: sum((c) => c === code),
      ...failingTime(series, SERIES_STEP_MS),
      causes,
      dimensions,
      others: totals.totals
        .filter(
          (row) => (failsAtServer(row.code) || leftByClient(row.code) || row.code === 429) && !codes.includes(row.code),
        )
        .map((row) => ({ code: row.code, hits: row.count, faulty: row.count })),
      series,
      deploys: marks
        .filter((m) => (m.kind === 'deploy' || m.kind === 'restart') && (m.source === null || m.source === source))
        .map(({ at, text }) => ({ at, text })),
      ...(code === 429 ? { returns: witness.returns(source, from, to) } : {}),
    };
    const [most] = [...(dimensions.upstream ?? [])].sort((a, b) => b.hits - a.hits);
    const diagnosis = diagnose(observed);
    if (sampled.touches(source, from, to)) diagnosis.refinements.push(OF_A_SAMPLE);
    return {
      diagnosis,
      samples: kept.slice(0, SAMPLES_SHOWN),
      upstream: most?.hits > 0 ? { value: most.value, share: most.hits / observed.hits } : null,
    };
  };
}

interface Bounds {
  from: number;
  to: number;
  source: string;
}

async function causesOf(
  counts: CountStore,
  range: Bounds,
  code: number,
  kept: readonly Sample[],
): Promise<ObservedCause[]> {
  const { rows } = await counts.breakdown({ ...range, code, dimension: 'cause', limit: ROWS });
  return rows.map((row) => ({
    cause: row.value,
    hits: row.count,
    sample: kept.find((s) => s.cause === row.value)?.exchange,
    durationsMs: kept
      .filter((s) => s.cause === row.value)
      .map(({ exchange }) => exchange.responseMs ?? exchange.durationMs)
      .filter((ms) => ms !== undefined),
  }));
}

async function dimensionsOf(
  counts: CountStore,
  range: Bounds,
  code: number,
): Promise<Partial<Record<Dimension, ObservedValue[]>>> {
  const before = { ...range, from: range.from - BEFORE_MS, to: range.from };
  const all = await Promise.all(
    BY_ALL.map(async (dimension) => {
      const [failing, traffic, earlier] = await Promise.all([
        counts.breakdown({ ...range, code, dimension, limit: ROWS }),
        counts.breakdown({ ...range, dimension, limit: ROWS }),
        counts.breakdown({ ...before, dimension, limit: ROWS }),
      ]);
      const hits = new Map(failing.rows.map((row) => [row.value, row.count]));
      const shares = new Map(earlier.rows.map((row) => [row.value, row.share]));
      const values = traffic.rows.map((row): ObservedValue => ({
        value: row.value,
        hits: hits.get(row.value) ?? 0,
        traffic: row.count,
        before: earlier.total === 0 ? null : (shares.get(row.value) ?? 0),
      }));
      return [dimension, values] as const;
    }),
  );
  const clients = await counts.breakdown({ ...range, code, dimension: 'client', limit: ROWS });
  return {
    ...Object.fromEntries(all),
    client: clients.rows.map((row) => ({
      value: row.value,
      hits: row.count,
      traffic: null,
      before: row.baselineShare,
    })),
  };
}

async function seriesOf(counts: CountStore, { from, to, source }: Bounds, code: number): Promise<Observed['series']> {
  const range = { from: Math.max(from, to - SERIES_MAX_MS), to, source, step: SERIES_STEP_MS, by: 'code' as const };
  const { from: start, step, series } = await counts.series(range);
  const length = Math.max(0, ...series.map((s) => s.counts.length));
  const failing = series.find((s) => Number(s.key) === code)?.counts ?? [];
  return Array.from({ length }, (_, i) => ({
    at: start + i * step,
    hits: failing[i] ?? 0,
    total: series.reduce((n, s) => n + (s.counts[i] ?? 0), 0),
  }));
}

/** From the first to the last step with a failure. */
function failingTime(series: Observed['series'], stepMs: number): Pick<Observed, 'from' | 'to'> {
  const failing = series.filter((step) => step.hits > 0);
  return { from: failing[0]?.at ?? null, to: failing.length > 0 ? failing.at(-1)!.at + stepMs - 1000 : null };
}

function proxyOf(kept: readonly Sample[]): Proxy {
  return kept[0]?.exchange.proxy ?? 'unknown';
}
