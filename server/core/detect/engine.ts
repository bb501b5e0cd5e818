// The whole of detection without a store or a clock: counts and time go in, transitions of incidents come out. The same engine
// watches live, replays files and backtests stored counts.
import type { Dimension, RuleSpec } from '#shared/api.ts';
import { detectors } from './detectors/index.ts';
import type { Detector, Verdict } from './detectors/detector.ts';
import { ANY_SERVER, familyOf, GAVE_UP, isServer } from './families.ts';
import {
  DETECTOR_TIMINGS,
  type Group,
  type Incident,
  type Observation,
  type TrackerState,
  type Transition,
} from './incident.ts';
import { IncidentTracker } from './incident-tracker.ts';
import { openRule, type RuleRun } from '../rules/rules.ts';
import { Notices } from './notices.ts';
import { PlacedIncidents, type Moved } from './placed-incidents.ts';
import { Places, type FailingExchange } from './places.ts';
import { NORMAL_SLOTS, SourceState } from './source-state.ts';
import { RING, SLOT } from './window-counter.ts';

/** What has failed since a source's first request is taken for its usual after this long, s. */
const USUAL_AFTER = 3600;
/** A jump in time longer than this (a week) is not walked through slot by slot. */
const JUMP_SLOTS = 7 * 8640;
/** Findings that rest on failures, which may have a place. */
const BY_CAUSE: ReadonlySet<string> = new Set(['error-share', 'every-request']);
/** So many places can begin to fail at one moment. */
const PLACES_AT_ONCE = 6;
/** Failures of a whole source that have been followed by another and may come back. */
const ENDED_MAX = 8;

export interface EngineOptions {
  /** Called for each transition, in order of time. */
  onTransition(incident: Incident, transition: Transition, source: SourceState): void;
  /** Called when an open incident was judged, with what was found. */
  onEvaluation?(incident: Incident, at: number, verdict: Verdict): void;
  /** Called with what judging a source threw; the rest of it, and the other sources, go on. Without it, it is thrown. */
  onFailure?(source: string, error: unknown): void;
  /** Seconds that a count stands for: 1, or the width of the buckets that come in. */
  resolution?: number;
  /** Text of a value id (count/value-id.ts); without it places have no names. */
  textOf?(id: number): string | undefined;
  /** The value id of a text of a source, 0 when it has none: an incident at a place goes on after a restart. */
  idOf?(source: string, dimension: Dimension, text: string): number;
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
  /** What fails at places of it. */
  readonly placed: PlacedIncidents;
  /** What of its places is worth a look. */
  readonly notices: Notices;
  /** What fails as a whole. */
  server: IncidentTracker;
  /** What has failed as a whole, was followed by another failure, and may come back. */
  ended: IncidentTracker[];
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
      const places = new Places(state.slot),
        textOf = this.#options.textOf ?? (() => undefined);
      watched = {
        state,
        places,
        placed: new PlacedIncidents(state, places, textOf),
        notices: new Notices(state, places, textOf),
        ended: [],
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

  /** The tracker that findings of a group come to, where they have no place. */
  trackerOf(source: string, group: Group): IncidentTracker | undefined {
    const watched = this.sources.get(source);
    if (group === 'server' || group === 'client') return watched?.[group];
    return watched?.rules.find(({ id }) => `rule:${id}` === group)?.of;
  }

  /** The tracker that follows this incident; undefined when it is followed no more. */
  trackerOfIncident(incident: Incident): IncidentTracker | undefined {
    const watched = this.sources.get(incident.source);
    return watched && trackersOf(watched).find((tracker) => tracker.incident === incident);
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
  countFailing({ places, placed }: Watched, second: number, exchange: FailingExchange, count: number): void {
    const row = places.countFailing(second, exchange, count);
    if (row) placed.counted(row, second, count);
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

  #detect({ state }: Watched, group: 'server' | 'client', now: number): Verdict | undefined {
    let verdict: Verdict | undefined;
    for (const detector of detectors) {
      if (detector.group !== group) continue;
      const found = detector.judge(state, now);
      if (found?.level === 'page' || !verdict) verdict = found ?? verdict;
      if (verdict?.level === 'page') break;
    }
    return verdict;
  }

  #judgeDetectors(watched: Watched, of: IncidentTracker, group: 'server' | 'client', now: number): void {
    let verdict = this.#detect(watched, group, now);
    if (group === 'server') {
      verdict = this.#placed(watched, now, verdict);
      of = watched.server;
    } else if (verdict && !of.open && watched.notices.explains(verdict)) verdict = undefined;
    const { state } = watched,
      { incident } = of;
    if (verdict?.rule === 'error-share' && verdict.level === 'page') verdict = excused(state, of, now, verdict);
    if (!verdict && !incident) return;
    const another = group === 'server' && watched.placed.isAnother(of, now);
    if (another && verdict?.level === 'warn') verdict = undefined;
    const opener = another ? undefined : incident && byId.get(incident.rule);
    const holds =
      opener?.holds(state, now, { peakShare: incident!.peakShare, gone: incident!.state === 'recovering' }) ?? false;
    const judged = of.open || !verdict ? opener : byId.get(verdict.rule);
    this.#step(watched, of, now, verdict, holds, judged?.findsSilence ?? false);
    this.#settle(watched, of, now);
  }

  /** What has failed like this since the first request of a source is its usual. */
  #settle(watched: Watched, of: IncidentTracker, now: number): void {
    const { incident } = of;
    if (!incident?.sinceFirst || !of.open || incident.state === 'blind' || now - incident.openedAt < USUAL_AFTER)
      return;
    watched.state.settle();
    this.resolve(of, watched, now, 'it has failed like this since its first request: taken for its usual from now on');
  }

