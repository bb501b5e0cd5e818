// What a batch meant for the places of its sources: which had none, and what is remembered of those that were not counted.
import { count, plural } from '#shared/numbers.ts';
import type { Pipeline } from '../pipeline.ts';
import type { SourceBatch } from './source-batch.ts';
import { OTHER_SOURCE, type SourceRegistry } from './source-registry.ts';

/** Sources named in a sentence. */
const NAMED_MAX = 5;

/** Who asked for a source of its own and found no place; `further` stands for names that are not told one by one. */
export function limitNote(parts: readonly SourceBatch[], max: number, further?: SourceBatch): string | undefined {
  const over = parts.filter((part) => part.countedAs !== part.state.name);
  const nameless = further?.accepted ?? 0;
  if (over.length === 0 && nameless === 0) return undefined;
  const lines = over.reduce((n, part) => n + part.accepted, nameless);
  const named = over
    .slice(0, NAMED_MAX)
    .map((part) => `"${part.state.name}"`)
    .join(', ');
  const more = nameless > 0 ? 'many more' : over.length > NAMED_MAX ? `${count(over.length - NAMED_MAX)} more` : '';
  const names = [named, more].filter((part) => part !== '').join(' and ');
  return `The limit on sources (maxSources, ${count(max)}) is reached: ${plural(lines, 'line')} of ${names} ${lines === 1 ? 'is' : 'are'} counted under "${OTHER_SOURCE}".`;
}

/** After a commit: what was not counted of a source is remembered until something is; then it goes on record too. */
export function settle(
  part: SourceBatch,
  at: number,
  committed: boolean,
  { registry, pipeline }: { registry: SourceRegistry; pipeline: Pipeline },
): void {
  const { uncounted } = registry,
    { name } = part.state;
  if (committed && part.accepted > 0) registry.counted(part.state);
  if (part.source === 0 || !registry.onRecord(part.countedAs)) return uncounted.add(name, part, at, committed);
  const before = uncounted.take(name);
  if (before === undefined) return;
  pipeline
    .submit({ delta: pipeline.newDelta(), tallies: [{ ...before, source: part.source }], answer: '' })
    .catch(() => uncounted.add(name, before, at));
}
