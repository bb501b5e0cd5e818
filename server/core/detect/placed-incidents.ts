// Incidents of a source that have a place, each with its own failures: what belongs to one is withdrawn from the source's counts, so
// that it neither keeps another incident open nor hides one. The failures of a single client that nobody else has are withdrawn too,
// and are nobody's.
import { causes } from '#shared/causes/index.ts';
import { textOfDimension } from '../count/value-id.ts';
import { attribute, sumOf } from './attribution.ts';
import type { Verdict } from './detectors/detector.ts';
import { percent } from '#shared/numbers.ts';
import { ceased, codesOf, isAt, oneClient, placedFailures, secondsOf, settled, type Failure } from './failing-place.ts';
import { GAVE_UP } from './families.ts';
import { NAMED_TIMINGS, type Incident, type Observation, type Where } from './incident.ts';
import { IncidentTracker } from './incident-tracker.ts';
import { PlacedIncident } from './placed-incident.ts';
import { familyOfFailure, PLACE_SLOTS, type FailingRow, type Place, type Places } from './places.ts';
import { NORMAL_SLOTS, type SourceState } from './source-state.ts';
import { SLOT } from './window-counter.ts';

/** A client that fails by itself is left out until it has not for this long, s. */
const CLIENT_FOR = 600;
const CLIENTS_MAX = 100;
/** Incidents of a source that have a place: open ones, and those that may still come back. */
const INCIDENTS_MAX = 50;
/** Fewer failures are not looked at. */
const FAILURES_MIN = 3;
/** Of the failures behind a finding, the part that one cause must have to be its cause. */
const MAINLY = 0.4;
/** An incident this young that was taken for the whole source's may turn out to have a place, with this part of its failures, s. */
const YOUNG = 600,
  NEARLY_ALL = 0.8;
/** Slots looked at to see whether another failure has taken the place of the source's. */
const LOOK_SLOTS = 6;

const causeId = (cause: number): string | undefined => (cause === 0 ? undefined : causes[cause - 1]?.id);

interface Loop {
  until: number;
}

export class PlacedIncidents {
  readonly list: PlacedIncident[] = [];
  readonly #state: SourceState;
  readonly #places: Places;
  readonly #textOf: (id: number) => string | undefined;
  /** How often failures have been withdrawn from the source: it is to be judged again. */
  taken = 0;
  /** Clients that fail by themselves. */
  readonly #loops = new Map<number, Loop>();

  constructor(state: SourceState, places: Places, textOf: (id: number) => string | undefined) {
    this.#state = state;
    this.#places = places;
    this.#textOf = textOf;
    places.ownerOf = (row) => this.#ownerOf(row);
  }

