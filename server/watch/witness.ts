// Looks at hits while they are counted: keeps sample lines of failures, and feeds the contract check. Under load the check gets one
// of several, which stands for the others, so that the cost a second is bounded. A batch that turns out to be a duplicate has been
// looked at all the same: findings are evidence, the counts are what is exact.
import { Contract } from '../core/contract/contract.ts';
import type { Hit } from '../core/hit.ts';
import type { Chunk } from '../formats/format.ts';
import type { Witness } from '../receive/batch.ts';
import { Samples } from './samples.ts';

/** Hits a second looked at one by one, fine and failing ones apart; of what exceeds it, one of SPARSE. */
const FULL = 500;
const SPARSE = 64;

interface Budget {
  second: number;
  seen: number;
}

export class TrafficWitness implements Witness {
  readonly contract = new Contract();
  readonly samples: Samples;
  readonly #fine: Budget = { second: 0, seen: 0 };
  readonly #failing: Budget = { second: 0, seen: 0 };

  constructor(options: { maskAddresses?: boolean } = {}) {
    this.samples = new Samples(options);
  }

  see(hit: Hit, source: string, ts: number, arrival: number, chunk?: Chunk, start?: number, end?: number): void {
    this.samples.see(hit, source, ts, arrival, chunk, start, end);
    const weight = weigh(hit.code >= 200 && hit.code < 300 ? this.#fine : this.#failing, arrival);
    if (weight > 0) this.contract.see(source, hit, ts, weight);
  }
}

/** How many this one stands for; 0 when it is passed over. */
function weigh(budget: Budget, arrival: number): number {
  const second = Math.floor(arrival / 1000);
  if (budget.second !== second) {
    budget.second = second;
    budget.seen = 0;
  }
  if (++budget.seen <= FULL) return 1;
  return budget.seen % SPARSE === 0 ? SPARSE : 0;
}
