// What one request (or datagram burst, or stretch of a tailed file) brought: lines go in, one durable answer comes out.
// Counted into a delta of its own, so that a request that breaks off counts nothing.
import type { Chunk, Miss } from '../formats/format.ts';
import type { Hit } from '../core/hit.ts';
import type { Cursor, Identity } from '../store/store.ts';
import type { IngestAnswer } from '#shared/api.ts';

export interface Batch {
  /** The scratch hit to fill for `add`; reset it first. */
  readonly hit: Hit;
  /** Decoded body bytes in any cut: newline-separated lines, a JSON array, or JSON objects one after another. The bytes may be reused after. */
  write(bytes: Buffer): void;
  /** One record that the receiver has framed itself (a syslog message, a Loki entry, a `message` value). */
  line(chunk: Chunk, start: number, end: number, at?: LineOrigin): void;
  /** One record as text. */
  text(line: string, at?: LineOrigin): void;
  /** `this.hit`, filled by the receiver itself (OTLP attributes). */
  add(at?: LineOrigin): void;
  /** A record that gave no hit. */
  miss(miss: Miss, sample: string, at?: LineOrigin): void;
  /** Moves with the counts, in the same transaction. */
  cursor(cursor: Cursor): void;
  /** SHA-256 of what was written, when the rules of identity allow one (every record its own time; ≥ 2 records or sub-second times). */
  digest(): Buffer | undefined;
  /** Make it durable and answer. Without an identity the batch is never deduplicated. */
  commit(identity?: Identity): Promise<IngestAnswer>;
}

/** Where a record says it comes from, when its sender knows better than the request. */
export interface LineOrigin {
  source?: string;
  /** ms; used when the line has no time of its own. */
  ts?: number;
}
