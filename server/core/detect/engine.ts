// The whole of detection without a store or a clock: counts and time go in, transitions of incidents come out. The same engine
// watches live, replays files and backtests stored counts.
import type { RuleSpec } from '#shared/api.ts';
import { detectors } from './detectors/index.ts';
import type { Detector, Verdict } from './detectors/detector.ts';
import { familyOf, isServer } from './families.ts';
import {
  IncidentTracker,
  DETECTOR_TIMINGS,
  type TrackerState,
  type Group,
  type Incident,
  type Transition,
} from './incident.ts';
import { openRule, type RuleRun } from '../rules/rules.ts';
import { Places, type FailingExchange } from './places.ts';
import { SourceState } from './source-state.ts';
import { RING, SLOT } from './window-counter.ts';

/** What has failed since a source's first request is taken for its usual after this long, s. */
const USUAL_AFTER = 3600;
/** A jump in time longer than this (a week) is not walked through slot by slot. */
const JUMP_SLOTS = 7 * 8640;

export interface EngineOptions {
  /** Called for each transition, in order of time. */
  onTransition(incident: Incident, transition: Transition, source: SourceState): void;
  /** Called when an open incident was judged, with what was found. */
  onEvaluation?(incident: Incident, at: number, verdict: Verdict): void;
  /** Called with what judging a source threw; the rest of it, and the other sources, go on. Without it, it is thrown. */
  onFailure?(source: string, error: unknown): void;
  /** Seconds that a count stands for: 1, or the width of the buckets that come in. */
  resolution?: number;
  /** Without the built-in detectors: only the rules. */
  rulesOnly?: boolean;
}

export interface NumberedRule {
  readonly id: number;
  readonly spec: RuleSpec;
}

export interface RuleTracker {
  readonly id: number;
  readonly spec: RuleSpec;
  readonly run: RuleRun;
  readonly of: IncidentTracker;
}

export interface Watched {
  readonly state: SourceState;
  readonly places: Places;
  readonly server: IncidentTracker;
  readonly client: IncidentTracker;
  rules: RuleTracker[];
  /** Requests since the last observation, by code. */
  readonly counted: Map<number, number>;
}

const byId: ReadonlyMap<string, Detector> = new Map(detectors.map((detector) => [detector.id, detector]));

export class Engine {
  readonly sources = new Map<string, Watched>();
  readonly #options: EngineOptions;
  #rules: readonly NumberedRule[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** The source, made at its first data. */
  source(name: string, second: number): Watched {
    let watched = this.sources.get(name);
    if (!watched) {
      const state = new SourceState(name, second);
      state.resolution = this.#options.resolution ?? 1;
      watched = {
        state,
        places: new Places(state.slot),
        server: new IncidentTracker(name, 'server'),
        client: new IncidentTracker(name, 'client'),
        rules: [],
        counted: new Map(),
      };
      watched.rules = this.#rulesOf(watched);
      this.sources.set(name, watched);
    }
    return watched;
  }

  /**
   * Rules that stay as they are keep what they have counted; an open incident of one that goes or changes is resolved. Given back is
   * what has been opened, with nothing counted yet.
   */
  setRules(rules: readonly NumberedRule[], now: number): { watched: Watched; rule: RuleTracker }[] {
    this.#rules = rules;
    const opened: { watched: Watched; rule: RuleTracker }[] = [];
    for (const watched of this.sources.values()) {
      const before = watched.rules;
      watched.rules = this.#rulesOf(watched);
      for (const rule of watched.rules) if (!before.includes(rule)) opened.push({ watched, rule });
      for (const gone of before) {
        if (watched.rules.includes(gone)) continue;
        const transition = gone.of.resolve(now, 'the rule was changed or removed');
        if (transition) this.#options.onTransition(gone.of.incident!, transition, watched.state);
      }
    }
    return opened;
  }

