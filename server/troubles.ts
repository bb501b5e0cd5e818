// Troubles of this server itself. Some happen: a step threw while the rest went on, or people should know of something (its clock
// jumped). Those are logged when they are new and as they pile up, and shown for some minutes. Others go on: the store cannot write.
// Those are asked for, logged when they begin, when lines come to be refused and when they are over, and shown until then.
// Each is counted, and shown on every page of the dashboard.
import type { Trouble } from '#shared/api.ts';
import { Failure } from './errors.ts';
import { StoreBroken, type StoreTrouble } from './store/store.ts';

/** How long one is shown after it was last seen. */
const SHOWN_MS = 10 * 60_000;
/** Past so many the longest unseen is forgotten; the counts stay. */
const KEPT_MAX = 100;
/** An error may quote a line. */
const TEXT_MAX = 300;

export interface TroublesDeps {
  /** ms */
  now(): number;
  log(level: 'debug' | 'info' | 'warn' | 'error', text: string, error?: unknown): void;
}

/** What goes on: something wrong with the store, or more to count than can be counted. */
export type Ongoing = Omit<StoreTrouble, 'what'> & { what: string };

/** `foreseen`: a write that failed, for which lines may be about to be refused. */
interface Happened {
  trouble: Trouble;
  foreseen: boolean;
}

export class Troubles {
  readonly #deps: TroublesDeps;
  readonly #known = new Map<string, Happened>();
  readonly #counts = new Map<string, number>();
  readonly #ongoing = new Map<string, Trouble>();
  #source: () => readonly Ongoing[] = () => [];

  constructor(deps: TroublesDeps) {
    this.#deps = deps;
  }

  /** Where to ask for what goes on; it is asked each second. */
  observe(source: () => readonly Ongoing[]): void {
    this.#source = source;
  }

  /** Once a second, and before anybody is told. */
  look(): void {
    const seen = this.#source();
    for (const { what, since, text, hint, refusing } of seen) {
      const before = this.#ongoing.get(what);
      if (before === undefined) this.#count(what);
      if (refusing && !before?.refusing) this.#forgetForeseen();
      if (before?.refusing !== refusing) this.#deps.log(refusing ? 'error' : 'warn', `${text} ${hint}`);
      const firstAt = before?.firstAt ?? since;
      this.#ongoing.set(what, {
        ...{ kind: 'ongoing', step: what, of: null, text, hint, refusing, count: 1 },
        ...{ firstAt, lastAt: this.#deps.now() },
      });
    }
    for (const [what, { text }] of this.#ongoing) {
      if (seen.some((trouble) => trouble.what === what)) continue;
      this.#ongoing.delete(what);
      this.#deps.log('info', `Over: ${text}`);
    }
  }

  /** Writes that failed before the reason was known: it is listed from now on. */
  #forgetForeseen(): void {
    for (const [key, { foreseen }] of this.#known) if (foreseen) this.#known.delete(key);
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
    const foreseen = error instanceof Failure;
    // a write that fails while lines are refused: why has been said
    if (foreseen && this.refusal !== undefined) {
      this.#count(step);
      return this.#deps.log('debug', titleOf(step, of), error);
    }
    const text = error instanceof Error ? error.message : String(error),
      seen = this.#put(step, of, text, 'error', foreseen);
    // each second one and the same would fill the log
    if (!Number.isInteger(Math.log2(seen))) return;
    const title = seen === 1 ? titleOf(step, of) : `${titleOf(step, of)}, ${seen} times by now`;
    if (foreseen) this.#deps.log('warn', `${title}: ${text}`);
    else this.#deps.log('error', title, error);
  }

  /** Nothing threw, and somebody should know. */
  say(step: string, text: string): void {
    this.#put(step, undefined, text, 'notice');
    this.#deps.log('warn', text);
  }

  #put(step: string, of: string | undefined, text: string, kind: 'error' | 'notice', foreseen = false): number {
    this.#count(step);
    const now = this.#deps.now(),
      key = `${step}\n${of ?? ''}`,
      before = this.#known.get(key)?.trouble;
    this.#known.delete(key);
    if (this.#known.size >= KEPT_MAX) this.#known.delete(this.#known.keys().next().value!);
    const trouble: Trouble = {
      kind,
      step,
      of: of ?? null,
      text: text.slice(0, TEXT_MAX),
      hint: null,
      refusing: false,
      count: (before?.count ?? 0) + 1,
      firstAt: before?.firstAt ?? now,
      lastAt: now,
    };
    this.#known.set(key, { trouble, foreseen });
    return trouble.count;
  }

  #count(step: string): void {
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
  }

  /** What goes on, first where lines are refused; then those of the last minutes, newest first. */
  get fresh(): Trouble[] {
    this.look();
    const since = this.#deps.now() - SHOWN_MS;
    return [
      ...[...this.#ongoing.values()].sort((a, b) => Number(b.refusing) - Number(a.refusing)),
      ...[...this.#known.values()]
        .map(({ trouble }) => trouble)
        .filter(({ lastAt }) => lastAt >= since)
        .reverse(),
    ];
  }

  /** Why lines get a 503 now, if they do. */
  get refusal(): string | undefined {
    this.look();
    for (const { refusing, text } of this.#ongoing.values()) if (refusing) return text;
    return undefined;
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
