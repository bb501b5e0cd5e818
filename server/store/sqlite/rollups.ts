// Adds a delta to every table of counts at once: three resolutions by code, two by value.
import type { Delta } from '../../core/count/delta.ts';
import { PairCounter } from '../../core/count/pair-counter.ts';
import { NUMBERS_MAX } from '../../core/count/value-id.ts';
import type { Database, Statement } from './database.ts';
import type { SqliteSources } from './sources.ts';
import { COUNT_TIERS, VALUE_TIERS } from './tiers.ts';

/** The pseudo-source that holds the sum over all. */
export const ALL = 0;

export class SqliteRollups {
  readonly #sources: SqliteSources;
  readonly #counts: Statement[];
  readonly #values: Statement[];

  constructor(db: Database, sources: SqliteSources) {
    this.#sources = sources;
    this.#counts = COUNT_TIERS.map((tier) => db.prepare(`INSERT INTO ${tier.table} (source, bucket, code, count) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET count = count + excluded.count`));
    this.#values = VALUE_TIERS.map((tier) => db.prepare(`INSERT INTO ${tier.table} (family, bucket, number, code, count) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET count = count + excluded.count`));
  }

  /** Within a transaction. */
  add(delta: Delta): void {
    this.#addCounts(delta);
    this.#addValues(delta);
    this.#addSpans(delta);
  }

  #addCounts(delta: Delta): void {
    for (const [i, tier] of COUNT_TIERS.entries()) {
      const sums = new PairCounter();
      delta.forEachCount((source, second, code, count) => {
        const bucket = second - (second % tier.seconds);
        sums.add(bucket, (source << 10) | code, count);
        sums.add(bucket, (ALL << 10) | code, count);
      });
      const upsert = this.#counts[i];
      for (let e = 0; e < sums.size; e++) upsert.run(sums.b(e) >>> 10, sums.a(e), sums.b(e) & 1023, sums.counts[e]);
    }
  }

  #addValues(delta: Delta): void {
    for (const [i, tier] of VALUE_TIERS.entries()) {
      // (bucket, code) pairs are few; their index makes room for the whole value id in the other key.
      const groups = new PairCounter(), sums = new PairCounter();
      delta.forEachValue((id, minute, code, count) => {
        const second = minute * 60;
        sums.add(groups.entry(second - (second % tier.seconds), code), id, count);
      });
      const upsert = this.#values[i];
      for (let e = 0; e < sums.size; e++) {
        const id = sums.b(e), group = sums.a(e);
        upsert.run(id >>> 19, groups.a(group), id & NUMBERS_MAX, groups.b(group), sums.counts[e]);
      }
    }
  }

  #addSpans(delta: Delta): void {
    const spans = new Map<number, { oldest: number; newest: number }>();
    delta.forEachCount((source, second) => {
      const span = spans.get(source);
      if (span === undefined) spans.set(source, { oldest: second, newest: second });
      else if (second < span.oldest) span.oldest = second;
      else if (second > span.newest) span.newest = second;
    });
    for (const [source, span] of spans) this.#sources.sawEvents(source, span.oldest, span.newest);
  }
}
