// The whole of detection without a store or a clock: counts and time go in, transitions of incidents come out. The same engine
// watches live, replays files and backtests stored counts.
import { detectors } from './detectors/index.ts';
import type { Verdict } from './detectors/detector.ts';
import { ANY_SERVER, GAVE_UP } from './families.ts';
import { Case, type Incident, type Transition } from './incident.ts';
import { SourceState } from './source-state.ts';
import { RING, SLOT } from './track.ts';

/** A jump in time longer than this is not walked through slot by slot. */
const JUMP_SLOTS = 7 * 8640;
const GROUPS = ['server', 'client'] as const;

export interface EngineOptions {
  /** Called for each transition, in order of time. */
  onTransition(incident: Incident, transition: Transition, source: SourceState): void;
  /** Seconds that a count stands for: 1, or the width of the buckets that come in. */
  resolution?: number;
}

export interface Watched {
  readonly state: SourceState;
  readonly cases: readonly Case[];
  /** Requests and failures at the last observation, to tell what came since. */
  requests: number;
  failures: number;
}

export class Engine {
  readonly sources = new Map<string, Watched>();
  readonly #options: EngineOptions;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** The source, made at its first data. */
  source(name: string, second: number): Watched {
    let watched = this.sources.get(name);
    if (!watched) {
      const state = new SourceState(name, second);
      state.resolution = this.#options.resolution ?? 1;
      watched = { state, cases: GROUPS.map((group) => new Case(name, group)), requests: 0, failures: 0 };
      this.sources.set(name, watched);
    }
    return watched;
  }

  /** Count at an event time in s; false when it came too late to be judged. */
  count(watched: Watched, second: number, code: number, count: number): boolean {
    const { state } = watched;
    if (second >= (state.slot + 1) * SLOT) this.#advance(watched, second);
    watched.requests += count;
    return state.count(second, code, count);
  }

  /** All sources are now at `now` (s): nothing older than their usual lag is still to come. */
  tick(now: number): void {
    for (const watched of this.sources.values()) this.#advance(watched, now - watched.state.lag);
  }

  #advance(watched: Watched, to: number): void {
    const { state } = watched;
    const slot = Math.floor(to / SLOT);
    if (slot - state.slot > JUMP_SLOTS) {
      state.cut();
      state.slot = state.since = slot - RING;
    }
    while (state.slot < slot) {
      this.#judge(watched, (state.slot + 1) * SLOT);
      state.turn();
    }
    if (state.dirty && to > state.slot * SLOT) this.#judge(watched, to);
  }

  #judge(watched: Watched, now: number): void {
    const { state } = watched;
    state.dirty = false;
    for (const each of watched.cases) {
      const verdict = this.#verdict(state, each, now);
      if (!verdict && !each.incident) continue;
      const opener = each.incident && detectors.find((d) => d.id === each.incident!.rule);
      const transition = each.step(now, {
        verdict, holds: opener ? opener.holds(state, now, { peakShare: each.incident!.peakShare, gone: each.incident!.state === 'recovering' }) : false,
        silent: now - state.last - 1, naturalGap: state.rhythm.naturalGap(now),
        requests: watched.requests, failures: failuresSince(watched),
      });
      if (transition) this.#moved(watched, each, transition);
    }
    watched.requests = 0;
  }

  #verdict(state: SourceState, of: Case, now: number): Verdict | undefined {
    let best: Verdict | undefined;
    for (const detector of detectors) {
      if (detector.group !== of.group) continue;
      const verdict = detector.judge(state, now);
      if (verdict?.level === 'page') return verdict;
      best ??= verdict;
    }
    return best;
  }

  #moved(watched: Watched, of: Case, transition: Transition): void {
    const { state } = watched;
    if (transition.to === 'resolved' && of.group === 'server') state.cut();
    state.frozen = watched.cases[0].open;
    state.clientFrozen = watched.cases[1].open;
    state.paged = state.frozen && watched.cases[0].incident!.severity === 'page';
    this.#options.onTransition(of.incident!, transition, state);
  }
}

/** Failures among the requests counted since the last observation, by the current slot. */
function failuresSince({ state, requests }: Watched): number {
  const bad = (state.tracks[ANY_SERVER]?.ring[state.at] ?? 0) + (state.tracks[GAVE_UP]?.ring[state.at] ?? 0);
  const all = state.total.ring[state.at];
  return all > 0 ? Math.round((requests * bad) / all) : 0;
}
