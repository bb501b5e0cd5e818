// What of a source's places is worth a look and wakes nobody: that they get slow, and that they answer something else than ever, as a
// route that redirects a POST away. While a page is open of the source, slowness is evidence of that and no notice.
import { percent, plural } from '#shared/numbers.ts';
import { textOfDimension } from '../count/value-id.ts';
import type { Verdict } from './detectors/detector.ts';
import { familyOf, isServer } from './families.ts';
import { NAMED_TIMINGS, type Group, type Observation, type Where } from './incident.ts';
import { IncidentTracker } from './incident-tracker.ts';
import { PLACE_SLOTS, type Place, type Places } from './places.ts';
import { findSlow, staysSlow, type Slow } from './slow-places.ts';
import type { SourceState } from './source-state.ts';
import { SLOT } from './window-counter.ts';

/** Of a source, at a time. */
const NOTICES_MAX = 20;
/** What is found has lasted for two minutes. */
const TIMINGS = { ...NAMED_TIMINGS, warnFor: 0 };
/** Slots that answers are looked at over, requests in them, and learnt before. */
const LOOK_SLOTS = 12,
  REQUESTS_MIN = 15,
  LEARNT_MIN = 60;
/** Where so much is usually answered well, and this part of it is left, of what comes and of what should come. */
const USUAL_GOOD = 0.6,
  LEFT = 0.25,
  HOLDS_LEFT = 0.6;

/** Of a finding of the whole source, the part that a place must have to be what it is about. */
const MAINLY = 0.5;

interface Notice {
  tracker: IncidentTracker;
  place: Place | undefined;
}

export class Notices {
  readonly list: Notice[] = [];
  readonly #state: SourceState;
  readonly #places: Places;
  readonly #textOf: (id: number) => string | undefined;

  constructor(state: SourceState, places: Places, textOf: (id: number) => string | undefined) {
    this.#state = state;
    this.#places = places;
    this.#textOf = textOf;
  }

  /** At the end of a slot. `pages`: a page is open of this source. */
  judge(now: number, pages: boolean, step: (tracker: IncidentTracker, seen: Observation) => void): void {
    const found = new Map<Notice, Verdict>();
    const slow = pages ? undefined : findSlow(this.#places);
    if (slow) this.#found(found, 'slow', slow.place, this.#slowVerdict(slow));
    if (!pages)
      for (const place of this.#places.all.values()) {
        const verdict = this.#answersElse(place, LEFT);
        if (verdict) this.#found(found, 'client', place, verdict);
      }
    for (let i = this.list.length - 1; i >= 0; i--) {
      const notice = this.list[i];
      this.#step(notice, now, found.get(notice), step);
      if (!notice.tracker.incident) this.list.splice(i, 1);
    }
  }

  /** Is a finding of the whole source, for the most part, what is known to be at one place? */
  explains({ codes, bad, window }: Verdict): boolean {
    return this.list.some(({ tracker: { group, incident } }) => {
      if (group !== 'client' || !incident || incident.state === 'resolved') return false;
      const { verdict } = incident;
      return incident.codes[0] === codes[0] && verdict.bad / verdict.window >= (MAINLY * bad) / window;
    });
  }

  /** After a restart: the tracker of a notice, to be restored. */
  resume(place: Place | undefined, group: Group): IncidentTracker {
    const tracker = new IncidentTracker(this.#state.name, group, TIMINGS);
    this.list.push({ tracker, place });
    return tracker;
  }

  #found(found: Map<Notice, Verdict>, group: Group, place: Place | undefined, verdict: Verdict): void {
    let notice = this.list.find((each) => each.tracker.group === group && each.place === place);
    if (!notice) {
      if (this.list.length >= NOTICES_MAX) return;
      notice = { place, tracker: new IncidentTracker(this.#state.name, group, TIMINGS) };
      if (place) notice.tracker.where = this.#where(place);
      this.list.push(notice);
    }
    found.set(notice, verdict);
  }

  #step(
    { tracker, place }: Notice,
    now: number,
    verdict: Verdict | undefined,
    step: (tracker: IncidentTracker, seen: Observation) => void,
  ): void {
    const { slot } = this.#places;
    const holds = verdict !== undefined || this.#holds(tracker.group, place);
    const requests = this.#places.sum(place?.total ?? this.#places.total, slot);
    step(tracker, {
      verdict,
      holds,
      isSilence: false,
      silent: now - this.#state.last - 1,
      naturalGap: this.#state.rhythm.naturalGap(now),
      requests,
      failures: 0,
      good: requests,
    });
    if (holds && tracker.incident) tracker.incident.endedAt = Math.max(tracker.incident.endedAt, this.#state.last);
  }

  #holds(group: Group, place: Place | undefined): boolean {
    if (group === 'slow') return staysSlow(this.#places, place);
    return place !== undefined && this.#answersElse(place, HOLDS_LEFT) !== undefined;
  }

  #where({ id, dimension }: Place): Where[] {
    const value = this.#textOf(id);
    return value === undefined ? [] : [{ dimension: textOfDimension(dimension), value }];
  }

  #named(place: Place | undefined): string {
    const [where] = place ? this.#where(place) : [];
    return where ? `${where.dimension} ${where.value}` : 'this source';
  }

  #slowVerdict({ place, quantile, now, usual, requests }: Slow): Verdict {
    const seconds = (s: number): string => (s < 1 ? `${Math.round(s * 1000)} ms` : `${s.toPrecision(2)} s`);
    const which = quantile === 0.5 ? 'half' : percent(1 - quantile);
    return {
      rule: 'slowness',
      level: 'warn',
      codes: [],
      window: 120,
      bad: 0,
      total: requests,
      share: 0,
      baseline: 0,
      score: now / Math.max(usual, 0.001),
      threshold: 5,
      says: `${this.#named(place)} is getting slow, nothing fails yet: the slowest ${which} of requests take ${seconds(now)} or more (usually ${seconds(usual)})`,
    };
  }

  /** Requests come as ever, and are answered with something else. */
  #answersElse(place: Place, left: number): Verdict | undefined {
    const places = this.#places,
      from = places.slot - LOOK_SLOTS + 1;
    const n = places.sum(place.total, from);
    if (n < REQUESTS_MIN) return undefined;
    const past = (ring: Float32Array): number => places.sum(ring, places.slot - PLACE_SLOTS + 1, from - 1);
    const known = place.learnt + past(place.total),
      good = place.learntOk + past(place.ok);
    if (known < LEARNT_MIN || good < USUAL_GOOD * known) return undefined;
    const ok = places.sum(place.ok, from),
      expected = (good / Math.max(1, places.learnt + past(places.total))) * places.sum(places.total, from);
    if (ok > left * (good / known) * n || ok > left * expected || expected < REQUESTS_MIN / 2) return undefined;
    const codes = [...place.codes]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 2)
      .map(([code]) => code);
    // the server's failures speak for themselves
    if (codes.length === 0 || isServer[familyOf(codes[0])]) return undefined;
    return {
      rule: 'answers-changed',
      level: 'warn',
      codes,
      window: LOOK_SLOTS * SLOT,
      bad: n - ok,
      total: n,
      there: { bad: n - ok, total: n },
      share: (n - ok) / n,
      baseline: 1 - good / known,
      score: 6,
      threshold: 1 - left,
      says: `${this.#named(place)} answers ${codes.join(', ')} to ${percent((n - ok) / n)} of ${plural(n, 'request')} (usually ${percent(1 - good / known)})`,
    };
  }
}
