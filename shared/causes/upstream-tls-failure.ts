// The TLS handshake between proxy and upstream fails.
import type { Cause } from './cause.ts';
import { upstreamError, iis, of, reasonIncludes, win32 } from './exchange-facts.ts';

export const upstreamTlsFailure: Cause = {
  id: 'upstream_tls_failure',
  culprit: 'upstream-connect',
  title: 'TLS to the upstream fails',
  headline: 'TLS between the proxy and {upstream} fails',
  matches: (x) =>
    x.code === 525 ||
    x.code === 526 ||
    (x.proxy === 'envoy' &&
      x.code >= 500 &&
      upstreamError(x) === null &&
      /TLS.error|CERTIFICATE_|tls_handshake|SSL/i.test(x.details ?? '')) ||
    (iis(x, '502.3') && (win32(x) === 12175 || win32(x) === 12157 || win32(x) === 12044)) ||
    reasonIncludes(x, 'cloudfront', 'OriginTls', 'OriginSsl', 'OriginCertificate') ||
    reasonIncludes(
      x,
      'gcp',
      'ssl_handshake',
      'backend_tls',
      'backend_ssl',
      'failed_to_negotiate_alpn',
      'ssl_certificate_',
    ) ||
    (x.proxy === 'azure' && x.code >= 500 && /CERT|SSL|TLS/.test(x.details ?? '')) ||
    reasonIncludes(x, 'otel', 'CERT_', 'DEPTH_ZERO', 'UNABLE_TO_VERIFY', 'SSLHandshake', 'ERR_TLS'),
  examples: [
    {
      proxy: 'envoy',
      code: 503,
      flags: 'UF',
      details: 'upstream_reset_before_response_started{connection_failure,TLS_error:_CERTIFICATE_VERIFY_FAILED}',
    },
    { proxy: 'cloudflare', code: 526, upstreamStatus: [] },
  ],
  evidence: ({ hits, total, code, upstream }) =>
    `${of(hits, total)} ended in the TLS handshake with ${upstream ?? 'the upstream'}${code === 526 ? ': its certificate was not accepted' : ''}.`,
  meaning:
    'The TCP connection works, but TLS does not: the certificate has expired or is for another name, the upstream does not speak TLS on that port, or the two have no protocol version or cipher in common.',
  owner: "Whoever renews the upstream's certificate or sets the proxy's TLS options.",
  checks: [
    {
      say: 'Which certificate does the upstream present, and when does it expire?',
      run: 'openssl s_client -connect {upstream} -servername {host} </dev/null 2>/dev/null | openssl x509 -noout -subject -issuer -dates',
    },
    { say: 'Does it speak TLS at all on that port?', run: 'curl -skv -m 3 -o /dev/null https://{upstream}/' },
    { say: 'Was a certificate renewed or a cipher list changed around the first failure?' },
  ],
  fixes: [
    'Renew or complete the certificate chain.',
    'Send the right name: proxy_ssl_server_name on; proxy_ssl_name … (nginx), sni (HAProxy).',
    'Agree on TLS 1.2 or 1.3.',
  ],
  notToConfuse: [
    'Not a refused connection: the port is open.',
    "Not the visitors' own certificate: they reached the proxy.",
  ],
  references: [
    'Cloudflare 5xx, errors 525 and 526',
    'Envoy UPSTREAM_TRANSPORT_FAILURE_REASON',
    'nginx error log "SSL_do_handshake() failed … while SSL handshaking to upstream"',
  ],
  localCheck:
    'A local check usually speaks plain HTTP, or ignores the certificate. The handshake that the proxy attempts is what fails: check name, chain and expiry as the proxy sees them.',
  pathFaultCodes: [502],
};
