// What people ask about incidents, and do to them: acknowledge, silence, annotate, end.
import type { Incident as IncidentView, IncidentDetail } from '#shared/api.ts';
import type { Engine } from '../core/detect/engine.ts';
import { incidentMarkdown } from '../core/diagnose/markdown.ts';
import { errors } from '../errors.ts';
import type { SampledTimes } from '../receive/sampled.ts';
import type { IncidentQuery, IncidentStore } from '../store/store.ts';
import type { IncidentRegistry } from './incident-registry.ts';
import type { Diagnoser } from './diagnosis.ts';

export interface ActionsDeps {
  engine: Engine;
  registry: IncidentRegistry;
  diagnose: Diagnoser;
  store: { incidents: IncidentStore };
  sampled: Pick<SampledTimes, 'touches'>;
  /** ms */
  now(): number;
  /** Writes what has changed and tells it. */
  written(): Promise<void>;
}

export class Actions {
  readonly #deps: ActionsDeps;

  constructor(deps: ActionsDeps) {
    this.#deps = deps;
  }

  list(query: IncidentQuery): Promise<IncidentView[]> {
    return this.#deps.store.incidents.list(query);
  }

  /** Throws errors.notFound. */
  async #told(id: number): Promise<IncidentView> {
    const { registry, store } = this.#deps;
    const told = registry.find(id)?.told ?? (await store.incidents.get(id));
    if (!told) throw errors.notFound(`There is no incident ${id}.`);
    return told;
  }

  async detail(id: number): Promise<IncidentDetail> {
    const { store, diagnose, sampled, now } = this.#deps;
    const incident = await this.#told(id);
    const [diagnosed, transitions, evaluations, notes, similar] = await Promise.all([
      diagnose(incident),
      store.incidents.transitions(id),
      store.incidents.evaluations(id),
      store.incidents.notes(id),
      store.incidents.similar(incident),
    ]);
    const detail = {
      incident,
      diagnosis: diagnosed?.diagnosis ?? null,
      transitions,
      notes,
      similar,
      samples: (diagnosed?.samples ?? []).map(({ at, code, line }) => ({ at, code, line })),
    };
    const maybeSampled = incident.sources.filter((source) =>
      sampled.touches(source, incident.openedAt, incident.resolvedAt ?? now()),
    );
    return { ...detail, evaluations, sampled: maybeSampled, markdown: incidentMarkdown(detail) };
  }

  async acknowledge(id: number, by: string): Promise<IncidentView> {
    return this.#change(id, { acknowledged: { at: this.#deps.now(), by } });
  }

  /** 0 minutes ends a silence. */
  async silence(id: number, minutes: number): Promise<IncidentView> {
    return this.#change(id, { silencedUntil: minutes === 0 ? null : this.#deps.now() + minutes * 60_000 });
  }

  async note(id: number, by: string, text: string): Promise<void> {
    await this.#told(id);
    await this.#deps.store.incidents.addNote(id, { at: this.#deps.now(), by, text });
  }

  /** On every source that it was seen on. */
  async resolve(id: number, by: string): Promise<IncidentView> {
    const { registry, engine, now, written } = this.#deps;
    await this.#told(id);
    for (const incident of registry.group(id)) {
      const watched = engine.sources.get(incident.source),
        of = engine.trackerOfIncident(incident);
      if (watched && of)
        engine.resolve(of, watched, Math.floor(now() / 1000), by === '' ? 'resolved by hand' : `resolved by ${by}`);
    }
    await written();
    return this.#told(id);
  }

  async #change(id: number, fields: Partial<IncidentView>): Promise<IncidentView> {
    const { registry, store, written } = this.#deps;
    const told = await this.#told(id);
    if (!registry.change(id, fields)) {
      const changed = { ...told, ...fields };
      await store.incidents.write([{ incident: changed, machine: {}, transitions: [], outbox: [] }]);
      return changed;
    }
    await written();
    return this.#told(id);
  }
}
