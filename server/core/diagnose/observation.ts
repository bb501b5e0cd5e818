// Counts a stream of hits so that any code in it can be diagnosed afterwards: one pass, bounded memory whatever the stream holds.
import type { Dimension } from '#shared/api.ts';
import { causes, hasTrait } from '#shared/causes/index.ts';
import type { Exchange, Proxy } from '#shared/exchange.ts';
import { causeOf } from '../cause.ts';
import { attemptMs, exchangeOf, failedFirst, lastAttempt } from '../exchange.ts';
import { CLIENT, HOST, METHOD, PATH, ROUTE, UPSTREAM, type Hit } from '../hit.ts';
import type { Observed, ObservedCause, ObservedStep, ObservedValue } from './observed.ts';
import { EarlyRetries } from './early-retries.ts';
import { routeOf } from '../count/route.ts';

/** Distinct values kept a dimension; further ones count in the totals only. */
const VALUES_MAX = 20_000;
const DURATIONS_MAX = 2000;
const STEPS_MAX = 4096;
const STEPS_SHOWN = 60;

const DIMENSIONS = ['upstream', 'route', 'host', 'method', 'client'] as const satisfies readonly Dimension[];
type Counted = (typeof DIMENSIONS)[number];
type Counts = Record<Counted, Map<string, number>>;
const counts = (): Counts => ({
  upstream: new Map(),
  route: new Map(),
  host: new Map(),
  method: new Map(),
  client: new Map(),
});

/** Whether these work meanwhile is watched. */
type Watched = 'upstream' | 'route';
const isWatched = (dimension: Counted): dimension is Watched => dimension === 'upstream' || dimension === 'route';

interface CauseTally {
  hits: number;
  sample: Exchange;
  durationsMs: number[];
}

interface CodeTally {
  hits: number;
  from: number;
  to: number;
  causes: Map<number, CauseTally>;
  values: Counts;
  /** Failures with a success at the same upstream, or on the same route, within seconds. */
  amidSuccess: Record<Watched, Map<string, number>>;
  steps: Map<number, number>;
}

/** What an upstream, or a route, did last: whether it works while requests to it fail. */
interface Recent {
  okAt: number;
  failedAt: number;
  /** Where the last failure is counted, as long as no success has been seen near it. */
  unmatched: Map<string, number> | undefined;
}
/** A success this close to a failure shows that the upstream was there. */
const NEAR_MS = 2000;

export class Observation {
  total = 0;
  from = Infinity;
  to = -Infinity;
  readonly #proxies = new Map<Proxy, number>();
  readonly #traffic = counts();
  readonly #codes = new Map<number, CodeTally>();
  readonly #steps = new Map<number, number>();
  #stepMs = 1000;
  readonly #recent: Record<Watched, Map<string, Recent>> = { upstream: new Map(), route: new Map() };
  readonly #returns = new EarlyRetries();

  add(hit: Hit): void {
    const n = hit.count;
    this.total += n;
    this.#proxies.set(hit.proxy, (this.#proxies.get(hit.proxy) ?? 0) + n);
    let tally = this.#codes.get(hit.code);
    if (!tally)
      this.#codes.set(
        hit.code,
        (tally = {
          hits: 0,
          from: Infinity,
          to: -Infinity,
          causes: new Map(),
          values: counts(),
          amidSuccess: { upstream: new Map(), route: new Map() },
          steps: new Map(),
        }),
      );
    tally.hits += n;
    const cause = causeOf(hit);
    if (cause > 0) {
      let seen = tally.causes.get(cause);
      if (seen) seen.hits += n;
      else tally.causes.set(cause, (seen = { hits: n, sample: exchangeOf(hit), durationsMs: [] }));
      const ms = attemptMs(hit);
      if (ms !== undefined) keep(seen, ms);
    }
    // A success is only of interest where it shows a fault.
    const faulty = cause > 0 || hit.code >= 400 || hit.code < 100;
    const masked = cause > 0 && hasTrait(causes[cause - 1].id, 'masked');
    for (const dimension of DIMENSIONS) {
      const value = masked && dimension === 'upstream' ? failedFirst(hit) : valueOf(hit, dimension);
      if (value === undefined || value === '' || value === '-') continue;
      increase(this.#traffic[dimension], value, n);
      if (faulty) increase(tally.values[dimension], value, n);
      if (isWatched(dimension) && !masked)
        this.#watch(this.#recent[dimension], value, hit, faulty ? tally.amidSuccess[dimension] : undefined);
    }
    this.#addTime(hit, tally, n);
  }

