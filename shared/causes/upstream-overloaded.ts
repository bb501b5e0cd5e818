// The application says 503 itself: shedding load, deploying, in maintenance.
import type { Cause } from './cause.ts';
import { albReason, upstreamError, iis, mayBeRenamed, of, reasonIncludes } from './exchange-facts.ts';

export const upstreamOverloaded: Cause = {
  id: 'upstream_overloaded',
  culprit: 'app',
  title: 'the application says it is unavailable',
  headline: '{app} reports that it is unavailable',
  matches: (x) =>
    upstreamError(x) === 503 ||
    x.code === 529 ||
    iis(x, '500.11', '500.12') ||
    reasonIncludes(x, 'vercel', 'FUNCTION_THROTTLED') ||
    /^Lambda.*(Throttl|LimitReached)/.test(albReason(x)),
  examples: [
    {
      proxy: 'nginx',
      code: 503,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [503],
      connectMs: 0,
      headerMs: 4,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'alb', code: 502, upstreamStatus: [], details: 'LambdaThrottling' },
  ],
  evidence: ({ hits, total, code, sample, upstream }) =>
    sample && albReason(sample) !== ''
      ? `${of(hits, total)} are a ${code} because the function accepts no more calls (${albReason(sample)}).`
      : `${of(hits, total)} are a ${sample?.upstreamStatus?.at(-1) || code} that ${upstream ?? 'the application'} itself sent${typeof sample?.headerMs === 'number' ? ` after ${Math.round(sample.headerMs)} ms` : ''}, on purpose.`,
  alternative: mayBeRenamed,
  meaning:
    'The application is running but rejects work: a full worker pool or queue, a dependency it waits for, a readiness switch during a deploy, or maintenance mode. It should send Retry-After.',
  owner: "The application's team; capacity if load rose.",
  checks: [
    { say: 'Did traffic rise before it, or a deploy or maintenance switch come just before?' },
    {
      say: 'What does the response say, and does it include Retry-After?',
      run: 'curl -si -m 10 http://{upstream}{path} | head -20',
    },
    {
      say: 'Worker pool, queue length, connection pool and CPU of the instances.',
      run: 'kubectl top pods; kubectl get hpa',
    },
  ],
  fixes: [
    'Add capacity, or shed the least important work first.',
    'Deploys: start new before stopping old; readiness only after warm-up.',
    'Always send Retry-After, spread with jitter, so that clients do not come back all at once.',
  ],
  notToConfuse: ["Not the proxy's limiter and not an empty backend: a live instance answered.", 'Not a crash.'],
  references: [
    'RFC 9110, 15.6.4',
    'nginx: $upstream_status 503 with a header time',
    'HAProxy configuration manual 8.5, state --',
  ],
  localCheck: 'One local request finds a free worker; under the real load it sheds. It said 503 by itself.',
};
