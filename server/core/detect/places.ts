// What detection knows of the places of one source: its upstreams, routes and hosts. Three things are counted, all by slots of 10 s
// over the last ten minutes: every request by place, so that a failing share can be taken where it fails; failing exchanges by all
// that is known of them together, so that two failures at once can be distinguished; and durations by place. Each is bounded:
// what exceeds a bound counts as `other` (value number 0), which is no place.
import { NO_CLIENT } from '../count/client.ts';
import { dimensionOf, HOST, numberOf, ROUTE, UPSTREAM } from '../count/value-id.ts';
import { DURATION_BOUNDS } from '../count/duration.ts';
import { showsClientLeft } from '../failing.ts';
import { familyOf, GAVE_UP, isServer, OK, REDIRECT } from './families.ts';
import { SLOT } from './window-counter.ts';

/** Slots kept: ten minutes. */
export const PLACE_SLOTS = 60;
/** Places of a source in each dimension. */
const PLACES_MAX: Record<number, number> = { [UPSTREAM]: 60, [ROUTE]: 100, [HOST]: 40 };
/** Distinct failing rows of a source in a slot; then clients, then routes and hosts are no longer told apart. */
const ROWS_MAX = 300,
  ROWS_MAX_COARSE = 400;
/** What is known of a place's past is forgotten by half in about two days. */
const KEEP = Math.exp(-SLOT / (3 * 86_400));
/** After this many failures of which this part came from one client, its address is another proxy's. */
const ONE_ADDRESS_MIN = 300,
  ONE_ADDRESS = 0.97;
/** Durations of a place are looked at over two minutes, in two buckets of a minute and the one that is being filled. */
const MINUTE_SLOTS = 6;
export const BUCKETS = DURATION_BOUNDS.length;

/** The family to judge a failure in: an abort that is logged as the proxy's 503 is a client's all the same. */
export const familyOfFailure = (code: number, cause: number): number =>
  showsClientLeft(cause) ? GAVE_UP : familyOf(code);

/** All that is known of one failing exchange. Value ids as in count/value-id.ts; 0 where the line has no such thing. */
export interface FailingExchange {
  code: number;
  /** 0 when unknown, else 1 + index into `causes`. */
  cause: number;
  upstream: number;
  route: number;
  host: number;
  /** A fingerprint of the client's address (`clientOf`), so that no cap hides who fails most. */
  client: number;
}

/** Exchanges of one slot that failed alike. */
export interface FailingRow extends FailingExchange {
  slot: number;
  count: number;
  /** s */
  first: number;
  last: number;
  /** What these failures have been found to be part of; undefined while they are the source's. */
  owner: object | undefined;
}

export class Place {
  readonly id: number;
  readonly dimension: number;
  /** By slot: requests, and those answered well. */
  readonly total = new Float32Array(PLACE_SLOTS);
  readonly ok = new Float32Array(PLACE_SLOTS);
  /** Learnt, decayed: requests, those answered well, server failures. */
  learnt = 0;
  learntOk = 0;
  learntBad = 0;
  /** Codes of requests that were not answered well, fading. */
  readonly codes = new Map<number, number>();
  durations: Durations | undefined;

  constructor(id: number) {
    this.id = id;
    this.dimension = dimensionOf(id);
  }
}

/** Durations of one place: of the last minutes, and what is usual. */
export class Durations {
  /** The minute that is being filled, then the ones before. */
  readonly minutes = Array.from({ length: 3 }, () => new Float32Array(BUCKETS));
  readonly usual = new Float64Array(BUCKETS);
  usualTotal = 0;

  add(bucket: number, count: number): void {
    this.minutes[0][bucket] += count;
  }

  /** A minute has ended. The oldest is learnt, unless something is wrong. */
  turn(learns: boolean, keep: number): void {
    const oldest = this.minutes.pop()!;
    if (learns) {
      let n = 0;
      for (let b = 0; b < BUCKETS; b++) {
        this.usual[b] = this.usual[b] * keep + oldest[b];
        n += oldest[b];
      }
      this.usualTotal = this.usualTotal * keep + n;
    }
    this.minutes.unshift(oldest.fill(0));
  }
}

