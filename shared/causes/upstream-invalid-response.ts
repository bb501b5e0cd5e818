// Something answered, and it was not HTTP as the proxy reads it.
import type { Cause } from './cause.ts';
import {
  failedCall,
  flagged,
  haproxy,
  iis,
  nginxStatus,
  nginxNoHeader,
  of,
  reasonIncludes,
  upstreamError,
  win32,
} from './exchange-facts.ts';

export const upstreamInvalidResponse: Cause = {
  id: 'upstream_invalid_response',
  culprit: 'upstream-protocol',
  title: 'invalid response',
  headline: '{upstream} sends responses that are not valid HTTP',
  matches: (x) =>
    x.code === 9 ||
    (x.code === 520 && typeof upstreamError(x) !== 'number') ||
    (nginxStatus(x) >= 500 && nginxStatus(x) !== 504 && nginxNoHeader(x) && (x.upstreamBytes ?? 0) > 0) ||
    (haproxy(x) === 'PH' && x.code !== 500 && x.code < 520) ||
    (x.code >= 400 && flagged(x, 'UPE')) ||
    failedCall(x, 'UPE') ||
    reasonIncludes(x, 'cloudfront', 'OriginInvalidResponseError') ||
    (x.code === 502 && reasonIncludes(x, 'apigateway', 'Malformed', 'malformed')) ||
    reasonIncludes(x, 'alb', 'LambdaInvalidResponse', 'LambdaResponseTooLarge') ||
    reasonIncludes(x, 'gcp', 'backend_response_corrupted', 'invalid_backend_response', 'backend_early_response') ||
    (x.proxy === 'azure' && x.code >= 500 && /INVALID_(HEADER|RESPONSE)/.test(x.details ?? '')) ||
    (iis(x, '502.3') && win32(x) === 12152) ||
    reasonIncludes(x, 'otel', 'HPE_'),
  examples: [
    {
      proxy: 'nginx',
      code: 502,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [502],
      connectMs: 0,
      headerMs: null,
      responseMs: 1,
      upstreamBytes: 61,
    },
    {
      proxy: 'nginx',
      code: 9,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [200],
      connectMs: 0,
      headerMs: 1,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'envoy', code: 502, flags: 'UPE' },
    { proxy: 'cloudflare', code: 520, upstreamStatus: [] },
    { proxy: 'alb', code: 502, upstreamStatus: [], details: 'LambdaInvalidResponse' },
  ],
  evidence: ({ hits, total, code, upstream, sample }) =>
    code === 9
      ? `${of(hits, total)} are logged as 009: nginx read the response${upstream ? ` of ${upstream}` : ''} as HTTP/0.9, because it does not start with a valid HTTP status line.`
      : code === 520
        ? `${of(hits, total)} are a 520: Cloudflare got an empty or unexpected response from the origin, or the origin closed the connection.`
        : `${of(hits, total)} connected${upstream ? ` to ${upstream}` : ''} and got ${sample?.upstreamBytes ? `${sample.upstreamBytes} bytes` : 'a response'} that is not valid HTTP.`,
  meaning:
    'The upstream accepted and answered, but not in the protocol the proxy speaks: TLS or HTTP/2 on a port that the proxy addresses as plain HTTP/1.1, another service on that port, a broken header line, or debug output before the header.',
  owner: 'Whoever set scheme and port on the proxy, or the application that prints outside its response.',
  checks: [
    {
      say: 'What does it send, raw? (15 03 01 … or 16 03 … is TLS; 00 00 … 04 is HTTP/2)',
      run: 'curl -s --http0.9 --raw -m 3 -i http://{upstream}{path} | head -c 200 | xxd',
    },
    {
      say: 'Is it TLS, or HTTP/2?',
      run: 'curl -skv -m 3 -o /dev/null https://{upstream}/; curl -sv -m 3 --http2-prior-knowledge -o /dev/null http://{upstream}/',
    },
  ],
  fixes: [
    "proxy_pass https://… when the port speaks TLS; grpc_pass for gRPC; before 1.29.4, nginx's proxy_pass cannot speak HTTP/2 to upstreams.",
    'Correct the port.',
    'Find the header line with an illegal character, or the print before the header.',
  ],
  notToConfuse: [
    'Not down, not slow: it answers at once.',
    "Not the application's own 502: that would be a clean header.",
  ],
  references: [
    'nginx: status 009 and "upstream sent no valid HTTP/1.0 header"',
    'HAProxy configuration manual 8.5, state PH',
    'Envoy response flag UPE',
    'AWS ALB error_reason',
  ],
  localCheck:
    'What you use locally may be more forgiving, or speak TLS or HTTP/2 where the proxy speaks plain HTTP/1.1. Look at the raw first bytes on the port that the proxy uses.',
  pathFaultCodes: [9, 502],
};
