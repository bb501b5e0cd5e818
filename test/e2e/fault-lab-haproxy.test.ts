// Every fault of HAProxy that can be provoked on loopback is named.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { answering, full, raw, saying, silent, tlsWithoutCertificate } from '../support/broken-upstreams.ts';
import { debian } from '../support/debian.ts';
import { freePort } from '../support/server.ts';
import { HELLO, TLS_TOO, assertNamed, openLab, provoke, run, type Fault } from './fault-lab.ts';

const server = (up: string): string => `server s ${up}`;

const haproxyFaults: Fault[] = [
  {
    name: 'ha_refused',
    cause: 'upstream_connection_refused',
    code: 503,
    config: server,
    upstream: freePort,
    pages: true,
  },
  {
    name: 'ha_no_handshake',
    cause: 'upstream_connection_refused',
    code: 503,
    config: (up) => `${server(up)} ssl verify none`,
    upstream: tlsWithoutCertificate,
    pages: true,
    says: TLS_TOO,
  },
  {
    name: 'ha_cut_short',
    cause: 'upstream_response_truncated',
    code: 200,
    config: server,
    upstream: raw(`HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n${'x'.repeat(4000)}`),
    pages: false,
  },
  { name: 'ha_garbage', cause: 'bad_request', code: 400, config: server, raw: HELLO, pages: false },
  {
    name: 'ha_half_sent',
    cause: 'client_too_slow',
    code: 408,
    config: server,
    raw: 'GET /half HTTP/1.1\r\nHost: a\r\n',
    pages: false,
  },
  {
    name: 'ha_connect_timeout',
    cause: 'upstream_connect_timeout',
    code: 503,
    config: server,
    upstream: full,
    pages: true,
  },
  {
    name: 'ha_no_live',
    cause: 'no_live_upstreams',
    code: 503,
    config: () => 'server s 127.0.0.1:9 disabled',
    pages: true,
  },
  {
    name: 'ha_closed',
    cause: 'upstream_closed_before_response',
    code: 502,
    config: server,
    upstream: raw(''),
    pages: true,
  },
  {
    name: 'ha_bad',
    cause: 'upstream_invalid_response',
    code: 502,
    config: server,
    upstream: raw('220 mail ready\r\n'),
    pages: true,
  },
  { name: 'ha_slow', cause: 'upstream_response_timeout', code: 504, config: server, upstream: silent, pages: true },
  {
    name: 'ha_queue',
    cause: 'queue_timeout',
    code: 503,
    config: (up) => `${server(up)} maxconn 1`,
    upstream: answering((_, response) => void setTimeout(() => response.end('late'), 600)),
    pages: true,
  },
  { name: 'ha_threw', cause: 'app_exception', code: 500, config: server, upstream: saying(500), pages: true },
  {
    name: 'ha_gateway_502',
    cause: 'upstream_gateway_error',
    code: 502,
    config: server,
    upstream: saying(502),
    pages: true,
  },
  {
    name: 'ha_gateway_504',
    cause: 'upstream_gateway_timeout',
    code: 504,
    config: server,
    upstream: saying(504),
    pages: true,
  },
  { name: 'ha_shedding', cause: 'upstream_overloaded', code: 503, config: server, upstream: saying(503), pages: true },
  {
    name: 'ha_tarpit',
    cause: 'proxy_internal_error',
    code: 500,
    config: () => 'http-request tarpit unless { path_end /ok }',
    pages: true,
  },
  {
    name: 'ha_denied',
    cause: 'proxy_denied',
    code: 403,
    config: () => 'http-request deny unless { path_end /ok }',
    pages: false,
  },
  {
    name: 'ha_limited',
    cause: 'proxy_rate_limited',
    code: 429,
    config: () => 'http-request deny deny_status 429 unless { path_end /ok }',
    pages: false,
  },
  { name: 'ha_quota', cause: 'upstream_rate_limited', code: 429, config: server, upstream: saying(429), pages: false },
  {
    name: 'ha_moved',
    cause: 'redirect_drops_method',
    code: 301,
    config: () => 'http-request redirect location /elsewhere code 301 unless { path_end /ok }',
    method: 'POST',
    pages: false,
  },
];

test('every fault that can be provoked on loopback is named: HAProxy', { timeout: 300_000 }, async (t) => {
  const program = debian('haproxy');
  const lab = await openLab(t, 'skip' in program ? undefined : program, haproxyFaults);
  if ('skip' in program || lab === undefined) return t.skip('skip' in program ? program.skip : 'no HAProxy');
  const { folder, ports, syslog, ok } = lab;
  const fronts = await Promise.all(haproxyFaults.map(freePort));
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `global
  log 127.0.0.1:${syslog} local0
defaults
  mode http
  log global
  option httplog
  retries 0
  timeout connect 300ms
  timeout client 5s
  timeout server 2s
  timeout queue 100ms
  timeout tarpit 50ms
  timeout http-request 400ms
backend ok
  server ok 127.0.0.1:${ok}
${haproxyFaults
  .map(
    (f, i) => `frontend f_${f.name}
  bind 127.0.0.1:${fronts[i]}
  log-tag ${f.name}
  ${f.config('').includes('http-request') ? f.config('').replaceAll('\n', '\n  ') : ''}
  use_backend ok if { path_end /ok }
  default_backend b_${f.name}
backend b_${f.name}
  ${f.config('').includes('http-request') ? `server s 127.0.0.1:${ok}` : f.config(`127.0.0.1:${ports.get(f.name)}`)}
`,
  )
  .join('')}`,
  );
  await run(t, `${program.root}/usr/sbin/haproxy`, ['-db', '-f', join(folder, 'haproxy.cfg')], program.env, fronts[0]);
  await Promise.all(haproxyFaults.map((fault, i) => provoke(fault, fronts[i], '')));
  await assertNamed(lab.app, haproxyFaults);
});
