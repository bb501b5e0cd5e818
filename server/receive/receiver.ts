// The seam of receivers: how bytes arrive. One file a protocol in this folder, one line each in index.ts.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { IngestAnswer } from '#shared/api.ts';
import { count } from '#shared/numbers.ts';
import type { Batch, BatchOptions } from './batch.ts';
import type { DecodeLimits } from './allowance.ts';
import type { SenderDiagnostics } from './sender-diagnostics.ts';
import type { SampledTimes } from './sampled.ts';

export interface ReceiverDeps {
  /** A new batch. `receiver` and `userAgent` are for the diagnostics; `format` is a name, 'auto' or a log_format string. */
  open(options: BatchOptions): Batch;
  diagnostics: SenderDiagnostics;
  /** Told of hits that may stand for more. */
  sampled: SampledTimes;
  limits: DecodeLimits;
  /** The name of who sends, '' without one: part of a batch's identity. Never the token itself, which may be changed. */
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

/**
 * A new batch for a request, which may say by `?sourceKey=` what names the source of each record. When it cannot be opened, the body is
 * read to its end all the same, so that the sender reads the answer.
 */
export function openFor(
  request: FastifyRequest,
  deps: Pick<ReceiverDeps, 'open'>,
  options: Omit<BatchOptions, 'sourceKey' | 'userAgent'>,
): Batch {
  try {
    return deps.open({ ...options, sourceKey: sourceKeyOf(request), userAgent: request.headers['user-agent'] });
  } catch (error) {
    request.raw.resume();
    throw error;
  }
}

/** The first, when it is given several times. */
export function sourceKeyOf(request: FastifyRequest): string | undefined {
  const { sourceKey } = request.query as { sourceKey?: string | string[] };
  return Array.isArray(sourceKey) ? sourceKey[0] : sourceKey;
}

/** How many records of a batch were what, for the diagnostics. */
export function tallied({ accepted, rejected, skipped, duplicate, note }: IngestAnswer): string {
  const also = Object.entries({ rejected, skipped })
    .filter(([, n]) => n > 0)
    .map(([what, n]) => `, ${count(n)} ${what}`);
  return `${count(accepted)} accepted${also.join('')}${duplicate ? ', a duplicate' : ''}${note === undefined ? '' : `. ${note}`}`;
}

/** Tells the diagnostics what a batch was answered, at each source that its records were for. */
export function answered(
  { diagnostics, now }: Pick<ReceiverDeps, 'diagnostics' | 'now'>,
  { sources }: { readonly sources: Iterable<string> },
  status: number,
  note: string,
): void {
  for (const source of sources) diagnostics.answered(source, now(), status, note);
}