  #ownerOf(row: FailingRow): object | undefined {
    if (this.#loops.size > 0) {
      const loop = this.#loops.get(row.client);
      if (loop && row.first < loop.until) return loop;
    }
    return this.list.find((each) => each.owns && each.has(row));
  }

  /** A failure has been counted. */
  counted(row: FailingRow, second: number, count: number): void {
    const { owner } = row;
    const family = familyOfFailure(row.code, 0);
    if (owner === undefined) {
      if (familyOfFailure(row.code, row.cause) !== family) {
        this.#state.withdraw(row.slot, second, family, count, GAVE_UP);
        this.#state.abortsAs.add(row.code);
      }
      return;
    }
    if (owner instanceof PlacedIncident) owner.add(row.slot, second, count);
    else (owner as Loop).until = second + CLIENT_FOR;
    this.#state.withdraw(row.slot, second, family, count);
  }

  /** Rows that were the source's until now are this owner's. */
  #take(rows: Iterable<FailingRow>, owner: PlacedIncident | Loop): void {
    this.taken++;
    for (const row of rows) {
      row.owner = owner;
      this.#state.withdraw(row.slot, row.last, familyOfFailure(row.code, row.cause), row.count);
      if (owner instanceof PlacedIncident) owner.add(row.slot, row.last, row.count);
    }
  }

  /** At the end of a slot: places that have all but ceased to work, and what open incidents have turned into. */
  find(now: number, server: IncidentTracker, moved: Moved): void {
    if (this.#places.failures < FAILURES_MIN) return;
    const seen = new Set<string>();
    for (const failure of placedFailures(this.#places)) {
      const key = `${failure.cause} ${failure.places[0].id}`;
      if (seen.has(key) || failure.rows.some(({ owner }) => owner !== undefined)) continue;
      if (this.#turnedInto(failure, now)) {
        seen.add(key);
        continue;
      }
      if (familyOfFailure(failure.rows[0].code, failure.cause) === GAVE_UP) continue;
      if (server.open && server.incident!.severity === 'page' && this.#isOf(server, failure)) continue;
      const score = ceased(this.#places, failure);
      if (score === undefined) continue;
      seen.add(key);
      this.#open(failure, now, server, moved, { level: 'page', rule: 'place', score, threshold: 0.33 });
    }
  }

  #isOf({ incident }: IncidentTracker, { cause }: Failure): boolean {
    const id = causeId(cause);
    return id === undefined || incident!.causes.length === 0 || incident!.causes.includes(id);
  }

  /** Another cause at the place of an open incident, without a pause between: it is still that incident. */
  #turnedInto(failure: Failure, now: number): boolean {
    const same = this.list.find(
      (each) =>
        each.owns &&
        each.isAt(failure.places) &&
        !(failure.from * SLOT - each.last > NORMAL_SLOTS * SLOT + SLOT) &&
        now - each.last <= CLIENT_FOR,
    );
    if (!same) return false;
    this.#shows(same, failure);
    return true;
  }

  /** Where there are too few to say where they are: nearly all at the place of an incident that has only just stopped as it was. */
  #goesOnAs(failure: Failure, now: number): boolean {
    const same = this.list.find((each) => {
      if (!each.owns || now - each.last > (NORMAL_SLOTS + 1) * SLOT || each.causes.has(failure.cause)) return false;
      const there = failure.rows.reduce((n, row) => (isAt(row, each.places[0]) ? n + row.count : n), 0);
      return there >= FAILURES_MIN && there >= NEARLY_ALL * failure.bad;
    });
    if (!same) return false;
    const rows = failure.rows.filter((row) => isAt(row, same.places[0]));
    this.#shows(same, { ...failure, rows, bad: sumOf(rows) });
    return true;
  }

  /**
   * Is what fails of the source now another failure than the one that it is open for? Most of it has other causes, and that one has
   * not shown for three slots.
   */
  isAnother({ incident, open }: IncidentTracker, now: number): boolean {
    if (!open || incident!.causes.length === 0 || this.#places.failures < FAILURES_MIN) return false;
    const from = Math.floor(incident!.endedAt / SLOT) + NORMAL_SLOTS;
    if (this.#places.slot < from) return false;
    let other = 0,
      all = 0;
    for (const { owner, cause, count } of this.#places.rows(Math.max(from, this.#places.slot - LOOK_SLOTS))) {
      if (owner !== undefined) continue;
      all += count;
      const id = causeId(cause);
      if (id !== undefined && !incident!.causes.includes(id)) other += count;
    }
    return other >= 2 && other > all / 2 && now - incident!.endedAt >= NORMAL_SLOTS * SLOT;
  }

  #shows(incident: PlacedIncident, failure: Failure): void {
    incident.causes.add(failure.cause);
    this.#take(failure.rows, incident);
    const { tracker } = incident,
      id = causeId(failure.cause);
    if (id !== undefined) tracker.shows(id);
    for (const code of codesOf(failure))
      if (!tracker.incident!.codes.includes(code)) tracker.incident!.codes.push(code);
  }

  /**
   * What is behind a finding that would page? True when it has been given to who it belongs to, and the source is to be judged again
   * without it; otherwise it is the source's, and the verdict is told its cause.
   */
  explain(verdict: Verdict, now: number, server: IncidentTracker, moved: Moved): boolean {
    const places = this.#places;
    if (places.failures < FAILURES_MIN) return false;
    let ongoing = this.#ongoing(verdict.window);
    // among many that are over, a few that have just begun
    if (ongoing.length === 0) ongoing = this.#ongoing(SLOT);
    const young = server.open && now - server.incident!.openedAt <= YOUNG;
    // where it is may take longer to see than that it is
    if (young && ongoing.length > 0 && ongoing[0].failure.places.length === 0 && this.#isOf(server, ongoing[0].failure))
      ongoing = this.#ongoing(now - server.incident!.startedAt);
    if (ongoing.length === 0) return false;
    const all = ongoing.reduce((sum, { bad }) => sum + bad, 0);
    const [{ failure, bad }] = ongoing;
    if (this.#goesOnAs(failure, now)) return true;
    const client = oneClient(places, failure);
    if (client !== undefined) return this.#leaveOut(client, now, failure.from);
    if (bad < MAINLY * all) return false;
    verdict.cause = causeId(failure.cause);
    if (failure.since < now - verdict.window || failure.places.length === 0)
      verdict.since = Math.min(failure.since, now);
    if (failure.places.length === 0) return false;
    const same = server.open && server.incident!.severity === 'page' && this.#isOf(server, failure);
    if (same && (now - server.incident!.openedAt > YOUNG || bad < NEARLY_ALL * all)) return false;
    const { rule, score, threshold, level } = verdict;
    this.#open(failure, now, server, moved, { rule, score, threshold, level });
    return true;
  }

  /** What the last seconds show, most first, but for what is over. */
  #ongoing(seconds: number): { failure: Failure; bad: number }[] {
    const slots = Math.min(PLACE_SLOTS, Math.max(3, Math.ceil(seconds / SLOT)));
    return attribute(this.#places, this.#places.slot - slots + 1).flatMap((found) => {
      const failure = settled(this.#places, found);
      return failure ? [{ failure, bad: found.bad }] : [];
    });
  }

  #leaveOut(client: number, now: number, from: number): boolean {
    if (this.#loops.size >= CLIENTS_MAX)
      for (const [other, { until }] of this.#loops) if (until < now) this.#loops.delete(other);
    if (this.#loops.size >= CLIENTS_MAX) return false;
    const loop = { until: now + CLIENT_FOR };
    this.#loops.set(client, loop);
    const rows = [...this.#places.rows(from - NORMAL_SLOTS)].filter(
      (row) => row.client === client && row.owner === undefined,
    );
    this.#take(rows, loop);
    return rows.length > 0;
  }

  #open(
    failure: Failure,
    now: number,
    server: IncidentTracker,
    moved: Moved,
    base: Pick<Verdict, 'level' | 'rule' | 'score' | 'threshold'>,
  ): void {
    const verdict = this.#verdict(failure, now, base);
    let incident = this.list.find((each) => each.isAt(failure.places) && each.causes.has(failure.cause));
    if (!incident) {
      const warned =
        server.open &&
        (server.incident!.severity === 'warn' || this.#isOf(server, failure)) &&
        server.incident!.codes.some((code) => verdict.codes.includes(code));
      incident = new PlacedIncident(
        warned ? moved.adopted() : new IncidentTracker(this.#state.name, 'server', NAMED_TIMINGS),
        failure.places,
      );
      incident.tracker.place(this.#where(failure.places));
      incident.causes.add(failure.cause);
      if (this.list.length >= INCIDENTS_MAX) this.#makeRoom();
      this.list.push(incident);
    }
    moved.step(incident.tracker, {
      verdict,
      holds: true,
      isSilence: false,
      silent: 0,
      naturalGap: 0,
      requests: failure.total,
      failures: failure.bad,
      good: 0,
    });
    if (incident.owns) this.#take(failure.rows, incident);
    incident.fresh = 0;
  }

  #makeRoom(): void {
    const i = this.list.findIndex(({ tracker }) => !tracker.open);
    this.list.splice(Math.max(0, i), 1);
  }

  #where(places: readonly Place[]): Where[] {
    return places.flatMap(({ id, dimension }) => {
      const value = this.#textOf(id);
      return value === undefined ? [] : [{ dimension: textOfDimension(dimension), value }];
    });
  }

  #verdict(failure: Failure, now: number, base: Pick<Verdict, 'level' | 'rule' | 'score' | 'threshold'>): Verdict {
    const [place] = failure.places,
      codes = codesOf(failure);
    const { bad, there, total } = failure;
    const [at] = this.#where(failure.places);
    const what = codes.length > 0 ? codes.join(', ') : 'failures';
    return {
      ...base,
      codes,
      window: secondsOf(failure, now),
      bad,
      total,
      there: { bad, total: there },
      share: bad / total,
      baseline: this.#places.learnt < 1 ? 0 : place.learntBad / this.#places.learnt,
      cause: causeId(failure.cause),
      since: failure.since,
      says: `${what} at ${percent(bad / there)} of the requests to ${at ? `${at.dimension} ${at.value}` : 'one place'}, ${percent(bad / total)} of all`,
    };
  }

  /** After a restart: the tracker of an incident at these places, to be restored. */
  resume(places: readonly Place[], { causes: ids, endedAt }: Incident): IncidentTracker {
    const incident = new PlacedIncident(new IncidentTracker(this.#state.name, 'server', NAMED_TIMINGS), places);
    for (const id of ids) incident.causes.add(1 + causes.findIndex((cause) => cause.id === id));
    if (ids.length === 0) incident.causes.add(0);
    incident.last = endedAt;
    this.list.push(incident);
    return incident.tracker;
  }

  /** Judge those that are known, at the end of a slot. */
  judge(now: number, step: (tracker: IncidentTracker, seen: Observation) => void): void {
    const { slot } = this.#places;
    const silent = now - this.#state.last - 1,
      naturalGap = this.#state.rhythm.naturalGap(now);
    for (let i = this.list.length - 1; i >= 0; i--) {
      const each = this.list[i],
        { tracker } = each;
      if (!tracker.incident) {
        this.list.splice(i, 1);
        continue;
      }
      const requests = this.#places.sum(each.places[0].total, slot),
        holds = each.holds(this.#places);
      step(tracker, {
        verdict: undefined,
        holds,
        isSilence: false,
        silent,
        naturalGap,
        requests: this.#places.sum(this.#places.total, slot),
        failures: each.fresh,
        good: requests > 0 ? Math.max(0, requests - each.fresh) : this.#goodElsewhere(each, slot),
      });
      each.fresh = 0;
      if (tracker.incident && holds && each.last > tracker.incident.endedAt) tracker.incident.endedAt = each.last;
    }
  }

  /** Where nothing comes any more, as at an instance that was taken out, what should have come counts if the rest is well. */
  #goodElsewhere({ places: [{ learnt }] }: PlacedIncident, slot: number): number {
    const all = this.#places.sum(this.#places.total, slot);
    return learnt < 1 ? all : (all * learnt) / Math.max(learnt, this.#places.learnt);
  }
}

/** How findings reach the engine. */
export interface Moved {
  step(tracker: IncidentTracker, seen: Observation): void;
  /** The source's open incident turns out to have a place: its tracker, which the source gives up. */
  adopted(): IncidentTracker;
}
