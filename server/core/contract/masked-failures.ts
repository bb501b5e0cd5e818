// Retries that hide a failing instance: users see nothing yet.
import { hasTrait } from '#shared/causes/index.ts';
import { count, percent } from '#shared/numbers.ts';
import { Bounded, largest } from './bounded.ts';
import { extend, span, type ContractCheck, type Span } from './check.ts';

const UPSTREAMS_MAX = 200;
const MASKED_MIN = 10;
const SHARE_MIN = 0.002;
/** HAProxy and Traefik count attempts, and name the last one only. */
const UNNAMED = 'an instance that the log does not name';

export const maskedFailures: ContractCheck = {
  id: 'masked-failures',
  title: 'Retries mask a failing instance',
  level: 'problem',
  rule: "RFC 9110, 9.2.2: a proxy may repeat idempotent requests. The client's 200 then hides a failure, and a POST to the same instance will not be repeated.",
  fix: 'Repair or take out the instance that fails first; give it a health check that finds what the retries find.',
  watch() {
    const upstreams = new Bounded<Span>(UPSTREAMS_MAX);
    let all = 0;
    return {
      see(s) {
        all += s.weight;
        if (hasTrait(s.cause, 'masked')) extend(upstreams.of(s.failedFirst || UNNAMED, span), s.at, s.weight);
      },
      found() {
        return largest(
          [...upstreams].filter(([, u]) => u.hits >= MASKED_MIN && u.hits / all >= SHARE_MIN),
          10,
          ([, u]) => u.hits,
        ).map(([name, u]) => ({
          subject: name,
          codes: [200],
          ...u,
          title: `Attempts on ${name} fail, and clients do not see it`,
          evidence: [
            `${count(u.hits)} requests (${percent(u.hits / all)} of all) were answered well although an attempt on ${name} had failed: another instance, a cache or an error page stood in.`,
          ],
        }));
      },
    };
  },
};
