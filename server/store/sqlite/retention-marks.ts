// Up to where retention has taken rows away, per tier and source.
import type { Database, Statement } from './database.ts';
import { ALL } from './rollups.ts';
import type { Tier } from './tiers.ts';

export class SqliteRetentionMarks {
  readonly #buckets = new Map<string, Map<number, number>>();
  readonly #set: Statement;

  constructor(db: Database) {
    this.#set = db.prepare(
      'INSERT INTO horizon (tier, source, bucket) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET bucket = excluded.bucket',
    );
    const rows = db
      .prepare<[], { tier: string; source: number; bucket: number }>('SELECT tier, source, bucket FROM horizon')
      .all();
    for (const { tier, source, bucket } of rows) this.#tier(tier).set(source, bucket);
  }

  /** Rows of `source` (ALL: of any source) before this second may be gone. */
  of(tier: Tier, source: number): number {
    const buckets = this.#tier(tier.keep);
    if (source !== ALL) return buckets.get(source) ?? 0;
    let newest = 0;
    for (const bucket of buckets.values()) if (bucket > newest) newest = bucket;
    return newest;
  }

  /** Within a transaction; call `moved` after it. */
  write(tier: Tier, source: number, bucket: number): void {
    this.#set.run(tier.keep, source, bucket);
  }

  moved(tier: Tier, source: number, bucket: number): void {
    this.#tier(tier.keep).set(source, bucket);
  }

  #tier(keep: string): Map<number, number> {
    let buckets = this.#buckets.get(keep);
    if (buckets === undefined) this.#buckets.set(keep, (buckets = new Map()));
    return buckets;
  }
}
