// The live protocol, WS /live: hello with a snapshot, then one delta a second. Text frames, JSON.
import type { Annotation, Incident, Pending, SourceStatus } from './api.ts';

export const LIVE_PROTOCOL = 1;
/** The snapshot holds this much at 10 s a bucket; longer ranges come from /api/series and are moved on by deltas. */
export const SNAPSHOT_MS = 15 * 60_000;

/** [bucket start in ms, source name's index in `names`, code, count to add] */
export type CountRow = [bucket: number, source: number, code: number, count: number];

/** Without our last answers: each batch changes them, they would be most of what is sent, and one page shows them. */
export type LiveSource = Omit<SourceStatus, 'answers'>;

/** The first frame. With `?since=SEQ` of a sequence the hub still holds, `missed` has the deltas after it and `snapshot` is null. */
export interface Hello {
  type: 'hello';
  protocol: typeof LIVE_PROTOCOL;
  version: string;
  /** Changes when the server restarts; sequence numbers of another boot mean nothing. */
  boot: string;
  now: number;
  seq: number;
  demo: boolean;
  snapshot: Snapshot | null;
  missed: Delta[];
}

export interface Snapshot {
  from: number;
  names: string[];
  counts: CountRow[];
  sources: LiveSource[];
  /** Open ones, and those that ended in this time. */
  incidents: Incident[];
  pending: Pending[];
  annotations: Annotation[];
}

/** One a second, also when nothing happened: it is the heartbeat. `seq` grows by one; a hole means refill with `?since=`. */
export interface Delta {
  type: 'delta';
  seq: number;
  now: number;
  names: string[];
  counts: CountRow[];
  /** Sources whose status changed. */
  sources: LiveSource[];
  /** Incidents that changed, resolved ones included. */
  incidents: Incident[];
  /** All that pends now. */
  pending: Pending[];
  annotations: Annotation[];
}

export type LiveFrame = Hello | Delta;
