// Takes the wrapping off lines, as often as it was put on (at most three times), and joins what a container runtime cut in pieces.
// The formats see the line as the proxy wrote it; a time of the wrapping counts only when the line has none.
import type { Hit } from '../../core/hit.ts';
import { Envelope } from './envelope.ts';
import type { Chunk, Miss, Surroundings } from '../format.ts';
import { OTHER_STAGES, skipped } from '../misses.ts';
import { Objects } from './objects.ts';
import { MultilineJson } from './multiline-json.ts';
import { ESCAPE, plainChunk } from './terminal.ts';
import { unwrapCell } from './cell.ts';
import { unwrapContainer } from './container.ts';
import { jsonShape, unwrapJson, unwrapPairs, unwrapRequest, unwrapTail } from './record.ts';
import { unwrapSyslog } from './syslog.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACE, DOT, SPACE } = ASCII;

/** A syslog message in Docker's JSON in Fluent Bit's envelope: deeper than this nobody nests. */
const DEPTH_MAX = 3;
/** A joined line may be as long as the longest that is taken. */
const JOINED_BYTES_MAX = 64 * 1024;

const SPREAD = skipped('json-part', 'part of a JSON record spread over lines; counted where it ends');
const PARTIAL = skipped('line-piece', 'a piece of a line that the container runtime cut; counted with its last piece');

/** Wrapping that stands before the line. */
export function unwrapPrefix(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  // JSON, an address: most lines are told by their first bytes
  if (chunk.bytes[start] === BRACE || beginsIpv4(chunk.bytes, start)) return false;
  out.open(chunk);
  return unwrapSyslog(chunk, start, end, out) || unwrapContainer(chunk, start, end, out);
}

/** "203." begins an IPv4 address: no length, time or name of a wrapping does. */
function beginsIpv4(b: Uint8Array, start: number): boolean {
  const c = b[start];
  return c >= 0x30 && c <= 0x39 && (b[start + 1] === DOT || b[start + 2] === DOT || b[start + 3] === DOT);
}

/** Wrapping that holds the line as a value. */
export function unwrapRecord(chunk: Chunk, start: number, end: number, out: Envelope): boolean {
  out.open(chunk);
  if (chunk.bytes[start] === BRACE) return unwrapJson(chunk, start, end, out);
  return (
    unwrapTail(chunk, start, end, out) || unwrapPairs(chunk, start, end, out) || unwrapCell(chunk, start, end, out)
  );
}

type ReadLine = (chunk: Chunk, start: number, end: number, hit: Hit) => Miss | undefined;

/** One a stream: reads wrapped lines with the reader of bare ones. */
export class Unwrapper {
  readonly #read: ReadLine;
  readonly #readLast: ReadLine | undefined;
  readonly #around: Surroundings;
  readonly #envelopes = Array.from({ length: DEPTH_MAX }, () => new Envelope());
  readonly #multiline = new MultilineJson();
  /** Objects that follow the one read, at each depth. */
  readonly #objects = new Objects(DEPTH_MAX);
  #pieces: Buffer | undefined;
  #piecesLength = 0;
  /** The last line was read as it stood. */
  #isBare = false;
  /** The shape of the last record that was an envelope, at each depth: another of that shape is one too. */
  readonly #recordShapes = new Float64Array(DEPTH_MAX).fill(-1);

  /**
   * `last` is asked when neither the line nor what it wraps is read. `declared`: people said what a line looks like, so what may be
   * its first column is no wrapping until the whole line fails.
   */
  constructor(read: ReadLine, around: Surroundings, declared = false, last?: ReadLine) {
    this.#read = read;
    this.#readLast = last;
    this.#around = around;
    this.#isBare = declared;
  }

  /** Does another record follow on the line read last? */
  get hasMore(): boolean {
    return this.#objects.depth !== -1;
  }

  /** Reads that record. */
  more(hit: Hit): Miss | undefined {
    const { chunk, start, end, ts, depth } = this.#objects.take();
    return this.#readTimed(chunk, start, end, ts, hit, depth);
  }

