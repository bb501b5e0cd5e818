// What every sender did and what we told it: the shipper doctor's memory, bounded per source.
import type { SourceStatus, Stranger } from '#shared/api.ts';
import type { Miss } from '../formats/format.ts';

export interface Doctor {
  /** A batch of this source was read. */
  saw(source: string, seen: { at: number; receiver: string; userAgent?: string; format: string | null; newestEvent?: number; misses: readonly { miss: Miss; sample: string }[] }): void;
  /** What we answered. */
  answered(source: string, at: number, status: number, note: string): void;
  /** A request to a path that we do not serve. */
  stranger(request: { at: number; method: string; path: string; userAgent?: string }): void;
  sources(now: number): SourceStatus[];
  strangers(): Stranger[];
}
