// The records of a batch that gave no hit: counted by reason in the part that they came for, and the first of them told with how they begin.
import type { IngestAnswer } from '#shared/api.ts';
import { ASCII } from '../core/ascii.ts';
import { masked } from '../core/diagnose/mask.ts';
import type { Chunk, Miss } from '../formats/format.ts';
import { LINE_TOO_LONG, skipped } from '../formats/misses.ts';
import type { SourceBatch } from './source-batch.ts';

/**
 * Errors told in an answer, and how much of each line; more of it is looked at for secrets, so that none is cut in two and missed.
 */
const ERRORS_MAX = 20;
const SAMPLE_LENGTH_MAX = 200,
  SAMPLE_READ_MAX = 1000;
/** Cloudflare Logpush asks whether the destination works with this; it is no hit, and no mistake. */
const LOGPUSH_TEST = /^\s*\{\s*"content"\s*:\s*"tests?"\s*\}\s*$/;
const LOGPUSH_LENGTH_MIN = 18,
  LOGPUSH_LENGTH_MAX = 64;
const { BRACE } = ASCII;
const LOGPUSH_MISS = skipped('logpush-test', 'Cloudflare Logpush test upload');

/** As much of a record as a miss of it may need. */
export const beginningOf = ({ bytes }: Chunk, start: number, end: number): string =>
  bytes.toString('utf8', start, Math.min(end, start + SAMPLE_READ_MAX));

export class BatchMisses {
  readonly errors: IngestAnswer['errors'] = [];

  /** A body of nothing but rubbish shall not cost a string a line. */
  wantsSample(part: SourceBatch, { bytes }: Chunk, start: number, end: number): boolean {
    return (
      part.misses.length < ERRORS_MAX ||
      this.errors.length < ERRORS_MAX ||
      (bytes[start] === BRACE && end - start >= LOGPUSH_LENGTH_MIN && end - start <= LOGPUSH_LENGTH_MAX)
    );
  }

  /** `line`: the number of the record in the batch. */
  add(part: SourceBatch, miss: Miss, sample: string, line: number): void {
    if (miss.kind === 'rejected' && sample !== '' && LOGPUSH_TEST.test(sample)) miss = LOGPUSH_MISS;
    part.received++;
    part[miss.kind]++;
    part.missed.set(miss, (part.missed.get(miss) ?? 0) + 1);
    const isTold = this.errors.length < ERRORS_MAX && (miss.kind === 'rejected' || miss === LINE_TOO_LONG);
    if (!isTold && part.misses.length >= ERRORS_MAX) return;
    const shown = masked(sample.slice(0, SAMPLE_READ_MAX)).slice(0, SAMPLE_LENGTH_MAX);
    if (part.misses.length < ERRORS_MAX) part.misses.push({ miss, sample: shown });
    if (isTold) this.errors.push({ line, reason: miss.text, sample: shown });
  }
}
