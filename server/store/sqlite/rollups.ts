// Adds a delta to every table of counts at once: three resolutions by code, two by value, and what fails and how long the rest takes.
import type { Delta } from '../../core/count/delta.ts';
import { PairCounter } from '../../core/count/pair-counter.ts';
import { NUMBERS_MAX } from '../../core/count/value-id.ts';
import type { Database } from './database.ts';
import { DurationRollup } from './durations.ts';
import { FailureRollup } from './failure-rollup.ts';
import type { SqliteSources } from './sources.ts';
import { COUNT_TIERS, VALUE_TIERS } from './tiers.ts';
import { Upsert } from './upsert.ts';

/** The pseudo-source that holds the sum over all. */
export const ALL = 0;
const NUMBERS = NUMBERS_MAX + 1;

export class SqliteRollups {
  readonly #sources: SqliteSources;
  readonly #counts: Upsert[];
  readonly #values: Upsert[];
  readonly #failures: FailureRollup;
  readonly #durations: DurationRollup;

  constructor(db: Database, sources: SqliteSources) {
    this.#sources = sources;
    this.#counts = COUNT_TIERS.map((tier) => new Upsert(db, tier.table, ['source', 'bucket', 'code']));
    this.#values = VALUE_TIERS.map((tier) => new Upsert(db, tier.table, ['family', 'bucket', 'number', 'code']));
    this.#failures = new FailureRollup(db);
    this.#durations = new DurationRollup(db);
  }

  /** Within a transaction. */
  add(delta: Delta): void {
    this.#addCounts(delta);
    this.#addValues(delta);
    this.#failures.add(delta);
    this.#durations.add(delta);
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
      const rows: number[] = [];
      for (let e = 0; e < sums.size; e++) rows.push(sums.b(e) >>> 10, sums.a(e), sums.b(e) & 1023, sums.counts[e]);
      this.#counts[i].run(rows);
    }
  }

  #addValues(delta: Delta): void {
    for (const [i, tier] of VALUE_TIERS.entries()) {
      // (bucket, code) pairs are few; their index makes room for the whole value id in the other key.
      const groups = new PairCounter(),
        sums = new PairCounter();
      delta.forEachValue((id, second, code, count) => {
        sums.add(groups.entry(second - (second % tier.seconds), code), id, count);
      });
      // By family, (bucket, code) and number, as one number each: 13 bits, room for 2^21 groups, 19 bits.
      const order = new Float64Array(sums.size);
      for (let e = 0; e < sums.size; e++)
        order[e] = ((sums.b(e) >>> 19) * groups.size + sums.a(e)) * NUMBERS + (sums.b(e) & NUMBERS_MAX);
      order.sort();
      const rows: number[] = [];
      for (const place of order) {
        const number = place % NUMBERS,
          rest = (place - number) / NUMBERS,
          group = rest % groups.size,
          family = (rest - group) / groups.size;
        rows.push(
          family,
          groups.a(group),
          number,
          groups.b(group),
          sums.counts[sums.entry(group, ((family << 19) | number) >>> 0)],
        );
      }
      this.#values[i].run(rows);
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
