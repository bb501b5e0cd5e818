// Numbers as people say them, in evidence and headlines.

export function percent(share: number): string {
  const p = share * 100;
  if (p === 0 || p === 100) return `${p} %`;
  if (p > 99.9) return '> 99.9 %';
  if (p < 0.01) return '< 0.01 %';
  return `${p >= 10 && p < 99 ? Math.round(p) : p >= 1 ? p.toFixed(1) : p.toFixed(2)} %`;
}

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
