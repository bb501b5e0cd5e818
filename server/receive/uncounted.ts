// Sources that send, and of whose lines none could be counted yet: mostly a format that is not read. They take no place among
// those that are counted, so anyone may invent them, and what is remembered of them is bounded; it goes with a restart.
import type { SourceRecord, Tally } from '../store/store.ts';

const SOURCES_MAX = 100;
/** As in the store. */
const REASONS_MAX = 40;

interface Uncounted {
  firstSeen: number;
  lastSeen: number;
  received: number;
  rejected: number;
  skipped: number;
  duplicate: number;
  /** By "kind:id". */
  reasons: Map<string, number>;
}

export class UncountedSources {
  /** The longest idle first. */
  readonly #of = new Map<string, Uncounted>();

  /** A batch that had been committed before, under other names, is `duplicate` as a whole. */
  add(
    name: string,
    tally: Pick<Tally, 'received' | 'rejected' | 'skipped' | 'reasons'>,
    at: number,
    committed = true,
  ): void {
    const sum = this.#of.get(name) ?? {
      firstSeen: at,
      lastSeen: at,
      received: 0,
      rejected: 0,
      skipped: 0,
      duplicate: 0,
      reasons: new Map<string, number>(),
    };
    this.#of.delete(name);
    if (this.#of.size >= SOURCES_MAX) this.#of.delete(this.#of.keys().next().value!);
    this.#of.set(name, sum);
    sum.lastSeen = at;
    sum.received += tally.received;
    if (!committed) {
      sum.duplicate += tally.received;
      return;
    }
    sum.rejected += tally.rejected;
    sum.skipped += tally.skipped;
    for (const [reason, count] of tally.reasons) {
      const key =
        sum.reasons.has(reason) || sum.reasons.size < REASONS_MAX
          ? reason
          : `${reason.slice(0, reason.indexOf(':'))}:other`;
      sum.reasons.set(key, (sum.reasons.get(key) ?? 0) + count);
    }
  }

  /** What is known of a source that is counted from now on; forgotten here. */
  take(name: string): Omit<Tally, 'source'> | undefined {
    const known = this.#of.get(name);
    if (known === undefined) return undefined;
    this.#of.delete(name);
    return {
      received: known.received,
      accepted: 0,
      rejected: known.rejected,
      skipped: known.skipped,
      duplicate: known.duplicate,
      late: 0,
      reasons: known.reasons,
    };
  }

  has(name: string): boolean {
    return this.#of.has(name);
  }

  /** As the store lists those that are counted; without an id. */
  list(): SourceRecord[] {
    return [...this.#of].map(([name, { reasons, ...sum }]) => ({
      ...sum,
      id: 0,
      name,
      firstEvent: null,
      lastEvent: null,
      format: null,
      accepted: 0,
      late: 0,
      reasons: [...reasons]
        .sort((a, b) => b[1] - a[1])
        .map(([key, count]) => {
          const colon = key.indexOf(':');
          return {
            kind: key.slice(0, colon) === 'skipped' ? ('skipped' as const) : ('rejected' as const),
            id: key.slice(colon + 1),
            count,
          };
        }),
    }));
  }
}