  /** What of a finding has a place is an incident of its own, and so is another failure after one that is over. */
  #placed(watched: Watched, now: number, verdict: Verdict | undefined): Verdict | undefined {
    const { state, places, placed } = watched;
    const moved: Moved = {
      step: (tracker, seen) => this.#observe(watched, tracker, now, seen),
      adopted: () => {
        const { server } = watched;
        watched.server = new IncidentTracker(state.name, 'server');
        return server;
      },
    };
    const ends = now % SLOT === 0 && Math.floor(now / SLOT) === places.slot + 1;
    if (ends) {
      const before = placed.taken;
      placed.find(now, watched.server, moved);
      placed.judge(now, moved.step);
      if (places.all.size > 0) watched.notices.judge(now, state.paged, moved.step);
      if (placed.taken > before) verdict = this.#detect(watched, 'server', now);
      for (const ended of watched.ended) this.#step(watched, ended, now, undefined, false, false);
      watched.ended = watched.ended.filter(({ incident }) => incident !== undefined);
    }
    for (let i = 0; i < PLACES_AT_ONCE && verdict?.level === 'page' && BY_CAUSE.has(verdict.rule); i++) {
      if (!placed.explain(verdict, now, watched.server, moved)) break;
      verdict = this.#detect(watched, 'server', now);
    }
    this.#mark(watched);
    if (verdict?.level !== 'page' || verdict.cause === undefined || !this.#another(watched, now, verdict))
      return verdict;
    const { cause, since } = verdict,
      own = this.#detect(watched, 'server', now);
    return own && { ...own, cause, since };
  }

