// What only one program's failures need: where that program says in words why it failed, and the command that shows its side. The steps
// of a cause hold for any proxy; these are put before them when that program wrote the log.
import type { Check, Failures } from '../causes/cause.ts';
import type { Proxy } from '../exchange.ts';

export interface ProxyGuide {
  proxy: Proxy;
  /** As its users call it. */
  name: string;
  /** Where its reasons are, for a cause that `steps` does not have. */
  log: Check;
  /** By the id of a cause. */
  steps: Readonly<Partial<Record<string, readonly Check[]>>>;
}

/** Words that a program writes to its log, as `grep -E` finds them. */
export interface LogWords {
  /** In quotes, the way it writes them. */
  words: string;
  pattern: string;
  when?(f: Failures): boolean;
}

/** `{from}` and `{to}` are times; a log that is grepped is bounded by its last lines. */
export const grepped = (log: string, pattern: string): string => `grep -E '${pattern}' ${log} | tail -20`;
