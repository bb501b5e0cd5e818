// A row of the tables of frameworks.
import type { Sample } from '../format.ts';
import type { LinePattern } from '../layout/line-pattern.ts';

export interface Framework {
  /** Whose lines these are. */
  readonly of: string;
  /** Whole enough that nothing else looks like it: the parts of a line in a row, a blank for one blank or more. */
  readonly pattern: LinePattern;
  /** Lines that the pattern reads, before any other does. */
  readonly samples: readonly Sample[];
}
