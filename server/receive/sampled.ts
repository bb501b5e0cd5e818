// When the counts of a source may be of a sample: stretches of event time, kept with the counts. A range that touches none of them
// is exact, whatever the source sent before or since.
import type { Cursor } from '../store/store.ts';
import { OTHER_SOURCE } from './source-registry.ts';

export const SAMPLED = 'sampled:';
/** What lies closer than this is one stretch: a sender that is quiet at night does not change its ways each morning. */
const APART_MS = 12 * 3_600_000;
/** Past so many, the oldest two become one. */
const STRETCHES_MAX = 50;
/** Names come from senders. */
const SOURCES_MAX = 2000;

/** ms, both of hits. */
type Stretch = [from: number, to: number];

export class SampledTimes {
  readonly #of = new Map<string, Stretch[]>();

  /** `now` bounds what an earlier version kept without times. */
  restore(cursors: readonly Cursor[], now: number): void {
    for (const { key, value } of cursors)
      this.#of.set(
        key.slice(SAMPLED.length),
        value.length === 0 ? [[0, now]] : (JSON.parse(value.toString()) as Stretch[]),
      );
  }

  /** To be committed with the counts. */
  add(source: string, from: number, to: number): Cursor {
    if (!this.#of.has(source) && this.#of.size >= SOURCES_MAX) source = OTHER_SOURCE; // as those past the limit are counted
    const stretches: Stretch[] = [];
    for (const [begin, end] of [...(this.#of.get(source) ?? []), [from, to]].sort((a, b) => a[0] - b[0])) {
      const last = stretches.at(-1);
      if (last && begin - last[1] < APART_MS) last[1] = Math.max(last[1], end);
      else stretches.push([begin, end]);
    }
    if (stretches.length > STRETCHES_MAX) stretches.splice(0, 2, [stretches[0][0], stretches[1][1]]);
    this.#of.set(source, stretches);
    return { key: SAMPLED + source, value: Buffer.from(JSON.stringify(stretches)) };
  }

  /** The sources that have such counts in [from, to). */
  sources(from: number, to: number): string[] {
    return [...this.#of.keys()].filter((source) => this.touches(source, from, to));
  }

  touches(source: string, from: number, to: number): boolean {
    return this.#of.get(source)?.some(([begin, end]) => begin < to && end >= from) ?? false;
  }
}
