// The live protocol, WS /live. Text frames, JSON. The client says which view it shows; the server sends a hello with the state of that
// view, then each second what has become different. Everything said is a state, not a step ("this bucket now holds 17"): whoever missed
// something needs only what has changed since, however often it changed, and a slow client skips what is out of date.
//
//   client  /live                            → hello of the sum of all sources
//           /live?source=api                 → hello of api, and the sum of the others beside it
//           /live?since=SEQ&boot=BOOT[&…]    → the same, of the counts only those that changed after SEQ
//           {"view":{"source":"api"}}        → a hello of that view; null shows all as one again
//   server  hello [counts …] delta delta …     and a hello again whenever the client fell behind
import type { Annotation, Incident, Pending, SourceStatus, Trouble } from './api.ts';

export const LIVE_PROTOCOL = 2;
/** Counts are live for this long, at 10 s a bucket; longer ranges come from /api/series. */
export const SNAPSHOT_MS = 15 * 60_000;
/** No line for this long, and a source is called silent. */
export const SILENT_MS = 5 * 60_000;

/** What a page shows: one source, with the sum of the others, or the sum of all. */
export interface View {
  source: string | null;
}

/** [bucket start in ms, index into `names`, code, requests that the bucket holds by now] */
export type CountRow = [bucket: number, source: number, code: number, count: number];

export interface Counts {
  /** null is the sum of all sources that are not named. */
  names: (string | null)[];
  counts: CountRow[];
}

/** What a row of the list of sources shows. Everything else is at /api/sources. */
export type LiveSource = Pick<
  SourceStatus,
  | 'name'
  | 'format'
  | 'rate'
  | 'accepted'
  | 'duplicate'
  | 'rejected'
  | 'skipped'
  | 'lastSeen'
  | 'lastEvent'
  | 'clockBehindMs'
  | 'flags'
  | 'alarm'
>;

/** A line that was not read, and whose it was. */
export type Missed = SourceStatus['lastMisses'][number] & { source: string };

/** Sums over everything: the lists below hold only the first of each. */
export interface Overview {
  sources: number;
  /** Requests per second, and all that were ever counted. */
  rate: number;
  counted: number;
  /** Over all sources: the newest request, and the newest arrival. */
  lastEvent: number | null;
  lastSeen: number | null;
  /** Of the silent ones, the one that was heard last. */
  silent: { count: number; name: string | null; lastSeen: number | null };
  /** Of those of which not one line could be read, the last line. */
  unread: { count: number; last: Missed | null };
  /** The newest rejected line. */
  missed: Missed | null;
  /** Incidents that are not resolved; those that fire or are blind; what pends. */
  open: number;
  firing: number;
  pending: number;
}

/** What is the same in every view. */
export interface Lists {
  overview: Overview;
  /** On fire first, then unread, then the busiest. */
  sources: LiveSource[];
  /** The most urgent first: open ones, then those that ended in the live time. */
  incidents: Incident[];
  pending: Pending[];
  annotations: Annotation[];
  troubles: Trouble[];
}

/** From here on. The first frame, and whenever the client asks for another view or fell behind. */
export interface Hello extends Counts, Lists {
  type: 'hello';
  protocol: typeof LIVE_PROTOCOL;
  version: string;
  /** Changes when the server restarts; sequence numbers of another boot mean nothing. */
  boot: string;
  now: number;
  seq: number;
  demo: boolean;
  view: View;
  /** Not null: of the counts only what has changed after this sequence; what the client has of the rest is still right. */
  since: number | null;
  /** More counts follow in frames of their own. */
  more: boolean;
  /** The source of the view; null while there is none of that name. */
  viewed: LiveSource | null;
}

/** The rest of a hello's counts. */
export interface MoreCounts extends Counts {
  type: 'counts';
  seq: number;
  more: boolean;
}

/** One a second, also when nothing happened: it is the heartbeat. `seq` grows by one. Lists hold what has changed in them. */
export interface Delta extends Counts, Omit<Lists, 'pending' | 'troubles'> {
  type: 'delta';
  seq: number;
  now: number;
  viewed: LiveSource | null;
  /** No longer among the sources that are listed. */
  unlisted: string[];
  /** Whole, when it has changed. */
  pending?: Pending[];
  troubles?: Trouble[];
}

export type LiveFrame = Hello | MoreCounts | Delta;

/** What a client says. */
export interface Ask {
  view: View;
}
