// Findings become transitions: each incident is told of each moment, with the numbers that were counted since the last.
import type { Verdict } from './detectors/detector.ts';
import type { EngineOptions } from './engine-options.ts';
import { ANY_SERVER, familyOf, GAVE_UP, isServer } from './families.ts';
import { DETECTOR_TIMINGS, type Incident, type Observation, type Transition } from './incident.ts';
import type { IncidentTracker } from './incident-tracker.ts';
import type { SourceState } from './source-state.ts';
import { mark, type Watched } from './watched.ts';
import { SLOT } from './window-counter.ts';

export class Stepper {
  readonly #options: Pick<EngineOptions, 'onTransition' | 'onEvaluation'>;

  constructor(options: Pick<EngineOptions, 'onTransition' | 'onEvaluation'>) {
    this.#options = options;
  }

  /** One moment of one incident: what was found, and whether it goes on. */
  step(
    watched: Watched,
    of: IncidentTracker,
    now: number,
    verdict: Verdict | undefined,
    holds: boolean,
    isSilence: boolean,
  ): void {
    const { state } = watched;
    const { requests, failures } = sums(watched, of === watched.server, of.incident?.codes ?? verdict?.codes ?? []);
    if (verdict && !of.open) began(state, verdict);
    this.observe(watched, of, now, {
      verdict,
      holds,
      isSilence,
      silent: now - state.last - 1,
      naturalGap: of.open ? state.rhythm.naturalGap(now) : 0,
      requests,
      failures,
      // where nothing but errors is ever sent, those that still come show that it is heard
      good: state.answers ? requests - failures : requests,
    });
    if ((verdict || holds) && of.open) lasts(state, of.incident!);
  }

  observe(watched: Watched, of: IncidentTracker, now: number, seen: Observation): void {
    const transition = of.step(now, seen);
    // the transition first: who is told of it compares with what was before
    if (transition) this.#moved(watched, of, transition);
    if (seen.verdict && of.open) this.#options.onEvaluation?.(of.incident!, now, seen.verdict);
  }

  resolve(of: IncidentTracker, watched: Watched, now: number, why: string): boolean {
    const transition = of.resolve(now, why);
    if (transition) this.#moved(watched, of, transition);
    return transition !== undefined;
  }

  #moved(watched: Watched, of: IncidentTracker, transition: Transition): void {
    const { state, server } = watched;
    const { from, to, verdict } = transition;
    if (of === server && to === 'resolved') state.cut();
    if (to === 'resolved' && isBlip(of.incident!)) state.blipped(transition.at);
    if (of === server && verdict && !state.frozen && server.open) {
      state.freeze(beforeOf(server.incident!));
      server.incident!.sinceFirst = from === 'pending' && state.alwaysFailed(verdict);
    }
    mark(watched);
    this.#options.onTransition(of.incident!, transition, state);
  }
}

/** Was it over within two slots, by itself? */
const isBlip = ({ group, severity, codes, startedAt, endedAt }: Incident): boolean =>
  group === 'server' && severity === 'page' && codes.length > 0 && endedAt - startedAt < 2 * SLOT;

/** The families that an incident's codes are of, aborts with the server's. */
const familiesOf = (codes: readonly number[]): number[] => {
  const found = [...new Set(codes.map(familyOf))];
  return found.some((family) => isServer[family] && family !== GAVE_UP) ? [ANY_SERVER] : found;
};

/** When what was found began, by the counts. */
function began(state: SourceState, verdict: Verdict): void {
  if (verdict.since !== undefined) return;
  verdict.since = verdict.codes.length === 0 ? state.last + 1 : state.onset(familiesOf(verdict.codes), verdict.share);
}

/** When it last failed, by the counts. */
function lasts(state: SourceState, incident: Incident): void {
  const last = incident.codes.length === 0 ? undefined : state.lastFailed(familiesOf(incident.codes), incident.share);
  incident.endedAt = Math.max(incident.endedAt, last ?? incident.lastBadAt);
}

/** What was counted since the last observation, and what of it failed: the incident's own codes, and where the server fails all its failures. */
function sums({ counted }: Watched, server: boolean, codes: readonly number[]): { requests: number; failures: number } {
  let requests = 0,
    failures = 0;
  for (const [code, count] of counted) {
    requests += count;
    if (codes.includes(code) || (server && isServer[familyOf(code)])) failures += count;
  }
  return { requests, failures };
}

/** What was usual is what came before the failures that opened the incident, and before the minute that a warning waited; s. */
export const beforeOf = ({ openedAt, severity, verdict }: Incident): number =>
  openedAt - verdict.window - (severity === 'warn' ? DETECTOR_TIMINGS.warnFor : 0);
