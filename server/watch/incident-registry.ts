// The registry of incidents: turns what the engine says into what people read, writes it down with what is to be told, and keeps the
// open ones at hand. Several sources' incidents that are one are told as one: the first leads, with the worst state of them all.
import type { Incident as IncidentView } from '#shared/api.ts';
import { DETECTOR_TIMINGS, type TrackerState, type Incident, type Transition } from '../core/detect/incident.ts';
import type { Verdict } from '../core/detect/detectors/detector.ts';
import type { Evaluation, IncidentStore, IncidentWrite } from '../store/store.ts';
import { allOrEach } from '../troubles.ts';
import { evaluationOf, groupView, incidentView, whyOf } from './incident-view.ts';

/** A page waits this long for its diagnosis, and to be folded into another, before it is told to anyone. */
const TOLD_AFTER_MS = 3000;
/** One evaluation in this many seconds is kept of an incident that goes on. */
const EVALUATION_EVERY = 10;
/** What ended longer ago than this cannot come back. */
export const REOPENS_MS = 2 * (DETECTOR_TIMINGS.holdMax + DETECTOR_TIMINGS.grace) * 1000;

/** As the store keeps it. */
export interface Machine {
  group: string;
  state: TrackerState;
}

interface Page {
  incident: Incident;
  told: Omit<IncidentView, 'id'> & { id?: number };
  transitions: IncidentWrite['transitions'];
  outbox: IncidentWrite['outbox'];
  evaluations: Evaluation[];
  evaluatedAt: number;
  trackerState: () => TrackerState | undefined;
  dirty: boolean;
  /** The page it is told on, when that is another. */
  into: Page | undefined;
  members: Set<Page>;
}

export class IncidentRegistry {
  readonly #store: IncidentStore;
  readonly #now: () => number;
  readonly #pages = new Map<Incident, Page>();

