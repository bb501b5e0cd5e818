// The interface of a cause: one entry of the runbook, with everything that the server knows about it. One file per cause in this
// directory, one line each in index.ts. CONTRIBUTING.md explains how to add one.
import type { Culprit, Evidence, Exchange, Proxy } from '../exchange.ts';

/**
 * What the failures of one cause have in common: all that a text about them may rest on. One exchange proves its cause; how long they took,
 * and what the same upstream did meanwhile, only many of them show.
 */
export interface Failures {
  /** Who wrote their lines: `nginx` also where another program logs nginx's upstream fields. */
  proxy: Proxy;
  /** Of `total` exchanges with `code`, `hits` have this cause. */
  code: number;
  hits: number;
  total: number;
  /** One of them. */
  sample: Exchange | undefined;
  /** Where all of them failed; undefined if at several upstreams, or if the log names none. */
  upstream: string | undefined;
  /** How long the last attempt took, of some of them, ms, shortest first. Empty if the log does not say. */
  durationsMs: readonly number[];
  /** Nearly all ended after this long, ms: a time limit. */
  limitMs: number | undefined;
  /** True: those upstreams answered other requests within seconds of these. False: they did not. Undefined: the log does not show it. */
  answering: boolean | undefined;
}

/** A sentence that always holds, or one that holds only where the failures show it. */
export type Sentence = string | { text: string; when(f: Failures): boolean };

/**
 * A command to copy. `{upstream}`, `{backend}` (an upstream's name without its port or server), `{host}`, `{route}`, `{path}` (one
 * failing path, no query), `{client}`, `{source}`, `{code}`, `{from}`, `{to}` are filled in from the incident, quoted for a shell. A
 * command that needs a value which the log does not have is left out, and its sentence stays.
 */
export interface Check {
  /** What the result shows. */
  say: string;
  run?: string;
  /** It leads somewhere only for these failures. */
  when?(f: Failures): boolean;
}

/** Another fault that leaves the same traces. */
export interface Alternative {
  /** Which fault, and which field or log decides. */
  text: string;
  /** True: rare enough that the cause stays very likely. False: the cause is likely at best. */
  rare: boolean;
}

/** What is special about a cause for code that looks at many failures at once. `cause.traits` may hold several. */
export const TRAITS = [
  /** It can end at a time limit. Durations that agree show which limit: diagnose/refinements.ts, timeout-pinned. */
  'time-limit',
  /** Where its failures end at one duration, connecting was given up then. */
  'connect-limit',
  /** Where its failures end at one duration, the limit is the upstream's, or of what is in between. */
  'upstream-limit',
  /** A keep-alive race ends so: the upstream closes an idle connection just as the proxy reuses it. */
  'keep-alive-race',
  /** A limit of the proxy rejects these requests, so it lets others through on the same route. */
  'proxy-limit',
  /** A rule of the proxy decides by address or path: its 403 and 404 say nothing about what exists. */
  'proxy-rule',
  /** The proxy logs the name of a whole group of backends as the upstream. */
  'names-group',
  /** The proxy sends the response, but what is missing is capacity of the backend: a backend group can be the place. */
  'backend-capacity',
  /** The client broke it off: this is no failure of the server's, whatever code it is logged with. */
  'client-left',
  /** The client gets a success; the upstream that failed is that of an earlier attempt. */
  'masked',
] as const;
export type Trait = (typeof TRAITS)[number];

/** Evidence that a field of the log line holds by itself. */
export type EvidenceField = Exclude<
  keyof Evidence,
  'proxy' | 'code' | 'upstreamAttempts' | 'attemptsMs' | 'durationMs' | 'bytes'
>;

/**
 * Most requests succeed, so a success is matched against causes only if something in it can show one. Several attempts, a 5xx attempt, a
 * termination state and flags always can; a cause that a success shows in another way names it here.
 */
export interface OnSuccess {
  /** Successes with these codes. */
  codes?: readonly number[];
  /** Successes whose log lines have one of these fields, per program that wrote the line. */
  fields?: Partial<Record<Proxy, readonly EvidenceField[]>>;
}

export interface Cause {
  /** Unique, lower case with underscores, e.g. `upstream_connection_refused`. It is stored with the counts: never change it. */
  id: string;
  /** The link of the request path that failed. */
  culprit: Culprit;
  /** Where this exchange shows that it was another link. */
  culpritOf?(x: Evidence): Culprit | undefined;
  /** A few words, as a heading: "connection refused". */
  title: string;
  /**
   * Who failed, as one sentence without its full stop; `{upstream}` becomes an upstream's name or "the upstream", `{app}`, which begins it,
   * "the application" with that name.
   */
  headline: string;
  /**
   * True when this exchange shows this cause. Pure. A field that is absent proves nothing, so never guess. Of times it may ask whether
   * they are there and whether they reach a second (`tookLong`), and of the response whether it is empty; more only of lines of programs
   * that `comparesNumbersOf` names.
   */
  matches(x: Evidence): boolean;
  /** Exchanges that show this cause, at least one for each program that can log it. The contract test judges each as a log line. */
  examples: readonly [Evidence, ...Evidence[]];
  /** One sentence of evidence. Begin it with `of(hits, total)`. */
  evidence(f: Failures): string;
  /** When the same fields also fit another fault. Confidence then stops short of certain. */
  alternative?(x: Evidence, f: Failures): Alternative | undefined;
  /** What it means, in two or three sentences. */
  meaning: string;
  /** Who owns the fix. */
  owner: string;
  checks: readonly Check[];
  fixes: readonly Sentence[];
  /** Faults that it is easily confused with. */
  notToConfuse: readonly Sentence[];
  /** Where the facts come from. */
  references: readonly string[];

  // Only where it applies.
  /** Answers "but the backend works when I test it locally". Shown with 009, 502–504 and 520–530. */
  localCheck?: Sentence;
  traits?: readonly Trait[];
  /**
   * The id of the cause that it is instead if nothing else gets through where it happens, although the lines are the same: a limit lets
   * some requests through. `ingress`: the lines are ingress-nginx's.
   */
  ifNothingPasses?(ingress: boolean): string;
  /**
   * The codes with which it is a fault of the path between the proxy and a running upstream, if the same upstream answers other requests
   * in the same minute (core/contract/gateway-path.ts).
   */
  pathFaultCodes?: readonly number[];
  /** Required if a success (100–399) can show it in a way that is not always looked at. */
  onSuccess?: OnSuccess;
  /**
   * Programs for whose lines `matches` compares numbers: how long something took, or how many bytes the response had. A verdict is
   * remembered for exchanges that differ in these only, but not for lines of these programs, so each costs more.
   */
  comparesNumbersOf?: readonly Proxy[];
}
