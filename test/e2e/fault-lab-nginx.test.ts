// Every fault of nginx that can be provoked on loopback is named.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { full, raw, saying, silent, tlsWithoutCertificate } from '../support/broken-upstreams.ts';
import { debian } from '../support/debian.ts';
import { freePort } from '../support/server.ts';
import { HALF, HELLO, TLS_TOO, assertNamed, openLab, provoke, run, type Fault } from './fault-lab.ts';

const pass = (up: string): string => `proxy_pass http://${up};`;

const nginxFaults: Fault[] = [
  { name: 'refused', cause: 'upstream_connection_refused', code: 502, config: pass, upstream: freePort, pages: true },
  // their fields do not tell these from a refusal, and the evidence says so
  {
    name: 'no_handshake',
    cause: 'upstream_connection_refused',
    code: 502,
    config: (up) => `proxy_pass https://${up};`,
    upstream: tlsWithoutCertificate,
    pages: true,
    says: TLS_TOO,
  },
  {
    name: 'tls_to_plain',
    cause: 'upstream_connection_refused',
    code: 502,
    config: (up) => `proxy_pass https://${up};`,
    upstream: saying(200),
    pages: true,
    says: TLS_TOO,
  },
  { name: 'connect_timeout', cause: 'upstream_connect_timeout', code: 504, config: pass, upstream: full, pages: true },
  { name: 'no_live', cause: 'no_live_upstreams', code: 502, config: () => 'proxy_pass http://dead;', pages: true },
  {
    name: 'unresolved',
    cause: 'upstream_name_unresolved',
    code: 502,
    config: () => 'set $to nowhere.invalid; proxy_pass http://$to;',
    pages: true,
  },
  { name: 'closed', cause: 'upstream_closed_before_response', code: 502, config: pass, upstream: raw(''), pages: true },
  {
    name: 'big_header',
    cause: 'upstream_header_too_big',
    code: 502,
    config: pass,
    upstream: raw(`HTTP/1.1 200 OK\r\nSet-Cookie: a=${'x'.repeat(9000)}\r\n\r\n`),
    pages: true,
  },
  {
    name: 'bad_header',
    cause: 'upstream_invalid_response',
    code: 502,
    config: pass,
    upstream: raw('HTTP/1.1 200 OK\r\nX\0Y: 1\r\n\r\nhello'),
    pages: true,
  },
  {
    name: 'not_http',
    cause: 'upstream_invalid_response',
    code: 9,
    config: pass,
    upstream: raw('220 mail ready\r\n'),
    pages: false,
  },
  {
    name: 'slow',
    cause: 'upstream_response_timeout',
    code: 504,
    config: (up) => `proxy_read_timeout 300ms; ${pass(up)}`,
    upstream: silent,
    pages: true,
  },
  { name: 'gateway_502', cause: 'upstream_gateway_error', code: 502, config: pass, upstream: saying(502), pages: true },
  {
    name: 'gateway_504',
    cause: 'upstream_gateway_timeout',
    code: 504,
    config: pass,
    upstream: saying(504),
    pages: true,
  },
  {
    name: 'shedding',
    cause: 'upstream_overloaded',
    code: 503,
    config: pass,
    upstream: saying(503, { 'retry-after': '5' }),
    pages: true,
  },
  { name: 'threw', cause: 'app_exception', code: 500, config: pass, upstream: saying(500), pages: true },
  {
    name: 'limited',
    cause: 'proxy_rate_limited',
    code: 503,
    config: (up) => `limit_req zone=few; ${pass(up)}`,
    upstream: saying(200),
    pages: true,
  },
  { name: 'loop', cause: 'proxy_internal_error', code: 500, config: () => 'rewrite ^ /loop/again last;', pages: true },
  { name: 'quota', cause: 'upstream_rate_limited', code: 429, config: pass, upstream: saying(429), pages: false },
  { name: 'denied', cause: 'proxy_denied', code: 403, config: () => 'deny all;', pages: false },
  { name: 'forbidden', cause: 'app_client_error', code: 403, config: pass, upstream: saying(403), pages: false },
  { name: 'unrouted', cause: 'no_route', code: 404, config: () => 'return 404;', pages: false },
  {
    name: 'too_large',
    cause: 'request_too_large',
    code: 413,
    config: (up) => `client_max_body_size 1; ${pass(up)}`,
    upstream: saying(200),
    method: 'POST',
    body: 'more than one',
    pages: false,
  },
  { name: 'garbage', cause: 'bad_request', code: 400, config: () => '', raw: HELLO, pages: false },
  { name: 'half_sent', cause: 'client_too_slow', code: 408, config: () => '', raw: HALF, pages: false },
  { name: 'left', cause: 'client_gave_up', code: 499, config: pass, upstream: silent, leaveAfterMs: 60, pages: false },
  {
    name: 'moved',
    cause: 'redirect_drops_method',
    code: 301,
    config: pass,
    upstream: saying(301, { location: '/elsewhere' }),
    method: 'POST',
    pages: false,
  },
  { name: 'masked', cause: 'masked_retry', code: 200, config: () => 'proxy_pass http://half/ok;', pages: false },
];

