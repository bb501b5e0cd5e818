// Traffic of one source with places and clients, second by second: what fails where is said by faults, each over a time.
import { causes } from '#shared/causes/index.ts';
import { durationBucket } from '../../server/core/count/duration.ts';
import { HOST, ROUTE, UPSTREAM, valueId } from '../../server/core/count/value-id.ts';
import { Engine } from '../../server/core/detect/engine.ts';
import type { Incident } from '../../server/core/detect/incident.ts';
import { isFailure } from '../../server/core/failing.ts';
import { MONDAY } from './traffic.ts';

export interface Request {
  upstream: string;
  route: string;
  host: string;
  client: number;
  code: number;
  cause: string | null;
  ms: number;
}

/** Seconds from the start, and what it does to a request; `random` is a number in [0, 1). */
export interface Fault {
  from: number;
  to: number;
  does(request: Request, random: () => number): void;
}

export interface Site {
  /** Requests a second. */
  rate: number;
  routes: readonly string[];
  upstreams: readonly string[];
  seconds: number;
  faults: readonly Fault[];
  /** Further requests, as by one client that repeats itself. */
  extra?(second: number): Request[];
}

export const ok = (over: Partial<Request> = {}): Request => ({
  upstream: '10.0.0.1:80',
  route: '/',
  host: 'shop.example',
  client: 1,
  code: 200,
  cause: null,
  ms: 40,
  ...over,
});

export const fails = (
  from: number,
  to: number,
  is: (request: Request) => boolean,
  code: number,
  cause: string | null,
  share = 1,
): Fault => ({
  from,
  to,
  does: (request, random) => {
    if (is(request) && random() < share) Object.assign(request, { code, cause });
  },
});

function generator(seed: number): () => number {
  let s = seed;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Value ids by text, and back. */
class Ids {
  readonly #ids = new Map<string, number>();
  readonly #texts = new Map<number, string>();

  of(dimension: number, text: string): number {
    const key = `${dimension} ${text}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = valueId(1, dimension, this.#ids.size + 1);
      this.#ids.set(key, id);
      this.#texts.set(id, text);
    }
    return id;
  }

  textOf(id: number): string | undefined {
    return this.#texts.get(id);
  }
}

function count(engine: Engine, ids: Ids, second: number, request: Request): void {
  const { upstream, route, host, client, code, ms } = request;
  const watched = engine.source('shop', second);
  if (!engine.count(watched, second, code, 1)) return;
  const places = [ids.of(UPSTREAM, upstream), ids.of(ROUTE, route), ids.of(HOST, host)];
  for (const id of places) engine.countPlace(watched, second, id, code, 1);
  const cause = request.cause === null ? 0 : 1 + causes.findIndex(({ id }) => id === request.cause);
  if (isFailure(code, cause)) {
    const [upstream, route, host] = places;
    engine.countFailing(watched, second, { code, cause, upstream, route, host, client }, 1);
  } else for (const id of [0, places[0], places[1]]) engine.countDuration(watched, id, durationBucket(ms), 1);
}

/** What the engine made of it, oldest first; `start` is the second at which it begins. */
export function watch(site: Site, seed = 1): { incidents: Incident[]; start: number } {
  const random = generator(seed),
    ids = new Ids();
  const found = new Set<Incident>();
  const engine = new Engine({
    textOf: (id) => ids.textOf(id),
    onTransition: (incident, { to }) => {
      if (to !== 'pending') found.add(incident);
    },
  });
  for (let s = 0; s < site.seconds; s++) {
    engine.tick(MONDAY + s);
    const n = Math.floor(site.rate) + (random() < site.rate % 1 ? 1 : 0);
    for (let i = 0; i < n; i++) {
      const request = ok({
        upstream: site.upstreams[Math.floor(random() * site.upstreams.length)],
        // each route has half the requests of the one before
        route: site.routes[Math.min(site.routes.length - 1, Math.floor(-Math.log2(1 - random())))],
        client: 1 + Math.floor(random() * 500),
        ms: 20 + Math.floor(random() * 60),
      });
      for (const fault of site.faults) if (s >= fault.from && s < fault.to) fault.does(request, random);
      count(engine, ids, MONDAY + s, request);
    }
    for (const request of site.extra?.(s) ?? []) count(engine, ids, MONDAY + s, request);
  }
  engine.tick(MONDAY + site.seconds);
  return { incidents: [...found], start: MONDAY };
}
