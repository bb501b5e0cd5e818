// "The backend answers me locally, so why this code?" The question that eats an hour, answered from the evidence at hand.
import { codeText } from '#shared/status.ts';
import { plural } from '#shared/numbers.ts';
import type { Located } from './localise.ts';
import type { Observed, ObservedCause } from './observed.ts';
import { percent } from '../words.ts';

const ANSWERS: ReadonlyMap<string, string> = new Map([
  [
    'upstream_connection_refused',
    "A local check proves that the process runs, not that the proxy can reach it: it may listen on 127.0.0.1 only, on another port, or restart between your checks. Ask from the proxy's machine, at the address the proxy uses.",
  ],
  [
    'upstream_connect_timeout',
    "A local check never crosses the network. The proxy's packets get no answer: firewall, route, or a full accept queue that your one local connection happened to pass.",
  ],
  [
    'upstream_tls_failure',
    'A local check usually speaks plain HTTP, or ignores the certificate. The handshake that the proxy attempts is what fails: check name, chain and expiry as the proxy sees them.',
  ],
  [
    'upstream_name_unresolved',
    'You ask by address, the proxy by name. The name does not resolve where the proxy runs.',
  ],
  [
    'no_live_upstreams',
    'It may well answer now: the proxy marked it down earlier and has not tried since, or its health check asks for something else than you do.',
  ],
  [
    'upstream_closed_before_response',
    'A healthy check and this go together: the connection stands, and is closed before a header. Under load a worker dies or is recycled, or an idle keep-alive connection is closed just as the proxy reuses it. A fresh local connection meets neither.',
  ],
  [
    'upstream_header_too_big',
    "Locally there is no proxy with a small header buffer: curl takes the large header without a word. Look at its size, with a real user's cookies.",
  ],
  [
    'upstream_invalid_response',
    'What you use locally may be more forgiving, or speak TLS or HTTP/2 where the proxy speaks plain HTTP/1.1. Look at the raw first bytes on the port that the proxy uses.',
  ],
  [
    'upstream_response_timeout',
    'A health check is a cheap request. The routes that fail wait for something (a query, a lock, another service) longer than the proxy does.',
  ],
  [
    'upstream_gateway_error',
    'The proxy and its upstream are both fine: the upstream is itself a gateway and said 502 about a third party. Look one hop further.',
  ],
  [
    'upstream_gateway_timeout',
    'The proxy did not time out: its upstream did, waiting for a third party. Look one hop further.',
  ],
  [
    'queue_timeout',
    "Your local request goes past the proxy's queue. The backend answers, only not fast enough for all at once.",
  ],
  [
    'proxy_rate_limited',
    'The backend is indeed healthy: the proxy turned these away by its own limit and never asked it.',
  ],
  [
    'upstream_overloaded',
    'One local request finds a free worker; under the real load it sheds. It said 503 by itself.',
  ],
  ['unknown', "This log cannot tell whether the proxy reached the backend at all. The proxy's error log can."],
]);

export function localCheckOf(o: Observed, top: ObservedCause, where: readonly Located[]): string | null {
  if (o.code !== 9 && (o.code < 502 || o.code > 504) && (o.code < 520 || o.code > 530)) return null;
  const answer = ANSWERS.get(top.cause);
  return answer === undefined ? null : `${alive(o, where)}${answer}`;
}

/** What the log itself says about that backend answering others. */
function alive(o: Observed, where: readonly Located[]): string {
  const name = where.find((w) => w.dimension === 'upstream')?.value;
  const v = (o.dimensions.upstream ?? []).find((u) => (name === undefined ? u.hits > 0 : u.value === name));
  if (!v || v.traffic === null || v.hits === 0) return '';
  const outside = shareOutside(o);
  if (outside === 1) return '';
  const others = Math.round(v.traffic - v.hits - v.traffic * outside);
  if (others <= v.hits / 10)
    return `Since the failure began ${v.value} has answered ${others <= 0 ? 'nothing else' : 'hardly anything else'} through the proxy. `;
  return `In the same time ${v.value} did answer about ${plural(others, 'other request')} (${percent(others / (others + v.hits))}), so the ${codeText(o.code)} is about some requests, not about being up. `;
}

/**
 * How much of the observed traffic says nothing about the time of the failure: what came before the code reached half of its peak share and
 * after it last had, and what went well in the steps in which it began and ended. All of it when there is no other step.
 */
function shareOutside({ series }: Observed): number {
  const share = (step: Observed['series'][number]): number => (step.total === 0 ? 0 : step.hits / step.total);
  const peak = Math.max(0, ...series.map(share));
  const fails = series.map((step) => step.hits > 0 && share(step) >= peak / 2);
  const first = fails.indexOf(true),
    last = fails.lastIndexOf(true);
  const total = series.reduce((sum, step) => sum + step.total, 0);
  if (first === -1) return 0;
  if (first === last) return 1;
  const outside = series.map((step, i) =>
    i < first || i > last ? step.total : i === first || i === last ? step.total - step.hits : 0,
  );
  return outside.reduce((sum, n) => sum + n, 0) / total;
}
