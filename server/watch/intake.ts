// Counts as they are committed: each source's go to the engine at the time its feed gives them, and those of the one route, host or
// upstream that a rule is about beside them.
import type { Dimension } from '#shared/api.ts';
import { dimensionIndex, valueId } from '../core/count/value-id.ts';
import type { Dictionary } from '../core/count/values.ts';
import type { Delta } from '../core/count/delta.ts';
import type { Engine } from '../core/detect/engine.ts';
import type { Watched } from '../core/detect/watched.ts';
import { SLOT } from '../core/detect/window-counter.ts';
import { Feed } from './judging-time.ts';

/** Values counted for a slot that began longer ago are late, s. */
const LIVE_VALUE = 180;

export interface IntakeDeps {
  engine: Engine;
  dictionary: Dictionary;
  sourceName(id: number): string;
  /** Counting or judging a source threw; the others go on. */
  failed(error: unknown, source: string): void;
}

interface Wanted {
  watched: Watched;
  dimension: Dimension;
  value: string;
}

export class Intake {
  readonly #deps: IntakeDeps;
  readonly #feeds = new Map<number, Feed>();
  readonly #byName = new Map<string, Feed>();
  /** By value id: what rules are about. Made anew when a rule or a source comes or goes. */
  #wanted: Map<number, Wanted> | undefined;

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  get feeds(): IterableIterator<Feed> {
    return this.#feeds.values();
  }

  feedOf(source: string): Feed | undefined {
    return this.#byName.get(source);
  }

  add(id: number, watched: Watched): Feed {
    const feed = new Feed(watched);
    this.#feeds.set(id, feed);
    this.#byName.set(watched.state.name, feed);
    this.#wanted = undefined;
    return feed;
  }

  rulesChanged(): void {
    this.#wanted = undefined;
  }

  /** `now` in s. The delta is only good until this returns. */
  take(delta: Delta, now: number): void {
    const { engine, sourceName } = this.#deps;
    const rows: { feed: Feed; second: number; code: number; count: number }[] = [];
    delta.forEachCount((source, second, code, count) => {
      const feed =
        this.#feeds.get(source) ??
        this.add(source, engine.source(sourceName(source), Math.min(second, Math.floor(now))));
      const at = feed.secondOf(second, now);
      if (at !== undefined) rows.push({ feed, second: at, code, count });
    });
    rows.sort((a, b) => a.second - b.second);
    const touched = new Map<Feed, number>();
    for (const { feed, second, code, count } of rows) {
      this.#guard(feed.watched, () => engine.count(feed.watched, second, code, count));
      touched.set(feed, second);
    }
    this.#takeValues(delta, now);
    for (const [feed, second] of touched) this.#guard(feed.watched, () => engine.advance(feed.watched, second + 1));
  }

  #guard({ state }: Watched, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#deps.failed(error, state.name);
    }
  }

  /** Values are counted by slots of ten seconds; what is live is taken to be of now. */
  #takeValues(delta: Delta, now: number): void {
    this.#wanted ??= this.#look();
    const wanted = this.#wanted;
    if (wanted.size === 0) return;
    delta.forEachValue((id, start, code, count) => {
      const found = wanted.get(id);
      if (!found || now - start > LIVE_VALUE) return;
      const second = Math.min(Math.floor(now), start + SLOT - 1);
      this.#guard(found.watched, () =>
        this.#deps.engine.countValue(found.watched, found.dimension, found.value, second, code, count),
      );
    });
  }

  #look(): Map<number, Wanted> {
    const wanted = new Map<number, Wanted>();
    for (const [source, { watched }] of this.#feeds) {
      for (const {
        run: { where },
      } of watched.rules) {
        if (where === null) continue;
        const dimension = dimensionIndex(where.dimension);
        const number = this.#deps.dictionary.numberOf(source, dimension, where.value);
        // 0: of this source no more values are told apart
        if (number !== 0) wanted.set(valueId(source, dimension, number), { watched, ...where });
      }
    }
    return wanted;
  }

  /** What makes a source be judged otherwise, for its row in the list. */
  flagsOf(source: string): string[] {
    const feed = this.#byName.get(source);
    if (!feed) return [];
    const { state } = feed.watched;
    return !state.answers && state.total.sums[state.total.sums.length - 1] > 20 ? ['errors-only'] : [];
  }

  /** How far its clock is behind, s. */
  behindOf(source: string): number {
    return this.#byName.get(source)?.shift ?? 0;
  }
}
