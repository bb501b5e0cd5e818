// The seam of stores: everything durable goes through this interface. One module a table behind it, one contract test for all
// engines. Methods are async so that an engine across a socket fits; sqlite's resolve at once.
import type {
  Annotation,
  Breakdown,
  Crossed,
  Crossing,
  Dimension,
  Incident,
  IncidentDetail,
  IncidentState,
  NewAnnotation,
  Rule,
  RuleSpec,
  Series,
  Totals,
} from '#shared/api.ts';
import type { Exchange } from '#shared/exchange.ts';
import type { StatusClass } from '#shared/status.ts';
import type { Delta } from '../core/count/delta.ts';
import type { Dictionary } from '../core/count/values.ts';

/** What one batch asks to be made durable, all or nothing. */
export interface Submission {
  delta: Delta;
  /** Per source: what became of the lines received. received = accepted + rejected + skipped (+ duplicate). */
  tallies: readonly Tally[];
  /** Strongest identity the sender gave; absent for batches that are never deduplicated. */
  identity?: Identity;
  /** Positions that move with the counts in the same transaction: tail and stream offsets, OTLP cumulative state. */
  cursors?: readonly Cursor[];
  /** The answer to give again to a duplicate. */
  answer: string;
}

export interface Identity {
  /** The sender's name and the path, so that one sender cannot hit another's ledger. */
  scope: string;
  /** Idempotency-Key, or SHA-256 of the decoded body. */
  key: Buffer;
}

export interface Tally {
  source: number;
  received: number;
  accepted: number;
  rejected: number;
  skipped: number;
  /** Lines of batches that had been committed before. */
  duplicate: number;
  late: number;
  /** By "kind:id" of the reason. */
  reasons: ReadonlyMap<string, number>;
}

/** Namespaced key, opaque value; upserted. */
export interface Cursor {
  key: string;
  value: Buffer;
}

export type Outcome = { committed: true } | { committed: false; duplicateOf: { answer: string; at: number } };

/** What a group of submissions came to: an outcome each, in order, and what was counted. */
export interface Commit {
  outcomes: Outcome[];
  /** Read it before the next commit; absent when every batch was a duplicate. */
  delta: Delta | undefined;
}

/** What keeps the store from writing, or soon will: until it is over, not at a moment. */
export interface StoreTrouble {
  what: 'disk-full' | 'write-failed' | 'wal-held';
  /** ms */
  since: number;
  /** What is so, and what to do: a sentence each. */
  text: string;
  hint: string;
  /** Lines get a 503 as long as it lasts. */
  refusing: boolean;
}