interface SlotRows {
  slot: number;
  rows: FailingRow[];
  byKey: Map<string, FailingRow>;
}

export class Places {
  readonly all = new Map<number, Place>();
  /** Of the source as a whole. */
  readonly durations = new Durations();
  /** By slot. */
  readonly total = new Float32Array(PLACE_SLOTS);
  learnt = 0;
  /** Failures of the last ten minutes that are known whole. */
  failures = 0;
  /** Failures with a client, fading, and those of the client that has most (by majority vote). */
  #withClient = 0;
  #majority = { client: NO_CLIENT, votes: 0 };
  #slot: number;
  readonly #rows: (SlotRows | undefined)[] = new Array<SlotRows | undefined>(PLACE_SLOTS).fill(undefined);
  readonly #counts: Record<number, number> = { [UPSTREAM]: 0, [ROUTE]: 0, [HOST]: 0 };
  /** Whose failures a new row is; set by who keeps the incidents. */
  ownerOf: (row: FailingRow) => object | undefined = () => undefined;

  constructor(slot: number) {
    this.#slot = slot;
  }

  get slot(): number {
    return this.#slot;
  }

  #index(second: number): number {
    const slot = Math.min(this.#slot, Math.floor(second / SLOT));
    return slot <= this.#slot - PLACE_SLOTS ? -1 : slot;
  }

  /** Every request, by each of its places: `id` is of an upstream, a route or a host. */
  countPlace(second: number, id: number, code: number, count: number): void {
    const slot = this.#index(second);
    if (slot < 0) return;
    const place = this.place(id);
    if (!place) return;
    place.total[slot % PLACE_SLOTS] += count;
    const family = familyOf(code);
    if (family === OK || (family === REDIRECT && code === 302)) place.ok[slot % PLACE_SLOTS] += count;
    else place.codes.set(code, (place.codes.get(code) ?? 0) + count);
  }

  /** Every request, once. */
  countAll(second: number, count: number): void {
    const slot = this.#index(second);
    if (slot >= 0) this.total[slot % PLACE_SLOTS] += count;
  }

  /** An exchange that the server or its client broke off (families of group `server`, and causes of clients that gave up). */
  countFailing(second: number, x: FailingExchange, count: number): FailingRow | undefined {
    const slot = this.#index(second);
    if (slot < 0) return undefined;
    const at = slot % PLACE_SLOTS;
    let of = this.#rows[at];
    if (of?.slot !== slot) this.#rows[at] = of = { slot, rows: [], byKey: new Map() };
    let { client, route, host } = x;
    let key = `${x.code} ${x.cause} ${x.upstream} ${route} ${host} ${client}`;
    let row = of.byKey.get(key);
    if (!row && of.rows.length >= ROWS_MAX) {
      client = 0;
      if (of.rows.length >= ROWS_MAX_COARSE) route = host = 0;
      key = `${x.code} ${x.cause} ${x.upstream} ${route} ${host} 0`;
      row = of.byKey.get(key);
    }
    if (!row) {
      row = { ...x, client, route, host, slot, count: 0, first: second, last: second, owner: undefined };
      row.owner = this.ownerOf(row);
      of.byKey.set(key, row);
      of.rows.push(row);
    }
    if (row.owner === undefined) this.#vote(row.client, count);
    this.failures += count;
    row.count += count;
    if (second < row.first) row.first = second;
    if (second > row.last) row.last = second;
    return row;
  }

