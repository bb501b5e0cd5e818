// What is usual for one family of codes at one source: its share, and how clumped its failures come. Learnt from slots an hour
// after the fact and only outside incidents, so that nothing that is going wrong becomes normal.
import { FAILURES_MIN } from './severity.ts';
import { SLOT, W10S, W10M, W1H, W1M, W20M, W2M, W30S, W20S, W5M } from './window-counter.ts';

/** What is known of a source's past is forgotten by half in about two days. */
const KEEP = Math.exp(-SLOT / (3 * 86_400));
/** Before anything is known: 0.2 failures in 150 requests. Three failures of four are then beyond doubt, one of two is not. */
const PRIOR_BAD = 0.2,
  PRIOR_TOTAL = 150;
/** Clumpiness is learnt over blocks of 10 s, 1 min, 5 min and 1 h, in slots. */
const BLOCKS = [1, 6, 30, 360];
const BLOCK_OF_WINDOW: readonly number[] = (() => {
  const of: number[] = [];
  of[W10S] = of[W20S] = of[W30S] = 0;
  of[W1M] = of[W2M] = 1;
  of[W5M] = of[W10M] = of[W20M] = 2;
  of[W1H] = 3;
  return of;
})();
/** Relative variance of a share between blocks, assumed until learnt; counts as much as `PRIOR_WEIGHT` expected failures squared. */
const PRIOR_CLUMP = [0.5, 0.3, 0.2, 0.15],
  PRIOR_WEIGHT = 1;
/** However clumped the past, a failing share a hundred times the usual is never taken for chance. */
const SHAPE_MIN = 0.15;

/** Share over the usual that makes a slot wild. */
const WILD_SHARE = 0.15;

export class Baseline {
  /** Failures and requests learnt, decayed. */
  bad = 0;
  total = 0;
  /** Slots learnt, decayed, in which it failed by itself as an outage would: such a source is not paged for ten bad seconds. */
  wild = 0;
  readonly #excess = new Float64Array(BLOCKS.length);
  readonly #weight = new Float64Array(BLOCKS.length);
  // the blocks being filled: failures, expected failures, slots
  readonly #k = new Float64Array(BLOCKS.length);
  readonly #mu = new Float64Array(BLOCKS.length);
  readonly #slots = new Uint16Array(BLOCKS.length);

  /** One slot that was no part of an incident: `bad` of `total` requests. */
  learn(bad: number, total: number): void {
    this.bad *= KEEP;
    this.total *= KEEP;
    const share = this.share();
    const mu = share * total;
    this.wild *= KEEP;
    if (bad > 0) {
      if (bad >= FAILURES_MIN && bad >= total * (1.5 * share + WILD_SHARE)) this.wild++;
      // one wild slot must not make the next one look usual
      bad = Math.min(bad, mu + 8 * Math.sqrt(mu * (1 + this.clump(W10S) * mu)) + 4);
      this.bad += bad;
    }
    this.total += total;
    for (let b = 0; b < BLOCKS.length; b++) {
      this.#k[b] += bad;
      this.#mu[b] += mu;
      if (++this.#slots[b] >= BLOCKS[b]) this.#close(b);
    }
  }

  /** What was seen of a source too young to have been learnt from slot by slot. */
  adopt(bad: number, total: number): void {
    this.bad += bad;
    this.total += total;
  }

  #close(b: number): void {
    const k = this.#k[b],
      mu = this.#mu[b];
    if (mu > 0) {
      const keep = KEEP ** BLOCKS[b];
      this.#excess[b] = this.#excess[b] * keep + (k - mu) * (k - mu) - mu;
      this.#weight[b] = this.#weight[b] * keep + mu * mu;
    }
    this.#k[b] = this.#mu[b] = this.#slots[b] = 0;
  }

  /** The usual share. `bad` and `total`: what the last hour adds for a source whose past is short. */
  share(bad = 0, total = 0): number {
    return (this.bad + bad + PRIOR_BAD) / (this.total + total + PRIOR_TOTAL);
  }

  /** Relative variance of the share over a window. */
  clump(window: number): number {
    const b = BLOCK_OF_WINDOW[window];
    return Math.max(0.02, (this.#excess[b] + PRIOR_CLUMP[b] * PRIOR_WEIGHT) / (this.#weight[b] + PRIOR_WEIGHT));
  }

  /** The first parameter of the Beta that a window's share is drawn from; the second is shape · (1 − share) / share. */
  shape(window: number, share: number, total = 0): number {
    const past = this.total + total + PRIOR_TOTAL;
    const clumped = Math.max(1, (1 - share) / (this.clump(window) * share) - 1);
    return Math.max(SHAPE_MIN, share / (1 / past + 1 / clumped));
  }

  /** For keeping across restarts. */
  toArray(): number[] {
    return [this.bad, this.total, this.wild, ...this.#excess, ...this.#weight];
  }

  restore(kept: readonly number[]): void {
    [this.bad, this.total, this.wild] = kept;
    this.#excess.set(kept.slice(3, 3 + BLOCKS.length));
    this.#weight.set(kept.slice(3 + BLOCKS.length, 3 + 2 * BLOCKS.length));
  }
}
