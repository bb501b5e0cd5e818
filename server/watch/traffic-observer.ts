// Looks at hits while they are counted: keeps sample lines of failures, sees whether refused clients come back at once, and feeds the
// contract check. The check looks at every hit of
// a log that is posted at once, or of a few hundred a second; under more load at so many a second and one of many of the rest, fine and
// failing alike, so that its cost is bounded and its shares stay right. A batch that turns out to be a duplicate has been looked at all
// the same: findings are evidence, the counts are what is exact.
import { Contract } from '../core/contract/contract.ts';
import { EarlyRetries, type EarlyRetryCounts } from '../core/diagnose/early-retries.ts';
import type { Hit } from '../core/hit.ts';
import type { Chunk } from '../formats/format.ts';
import type { Witness } from '../receive/batch.ts';
import { Samples } from './samples.ts';

/** Hits that the check looks at one by one: so many at once, and so many more each second. Of what exceeds them, one of SPARSE. */
const BURST = 10_000;
const A_SECOND = 500;
const SPARSE = 1024;
/** Sources whose refused clients are followed. */
const SOURCES_MAX = 200;

export interface ObserverOptions {
  maskAddresses?: boolean;
  /** Looking at a hit threw. It is counted all the same. */
  failed?(error: unknown, source: string): void;
}

export class TrafficObserver implements Witness {
  readonly contract = new Contract();
  readonly samples: Samples;
  readonly #returns = new Map<string, EarlyRetries>();
  /** The source of the hit before, and what is in the map for it: with every line, a look-up would be felt. */
  #source = '';
  #returnsOf: EarlyRetries | undefined;
  #second = 0;
  /** Hits that may still be looked at. */
  #left = BURST;
  #passed = 0;

  readonly #failed: ObserverOptions['failed'];

  constructor({ failed, ...options }: ObserverOptions = {}) {
    this.samples = new Samples(options);
    this.#failed = failed;
  }

  see(hit: Hit, source: string, ts: number, arrival: number, chunk?: Chunk, start?: number, end?: number): void {
    try {
      this.#look(hit, source, ts, arrival, chunk, start, end);
    } catch (error) {
      if (this.#failed === undefined) throw error;
      this.#failed(error, source);
    }
  }

  #look(hit: Hit, source: string, ts: number, arrival: number, chunk?: Chunk, start?: number, end?: number): void {
    this.samples.see(hit, source, ts, arrival, chunk, start, end);
    this.#seeReturn(hit, source, ts);
    const second = Math.floor(arrival / 1000);
    if (this.#second !== second) {
      this.#left = Math.min(BURST, this.#left + Math.max(0, second - this.#second) * A_SECOND);
      this.#second = second;
    }
    if (this.#left > 0) this.#left--;
    else if (++this.#passed % SPARSE !== 0) return;
    this.contract.see(source, hit, ts);
  }

  /** Of the 429s of a source in this time: how many there were, and after how many the same client was back within a second. */
  returns(source: string, from: number, to: number): EarlyRetryCounts | undefined {
    return this.#returns.get(source)?.between(from, to);
  }

  #seeReturn(hit: Hit, source: string, ts: number): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#returnsOf = this.#returns.get(source);
    }
    if (this.#returnsOf === undefined) {
      if (hit.code !== 429 || this.#returns.size >= SOURCES_MAX) return;
      this.#returns.set(source, (this.#returnsOf = new EarlyRetries()));
    }
    this.#returnsOf.see(hit, ts);
  }
}
