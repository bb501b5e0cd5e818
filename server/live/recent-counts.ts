// What was counted lately, held in memory: the window that pages show, and how fast each source sends.
import { SNAPSHOT_MS } from '#shared/live.ts';
import type { Delta } from '../core/count/delta.ts';
import { Rates } from '../receive/rates.ts';
import type { Store } from '../store/store.ts';
import { LiveWindow } from './window.ts';

/** The window's buckets are the store's finest. */
const STEP_MS = 10_000;

export class RecentCounts {
  readonly window = new LiveWindow();
  readonly rates = new Rates();
  readonly #store: Pick<Store, 'sources' | 'counts'>;

  constructor(store: Pick<Store, 'sources' | 'counts'>) {
    this.#store = store;
  }

  /** `now` in ms. */
  take(delta: Delta, now: number): void {
    delta.forEachCount((source, second, code, count) => {
      this.window.add(source, second, code, count, now);
      this.rates.count(source, second, count, now);
    });
  }

  /** At the start, and when the clock has jumped to `now` (ms): forgets what was held, and reads what the store has of this time. */
  async restart(now: number): Promise<void> {
    this.rates.clear();
    this.window.clear();
    for (const { id, name } of await this.#store.sources.list()) {
      const range = { from: now - SNAPSHOT_MS, to: now, step: STEP_MS };
      const { from, step, series } = await this.#store.counts.series({ ...range, by: 'code', source: name });
      for (const { key, counts } of series)
        counts.forEach((count, i) => {
          if (count > 0) this.window.seed(id, (from + i * step) / 1000, Number(key), count);
        });
    }
  }
}
