// What happens in the demo, and when: a pure function of the second, so that history and the present are one story and a test can
// read it. Offsets are seconds since the demo was started; before it lies history with two incidents in it.

export interface Fault {
  kind: 'refused' | 'slow' | 'limited' | 'broken';
  /** 0–1: how far it has got, for those that build up. */
  progress: number;
}

/** After the start: each fault comes round once in this time, the first one soon, so that nobody waits for it. */
const CYCLE_S = 24 * 60;
const EPISODES: readonly { kind: Fault['kind']; from: number; to: number }[] = [
  { kind: 'refused', from: 40, to: 250 },
  { kind: 'slow', from: 480, to: 720 },
  { kind: 'limited', from: 900, to: 1020 },
  { kind: 'broken', from: 1170, to: 1320 },
];
const HISTORY: typeof EPISODES = [
  { kind: 'slow', from: -15_600, to: -15_000 },
  { kind: 'refused', from: -6_300, to: -5_700 },
];

export function faultAt(offset: number): Fault | undefined {
  const at = offset < 0 ? offset : offset % CYCLE_S;
  const episode = (offset < 0 ? HISTORY : EPISODES).find(({ from, to }) => at >= from && at < to);
  return episode && { kind: episode.kind, progress: (at - episode.from) / (episode.to - episode.from) };
}

/** Traffic over the day, 0.5–1.5: quiet at four in the morning UTC, busiest in the late afternoon. */
export function load(second: number): number {
  return 1 - 0.5 * Math.cos(((second / 3600 - 4) / 24) * 2 * Math.PI);
}

/** A small seeded generator (mulberry32): the same second gives the same traffic. */
export function randomOf(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
