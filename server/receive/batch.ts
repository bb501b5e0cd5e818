// What one request (or datagram burst, or stretch of a tailed file) brought: lines go in, one durable answer comes out.
// Counted into a delta of its own, so that a request that breaks off counts nothing.
import { createHash, type Hash } from 'node:crypto';
import type { Chunk, Miss } from '../formats/format.ts';
import { LINE_TOO_LONG, rejected } from '../formats/misses.ts';
import { SOURCE, type Hit } from '../core/hit.ts';
import type { Delta } from '../core/count/delta.ts';
import type { Metrics } from '../metrics.ts';
import type { Pipeline } from '../pipeline.ts';
import type { Cursor, Identity, Outcome } from '../store/store.ts';
import type { IngestAnswer } from '#shared/api.ts';
import { errors } from '../errors.ts';
import { LINE_BYTES_MAX } from './body-kind.ts';
import { BatchMisses, beginningOf } from './batch-misses.ts';
import type { FrameSink } from './cutter.ts';
import type { SenderDiagnostics } from './sender-diagnostics.ts';
import { AHEAD_MS_MAX, LATE_AGE_MS, LATE_BEHIND_MS, wholeTime } from './event-time.ts';
import { Framer } from './framing.ts';
import type { SourceBatch } from './source-batch.ts';
import { SourceBatches } from './source-batches.ts';
import { valueUnder, type Naming, type SourceNaming } from './source-naming.ts';
import { limitNote, settle } from './source-places.ts';
import type { SourceRegistry } from './source-registry.ts';
import { turns } from './turns.ts';

export interface Batch {
  /** Those that records were for so far, as they are counted. */
  readonly sources: readonly string[];
  /** The scratch hit to fill for `add`; reset it first. Shared by all batches: fill and add without an await between. */
  readonly hit: Hit;
  /**
   * Decoded body bytes in any cut: newline-separated lines, a JSON array, or JSON objects one after another. A promise when they
   * are too many for one slice of work: then they must stay as they are, and nothing else be written, until it resolves.
   */
  write(bytes: Buffer): Promise<void> | undefined;
  /** One record that the receiver has framed itself (a syslog message, a Loki entry, a `message` value). */
  line(chunk: Chunk, start: number, end: number, at?: LineOrigin): void;
  /** One record as text. */
  text(line: string, at?: LineOrigin): void;
  /** `this.hit`, filled by the receiver itself (OTLP attributes). */
  add(at?: LineOrigin): void;
  /** The source that labels or attributes name, by the key that was chosen; undefined without one, or when they have no such key. */
  named(of: unknown): string | undefined;
  /** A record that gave no hit. */
  miss(miss: Miss, sample: string, at?: LineOrigin): void;
  /** Moves with the counts, in the same transaction. */
  cursor(cursor: Cursor): void;
  /**
   * SHA-256 of the decoded body, when the rules of identity allow one (every hit its own time; ≥ 2 hits or sub-second
   * times). Call it last. `own` is that of receivers that framed the records themselves; without it, of what was written.
   */
  digest(own?: Buffer): Buffer | undefined;
  /** Make it durable and answer. Without an identity the batch is never deduplicated. */
  commit(identity?: Identity): Promise<IngestAnswer>;
}

/** Where a record says it comes from, when its sender knows better than the request. */
export interface LineOrigin {
  source?: string;
  /** ms; used when the line has no time of its own. */
  ts?: number;
}

/** Looks at hits as they are counted: keeps sample lines of failures, feeds the contract check. Must be cheap, and may not throw. */
export interface Witness {
  see(hit: Hit, source: string, ts: number, arrival: number, chunk?: Chunk, start?: number, end?: number): void;
}

export interface BatchDeps {
  pipeline: Pipeline;
  registry: SourceRegistry;
  diagnostics: SenderDiagnostics;
  hit: Hit;
  witness?: Witness;
  now(): number;
  /** No jump of the clock has touched it. */
  settled?(): number;
  /** Without it no record names its source by a key. */
  naming?: SourceNaming;
  metrics: Pick<Metrics, 'submitted' | 'batch'>;
}