  #rulesOf({ state, rules }: Watched): RuleTracker[] {
    return this.#rules
      .filter(({ spec }) => spec.source === null || spec.source === state.name)
      .map(({ id, spec }) => {
        const kept = rules.find((rule) => rule.id === id && JSON.stringify(rule.spec) === JSON.stringify(spec));
        if (kept) return kept;
        const run = openRule(spec);
        return { id, spec, run, of: new IncidentTracker(state.name, `rule:${id}`, run.timings) };
      });
  }

  trackerOf(source: string, group: Group): IncidentTracker | undefined {
    const watched = this.sources.get(source);
    if (group === 'server' || group === 'client') return watched?.[group];
    return watched?.rules.find(({ id }) => `rule:${id}` === group)?.of;
  }

  /** Count at an event time in s; false when it came too late to be judged. */
  count(watched: Watched, second: number, code: number, count: number): boolean {
    const { state } = watched;
    if (second >= (state.slot + 1) * SLOT) this.advance(watched, second);
    for (const { run } of watched.rules) if (run.where === null) run.count(second, code, count);
    if (!state.count(second, code, count)) return false;
    watched.places.countAll(second, count);
    watched.counted.set(code, (watched.counted.get(code) ?? 0) + count);
    return true;
  }

  /** Every request by each of its places: `id` is the value id of its upstream, route or host. */
  countPlace({ places }: Watched, second: number, id: number, code: number, count: number): void {
    places.countPlace(second, id, code, count);
  }

  /** What failed, by all that is known of it together; after it has been counted. */
  countFailing({ places }: Watched, second: number, exchange: FailingExchange, count: number): void {
    places.countFailing(second, exchange, count);
  }

  /** How long answered requests took; `id` is of an upstream, a route or a host, or 0 for the whole source. */
  countDuration({ places }: Watched, id: number, bucket: number, count: number): void {
    places.countDuration(id, bucket, count);
  }

  /** Count hits of one value, for rules about one. */
  countValue(watched: Watched, dimension: string, value: string, second: number, code: number, count: number): void {
    for (const { run } of watched.rules)
      if (run.where?.value === value && run.where.dimension === dimension) run.count(second, code, count);
  }

  /** All sources are now at `now` (s): nothing older than their usual lag is still to come. */
  tick(now: number): void {
    for (const watched of this.sources.values()) {
      try {
        this.advance(watched, now - watched.state.lag);
      } catch (error) {
        this.#failed(error, watched);
      }
    }
  }

  /** One source is at `to` (s): judge what has been counted, and each slot that ended. */
  advance(watched: Watched, to: number): void {
    const { state } = watched;
    const slot = Math.floor(to / SLOT);
    if (slot - state.slot > JUMP_SLOTS) {
      state.cut();
      state.slot = state.since = slot - RING;
    }
    while (state.slot < slot) {
      this.#judge(watched, (state.slot + 1) * SLOT);
      state.turn();
      watched.places.turn(state.slot, !state.frozen);
    }
    if (state.dirty && to > state.slot * SLOT) this.#judge(watched, to);
  }

  #judge(watched: Watched, now: number): void {
    const { state } = watched;
    state.dirty = false;
    if (!this.#options.rulesOnly) {
      this.#judgeGroup(watched, watched.server, 'server', now);
      this.#judgeGroup(watched, watched.client, 'client', now);
    }
    for (const rule of watched.rules) this.#judgeRule(watched, rule, now);
    watched.counted.clear();
  }

  /** What throws is of this source alone, and its next slot is judged all the same. */
  #failed(error: unknown, { state }: Watched): void {
    if (this.#options.onFailure === undefined) throw error;
    this.#options.onFailure(state.name, error);
  }

  #judgeRule(watched: Watched, { run, of }: RuleTracker, now: number): void {
    const { last } = watched.state;
    try {
      const verdict = run.judge(now, last);
      if (verdict || of.incident) this.#step(watched, of, now, verdict, run.holds(now, last), run.findsSilence);
    } catch (error) {
      this.#failed(error, watched);
    }
  }

  #judgeGroup(watched: Watched, of: IncidentTracker, group: 'server' | 'client', now: number): void {
    try {
      this.#judgeDetectors(watched, of, group, now);
    } catch (error) {
      this.#failed(error, watched);
    }
  }

  #judgeDetectors(watched: Watched, of: IncidentTracker, group: 'server' | 'client', now: number): void {
    const { state } = watched;
    let verdict: Verdict | undefined;
    for (const detector of detectors) {
      if (detector.group !== group) continue;
      const found = detector.judge(state, now);
      if (found?.level === 'page' || !verdict) verdict = found ?? verdict;
      if (verdict?.level === 'page') break;
    }
    const { incident } = of;
    if (verdict?.rule === 'error-share' && verdict.level === 'page') verdict = excused(state, of, now, verdict);
    if (!verdict && !incident) return;
    const opener = incident && byId.get(incident.rule);
    const holds =
      opener?.holds(state, now, { peakShare: incident!.peakShare, gone: incident!.state === 'recovering' }) ?? false;
    const judged = of.open || !verdict ? opener : byId.get(verdict.rule);
    this.#step(watched, of, now, verdict, holds, judged?.findsSilence ?? false);
    if (
      of.incident?.sinceFirst &&
      of.open &&
      of.incident.state !== 'blind' &&
      now - of.incident.openedAt >= USUAL_AFTER
    ) {
      state.settle();
      this.resolve(
        of,
        watched,
        now,
        'it has failed like this since its first request: taken for its usual from now on',
      );
    }
  }

  #step(
    watched: Watched,
    of: IncidentTracker,
    now: number,
    verdict: Verdict | undefined,
    holds: boolean,
    isSilence: boolean,
  ): void {
    const { state } = watched;
    const { requests, failures } = sums(watched, of === watched.server, of.incident?.codes ?? verdict?.codes ?? []);
    const transition = of.step(now, {
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
    // the transition first: who is told of it compares with what was before
    if (transition) this.#moved(watched, of, transition);
    if (verdict && of.open) this.#options.onEvaluation?.(of.incident!, now, verdict);
  }

  #moved(watched: Watched, of: IncidentTracker, transition: Transition): void {
    const { state, server } = watched;
    const { from, to, verdict } = transition;
    if (of === server && to === 'resolved') state.cut();
    if (of === server && verdict && !state.frozen && server.open) {
      state.freeze(beforeOf(server.incident!));
      server.incident!.sinceFirst = from === 'pending' && state.alwaysFailed(verdict);
    }
    this.#mark(watched);
    this.#options.onTransition(of.incident!, transition, state);
  }

  /** What shows now but has not lasted yet, and when it will fire (s) if it goes on. */
  pending(): { incident: Incident; firesAt: number }[] {
    return [...this.sources.values()].flatMap(({ state, server, client, rules }) =>
      [server, client, ...rules.map(({ of }) => of)].flatMap((of) => {
        const { firesAt } = of;
        // what has not shown for a moment does not go on
        return firesAt === undefined || state.slot * SLOT - of.incident!.lastBadAt > SLOT
          ? []
          : [{ incident: of.incident!, firesAt }];
      }),
    );
  }

  /** Go on with an incident after a restart. */
  resume(watched: Watched, of: IncidentTracker, kept: TrackerState): void {
    of.restore(kept);
    if (of === watched.server && of.open) watched.state.freezeAgain(beforeOf(of.incident!));
    this.#mark(watched);
  }

  #mark({ state, server, client }: Watched): void {
    state.frozen = server.open;
    state.clientFrozen = client.open;
    state.paged = server.open && server.incident!.severity === 'page';
  }

  /** A person says that an incident is over. If it still fails, it will be back within the grace period. */
  resolve(of: IncidentTracker, watched: Watched, now: number, why: string): boolean {
    const transition = of.resolve(now, why);
    if (transition) this.#moved(watched, of, transition);
    return transition !== undefined;
  }
}

/** What comes at this minute of every hour or day is no more than a warning, unless someone has been woken already. */
function excused(state: SourceState, of: IncidentTracker, now: number, verdict: Verdict): Verdict {
  state.habits.seen(now, verdict.share);
  if ((of.open && of.incident!.severity === 'page') || !state.habits.excuse(now, verdict.share)) return verdict;
  return { ...verdict, level: 'warn', says: `${verdict.says}, as at this time of other hours or days` };
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
const beforeOf = ({ openedAt, severity, verdict }: Incident): number =>
  openedAt - verdict.window - (severity === 'warn' ? DETECTOR_TIMINGS.warnFor : 0);
