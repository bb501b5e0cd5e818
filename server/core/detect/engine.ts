// The whole of detection without a store or a clock: counts and time go in, transitions of incidents come out. The same engine
// watches live, replays files and backtests stored counts.
import type { NumberedRule } from './watched.ts';
import { openRule } from '../rules/rules.ts';
import type { EngineOptions } from './engine-options.ts';
import type { Group, Incident, TrackerState } from './incident.ts';
import { IncidentTracker } from './incident-tracker.ts';
import { Judge } from './judge.ts';
import { Notices } from './notices.ts';
import { PlacedIncidents } from './placed-incidents.ts';
import { Places, type FailingExchange } from './places.ts';
import { SourceState } from './source-state.ts';
import { beforeOf, Stepper } from './stepper.ts';
import { mark, trackersOf, type RuleTracker, type Watched } from './watched.ts';
import { RING, SLOT } from './window-counter.ts';

/** A jump in time longer than this (a week) is not walked through slot by slot. */
const JUMP_SLOTS = 7 * 8640;

export class Engine {
  readonly sources = new Map<string, Watched>();
  readonly #options: EngineOptions;
  readonly #stepper: Stepper;
  readonly #judge: Judge;
  #rules: readonly NumberedRule[] = [];

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#stepper = new Stepper(options);
    this.#judge = new Judge({
      rulesOnly: options.rulesOnly,
      stepper: this.#stepper,
      failed: (error, watched) => this.#failed(error, watched),
    });
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
      this.#judge.judge(watched, (state.slot + 1) * SLOT);
      state.turn();
      watched.places.turn(state.slot, !state.frozen);
    }
    if (state.dirty && to > state.slot * SLOT) this.#judge.judge(watched, to);
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
    mark(watched);
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

  /** A person says that an incident is over. If it still fails, it will be back within the grace period. */
  resolve(of: IncidentTracker, watched: Watched, now: number, why: string): boolean {
    return this.#stepper.resolve(of, watched, now, why);
  }

  /** What throws is of this source alone, and its next slot is judged all the same. */
  #failed(error: unknown, { state }: Watched): void {
    if (this.#options.onFailure === undefined) throw error;
    this.#options.onFailure(state.name, error);
  }
}