export interface BatchOptions {
  source: string;
  receiver: string;
  userAgent?: string;
  /** A name, 'auto' or a log_format string; without it, what the source is set to. */
  format?: string;
  /** The key of the records that names the source of each; 'auto' for the usual ones, 'none'. */
  sourceKey?: string;
  /** False when `source` only stands for what nobody has named: then records may name a service. */
  isNamed?: boolean;
  /** False spares the hash of a body that has a better identity. */
  digest?: boolean;
  /** A JSON array of more members than this is refused with errors.tooManyRecords. */
  membersMax?: number;
}

/** Records of a batch that are looked at for names of services, where they are not asked for them. */
const LOOKS_MAX = 8;
export class CountingBatch implements Batch, FrameSink {
  readonly hit: Hit;
  readonly #deps: BatchDeps;
  readonly #options: BatchOptions;
  readonly #framer: Framer;
  readonly #delta: Delta;
  readonly #main: SourceBatch;
  readonly #parts: SourceBatches;
  readonly #naming: Naming | undefined;
  /** Records that are still looked at, whether they name services. */
  #looks: number;
  readonly #misses = new BatchMisses();
  readonly #cursors: Cursor[] = [];
  #hash: Hash | undefined;
  #given: Buffer | undefined;
  #arrival: number;
  #line = 0;
  /** Those that count, whatever each stands for. */
  #hits = 0;
  /** Every one of them has had a time of its own. */
  #timed = true;
  #subSecond = false;
  /** The time of the line before as it was read, and as it counts. */
  #lastTs = NaN;
  #ts = NaN;

  /** Throws errors.badSource, errors.badSourceKey and FormatError. */
  constructor(deps: BatchDeps, options: BatchOptions) {
    this.#deps = deps;
    this.#options = options;
    this.hit = deps.hit;
    this.#arrival = deps.now();
    this.#delta = deps.pipeline.newDelta();
    this.#naming = deps.naming?.of(options.source, options.sourceKey, options.isNamed ?? true);
    this.#parts = new SourceBatches(deps.registry, options.format, this.#naming !== undefined);
    this.#main = this.#parts.open(options.source);
    this.#looks = this.#naming === undefined && options.sourceKey === undefined ? LOOKS_MAX : 0;
    this.#hash = options.digest === false ? undefined : createHash('sha256');
    this.#framer = new Framer(this, options);
  }

