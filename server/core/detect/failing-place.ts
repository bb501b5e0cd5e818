// Does a place all but cease to work? Judged by its own requests, whatever part of the traffic it has: nearly all of those that should
// have been answered well are not, from more than one client, for longer than a deploy takes.
import { attribute, clientsOf, sumOf, topClient, valueOf, type Attributed } from './attribution.ts';
import { PLACE_SLOTS, type FailingRow, type Place, type Places } from './places.ts';
import { improbability, shareLowerBound } from './probability.ts';
import { FAILS_AS_MUCH, NORMAL_SLOTS } from './source-state.ts';
import { SLOT } from './window-counter.ts';

/** Of its requests over so many slots this part certainly fails: the longer, the less is enough. */
const FAILS: readonly (readonly [number, number])[] = [
  [6, 0.5],
  [18, 0.4],
  [PLACE_SLOTS, 0.33],
];
const Z = 1.64;
const FAILURES_MIN = 5,
  SLOTS_MIN = 3;
/** Longer than the blip of a deploy, s. */
const LASTS = 30;
/** What must be known of it: requests, and that most were answered well. */
const KNOWN_MIN = 20,
  WORKED = 0.5,
  FAILED_BEFORE = 0.25;
/** Requests of its usual that should have come since, and the part of them that is lost at the least. */
const EXPECTED_MIN = 4,
  LEFT = 0.65;
/** −log10 of the chance that it is chance: dozens of places are looked at every ten seconds. */
const SCORE_MIN = 7;
/** How much failures clump: relative variance of a place's share. */
const CLUMP = 0.5,
  SHAPE_MIN = 0.15;
/** A client with this part of the failures, while others fail at this part of the rate at most, fails by itself. */
const ONE_CLIENT = 0.6,
  OTHERS_FAIL = 0.3;
/** Of the good requests that should have come, this part has. */
const GO_ON = 0.7;
/** Good requests since, and others' at the place, that show that others are well. */
const OTHERS_GOOD_MIN = 5,
  OTHERS_MIN = 3;

/** Failures of one cause and place since they began. */
export interface Failure extends Attributed {
  /** The slot and the second in which they began. */
  from: number;
  since: number;
  /** Requests at the place since then (of the source where there is no place), and of the source. */
  there: number;
  total: number;
}

export const isAt = (row: FailingRow, place: Place): boolean => valueOf(row, place.dimension) === place.id;

/** What is found in a window, since it began, which may be before the window or in it. */
function sinceBegun(places: Places, found: Attributed): Failure {
  const [place] = found.places;
  const ring = place?.total ?? places.total;
  const bySlot = new Map<number, number>();
  const all: FailingRow[] = [];
  for (const row of places.rows(places.slot - PLACE_SLOTS + 1)) {
    if (row.owner !== undefined || row.cause !== found.cause || (place && !isAt(row, place))) continue;
    all.push(row);
    bySlot.set(row.slot, (bySlot.get(row.slot) ?? 0) + row.count);
  }
  const first = Math.min(...found.rows.map(({ slot }) => slot));
  const share = found.bad / Math.max(found.bad, places.sum(ring, first));
  let from = places.slot,
    normal = 0;
  for (let slot = places.slot; slot > places.slot - PLACE_SLOTS && normal < NORMAL_SLOTS; slot--) {
    const k = bySlot.get(slot) ?? 0,
      n = ring[((slot % PLACE_SLOTS) + PLACE_SLOTS) % PLACE_SLOTS];
    if (k >= 1 && k >= FAILS_AS_MUCH * share * n) {
      from = slot;
      normal = 0;
    } else if (n > 0) normal++;
  }
  const rows = all.filter(({ slot }) => slot >= from);
  const bad = sumOf(rows);
  return {
    cause: found.cause,
    places: found.places,
    rows,
    bad,
    from,
    since: rows.reduce((least, row) => Math.min(least, row.first), Infinity),
    there: Math.max(bad, places.sum(ring, from)),
    total: Math.max(bad, places.sum(places.total, from)),
  };
}

/**
 * What is found in a window, since it began: undefined when it is over. Before it began the traffic was elsewhere, as that of a group
 * whose members are all gone was at its members: the place must stand out since then.
 */
export function settled(places: Places, found: Attributed): Failure | undefined {
  const failure = sinceBegun(places, found);
  if (failure.rows.length === 0) return undefined;
  if (failure.places.length === 0 || failure.places[0].learnt >= KNOWN_MIN) return failure;
  const since = attribute(places, failure.from).filter(({ cause }) => cause === found.cause);
  if (since.length === 0 || since.some((each) => each.places.includes(failure.places[0]))) return failure;
  return sinceBegun(places, since[0]);
}

