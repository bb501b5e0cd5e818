// The watch: judges what was committed, at once and each second, writes down what changed with what is to be told, and lets people
// acknowledge, silence, annotate and end incidents.
import type { Backtest, Incident as Told, IncidentDetail, Rule, RuleSpec } from '#shared/api.ts';
import { Engine, type Watched } from '../core/detect/engine.ts';
import { DETECTOR_TIMINGS, type Incident } from '../core/detect/incident.ts';
import type { Delta } from '../core/count/delta.ts';
import { incidentMarkdown } from '../core/diagnose/markdown.ts';
import { problemOf } from '../core/rules/rules.ts';
import { SLOT } from '../core/detect/track.ts';
import { dimensionIndex, valueId } from '../core/count/value-id.ts';
import type { Learning } from '../core/detect/source-state.ts';
import { errors } from '../errors.ts';
import type { IncidentQuery, Store } from '../store/store.ts';
import { backtestAnswer, latePages } from './backtest.ts';
import { Book, revived, type Machine } from './book.ts';
import type { Diagnoser } from './diagnosis.ts';
import { Feed } from './feed.ts';
import { storedCounts } from './stored-counts.ts';
import { whyOf, type Why } from './why.ts';

export interface WatchDeps {
  store: Pick<Store, 'incidents' | 'watch' | 'counts' | 'sources' | 'annotations' | 'dictionary'>;
  sourceName(id: number): string;
  diagnose: Diagnoser;
  /** Rules of the configuration file. */
  configRules?: readonly RuleSpec[];
  /** ms */
  now(): number;
  failed(error: unknown): void;
}

/** What is learnt of each source is written once in so many seconds. */
const KEEP_EVERY = 60;
/** A diagnosis is renewed after these seconds, then each minute. */
const DIAGNOSE_AFTER = [0, 10, 30, 60];
/** Late data has all come when none has for this long, s. */
const LATE_SETTLED = 15;
/** Marks left for pages that late data would have caused, at most, a run. */
const LATE_MARKS_MAX = 20;
/** Incidents on sources that fail at the same upstream within this long are one, ms. */
const FOLD_MS = 5 * 60_000;
/** An upstream is what failed when it has this share of the failures, and fails more than its share of the traffic. */
const UPSTREAM_SHARE = 0.6;
const LIFT_MIN = 1.5;
/** Values counted for a minute that began longer ago are late, s. */
const LIVE_VALUE = 180;
/** Config rules are numbered from here down, so that they never meet a stored one. */
const CONFIG_RULE_ID = -1;

/** Starts from what was kept: learning, open incidents, and the last hour of counts. */
export async function createWatch(deps: WatchDeps): Promise<Watch> {
  const watch = new Watch(deps);
  await watch.restore();
  return watch;
}

export class Watch {
  readonly #deps: WatchDeps;
  readonly #engine: Engine;
  readonly #book: Book;
  readonly #feeds = new Map<number, Feed>();
  readonly #byName = new Map<string, Feed>();
  readonly #listeners: ((incidents: Told[]) => void)[] = [];
  readonly #diagnoses = new Map<number, { next: number; done: number; upstream: string | null }>();
  #rules: Rule[] = [];
  #writing: Promise<void> = Promise.resolve();
  #keepFrom = 0;

