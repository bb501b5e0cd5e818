// OTLP metrics: any counter or histogram whose points carry a status code says how many requests ended with it. Of the metrics
// that a resource sends, one is counted: the others (the old name beside the new, a counter beside its histogram) tell of the
// same requests again. Exact over restarts on both sides, by the rules in otlp-series.ts.
import { createHash } from 'node:crypto';
import { rejected, skipped } from '../formats/misses.ts';
import type { Batch } from './batch.ts';
import { metricStatusOf, setFields, sourceOf } from './otlp-hit.ts';
import { metricsOf, TOO_LARGE, type Attributes, type Metric, type Point, type Resource } from './otlp-message.ts';
import { Malformed } from './message.ts';
import { ResourceSeries, spread, type Ignored } from './otlp-series.ts';

/** A collector gathers for many services. */
const RESOURCES_MAX = 10_000;
/** Warned of in one answer. */
const CLASSES_MAX = 10;

const OVERSIZE = skipped('otlp-point-too-long', 'metric point over 256 KiB');
const CLASS = skipped('otlp-status-class', 'metric point whose status is a class or text, not a code');
const NO_STATUS = skipped('otlp-metric-without-status', 'metric point without a status code');
const TOLD_ALREADY = skipped(
  'otlp-counted-by-other-metric',
  'metric that tells of requests which another one of this service counts',
);
const IGNORED = {
  duplicate: skipped('otlp-duplicate-point', 'metric point that was counted before'),
  late: skipped('otlp-late-point', 'metric point older than those counted'),
  'no recorded value': undefined,
  'not a count': rejected('otlp-not-a-count', 'metric point whose value is no count'),
  'too many series': rejected('otlp-too-many-series', 'more metric series than are kept for one service'),
} as const satisfies Record<Ignored, ReturnType<typeof skipped> | undefined>;

/** What the sender should hear: sentences, each once. */
export type Warnings = Set<string>;

/** One resource's metrics, and the key its series are kept under. */
export interface ResourceMetrics extends Resource<Metric> {
  readonly key: string;
}

/** Throws Malformed when they are too many: each has a state that is read first, and kept. */
export async function metricsByResource(request: Parameters<typeof metricsOf>[0]): Promise<ResourceMetrics[]> {
  const resources: ResourceMetrics[] = [];
  for await (const resource of metricsOf(request)) {
    if (resources.push({ ...resource, key: `otlp/${digest(sorted(resource.attributes))}` }) > RESOURCES_MAX)
      throw new Malformed(`The request has metrics of more than ${RESOURCES_MAX} resources`);
  }
  return resources;
}

/** Counts what is new in these metrics; `series` moves on and is to be committed with the batch. */
export async function countMetrics(
  metrics: ResourceMetrics,
  series: ResourceSeries,
  batch: Batch,
  warnings: Warnings,
): Promise<void> {
  const { names, classes } = await candidatesOf(metrics);
  series.family = choose(series.family, names);
  const source = sourceOf(metrics.attributes, batch);
  for await (const metric of metrics.items()) {
    if (metric === TOO_LARGE || !names.has(metric.name) || !mayCountRequests(metric)) continue;
    if (metric.name !== series.family) {
      warnings.add(`${metric.name} is not counted: ${series.family} tells of the same requests`);
      batch.miss(TOLD_ALREADY, metric.name, { source });
      continue;
    }
    for await (const point of metric.points()) {
      if (point === TOO_LARGE) batch.miss(OVERSIZE, metric.name, { source });
      else countPoint(metric, point, { series, batch, warnings, source });
    }
  }
  if (names.size === 0)
    for (const name of classes)
      warnings.add(`${name} has a status attribute that holds no code; codes cannot be told from classes`);
}

interface Into {
  readonly series: ResourceSeries;
  readonly batch: Batch;
  readonly warnings: Warnings;
  readonly source: string | undefined;
}

function countPoint(metric: Metric, point: Point, { series, batch, warnings, source }: Into): void {
  const code = metricStatusOf(point.attributes);
  const sample = `${metric.name} ${code ?? ''}`;
  const at = { source };
  if (typeof code !== 'number') return batch.miss(code === undefined ? NO_STATUS : CLASS, sample, at);
  if (metric.temporality === 'unspecified') return batch.miss(UNSPECIFIED, sample, at);
  const identity = digest([metric.name, metric.unit, metric.scope, metric.kind, ...sorted(point.attributes)]);
  const taken = series.take(metric.name, identity, metric.temporality, point);
  if (typeof taken === 'string') {
    const miss = IGNORED[taken];
    if (miss !== undefined) batch.miss(miss, sample, at);
    return;
  }
  if (taken.note === 'second writer')
    warnings.add(`${metric.name}: intervals overlap; do two senders use the same resource attributes?`);
  if (taken.note === 'value fell') warnings.add(`${metric.name}: a cumulative value fell without a new start time`);
  spread(taken, (ts, count) => {
    const { hit } = batch;
    hit.reset(EMPTY);
    hit.ts = ts;
    hit.code = code;
    hit.count = count;
    setFields(hit, point.attributes);
    batch.add(at);
  });
}

const UNSPECIFIED = rejected('otlp-no-temporality', 'metric without aggregation temporality');
const EMPTY = Buffer.alloc(0);

/** Requests that we make ourselves, and checks, are not our traffic. */
const NOT_TRAFFIC = /client|httpcheck|rpc\.|probe/i;

/** Non-monotonic sums and gauges go up and down: they count nothing (httpcheck.status is 0 or 1 for each class). */
const mayCountRequests = ({ name, kind, monotonic }: Metric): boolean =>
  kind !== 'other' && monotonic && !NOT_TRAFFIC.test(name);

/** The metrics that count requests, and those with a status that is no code, in the order in which they come. */
async function candidatesOf({ items }: ResourceMetrics): Promise<{ names: Set<string>; classes: Set<string> }> {
  const names = new Set<string>(),
    classes = new Set<string>();
  for await (const metric of items()) {
    if (metric === TOO_LARGE) continue;
    const may = mayCountRequests(metric);
    for await (const point of metric.points()) {
      const status = point === TOO_LARGE ? undefined : metricStatusOf(point.attributes);
      if (typeof status === 'string' && classes.size < CLASSES_MAX) classes.add(metric.name);
      if (typeof status !== 'number' || !may) continue;
      names.add(metric.name);
      break;
    }
  }
  return { names, classes };
}

/** The stable name, the one before it, then whatever came first. */
const PREFERRED = [
  'http.server.request.duration',
  'http.server.duration',
  'http_server_request_duration_seconds',
  'http_server_duration_milliseconds',
];

function choose(family: string | undefined, candidates: ReadonlySet<string>): string | undefined {
  const rank = (name: string): number => PREFERRED.indexOf(name) + 1 || Infinity;
  let best: string | undefined;
  for (const name of candidates) if (best === undefined || rank(name) < rank(best)) best = name;
  if (family === undefined || best === undefined) return family ?? best;
  // A service that is upgraded may change over; it never goes back, or both would be counted in turns.
  return rank(best) < rank(family) ? best : family;
}

const sorted = (attributes: Attributes): string[] =>
  [...attributes].map(([key, value]) => `${key}=${String(value)}`).sort();

const digest = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
