// The seam of receivers: how bytes arrive. One file a protocol in this folder, one line each in index.ts.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Batch, BatchOptions } from './batch.ts';
import type { DecodeLimits } from './decode.ts';
import type { Doctor } from './doctor.ts';
import type { SampledTimes } from './sampled.ts';

export interface ReceiverDeps {
  /** A new batch. `receiver` and `userAgent` are for the doctor; `format` is a name, 'auto' or a log_format string. */
  open(options: BatchOptions): Batch;
  doctor: Doctor;
  /** Told of hits that may stand for more. */
  sampled: SampledTimes;
  limits: DecodeLimits;
  /** Which token this request came with: part of a batch's identity. '' without one. */
  tokenOf(request: FastifyRequest): string;
  /** What was kept under this key by a committed batch's cursor. */
  readCursor(key: string): Promise<Buffer | undefined>;
  now(): number;
}

export interface Receiver {
  readonly name: string;
  readonly title: string;
  /**
   * Adds its routes, in a plugin scope of its own: parsers it registers do not leak. Bodies are not parsed: `request.raw` is the
   * stream, for decode.ts, whatever the Content-Type. A Failure that is thrown becomes its status and JSON; anything else a 503.
   */
  register(app: FastifyInstance, deps: ReceiverDeps): void | Promise<void>;
}
