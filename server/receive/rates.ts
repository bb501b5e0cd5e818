// How fast each source sends, by the time of its requests: history that arrives at once is no rate.

/** A rate is over the minute of requests that ends with the newest. */
const RATE_S = 60;
/** Nothing for this long, and it no longer sends; senders that export once a minute still do. */
const QUIET_MS = 90_000;
/** A newest request older than this says nothing of now. */
const RECENT_MS = 15 * 60_000;

interface Ring {
  readonly seconds: Uint32Array;
  /** Event time of the newest, s. */
  newest: number;
  arrivedAt: number;
}

export class Rates {
  readonly #rings = new Map<number, Ring>();

  /** `second` of event time; what is ahead of `now` (ms) is of now. */
  count(source: number, second: number, hits: number, now: number): void {
    const at = Math.min(second, Math.floor(now / 1000));
    let ring = this.#rings.get(source);
    if (ring === undefined)
      this.#rings.set(source, (ring = { seconds: new Uint32Array(RATE_S), newest: at, arrivedAt: now }));
    if (at <= ring.newest - RATE_S) return;
    if (at > ring.newest) {
      for (let s = Math.max(ring.newest + 1, at - RATE_S + 1); s <= at; s++) ring.seconds[s % RATE_S] = 0;
      ring.newest = at;
    }
    ring.arrivedAt = now;
    ring.seconds[at % RATE_S] += hits;
  }

  /** The clock has jumped. */
  clear(): void {
    this.#rings.clear();
  }

  /** Hits per second. `behindMs`: how far the source's clock is known to be behind. */
  of(source: number, now: number, behindMs = 0): number {
    const ring = this.#rings.get(source);
    if (ring === undefined || now - ring.arrivedAt >= QUIET_MS || now - behindMs - ring.newest * 1000 >= RECENT_MS)
      return 0;
    return Math.round((ring.seconds.reduce((sum, hits) => sum + hits, 0) / RATE_S) * 100) / 100;
  }
}