  #vote(client: number, count: number): void {
    if (client === NO_CLIENT) return;
    const majority = this.#majority;
    this.#withClient += count;
    if (majority.client === client) majority.votes += count;
    else if (majority.votes >= count) majority.votes -= count;
    else this.#majority = { client, votes: count - majority.votes };
  }

  /** Clients are known, and not all failures that were ever seen came by one address, as behind another proxy. */
  get tellsClients(): boolean {
    return (
      this.#withClient > 0 &&
      (this.#withClient < ONE_ADDRESS_MIN || this.#majority.votes < ONE_ADDRESS * this.#withClient)
    );
  }

  /** Requests of all places of a dimension in the slots from `from` on. */
  traffic(dimension: number, from: number): number {
    let sum = 0;
    for (const place of this.all.values()) if (place.dimension === dimension) sum += this.sum(place.total, from);
    return sum;
  }

  /** How long requests took that were answered; `id` 0 is the source as a whole. `bucket` as in count/duration.ts. */
  countDuration(id: number, bucket: number, count: number): void {
    if (id === 0) {
      this.durations.add(bucket, count);
      return;
    }
    const place = this.place(id);
    if (place) (place.durations ??= new Durations()).add(bucket, count);
  }

  /** Undefined for `other`, and where there are as many as are told apart. */
  place(id: number): Place | undefined {
    if (numberOf(id) === 0) return undefined;
    let place = this.all.get(id);
    if (!place) {
      const dimension = dimensionOf(id);
      if (this.#counts[dimension] >= PLACES_MAX[dimension]) return undefined;
      this.#counts[dimension]++;
      this.all.set(id, (place = new Place(id)));
    }
    return place;
  }

  /** Rows of the slots from `from` to `to`, both included, oldest first. */
  *rows(from: number, to = this.#slot): Generator<FailingRow> {
    for (let slot = Math.max(from, this.#slot - PLACE_SLOTS + 1); slot <= to; slot++) {
      const of = this.#rows[slot % PLACE_SLOTS];
      if (of?.slot === slot) yield* of.rows;
    }
  }

  /** Requests of a ring (a place's, or all) in the slots from `from` to `to`. */
  sum(ring: Float32Array, from: number, to = this.#slot): number {
    let sum = 0;
    for (let slot = Math.max(from, this.#slot - PLACE_SLOTS + 1); slot <= to; slot++) sum += ring[slot % PLACE_SLOTS];
    return sum;
  }

  /** The current slot has ended, the next begins: what leaves the ten minutes is learnt, unless something is wrong. */
  turn(slot: number, learns: boolean): void {
    if (slot - this.#slot > PLACE_SLOTS) this.#slot = slot - PLACE_SLOTS;
    while (this.#slot < slot) {
      this.#slot++;
      this.#leave(this.#slot % PLACE_SLOTS, learns);
      if (this.#slot % MINUTE_SLOTS === 0) this.#turnDurations(learns);
    }
  }

  #leave(at: number, learns: boolean): void {
    const rows = this.#rows[at];
    if (rows) for (const { count } of rows.rows) this.failures -= count;
    if (learns && rows)
      for (const row of rows.rows)
        if (row.owner === undefined && isServer[familyOf(row.code)])
          for (const id of [row.upstream, row.route, row.host]) {
            const place = this.all.get(id);
            if (place) place.learntBad += row.count;
          }
    this.#rows[at] = undefined;
    if (learns) this.learnt = this.learnt * KEEP + this.total[at];
    this.total[at] = 0;
    for (const [id, place] of this.all) {
      if (learns) {
        place.learnt = place.learnt * KEEP + place.total[at];
        place.learntOk = place.learntOk * KEEP + place.ok[at];
        place.learntBad *= KEEP;
      }
      place.total[at] = place.ok[at] = 0;
      for (const [code, count] of place.codes) {
        if (count < 0.05) place.codes.delete(code);
        else place.codes.set(code, count * 0.9);
      }
      // what is hardly ever asked for gives up its seat
      if (place.learnt < 0.5 && place.codes.size === 0 && place.total.every((n) => n === 0)) {
        this.all.delete(id);
        this.#counts[place.dimension]--;
      }
    }
  }

  #turnDurations(learns: boolean): void {
    const keep = KEEP ** MINUTE_SLOTS;
    this.durations.turn(learns, keep);
    for (const { durations } of this.all.values()) durations?.turn(learns, keep);
  }
}