  constructor(store: IncidentStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Open ones, as told. */
  get open(): IncidentView[] {
    return [...this.#pages.values()]
      .filter(({ told, into }) => into === undefined && told.id !== undefined && told.state !== 'resolved')
      .map(({ told }) => told as IncidentView);
  }

  find(id: number): { incident: Incident; told: IncidentView } | undefined {
    const page = this.#page(id);
    return page && { incident: page.incident, told: page.told as IncidentView };
  }

  /** What is told as one with it, itself included. */
  group(id: number): Incident[] {
    const page = this.#page(id);
    return page ? [page, ...page.members].map(({ incident }) => incident) : [];
  }

  #page(id: number): Page | undefined {
    for (const page of this.#pages.values()) if (page.told.id === id) return page;
    return undefined;
  }

  #put(incident: Incident, told: Page['told'], trackerState: Page['trackerState']): Page {
    const page = {
      incident,
      told,
      transitions: [],
      outbox: [],
      evaluations: [],
      evaluatedAt: 0,
      trackerState,
      dirty: false,
      into: undefined,
      members: new Set<Page>(),
    };
    this.#pages.set(incident, page);
    return page;
  }

  /** After a restart: incidents that were written before. */
  remember(
    known: readonly { incident: Incident; told: IncidentView; trackerState: () => TrackerState | undefined }[],
  ): void {
    for (const { incident, told, trackerState } of known) this.#put(incident, told, trackerState);
    for (const page of this.#pages.values()) {
      const into = page.told.foldedInto === null ? undefined : this.#page(page.told.foldedInto);
      page.into = into;
      into?.members.add(page);
    }
  }

  moved(incident: Incident, transition: Transition, trackerState: () => TrackerState | undefined): void {
    if (transition.to === 'pending') return;
    const page =
      this.#pages.get(incident) ?? this.#put(incident, { ...incidentView(incident), state: 'pending' }, trackerState);
    const { at, from, to } = transition;
    const why = whyOf(transition);
    if (page.into) {
      page.transitions.push({ at: ms(at), from, to, why });
      this.#renew(page);
      this.#group(page.into, ms(at), `${incident.source}: ${why}`);
    } else this.#group(page, ms(at), page.members.size > 0 ? `${incident.source}: ${why}` : why, transition);
  }

  /** What is told of a group is the worst of it; `own` says what a page without members did. */
  #group(page: Page, at: number, why: string, own?: Transition): void {
    const before = page.told;
    this.#renew(page);
    const from = page.members.size === 0 && own ? own.from : before.state;
    page.transitions.push({ at, from, to: page.told.state, why });
    const event = eventOf(before, page.told, from);
    if (event) page.outbox.push({ event, at: this.#now(), due: this.#now() + TOLD_AFTER_MS });
  }

  #renew(page: Page): void {
    page.told = groupView(
      page.told,
      page.incident,
      [...page.members].map(({ incident }) => incident),
    );
    page.dirty = true;
  }

  evaluated(incident: Incident, at: number, verdict: Verdict): void {
    const page = this.#pages.get(incident);
    if (!page || at - page.evaluatedAt < EVALUATION_EVERY) return;
    page.evaluatedAt = at;
    page.evaluations.push(evaluationOf(at, verdict));
    this.#renew(page);
    if (page.into) this.#renew(page.into);
  }

  /** Something a person or the diagnosis added. */
  change(id: number, fields: Partial<IncidentView>): IncidentView | undefined {
    const page = this.#page(id);
    if (!page) return undefined;
    Object.assign(page.told, fields);
    page.dirty = true;
    return page.told as IncidentView;
  }

  /** The second is told as part of the first from now on; what was still to be told of it is not. */
  fold(id: number, intoId: number, why: string): void {
    const page = this.#page(id)!,
      into = this.#page(intoId)!;
    for (const each of [page, ...page.members]) {
      each.into = into;
      each.told.foldedInto = intoId;
      each.outbox = [];
      each.dirty = true;
      into.members.add(each);
    }
    page.members.clear();
    this.#group(into, this.#now(), why);
  }

  /** Writes what has changed, in one transaction; gives it as it now is. What cannot be written stays to be, and is told of. */
  async write(failed: (error: unknown, source: string) => void): Promise<IncidentView[]> {
    const dirty = [...this.#pages.values()].filter((page) => page.dirty);
    if (dirty.length === 0) return [];
    await allOrEach(
      dirty,
      (pages) => this.#write(pages),
      (error, { incident }) => failed(error, incident.source),
    );
    const written = dirty.filter((page) => !page.dirty);
    const judged = written.filter(({ evaluations }) => evaluations.length > 0);
    if (judged.length > 0)
      await allOrEach(
        judged,
        (pages) => this.#writeEvaluations(pages),
        (error, { incident }) => failed(error, incident.source),
      );
    this.#forgetOld();
    return written.map(({ told }) => ({ ...told }) as IncidentView);
  }

  async #write(dirty: readonly Page[]): Promise<void> {
    const ids = await this.#store.write(
      dirty.map(({ incident, told, transitions, outbox, trackerState }) => ({
        incident: told,
        transitions,
        outbox,
        machine: {
          group: incident.group,
          state: trackerState() ?? { incident, pendingSince: NaN, recoveringSince: NaN, proof: 0, endedAt: -Infinity },
        } satisfies Machine,
      })),
    );
    dirty.forEach((page, i) => {
      page.told.id = ids[i];
      page.transitions = [];
      page.outbox = [];
      page.dirty = false;
    });
  }

  #writeEvaluations(pages: readonly Page[]): Promise<void> {
    return this.#store.addEvaluations(
      pages.flatMap((page) =>
        page.evaluations.splice(0).map((evaluation) => ({ incident: page.told.id!, evaluation })),
      ),
    );
  }

  #forgetOld(): void {
    const before = this.#now() - REOPENS_MS;
    for (const [incident, { told, into, dirty }] of this.#pages) {
      const { resolvedAt } = (into ?? this.#pages.get(incident)!).told;
      if (!dirty && told.state === 'resolved' && resolvedAt !== null && resolvedAt < before)
        this.#pages.delete(incident);
    }
  }
}

const ms = (s: number): number => Math.round(s * 1000);

function eventOf(
  before: Page['told'],
  after: Page['told'],
  from: string,
): IncidentWrite['outbox'][number]['event'] | undefined {
  if (from === 'pending') return 'opened';
  if (after.state === 'resolved') return from === 'resolved' ? undefined : 'resolved';
  if (from === 'resolved') return 'reopened';
  return before.severity === 'warn' && after.severity === 'page' ? 'escalated' : undefined;
}
