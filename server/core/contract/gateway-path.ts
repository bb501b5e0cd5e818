// 502 while the same upstream answers others: the fault is between proxy and backend, not the backend being down. Only what it answers
// between two failures tells: before it died and after it is back, each backend answers.
import { causeById } from '#shared/causes/index.ts';
import { count, percent, plural } from '#shared/numbers.ts';
import { Bounded, largest } from './bounded.ts';
import type { ContractCheck } from './check.ts';
import { Steps, total } from './steps.ts';

const UPSTREAMS_MAX = 200;
const FAILED_MIN = 10;
const MINUTE = 60_000;
const KEPT = 60;
/** In a minute with fewer answers than this for each failure it was rather down. */
const ANSWERS_MIN = 2;

interface Upstream {
  minutes: Steps<'failed' | 'ok'>;
  causes: Map<string, number>;
  failedAt: number;
  /** Answers since the last failure. */
  since: number;
}

export const gatewayPath: ContractCheck = {
  id: 'gateway-path',
  title: '502 while the upstream answers others',
  level: 'problem',
  rule: 'RFC 9110, 15.6.3: 502 means that the gateway got an invalid response. The backend being up does not contradict it.',
  fix: "Look at the path between the two: keep-alive times (the application's longer than the proxy's), header size against proxy_buffer_size, protocol and port, crashes of single workers. The proxy's error log names which.",
  watch() {
    const upstreams = new Bounded<Upstream>(UPSTREAMS_MAX);
    return {
      see(s) {
        if (s.upstream === '') return;
        const bad = causeById(s.cause)?.pathFaultCodes?.includes(s.code) ?? false;
        if (!bad && s.code >= 400) return;
        const u = upstreams.of(s.upstream, () => ({
          minutes: new Steps(MINUTE, KEPT, ['failed', 'ok']),
          causes: new Map(),
          failedAt: -Infinity,
          since: 0,
        }));
        if (!bad) {
          u.since += s.weight;
          return;
        }
        const minute = u.minutes.at(s.at);
        if (minute) {
          minute.failed += s.weight;
          if (s.at - u.failedAt <= MINUTE) minute.ok += u.since;
        }
        u.failedAt = Math.max(u.failedAt, s.at);
        u.since = 0;
        u.causes.set(s.cause, (u.causes.get(s.cause) ?? 0) + s.weight);
      },
      found() {
        const both = [...upstreams]
          .map(([name, u]) => {
            const minutes = u.minutes.all().filter((m) => m.failed > 0 && m.ok >= ANSWERS_MIN * m.failed);
            return { name, causes: u.causes, minutes, failed: total(minutes, 'failed'), ok: total(minutes, 'ok') };
          })
          .filter(({ failed }) => failed >= FAILED_MIN);
        return largest(both, 10, (u) => u.failed).map(({ name, causes, minutes, failed, ok }) => {
          const [cause] = largest(causes, 1, ([, n]) => n)[0];
          return {
            subject: name,
            codes: [502],
            hits: failed,
            firstAt: minutes[0].at,
            lastAt: minutes[minutes.length - 1].at + MINUTE,
            title: `${name} answers most requests, and some end as 502`,
            evidence: [
              `In ${minutes.length === 1 ? 'one minute' : `${minutes.length} minutes`} it answered ${plural(ok, 'request')} while ${count(failed)} ended as 502 (${percent(failed / (ok + failed))}): it was up.`,
              `Most of them: ${causeById(cause)?.title ?? cause}. ${causeById(cause)?.meaning ?? ''}`,
            ],
          };
        });
      },
    };
  },
};
