// How well pages answer labels: found or not, with the right code, how soon, and what was paged for nothing.
import type { Event } from './event.ts';

export interface Page {
  source: string;
  codes: readonly number[];
  /** s */
  openedAt: number;
}

export interface Score {
  wanted: number;
  found: number;
  right: number;
  /** s from the label's start, of those found. */
  delays: number[];
  /** The same of every label to page for, in order; NaN where it was missed. */
  delayOf: number[];
  falsePages: number;
  serviceMonths: number;
  quiet: number;
  quietPaged: number;
  /** Further pages within a label that had been paged. */
  extra: number;
  /** By family, for the long table. */
  families: Map<string, { kind: string; labels: number; paged: number; delays: number[] }>;
}

/** A page may come a little after its cause ended, and then still belongs to it. */
const AFTER = 900;

export const emptyScore = (): Score => ({
  wanted: 0,
  found: 0,
  right: 0,
  delays: [],
  delayOf: [],
  falsePages: 0,
  serviceMonths: 0,
  quiet: 0,
  quietPaged: 0,
  extra: 0,
  families: new Map(),
});

export function addScore(
  score: Score,
  labels: readonly Event[],
  pages: readonly Page[],
  serviceMonths: number,
  say: (line: string) => void = () => {},
): void {
  const used = new Set<Page>();
  for (const label of labels) {
    const mine = pages.filter(
      (p) => p.source === label.source && p.openedAt >= label.start && p.openedAt < label.end + AFTER,
    );
    for (const page of mine) used.add(page);
    let family = score.families.get(label.family);
    if (!family) score.families.set(label.family, (family = { kind: label.kind, labels: 0, paged: 0, delays: [] }));
    family.labels++;
    const first = mine.filter((p) => p.openedAt < label.end + 60).sort((a, b) => a.openedAt - b.openedAt)[0];
    if (label.kind === 'page') {
      score.wanted++;
      score.delayOf.push(first ? first.openedAt - label.start : NaN);
      if (!first) {
        say(`missed ${label.family} on ${label.source} at ${new Date(label.start * 1000).toISOString()}`);
        continue;
      }
      score.found++;
      family.paged++;
      score.delays.push(first.openedAt - label.start);
      family.delays.push(first.openedAt - label.start);
      score.extra += mine.length - 1;
      if (mine.length > 1)
        say(
          `paged ${mine.length} times for ${label.family} on ${label.source} at ${new Date(label.start * 1000).toISOString()}`,
        );
      if (label.code === undefined || first.codes.includes(label.code)) score.right++;
      else say(`wrong code ${first.codes} for ${label.family} ${label.code} on ${label.source}`);
    } else if (mine.length > 0) family.paged++;
    if (label.kind === 'quiet') {
      score.quiet++;
      if (mine.length > 0) {
        score.quietPaged++;
        say(`paged for ${label.family} on ${label.source} at ${new Date(label.start * 1000).toISOString()}`);
      }
    }
  }
  for (const page of pages) {
    if (used.has(page)) continue;
    score.falsePages++;
    say(`false page on ${page.source} at ${new Date(page.openedAt * 1000).toISOString()} ${page.codes}`);
  }
  score.serviceMonths += serviceMonths;
}

export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))];
}
