// What is remembered of each source between batches: the reader that knows its format by now, how far its event time has come, and
// the place it is counted at. Places are few (maxSources) and kept over restarts; only what was counted takes one, and what finds
// none is counted as `other`. Names come from senders: they are checked here, and what is held of names without a place is bounded.
import { SOURCES_MAX } from '../core/count/value-id.ts';
import { openLineReader, type LineReader } from '../formats/line-reader.ts';
import type { Pipeline } from '../pipeline.ts';
import { errors } from '../errors.ts';
import { isSourceName } from './source-name.ts';
import { UncountedSources } from './uncounted.ts';

/** Lines without a source of their own, posted to plain /ingest. */
export const DEFAULT_SOURCE = 'default';
/** Stands for all that came after the last place was taken; has one beside those. */
export const OTHER_SOURCE = 'other';
/** The format of a source for which none is set: it is detected. */
export const AUTO = 'auto';
/** Readers for formats given in requests (`?format=`), per source. */
const EXTRA_READERS_MAX = 4;
/** Names without a place whose readers are kept. */
const STRANGERS_MAX = 200;
/** A place that was taken for a batch is given back when no batch has been counted there for so long: requests last 2 minutes. */
const LEASE_MS = 10 * 60_000;
/** Names counted as `other`, to be told. */
const OVER_MAX = 20;

export class SourceState {
  readonly name: string;
  /** Newest event time that was committed, never ahead of arrival; ms. */
  watermark = -Infinity;
  /** A name, a log_format string, or 'auto'. */
  format: string;
  reader: LineReader;
  /** By format string, for requests that name one. */
  readonly extra = new Map<string, LineReader>();

  /** Throws FormatError. */
  constructor(name: string, format: string) {
    this.name = name;
    this.format = format;
    this.reader = openLineReader(format);
  }
}

export interface RegistryOptions {
  pipeline: Pick<Pipeline, 'sourceId' | 'findSource' | 'dropSource' | 'sources'>;
  /** What was set for a source, by its name. */
  formats: ReadonlyMap<string, string>;
  max: number;
  /** ms */
  now(): number;
}

export class SourceRegistry {
  /** What came from sources of which nothing is counted yet. */
  readonly uncounted = new UncountedSources();
  readonly max: number;
  readonly #options: RegistryOptions;
  readonly #states = new Map<string, SourceState>();
  /** Of names without a place, the longest idle first. */
  readonly #strangers = new Map<string, SourceState>();
  /** Places of which nothing is committed yet, and when a batch asked for them last. */
  readonly #leases = new Map<string, number>();
  /** Names counted as `other` since the start, the latest last. */
  readonly #over = new Set<string>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.max = Math.min(options.max, SOURCES_MAX - 1);
    for (const [name, format] of options.formats) this.#states.set(name, new SourceState(name, format));
  }

  /** Throws errors.badSource. */
  get(name: string): SourceState {
    const known = this.#states.get(name) ?? this.#strangers.get(name);
    if (known !== undefined) return known;
    if (!isSourceName(name)) throw errors.badSource();
    const state = new SourceState(name, this.#options.formats.get(name) ?? AUTO);
    if (this.hasPlace(name)) this.#states.set(name, state);
    else {
      if (this.#strangers.size >= STRANGERS_MAX) this.#strangers.delete(this.#strangers.keys().next().value!);
      this.#strangers.set(name, state);
    }
    return state;
  }

  hasPlace(name: string): boolean {
    return this.#options.pipeline.findSource(name) !== undefined;
  }

  /** Something of it is committed, or somebody cares for it. */
  onRecord(name: string): boolean {
    return this.hasPlace(name) && !this.#leases.has(name);
  }

  /** Taken, but for that of `other`. */
  get places(): number {
    return this.#options.pipeline.sources - (this.hasPlace(OTHER_SOURCE) ? 1 : 0);
  }

  /** The latest names that found no place. */
  get over(): string[] {
    return [...this.#over].reverse();
  }

  /** The source to count this one's lines at: itself, or `other`. Throws errors.tooManySources when even that has no place. */
  place({ name }: SourceState): { id: number; name: string } {
    const { pipeline, now } = this.#options;
    const known = pipeline.findSource(name);
    if (known !== undefined) {
      if (this.#leases.has(name)) this.#leases.set(name, now());
      return { id: known, name };
    }
    if (name !== OTHER_SOURCE && this.places >= this.max && !this.#giveBack()) {
      this.#tellOver(name);
      return { id: pipeline.sourceId(OTHER_SOURCE), name: OTHER_SOURCE };
    }
    this.#leases.set(name, now());
    return { id: pipeline.sourceId(name), name };
  }

  /** Is this still where its lines are counted? Not after another name was given the place. */
  holds(name: string, id: number): boolean {
    return this.#options.pipeline.findSource(name) === id;
  }

  /** Something of it is committed: its place is its own. */
  counted(state: SourceState): void {
    this.#leases.delete(state.name);
    if (this.#strangers.delete(state.name)) this.#states.set(state.name, state);
  }

  /** Places of batches that were never committed. True when there is room now. */
  #giveBack(): boolean {
    const { pipeline, formats, now } = this.#options;
    for (const [name, askedAt] of this.#leases) {
      if (now() - askedAt < LEASE_MS) continue;
      this.#leases.delete(name);
      if (!formats.has(name)) this.#states.delete(name);
      pipeline.dropSource(name);
    }
    return this.places < this.max;
  }

  #tellOver(name: string): void {
    this.#over.delete(name);
    this.#over.add(name);
    if (this.#over.size > OVER_MAX) this.#over.delete(this.#over.values().next().value!);
  }

  /** The reader that knows this source's lines. Throws FormatError for a format that cannot be read. */
  reader(state: SourceState, format: string | undefined): LineReader {
    if (format === undefined || format === state.format) return state.reader;
    let reader = state.extra.get(format);
    if (reader === undefined) {
      reader = openLineReader(format);
      if (state.extra.size >= EXTRA_READERS_MAX) state.extra.delete(state.extra.keys().next().value!);
      state.extra.set(format, reader);
    }
    return reader;
  }

  /** From now on this source's lines are read so. Throws FormatError. */
  setFormat(state: SourceState, format: string): void {
    state.reader = openLineReader(format);
    state.format = format;
  }
}
