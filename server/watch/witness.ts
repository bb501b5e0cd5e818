// Looks at hits while they are counted: keeps sample lines of failures, and feeds the contract check. Under load the check gets
// the first of each second and then one of many, fine and failing alike, so that its cost is bounded and its shares stay right. A batch
// that turns out to be a duplicate has been looked at all the same: findings are evidence, the counts are what is exact.
import { Contract } from '../core/contract/contract.ts';
import type { Hit } from '../core/hit.ts';
import type { Chunk } from '../formats/format.ts';
import type { Witness } from '../receive/batch.ts';
import { Samples } from './samples.ts';

/** Hits a second that the check looks at one by one; of what exceeds it, one of SPARSE. */
const FULL = 1000;
const SPARSE = 256;

export class TrafficWitness implements Witness {
  readonly contract = new Contract();
  readonly samples: Samples;
  #second = 0;
  #seen = 0;

  constructor(options: { maskAddresses?: boolean } = {}) {
    this.samples = new Samples(options);
  }

  see(hit: Hit, source: string, ts: number, arrival: number, chunk?: Chunk, start?: number, end?: number): void {
    this.samples.see(hit, source, ts, arrival, chunk, start, end);
    const second = Math.floor(arrival / 1000);
    if (this.#second !== second) {
      this.#second = second;
      this.#seen = 0;
    }
    if (++this.#seen <= FULL || this.#seen % SPARSE === 0) this.contract.see(source, hit, ts);
  }
}
