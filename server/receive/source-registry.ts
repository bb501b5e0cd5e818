// What is remembered of each source between batches: its id, the reader that knows its format by now, and how far its
// event time has come. Bounded by maxSources; names come from senders, so they are checked here and kept in a Map.
import { openLineReader, type LineReader } from '../formats/line-reader.ts';
import type { Pipeline } from '../pipeline.ts';
import { errors } from '../errors.ts';

/** Lines without a source of their own, posted to plain /ingest. */
export const DEFAULT_SOURCE = 'default';
const NAME_LENGTH_MAX = 120;
/** Readers for formats given in requests (`?format=`), per source. */
const EXTRA_READERS_MAX = 4;
/** C0, C1 and the characters that reorder text: a source name is shown in logs, terminals and tables. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]/u;

export class SourceState {
  readonly name: string;
  /** Newest event time that was committed, never ahead of arrival; ms. */
  watermark = -Infinity;
  /** A name, a log_format string, or 'auto'. */
  format: string;
  reader: LineReader;
  /** By format string, for requests that name one. */
  readonly extra = new Map<string, LineReader>();
  readonly #pipeline: Pick<Pipeline, 'sourceId'>;
  #id: number | undefined;

  /** Throws FormatError. */
  constructor(name: string, format: string, pipeline: Pick<Pipeline, 'sourceId'>) {
    this.name = name;
    this.format = format;
    this.reader = openLineReader(format);
    this.#pipeline = pipeline;
  }

  /** Made when it is first asked for: a source is on record from its first line on, and a body whose lines all name their own leaves none behind. */
  get id(): number {
    return (this.#id ??= this.#pipeline.sourceId(this.name));
  }
}

export class SourceRegistry {
  readonly #pipeline: Pipeline;
  readonly #formats: ReadonlyMap<string, string>;
  readonly #max: number;
  readonly #states = new Map<string, SourceState>();

  /** `formats`: what was set for a source, by its name. */
  constructor(pipeline: Pipeline, formats: ReadonlyMap<string, string>, max: number) {
    this.#pipeline = pipeline;
    this.#formats = formats;
    this.#max = max;
  }

  /** Throws errors.badSource and errors.tooManySources. */
  get(name: string): SourceState {
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    if (name.length === 0 || name.length > NAME_LENGTH_MAX || UNPRINTABLE.test(name)) throw errors.badSource();
    if (this.#states.size >= this.#max) throw errors.tooManySources();
    const state = new SourceState(name, this.#formats.get(name) ?? 'auto', this.#pipeline);
    this.#states.set(name, state);
    return state;
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

  find(name: string): SourceState | undefined {
    return this.#states.get(name);
  }

  get size(): number {
    return this.#states.size;
  }
}
