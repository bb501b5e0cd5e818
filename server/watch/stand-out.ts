// Which parts of a long range are worth a close look: where failures stand out from what is usual over it, or traffic fell. What
// pages is among them, or nearly: a detector needs more failures, or less traffic, than usual.

/** s */
export interface RangePart {
  start: number;
  width: number;
  bad: number;
  total: number;
}

/** Parts that traffic is compared with, and less than this share of what they had is a fall. */
const BEFORE = 3,
  FALLEN_TO = 0.5;

/** At most `max`, in order of time, none beside another; the deepest fall of traffic has a place among them. */
export function standOut(parts: readonly RangePart[], max: number): RangePart[] {
  const usual = median(parts.filter(({ total }) => total > 0).map(({ bad, total }) => bad / total));
  const failing = parts.map((_, i) => i).filter((i) => parts[i].bad > 0);
  const beyond = new Map(
    failing.map((i) => [i, (parts[i].bad - usual * parts[i].total) / Math.sqrt(usual * parts[i].total + 1)]),
  );
  failing.sort((a, b) => beyond.get(b)! - beyond.get(a)!);
  const fallen = deepestFall(parts);
  const chosen: number[] = fallen === undefined ? [] : [fallen];
  for (const i of failing) {
    if (chosen.length >= max) break;
    if (!chosen.some((other) => Math.abs(other - i) <= 1)) chosen.push(i);
  }
  return chosen.sort((a, b) => a - b).map((i) => parts[i]);
}

function deepestFall(parts: readonly RangePart[]): number | undefined {
  let deepest: number | undefined,
    most = 0;
  for (let i = BEFORE; i < parts.length; i++) {
    let before = 0;
    for (let j = i - BEFORE; j < i; j++) before += parts[j].total / BEFORE;
    const fall = (before - parts[i].total) / Math.sqrt(before + 1);
    if (parts[i].total < before * FALLEN_TO && fall > most) [deepest, most] = [i, fall];
  }
  return deepest;
}

function median(values: number[]): number {
  return values.length === 0 ? 0 : values.sort((a, b) => a - b)[values.length >> 1];
}
