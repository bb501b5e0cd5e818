// What one source brought in one batch. A class, so that all of them have one shape: a counter is added to with every line.
import type { Miss } from '../formats/format.ts';
import type { LineReader } from '../formats/line-reader.ts';
import type { Tally } from '../store/store.ts';
import type { SourceState } from './source-registry.ts';

export class SourceBatch implements Tally {
  readonly state: SourceState;
  readonly reader: LineReader;
  /** Where its lines are counted, and under which name; 0 before the first. */
  source = 0;
  countedAs: string;
  received = 0;
  accepted = 0;
  rejected = 0;
  skipped = 0;
  readonly duplicate = 0;
  late = 0;
  /** Hits whose line has no time that is read, nor has what it came in: they count at arrival. */
  untimed = 0;
  /** How many gave no hit, by why not. */
  readonly missed = new Map<Miss, number>();
  /** The newest time its own lines gave, however far ahead. */
  newest = -Infinity;
  readonly misses: { miss: Miss; sample: string }[] = [];

  constructor(state: SourceState, reader: LineReader) {
    this.state = state;
    this.reader = reader;
    this.countedAs = state.name;
  }

  /** As they are stored; different places may give the same reason. */
  get reasons(): Map<string, number> {
    const reasons = new Map<string, number>();
    for (const [{ kind, id }, n] of this.missed) reasons.set(`${kind}:${id}`, (reasons.get(`${kind}:${id}`) ?? 0) + n);
    return reasons;
  }
}
