// By slot of the last hour: the first and the last second at which the server failed someone.
import { RING, SLOT } from './window-counter.ts';

const indexOf = (slot: number): number => ((slot % RING) + RING) % RING;

export class FailedMoments {
  readonly #first = new Float64Array(RING);
  readonly #last = new Float64Array(RING);

  failed(second: number): void {
    const slot = Math.floor(second / SLOT),
      i = indexOf(slot);
    if (Math.floor(this.#first[i] / SLOT) !== slot || second < this.#first[i]) this.#first[i] = second;
    if (second > this.#last[i]) this.#last[i] = second;
  }

  /** The bounds of the slot where its seconds are not known. */
  first(slot: number): number {
    const second = this.#first[indexOf(slot)];
    return Math.floor(second / SLOT) === slot ? second : slot * SLOT;
  }

  last(slot: number): number {
    const second = this.#last[indexOf(slot)];
    return Math.floor(second / SLOT) === slot ? second : slot * SLOT + SLOT - 1;
  }
}
