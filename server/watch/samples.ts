// A few failing exchanges of each source and code, newest kept, secrets masked before they are held: what an incident's page quotes
// and what a diagnosis takes its details from. In memory and bounded; the watch keeps a few of each incident in the store.
import { causes } from '#shared/causes/index.ts';
import type { Exchange } from '#shared/exchange.ts';
import { codeText } from '#shared/status.ts';
import { causeOf } from '../core/cause.ts';
import { exchangeOf } from '../core/exchange.ts';
import type { Hit } from '../core/hit.ts';
import { masked } from '../core/diagnose/mask.ts';
import type { Chunk } from '../formats/format.ts';
import type { Sample } from '../store/store.ts';

/** Kept a source and code. */
const RING = 40;
/** Rings altogether: many sources with many codes push out the longest idle. */
const RINGS_MAX = 500;
/** After the first few, one a second is enough to show what goes on. */
const BURST = 10;
const EVERY_MS = 1000;
const LINE_MAX = 1500;

interface Ring {
  samples: Sample[];
  next: number;
  /** Arrival of the last one taken. */
  takenAt: number;
  burst: number;
}

export class Samples {
  /** By source, then code: a text for both would have to be made for every failing line. */
  readonly #rings = new Map<string, Map<number, Ring>>();
  #size = 0;
  readonly #maskAddresses: boolean;

  constructor(options: { maskAddresses?: boolean } = {}) {
    this.#maskAddresses = options.maskAddresses ?? false;
  }

  /** Looks at a hit as it is counted at `ts`; the line is chunk[start, end) where there is one. Costs nothing for what is fine. */
  see(hit: Hit, source: string, ts: number, arrival: number, chunk?: Chunk, start = 0, end = 0): void {
    if (hit.code < 100 || hit.code >= 400) this.#keep(hit, source, ts, arrival, chunk, start, end);
  }

  #keep(
    hit: Hit,
    source: string,
    ts: number,
    arrival: number,
    chunk: Chunk | undefined,
    start: number,
    end: number,
  ): void {
    let ring = this.#rings.get(source)?.get(hit.code);
    if (ring === undefined) ring = this.#open(source, hit.code);
    else if (Math.abs(arrival - ring.takenAt) >= EVERY_MS) ring.burst = Math.max(ring.burst, 1);
    if (ring.burst === 0) return;
    ring.burst--;
    ring.takenAt = arrival;
    const cause = causeOf(hit);
    const exchange = exchangeOf(hit);
    if (exchange.path) exchange.path = exchange.path.split('?', 1)[0];
    const raw =
      chunk === undefined ? described(exchange) : chunk.bytes.toString('utf8', start, Math.min(end, start + LINE_MAX));
    const line = masked(raw, this.#maskAddresses && exchange.client ? { address: exchange.client } : {});
    if (this.#maskAddresses) delete exchange.client;
    ring.samples[ring.next] = {
      at: ts,
      code: hit.code,
      cause: cause === 0 ? 'unknown' : causes[cause - 1].id,
      line,
      exchange,
    };
    ring.next = (ring.next + 1) % RING;
  }

  /** Newest first. */
  of(source: string, code: number, from = -Infinity, to = Infinity): Sample[] {
    const ring = this.#rings.get(source)?.get(code);
    return (ring?.samples ?? []).filter(({ at }) => at >= from && at <= to).sort((a, b) => b.at - a.at);
  }

  #open(source: string, code: number): Ring {
    if (this.#size >= RINGS_MAX) this.#forgetOne();
    let rings = this.#rings.get(source);
    if (rings === undefined) this.#rings.set(source, (rings = new Map()));
    const ring: Ring = { samples: [], next: 0, takenAt: -Infinity, burst: BURST };
    rings.set(code, ring);
    this.#size++;
    return ring;
  }

  /** The one that has taken nothing for longest. */
  #forgetOne(): void {
    let of: string | undefined,
      oldest = 0,
      since = Infinity;
    for (const [source, rings] of this.#rings) {
      for (const [code, ring] of rings) if (ring.takenAt < since) [of, oldest, since] = [source, code, ring.takenAt];
    }
    const rings = of === undefined ? undefined : this.#rings.get(of);
    if (of === undefined || !rings?.delete(oldest)) return;
    this.#size--;
    if (rings.size === 0) this.#rings.delete(of);
  }
}

/** For records that came without a line: OTLP and other structured senders. */
function described(x: Exchange): string {
  const parts = [
    x.method,
    x.path ?? x.route,
    codeText(x.code),
    x.host && `host=${x.host}`,
    x.upstream && `upstream=${x.upstream}`,
    x.durationMs !== undefined && `duration=${Math.round(x.durationMs)}ms`,
    x.client && `client=${x.client}`,
    x.details && `details=${x.details}`,
  ];
  return parts.filter(Boolean).join(' ');
}
