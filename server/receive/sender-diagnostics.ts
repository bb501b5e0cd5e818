// What every sender did and what it was answered: a memory, bounded per source. The sums are the store's; here is what is
// worth knowing only about now.
import type { SourceStatus, Stranger } from '#shared/api.ts';
import type { Miss } from '../formats/format.ts';
import { AHEAD_MS_MAX } from './event-time.ts';
import { UnknownRequests, type UnknownRequest } from './unknown-requests.ts';

export interface SenderDiagnostics {
  /** A batch of this source was read. */
  saw(source: string, seen: Seen): void;
  /** What we answered. */
  answered(source: string, at: number, status: number, note: string): void;
  /** A request to a path that we do not serve, or one that was refused, and why. */
  stranger(request: UnknownRequest): void;
  about(source: string): Known;
  strangers(): Stranger[];
}

export interface Seen {
  at: number;
  receiver: string;
  userAgent?: string;
  format: string | null;
  /** Newest time its own lines gave, ms; ahead of `at` when its clock is. */
  newestEvent?: number;
  /** How many counted, and how many of those at arrival because no time was read. */
  hits?: number;
  untimed?: number;
  misses: readonly { miss: Miss; sample: string }[];
}

/** The part of a source's status that lives in memory; empty after a restart until it sends again. */
export type Known = Pick<
  SourceStatus,
  'format' | 'receiver' | 'userAgent' | 'lastEvent' | 'lagMs' | 'clockAheadMs' | 'lastMisses' | 'answers' | 'flags'
>;

const MISSES_MAX = 10;
const ANSWERS_MAX = 10;
const LAGS_MAX = 31;
/** What comes later is a backfill. */
const LAG_MS_MAX = 3 * 3_600_000;
const SOURCES_MAX = 2000;
/** Sources of which nothing is counted. */
const PASSING_MAX = 100;
const TEXT_MAX = 200;
/** Less is the time a line travels, and clocks that differ as clocks do. */
const AHEAD_MS_MIN = 2000;

interface Memory {
  receiver: string | null;
  userAgent: string | null;
  format: string | null;
  lastEvent: number | null;
  /** Arrival minus newest event of the last batches, ms. */
  lags: number[];
  /** Of the last batches that had any: hits, and those without a time. */
  times: [hits: number, untimed: number][];
  misses: SourceStatus['lastMisses'];
  answers: SourceStatus['answers'];
}

/** `counted` tells whether a source has a place of its own: names that anyone may invent do not push those out. */
export function createSenderDiagnostics(counted: (source: string) => boolean = () => true): SenderDiagnostics {
  const memories = new Map<string, Memory>(),
    passing = new Map<string, Memory>();
  const unknown = new UnknownRequests();

  const memoryOf = (source: string): Memory => {
    const [home, max] = counted(source) ? ([memories, SOURCES_MAX] as const) : ([passing, PASSING_MAX] as const);
    let memory = home.get(source);
    if (memory === undefined) {
      if (home.size >= max) home.delete(home.keys().next().value!);
      memory = passing.get(source) ?? {
        receiver: null,
        userAgent: null,
        format: null,
        lastEvent: null,
        lags: [],
        times: [],
        misses: [],
        answers: [],
      };
      passing.delete(source);
      home.set(source, memory);
    }
    return memory;
  };

  return {
    saw(source, seen) {
      const memory = memoryOf(source);
      memory.receiver = seen.receiver;
      memory.userAgent = seen.userAgent?.slice(0, TEXT_MAX) ?? memory.userAgent;
      memory.format = seen.format ?? memory.format;
      if (seen.newestEvent !== undefined) {
        // a time that is still to come was a clock's that was ahead
        const before =
          memory.lastEvent !== null && memory.lastEvent <= seen.at + AHEAD_MS_MAX ? memory.lastEvent : -Infinity;
        memory.lastEvent = Math.max(before, Math.min(seen.newestEvent, seen.at));
        if (seen.at - seen.newestEvent < LAG_MS_MAX) push(memory.lags, seen.at - seen.newestEvent, LAGS_MAX);
      }
      if (seen.hits !== undefined && seen.hits > 0) push(memory.times, [seen.hits, seen.untimed ?? 0], LAGS_MAX);
      for (const { miss, sample } of seen.misses.slice(-MISSES_MAX))
        push(memory.misses, { at: seen.at, kind: miss.kind, reason: miss.text, sample }, MISSES_MAX);
    },
    answered(source, at, status, note) {
      push(memoryOf(source).answers, { at, status, note: note.slice(0, TEXT_MAX) }, ANSWERS_MAX);
    },
    stranger: (request) => unknown.add(request),
    about(source) {
      const memory = memories.get(source) ?? passing.get(source);
      if (memory === undefined)
        return {
          format: null,
          receiver: null,
          userAgent: null,
          lastEvent: null,
          lagMs: null,
          clockAheadMs: null,
          lastMisses: [],
          answers: [],
          flags: [],
        };
      const lag = median(memory.lags);
      const ahead = lag !== null && lag < -AHEAD_MS_MIN ? -lag : null;
      return {
        format: memory.format,
        receiver: memory.receiver,
        userAgent: memory.userAgent,
        lastEvent: memory.lastEvent,
        lagMs: lag === null ? null : Math.max(0, lag),
        clockAheadMs: ahead,
        lastMisses: memory.misses.toReversed(),
        answers: memory.answers.toReversed(),
        flags: [...(ahead === null ? [] : ['clock-ahead']), ...timeFlags(memory.times)],
      };
    },
    strangers: () => unknown.list(),
  };
}

/** The time of most lines is not read, or that of some. */
function timeFlags(times: Memory['times']): string[] {
  const hits = times.reduce((n, [of]) => n + of, 0),
    untimed = times.reduce((n, [, of]) => n + of, 0);
  return untimed === 0 ? [] : [untimed * 2 >= hits ? 'no-time' : 'some-no-time'];
}

function push<T>(list: T[], item: T, max: number): void {
  if (list.length >= max) list.shift();
  list.push(item);
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
