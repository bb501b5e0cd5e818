// The names of all sources, for those who choose one: the live connection lists only the first.
import type { SourceNames as Answer } from '#shared/api.ts';
import { live } from './live.svelte.ts';
import { Query } from './query.svelte.ts';

export class SourceNames {
  #answer = new Query<Answer>(
    () => '/api/sources/names',
    () => 30_000,
  );
  all: string[] = $derived(
    [...new Set([...(this.#answer.data?.sources ?? []).map(({ name }) => name), ...live.sources.keys()])].sort(),
  );

  /** What its lines are read as. */
  formatOf(name: string): string | null {
    return live.row(name)?.format ?? this.#answer.data?.sources.find((s) => s.name === name)?.format ?? null;
  }
}
