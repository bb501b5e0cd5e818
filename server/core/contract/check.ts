// The seam of the contract check: what the traffic itself says about the use of status codes. One file a check, one line each in index.ts.

/** One exchange as the checks look at it; '' and NaN stand for what the log does not have. */
export interface Sighting {
  /** Event time, ms. */
  at: number;
  code: number;
  method: string;
  /** Without its query. */
  path: string;
  route: string;
  client: string;
  upstream: string;
  /** Addresses tried before the last one, that failed. */
  failedFirst: string;
  bytes: number;
  durationMs: number;
  /** An id of the vocabulary, '' when nothing is wrong. */
  cause: string;
  /** How many exchanges it stands for: 1, but for lines that are counts. */
  weight: number;
}

export interface Found {
  /** What it is about (a route, a client, an upstream); a source has one finding a check and subject. */
  subject: string;
  title: string;
  evidence: string[];
  codes: number[];
  hits: number;
  firstAt: number;
  lastAt: number;
}

/** Watches one source. Memory is bounded whatever it sees. */
export interface Watcher {
  see(s: Sighting): void;
  /** What holds now, judged at event time. */
  found(): Found[];
}

export interface ContractCheck {
  readonly id: string;
  /** As a heading: "POST answered 301 or 302". */
  readonly title: string;
  /** `problem`: something is lost or hidden. `hint`: worth a look, and may be meant so. */
  readonly level: 'problem' | 'hint';
  /** What the standard says. */
  readonly rule: string;
  readonly fix: string;
  /** What it finds may be over later in the log: it is judged as the log goes on, not only at its end. */
  readonly passes?: true;
  watch(): Watcher;
}

/** Counts of one subject over time. */
export interface Span {
  hits: number;
  firstAt: number;
  lastAt: number;
}

export const span = (): Span => ({ hits: 0, firstAt: Infinity, lastAt: -Infinity });

export function extend(s: Span, at: number, weight = 1): void {
  s.hits += weight;
  if (at < s.firstAt) s.firstAt = at;
  if (at > s.lastAt) s.lastAt = at;
}

/** All that `part` spans; of a part without hits, nothing. */
export function include(s: Span, part: Span): void {
  s.hits += part.hits;
  s.firstAt = Math.min(s.firstAt, part.firstAt);
  s.lastAt = Math.max(s.lastAt, part.lastAt);
}
