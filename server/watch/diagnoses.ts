// Diagnoses of what is open, renewed as evidence comes in, and kept with each incident; several sources that fail at one upstream
// are folded into one incident, the first.
import type { Incident as IncidentView } from '#shared/api.ts';
import type { IncidentStore } from '../store/store.ts';
import type { IncidentRegistry } from './incident-registry.ts';
import type { Diagnosed, Diagnoser } from './diagnosis.ts';

/** A diagnosis is renewed after these seconds, then each minute. */
const AFTER = [0, 10, 30, 60];
/** Incidents on sources that fail at the same upstream within this long are one, ms. */
const FOLD_MS = 5 * 60_000;
/** An upstream is what failed when it has this share of the failures, and either fails more than its share of the traffic or could not be reached. */
const UPSTREAM_SHARE = 0.6;
const LIFT_MIN = 1.5;
/** An upstream of this name is another one on each machine. */
const LOCAL = /^(127\.|localhost\b|\[?::1\b|unix:|\/)/;

export interface DiagnosesDeps {
  registry: IncidentRegistry;
  diagnose: Diagnoser;
  store: { incidents: Pick<IncidentStore, 'addSamples'> };
  /** One part of the diagnosis of one incident threw. */
  failed(error: unknown, part: 'diagnosis' | 'samples', id: number): void;
}

interface Due {
  /** s */
  next: number;
  done: number;
  upstream: string | null;
}

export class Diagnoses {
  readonly #deps: DiagnosesDeps;
  readonly #due = new Map<number, Due>();

  constructor(deps: DiagnosesDeps) {
    this.#deps = deps;
  }

  /** An incident has changed, or is known again after a restart. */
  changed({ id, state, foldedInto }: IncidentView): void {
    if (state === 'resolved' || foldedInto !== null) this.#due.delete(id);
    else if (!this.#due.has(id)) this.#due.set(id, { next: 0, done: 0, upstream: null });
  }

  /** `now` in s. */
  async tick(now: number): Promise<void> {
    for (const [id, due] of this.#due) {
      const told = this.#deps.registry.find(id)?.told;
      if (!told) {
        this.#due.delete(id);
        continue;
      }
      if (now < due.next) continue;
      due.next = now + (AFTER[++due.done] ?? 60);
      await this.#renew(told, due).catch((error: unknown) => this.#deps.failed(error, 'diagnosis', id));
    }
  }

  async #renew(told: IncidentView, due: Due): Promise<void> {
    const { registry, diagnose, store, failed } = this.#deps;
    const { id } = told,
      diagnosed = await diagnose(told);
    if (!diagnosed) return;
    const {
      causes: [top],
      headline,
    } = diagnosed.diagnosis;
    due.upstream = failedUpstream(diagnosed);
    if (top && (top.cause !== told.cause || headline !== told.headline))
      registry.change(id, { cause: top.cause, culprit: top.culprit, headline });
    if (due.upstream !== null) this.#foldSame(id, due.upstream);
    // last: whoever is on call can do without them
    if (diagnosed.samples.length > 0)
      await store.incidents.addSamples(id, diagnosed.samples).catch((error: unknown) => failed(error, 'samples', id));
  }

  #foldSame(id: number, upstream: string): void {
    const { registry } = this.#deps;
    const mine = registry.find(id)!.told;
    for (const other of registry.open) {
      if (other.id === id || other.source === mine.source || this.#due.get(other.id)?.upstream !== upstream) continue;
      // as long as both fail there it is one fault, but for names that each machine has
      if (LOCAL.test(upstream) && Math.abs(other.openedAt - mine.openedAt) > FOLD_MS) continue;
      const [first, second] = [other, mine].sort((a, b) => a.openedAt - b.openedAt || a.id - b.id);
      registry.fold(second.id, first.id, `${second.source} fails at the same upstream, ${upstream}`);
      this.#due.delete(second.id);
      return;
    }
  }
}

function failedUpstream({
  diagnosis: {
    causes: [top],
    where,
  },
  upstream,
}: Diagnosed): string | null {
  if (upstream === null || upstream.share < UPSTREAM_SHARE) return null;
  const lift = where.find(({ dimension, value }) => dimension === 'upstream' && value === upstream.value)?.lift ?? 0;
  return lift >= LIFT_MIN || top?.culprit.startsWith('upstream') ? upstream.value : null;
}
