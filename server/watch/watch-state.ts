// What outlives a restart: what was learnt of each source, what pends, and open incidents; the last hour and the counters of rules
// are read from the stored counts.
import type { Incident as IncidentView } from '#shared/api.ts';
import type { Engine } from '../core/detect/engine.ts';
import { trackersOf, type Watched } from '../core/detect/watched.ts';
import type { Group, Incident, TrackerState } from '../core/detect/incident.ts';
import type { IncidentTracker } from '../core/detect/incident-tracker.ts';
import type { Learning } from '../core/detect/learning.ts';
import { SLOT } from '../core/detect/window-counter.ts';
import type { Store } from '../store/store.ts';
import { allOrEach } from '../troubles.ts';
import { REOPENS_MS, type IncidentRegistry, type Machine } from './incident-registry.ts';
import type { Intake } from './intake.ts';
import { refill } from './refill.ts';
import { storedCounts } from './stored-counts.ts';
import { revived } from './incident-view.ts';

/** What is learnt of each source is written once in so many seconds. */
const KEEP_EVERY = 60;
const HOUR = 3600;

export interface WatchStateDeps {
  engine: Engine;
  intake: Intake;
  registry: IncidentRegistry;
  store: Pick<Store, 'watch' | 'counts' | 'sources' | 'incidents'>;
  /** ms */
  now(): number;
  /** What is learnt of a source could not be kept. */
  failed(error: unknown, source: string): void;
}

interface Kept extends Learning {
  /** What had not lasted long enough yet. */
  pending?: TrackerState[];
  /** Silences that somebody ended, and that last: when, s. */
  ended?: [Group, number][];
}

export class WatchState {
  readonly #deps: WatchStateDeps;
  #next = 0;

  constructor(deps: WatchStateDeps) {
    this.#deps = deps;
  }

  /** Rules must be there before: their counters are filled too. */
  async restore(): Promise<void> {
    const { store, engine, intake, now } = this.#deps;
    const nowS = Math.floor(now() / 1000);
    const learnt = await store.watch.learnt();
    const away = new Map<string, number>();
    for (const { id, name, lastEvent } of await store.sources.list()) {
      const kept = learnt.get(name),
        learning = kept?.body as Kept | undefined;
      if (learning === undefined && (lastEvent === null || now() - lastEvent > HOUR * 1000)) continue;
      const watched = engine.source(name, learning?.first ?? nowS - HOUR);
      intake.add(id, watched);
      await this.#restoreSource(watched, learning, nowS);
      // While we were away nothing could come: that is no silence of the source's. What it had been silent before is.
      watched.state.last =
        nowS - (kept && learning?.last ? Math.max(0, Math.round(kept.at / 1000 - learning.last)) : 0);
      if (kept) away.set(name, nowS - kept.at / 1000);
    }
    const unfinished = await store.incidents.unfinished(now() - REOPENS_MS);
    const known = unfinished.map(({ incident, machine }) => this.#resume(incident, machine as Machine, nowS));
    this.#deps.registry.remember(known);
    // Moved as their silences are.
    for (const [name, seconds] of away) for (const of of trackersOf(engine.sources.get(name)!)) of.endedAt += seconds;
    for (const { incident, of } of known)
      if (of === undefined && incident.state !== 'resolved') this.#end(incident, nowS);
  }

  async #restoreSource(watched: Watched, learning: Kept | undefined, nowS: number): Promise<void> {
    const { counts } = this.#deps.store;
    const { state, rules } = watched;
    // a time that is still to come was a clock's that was ahead
    const since = learning?.since ?? 0,
      begin = Math.max(nowS - HOUR, since <= nowS ? since : 0);
    state.restart(begin);
    for await (const bucket of storedCounts(counts, state.name, { from: begin * 1000, to: nowS * 1000, step: SLOT })) {
      // A failure may have come at any second of its bucket: taken for the last, it has not lasted longer than is known.
      const second = Math.min(bucket.start + bucket.width - 1, nowS);
      for (const [code, count] of bucket.counts) state.refill(second, code, count);
    }
    state.refill(nowS, 200, 0);
    if (rules.length > 0)
      await refill(
        counts,
        state.name,
        rules.map(({ run }) => run),
        nowS,
      );
    if (!learning) return;
    state.restore(learning);
    for (const pending of learning.pending ?? []) {
      this.#deps.engine.resume(watched, revived(pending));
    }
    for (const [group, at] of learning.ended ?? []) {
      const of = this.#deps.engine.trackerOf(state.name, group);
      if (of) of.endedAt = at;
    }
  }

  #resume(
    told: IncidentView,
    { state }: Machine,
    nowS: number,
  ): {
    incident: Incident;
    told: IncidentView;
    trackerState(): TrackerState | undefined;
    of: IncidentTracker | undefined;
  } {
    const trackerState = revived(state),
      { incident } = trackerState;
    for (const at of ['openedAt', 'pagedAt', 'lastBadAt', 'resolvedAt'] as const)
      if (incident[at] > nowS) incident[at] = nowS;
    const watched = this.#deps.engine.source(told.source, nowS);
    const of = this.#deps.engine.resume(watched, trackerState);
    return {
      incident: trackerState.incident,
      told,
      trackerState: () => (of?.incident === trackerState.incident ? of.state : undefined),
      of,
    };
  }

  /** Nobody judges it any more. */
  #end(incident: Incident, nowS: number): void {
    const { state: from } = incident;
    incident.state = 'resolved';
    incident.resolvedAt = nowS;
    this.#deps.registry.moved(
      incident,
      { at: nowS, from, to: 'resolved', why: 'the rule was changed or removed', verdict: undefined },
      () => undefined,
    );
  }

  /** Once a second: a sixtieth of the sources. */
  async tick(): Promise<void> {
    const feeds = [...this.#deps.intake.feeds];
    const share = Math.ceil(feeds.length / KEEP_EVERY);
    await this.#keep(feeds.slice(this.#next, this.#next + share).map(({ watched }) => watched));
    this.#next = this.#next + share >= feeds.length ? 0 : this.#next + share;
  }

  /** All that has been learnt since the last time. */
  keepAll(at = this.#deps.now()): Promise<void> {
    return this.#keep(
      [...this.#deps.intake.feeds].map(({ watched }) => watched),
      at,
    );
  }

  async #keep(sources: readonly Watched[], at = this.#deps.now()): Promise<void> {
    if (sources.length === 0) return;
    const { store, failed } = this.#deps;
    await allOrEach(
      sources,
      async (some) => store.watch.keepLearnt(new Map(some.map((watched) => [watched.state.name, keptOf(watched)])), at),
      (error, { state }) => failed(error, state.name),
    );
  }
}

function keptOf(watched: Watched): Kept {
  const { state } = watched,
    cases = trackersOf(watched);
  const pending = cases.flatMap((of) => (of.firesAt === undefined ? [] : [of.state!]));
  const ended = cases
    .filter(({ endedAt }) => endedAt > state.last)
    .map(({ group, endedAt }): [Group, number] => [group, endedAt]);
  return { ...state.learning, pending, ended };
}
