// A source as a person sees it: the store's sums, what the doctor remembers, how fast it sends, and whether it is on fire.
import type { Incident, SourceStatus } from '#shared/api.ts';
import type { SourceRecord } from '../store/store.ts';
import type { Doctor } from './doctor.ts';

const RATE_S = 60;

/** Hits per second of each source over the last minute of arrival. */
export class Rates {
  /** Per source id, a ring of seconds. */
  readonly #rings = new Map<number, Uint32Array>();
  #second = 0;

  count(source: number, hits: number, now: number): void {
    this.#advance(now);
    let ring = this.#rings.get(source);
    if (ring === undefined) this.#rings.set(source, (ring = new Uint32Array(RATE_S)));
    ring[this.#second % RATE_S] += hits;
  }

  of(source: number, now: number): number {
    this.#advance(now);
    const ring = this.#rings.get(source);
    if (ring === undefined) return 0;
    let sum = 0;
    for (const hits of ring) sum += hits;
    return Math.round((sum / RATE_S) * 100) / 100;
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1000);
    if (second <= this.#second) return;
    const steps = Math.min(RATE_S, second - this.#second);
    for (const ring of this.#rings.values()) for (let s = second - steps + 1; s <= second; s++) ring[s % RATE_S] = 0;
    this.#second = second;
  }
}

/** Under this a cursor says that a source's counts may be of a sample. */
export const SAMPLED = 'sampled:';

export interface StatusDeps {
  sources: { list(): Promise<SourceRecord[]> };
  doctor: Doctor;
  rates: Rates;
  /** Open incidents, and what makes it judge a source otherwise. */
  watch: { readonly open: readonly Incident[]; flagsOf(source: string): string[] };
}

export async function sourceStatuses(deps: StatusDeps, now: number): Promise<SourceStatus[]> {
  const records = await deps.sources.list();
  const alarms = new Map<string, 'page' | 'warn'>();
  for (const { sources, severity } of deps.watch.open) for (const name of sources) if (alarms.get(name) !== 'page') alarms.set(name, severity);
  return records.map(({ id, firstEvent: _, format, ...record }): SourceStatus => {
    const known = deps.doctor.about(record.name);
    return {
      ...record, ...known, flags: [...known.flags, ...deps.watch.flagsOf(record.name)],
      format: known.format ?? format, formatChosen: format === null ? 'auto' : 'set',
      lastEvent: known.lastEvent === null ? record.lastEvent : Math.max(known.lastEvent, record.lastEvent ?? 0),
      rate: deps.rates.of(id, now), alarm: alarms.get(record.name) ?? null,
    };
  });
}
