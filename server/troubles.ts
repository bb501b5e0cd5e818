// Troubles of this server itself: what threw while it went on with the rest, and what people should know of it (its clock jumped).
// Each is counted, logged when it is new and as it piles up, and shown on every page of the dashboard while it is fresh.
import type { Trouble } from '#shared/api.ts';
import { Failure } from './errors.ts';
import { StoreBroken } from './store/store.ts';

/** How long one is shown after it was last seen. */
const SHOWN_MS = 10 * 60_000;
/** Past so many the longest unseen is forgotten; the counts stay. */
const KEPT_MAX = 100;
/** An error may quote a line. */
const TEXT_MAX = 300;

export interface TroublesDeps {
  /** ms */
  now(): number;
  log(error: unknown, what: string): void;
}

export class Troubles {
  readonly #deps: TroublesDeps;
  readonly #known = new Map<string, Trouble>();
  readonly #counts = new Map<string, number>();

  constructor(deps: TroublesDeps) {
    this.#deps = deps;
  }

  /** One step of something larger: when it throws it takes nothing else along. `step` is one of a few words, `of` what it was about. */
  async step(step: string, work: () => unknown, of?: string): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.note(step, error, of);
    }
  }

  note(step: string, error: unknown, of?: string): void {
    const seen = this.#put(step, of, error instanceof Error ? error.message : String(error), 'error');
    // each second one and the same would fill the log
    if (Number.isInteger(Math.log2(seen)))
      this.#deps.log(error, seen === 1 ? titleOf(step, of) : `${titleOf(step, of)}, ${seen} times by now`);
  }

  /** Nothing threw, and somebody should know. */
  say(step: string, text: string): void {
    this.#put(step, undefined, text, 'notice');
    this.#deps.log(undefined, text);
  }

  #put(step: string, of: string | undefined, text: string, kind: Trouble['kind']): number {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
    const now = this.#deps.now(),
      key = `${step}\n${of ?? ''}`,
      before = this.#known.get(key);
    this.#known.delete(key);
    if (this.#known.size >= KEPT_MAX) this.#known.delete(this.#known.keys().next().value!);
    const trouble: Trouble = {
      kind,
      step,
      of: of ?? null,
      text: text.slice(0, TEXT_MAX),
      count: (before?.count ?? 0) + 1,
      firstAt: before?.firstAt ?? now,
      lastAt: now,
    };
    this.#known.set(key, trouble);
    return trouble.count;
  }

  /** Those of the last minutes, newest first. */
  get fresh(): Trouble[] {
    const since = this.#deps.now() - SHOWN_MS;
    return [...this.#known.values()].filter(({ lastAt }) => lastAt >= since).reverse();
  }

  /** Since the start, by step: for Prometheus. */
  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

const titleOf = (step: string, of: string | undefined): string =>
  of === undefined ? `${step} failed` : `${step} failed for ${of}`;

/**
 * All in one go, and where that fails each by itself: one that cannot be written keeps none of the others from it. Throws what is
 * wrong with the store, not with one of them.
 */
export async function allOrEach<T>(
  items: readonly T[],
  write: (items: readonly T[]) => Promise<void>,
  failed: (error: unknown, item: T) => void,
): Promise<void> {
  try {
    return await write(items);
  } catch (error) {
    if (items.length === 0 || error instanceof Failure || error instanceof StoreBroken) throw error;
    if (items.length === 1) return failed(error, items[0]);
  }
  for (const item of items) await write([item]).catch((error: unknown) => failed(error, item));
}