  get sources(): string[] {
    return [...new Set(this.#parts.received.map((part) => part.countedAs))];
  }

  write(bytes: Buffer): Promise<void> | undefined {
    this.#arrival = this.#deps.now();
    this.#given = bytes;
    return turns.run(this.#step);
  }

  /** Whatever has to do with the bytes is done when it is their turn. */
  readonly #step = (): boolean => {
    const given = this.#given;
    if (given !== undefined) {
      this.#given = undefined;
      if (!this.#timed) this.#hash = undefined;
      this.#hash?.update(given);
      this.#framer.give(given);
    }
    return this.#framer.step();
  };

  // What the framer finds in a body.

  record(chunk: Chunk, start: number, end: number): void {
    if (this.#naming !== undefined) this.#readNamed(this.#naming, this.#main, chunk, start, end, undefined);
    else this.#read(this.#main, chunk, start, end, undefined);
  }

  quoted(text: string): void {
    this.text(text);
  }

  tooLong(beginning: string): void {
    this.miss(LINE_TOO_LONG, beginning);
  }

  blank(): void {
    this.#line++;
  }

  line(chunk: Chunk, start: number, end: number, at?: LineOrigin): void {
    const part = at?.source === undefined ? this.#main : this.#parts.of(at.source);
    if (part === undefined) this.#missed(this.#main, NOT_A_NAME, at!.source!);
    else if (end - start > LINE_BYTES_MAX) this.#missed(part, LINE_TOO_LONG, beginningOf(chunk, start, end));
    else if (this.#naming !== undefined && (this.#naming.isChosen || at?.source === undefined))
      this.#readNamed(this.#naming, part, chunk, start, end, at);
    else this.#read(part, chunk, start, end, at);
  }

  text(line: string, at?: LineOrigin): void {
    const bytes = Buffer.from(line);
    this.line({ bytes, text: bytes.toString('latin1') }, 0, bytes.length, at);
  }

  named(of: unknown): string | undefined {
    return this.#naming?.isChosen === true ? valueUnder(this.#naming.key.paths[0], of) : undefined;
  }

  /** Each object of a line by itself: they may be of several services. */
  #readNamed(
    { key }: Naming,
    otherwise: SourceBatch,
    chunk: Chunk,
    start: number,
    end: number,
    at: LineOrigin | undefined,
  ): void {
    for (let from = start; from !== -1;) {
      const name = key.find(chunk, from, end),
        { end: stop, next } = key;
      const part = name === undefined ? otherwise : (this.#parts.of(name) ?? otherwise);
      this.#read(part, chunk, from, stop, at);
      from = next;
    }
  }

  #read(part: SourceBatch, chunk: Chunk, start: number, end: number, at: LineOrigin | undefined): void {
    const { reader } = part;
    if (this.#looks > 0) {
      this.#looks--;
      this.#deps.naming?.look(part.state.name, chunk, start, end);
    }
    this.#took(part, reader.read(chunk, start, end, this.hit), chunk, start, end, at);
    while (reader.hasMore) this.#took(part, reader.more(this.hit), chunk, start, end, at);
  }

  #took(
    part: SourceBatch,
    miss: Miss | undefined,
    chunk: Chunk,
    start: number,
    end: number,
    at: LineOrigin | undefined,
  ): void {
    if (miss === undefined) this.#count(part, at, chunk, start, end);
    else
      this.#missed(part, miss, this.#misses.wantsSample(part, chunk, start, end) ? beginningOf(chunk, start, end) : '');
  }

  add(at?: LineOrigin): void {
    const part = at?.source === undefined ? this.#main : this.#parts.of(at.source);
    if (part === undefined) this.#missed(this.#main, NOT_A_NAME, at!.source!);
    else this.#count(part, at);
  }

  miss(miss: Miss, sample: string, at?: LineOrigin): void {
    this.#missed((at?.source === undefined ? undefined : this.#parts.of(at.source)) ?? this.#main, miss, sample);
  }

  cursor(cursor: Cursor): void {
    this.#cursors.push(cursor);
  }

  #count(given: SourceBatch, at: LineOrigin | undefined, chunk?: Chunk, start?: number, end?: number): void {
    const { hit } = this;
    let part: SourceBatch | undefined = given;
    if (hit.has(SOURCE)) {
      part = this.#parts.namedBy(hit);
      if (part === undefined) return this.#missed(given, NOT_A_NAME, hit.text(SOURCE)!);
    }
    this.#line++;
    this.#hits++;
    const arrival = this.#arrival;
    // A division a line is felt, and mostly the time is that of the line before.
    if (hit.ts !== this.#lastTs) this.#turnTo(hit.ts);
    let ts = (hit.ts = this.#ts);
    if (!(ts >= 0)) {
      this.#timed = false;
      ts = at?.ts === undefined ? NaN : wholeTime(at.ts);
      if (!(ts >= 0)) part.untimed += hit.count;
    }
    if (ts > part.newest) part.newest = ts;
    if (!(ts <= arrival + AHEAD_MS_MAX)) ts = arrival;
    if (ts < Math.min(part.state.watermark, arrival) - LATE_BEHIND_MS || ts < arrival - LATE_AGE_MS)
      part.late += hit.count;
    part.received += hit.count;
    part.accepted += hit.count;
    if (part.source === 0 && !this.#parts.place(part, hit.count)) return;
    this.#delta.add(hit, part.source, ts);
    this.#deps.witness?.see(hit, part.countedAs, ts, arrival, chunk, start, end);
  }

  #turnTo(ts: number): void {
    this.#ts = wholeTime((this.#lastTs = ts));
    if (this.#ts >= 0 && ts % 1000 !== 0) this.#subSecond = true;
  }

  #missed(part: SourceBatch, miss: Miss, sample: string): void {
    this.#misses.add(part, miss, sample, ++this.#line);
  }

  digest(own?: Buffer): Buffer | undefined {
    this.#framer.end();
    if (!this.#timed || this.#hits === 0 || (this.#hits < 2 && !this.#subSecond)) return undefined;
    return own ?? this.#hash?.digest();
  }

  async commit(identity?: Identity): Promise<IngestAnswer> {
    this.#framer.end();
    const { registry, pipeline, metrics, now } = this.#deps;
    const parts = this.#parts.received;
    const sum = (of: (part: SourceBatch) => number) => parts.reduce((n, part) => n + of(part), 0);
    const note = limitNote(parts, registry.max, this.#parts.further);
    const answer: IngestAnswer = {
      received: sum((p) => p.received),
      accepted: sum((p) => p.accepted),
      rejected: sum((p) => p.rejected),
      skipped: sum((p) => p.skipped),
      duplicate: false,
      errors: this.#misses.errors,
      ...(note === undefined ? {} : { note }),
    };
    if (parts.length === 0 && this.#cursors.length === 0) return answer;
    for (const part of parts) if (part.source === 0 && registry.onRecord(part.state.name)) this.#parts.place(part, 1);
    const tallies = parts.filter((part) => part.source !== 0);
    // Another batch may have come by the place meanwhile, if this one took very long.
    if (parts.some((part) => part.source !== 0 && !registry.holds(part.countedAs, part.source)))
      throw errors.storeBusy("The request took so long that its source's place was given to another.");
    const submittedAt = now();
    const submitted = metrics.submitted();
    const { cursor } = this.#naming ?? {};
    if (cursor !== undefined && tallies.length > 0) this.#cursors.push(cursor);
    const toKeep = tallies.length > 0 || this.#cursors.length > 0 || identity !== undefined;
    const outcome = await (
      toKeep
        ? pipeline.submit({
            delta: this.#delta,
            tallies,
            identity,
            cursors: this.#cursors,
            answer: JSON.stringify(answer),
          })
        : NOTHING_TO_KEEP
    ).finally(submitted);
    if (cursor !== undefined && tallies.length > 0 && outcome.committed) this.#deps.naming?.stored(cursor);
    for (const part of parts) this.#remember(part, outcome.committed);
    const said = outcome.committed
      ? answer
      : { ...(JSON.parse(outcome.duplicateOf.answer) as IngestAnswer), duplicate: true };
    metrics.batch(said, now() - submittedAt);
    return said;
  }

  #remember(part: SourceBatch, committed: boolean): void {
    const at = this.#arrival;
    const { state, newest } = part;
    // by a clock that has just jumped ahead, everything that comes later would be late
    state.watermark = Math.max(state.watermark, Math.min(newest, at, this.#deps.settled?.() ?? at));
    settle(part, at, committed, this.#deps);
    this.#deps.diagnostics.saw(part.countedAs, {
      at,
      receiver: this.#options.receiver,
      userAgent: this.#options.userAgent,
      format: part.reader.format ?? this.#main.reader.format,
      newestEvent: newest === -Infinity ? undefined : newest,
      hits: part.accepted,
      untimed: part.untimed,
      misses: part.misses,
    });
  }
}

/** Lines that were not counted, of sources that never had one: they are remembered, not written. */
const NOTHING_TO_KEEP: Promise<Outcome> = Promise.resolve({ committed: true });
const NOT_A_NAME = rejected('no-source', 'not a source name');
