// The seam of the runbook: what a cause is. One file a cause in this folder, one line each in index.ts.
import type { Culprit, Exchange } from '../exchange.ts';

/**
 * A command to copy; `{upstream}`, `{backend}` (an upstream's name without its port or server), `{host}`, `{route}`, `{path}` (one failing path, no
 * query), `{client}`, `{source}`, `{code}`, `{from}`, `{to}` are filled in, quoted for a shell, from the incident. A command that asks for a value
 * which the log does not have is left out, and its sentence stays.
 */
export interface Check {
  /** What the answer tells. */
  say: string;
  run?: string;
}

/** Another fault that leaves the same traces. */
export interface Alternative {
  /** Which, and what would tell. */
  text: string;
  /** Seldom met, so that the cause stays very likely; otherwise it is likely at best. */
  rare: boolean;
}

export interface Cause {
  /** An id of the vocabulary, e.g. `upstream_connection_refused`. */
  id: string;
  culprit: Culprit;
  /** A few words, as a heading: "connection refused". */
  title: string;
  /**
   * Who failed, as one sentence without its full stop; `{upstream}` becomes an upstream's name or "the upstream", `{app}`, which begins it,
   * "the application" with that name.
   */
  headline: string;
  /** True when this exchange shows this cause. Pure; must not guess: fields that are absent prove nothing. */
  matches(x: Exchange): boolean;
  /** One sentence of evidence for `hits` of `total` exchanges. */
  evidence(e: { hits: number; total: number; code: number; sample?: Exchange }): string;
  /** When these very fields fit another fault too. Confidence then stops short of certain. */
  alternative?(x: Exchange): Alternative | undefined;
  /** What it means, in two or three sentences. */
  meaning: string;
  /** Who owns the repair. */
  owner: string;
  checks: readonly Check[];
  fixes: readonly string[];
  /** What it is not: the neighbours it is taken for. */
  notToConfuse: readonly string[];
  /** Where the facts come from. */
  references: readonly string[];
}
