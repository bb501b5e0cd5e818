// The seam of stores: everything durable goes through this interface. One module a table behind it, one contract test for all
// engines. Methods are async so that an engine across a socket fits; sqlite's resolve at once.
import type { Delta } from '../core/delta.ts';

/** What one batch asks to be made durable, all or nothing. */
export interface Submission {
  delta: Delta;
  /** Per source: what became of the lines received. received = accepted + rejected + skipped (+ duplicate). */
  tallies: readonly Tally[];
  /** Strongest identity the sender gave; absent for batches that are never deduplicated. */
  identity?: Identity;
  /** Positions that move with the counts in the same transaction: tail and stream offsets, OTLP cumulative state. */
  cursors?: readonly Cursor[];
  /** The answer to give again to a duplicate. */
  answer: string;
}

export interface Identity {
  /** Token id + path, so that one sender cannot hit another's ledger. */
  scope: string;
  /** Idempotency-Key, or SHA-256 of the decoded body. */
  key: Buffer;
}

export interface Tally {
  source: number;
  received: number;
  accepted: number;
  rejected: number;
  skipped: number;
  /** Lines of batches that had been committed before. */
  duplicate: number;
  late: number;
  /** By kind and reason. */
  reasons: ReadonlyMap<string, number>;
}

/** Namespaced key, opaque value; upserted. */
export interface Cursor {
  key: string;
  value: Buffer;
}

export type Outcome = { committed: true } | { committed: false; duplicateOf: { answer: string; at: number } };
