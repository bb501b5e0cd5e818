// What the failures of one cause have in common (shared/causes/cause.ts, Failures), from what was observed of their code.
import type { Failures } from '#shared/causes/cause.ts';
import { nginxLike } from '#shared/causes/exchange-facts.ts';
import type { Observed, ObservedCause } from './observed.ts';

/** Fewer durations than this are an anecdote. */
const DURATIONS_MIN = 5;
/** Durations that agree this well hit a limit; shorter ones agree by themselves. */
const LIMIT_SHARE = 0.8,
  LIMIT_SPREAD = 0.03,
  LIMIT_SPREAD_MS = 15,
  LIMIT_MIN_MS = 100;
/** An upstream works if this share of its failures has a success there within seconds. */
const ANSWERING_SHARE = 0.2;

export function failuresOf(o: Observed, c: ObservedCause): Failures {
  const durationsMs = [...(c.durationsMs ?? [])].sort((a, b) => a - b);
  const failing = (o.dimensions.upstream ?? []).filter((v) => v.hits > 0);
  const upstream = failing.length > 1 ? undefined : (c.sample?.upstream ?? undefined);
  return {
    proxy: c.sample !== undefined && nginxLike(c.sample) ? 'nginx' : (c.sample?.proxy ?? o.proxy),
    code: o.code,
    hits: c.hits,
    total: o.hits,
    sample: c.sample,
    upstream,
    durationsMs,
    limitMs: limitOf(durationsMs),
    answering: answeringOf(failing),
  };
}

/** Near enough to a limit to have hit it. */
export const endsAt = (ms: number, limitMs: number): boolean =>
  Math.abs(ms - limitMs) <= Math.max(LIMIT_SPREAD_MS, limitMs * LIMIT_SPREAD);

/** The duration that nearly all end at. */
function limitOf(sorted: readonly number[]): number | undefined {
  if (sorted.length < DURATIONS_MIN) return undefined;
  const middle = sorted[sorted.length >> 1];
  if (middle < LIMIT_MIN_MS) return undefined;
  const near = sorted.filter((ms) => endsAt(ms, middle));
  return near.length / sorted.length >= LIMIT_SHARE ? middle : undefined;
}

function answeringOf(failing: readonly { hits: number; amidSuccess?: number | null }[]): boolean | undefined {
  const known = failing.filter((v) => v.amidSuccess !== undefined && v.amidSuccess !== null);
  if (known.length === 0 || known.length < failing.length) return undefined;
  const hits = known.reduce((n, v) => n + v.hits, 0),
    amid = known.reduce((n, v) => n + v.amidSuccess!, 0);
  return amid >= ANSWERING_SHARE * hits;
}
