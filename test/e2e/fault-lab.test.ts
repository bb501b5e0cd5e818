// The fault laboratory: real nginx and HAProxy in front of upstreams broken on purpose, each fault a source of its own, their own logs
// shipped by their own syslog. What is asserted is what a person would see: the cause counted, and the incident's first cause.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, request, type RequestListener } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import test, { type TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { Breakdown, IncidentDetail, Incidents } from '#shared/api.ts';
import { listenSyslog } from '../../server/receive/syslog.ts';
import { openApp, type TestApp } from '../support/app.ts';
import { debian } from '../support/debian.ts';
import { freePort, temporaryFolder } from '../support/server.ts';

interface Fault {
  name: string;
  cause: string;
  code: number;
  /** nginx: directives of its location; `$up` is the address of its upstream. HAProxy: of its backend. */
  config: (up: string) => string;
  upstream?: () => Promise<number>;
  method?: string;
  body?: string;
  /** Sent as it is instead of a request, to a port of its own; the proxy ends the connection. */
  raw?: string;
  /** What the incident's first evidence must say too. */
  says?: RegExp;
  /** Leaves before the answer. */
  leaveAfterMs?: number;
  /** 4xx, 3xx and 2xx are counted by cause, and page nobody. */
  pages: boolean;
}

const BAD = 24,
  GOOD = 6;
const WAIT_MS = 120_000;

test('every fault that can be provoked on loopback is named: nginx', { timeout: 300_000 }, async (t) => {
  const program = debian('nginx-light');
  const lab = await open(t, 'skip' in program ? undefined : program, nginxFaults);
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

test('every fault that can be provoked on loopback is named: HAProxy', { timeout: 300_000 }, async (t) => {
  const program = debian('haproxy');
  const lab = await open(t, 'skip' in program ? undefined : program, haproxyFaults);
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

// ---- upstreams that are broken ----

const servers = new Set<Server>();

function listening(server: Server): Promise<number> {
  servers.add(server);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}
const answering = (listener: RequestListener) => () => listening(createServer(listener));
const saying = (code: number, headers: Record<string, string> = {}) =>
  answering((request, response) => {
    request.resume();
    response.writeHead(code, headers).end('said\n');
  });
/** Answers each request with these bytes, as they are, and hangs up. */
const raw = (bytes: string) => () =>
  listening(createTcpServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(bytes, 'latin1'))));
const silent = () => listening(createTcpServer((socket) => socket.on('error', () => {}).resume()));
/** TLS without a certificate: no handshake succeeds. */
const tlsWithoutCertificate = () => listening(createTlsServer({}).on('tlsClientError', () => {}));

/** A process that listens and is stopped: the kernel completes a few connections, then drops what else comes. */
async function full(): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      'require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () { console.log(this.address().port); })',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  stopped.push(child);
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes))),
  );
  child.kill('SIGSTOP');
  for (let i = 0; i < 6; i++) held.push(connect(port, '127.0.0.1').on('error', () => {}));
  return port;
}
const stopped: { kill(signal: NodeJS.Signals): boolean }[] = [];
const held: Socket[] = [];

// ---- the faults ----

/** The first bytes of a TLS handshake, and a request whose body never comes. */
const HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
  HALF = 'POST /half HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf';
const TLS_TOO = /TLS handshake/;

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

// ---- the laboratory ----

interface Lab {
  app: TestApp;
  folder: string;
  port: number;
  syslog: number;
  /** Of the upstream that works. */
  ok: number;
  nobody: number[];
  ports: Map<string, number>;
  /** nginx: of faults that need a port of their own. */
  own: Map<string, number>;
}

