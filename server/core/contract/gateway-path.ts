// 502 while the same upstream answers others: the fault is between proxy and backend, not the backend being down.
import { causeById } from '#shared/causes/index.ts';
import { percent } from '../words.ts';
import { Bounded, largest } from './bounded.ts';
import { extend, span, type ContractCheck, type Span } from './check.ts';

const UPSTREAMS_MAX = 200;
const FAILED_MIN = 10;
const PATH = new Set(['upstream_closed_before_response', 'upstream_invalid_response', 'upstream_header_too_big', 'upstream_tls_failure', 'upstream_connection_refused', 'unknown']);

export const gatewayPath: ContractCheck = {
  id: 'gateway-path',
  title: '502 while the upstream answers others',
  level: 'problem',
  rule: 'RFC 9110, 15.6.3: 502 means that the gateway got an invalid response. The backend being up does not contradict it.',
  fix: 'Look at the path between the two: keep-alive times (the application\'s longer than the proxy\'s), header size against proxy_buffer_size, protocol and port, crashes of single workers. The proxy\'s error log names which.',
  watch() {
    const upstreams = new Bounded<{ failed: Span; ok: number; causes: Map<string, number> }>(UPSTREAMS_MAX);
    return {
      see(s) {
        if (s.upstream === '') return;
        const bad = (s.code === 502 || s.code === 9 || (s.code === 503 && s.cause === 'upstream_connection_refused')) && PATH.has(s.cause);
        if (!bad && s.code >= 400) return;
        const u = upstreams.of(s.upstream, () => ({ failed: span(), ok: 0, causes: new Map() }));
        if (!bad) {
          u.ok += s.weight;
          return;
        }
        extend(u.failed, s.at, s.weight);
        u.causes.set(s.cause, (u.causes.get(s.cause) ?? 0) + s.weight);
      },
      found() {
        const both = [...upstreams].filter(([, u]) => u.failed.hits >= FAILED_MIN && u.ok >= 4 * u.failed.hits);
        return largest(both, 10, ([, u]) => u.failed.hits).map(([name, u]) => {
          const [cause] = largest(u.causes, 1, ([, n]) => n)[0];
          return {
            subject: name, codes: [502], ...u.failed, title: `${name} answers most requests, and some end as 502`,
            evidence: [`${u.ok} requests were answered and ${u.failed.hits} ended as 502 (${percent(u.failed.hits / (u.ok + u.failed.hits))}), so it is up.`, `Most of them: ${causeById(cause)?.title ?? cause}. ${causeById(cause)?.meaning ?? ''}`],
          };
        });
      },
    };
  },
};
