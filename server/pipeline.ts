// The one writer: a bounded queue of submissions, grouped into one durable transaction, each answered after its commit.
import { Delta } from './core/count/delta.ts';
import type { Hit } from './core/hit.ts';
import { RoutePatterns } from './core/count/route-patterns.ts';
import { Values } from './core/count/values.ts';
import { errors } from './errors.ts';
import { StoreBroken, type Cursor, type Outcome, type Store, type Submission } from './store/store.ts';

/** What waits for a commit may take this much memory, and so many places. */
const QUEUE_BYTES_MAX = 64 * 1024 * 1024;
const QUEUE_LENGTH_MAX = 10_000;
/** Deltas kept for the next batches, as many as senders may have under way at once; larger ones are given back to the system. */
const SPARE_MAX = 64;
const SPARE_BYTES_MAX = 512 * 1024;
const FOLD_MS = 1000;
/** Between two commits while there is other work, as many times what the last one took, and at most so long. */
const REST_RATIO = 4;
const REST_MS_MAX = 100;
/** What routes taught is kept as a cursor a source. */
const LEARNED = 'routes/';

export interface Pipeline {
  /** Small stable id of a source name; made on first sight. Throws errors.tooManySources. */
  sourceId(name: string): number;
  sourceName(id: number): string;
  /** Its id, if it has one. */
  findSource(name: string): number | undefined;
  /** Sources that have an id. */
  readonly sources: number;
  /** Takes back an id of which nothing was counted, and what its lines taught. */
  dropSource(name: string): void;
  /** An empty delta to count one batch into. It belongs to the pipeline again once submitted. */
  newDelta(): Delta;
  /** Resolves after the commit (or with the first answer of a duplicate); rejects with errors.overloaded when the queue is full. */
  submit(submission: Submission): Promise<Outcome>;
  /** Called with what was committed, once a group, in commit order. The delta is only good until the listener returns. */
  onCommit(listener: (delta: Delta) => void): void;
  /** Stop taking, flush, resolve when all is durable. */
  close(): Promise<void>;
}

export interface PipelineOptions {
  store: Store;
  /** core/cause.ts, and the ids behind its numbers. */
  causeOf(hit: Hit): number;
  causes: readonly string[];
  now(): number;
  /** What takes away goes by; what is to be kept of it. */
  clock?: { settled(): number; kept(): Cursor };
  /** More is about to be submitted. */
  isBusy?(): boolean;
  /** Makes fingerprints of values unguessable. */
  seed: number;
  /** Routes as people wrote them: core/count/route-patterns.ts. */
  routes?: readonly string[];
  /** From `learnedRoutes`. */
  learned?: ReadonlyMap<number, readonly string[]>;
  /** The database can no longer be trusted with a commit: exit, so that it is opened anew. */
  onBroken(error: StoreBroken): void;
  /** What the work beside (fold, retention) ran into. */
  onTrouble(error: unknown): void;
}

