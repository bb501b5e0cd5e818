// The one writer: a bounded queue of submissions, grouped into one durable transaction, each answered after its commit.
import type { Outcome, Submission } from './store/store.ts';
import type { Delta } from './core/delta.ts';

export interface Pipeline {
  /** Small stable id of a source name; made on first sight. */
  sourceId(name: string): number;
  sourceName(id: number): string;
  /** An empty delta to count one batch into. */
  newDelta(): Delta;
  /** Resolves after the commit (or with the first answer of a duplicate); rejects with errors.overloaded when the queue is full. */
  submit(submission: Submission): Promise<Outcome>;
  /** Called with what was committed, once a group, in commit order. */
  onCommit(listener: (delta: Delta) => void): void;
  /** Stop taking, flush, resolve when all is durable. */
  close(): Promise<void>;
}
