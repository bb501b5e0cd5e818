// The watch: judges what was committed, at once and each second, writes down what changed with what is to be told, and tells it.
// Taking counts, diagnosing, remembering, rules, and what people do are each a file beside this one.
import type { Incident as IncidentView, Pending, RuleSpec, WhyAnswer } from '#shared/api.ts';
import type { Delta } from '../core/count/delta.ts';
import { Engine } from '../core/detect/engine.ts';
import type { SampledTimes } from '../receive/sampled.ts';
import type { Store } from '../store/store.ts';
import type { Troubles } from '../troubles.ts';
import { Actions } from './actions.ts';
import { IncidentRegistry } from './incident-registry.ts';
import { Diagnoses } from './diagnoses.ts';
import type { Diagnoser } from './diagnosis.ts';
import { Intake } from './intake.ts';
import { markLate } from './late-data.ts';
import { WatchState } from './watch-state.ts';
import { RuleSet } from './rule-set.ts';
import { pendingOf } from './incident-view.ts';
import { whyOf } from './why.ts';

export interface WatchDeps {
  store: Pick<Store, 'incidents' | 'watch' | 'counts' | 'sources' | 'annotations' | 'dictionary'>;
  sourceName(id: number): string;
  diagnose: Diagnoser;
  sampled: Pick<SampledTimes, 'touches'>;
  /** Rules of the configuration file. */
  configRules?: readonly RuleSpec[];
  /** ms */
  now(): number;
  troubles: Troubles;
}

/** Starts from what was kept: learning, open incidents, and the last hour of counts. */
export async function createWatch(deps: WatchDeps): Promise<Watch> {
  const watch = new Watch(deps);
  await watch.restore();
  return watch;
}

/** What is built anew when the clock has jumped. */
interface Parts {
  engine: Engine;
  registry: IncidentRegistry;
  intake: Intake;
  diagnoses: Diagnoses;
  state: WatchState;
  actions: Actions;
  rules: RuleSet;
}

export class Watch {
  readonly #deps: WatchDeps;
  readonly #listeners: ((incidents: IncidentView[]) => void)[] = [];
  #parts: Parts;
  /** What was committed meanwhile is read from the store. */
  #restarting = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    this.#parts = this.#build();
  }

  get actions(): Actions {
    return this.#parts.actions;
  }

  get rules(): RuleSet {
    return this.#parts.rules;
  }

  #build(): Parts {
    const { store, now, diagnose, sampled, troubles, configRules = [] } = this.#deps;
    const failed = (step: string) => (error: unknown, source: string) => troubles.note(step, error, source);
    const registry = new IncidentRegistry(store.incidents, now);
    const engine: Engine = new Engine({
      onTransition: (incident, transition) => {
        registry.moved(incident, transition, () => engine.trackerOfIncident(incident)?.state);
      },
      onEvaluation: (incident, at, verdict) => registry.evaluated(incident, at, verdict),
      onFailure: (source, error) => failed('detection')(error, source),
    });
    const intake = new Intake({ ...this.#deps, engine, dictionary: store.dictionary, failed: failed('detection') });
    const written = () => this.#written();
    return {
      engine,
      registry,
      intake,
      state: new WatchState({ store, now, engine, registry, intake, failed: failed('learning') }),
      diagnoses: new Diagnoses({
        store,
        registry,
        diagnose,
        failed: (error, part, id) => troubles.note(part, error, `incident ${id}`),
      }),
      actions: new Actions({ store, now, diagnose, sampled, engine, registry, written }),
      rules: new RuleSet({
        store,
        now,
        engine,
        configRules,
        changed: () => {
          intake.rulesChanged();
          return written();
        },
      }),
    };
  }

  async restore(parts = this.#parts): Promise<void> {
    await parts.rules.load();
    await parts.state.restore();
    this.#parts = parts;
    for (const told of parts.registry.open) parts.diagnoses.changed(told);
    await this.#written();
  }

  /** The clock has jumped; `at` (ms) is when it had not yet. As after a stop: what was learnt and what is open go on at the new time. */
  async restart(at: number): Promise<void> {
    this.#restarting = true;
    try {
      await this.#writing;
      await this.#parts.state.keepAll(at);
      await this.restore(this.#build());
    } finally {
      this.#restarting = false;
    }
  }

  /** On each commit; the delta is only good until this returns. What it decides is written and told at once. */
  take(delta: Delta): void {
    if (this.#restarting) return;
    this.#parts.intake.take(delta, this.#deps.now() / 1000);
    void this.#written();
  }

  /** Once a second. Each step is on its own: what throws for one source or incident takes nothing else along. */
  async tick(): Promise<void> {
    const { intake, engine, state, diagnoses } = this.#parts;
    const { troubles } = this.#deps,
      now = this.#deps.now() / 1000;
    for (const feed of intake.feeds)
      await troubles.step('detection', () => feed.measureLag(now), feed.watched.state.name);
    engine.tick(Math.floor(now));
    await this.#written();
    await troubles.step('learning', () => state.tick());
    await diagnoses.tick(now);
    await this.#written();
    for (const feed of intake.feeds)
      await troubles.step('late data', () => markLate(this.#deps, feed, now), feed.watched.state.name);
  }

  onChange(listener: (incidents: IncidentView[]) => void): void {
    this.#listeners.push(listener);
  }

  #written(): Promise<void> {
    const { troubles } = this.#deps;
    return (this.#writing = this.#writing.then(() =>
      troubles.step('incidents', async () => {
        const changed = await this.#parts.registry.write((error, source) => troubles.note('incidents', error, source));
        if (changed.length === 0) return;
        for (const told of changed) this.#parts.diagnoses.changed(told);
        for (const listener of this.#listeners) await troubles.step('telling', () => listener(changed));
      }),
    ));
  }

  /** Writes what has been learnt since the last time. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#parts.state.keepAll();
  }

  get open(): IncidentView[] {
    return this.#parts.registry.open;
  }

  /** What shows but has not lasted long enough, with when it will fire. */
  get pending(): Pending[] {
    return this.#parts.engine
      .pending()
      .map(pendingOf)
      .sort((a, b) => a.firesAt - b.firesAt);
  }

  /** 'errors-only', 'clock-behind': what makes a source be judged otherwise, for its row in the list. */
  flagsOf(source: string): string[] {
    return this.#parts.intake.flagsOf(source);
  }

  behindOf(source: string): number {
    return this.#parts.intake.behindOf(source);
  }

  why(source: string, from: number, to: number): Promise<WhyAnswer> {
    return whyOf({ counts: this.#deps.store.counts, now: this.#deps.now }, source, this.rules.all, from, to);
  }
}
