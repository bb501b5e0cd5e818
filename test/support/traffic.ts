// Traffic in a notation: `'200x100 ×1h | 200x90 500x10 ×3m | — ×10m'` is what arrives every ten seconds, and for how long (ten
// seconds without saying). Played to the engine at event time; what it did comes back with the seconds since the last segment began.
import { Engine } from '../../server/core/detect/engine.ts';
import type { EngineOptions } from '../../server/core/detect/engine-options.ts';
import type { Incident, Transition } from '../../server/core/detect/incident.ts';
import type { RuleSpec } from '#shared/api.ts';

export const BUCKET = 10;
/** A Monday, 00:00 UTC. */
export const MONDAY = Date.UTC(2026, 8, 7) / 1000;

export type Bucket = ReadonlyMap<number, number>;

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

export function buckets(notation: string, bucket = BUCKET): { counts: Bucket; times: number }[] {
  return notation.split('|').map((segment) => {
    const [, what, long, unit] = /^\s*(.*?)\s*(?:×\s*([\d.]+)([smhd]))?\s*$/u.exec(segment)!;
    const counts = new Map<number, number>();
    for (const part of what.split(/\s+/)) {
      if (part === '—' || part === '') continue;
      const [code, count] = part.split('x').map(Number);
      if (!Number.isInteger(code) || !Number.isInteger(count)) throw new Error(`not traffic: ${part}`);
      counts.set(code, count);
    }
    return { counts, times: long === undefined ? 1 : (Number(long) * UNITS[unit]) / bucket };
  });
}

export interface Played {
  incidents: Incident[];
  /** "page firing +30": severity, state, seconds since the last segment began. */
  log: string[];
  transitions: (Transition & { incident: Incident })[];
  engine: Engine;
  /** First page, in seconds since the last segment began; undefined if none. */
  pagedAfter: number | undefined;
}

export interface PlayOptions extends Partial<EngineOptions> {
  from?: number;
  /** Seconds a step of the notation stands for. */
  bucket?: number;
  source?: string;
  rules?: readonly RuleSpec[];
  /** Seconds into each bucket at which its counts are seen; the last by default. */
  order?: (codes: [number, number][]) => [number, number][];
}

export function play(
  notation: string,
  {
    from = MONDAY,
    bucket = BUCKET,
    source = 'shop',
    rules = [],
    order = (codes) => codes,
    ...options
  }: PlayOptions = {},
): Played {
  const incidents = new Set<Incident>();
  const transitions: Played['transitions'] = [];
  const engine = new Engine({
    resolution: bucket,
    ...options,
    onTransition: (incident, transition) => {
      if (transition.to !== 'pending') incidents.add(incident);
      transitions.push({ ...transition, incident });
    },
  });
  engine.setRules(
    rules.map((spec, id) => ({ id: id + 1, spec })),
    from,
  );
  let now = from,
    last = from;
  for (const { counts, times } of buckets(notation, bucket)) {
    last = now;
    for (let i = 0; i < times; i++, now += bucket) {
      for (const [code, count] of order([...counts]))
        engine.count(engine.source(source, now), now + bucket - 1, code, count);
      engine.tick(now + bucket);
    }
  }
  const log = transitions.map(({ at, to, incident }) => `${incident.severity} ${to} +${at - last}`);
  const paged = [...incidents].filter(({ severity }) => severity === 'page').map(({ pagedAt }) => pagedAt - last);
  return {
    incidents: [...incidents],
    log,
    transitions,
    engine,
    pagedAfter: paged.length > 0 ? Math.min(...paged) : undefined,
  };
}

export const pages = ({ incidents }: Played): Incident[] => incidents.filter(({ severity }) => severity === 'page');
