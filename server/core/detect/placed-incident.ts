// One incident at a place, with its own failures by slot: does it go on, and how bad is it?
import { isAt } from './failing-place.ts';
import type { IncidentTracker } from './incident-tracker.ts';
import { PLACE_SLOTS, type FailingRow, type Place, type Places } from './places.ts';

/** While this part of its worst still fails at its place it goes on, and so many slots or requests are looked at. */
const HOLDS = 0.15,
  HOLDS_MIN = 0.02,
  LOOK_SLOTS = 6,
  LOOK_REQUESTS = 10;

export class PlacedIncident {
  readonly tracker: IncidentTracker;
  /** The place, and values of other dimensions that mean the same here. */
  readonly places: readonly Place[];
  readonly causes = new Set<number>();
  readonly #slots = new Float64Array(PLACE_SLOTS).fill(-1);
  readonly #bad = new Float32Array(PLACE_SLOTS);
  /** Second of the last failure. */
  last = NaN;
  /** Worst share of the place's requests, over whole slots. */
  peak = 0;
  /** Failures since the last step. */
  fresh = 0;

  constructor(tracker: IncidentTracker, places: readonly Place[]) {
    this.tracker = tracker;
    this.places = places;
  }

  get owns(): boolean {
    return this.tracker.open && this.tracker.incident!.severity === 'page';
  }

  has(row: FailingRow): boolean {
    return this.causes.has(row.cause) && isAt(row, this.places[0]);
  }

  isAt(places: readonly Place[]): boolean {
    return places.some((place) => this.places.includes(place));
  }

  add(slot: number, second: number, count: number): void {
    const i = slot % PLACE_SLOTS;
    if (this.#slots[i] !== slot) {
      this.#slots[i] = slot;
      this.#bad[i] = 0;
    }
    this.#bad[i] += count;
    this.fresh += count;
    if (!(second <= this.last)) this.last = second;
  }

  bad(from: number, to: number): number {
    let sum = 0;
    for (let slot = Math.max(from, to - PLACE_SLOTS + 1); slot <= to; slot++)
      if (this.#slots[slot % PLACE_SLOTS] === slot) sum += this.#bad[slot % PLACE_SLOTS];
    return sum;
  }

  /** Does it still fail there, by the last minute, or as far back as there are a few requests? */
  holds(places: Places): boolean {
    const { slot } = places,
      { total } = this.places[0];
    let n = 0,
      from = slot + 1;
    while (from > slot - PLACE_SLOTS + 1 && (slot - from < LOOK_SLOTS - 1 || n < LOOK_REQUESTS))
      n += total[--from % PLACE_SLOTS];
    const recovering = this.tracker.incident!.state !== 'firing';
    if (recovering) {
      from = Math.max(from, slot - LOOK_SLOTS + 1);
      n = places.sum(total, from);
    }
    const k = this.bad(from, slot);
    n = Math.max(n, k);
    this.#measure(places);
    return k >= (n > 2 * LOOK_REQUESTS ? 2 : 1) && k >= Math.max(HOLDS_MIN, HOLDS * this.peak) * n;
  }

  /** The numbers that people are told, of whole slots: of the last, or of as many as hold a few requests. */
  #measure({ slot, total }: Places): void {
    const incident = this.tracker.incident!;
    if (incident.state !== 'firing') return;
    let n = 0,
      there = 0,
      from = slot + 1;
    while (from > slot - LOOK_SLOTS + 1 && n < 2 * LOOK_REQUESTS) {
      n += total[--from % PLACE_SLOTS];
      there += this.places[0].total[from % PLACE_SLOTS];
    }
    const k = this.bad(from, slot);
    if (n < LOOK_REQUESTS) return;
    incident.share = Math.min(1, k / n);
    incident.peakShare = Math.max(incident.peakShare, incident.share);
    if (there >= LOOK_REQUESTS) this.peak = Math.max(this.peak, Math.min(1, k / there));
  }
}
