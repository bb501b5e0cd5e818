// OTLP spans. Only SERVER spans are our traffic; a CLIENT span is a dependency's answer, and counting it would count one
// exchange twice. Traces are usually sampled: a span stands for as many requests as its tracestate says, and without that for
// itself, which the sender is told.
import { skipped } from '../formats/misses.ts';
import type { Batch } from './batch.ts';
import { fillHit, sourceOf, statusOf } from './otlp-hit.ts';
import { TOO_LARGE, tracesOf } from './otlp-message.ts';

const SERVER = 2;
const CLIENT = 3;

const OVERSIZE = skipped('otlp-span-too-long', 'OTLP span over 256 KiB');
const DEPENDENCY = skipped('otlp-client-span', "CLIENT span: a dependency's answer, not our traffic");
const OTHER_KIND = skipped('otlp-other-span', 'span that is not a SERVER span');
const NO_STATUS = skipped('otlp-span-without-status', 'SERVER span without an HTTP status code');
const BY_METRICS = skipped('otlp-counted-by-metrics', 'span of a service whose metrics count its requests already');

export interface Told {
  /** When those spans ended, by source, that do not say how many requests they stand for. */
  readonly sampled: Map<string | undefined, { from: number; to: number }>;
  /** Each span has an end, so the same bytes are the same spans. */
  timed: boolean;
  /** Spans left out because metrics count their requests. */
  byMetrics: number;
}

/** Counts the spans of a request that arrived `now`. `countedByMetrics`: whether a source's requests are known from its metrics. */
export async function countTraces(
  request: Parameters<typeof tracesOf>[0],
  batch: Batch,
  now: number,
  countedByMetrics: (source: string) => boolean,
): Promise<Told> {
  const told: Told = { sampled: new Map(), timed: true, byMetrics: 0 };
  // Adjusted counts are rarely whole: what rounding leaves goes to the next span of the source.
  const carried = new Map<string | undefined, number>();
  for await (const { attributes: resource, items } of tracesOf(request)) {
    const service = sourceOf(resource, batch);
    for await (const span of items()) {
      if (span === TOO_LARGE) {
        batch.miss(OVERSIZE, '', { source: service });
        continue;
      }
      const source = batch.named(span.attributes) ?? service;
      const at = { source, ts: span.end };
      if (!(span.end > 0)) told.timed = false;
      const code = statusOf(span.attributes);
      if (span.kind !== SERVER) {
        batch.miss(span.kind === CLIENT ? DEPENDENCY : OTHER_KIND, `${code ?? ''}`, at);
        continue;
      }
      if (typeof code !== 'number') {
        batch.miss(NO_STATUS, `${code ?? ''}`, at);
        continue;
      }
      if (source !== undefined && countedByMetrics(source)) {
        told.byMetrics++;
        batch.miss(BY_METRICS, String(code), at);
        continue;
      }
      const adjusted = adjustedCount(span.traceState);
      const { hit } = batch;
      if (!fillHit(hit, span.attributes)) {
        batch.miss(NO_STATUS, String(code), at);
        continue;
      }
      if (adjusted === undefined) {
        const ended = span.end > 0 ? Math.min(span.end, now) : now,
          { from, to } = told.sampled.get(source) ?? { from: ended, to: ended };
        told.sampled.set(source, { from: Math.min(from, ended), to: Math.max(to, ended) });
      }
      const due = (carried.get(source) ?? 0.5) + (adjusted ?? 1);
      carried.set(source, due - Math.floor(due));
      hit.ts = span.end;
      hit.count = Math.floor(due);
      hit.durationMs = span.end - span.start;
      batch.add(at);
    }
  }
  return told;
}

/**
 * How many spans this one stands for, from the rejection threshold `ot=th:…` in its tracestate (hex digits, the trailing zeros
 * of 14 left out): 2^56 / (2^56 − threshold). Undefined when it is not said.
 */
export function adjustedCount(traceState: string): number | undefined {
  const threshold = /(?:^|,)\s*ot=(?:[^,]*;)?th:([0-9a-f]{1,14})(?:[;,]|\s|$)/.exec(traceState)?.[1];
  if (threshold === undefined) return undefined;
  const rejected = parseInt(threshold.padEnd(14, '0'), 16);
  return 2 ** 56 / (2 ** 56 - rejected);
}
