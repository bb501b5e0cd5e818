// 404 on a route that was 200 before: removed by a deploy.
import { count, plural } from '#shared/numbers.ts';
import { utc } from '../words.ts';
import { Bounded, largest } from './bounded.ts';
import type { ContractCheck } from './check.ts';

const ROUTES_MAX = 1000;
const OK_MIN = 20;
const GONE_MIN = 10;
const GONE_MS_MIN = 30_000;

interface Route {
  ok: number;
  lastOkAt: number;
  gone: number;
  firstGoneAt: number;
  lastGoneAt: number;
}

export const routeGone: ContractCheck = {
  id: 'route-gone',
  title: '404 on a route that worked before',
  level: 'problem',
  rule: 'RFC 9110, 15.5.5 and 15.5.11: 404 says nothing about before. What was removed on purpose is 410; what moved is 308.',
  fix: 'Restore the route, or answer 308 to its new address, or 410 if it is gone on purpose. Compare with the deploys at that time.',
  watch() {
    const routes = new Bounded<Route>(ROUTES_MAX);
    return {
      see(s) {
        // Ids come and go; a pattern that ends in one says nothing about the route.
        if (
          s.route === '' ||
          s.method === '' ||
          (s.code !== 404 && (s.code < 200 || s.code >= 300)) ||
          /\{\w+\}$/.test(s.route)
        )
          return;
        const key = `${s.method} ${s.route}`;
        const known = routes.get(key);
        if (s.code === 404) {
          if (!known || known.ok < OK_MIN) return;
          if (known.gone === 0) known.firstGoneAt = s.at;
          known.gone += s.weight;
          known.lastGoneAt = Math.max(known.lastGoneAt, s.at);
          return;
        }
        const r = routes.of(key, () => ({ ok: 0, lastOkAt: 0, gone: 0, firstGoneAt: 0, lastGoneAt: 0 }));
        r.ok += s.weight;
        r.lastOkAt = Math.max(r.lastOkAt, s.at);
        // It works again, or still does on one of several instances.
        r.gone = 0;
      },
      found() {
        const gone = [...routes].filter(
          ([, r]) => r.gone >= GONE_MIN && r.lastOkAt <= r.firstGoneAt && r.lastGoneAt - r.firstGoneAt >= GONE_MS_MIN,
        );
        return largest(gone, 10, ([, r]) => r.gone).map(([name, r]) => ({
          subject: name,
          codes: [404],
          hits: r.gone,
          firstAt: r.firstGoneAt,
          lastAt: r.lastGoneAt,
          title: `${name} is 404 since ${utc(r.firstGoneAt).slice(11, 16)} UTC`,
          evidence: [
            `It was answered 2xx ${plural(r.ok, 'time')}, last at ${utc(r.lastOkAt)} UTC; since ${utc(r.firstGoneAt)} all ${count(r.gone)} requests got 404.`,
          ],
        }));
      },
    };
  },
};
