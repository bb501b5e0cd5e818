// What nginx writes to its error log, cause by cause; ingress-nginx writes the same words to its container's log. The texts are those of
// nginx's source (src/http/ngx_http_upstream.c, ngx_connection.c, ngx_event_openssl.c, modules/ngx_http_limit_req_module.c and others).
import type { Check, Failures } from '../causes/cause.ts';
import type { LogWords, ProxyGuide } from './guide.ts';

const overTls = (f: Failures): boolean => f.upstream === undefined || !f.upstream.startsWith('unix:');

const NGINX_WORDS: Readonly<Partial<Record<string, LogWords>>> = {
  upstream_connection_refused: {
    words:
      '"connect() … failed" with the reason: 111 refused, 11 the socket\'s backlog is full, 2 no such socket, 13 not permitted, 99 no local port left, 113 no route; or "while SSL handshaking" for TLS',
    pattern: 'connect\\(\\).* failed \\([0-9]+:|while SSL handshaking|peer closed connection in SSL',
  },
  upstream_connect_timeout: {
    words:
      '"upstream timed out (110: …) while connecting to upstream", "connect() failed (113: No route to host)", or "while SSL handshaking"',
    pattern: 'while connecting to upstream|while SSL handshaking',
  },
  upstream_tls_failure: {
    words: '"SSL_do_handshake() failed" or "upstream SSL certificate verify error", both "while SSL handshaking"',
    pattern: 'while SSL handshaking|certificate verify error',
    when: overTls,
  },
  no_live_upstreams: {
    words: '"no live upstreams while connecting to upstream"; the lines before it name the attempts that failed first',
    pattern: 'no live upstreams|while connecting to upstream|upstream timed out|prematurely closed',
  },
  upstream_name_unresolved: {
    words: '"… could not be resolved", "no resolver defined to resolve …"',
    pattern: 'could not be resolved|no resolver defined|host not found',
  },
  upstream_closed_before_response: {
    words: '"upstream prematurely closed connection" or "recv() failed (104: Connection reset by peer)"',
    pattern: 'prematurely closed|Connection reset by peer',
  },
  upstream_header_too_big: { words: '"upstream sent too big header"', pattern: 'too big header' },
  upstream_invalid_response: {
    words: '"upstream sent invalid header", "upstream sent no valid HTTP/1.0 header"',
    pattern: 'upstream sent (invalid|no valid|un)',
  },
  upstream_response_truncated: {
    words: '"upstream prematurely closed connection while reading upstream"',
    pattern: 'prematurely closed connection while reading upstream|while reading upstream',
  },
  upstream_response_timeout: {
    words: '"upstream timed out (110: Connection timed out) while reading response header from upstream"',
    pattern: 'upstream timed out',
  },
  proxy_rate_limited: {
    words: '"limiting requests, excess: …" or "limiting connections by zone", with zone and client',
    pattern: 'limiting (requests|connections)',
  },
  proxy_denied: {
    words:
      '"access forbidden by rule", "password mismatch", "was not found in", "directory index of … is forbidden", "ModSecurity: Access denied" with the id of its rule',
    pattern: 'forbidden|password mismatch|was not found in|ModSecurity: Access denied',
  },
  no_route: {
    words: '"open() … failed (2: No such file or directory)" where nginx looked for a file',
    pattern: 'No such file or directory|is not found',
  },
  proxy_internal_error: {
    words:
      '"rewrite or internal redirection cycle", "auth request unexpected status", "(24: Too many open files)", "worker_connections are not enough", or a script\'s error',
    pattern:
      'redirection cycle|auth request unexpected|Too many open files|worker_connections|lua|njs|\\[(alert|crit|emerg)\\]',
  },
  client_gave_up: {
    words: '"client prematurely closed connection" (level info)',
    pattern: 'client prematurely closed|client closed connection',
  },
  client_too_slow: { words: '"client timed out" (level info)', pattern: 'client timed out' },
  request_too_large: {
    words: '"client intended to send too large body", "client sent too long URI", "client sent too long header line"',
    pattern: 'too large body|too long (URI|header)|too large request',
  },
  bad_request: {
    words: '"client sent …" with what is wrong (level info), or "broken header … while reading PROXY protocol"',
    pattern: 'client sent|PROXY protocol|SSL_do_handshake',
  },
  unknown: {
    words:
      'why each upstream attempt failed: "connect() … failed", "timed out", "prematurely closed", "too big header", "no live upstreams"; or nginx\'s own trouble: "Too many open files", "limiting requests"',
    pattern:
      'while (connecting|reading|sending|SSL)|no live upstreams|could not be resolved|too big header|Too many open files|limiting|forbidden|cycle|auth request',
  },
};

/** The steps of a guide: what nginx writes about each cause, where `find` finds it, then the guide's own. */
export function stepsWithWords(find: (said: LogWords) => Check, own: ProxyGuide['steps']): ProxyGuide['steps'] {
  const causes = new Set([...Object.keys(NGINX_WORDS), ...Object.keys(own)]);
  return Object.fromEntries(
    [...causes].map((cause) => {
      const said = NGINX_WORDS[cause];
      const words = said === undefined ? [] : [{ ...find(said), ...(said.when ? { when: said.when } : {}) }];
      return [cause, [...words, ...(own[cause] ?? [])]];
    }),
  );
}
