// How long requests took that did not fail, by upstream, route and host, a histogram a minute. So many values of each dimension have
// histograms of their own (core/count/values.ts says which); the rest is `other`.
import type { Delta } from '../../core/count/delta.ts';
import { addHistogram, BUCKETS, encodeHistogram } from '../../core/count/histogram.ts';
import { PairCounter } from '../../core/count/pair-counter.ts';
import { HOST, idIn, numberOf, ROUTE, UPSTREAM } from '../../core/count/value-id.ts';
import type { DurationRow, DurationStore, PlaceQuery } from '../store.ts';
import type { Database, Statement } from './database.ts';
import type { SqliteSources } from './sources.ts';
import { DURATION_TIER } from './tiers.ts';

/** Named values of a dimension of a source in a minute. */
const VALUES_MAX = 50;
/** Minutes of a dimension of which it is known in memory who is named. */
const HELD = 4000;
export const DURATION_DIMENSIONS = [UPSTREAM, ROUTE, HOST] as const;

/** Within a transaction, `add` adds a delta. */
export class DurationRollup {
  readonly #add: Statement<[number, number, number, Uint8Array]>;
  readonly #named: Statement<[number, number], number>;
  /** By minute and family; loaded longest ago first. */
  readonly #names = new Map<number, Set<number>>();

  constructor(db: Database) {
    // what a recovery has brought and is no histogram gives way
    db.function('add_histograms', { deterministic: true }, (a, b) => {
      const counts = new Float64Array(BUCKETS);
      addHistogram(counts, a as Uint8Array);
      addHistogram(counts, b as Uint8Array);
      return Buffer.from(encodeHistogram(counts));
    });
    const { table } = DURATION_TIER;
    this.#add = db.prepare(`INSERT INTO ${table} (family, bucket, number, histogram) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET histogram = add_histograms(histogram, excluded.histogram)`);
    this.#named = db
      .prepare<[number, number], number>(`SELECT number FROM ${table} WHERE family = ? AND bucket = ? AND number > 0`)
      .pluck();
  }

  add(delta: Delta): void {
    const sums = new PairCounter(),
      rows: Float64Array[] = [];
    delta.forEachDuration((id, minute, bucket, count) => {
      const named = this.#isNamed(id >>> 19, minute, numberOf(id));
      const e = sums.entry(named ? id : idIn(id >>> 19, 0), minute);
      (rows[e] ??= new Float64Array(BUCKETS))[bucket] += count;
    });
    const order = Uint32Array.from(rows, (_, e) => e).sort(
      (a, b) =>
        (sums.a(a) >>> 19) - (sums.a(b) >>> 19) || sums.b(a) - sums.b(b) || numberOf(sums.a(a)) - numberOf(sums.a(b)),
    );
    for (const e of order)
      this.#add.run(sums.a(e) >>> 19, sums.b(e) * 60, numberOf(sums.a(e)), encodeHistogram(rows[e]));
  }

  #isNamed(family: number, minute: number, number: number): boolean {
    if (number === 0) return false;
    const key = minute * 8192 + family;
    let names = this.#names.get(key);
    if (names === undefined) {
      for (const old of this.#names.keys()) {
        if (this.#names.size < HELD) break;
        this.#names.delete(old);
      }
      this.#names.set(key, (names = new Set(this.#named.iterate(family, minute * 60))));
    }
    if (!names.has(number) && names.size >= VALUES_MAX) return false;
    names.add(number);
    return true;
  }
}

export interface DurationDeps {
  db: Database;
  sources: SqliteSources;
  /** Makes what was committed readable. */
  fold(): Promise<void> | undefined;
}

export class SqliteDurations implements DurationStore {
  readonly #deps: DurationDeps;
  readonly #rows: Statement<[number, number, number], [bucket: number, number: number, histogram: Buffer]>;

  constructor(deps: DurationDeps) {
    this.#deps = deps;
    this.#rows = deps.db
      .prepare<[number, number, number], [number, number, Buffer]>(
        `SELECT bucket, number, histogram FROM ${DURATION_TIER.table} WHERE family = ? AND bucket >= ? AND bucket < ?`,
      )
      .raw();
  }

  async rows({ source, from, to = Number.MAX_SAFE_INTEGER }: PlaceQuery): Promise<DurationRow[]> {
    await this.#deps.fold();
    const scope = this.#deps.sources.find(source);
    if (scope === undefined) return [];
    const rows: DurationRow[] = [];
    for (const dimension of DURATION_DIMENSIONS) {
      const family = (scope << 3) | dimension;
      for (const [bucket, number, histogram] of this.#rows.iterate(family, minuteOf(from), to / 1000)) {
        const counts = new Array<number>(BUCKETS).fill(0);
        if (addHistogram(counts, histogram)) rows.push({ id: idIn(family, number), second: bucket, counts });
      }
    }
    return rows;
  }
}

/** s */
const minuteOf = (ms: number): number => Math.floor(ms / 60_000) * 60;
