// Everything is 200: an API that never says no with a status code, or 200s of one error-like size among larger ones.
import { count, percent } from '#shared/numbers.ts';
import { Bounded, largest } from './bounded.ts';
import { extend, span, type ContractCheck, type Span } from './check.ts';

const ROUTES_MAX = 300;
const SIZES_MAX = 64;
/** An API that takes writes refuses some: with this many and no refusal at all, it is likely that refusals are called 200. */
const WRITES_MIN = 300;
const HITS_MIN = 2000;
/** A body no larger than this (and not as small as an empty list), nearly always of the same bytes, on a route whose other bodies are ten times as large. */
const SMALL_MIN = 16,
  SMALL_MAX = 600;
const SMALL_SHARE_MIN = 0.01,
  SMALL_SHARE_MAX = 0.4;

interface Route {
  ok: Span;
  large: number;
  /** Exact size → count, of small bodies. */
  sizes: Map<number, number>;
}

const WRITES = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

export const everything200: ContractCheck = {
  id: 'everything-200',
  title: 'Everything is 200',
  level: 'hint',
  rule: 'RFC 9110, 15: the status code says whether it worked. Caches keep, clients do not retry, load balancers do not eject and alerts do not see what is called 200.',
  fix: 'Answer failures with 4xx and 5xx and keep the body as it is; clients that read the body go on working.',
  watch() {
    const all = span();
    let writes = 0,
      refused = 0,
      otherSuccess = 0,
      failed = 0;
    const routes = new Bounded<Route>(ROUTES_MAX);
    return {
      see(s) {
        extend(all, s.at, s.weight);
        if (WRITES.has(s.method)) writes += s.weight;
        if (s.code >= 400 && s.code < 500 && s.code !== 499 && s.code !== 404) refused += s.weight;
        else if (s.code >= 500) failed += s.weight;
        else if (s.code !== 200 && s.code >= 200 && s.code < 400) otherSuccess += s.weight;
        if (s.code !== 200 || !(s.bytes >= 0) || s.method === 'HEAD') return;
        const r = routes.of(`${s.method} ${s.route}`, () => ({ ok: span(), large: 0, sizes: new Map() }));
        extend(r.ok, s.at, s.weight);
        if (s.bytes > SMALL_MAX) r.large += s.weight;
        else if (r.sizes.has(s.bytes) || r.sizes.size < SIZES_MAX)
          r.sizes.set(s.bytes, (r.sizes.get(s.bytes) ?? 0) + s.weight);
      },
      found() {
        const found = [];
        if (all.hits >= HITS_MIN && writes >= WRITES_MIN && refused === 0 && failed === 0 && otherSuccess === 0) {
          found.push({
            subject: '',
            codes: [200],
            ...all,
            title: 'Nothing but 200, writes included',
            evidence: [
              `${count(all.hits)} exchanges, ${count(writes)} of them writes, and not one 201, 204, 3xx, 4xx but 404, or 5xx. An API that checks its input refuses some of it: its refusals are probably called 200.`,
            ],
          });
        }
        for (const [name, r] of routes) {
          const small = [...r.sizes].filter(([bytes]) => bytes >= SMALL_MIN);
          const [size, same] = largest(small, 1, ([, n]) => n)[0] ?? [0, 0];
          const share = same / r.ok.hits;
          if (
            r.ok.hits < 200 ||
            same < 10 ||
            r.large / r.ok.hits < 0.5 ||
            share < SMALL_SHARE_MIN ||
            share > SMALL_SHARE_MAX ||
            same < small.reduce((sum, [, n]) => sum + n, 0) / 2
          )
            continue;
          found.push({
            subject: name,
            codes: [200],
            ...r.ok,
            hits: same,
            title: `${name}: some answers 200 are as small as an error message`,
            evidence: [
              `${count(same)} of ${count(r.ok.hits)} answers 200 (${percent(share)}) are exactly ${size} bytes, while ${percent(r.large / r.ok.hits)} are over ${SMALL_MAX}. Sizes cannot prove it: look at one of them.`,
            ],
          });
        }
        return largest(found, 10, (f) => f.hits);
      },
    };
  },
};
