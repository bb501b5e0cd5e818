// The response header does not fit the proxy's buffer.
import type { Cause } from './cause.ts';
import { nginxStatus, nginxNoHeader, of, reasonIncludes } from './exchange-facts.ts';

/** nginx's smallest default for proxy_buffer_size: one memory page. It gives up when the buffer is full and the header is not complete. */
const SMALLEST_BUFFER = 4096;

export const upstreamHeaderTooBig: Cause = {
  id: 'upstream_header_too_big',
  culprit: 'upstream-protocol',
  title: 'response header too big',
  headline: '{upstream} sends a header too big for the proxy',
  matches: (x) =>
    (nginxStatus(x) === 502 && nginxNoHeader(x) && (x.upstreamBytes ?? 0) >= SMALLEST_BUFFER) ||
    reasonIncludes(x, 'cloudfront', 'OriginHeaderTooBigError') ||
    (x.proxy === 'envoy' && x.code >= 500 && /headers?_(too_large|size)/.test(x.details ?? '')),
  examples: [
    {
      proxy: 'nginx',
      code: 502,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [502],
      connectMs: 0,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 4096,
    },
    { proxy: 'cloudfront', code: 502, result: 'Error', details: 'OriginHeaderTooBigError' },
  ],
  evidence: ({ hits, total, sample }) =>
    typeof sample?.upstreamBytes === 'number'
      ? `${of(hits, total)} connected and received ${sample.upstreamBytes} bytes without reaching the end of the header: the proxy's header buffer is full.`
      : `${of(hits, total)} had a response header that the proxy rejected as too large.`,
  meaning:
    "The application answers, and its header (usually Set-Cookie, or a debug or trace header) is larger than the proxy's buffer, so the proxy discards the response and returns 502. A local request looks fine.",
  owner: "The application that grew its header; the proxy's owner can make room meanwhile.",
  checks: [
    {
      say: 'How large is the header, and which line is it?',
      run: "curl -s -D - -o /dev/null http://{upstream}{path} | awk '{print length($0), substr($0,1,60)}' | sort -rn | head",
    },
  ],
  fixes: [
    'Shrink the cookies: keep the session on the server, drop what accumulates.',
    'proxy_buffer_size 16k; proxy_buffers 8 16k; proxy_busy_buffers_size 32k; (nginx)',
    'HAProxy: tune.bufsize, tune.maxrewrite.',
  ],
  notToConfuse: ["Not the request's header: that is 400, 431 or 494.", 'Not a dead backend: it answered, and quickly.'],
  references: [
    'nginx: "upstream sent too big header while reading response header"',
    'CloudFront OriginHeaderTooBigError',
    'Cloudflare 5xx, error 520 (headers over 128 KB; looked up in 2026)',
  ],
  localCheck:
    "Locally there is no proxy with a small header buffer: curl takes the large header without a word. Look at its size, with a real user's cookies.",
  pathFaultCodes: [502],
};
