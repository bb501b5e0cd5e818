// The book of incidents: turns what the engine says into what people read, writes it down with what is to be told, and keeps the
// open ones at hand.
import type { Incident as Told, IncidentDetail } from '#shared/api.ts';
import type { CaseState, Incident, Transition } from '../core/detect/incident.ts';
import type { Verdict } from '../core/detect/detectors/detector.ts';
import type { Evaluation, IncidentStore, IncidentWrite } from '../store/store.ts';

/** A page waits this long for its diagnosis, and to be folded into another, before it is told to anyone. */
const TOLD_AFTER_MS = 3000;
/** One evaluation in this many seconds is kept of an incident that goes on. */
const EVALUATION_EVERY = 10;

/** As the store keeps it. */
export interface Machine {
  group: string;
  state: CaseState;
}

interface Page {
  told: Omit<Told, 'id'> & { id?: number };
  transitions: IncidentWrite['transitions'];
  outbox: IncidentWrite['outbox'];
  evaluations: Evaluation[];
  evaluatedAt: number;
  caseState: () => CaseState | undefined;
  dirty: boolean;
}

export class Book {
  readonly #store: IncidentStore;
  readonly #now: () => number;
  readonly #pages = new Map<Incident, Page>();

  constructor(store: IncidentStore, now: () => number) {
    this.#store = store;
    this.#now = now;
  }

  /** Open ones, as told. */
  get open(): Told[] {
    return [...this.#pages.values()].map(({ told }) => told as Told).filter((told) => told.id !== undefined && told.state !== 'resolved');
  }

  find(id: number): { incident: Incident; told: Told } | undefined {
    for (const [incident, { told }] of this.#pages) if (told.id === id) return { incident, told: told as Told };
    return undefined;
  }

  /** After a restart: an incident that was written before. */
  remember(incident: Incident, told: Told, caseState: () => CaseState | undefined): void {
    this.#pages.set(incident, { told, transitions: [], outbox: [], evaluations: [], evaluatedAt: 0, caseState, dirty: false });
  }

  moved(incident: Incident, { at, from, to, why, verdict }: Transition, caseState: () => CaseState | undefined): void {
    let page = this.#pages.get(incident);
    if (to === 'pending') return;
    const ms = Math.round(at * 1000);
    if (!page) {
      page = { told: toldOf(incident), transitions: [], outbox: [], evaluations: [], evaluatedAt: 0, caseState, dirty: true };
      this.#pages.set(incident, page);
    }
    const before = page.told;
    page.told = { ...toldOf(incident), ...personal(before) };
    page.transitions.push({ at: ms, from, to, why: verdict?.numbers === undefined ? why : `${why}: ${verdict.numbers}` });
    const event = eventOf(before, page.told, from, to);
    if (event) page.outbox.push({ event, at: this.#now(), due: this.#now() + TOLD_AFTER_MS });
    page.dirty = true;
  }

  evaluated(incident: Incident, at: number, verdict: Verdict): void {
    const page = this.#pages.get(incident);
    if (!page || at - page.evaluatedAt < EVALUATION_EVERY) return;
    page.evaluatedAt = at;
    page.evaluations.push(evaluationOf(at, verdict));
    page.told = { ...toldOf(incident), ...personal(page.told) };
    page.dirty = true;
  }

  /** Something a person or the diagnosis added. */
  change(id: number, fields: Partial<Told>): Told | undefined {
    const found = this.find(id);
    if (!found) return undefined;
    const page = this.#pages.get(found.incident)!;
    Object.assign(page.told, fields);
    page.dirty = true;
    return page.told as Told;
  }

  forget(incident: Incident): void {
    this.#pages.delete(incident);
  }

  /** Writes what has changed, in one transaction; gives it as it now is. */
  async write(): Promise<Told[]> {
    const dirty = [...this.#pages].filter(([, page]) => page.dirty);
    if (dirty.length === 0) return [];
    const ids = await this.#store.write(dirty.map(([incident, page]) => ({
      incident: page.told, transitions: page.transitions, outbox: page.outbox,
      machine: { group: incident.group, state: page.caseState() ?? { incident, pendingSince: NaN, recoveringSince: NaN, proof: 0 } } satisfies Machine,
    })));
    dirty.forEach(([, page], i) => {
      page.told.id = ids[i];
      page.transitions = [];
      page.outbox = [];
      page.dirty = false;
    });
    const evaluations = dirty.flatMap(([, page]) => page.evaluations.splice(0).map((evaluation) => ({ incident: page.told.id!, evaluation })));
    if (evaluations.length > 0) await this.#store.addEvaluations(evaluations);
    return dirty.map(([, page]) => ({ ...page.told }) as Told);
  }
}

/** What people and the diagnosis have added stays when the numbers change. */
function personal({ id, sources, cause, culprit, headline, summary, acknowledged, silencedUntil }: Page['told']): Partial<Page['told']> {
  return { id, sources, cause, culprit, acknowledged, silencedUntil, ...(cause === null && headline === summary ? {} : { headline }) };
}

function eventOf(before: Page['told'], after: Page['told'], from: string, to: string): IncidentWrite['outbox'][number]['event'] | undefined {
  if (to === 'resolved') return 'resolved';
  if (from === 'pending') return 'opened';
  if (from === 'resolved') return 'reopened';
  return before.severity === 'warn' && after.severity === 'page' ? 'escalated' : undefined;
}

const ms = (s: number): number | null => (Number.isFinite(s) ? Math.round(s * 1000) : null);

function toldOf(i: Incident): Omit<Told, 'id'> {
  return {
    source: i.source, sources: [i.source], codes: i.codes, rule: i.rule, cause: null, culprit: null, severity: i.severity, state: i.state,
    openedAt: ms(i.openedAt)!, resolvedAt: ms(i.resolvedAt), lastBadAt: ms(i.lastBadAt)!, share: i.share, peakShare: i.peakShare,
    baselineShare: i.baselineShare, failed: Math.round(i.failed), total: Math.round(i.total), summary: i.verdict.says, headline: i.verdict.says,
    acknowledged: null, silencedUntil: null,
  };
}

export function evaluationOf(at: number, { window, codes, bad, total, share, baseline, score, threshold, says, numbers }: Verdict): IncidentDetail['evaluations'][number] {
  return {
    at: Math.round(at * 1000), window: Math.round(window), code: codes[0] ?? null, bad: Math.round(bad), total: Math.round(total), share, baseline,
    score: Math.round(score * 10) / 10, threshold, says: numbers === undefined ? says : `${says}: ${numbers}`,
  };
}

/** NaN has gone through JSON as null. */
export function revived({ incident, ...rest }: CaseState): CaseState {
  const number = (value: number | null): number => value ?? NaN;
  return {
    incident: { ...incident, sinceFirst: incident.sinceFirst ?? false, pagedAt: number(incident.pagedAt), resolvedAt: number(incident.resolvedAt) },
    pendingSince: number(rest.pendingSince), recoveringSince: number(rest.recoveringSince), proof: rest.proof,
  };
}
