// The rules that people wrote, of the configuration file and of the page: kept, handed to the engine, and tried on the past.
import type { Backtest, Rule, RuleSpec } from '#shared/api.ts';
import type { Engine } from '../core/detect/engine.ts';
import { problemOf } from '../core/rules/rules.ts';
import { errors } from '../errors.ts';
import type { WatchStore } from '../store/store.ts';
import { backtestAnswer, type BacktestDeps } from './backtest.ts';
import { refill } from './refill.ts';

/** Rules of the configuration file are numbered from here down, so that they never meet a stored one. */
const CONFIG_RULE_ID = -1;

export interface RuleSetDeps extends BacktestDeps {
  engine: Engine;
  configRules: readonly RuleSpec[];
  store: BacktestDeps['store'] & { watch: WatchStore };
  /** Rules have come or gone, and incidents of those that went have ended. */
  changed(): Promise<void>;
}

export class RuleSet {
  readonly #deps: RuleSetDeps;
  #all: Rule[] = [];

  constructor(deps: RuleSetDeps) {
    this.#deps = deps;
  }

  get all(): readonly Rule[] {
    return this.#all;
  }

  async load(): Promise<void> {
    const { configRules, store, engine, now, changed } = this.#deps;
    const own = configRules.map((spec, i): Rule => ({ id: CONFIG_RULE_ID - i, spec, origin: 'config', enabled: true }));
    this.#all = [...own, ...(await store.watch.rules())];
    const second = Math.floor(now() / 1000);
    // a new rule knows what came before it
    for (const {
      watched: { state },
      rule: { run },
    } of engine.setRules(
      this.#all.filter(({ enabled }) => enabled),
      second,
    ))
      await refill(store.counts, state.name, [run], second);
    await changed();
  }

  /** Throws errors.badRequest. */
  async put(rule: { id?: number; spec: RuleSpec; origin?: 'page' | 'preset'; enabled?: boolean }): Promise<Rule> {
    check(rule.spec);
    if (rule.id !== undefined && !this.#all.some(({ id, origin }) => id === rule.id && origin !== 'config'))
      throw errors.notFound(`There is no rule ${rule.id} that can be changed here.`);
    const put = await this.#deps.store.watch.putRule({ origin: 'page', enabled: true, ...rule });
    await this.load();
    return put;
  }

  async delete(id: number): Promise<void> {
    if (!(await this.#deps.store.watch.deleteRule(id)))
      throw errors.notFound(`There is no rule ${id} that can be removed here.`);
    await this.load();
  }

  /** null: the built-in detector. Throws errors.badRequest. */
  async backtest(spec: RuleSpec | null, days: number): Promise<Backtest> {
    if (spec) check(spec);
    return backtestAnswer(this.#deps, spec, days);
  }
}

function check(spec: RuleSpec): void {
  const problem = problemOf(spec);
  if (problem !== undefined) throw errors.badRequest(`This rule cannot work: ${problem}.`);
}