  /** Codes seen, with how many of their hits show a fault, and which fault most of these show. */
  codes(): { code: number; hits: number; faulty: number; cause: string | undefined }[] {
    return [...this.#codes].map(([code, tally]) => {
      const [top] = [...tally.causes].sort((a, b) => b[1].hits - a[1].hits);
      return { code, hits: tally.hits, faulty: sum(tally.causes.values()), cause: top && causes[top[0] - 1].id };
    });
  }

  observed(code: number, source: string | null = null): Observed {
    const tally = this.#codes.get(code);
    const dimensions: Partial<Record<Dimension, ObservedValue[]>> = {};
    for (const dimension of DIMENSIONS) {
      dimensions[dimension] = [...(tally?.values[dimension] ?? [])].map(([value, hits]) => ({
        value,
        hits,
        traffic: this.#traffic[dimension].get(value) ?? hits,
        before: null,
        ...(isWatched(dimension) ? { amidSuccess: tally?.amidSuccess[dimension].get(value) ?? 0 } : {}),
      }));
      // Traffic elsewhere counts too: one instance of three is one of three even if the other two never fail.
      for (const [value, traffic] of this.#traffic[dimension])
        if (!tally?.values[dimension].has(value)) dimensions[dimension].push({ value, hits: 0, traffic, before: null });
    }
    const found: ObservedCause[] = [...(tally?.causes ?? [])].map(([index, tallied]) => ({
      cause: causes[index - 1].id,
      ...tallied,
    }));
    const proxy = [...this.#proxies].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'unknown';
    const timed = tally !== undefined && tally.to >= tally.from;
    return {
      source,
      proxy,
      code,
      total: this.total,
      hits: tally?.hits ?? 0,
      from: timed ? tally.from : null,
      to: timed ? tally.to : null,
      causes: found,
      dimensions,
      others: this.codes(),
      series: this.#series(tally),
      deploys: [],
      ...(code === 429 ? { returns: this.#returns.between(-Infinity, Infinity) } : {}),
    };
  }

  #addTime(hit: Hit, tally: CodeTally, n: number): void {
    const { ts } = hit;
    if (Number.isNaN(ts)) return;
    if (ts < this.from) this.from = ts;
    if (ts > this.to) this.to = ts;
    if (ts < tally.from) tally.from = ts;
    if (ts > tally.to) tally.to = ts;
    const step = ts - (ts % this.#stepMs);
    increase(this.#steps, step, n, Infinity);
    increase(tally.steps, step, n, Infinity);
    if (this.#steps.size > STEPS_MAX) this.#widen();
    this.#returns.see(hit, ts);
  }

  /** `failures`: where this one counts if the upstream works meanwhile; undefined for a success. */
  #watch(
    all: Map<string, Recent>,
    value: string,
    { ts, code, count }: Hit,
    failures: Map<string, number> | undefined,
  ): void {
    if (Number.isNaN(ts) || (failures === undefined && code >= 400)) return;
    let recent = all.get(value);
    if (recent === undefined) {
      if (all.size >= VALUES_MAX) return;
      all.set(value, (recent = { okAt: -Infinity, failedAt: -Infinity, unmatched: undefined }));
    }
    if (failures === undefined) {
      recent.okAt = ts;
      if (recent.unmatched !== undefined && Math.abs(ts - recent.failedAt) <= NEAR_MS) {
        increase(recent.unmatched, value, 1);
        recent.unmatched = undefined;
      }
      return;
    }
    const near = Math.abs(ts - recent.okAt) <= NEAR_MS;
    if (near) increase(failures, value, count);
    recent.failedAt = ts;
    recent.unmatched = near ? undefined : failures;
  }

  /** Twice as wide steps, for streams that go on for long. */
  #widen(): void {
    this.#stepMs *= 2;
    for (const steps of [this.#steps, ...[...this.#codes.values()].map((t) => t.steps)]) {
      const old = [...steps];
      steps.clear();
      for (const [at, n] of old) increase(steps, at - (at % this.#stepMs), n, Infinity);
    }
  }

  #series(tally: CodeTally | undefined): ObservedStep[] {
    if (this.to < this.from) return [];
    const per = Math.max(1, Math.ceil((this.to - this.from) / this.#stepMs / STEPS_SHOWN)) * this.#stepMs;
    const series = new Map<number, ObservedStep>();
    for (const [at, total] of [...this.#steps].sort((a, b) => a[0] - b[0])) {
      const start = at - (at % per);
      const step = series.get(start) ?? { at: start, hits: 0, total: 0 };
      step.total += total;
      step.hits += tally?.steps.get(at) ?? 0;
      series.set(start, step);
    }
    return [...series.values()];
  }
}

function valueOf(hit: Hit, dimension: Counted): string | undefined {
  switch (dimension) {
    case 'upstream': {
      const text = hit.text(UPSTREAM);
      return text === undefined ? undefined : lastAttempt(text);
    }
    case 'route': {
      const path = hit.text(ROUTE) || hit.text(PATH);
      return path ? routeOf(path) : undefined;
    }
    case 'host':
      return hit.text(HOST);
    case 'method':
      return hit.text(METHOD);
    case 'client':
      return hit.text(CLIENT);
  }
}

function increase<K>(map: Map<K, number>, key: K, n: number, max = VALUES_MAX): void {
  const old = map.get(key);
  if (old !== undefined || map.size < max) map.set(key, (old ?? 0) + n);
}

/** The first many, then ever sparser, so that the end of a long stream is heard too. */
function keep(tally: CauseTally, durationMs: number): void {
  const { durationsMs, hits } = tally;
  if (durationsMs.length < DURATIONS_MAX) durationsMs.push(durationMs);
  else if (hits % Math.ceil(hits / DURATIONS_MAX) === 0) durationsMs[hits % DURATIONS_MAX] = durationMs;
}

const sum = (tallies: Iterable<{ hits: number }>): number => {
  let n = 0;
  for (const { hits } of tallies) n += hits;
  return n;
};
