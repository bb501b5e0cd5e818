// What every view shows beside its counts: sources, incidents, what pends, marks, troubles. Each list holds the first of what there is,
// within a number of bytes, and the overview counts all of it: however much there is, a hello stays small.
import type { Annotation, Incident, Pending, SourceStatus, Trouble } from '#shared/api.ts';
import {
  SILENT_MS,
  SNAPSHOT_MS,
  type Delta,
  type Lists,
  type LiveSource,
  type Missed,
  type Overview,
} from '#shared/live.ts';
import { bySize, isUnread } from '#shared/sources.ts';
import { byUrgency, isFiring } from '#shared/urgency.ts';

export interface ListsDeps {
  sources(): Promise<SourceStatus[]>;
  /** Open ones, and those that ended since `from`. */
  incidents(from: number): Promise<Incident[]>;
  open(): Incident[];
  pending(): Pending[];
  annotations(from: number, to: number): Promise<Annotation[]>;
  troubles(): Trouble[];
  /** One of these threw; what it gave before is shown on. */
  failed(error: unknown, part: string): void;
}

/** Rows of the list of sources; the page shows eight and goes to another page for the rest. */
const SOURCES_MAX = 20;
const FORMAT_LENGTH_MAX = 80;
/** Names of sources in one incident: the page says the first, and how many more. */
const NAMES_MAX = 50;
const BYTES_MAX = { incidents: 48 * 1024, pending: 16 * 1024, annotations: 24 * 1024, troubles: 8 * 1024 };
/** Marks that wait for the next delta. */
const ANNOTATIONS_WAITING_MAX = 500;

/** What a delta says of the lists; the rest of it is of the view. */
export type News = Omit<Delta, 'type' | 'seq' | 'now' | 'names' | 'counts' | 'viewed'>;

export class LiveLists {
  readonly #deps: ListsDeps;
  /** As they were last looked at, and when. */
  #statuses: SourceStatus[] = [];
  #rows = new Map<string, LiveSource>();
  #told = new Map<string, string>();
  #overview!: Overview;
  #pending: Pending[] = [];
  #troubles: Trouble[] = [];
  #toldPending = '';
  #toldTroubles = '';
  #changed = new Map<number, Incident>();
  #annotations: Annotation[] = [];

  constructor(deps: ListsDeps) {
    this.#deps = deps;
  }

  incidentsChanged(incidents: readonly Incident[]): void {
    for (const incident of incidents) this.#changed.set(incident.id, incident);
  }