async function open(t: TestContext, program: object | undefined, faults: readonly Fault[]): Promise<Lab | undefined> {
  if (program === undefined) return undefined;
  t.after(() => {
    for (const socket of held.splice(0)) socket.destroy();
    for (const child of stopped.splice(0)) child.kill('SIGKILL');
    for (const each of servers) {
      each.close();
      if ('closeAllConnections' in each) (each as ReturnType<typeof createServer>).closeAllConnections();
      each.unref();
    }
    servers.clear();
  });
  const app = await openApp(t);
  app.clock.now = Date.now();
  const syslog = await listenSyslog(app.ingest.receive, { host: '127.0.0.1', port: 0, say: () => {} });
  t.after(() => syslog.close());
  const ports = new Map<string, number>();
  for (const fault of faults) ports.set(fault.name, await (fault.upstream?.() ?? freePort()));
  const own = new Map<string, number>();
  for (const { name, raw: bytes } of faults) if (bytes !== undefined) own.set(name, await freePort());
  return {
    app,
    own,
    folder: temporaryFolder(t),
    port: await freePort(),
    syslog: syslog.port,
    ok: await saying(200)(),
    nobody: [await freePort(), await freePort(), await freePort()],
    ports,
  };
}

/** Resolves when something listens on `port`. */
async function run(
  t: TestContext,
  file: string,
  args: readonly string[],
  env: Record<string, string>,
  port: number,
): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  t.after(async () => {
    child.kill('SIGKILL');
    await gone;
  });
  for (const until = Date.now() + WAIT_MS; Date.now() < until; await sleep(30)) {
    if (child.exitCode !== null) throw new Error(`${file} ended: ${said}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
        .once('connect', () => resolve(true))
        .once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
  }
  throw new Error(`${file} does not listen: ${said}`);
}

async function provoke(fault: Fault, port: number, prefix: string): Promise<void> {
  for (let i = 0; i < GOOD; i++) await ask(port, `${prefix}/ok`, {});
  // Several at a time: a queue needs company.
  for (let i = 0; i < BAD; i += 6)
    await Promise.all(
      Array.from({ length: 6 }, (_, k) =>
        fault.raw === undefined ? ask(port, `${prefix}/item/${i + k}`, fault) : say(port, fault.raw),
      ),
    );
}

/** Resolves when the other side has hung up. */
function say(port: number, bytes: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
      .on('error', () => {})
      .once('close', () => resolve());
    socket.resume();
  });
}

function ask(port: number, path: string, { method = 'GET', body, leaveAfterMs }: Partial<Fault>): Promise<void> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false }, (response) =>
      response.resume().once('close', () => resolve()),
    );
    sent.once('error', () => resolve()).once('close', () => resolve());
    sent.end(body);
    if (leaveAfterMs !== undefined) setTimeout(() => sent.destroy(), leaveAfterMs);
  });
}

async function get<T>(app: TestApp, url: string): Promise<T> {
  const response = await app.app.inject(url);
  assert.equal(response.statusCode, 200, `${url}: ${response.body}`);
  return response.json() as T;
}

/** Time passes, and the watch looks, until all that should be there is; then says what is not. */
async function assertNamed(app: TestApp, faults: readonly Fault[]): Promise<void> {
  let wrong: string[] = [];
  for (const until = Date.now() + WAIT_MS; Date.now() < until; await sleep(200)) {
    app.clock.now = Date.now();
    await app.tick();
    wrong = await notNamed(app, faults);
    if (wrong.length === 0) return;
  }
  assert.deepEqual(wrong, []);
}

async function notNamed(app: TestApp, faults: readonly Fault[]): Promise<string[]> {
  const wrong: string[] = [];
  const { incidents } = await get<Incidents>(app, '/api/incidents?limit=500');
  for (const { name, cause, code, pages, says } of faults) {
    const { rows } = await get<Breakdown>(
      app,
      `/api/breakdown?dimension=cause&source=${name}&code=${code}&from=now-10m&to=now%2B1m`,
    );
    if (rows[0]?.value !== cause)
      wrong.push(
        `${name}: counted as ${rows.map((r) => `${r.value} ${r.count}`).join(', ') || 'nothing'}, not ${cause}`,
      );
    if (!pages) continue;
    const incident = incidents.find((i) => i.source === name);
    const first = incident && (await get<IncidentDetail>(app, `/api/incidents/${incident.id}`)).diagnosis?.causes[0];
    if (says !== undefined && !first?.evidence.some((text) => says.test(text)))
      wrong.push(`${name}: the evidence does not say ${says}: ${first?.evidence.join(' ')}`);
    if (first?.cause !== cause)
      wrong.push(`${name}: ${incident === undefined ? 'no incident' : `incident says ${first?.cause}`}, not ${cause}`);
  }
  return wrong;
}
