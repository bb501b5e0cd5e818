// Adds what failed in a delta to its tables, by ten seconds and by the minute, each within its caps.
import type { Delta } from '../../core/count/delta.ts';
import { RowCounter } from '../../core/count/row-counter.ts';
import { numberOf } from '../../core/count/value-id.ts';
import type { Database } from './database.ts';
import { FailureCaps, type FailureKey } from './failure-caps.ts';
import { FAILURE_TIERS, type Tier } from './tiers.ts';
import { Upsert } from './upsert.ts';

const COLUMNS = ['source', 'bucket', 'code', 'cause', 'upstream', 'route', 'host'] as const;
const WIDTH = COLUMNS.length;

export class FailureRollup {
  readonly #tiers: { tier: Tier; rows: Upsert; caps: FailureCaps }[];

  constructor(db: Database) {
    this.#tiers = FAILURE_TIERS.map((tier) => ({
      tier,
      rows: new Upsert(db, tier.table, COLUMNS),
      caps: new FailureCaps(db, tier),
    }));
  }

  /** Within a transaction. */
  add(delta: Delta): void {
    for (const { tier, rows, caps } of this.#tiers) {
      const sums = summed(delta, tier.seconds);
      if (sums.size === 0) continue;
      caps.forget();
      rows.run(inOrder(capped(sums, caps)));
    }
  }
}

function summed(delta: Delta, seconds: number): RowCounter {
  const sums = new RowCounter(WIDTH),
    { row } = sums;
  delta.forEachFailing(({ source, second, code, cause, upstream, route, host }, count) => {
    row[0] = source;
    row[1] = second - (second % seconds);
    row[2] = code;
    row[3] = numberOf(cause);
    row[4] = numberOf(upstream);
    row[5] = numberOf(route);
    row[6] = numberOf(host);
    sums.add(count);
  });
  return sums;
}

/** What has no place of its own is counted as `other`; those with most failures are asked about first. */
function capped(sums: RowCounter, caps: FailureCaps): RowCounter {
  const order = Uint32Array.from({ length: sums.size }, (_, e) => e).sort((a, b) => sums.counts[b] - sums.counts[a]);
  const rows = new RowCounter(WIDTH);
  for (const e of order) {
    rows.row.set(sums.keys.subarray(e * WIDTH, e * WIDTH + WIDTH));
    const [source, ...key] = rows.row;
    if (!caps.admits(source, key as FailureKey)) rows.row.fill(0, 3);
    rows.add(sums.counts[e]);
  }
  return rows;
}

/** The columns of one row after another, as the table has them. */
function inOrder(rows: RowCounter): number[] {
  const order = Uint32Array.from({ length: rows.size }, (_, e) => e).sort((a, b) => {
    let i = 0;
    while (i < WIDTH - 1 && rows.key(a, i) === rows.key(b, i)) i++;
    return rows.key(a, i) - rows.key(b, i);
  });
  const values: number[] = [];
  for (const e of order) {
    for (let i = 0; i < WIDTH; i++) values.push(rows.key(e, i));
    values.push(rows.counts[e]);
  }
  return values;
}