  annotated(annotation: Annotation): void {
    this.#annotations.push(annotation);
    if (this.#annotations.length > ANNOTATIONS_WAITING_MAX) this.#annotations.shift();
  }

  /** Nobody looks: what has changed is in the hello of whoever comes next. */
  forget(): undefined {
    this.#changed.clear();
    this.#annotations = [];
  }

  /** Looks at everything, and gives what has changed since the last time. What does not fit comes with the next. */
  async renew(now: number): Promise<News> {
    const { sources, open, pending, troubles } = this.#deps;
    this.#statuses = await this.#part('sources', sources, this.#statuses);
    this.#pending = await this.#part('pending', pending, this.#pending);
    this.#troubles = within(await this.#part('troubles', troubles, this.#troubles), BYTES_MAX.troubles);
    const openNow = await this.#part('incidents', open, []);
    const listed = this.#statuses.map(rowOf).sort(bySize).slice(0, SOURCES_MAX),
      told = new Map(listed.map((row) => [row.name, JSON.stringify(row)]));
    const changed = listed.filter(({ name }) => this.#told.get(name) !== told.get(name));
    const unlisted = [...this.#told.keys()].filter((name) => !told.has(name));
    this.#rows = new Map(listed.map((row) => [row.name, row]));
    this.#told = told;
    this.#overview = overviewOf(this.#statuses, openNow, this.#pending, now);
    const incidents = within([...this.#changed.values()].sort(byUrgency).map(shortened), BYTES_MAX.incidents);
    for (const { id } of incidents) this.#changed.delete(id);
    const annotations = within(this.#annotations, BYTES_MAX.annotations);
    this.#annotations = this.#annotations.slice(annotations.length);
    return { overview: this.#overview, sources: changed, unlisted, incidents, annotations, ...this.#changedParts() };
  }

  #changedParts(): Pick<News, 'pending' | 'troubles'> {
    const pending = within(this.#pending, BYTES_MAX.pending),
      pendingText = JSON.stringify(pending),
      troublesText = JSON.stringify(this.#troubles);
    const news = {
      ...(pendingText === this.#toldPending ? {} : { pending }),
      ...(troublesText === this.#toldTroubles ? {} : { troubles: this.#troubles }),
    };
    this.#toldPending = pendingText;
    this.#toldTroubles = troublesText;
    return news;
  }

  /** All of it as `renew` last saw it, for a hello; `look`: it has not looked of late. */
  async whole(now: number, look: boolean): Promise<Lists> {
    if (look) await this.renew(now);
    const { incidents, annotations } = this.#deps,
      from = now - SNAPSHOT_MS;
    const recent = await this.#part('incidents', () => incidents(from), []),
      marks = await this.#part('annotations', () => annotations(from, now), []);
    return {
      overview: this.#overview,
      sources: [...this.#rows.values()],
      pending: within(this.#pending, BYTES_MAX.pending),
      troubles: this.#troubles,
      incidents: within(recent.sort(byUrgency).map(shortened), BYTES_MAX.incidents),
      annotations: within(marks.toReversed(), BYTES_MAX.annotations).reverse(),
    };
  }

  /** The row of a source, listed or not. */
  row(name: string | null): LiveSource | null {
    const status = name === null ? undefined : this.#statuses.find((each) => each.name === name);
    return status === undefined ? null : rowOf(status);
  }

  async #part<T>(part: string, work: () => T | Promise<T>, before: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.#deps.failed(error, part);
      return before;
    }
  }
}

function rowOf({
  name,
  format,
  rate,
  accepted,
  duplicate,
  rejected,
  skipped,
  lastSeen,
  lastEvent,
  clockBehindMs,
  flags,
  alarm,
}: SourceStatus): LiveSource {
  return {
    name,
    format: format?.slice(0, FORMAT_LENGTH_MAX) ?? null,
    rate,
    accepted,
    duplicate,
    rejected,
    skipped,
    lastSeen,
    lastEvent,
    clockBehindMs,
    flags,
    alarm,
  };
}

const shortened = (incident: Incident): Incident =>
  incident.sources.length > NAMES_MAX ? { ...incident, sources: incident.sources.slice(0, NAMES_MAX) } : incident;

function overviewOf(
  statuses: readonly SourceStatus[],
  open: readonly Incident[],
  pending: readonly Pending[],
  now: number,
): Overview {
  const silent = statuses.filter(({ lastSeen }) => now - lastSeen > SILENT_MS),
    unread = statuses.filter(isUnread);
  const gone = newest(silent, ({ lastSeen }) => lastSeen);
  return {
    sources: statuses.length,
    rate: Math.round(100 * statuses.reduce((sum, { rate }) => sum + rate, 0)) / 100,
    counted: statuses.reduce((sum, { accepted }) => sum + accepted, 0),
    lastEvent: newest(statuses, ({ lastEvent }) => lastEvent ?? -Infinity)?.lastEvent ?? null,
    lastSeen: newest(statuses, ({ lastSeen }) => lastSeen)?.lastSeen ?? null,
    silent: { count: silent.length, name: gone?.name ?? null, lastSeen: gone?.lastSeen ?? null },
    unread: {
      count: unread.length,
      last: missedOf(unread) ?? missedOf(statuses.filter(({ accepted, duplicate }) => accepted + duplicate === 0)),
    },
    missed: missedOf(statuses, ({ kind }) => kind === 'rejected'),
    open: open.length,
    firing: open.filter(isFiring).length,
    pending: pending.length,
  };
}

/** The newest line that was not read, of such a kind. */
function missedOf(
  statuses: readonly SourceStatus[],
  wanted: (miss: SourceStatus['lastMisses'][number]) => boolean = () => true,
): Missed | null {
  const lasts = statuses.flatMap(({ name, lastMisses }): Missed[] => {
    const miss = lastMisses.find(wanted);
    return miss === undefined ? [] : [{ ...miss, source: name }];
  });
  return newest(lasts, ({ at }) => at) ?? null;
}

const newest = <T>(of: readonly T[], at: (each: T) => number): T | undefined =>
  of.reduce<T | undefined>((best, each) => (best === undefined || at(each) > at(best) ? each : best), undefined);

/** The first of them, so many that they take no more than this as JSON. */
function within<T>(items: readonly T[], bytes: number): T[] {
  let left = bytes;
  const kept: T[] = [];
  for (const item of items) {
    left -= Buffer.byteLength(JSON.stringify(item)) + 1;
    if (left < 0) break;
    kept.push(item);
  }
  return kept;
}
