// POST answered 301 or 302, and the same client comes back with GET and meets 404 or 405: the loss, seen.
import { count, percent, plural } from '#shared/numbers.ts';
import { Bounded, largest } from './bounded.ts';
import { extend, span, type ContractCheck, type Span } from './check.ts';

const CLIENTS_MAX = 5000;
const ROUTES_MAX = 500;
/** Clients follow a redirect at once; a person may take longer. */
const FOLLOWED_MS = 10_000;
const LOST_MIN = 2;
/** Without a lost follow-up it is only worth saying for APIs, and when it is a habit. */
const HABIT_MIN = 20;

interface Redirect {
  redirected: Span;
  lost: number;
  kept: number;
  methods: Set<string>;
  codes: Set<number>;
  target: string;
  lostAs: Set<number>;
}

export const postRedirected: ContractCheck = {
  id: 'post-redirected',
  title: 'POST answered 301 or 302',
  level: 'problem',
  rule: 'RFC 9110, 15.4.2 and 15.4.3: on 301 and 302 a client may change POST to GET, and nearly all do; the body is lost. 307 and 308 keep method and body.',
  fix: 'Answer 308 (for good) or 307 (for now), or let the clients call the final address. If GET is meant, as after a form, say 303.',
  watch() {
    const routes = new Bounded<Redirect>(ROUTES_MAX);
    const waiting = new Bounded<{ route: string; at: number }>(CLIENTS_MAX);
    return {
      see(s) {
        if (
          (s.code === 301 || s.code === 302) &&
          s.method !== '' &&
          s.method !== 'GET' &&
          s.method !== 'HEAD' &&
          s.method !== 'OPTIONS'
        ) {
          const r = routes.of(s.route, () => ({
            redirected: span(),
            lost: 0,
            kept: 0,
            methods: new Set(),
            codes: new Set(),
            target: '',
            lostAs: new Set(),
          }));
          extend(r.redirected, s.at, s.weight);
          if (r.methods.size < 5) r.methods.add(s.method);
          r.codes.add(s.code);
          if (s.client !== '') waiting.set(s.client, { route: s.route, at: s.at });
          return;
        }
        const before = s.client === '' ? undefined : waiting.get(s.client);
        if (!before) return;
        if (s.at - before.at > FOLLOWED_MS || s.at < before.at - 1000) return waiting.delete(s.client);
        const r = routes.get(before.route);
        if (!r) return;
        if (s.method !== 'GET' || (s.code !== 405 && lastSegment(s.route) !== lastSegment(before.route))) return;
        if (s.code === 404 || s.code === 405) {
          r.lost++;
          r.target = s.route;
          r.lostAs.add(s.code);
          waiting.delete(s.client);
        } else if (s.code < 400) {
          r.kept++;
          waiting.delete(s.client);
        }
      },
      found() {
        const worth = [...routes].filter(
          ([route, r]) =>
            r.lost >= LOST_MIN ||
            (r.redirected.hits >= HABIT_MIN && r.kept === 0 && /^\/(api|v\d+|graphql|rest|rpc)\b/.test(route)),
        );
        return largest(worth, 10, ([, r]) => r.lost * 1000 + r.redirected.hits).map(([route, r]) => {
          const methods = [...r.methods].join(', '),
            codes = [...r.codes].join(' or ');
          return {
            subject: route,
            codes: [...r.codes, ...r.lostAs],
            ...r.redirected,
            title:
              r.lost > 0
                ? `${methods} ${route} is answered ${codes}, and clients come back with GET`
                : `${methods} ${route} is answered ${codes}, which lets clients drop method and body`,
            evidence: [
              `${count(r.redirected.hits)} ${methods} on ${route} were answered ${codes}.`,
              ...(r.lost > 0
                ? [
                    `${plural(r.lost, 'time')} the same client sent GET ${r.target} within ${FOLLOWED_MS / 1000} s and got ${[...r.lostAs].join(' or ')} (${percent(Math.min(1, r.lost / r.redirected.hits))} of them): what it wanted to send never arrived.`,
                  ]
                : ['No follow-up that failed was seen yet; one may stay invisible when it goes to another host.']),
            ],
          };
        });
      },
    };
  },
};

/** The target is not in the log; moved versions, hosts, schemes and slashes keep the last part of the path. */
function lastSegment(route: string): string {
  let end = route.length;
  while (route[end - 1] === '/') end--;
  return route.slice(route.lastIndexOf('/', end - 1) + 1, end);
}