interface Waiting {
  submission: Submission;
  bytes: number;
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

/** What each source's routes have taught, by its id. */
export async function learnedRoutes(store: Store): Promise<Map<number, string[]>> {
  const cursors = await store.cursors.list(LEARNED);
  return new Map(
    cursors.map(({ key, value }) => [Number(key.slice(LEARNED.length)), JSON.parse(value.toString()) as string[]]),
  );
}

/** Throws a RangeError for a route that cannot be used. */
export function createPipeline(options: PipelineOptions): Pipeline {
  return new GroupCommit(options);
}

class GroupCommit implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #store: Store;
  readonly #values: Values;
  readonly #listeners: ((delta: Delta) => void)[] = [];
  readonly #spare: Delta[] = [];
  readonly #timer: NodeJS.Timeout;
  /** By source; written with the next commit. */
  readonly #learned = new Map<number, Cursor>();
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #scheduled = false;
  /** Until then no commit begins that can wait. */
  #restUntil = -Infinity;
  #beside: Promise<void> | undefined;
  #state: 'open' | 'closing' | 'broken' = 'open';
  #drained: (() => void) | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#values = new Values({
      dictionary: options.store.dictionary,
      causeOf: options.causeOf,
      causes: options.causes,
      seed: options.seed,
      routes: new RoutePatterns(options.routes ?? []),
      learned: options.learned,
      onLearned: (source, folders) =>
        this.#learned.set(source, { key: `${LEARNED}${source}`, value: Buffer.from(JSON.stringify(folders)) }),
    });
    this.#timer = setInterval(() => {
      this.#beside ??= this.#workBeside().finally(() => {
        this.#beside = undefined;
      });
    }, FOLD_MS);
    this.#timer.unref();
  }

  sourceId(name: string): number {
    return this.#store.sources.idOf(name);
  }

  sourceName(id: number): string {
    return this.#store.sources.nameOf(id);
  }

  findSource(name: string): number | undefined {
    return this.#store.sources.find(name);
  }

  get sources(): number {
    return this.#store.sources.size;
  }

  dropSource(name: string): void {
    const id = this.#store.sources.find(name);
    this.#store.sources.drop(name);
    if (id !== undefined && this.#store.sources.find(name) === undefined) this.#values.forget(id);
  }

  newDelta(): Delta {
    return this.#spare.pop() ?? new Delta(this.#values);
  }

  submit(submission: Submission): Promise<Outcome> {
    if (this.#state === 'closing') return Promise.reject(errors.stopping());
    if (this.#state === 'broken') return Promise.reject(errors.storeBusy());
    const bytes = submission.delta.byteLength;
    if (this.#queue.length >= QUEUE_LENGTH_MAX || this.#queuedBytes + bytes > QUEUE_BYTES_MAX)
      return Promise.reject(errors.overloaded());
    return new Promise((resolve, reject) => {
      this.#queue.push({ submission, bytes, resolve, reject });
      this.#queuedBytes += bytes;
      this.#schedule();
    });
  }

  onCommit(listener: (delta: Delta) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closing';
    clearInterval(this.#timer);
    if (this.#queue.length > 0 || this.#scheduled)
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    await this.#beside;
    if (this.#state !== 'broken') await this.#store.fold();
  }

  /**
   * At the end of this turn of the event loop: what arrives until then shares the commit, whose cost hardly depends on how much
   * that is. While more bodies are being worked on than one turn has time for, a fifth of the time goes to commits and no more.
   */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#whenDue);
  }

  readonly #whenDue = (): void => {
    if (this.#state === 'open' && this.#options.isBusy?.() && performance.now() < this.#restUntil)
      setImmediate(this.#whenDue);
    else void this.#commit();
  };

  async #commit(): Promise<void> {
    const began = performance.now();
    const group = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      if (this.#state === 'broken') throw errors.storeBusy();
      const { outcomes, delta } = await this.#store.commit(
        [...group.map((waiting) => waiting.submission), ...this.#lessons()],
        this.#options.now(),
      );
      this.#learned.clear();
      if (delta !== undefined) this.#tell(delta);
      group.forEach((waiting, i) => waiting.resolve(outcomes[i]));
    } catch (error) {
      if (error instanceof StoreBroken) this.#break(error);
      for (const waiting of group) waiting.reject(error instanceof StoreBroken ? errors.storeBusy() : error);
    }
    for (const { submission } of group) this.#recycle(submission.delta);
    const ended = performance.now();
    this.#restUntil = ended + Math.min(REST_MS_MAX, REST_RATIO * (ended - began));
    this.#scheduled = false;
    if (this.#queue.length > 0) this.#schedule();
    else this.#drained?.();
  }

  /** What the routes of these batches taught goes into the same transaction. */
  #lessons(): Submission[] {
    return this.#learned.size === 0
      ? []
      : [{ delta: new Delta(), tallies: [], cursors: [...this.#learned.values()], answer: '' }];
  }

  /** A listener that fails must not turn a durable commit into an error that its sender answers by sending again. */
  #tell(delta: Delta): void {
    for (const listener of this.#listeners) {
      try {
        listener(delta);
      } catch (error) {
        this.#options.onTrouble(error);
      }
    }
  }

  #recycle(delta: Delta): void {
    if (this.#spare.length >= SPARE_MAX || delta.byteLength > SPARE_BYTES_MAX) return;
    delta.clear();
    this.#spare.push(delta);
  }

  async #workBeside(): Promise<void> {
    for (const work of [() => this.#store.fold(), () => this.#sweep()]) {
      if (this.#state === 'broken') return;
      try {
        await work();
      } catch (error) {
        if (error instanceof StoreBroken) this.#break(error);
        else this.#options.onTrouble(error);
      }
    }
  }

  #sweep(): Promise<boolean> {
    const { now, clock } = this.#options;
    return this.#store.sweep(now(), clock?.settled(), clock?.kept());
  }

  #break(error: StoreBroken): void {
    if (this.#state === 'broken') return;
    this.#state = 'broken';
    this.#options.onBroken(error);
  }
}
