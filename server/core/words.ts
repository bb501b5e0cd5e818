// Durations and times as people say them, in evidence and headlines.

/** A duration in ms: "48 ms", "1.2 s", "60 s", "4 min", "3 h". */
export function seconds(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** The same, from two days on in days. */
export const long = (ms: number): string =>
  ms >= 2 * 86_400_000 ? `${Math.round(ms / 86_400_000)} days` : seconds(ms);

/** "2026-11-22 22:17:54", UTC: what journalctl and people read. */
export const utc = (ms: number): string => new Date(ms).toISOString().slice(0, 19).replace('T', ' ');

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