test('every fault that can be provoked on loopback is named: nginx', { timeout: 300_000 }, async (t) => {
  const program = debian('nginx-light');
  const lab = await openLab(t, 'skip' in program ? undefined : program, nginxFaults);
  if ('skip' in program || lab === undefined) return t.skip('skip' in program ? program.skip : 'no nginx');
  const { folder, ports, port, syslog, ok } = lab;
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.txt;
    events { worker_connections 512; }
    http {
      client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
      log_format lab escape=json '{"time":"$time_iso8601","remote_addr":"$remote_addr","host":"$host","request_method":"$request_method","uri":"$request_uri","status":$status,'
        '"body_bytes_sent":$body_bytes_sent,"request_time":$request_time,"upstream_addr":"$upstream_addr","upstream_status":"$upstream_status",'
        '"upstream_connect_time":"$upstream_connect_time","upstream_header_time":"$upstream_header_time","upstream_response_time":"$upstream_response_time",'
        '"upstream_bytes_received":"$upstream_bytes_received"}';
      limit_req_zone $server_port zone=few:64k rate=1r/m;
      proxy_connect_timeout 500ms; proxy_read_timeout 5s;
      upstream dead { server 127.0.0.1:${lab.nobody[0]} max_fails=1 fail_timeout=60s; server 127.0.0.1:${lab.nobody[1]} max_fails=1 fail_timeout=60s; }
      upstream half { server 127.0.0.1:${lab.nobody[2]} max_fails=0; server 127.0.0.1:${ok} max_fails=0; }
      ${nginxFaults
        .filter((f) => f.raw !== undefined)
        .map(
          (f) => `server {
        listen 127.0.0.1:${lab.own.get(f.name)}; access_log syslog:server=127.0.0.1:${syslog},tag=${f.name} lab; client_header_timeout 300ms; client_body_timeout 300ms;
        location / { proxy_pass http://127.0.0.1:${ok}; }
      }`,
        )
        .join('\n')}
      server {
        listen 127.0.0.1:${port};
        ${nginxFaults
          .filter((f) => f.raw === undefined)
          .map(
            (
              f,
            ) => `location /${f.name}/ { access_log syslog:server=127.0.0.1:${syslog},tag=${f.name} lab; ${f.config(`127.0.0.1:${ports.get(f.name)}`)} }
        location /${f.name}/ok { access_log syslog:server=127.0.0.1:${syslog},tag=${f.name} lab; proxy_pass http://127.0.0.1:${ok}; }`,
          )
          .join('\n')}
      }
    }`,
  );
  await run(
    t,
    `${program.root}/usr/sbin/nginx`,
    ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.txt')],
    program.env,
    port,
  );
  await Promise.all(
    nginxFaults.map((fault) =>
      fault.raw === undefined ? provoke(fault, port, `/${fault.name}`) : provoke(fault, lab.own.get(fault.name)!, ''),
    ),
  );
  await assertNamed(lab.app, nginxFaults);
});
