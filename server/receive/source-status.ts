// A source as a person sees it: the store's sums, what is remembered of its sender, how fast it sends, and whether it is on fire.
import type { Incident, SourceStatus } from '#shared/api.ts';
import { textOf } from '../formats/misses.ts';
import type { SourceRecord } from '../store/store.ts';
import type { SenderDiagnostics } from './sender-diagnostics.ts';
import { AHEAD_MS_MAX } from './event-time.ts';
import type { Rates } from './rates.ts';
import type { SampledTimes } from './sampled.ts';
import type { SourceNaming } from './source-naming.ts';
import { OTHER_SOURCE } from './source-registry.ts';

/** For this long after the last such hit, a source is one whose counts may be of a sample. */
const SAMPLED_MS = 86_400_000;

export interface StatusDeps {
  sources: { list(): Promise<SourceRecord[]> };
  registry: { readonly uncounted: { list(): SourceRecord[] }; readonly over: readonly string[] };
  diagnostics: SenderDiagnostics;
  rates: Rates;
  sampled: SampledTimes;
  naming: Pick<SourceNaming, 'servicesOf'>;
  /** Open incidents, what makes it judge a source otherwise, and how far a source's clock is behind, s. */
  watch: { readonly open: readonly Incident[]; flagsOf(source: string): string[]; behindOf(source: string): number };
}

/** Reasons are stored by their ids and shown as they are worded now; several may be worded alike. */
function withTexts(stored: SourceRecord['reasons']): SourceStatus['reasons'] {
  const reasons = new Map<string, SourceStatus['reasons'][number]>();
  for (const { kind, id, count } of stored) {
    const reason = textOf(id),
      key = `${kind}:${reason}`;
    reasons.set(key, { kind, reason, count: count + (reasons.get(key)?.count ?? 0) });
  }
  return [...reasons.values()].sort((a, b) => b.count - a.count);
}

export async function sourceStatuses(deps: StatusDeps, now: number): Promise<SourceStatus[]> {
  const records = [...(await deps.sources.list()), ...deps.registry.uncounted.list()];
  const alarms = new Map<string, 'page' | 'warn'>();
  for (const { sources, severity } of deps.watch.open)
    for (const name of sources) if (alarms.get(name) !== 'page') alarms.set(name, severity);
  return records.map(({ id, firstEvent: _, format, ...record }): SourceStatus => {
    const known = deps.diagnostics.about(record.name),
      sampled = deps.sampled.touches(record.name, now - SAMPLED_MS, now + 1) ? ['sampled'] : [];
    const behindMs = deps.watch.behindOf(record.name) * 1000;
    return {
      ...record,
      reasons: withTexts(record.reasons),
      ...known,
      flags: [
        ...(record.name === OTHER_SOURCE && deps.registry.over.length > 0 ? ['past-limit'] : []),
        ...sampled,
        ...known.flags,
        ...(behindMs > 0 ? ['clock-behind'] : []),
        ...deps.watch.flagsOf(record.name),
      ],
      format: known.format ?? format,
      formatChosen: format === null ? 'auto' : 'set',
      lastEvent: lastEventOf(known.lastEvent, record.lastEvent, now),
      clockBehindMs: behindMs > 0 ? behindMs : null,
      services: deps.naming.servicesOf(record.name),
      rate: deps.rates.of(id, now, behindMs),
      alarm: alarms.get(record.name) ?? null,
    };
  });
}

/** What was counted at a time that is still to come, by a clock that was ahead, is not the newest. */
function lastEventOf(known: number | null, recorded: number | null, now: number): number | null {
  const past = [known, recorded].filter((at): at is number => at !== null && at <= now + AHEAD_MS_MAX);
  return past.length > 0 ? Math.max(...past) : (known ?? recorded);
}