  /** Another failure of the whole source after one that is over, or one that has come back. */
  #another(watched: Watched, now: number, { cause, since }: Verdict): boolean {
    const { server, state } = watched,
      { incident } = server;
    if (!incident || incident.severity !== 'page' || incident.causes.length === 0 || incident.causes.includes(cause!))
      return false;
    if (incident.state === 'pending' || (since ?? now) - incident.endedAt < NORMAL_SLOTS * SLOT) return false;
    const back = watched.ended.find((ended) => ended.incident?.causes.includes(cause!));
    watched.ended = watched.ended.filter((ended) => ended !== back).slice(1 - ENDED_MAX);
    watched.ended.push(server);
    watched.server = back ?? new IncidentTracker(state.name, 'server');
    if (since !== undefined) state.forgetBefore(Math.floor(since / SLOT));
    return true;
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
    if (verdict && !of.open) began(state, verdict);
    this.#observe(watched, of, now, {
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

  #observe(watched: Watched, of: IncidentTracker, now: number, seen: Observation): void {
    const transition = of.step(now, seen);
    // the transition first: who is told of it compares with what was before
    if (transition) this.#moved(watched, of, transition);
    if (seen.verdict && of.open) this.#options.onEvaluation?.(of.incident!, now, seen.verdict);
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
    this.#mark(watched);
    this.#options.onTransition(of.incident!, transition, state);
  }

  /** What shows now but has not lasted yet, and when it will fire (s) if it goes on. */
  pending(): { incident: Incident; firesAt: number }[] {
    return [...this.sources.values()].flatMap((watched) =>
      trackersOf(watched).flatMap((of) => {
        const { firesAt } = of;
        // what has not shown for a moment does not go on
        return firesAt === undefined || watched.state.slot * SLOT - of.incident!.lastBadAt > SLOT
          ? []
          : [{ incident: of.incident!, firesAt }];
      }),
    );
  }

  /** Go on with an incident after a restart; what follows it, or undefined when nothing judges it any more. */
  resume(watched: Watched, kept: TrackerState): IncidentTracker | undefined {
    const { group, where, rule, state } = kept.incident;
    let of: IncidentTracker | undefined;
    if (group.startsWith('rule:')) {
      const found = watched.rules.find(({ id }) => `rule:${id}` === group);
      of = found?.spec.name === rule ? found.of : undefined;
    } else if (where.length > 0 || group === 'slow') of = this.#resumePlaced(watched, kept);
    else if (group === 'client') of = watched.client;
    else if (watched.server.open || (watched.server.incident && state === 'resolved'))
      watched.ended.push((of = new IncidentTracker(watched.state.name, 'server')));
    else {
      if (watched.server.incident) {
        watched.ended.push(watched.server);
        watched.server = new IncidentTracker(watched.state.name, 'server');
      }
      of = watched.server;
    }
    of?.restore(kept);
    if (of === watched.server && of.open) watched.state.freezeAgain(beforeOf(of.incident!));
    this.#mark(watched);
    return of;
  }

  #resumePlaced({ state, places, placed, notices }: Watched, { incident }: TrackerState): IncidentTracker {
    const found = incident.where.flatMap(({ dimension, value }) => {
      const id = this.#options.idOf?.(state.name, dimension, value) ?? 0;
      return places.place(id) ?? [];
    });
    return incident.group === 'server' && found.length > 0
      ? placed.resume(found, incident)
      : notices.resume(found[0], incident.group);
  }

  #mark({ state, server, client, placed }: Watched): void {
    state.frozen = server.open;
    state.clientFrozen = client.open;
    state.paged = (server.open && server.incident!.severity === 'page') || placed.list.some(({ owns }) => owns);
  }

  /** A person says that an incident is over. If it still fails, it will be back within the grace period. */
  resolve(of: IncidentTracker, watched: Watched, now: number, why: string): boolean {
    const transition = of.resolve(now, why);
    if (transition) this.#moved(watched, of, transition);
    return transition !== undefined;
  }
}

/** All that follow incidents of a source. */
export const trackersOf = ({ server, client, rules, placed, notices, ended }: Watched): IncidentTracker[] => [
  server,
  client,
  ...rules.map(({ of }) => of),
  ...placed.list.map(({ tracker }) => tracker),
  ...notices.list.map(({ tracker }) => tracker),
  ...ended,
];

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
