// A redirect loop: one client asks for the same path again and again within seconds, and gets a redirect each time.
import { count, plural } from '#shared/numbers.ts';
import { codeText } from '#shared/status.ts';
import { Bounded, largest } from './bounded.ts';
import { extend, span, type ContractCheck, type Span } from './check.ts';

const PAIRS_MAX = 20_000;
const PATHS_MAX = 1000;
/** A client that follows redirects is back within this. */
const FOLLOWED_MS = 2000;
/** A page that redirects once or twice by design is no loop; nor is a check that asks once a second and follows nothing. */
const TURNS_MIN = 5;
const TURNS_MIN_MS = 3000;
/** Browsers give up after 20 redirects, curl after 50: who goes on for longer does not follow them, such as a load test. */
const TURNS_MAX = 60;

interface Turning {
  turns: number;
  began: number;
  at: number;
}

interface Loop {
  redirects: Span;
  clients: number;
  longest: number;
  codes: Set<number>;
}

export const redirectLoop: ContractCheck = {
  id: 'redirect-loop',
  title: 'Redirect loop',
  level: 'problem',
  rule: 'RFC 9110, 15.4: a client should detect and intervene in cyclical redirections. Browsers stop after about 20 and show an error, so nobody gets the page.',
  fix: 'Two places redirect to each other: http to https in front and behind (does the backend see X-Forwarded-Proto?), www and bare host, a slash added and removed, or a login that sends back without a cookie.',
  watch() {
    const turning = new Bounded<Turning>(PAIRS_MAX);
    const loops = new Bounded<Loop>(PATHS_MAX);
    return {
      see(s) {
        if (s.client === '' || s.path === '') return;
        const key = `${s.client} ${s.path}`;
        const isRedirect = s.code === 301 || s.code === 302 || s.code === 303 || s.code === 307 || s.code === 308;
        const before = turning.get(key);
        if (!isRedirect) {
          if (before) turning.delete(key);
          return;
        }
        if (!before || s.at - before.at > FOLLOWED_MS || s.at < before.at - FOLLOWED_MS) {
          turning.set(key, { turns: 1, began: s.at, at: s.at });
          return;
        }
        before.turns++;
        before.at = Math.max(before.at, s.at);
        if (before.turns < TURNS_MIN || before.turns > TURNS_MAX + 1) return;
        if (before.turns === TURNS_MIN && before.at - before.began > TURNS_MIN_MS) {
          before.turns = 1;
          before.began = before.at;
          return;
        }
        const loop = loops.of(s.route, () => ({ redirects: span(), clients: 0, longest: 0, codes: new Set() }));
        if (before.turns > TURNS_MAX) {
          loop.redirects.hits -= TURNS_MAX;
          loop.clients--;
          return;
        }
        extend(loop.redirects, s.at, before.turns === TURNS_MIN ? TURNS_MIN : 1);
        if (before.turns === TURNS_MIN) loop.clients++;
        loop.longest = Math.max(loop.longest, before.turns);
        loop.codes.add(s.code);
      },
      found() {
        const worth = [...loops].filter(([, loop]) => loop.clients > 0);
        return largest(worth, 10, ([, loop]) => loop.redirects.hits).map(([route, loop]) => ({
          subject: route,
          codes: [...loop.codes],
          ...loop.redirects,
          title: `Redirect loop at ${route}`,
          evidence: [
            `${count(loop.redirects.hits)} responses ${[...loop.codes].map(codeText).join(' or ')} went to clients that had just got one for the same path: ${plural(loop.clients, 'time')}, up to ${count(loop.longest)} in a row within seconds of each other.`,
          ],
        }));
      },
    };
  },
};