/** The one client that fails while others do not; undefined when it is not one client's. */
export function oneClient(places: Places, failure: Failure): number | undefined {
  const top = topClient(places, failure.rows);
  if (!top || top.bad < ONE_CLIENT * failure.bad) return undefined;
  const others = failure.there - top.bad;
  if (failure.places.length === 0) {
    if (failure.there - failure.bad < OTHERS_GOOD_MIN || !othersGoOn(places, failure)) return undefined;
  } else if (others < OTHERS_MIN) return top.client;
  const share = failure.bad / failure.there;
  return (failure.bad - top.bad) / others < OTHERS_FAIL * share ? top.client : undefined;
}

/** As many requests as ever are answered well: those that fail are no part of the usual, or a small one. */
function othersGoOn(places: Places, { from, there, bad }: Failure): boolean {
  const before = places.sum(places.total, places.slot - PLACE_SLOTS + 1, from - 1);
  let slots = 0;
  for (let slot = from - 1; slot > places.slot - PLACE_SLOTS; slot--)
    if (places.total[((slot % PLACE_SLOTS) + PLACE_SLOTS) % PLACE_SLOTS] > 0) slots++;
  if (slots === 0) return false;
  // the slot in which they began, and the one that has not ended, are parts of one
  const expected = (before / slots) * Math.max(1, places.slot - from);
  return there - bad >= GO_ON * expected - 1.5 * Math.sqrt(expected);
}

/** How improbable it is that a place which all but ceased to work is none; undefined when it still works, or who knows. */
export function ceased(places: Places, failure: Failure): number | undefined {
  const [place] = failure.places;
  const { bad, there, from, rows } = failure;
  const lasted = rows.reduce((last, row) => Math.max(last, row.last), -Infinity) - failure.since;
  if (bad < FAILURES_MIN || lasted < LASTS || new Set(rows.map(({ slot }) => slot)).size < SLOTS_MIN) return undefined;
  const past = (ring: Float32Array): number => places.sum(ring, places.slot - PLACE_SLOTS + 1, from - 1);
  const known = place.learnt + past(place.total),
    good = place.learntOk + past(place.ok);
  if (known < KNOWN_MIN || good < WORKED * known || place.learntBad > FAILED_BEFORE * known) return undefined;
  const part = good / Math.max(1, places.learnt + past(places.total));
  if (!FAILS.some(([slots, fails]) => isLost(places, failure, Math.max(from, places.slot - slots + 1), fails, part)))
    return undefined;
  const usual = (place.learntBad + 0.2) / (known + 20);
  const clumped = Math.max(1, (1 - usual) / (CLUMP * usual) - 1);
  const shape = Math.max(SHAPE_MIN, usual / (1 / (known + 20) + 1 / clumped));
  const score = improbability(bad, there, shape, (shape * (1 - usual)) / usual);
  return score >= SCORE_MIN && clientsOf(places, rows) >= 2 && oneClient(places, failure) === undefined
    ? score
    : undefined;
}

/** Since this slot, does the place fail so much, and are the good answers gone that are its usual part of all traffic? */
function isLost(
  places: Places,
  { places: [place], rows }: Failure,
  from: number,
  fails: number,
  part: number,
): boolean {
  let k = 0;
  for (const row of rows) if (row.slot >= from) k += row.count;
  const n = Math.max(k, places.sum(place.total, from)),
    expected = part * places.sum(places.total, from);
  return (
    k >= FAILURES_MIN &&
    shareLowerBound(k, n, Z) >= fails &&
    expected >= EXPECTED_MIN &&
    places.sum(place.ok, from) <= LEFT * expected
  );
}

/** Slots looked back over for places that fail. */
const LOOKS = [6, 18, PLACE_SLOTS];

/** Failures that have a place, as the last minute, three and ten show them. */
export function* placedFailures(places: Places): Generator<Failure> {
  for (const slots of LOOKS)
    for (const found of attribute(places, places.slot - slots + 1))
      if (found.places.length > 0) {
        const failure = settled(places, found);
        if (failure && failure.places.length > 0) yield failure;
      }
}

/** Codes of these failures, most first, down to a tenth of them. */
export function codesOf({ rows, bad }: Pick<Failure, 'rows' | 'bad'>): number[] {
  const byCode = new Map<number, number>();
  for (const { code, count } of rows) byCode.set(code, (byCode.get(code) ?? 0) + count);
  return [...byCode]
    .filter(([, n]) => n >= 0.1 * bad)
    .sort((a, b) => b[1] - a[1])
    .map(([code]) => code);
}

export const secondsOf = ({ from }: Failure, now: number): number => Math.max(SLOT, now - from * SLOT);