  read(chunk: Chunk, start: number, end: number, hit: Hit): Miss | undefined {
    this.#objects.clear();
    if (
      (this.#multiline.isOpen && this.#multiline.goesOn(chunk, start, end)) ||
      this.#multiline.begins(chunk, start, end)
    ) {
      const whole = this.#multiline.take(chunk, start, end);
      return whole === undefined ? SPREAD : this.#readAt(whole, 0, whole.text.length, hit, 0);
    }
    return this.#readAt(chunk, start, end, hit, 0);
  }

  #readAt(chunk: Chunk, start: number, end: number, hit: Hit, depth: number): Miss | undefined {
    const miss = this.#readWrapped(chunk, start, end, hit, depth);
    if (miss === undefined || this.#readLast === undefined || !mayBeRecord(miss)) return miss;
    return this.#readLast(chunk, start, end, hit) === undefined ? undefined : miss;
  }

  #readWrapped(chunk: Chunk, start: number, end: number, hit: Hit, depth: number): Miss | undefined {
    if (depth === DEPTH_MAX) return this.#read(chunk, start, end, hit);
    const envelope = this.#envelopes[depth];
    const prefixed = unwrapPrefix(chunk, start, end, envelope);
    const doubted = prefixed && envelope.isLoose && this.#isBare;
    if (prefixed && !doubted) {
      const inside = this.#readInside(envelope, hit, depth);
      if (inside === undefined || inside === PARTIAL) return inside;
      // The prefix may have been a column of the format.
      const whole = this.#read(chunk, start, end, hit);
      if (whole !== undefined) return inside;
      this.#objects.clear();
      if (envelope.isLoose) this.#isBare = depth === 0;
      return undefined;
    }
    // Only a stream that has held an envelope is asked for its shapes: a declared format need not be scanned as JSON.
    const known = this.#recordShapes[depth];
    if (known !== -1 && known === jsonShape(chunk, start, end) && unwrapRecord(chunk, start, end, envelope)) {
      end = this.#objects.look(chunk, start, end, depth);
      const inside = this.#readInside(envelope, hit, depth);
      if (inside === undefined || inside === PARTIAL) return inside;
    }
    let bare = this.#read(chunk, start, end, hit);
    if (chunk.bytes[start] === BRACE) {
      const stop = this.#objects.look(chunk, start, end, depth);
      if (stop !== end) {
        if (bare !== undefined) bare = this.#read(chunk, start, stop, hit);
        end = stop;
      }
    }
    if (bare === undefined && depth === 0) this.#isBare = true;
    if (bare !== undefined && doubted && unwrapPrefix(chunk, start, end, envelope)) {
      const inside = this.#readInside(envelope, hit, depth);
      if (inside === undefined || inside === PARTIAL) return inside;
    }
    if (bare === undefined) return bare;
    let inside: Miss | undefined = bare;
    if (unwrapRecord(chunk, start, end, envelope)) inside = this.#readInside(envelope, hit, depth);
    if (inside !== undefined && inside !== PARTIAL && this.#opensRequest(chunk, start, end, depth)) {
      const request = this.#readInside(envelope, hit, depth);
      if (request === undefined) return undefined;
    }
    if (inside !== undefined && inside !== PARTIAL)
      return inside.kind === 'rejected' || OTHER_STAGES.has(inside) ? inside : bare;
    this.#recordShapes[depth] = jsonShape(chunk, start, end);
    return inside;
  }

  #opensRequest(chunk: Chunk, start: number, end: number, depth: number): boolean {
    const envelope = this.#envelopes[depth];
    envelope.open(chunk);
    return unwrapRequest(chunk, start, end, envelope);
  }

  #readInside(envelope: Envelope, hit: Hit, depth: number): Miss | undefined {
    const { ts } = envelope;
    if (depth === 0) this.#isBare = false;
    if (envelope.isPartial || this.#piecesLength > 0) this.#join(envelope);
    if (envelope.isPartial) return PARTIAL;
    if (envelope.isOwn && envelope.chunk.text.includes(ESCAPE)) envelope.take(plainChunk(envelope.chunk.text));
    let { start, end } = envelope;
    const { bytes } = envelope.chunk;
    while (end > start && bytes[end - 1] <= SPACE) end--;
    while (start < end && bytes[start] <= SPACE) start++;
    if (start === end) return NOTHING;
    this.#around.isColumn = envelope.isLoose;
    return this.#readTimed(envelope.chunk, start, end, ts, hit, depth + 1);
  }

  /** What stands in an envelope of that time; NaN: of none. */
  #readTimed(chunk: Chunk, start: number, end: number, ts: number, hit: Hit, depth: number): Miss | undefined {
    const around = this.#around,
      { isTimed } = around;
    if (ts === ts) around.isTimed = true;
    this.#objects.setTime(depth, ts);
    const miss = this.#readAt(chunk, start, end, hit, depth);
    around.isTimed = isTimed;
    if (miss === undefined && hit.ts !== hit.ts) hit.ts = ts;
    return miss;
  }

  #join(envelope: Envelope): void {
    // A piece that was cut at a blank keeps it.
    if (envelope.isPartial && !envelope.isOwn) while (envelope.chunk.bytes[envelope.end] === SPACE) envelope.end++;
    const pieces = (this.#pieces ??= Buffer.alloc(JOINED_BYTES_MAX));
    this.#piecesLength += envelope.chunk.bytes.copy(pieces, this.#piecesLength, envelope.start, envelope.end);
    if (envelope.isPartial) return;
    envelope.own(pieces, this.#piecesLength);
    this.#piecesLength = 0;
  }
}

/** What is known to be something else is not asked again. */
export const mayBeRecord = (miss: Miss): boolean => miss.kind === 'rejected' || LOOKS.has(miss.id);
const LOOKS: ReadonlySet<string> = new Set(['not-access', 'status-dash', 'application-log', 'log-without-status']);

const NOTHING = skipped('empty-envelope', 'an envelope with no line in it');