  constructor(deps: WatchDeps) {
    this.#deps = deps;
    this.#book = new Book(deps.store.incidents, deps.now);
    this.#engine = new Engine({
      onTransition: (incident, transition, state) => this.#book.moved(incident, transition, () => this.#caseOf(state.name, incident)?.state),
      onEvaluation: (incident, at, verdict) => this.#book.evaluated(incident, at, verdict),
    });
  }

  #caseOf(source: string, { group }: Incident) {
    const watched = this.#engine.sources.get(source);
    if (group === 'server' || group === 'client') return watched?.[group];
    return watched?.rules.find(({ id }) => `rule:${id}` === group)?.of;
  }

  async restore(): Promise<void> {
    const { store, now } = this.#deps;
    const nowS = Math.floor(now() / 1000);
    await this.#loadRules();
    const learnt = await store.watch.learnt();
    for (const { id, name, lastEvent } of await store.sources.list()) {
      const learning = learnt.get(name) as Learning | undefined;
      if (learning === undefined && (lastEvent === null || now() - lastEvent > 3_600_000)) continue;
      const watched = this.#engine.source(name, learning?.first ?? nowS - 3600);
      this.#remember(id, watched);
      watched.state.restart(nowS - 3600);
      for await (const { start, counts } of storedCounts(store.counts, name, { from: (nowS - 3600) * 1000, to: nowS * 1000, step: SLOT })) {
        for (const [code, count] of counts) watched.state.refill(start, code, count);
      }
      watched.state.refill(nowS, 200, 0);
      if (learning) watched.state.restore(learning);
      // we were away: that nothing came is no silence of the source's
      watched.state.last = nowS;
    }
    const graceMs = 2 * (DETECTOR_TIMINGS.holdMax + DETECTOR_TIMINGS.grace) * 1000;
    for (const { incident: told, machine } of await store.incidents.unfinished(now() - graceMs)) this.#resume(told, machine as Machine, nowS);
  }

  #resume(told: Told, { state }: Machine, nowS: number): void {
    const caseState = revived(state);
    const watched = this.#engine.source(told.source, nowS);
    const of = this.#caseOf(told.source, caseState.incident);
    if (!of) return;
    this.#engine.resume(watched, of, caseState);
    this.#book.remember(caseState.incident, told, () => of.state);
  }

  #remember(id: number, watched: Watched): Feed {
    const feed = new Feed(watched);
    this.#feeds.set(id, feed);
    this.#byName.set(watched.state.name, feed);
    return feed;
  }

  /** On each commit; the delta is only good until this returns. What it decides is written and told at once. */
  take(delta: Delta): void {
    const now = this.#deps.now() / 1000;
    const rows: { feed: Feed; second: number; code: number; count: number }[] = [];
    delta.forEachCount((source, second, code, count) => {
      const feed = this.#feeds.get(source) ?? this.#remember(source, this.#engine.source(this.#deps.sourceName(source), Math.min(second, Math.floor(now))));
      const at = feed.secondOf(second, now);
      if (at !== undefined) rows.push({ feed, second: at, code, count });
    });
    rows.sort((a, b) => a.second - b.second);
    const touched = new Map<Feed, number>();
    for (const { feed, second, code, count } of rows) {
      this.#engine.count(feed.watched, second, code, count);
      touched.set(feed, second);
    }
    this.#takeValues(delta, now);
    for (const [feed, second] of touched) this.#engine.advance(feed.watched, second + 1);
    this.#write();
  }

  /** For rules about one route, host or upstream. Values are counted by the minute; what is live is taken to be of now. */
  #takeValues(delta: Delta, now: number): void {
    const wanted = new Map<number, { feed: Feed; dimension: string; value: string }>();
    for (const { spec, enabled } of this.#rules) {
      if (!enabled || spec.kind !== 'threshold' || spec.where === null) continue;
      const { dimension, value } = spec.where;
      for (const [source, feed] of this.#feeds) {
        if (spec.source !== null && spec.source !== feed.watched.state.name) continue;
        const number = this.#deps.store.dictionary.numberOf(source, dimensionIndex(dimension), value);
        wanted.set(valueId(source, dimensionIndex(dimension), number), { feed, dimension, value });
      }
    }
    if (wanted.size === 0) return;
    delta.forEachValue((id, minute, code, count) => {
      const found = wanted.get(id);
      if (!found || now - minute * 60 > LIVE_VALUE) return;
      this.#engine.countValue(found.feed.watched, found.dimension, found.value, Math.min(Math.floor(now), minute * 60 + 59), code, count);
    });
  }

  /** Once a second. */
  async tick(): Promise<void> {
    const now = this.#deps.now() / 1000;
    for (const feed of this.#feeds.values()) feed.measureLag(now);
    this.#engine.tick(Math.floor(now));
    this.#write();
    await this.#writing;
    await this.#keepLearnt(now);
    await this.#diagnoseDue(now);
    await this.#lookAtLate(now);
  }

  onChange(listener: (incidents: Told[]) => void): void {
    this.#listeners.push(listener);
  }

  #write(): void {
    this.#writing = this.#writing.then(() => this.#book.write()).then((changed) => {
      if (changed.length === 0) return;
      for (const { id, state } of changed) if (state !== 'resolved' && !this.#diagnoses.has(id)) this.#diagnoses.set(id, { next: 0, done: 0, upstream: null });
      for (const listener of this.#listeners) listener(changed);
    }).catch((error: unknown) => this.#deps.failed(error));
  }

  async #keepLearnt(now: number): Promise<void> {
    const feeds = [...this.#feeds.values()];
    const share = Math.ceil(feeds.length / KEEP_EVERY);
    const due = feeds.slice(this.#keepFrom, this.#keepFrom + share);
    this.#keepFrom = this.#keepFrom + share >= feeds.length ? 0 : this.#keepFrom + share;
    if (due.length > 0) await this.#deps.store.watch.keepLearnt(new Map(due.map(({ watched: { state } }) => [state.name, state.learning])), now * 1000);
  }

  /** Writes what has been learnt since the last time. */
  async close(): Promise<void> {
    await this.#writing;
    const rows = new Map([...this.#feeds.values()].map(({ watched: { state } }) => [state.name, state.learning]));
    if (rows.size > 0) await this.#deps.store.watch.keepLearnt(rows, this.#deps.now());
  }

  async #diagnoseDue(now: number): Promise<void> {
    for (const [id, due] of this.#diagnoses) {
      const found = this.#book.find(id);
      if (!found || found.told.state === 'resolved') {
        this.#diagnoses.delete(id);
        continue;
      }
      if (now < due.next) continue;
      due.next = now + (DIAGNOSE_AFTER[++due.done] ?? 60);
      const diagnosed = await this.#deps.diagnose(found.told);
      if (!diagnosed) continue;
      if (diagnosed.samples.length > 0) await this.#deps.store.incidents.addSamples(id, diagnosed.samples);
      const { causes: [top], where } = diagnosed.diagnosis;
      const upstream = where.find(({ dimension, share, lift }) => dimension === 'upstream' && share >= UPSTREAM_SHARE && lift >= LIFT_MIN)
        ?? where.find(({ dimension, share }) => dimension === 'upstream' && share >= UPSTREAM_SHARE && top?.culprit.startsWith('upstream'));
      due.upstream = upstream?.value ?? null;
      const { headline } = diagnosed.diagnosis;
      if (top && (top.cause !== found.told.cause || headline !== found.told.headline)) this.#book.change(id, { cause: top.cause, culprit: top.culprit, headline });
      await this.#foldSame(id, due.upstream);
    }
    this.#write();
  }

  /** Several sources behind one dead upstream are one incident: the first. */
  async #foldSame(id: number, upstream: string | null): Promise<void> {
    if (upstream === null) return;
    const mine = this.#book.find(id)!.told;
    for (const other of this.#book.open) {
      if (other.id === id || this.#diagnoses.get(other.id)?.upstream !== upstream || Math.abs(other.openedAt - mine.openedAt) > FOLD_MS) continue;
      const [first, second] = [other, mine].sort((a, b) => a.openedAt - b.openedAt || a.id - b.id);
      if (first.sources.includes(second.source)) continue;
      this.#book.change(first.id, { sources: [...new Set([...first.sources, ...second.sources])] });
      await this.#deps.store.incidents.fold(second.id, first.id);
      return;
    }
  }

  async #lookAtLate(now: number): Promise<void> {
    for (const feed of this.#feeds.values()) {
      const { late } = feed;
      if (!late || now - late.arrived < LATE_SETTLED) continue;
      feed.late = undefined;
      const { store } = this.#deps;
      const source = feed.watched.state.name;
      const known = await store.incidents.list({ source, from: late.from * 1000, to: late.to * 1000 + 60_000 });
      for (const page of (await latePages(this.#deps, source, late, known)).slice(0, LATE_MARKS_MAX)) {
        const text = `would have paged at ${clock(page.openedAt)}, data arrived ${clock(late.arrived * 1000)}: ${page.says}`;
        await store.annotations.add({ kind: 'incident', text: text.slice(0, 400), at: page.openedAt, source });
      }
    }
  }

  // ---- what people ask and do ----

  get open(): Told[] {
    return this.#book.open;
  }

  list(query: IncidentQuery): Promise<Told[]> {
    return this.#deps.store.incidents.list(query);
  }

  /** Throws errors.notFound. */
  async #told(id: number): Promise<Told> {
    const told = this.#book.find(id)?.told ?? await this.#deps.store.incidents.get(id);
    if (!told) throw errors.notFound(`There is no incident ${id}.`);
    return told;
  }

  async detail(id: number): Promise<IncidentDetail> {
    const { store, diagnose } = this.#deps;
    const incident = await this.#told(id);
    const [diagnosed, transitions, evaluations, notes, similar] = await Promise.all([
      diagnose(incident), store.incidents.transitions(id), store.incidents.evaluations(id), store.incidents.notes(id), store.incidents.similar(incident),
    ]);
    const detail = {
      incident, diagnosis: diagnosed?.diagnosis ?? null, transitions, notes, similar,
      samples: (diagnosed?.samples ?? []).map(({ at, code, line }) => ({ at, code, line })),
    };
    return { ...detail, evaluations, markdown: incidentMarkdown(detail) };
  }

  async acknowledge(id: number, by: string): Promise<Told> {
    return this.#change(id, { acknowledged: { at: this.#deps.now(), by } });
  }

  /** 0 minutes ends a silence. */
  async silence(id: number, minutes: number): Promise<Told> {
    return this.#change(id, { silencedUntil: minutes === 0 ? null : this.#deps.now() + minutes * 60_000 });
  }

  async note(id: number, by: string, text: string): Promise<void> {
    await this.#told(id);
    await this.#deps.store.incidents.addNote(id, { at: this.#deps.now(), by, text });
  }

  async resolve(id: number, by: string): Promise<Told> {
    await this.#told(id);
    const found = this.#book.find(id);
    const watched = found && this.#engine.sources.get(found.incident.source);
    const of = found && this.#caseOf(found.incident.source, found.incident);
    if (watched && of) this.#engine.resolve(of, watched, Math.floor(this.#deps.now() / 1000), by === '' ? 'resolved by hand' : `resolved by ${by}`);
    this.#write();
    await this.#writing;
    return this.#told(id);
  }

  async #change(id: number, fields: Partial<Told>): Promise<Told> {
    const told = await this.#told(id);
    if (!this.#book.change(id, fields)) {
      const changed = { ...told, ...fields };
      await this.#deps.store.incidents.write([{ incident: changed, machine: {}, transitions: [], outbox: [] }]);
      return changed;
    }
    this.#write();
    await this.#writing;
    return this.#told(id);
  }

  /** 'errors-only', 'clock-behind': what makes a source be judged otherwise, for its row in the list. */
  flagsOf(source: string): string[] {
    const feed = this.#byName.get(source);
    if (!feed) return [];
    const { state } = feed.watched;
    return [...(!state.answers && state.total.sums[state.total.sums.length - 1] > 20 ? ['errors-only'] : []), ...(feed.shift > 0 ? ['clock-behind'] : [])];
  }

  why(source: string, from: number, to: number): Promise<Why> {
    return whyOf({ counts: this.#deps.store.counts, now: this.#deps.now }, source, from, to);
  }

  // ---- rules ----

  async #loadRules(): Promise<void> {
    const own = (this.#deps.configRules ?? []).map((spec, i): Rule => ({ id: CONFIG_RULE_ID - i, spec, origin: 'config', enabled: true }));
    this.#rules = [...own, ...await this.#deps.store.watch.rules()];
    this.#engine.setRules(this.#rules.filter(({ enabled }) => enabled), Math.floor(this.#deps.now() / 1000));
    this.#write();
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Throws errors.badRequest. */
  async putRule(rule: { id?: number; spec: RuleSpec; origin?: 'page' | 'preset'; enabled?: boolean }): Promise<Rule> {
    const problem = problemOf(rule.spec);
    if (problem !== undefined) throw errors.badRequest(`This rule cannot work: ${problem}.`);
    if (rule.id !== undefined && !this.#rules.some(({ id, origin }) => id === rule.id && origin !== 'config')) throw errors.notFound(`There is no rule ${rule.id} that can be changed here.`);
    const put = await this.#deps.store.watch.putRule({ origin: 'page', enabled: true, ...rule });
    await this.#loadRules();
    return put;
  }

  async deleteRule(id: number): Promise<void> {
    if (!await this.#deps.store.watch.deleteRule(id)) throw errors.notFound(`There is no rule ${id} that can be removed here.`);
    await this.#loadRules();
  }

  backtest(spec: RuleSpec | null, days: number): Promise<Backtest> {
    const problem = spec === null ? undefined : problemOf(spec);
    if (problem !== undefined) throw errors.badRequest(`This rule cannot work: ${problem}.`);
    return backtestAnswer(this.#deps, spec, days);
  }
}

const clock = (ms: number): string => `${new Date(ms).toISOString().slice(11, 16)} UTC`;
