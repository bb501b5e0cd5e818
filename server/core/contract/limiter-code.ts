// A limiter that says 503, which looks like an outage; or 429 for everybody, which is an outage that looks like a limit.
import { hasTrait } from '#shared/causes/index.ts';
import { count, percent } from '#shared/numbers.ts';
import { Bounded } from './bounded.ts';
import { extend, include, span, type ContractCheck, type Span } from './check.ts';

const LIMITED_MIN = 20;
const CLIENTS_MAX = 1000;
const ROUTES_MAX = 500;
/** A limit lets some of a route through; a `return 503`, and a backend without endpoints, leave the same line and let nothing through. */
const PASSED_MIN = 3;

interface Route {
  refused: Span;
  passed: number;
}

export const limiterCode: ContractCheck = {
  id: 'limiter-code',
  title: 'The limiter answers the wrong one of 429 and 503',
  level: 'problem',
  rule: 'RFC 6585, 4 and RFC 9110, 15.6.4: 429 says "you, too often", 503 says "we cannot, now". Clients, load balancers and alerts act differently on the two.',
  fix: 'nginx: limit_req_status 429; limit_conn_status 429; ingress-nginx: limit-req-status-code: "429". And for a lack of capacity: 503 with Retry-After.',
  watch() {
    const as429 = span();
    const routes = new Bounded<Route>(ROUTES_MAX);
    let all = 0;
    const refused = new Set<string>(),
      served = new Set<string>();
    return {
      see(s) {
        all += s.weight;
        if (s.code === 503 && hasTrait(s.cause, 'proxy-limit'))
          extend(routes.of(s.route, () => ({ refused: span(), passed: 0 })).refused, s.at, s.weight);
        else if (s.code < 500) {
          const route = routes.get(s.route);
          if (route !== undefined) route.passed += s.weight;
        }
        if (s.code === 429) {
          extend(as429, s.at, s.weight);
          if (refused.size < CLIENTS_MAX) refused.add(s.client);
        } else if (s.code < 400 && served.size < CLIENTS_MAX) served.add(s.client);
      },
      found() {
        const found = [];
        const as503 = span();
        let passed = 0;
        for (const [, route] of routes) {
          include(as503, route.refused);
          passed += route.passed;
        }
        if (passed >= Math.max(PASSED_MIN, as503.hits / 100) && as503.hits >= LIMITED_MIN) {
          found.push({
            subject: '503',
            codes: [503, 429],
            ...as503,
            title: 'A rate limit is answered with 503',
            evidence: [
              `${count(as503.hits)} requests (${percent(as503.hits / all)}) were turned away by the proxy itself with 503, without any upstream being asked, while ${count(passed)} others on the same routes got through: a limit that counts as an outage.`,
            ],
          });
        }
        if (as429.hits >= 100 && as429.hits / all > 0.5 && refused.size >= 20 && refused.size > served.size) {
          found.push({
            subject: '429',
            codes: [429, 503],
            ...as429,
            title: '429 for nearly everybody',
            evidence: [
              `${percent(as429.hits / all)} of all requests got 429, from ${refused.size >= CLIENTS_MAX ? `${CLIENTS_MAX} and more` : refused.size} clients, while ${count(served.size)} were served: that is no client's fault, and 503 would say so.`,
            ],
          });
        }
        return found;
      },
    };
  },
};
