// How the work grows with the line, looked for where it is largest.
import { caseOf, msOf, type Case, type Random } from './pumped.ts';
import type { Target } from './targets.ts';

/** Twice as long a line may take so much more. */
export const GROWTH_MAX = 2.2;
/** So short that every reader takes it, and many are tried. */
const SEARCHED_BYTES = 4096;
/** Least of so many; of more when the machine was busy with something else. */
const RUNS = 5,
  RUNS_MAX = 40;

/** Lines of this reader that took longest for their length, `kept` of them. */
export function slowestOf(target: Target, random: Random, until: number, kept: number): Case[] {
  let slowest: { found: Case; ms: number }[] = [];
  let read = target.open();
  for (let i = 0; i < 8 || performance.now() < until; i++) {
    if (i % 50 === 0) read = target.open();
    const found = caseOf(target, random);
    const ms = msOf(found, SEARCHED_BYTES, read, 2);
    if (slowest.length < kept || ms > slowest.at(-1)!.ms)
      slowest = [...slowest, { found, ms }].sort((a, b) => b.ms - a.ms).slice(0, kept);
  }
  return slowest.map(({ found }) => found);
}

/**
 * The smaller growth of two doublings one after the other, up to `bytes`: work that is not linear grows too much in both, while
 * memory that is had from another place from some size on, or a memory of what was seen that is full, costs once.
 */
export function growthOf(found: Case, bytes: number): number {
  const read = found.target.open(),
    sizes = [bytes / 4, bytes / 2, bytes];
  const least = sizes.map(() => Infinity);
  let growth = Infinity;
  for (let runs = 0; runs < RUNS || (runs < RUNS_MAX && growth > GROWTH_MAX); runs++) {
    for (const [i, size] of sizes.entries()) least[i] = Math.min(least[i], msOf(found, size, read, 1));
    growth = Math.min(least[1] / least[0], least[2] / least[1]);
  }
  return growth;
}