/** The database cannot be trusted with another commit (an fsync failed, a page is corrupt, its file is gone): stop acknowledging, exit, open it anew. */
export class StoreBroken extends Error {
  constructor(cause: unknown, what = 'the database cannot be written safely any more') {
    super(cause === undefined ? what : `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'StoreBroken';
  }
}

/** How long each tier is kept, in seconds, counted back from a source's newest event: a log of 2015 posted today keeps its counts. */
export interface Retention {
  counts10s: number;
  counts1m: number;
  counts1h: number;
  values1m: number;
  values1h: number;
  failures10s: number;
  failures1m: number;
  durations1m: number;
}

const DAY = 86_400;
/** Breakdowns per minute are a hundred times the rows of counts: two weeks of them and a day, so that last week can be compared; by the hour as long as the counts. */
export const RETENTION: Retention = {
  counts10s: 2 * DAY,
  counts1m: 35 * DAY,
  counts1h: 400 * DAY,
  values1m: 15 * DAY,
  values1h: 400 * DAY,
  failures10s: 2 * DAY,
  failures1m: 15 * DAY,
  durations1m: 15 * DAY,
};
export const LEDGER_MS = 72 * 3600_000;

export interface SourceRecord {
  id: number;
  name: string;
  firstSeen: number;
  lastSeen: number;
  /** ms; null before the first hit. */
  firstEvent: number | null;
  lastEvent: number | null;
  /** As set by hand; null when it is told by itself. */
  format: string | null;
  received: number;
  accepted: number;
  rejected: number;
  skipped: number;
  duplicate: number;
  late: number;
  /** Most first; kind and id apart. */
  reasons: { kind: 'rejected' | 'skipped'; id: string; count: number }[];
}

export interface SourceStore {
  /** Small stable id of a name; made on first sight, and durable with the first commit that counts something of it. Throws errors.tooManySources. */
  idOf(name: string): number;
  /** Without making one. */
  find(name: string): number | undefined;
  nameOf(id: number): string;
  /** Names that have an id. */
  readonly size: number;
  /** Takes an id back of which nothing was counted; it may be another name's next. */
  drop(name: string): void;
  /** Those that are durable. */
  list(): Promise<SourceRecord[]>;
  /** Somebody cares for this source: it is on record from now on (`at`, ms). */
  setFormat(name: string, format: string | null, at: number): Promise<void>;
}

/** ms; no bound means from the first hit, up to and including the newest. Bounds are widened to what is held, and told. */
export interface Range {
  from?: number;
  to?: number;
}

/** Those hits of a source that have this value. */
export interface OneValue {
  dimension: Dimension;
  value: string;
}

/** Most buckets of a series. */
export const BUCKETS_MAX = 10_000;

export interface SeriesQuery extends Range {
  /** ms, so long that there are no more than BUCKETS_MAX; the next longer one that the store has. Without it, about 600 buckets. */
  step?: number;
  by: 'class' | 'code' | 'source' | 'cause';
  source?: string;
  code?: number;
  /** By code, of one source. Values are counted by the minute: no step is finer. */
  where?: OneValue;
}

export interface BreakdownQuery extends Range {
  dimension: Dimension;
  source?: string;
  code?: number;
  class?: StatusClass;
  /** Rows to give; 100 without it. */
  limit?: number;
}

export interface CodeTrend {
  code: number;
  count: number;
  /** In the same length of time before. */
  before: number;
  share: number;
  /** About 30 buckets over the range. */
  trend: number[];
}

/** The store counts; whether what it counted was all there was, it does not know. */
type Counted<T> = Omit<T, 'sampled'>;

/** Values of the upstreams, routes and hosts of a source, from and to in ms. */
export interface PlaceQuery {
  source: string;
  from: number;
  to?: number;
}

/** Requests of one value and code in a minute. `id` as in core/count/value-id.ts. */
export interface ValueRow {
  id: number;
  /** s; begin of the minute. */
  second: number;
  code: number;
  count: number;
}

/** How long requests took in a minute that did not fail; number 0 stands for all values but the most frequent. */
export interface DurationRow {
  id: number;
  /** s; begin of the minute. */
  second: number;
  /** By bucket of core/count/duration.ts. */
  counts: number[];
}

/** Exchanges that failed alike in one bucket. Value ids as in core/count/value-id.ts: 0 is `other`, or that the line had none. */
export interface FailureRow {
  /** s; begin of the bucket. */
  second: number;
  /** s; of the bucket: 10, or 60 where only that is left. */
  width: number;
  code: number;
  cause: number;
  upstream: number;
  route: number;
  host: number;
  count: number;
}

export interface CrossingQuery extends Range {
  source?: string;
  rows: Crossed;
  columns: Crossed;
  /** Only what failed with these; a value that was never counted matches nothing. */
  where?: Partial<Record<Exclude<Crossed, 'code'>, string>> & { code?: number };
  /** Rows and columns to give, each; 50 without it. */
  limit?: number;
}

/** What failed (core/failing.ts), by all that is known of it together. */
export interface FailureStore {
  crossing(query: CrossingQuery): Promise<Omit<Crossing, 'sampled'>>;
  /** Oldest first; up to 120,000 for each hour. */
  rows(query: PlaceQuery): Promise<FailureRow[]>;
}

/** How long requests took, by upstream, route and host. */
export interface DurationStore {
  rows(query: PlaceQuery): Promise<DurationRow[]>;
}

export interface CountStore {
  totals(query: Range & { source?: string }): Promise<Counted<Totals>>;
  series(query: SeriesQuery): Promise<Counted<Series>>;
  breakdown(query: BreakdownQuery): Promise<Counted<Breakdown>>;
  codes(query: Range & { source?: string }): Promise<{ from: number; to: number; total: number; codes: CodeTrend[] }>;
  /** All requests by upstream, route and host, by the minute, in no order. */
  places(query: PlaceQuery): Promise<ValueRow[]>;
}

export interface AnnotationStore {
  add(
    annotation: Required<Pick<NewAnnotation, 'text' | 'at'>> & { kind: Annotation['kind']; source?: string },
  ): Promise<Annotation>;
  list(range: Range): Promise<Annotation[]>;
}

export interface NewFinding {
  source: string;
  /** Which check found it. */
  check: string;
  subject: string;
  title: string;
  evidence: readonly string[];
  codes: readonly number[];
  hits: number;
  firstAt: number;
  lastAt: number;
}

export interface FindingRecord extends Omit<NewFinding, 'evidence' | 'codes'> {
  id: number;
  evidence: string[];
  codes: number[];
  dismissedAt: number | null;
  dismissedBy: string | null;
}

export interface FindingStore {
  /** New ones, and news about known ones: source, check and subject are a finding's identity. */
  put(findings: readonly NewFinding[]): Promise<void>;
  /** Last seen first. */
  list(): Promise<FindingRecord[]>;
  /** null takes a dismissal back. Undefined when there is no such finding. */
  dismiss(id: number, dismissed: { at: number; by: string } | null): Promise<FindingRecord | undefined>;
  /** Those last seen before, and not dismissed. */
  forget(before: number): Promise<void>;
}

export interface CursorStore {
  get(key: string): Promise<Buffer | undefined>;
  /** All under a namespace: "tail:" */
  list(prefix: string): Promise<Cursor[]>;
}

/** What is written of an incident at once, in one transaction. Without an id it is new. What was still to be told of one that is folded is not. */
export interface IncidentWrite {
  incident: Omit<Incident, 'id'> & { id?: number };
  /** How the state machine left it; opaque. */
  machine: unknown;
  /** Sketch of the clients it met (core/count/client-sketch.ts); without it, what is kept stays. */
  clients?: Uint8Array;
  transitions: { at: number; from: IncidentState; to: IncidentState; why: string }[];
  /** What is to be told of it. `due` lies a moment ahead, so that what turns out to be one incident is told once. */
  outbox: { event: 'opened' | 'escalated' | 'reopened' | 'resolved'; at: number; due: number }[];
}

export type Evaluation = IncidentDetail['evaluations'][number];
export type IncidentNote = IncidentDetail['notes'][number];

/** One failing exchange of an incident, secrets masked. */
export interface Sample {
  at: number;
  code: number;
  /** An id of the vocabulary. */
  cause: string;
  line: string;
  exchange: Exchange;
}

export interface IncidentQuery extends Range {
  source?: string;
  /** Only those not resolved. */
  open?: boolean;
  limit?: number;
}

export interface IncidentStore {
  /** Ids, in order. */
  write(changes: readonly IncidentWrite[]): Promise<number[]>;
  /** Newest first; those folded into another are left out. */
  list(query: IncidentQuery): Promise<Incident[]>;
  get(id: number): Promise<Incident | undefined>;
  /** With how the state machine left them: the open ones, and those that ended after `since` (ms). */
  unfinished(since: number): Promise<{ incident: Incident; machine: unknown; clients: Uint8Array | undefined }[]>;
  transitions(id: number): Promise<IncidentDetail['transitions']>;
  /** The newest, oldest first. */
  evaluations(id: number): Promise<Evaluation[]>;
  addEvaluations(rows: readonly { incident: number; evaluation: Evaluation }[]): Promise<void>;
  notes(id: number): Promise<IncidentNote[]>;
  addNote(id: number, note: IncidentNote): Promise<void>;
  /** Newest first. */
  samples(id: number): Promise<Sample[]>;
  /** Adds what is not there yet; the newest few stay. */
  addSamples(id: number, samples: readonly Sample[]): Promise<void>;
  /** Earlier ones of the same source that show the same cause or code, newest first. */
  similar(incident: Incident): Promise<IncidentDetail['similar']>;
}

/** What the detector has learnt, by source; and the rules that people wrote. */
export interface WatchStore {
  /** With when it was kept, ms. */
  learnt(): Promise<Map<string, { at: number; body: unknown }>>;
  keepLearnt(rows: ReadonlyMap<string, unknown>, at: number): Promise<void>;
  rules(): Promise<Rule[]>;
  /** Without an id it is new. */
  putRule(rule: { id?: number; spec: RuleSpec; origin: 'page' | 'preset'; enabled: boolean }): Promise<Rule>;
  deleteRule(id: number): Promise<boolean>;
}

export interface Store {
  readonly sources: SourceStore;
  readonly counts: CountStore;
  readonly failures: FailureStore;
  readonly durations: DurationStore;
  readonly annotations: AnnotationStore;
  readonly cursors: CursorStore;
  readonly findings: FindingStore;
  readonly incidents: IncidentStore;
  readonly watch: WatchStore;
  /** Numbers of dimension values, for core/count/values.ts. Synchronous: it is asked in the middle of a line. */
  readonly dictionary: Dictionary;
  /**
   * One durable transaction: ledger, counts, tallies and cursors of all batches but those committed before, which get their
   * first answer. Rejects with errors.storeFull or errors.storeBusy (nothing of the group is there), or with StoreBroken.
   */
  commit(group: readonly Submission[], at: number): Promise<Commit>;
  /** Moves what was committed into the tables that are read. Reads do it by themselves. */
  fold(): Promise<void>;
  /**
   * One small step of what runs beside: retention, ledger, the mark that says the server is there. What goes, goes by the `settled` time,
   * which no jump of the clock has touched; `clock` is kept with the mark. True when there is more to do at once.
   */
  sweep(now: number, settled?: number, clock?: Cursor): Promise<boolean>;
  /** The clock was ahead and is no longer: what was marked with a time that is still to come is of now. */
  rewind(now: number): Promise<void>;
  /** When a server was last there, ms; undefined before the first. */
  lastAlive(): Promise<number | undefined>;
  /** What keeps it from writing, or soon will. Cheap enough to be asked once a second. */
  troubles(now: number): StoreTrouble[];
  close(): void;
}
