// The seam of receivers: how bytes arrive. One file a protocol in this folder, one line each in index.ts.
import type { FastifyInstance } from 'fastify';
import type { Batch } from './batch.ts';
import type { Doctor } from './doctor.ts';

export interface ReceiverDeps {
  /** A new batch. `receiver` and `userAgent` are for the doctor; `format` is a name, 'auto' or a log_format string. */
  open(options: { source: string; receiver: string; userAgent?: string; format?: string }): Batch;
  doctor: Doctor;
  /** What was kept under this key by a committed batch's cursor. */
  readCursor(key: string): Promise<Buffer | undefined>;
  now(): number;
}

export interface Receiver {
  readonly name: string;
  readonly title: string;
  /** Adds its routes, in a plugin scope of its own: parsers it registers do not leak. */
  register(app: FastifyInstance, deps: ReceiverDeps): void | Promise<void>;
}
