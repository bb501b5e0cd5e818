// Who fails, and where: failing rows put into groups that each have one cause and one place. Exchanges of one cause belong to the place
// that tells them from everything else best, an upstream, a route or a host; where none does, to the source as a whole.
import { HOST, ROUTE, UPSTREAM } from '../count/value-id.ts';
import { NO_CLIENT } from '../count/client.ts';
import type { FailingRow, Place, Places } from './places.ts';
import { improbability } from './probability.ts';

/** A cause with fewer failures than this, or than this part of them all, is what always fails a little. */
const FAILURES_MIN = 3,
  PART_MIN = 0.05;
/** At a place they fail this many times as often as elsewhere, and by so much of its requests more. */
const TIMES_ELSEWHERE = 4,
  MORE_THAN_ELSEWHERE = 0.05;
/** Places of one dimension that fail alike, this near to the worst of them, are each a place; more of them are the source. */
const NEAR_THE_WORST = 0.5,
  ALIKE_MAX = 3;
/** What most of the traffic goes through is no place in it. */
const MOST_TRAFFIC = 0.9;
/** −log10 of the chance that failures of anywhere gather at a place so; more where there are many places to look at. */
const GATHERED = 3;
/** How much better a place must explain the failures than "everywhere" does. */
const BETTER = 1.15;
/** Another dimension that explains them as well, as the only route of an upstream does, is named beside it. */
const AS_GOOD = 0.95;

const DIMENSIONS = [UPSTREAM, ROUTE, HOST] as const;

/** Failures of one cause at one place. */
export interface Attributed {
  /** 0 when unknown, else 1 + index into `causes`. */
  cause: number;
  /** Where, best first: values that mean the same here; none when it is the source as a whole. */
  places: Place[];
  rows: FailingRow[];
  bad: number;
}

interface Candidate {
  places: Place[];
  /** How well being there and failing go together. */
  fit: number;
}

export const valueOf = (row: FailingRow, dimension: number): number =>
  dimension === UPSTREAM ? row.upstream : dimension === ROUTE ? row.route : row.host;

/** Failures of the slots from `from` on that are no known incident's, most first. */
export function attribute(places: Places, from: number): Attributed[] {
  const byCause = new Map<number, FailingRow[]>();
  let all = 0;
  for (const row of places.rows(from)) {
    if (row.owner !== undefined) continue;
    all += row.count;
    const rows = byCause.get(row.cause);
    if (rows) rows.push(row);
    else byCause.set(row.cause, [row]);
  }
  const found: Attributed[] = [];
  for (const [cause, rows] of byCause) {
    const bad = sumOf(rows);
    if (bad < FAILURES_MIN || bad < PART_MIN * all) continue;
    found.push(...placesOf(places, from, cause, rows, bad));
  }
  return found.sort((a, b) => b.bad - a.bad);
}

export const sumOf = (rows: readonly FailingRow[]): number => rows.reduce((n, { count }) => n + count, 0);

function placesOf(places: Places, from: number, cause: number, rows: FailingRow[], bad: number): Attributed[] {
  const candidates = DIMENSIONS.map((dimension) => candidateIn(places, from, dimension, rows, bad));
  let best: Candidate | undefined;
  for (const candidate of candidates) if (candidate && (!best || candidate.fit > best.fit)) best = candidate;
  const everywhere = fitOf(bad / Math.max(bad, places.sum(places.total, from)), 1);
  if (!best || best.fit < BETTER * everywhere) return [{ cause, places: [], rows, bad }];
  const equal = candidates.filter((c) => c && c !== best && c.places.length === 1 && c.fit >= AS_GOOD * best.fit);
  const beside = best.places.length > 1 ? [] : equal.flatMap((c) => c!.places);
  return best.places.map((place): Attributed => {
    const own = rows.filter((row) => valueOf(row, place.dimension) === place.id);
    return { cause, places: [place, ...beside], rows: own, bad: sumOf(own) };
  });
}

/** The harmonic mean of: what part of the requests there fails, and what part of the failures is there. */
const fitOf = (precision: number, recall: number): number => (2 * precision * recall) / (precision + recall);

function candidateIn(
  places: Places,
  from: number,
  dimension: number,
  rows: readonly FailingRow[],
  bad: number,
): Candidate | undefined {
  const failed = new Map<number, number>();
  for (const row of rows) {
    const id = valueOf(row, dimension);
    if (id !== 0) failed.set(id, (failed.get(id) ?? 0) + row.count);
  }
  const traffic = places.traffic(dimension, from);
  const values: { place: Place; k: number; n: number; share: number }[] = [];
  for (const [id, k] of failed) {
    const place = places.all.get(id);
    if (!place || k < FAILURES_MIN) continue;
    const n = Math.max(k, places.sum(place.total, from));
    if (n < MOST_TRAFFIC * traffic && gathers(k, bad, n / traffic, failed.size))
      values.push({ place, k, n, share: k / n });
  }
  if (values.length === 0) return undefined;
  values.sort((a, b) => b.share - a.share || b.k - a.k);
  const near = values.filter(({ share }) => share >= NEAR_THE_WORST * values[0].share);
  let k = 0,
    n = 0;
  for (const value of near) {
    k += value.k;
    n += value.n;
  }
  if (near.length > ALIKE_MAX || n >= MOST_TRAFFIC * traffic) return undefined;
  const elsewhere = (bad - k) / Math.max(1, traffic - n);
  if (k / n < TIMES_ELSEWHERE * elsewhere + MORE_THAN_ELSEWHERE) return undefined;
  return { places: near.map(({ place }) => place), fit: fitOf(k / n, k / bad) };
}

/** Would `k` of `bad` failures hardly ever meet at a place that has this part of the traffic? */
function gathers(k: number, bad: number, part: number, places: number): boolean {
  const weight = 1000;
  return improbability(k, bad, weight * part, weight * (1 - part)) >= GATHERED + Math.log10(places);
}

/** The client with most of these failures, and its number; undefined where no clients are known or one is all that is ever seen. */
export function topClient(places: Places, rows: readonly FailingRow[]): { client: number; bad: number } | undefined {
  if (!places.tellsClients) return undefined;
  const byClient = new Map<number, number>();
  for (const { client, count } of rows)
    if (client !== NO_CLIENT) byClient.set(client, (byClient.get(client) ?? 0) + count);
  let top: { client: number; bad: number } | undefined;
  for (const [client, bad] of byClient) if (!top || bad > top.bad) top = { client, bad };
  return top;
}

/** Different clients among these failures; Infinity where clients are not known. */
export function clientsOf(places: Places, rows: readonly FailingRow[]): number {
  if (!places.tellsClients) return Infinity;
  const clients = new Set<number>();
  for (const { client } of rows) {
    if (client === NO_CLIENT) return Infinity;
    clients.add(client);
  }
  return clients.size;
}
