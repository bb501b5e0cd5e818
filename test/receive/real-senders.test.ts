// Real programs of Debian as senders: web servers and proxies that write logs or speak syslog themselves, rsyslog and syslog-ng
// as shippers. Each makes or ships requests with known statuses, and every count must be exact.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, suite, test, type TestContext } from 'node:test';
import { debian } from '../support/debian.ts';
import {
  exitOf,
  freePort,
  startServer,
  suiteLife,
  temporaryFolder,
  totals,
  until,
  type Running,
} from '../support/server.ts';

/** What is asked of each web server; 502 comes from an upstream that is not there. */
const ASKED = { 200: 25, 301: 4, 404: 6, 500: 3, 502: 5 };
const OVERALL = Object.values(ASKED).reduce((a, b) => a + b);

suite('real senders', () => {
  let server: Running;
  let origin: number;
  let nobody: number;
  let syslog: number;
  let logs: string;
  const life = suiteLife();

  before(async () => {
    // Answers what the path asks for: /404 is a 404.
    const backend = createServer((request, response) => {
      response.writeHead(Number(request.url!.slice(1)) || 200, { location: '/200', connection: 'close' }).end('x');
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => backend.once('listening', resolve));
    life.after(() => backend.close());
    origin = (backend.address() as AddressInfo).port;
    nobody = await freePort();
    syslog = await freePort();
    logs = temporaryFolder(life);
    chmodSync(logs, 0o777);
    server = await startServer(life, {
      dataDir: temporaryFolder(life),
      args: ['--syslog', String(syslog), '--tail', join(logs, '*.log')],
    });
  });

  /** Starts a program in the foreground and resolves when it takes connections (or at once, without a port). */
  async function run(
    t: TestContext,
    command: string,
    args: readonly string[],
    env: Record<string, string>,
    port?: number,
  ): Promise<void> {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes.toString()));
    let gone = false;
    const exited = exitOf(child).then(() => (gone = true));
    t.after(async () => {
      child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 2000);
      await exited;
      clearTimeout(hard);
    });
    const isUp = async (): Promise<boolean> => port === undefined || (await status(port, '/200').catch(() => 0)) > 0;
    await until(
      async () => gone || (await isUp()),
      (done) => done,
    );
    assert.ok(!gone, `${command} does not start: ${said}`);
  }

  /** The start-up probe above asks for /200 too: what it made of that is in the counts beside ASKED. */
  async function askAll(port: number): Promise<void> {
    for (const [code, times] of Object.entries(ASKED))
      for (let i = 0; i < times; i++) assert.equal(await status(port, `/${code}`), Number(code));
  }

  const settled = (source: string): Promise<Record<string, number>> =>
    until(
      () => totals(server.url, source),
      (counts) => Object.values(counts).reduce((a, b) => a + b, 0) > OVERALL,
    );

  function assertAsked(counts: Record<string, number>): void {
    const { 200: ok, ...others } = counts;
    const { 200: asked, ...wanted } = ASKED;
    assert.deepEqual(others, wanted);
    assert.equal(ok, asked + 1); // and the probe
  }

  function unpacked(t: TestContext, ...packages: string[]): { root: string; env: Record<string, string> } | undefined {
    const found = debian(...packages);
    if (!('skip' in found)) return found;
    t.skip(found.skip);
    return undefined;
  }

  test('nginx, its combined log tailed and its own syslog', async (t) => {
    const program = unpacked(t, 'nginx-light');
    if (program === undefined) return;
    const port = await freePort();
    const folder = temporaryFolder(t);
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.txt;
      events {}
      http {
        client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
        server {
          listen 127.0.0.1:${port};
          access_log ${logs}/nginx-tail.log combined;
          access_log syslog:server=127.0.0.1:${syslog},tag=nginx_syslog combined;
          location / { proxy_pass http://127.0.0.1:${origin}; proxy_redirect off; }
          location /502 { proxy_pass http://127.0.0.1:${nobody}; }
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
    await askAll(port);
    assertAsked(await settled('nginx-tail'));
    assertAsked(await settled('nginx_syslog'));
  });

  test("HAProxy's own syslog", async (t) => {
    const program = unpacked(t, 'haproxy');
    if (program === undefined) return;
    const port = await freePort();
    const folder = temporaryFolder(t);
    // HAProxy answers 503, not 502, when it cannot connect.
    writeFileSync(
      join(folder, 'haproxy.cfg'),
      `
global
  log 127.0.0.1:${syslog} local0
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${port}
  use_backend gone if { path /502 }
  default_backend app
backend app
  server a 127.0.0.1:${origin}
backend gone
  retries 0
  server b 127.0.0.1:${nobody}
`,
    );
    await run(t, `${program.root}/usr/sbin/haproxy`, ['-db', '-f', join(folder, 'haproxy.cfg')], program.env, port);
    const { 502: gone, ...others } = ASKED;
    for (const [code, times] of Object.entries(others)) for (let i = 0; i < times; i++) await status(port, `/${code}`);
    for (let i = 0; i < gone; i++) assert.equal(await status(port, '/502'), 503);
    assert.deepEqual(await settled('haproxy'), { ...others, 200: ASKED[200] + 1, 503: gone });
  });

  test('Apache, its combined log tailed', async (t) => {
    const program = unpacked(t, 'apache2-bin');
    if (program === undefined) return;
    const port = await freePort();
    const folder = temporaryFolder(t);
    // Apache answers 503 when nobody listens, and 502 when the upstream hangs up without an answer.
    const rude = createTcpServer((socket) => socket.on('error', () => {}).once('data', () => socket.end())).listen(
      0,
      '127.0.0.1',
    );
    await new Promise((resolve) => rude.once('listening', resolve));
    t.after(() => rude.close());
    const modules = ['mpm_event', 'authz_core', 'proxy', 'proxy_http']
      .map((name) => `LoadModule ${name}_module ${program.root}/usr/lib/apache2/modules/mod_${name}.so`)
      .join('\n');
    writeFileSync(
      join(folder, 'apache.conf'),
      `
ServerRoot ${folder}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
DefaultRuntimeDir ${folder}
ErrorLog ${folder}/error.txt
User nobody
Group nogroup
${modules}
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\"" combined
CustomLog ${logs}/apache.log combined
ProxyPass /502 http://127.0.0.1:${(rude.address() as AddressInfo).port}/
ProxyPass / http://127.0.0.1:${origin}/
`,
    );
    await run(
      t,
      `${program.root}/usr/sbin/apache2`,
      ['-f', join(folder, 'apache.conf'), '-DFOREGROUND'],
      program.env,
      port,
    );
    await askAll(port);
    assertAsked(await settled('apache'));
  });

  test('Caddy, its JSON log tailed', async (t) => {
    const program = unpacked(t, 'caddy');
    if (program === undefined) return;
    const port = await freePort();
    const folder = temporaryFolder(t);
    writeFileSync(
      join(folder, 'Caddyfile'),
      `{
  admin off
  auto_https off
}
http://127.0.0.1:${port} {
  log {
    output file ${logs}/caddy.log
  }
  reverse_proxy /502 127.0.0.1:${nobody}
  reverse_proxy 127.0.0.1:${origin}
}
`,
    );
    await run(
      t,
      `${program.root}/usr/bin/caddy`,
      ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'],
      { ...program.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      port,
    );
    await askAll(port);
    assertAsked(await settled('caddy'));
  });

  test('lighttpd, its log tailed', async (t) => {
    const program = unpacked(t, 'lighttpd');
    if (program === undefined) return;
    const port = await freePort();
    const folder = temporaryFolder(t);
    writeFileSync(
      join(folder, 'lighttpd.conf'),
      `
server.modules = ("mod_access", "mod_accesslog", "mod_redirect", "mod_proxy")
server.document-root = "${folder}"
server.port = ${port}
server.bind = "127.0.0.1"
server.errorlog = "${folder}/error.txt"
accesslog.filename = "${logs}/lighttpd.log"
proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${origin})))
`,
    );
    const { 502: _, ...asked } = ASKED;
    await run(
      t,
      `${program.root}/usr/sbin/lighttpd`,
      ['-D', '-f', join(folder, 'lighttpd.conf'), '-m', `${program.root}/usr/lib/lighttpd`],
      program.env,
      port,
    );
    for (const [code, times] of Object.entries(asked)) for (let i = 0; i < times; i++) await status(port, `/${code}`);
    // Written when its buffer is full or the process ends; a graceful stop is what a rotation does.
    const counts = await until(
      () => totals(server.url, 'lighttpd'),
      (seen) => Object.values(seen).reduce((a, b) => a + b, 0) > OVERALL - ASKED[502],
    );
    assert.deepEqual(counts, { ...asked, 200: asked[200] + 1 });
  });

  test('squid, its native log tailed', async (t) => {
    const program = unpacked(t, 'squid');
    if (program === undefined) return;
    const port = await freePort();
    const folder = temporaryFolder(t);
    chmodSync(folder, 0o777); // it gives up root for a user of its own
    writeFileSync(
      join(folder, 'squid.conf'),
      `
http_port 127.0.0.1:${port} accel defaultsite=localhost no-vhost
acl gone urlpath_regex ^/502
cache_peer 127.0.0.1 parent ${origin} 0 no-query originserver name=origin
cache_peer 127.0.0.1 parent ${nobody} 0 no-query originserver name=nobody connect-fail-limit=1000
cache_peer_access origin deny gone
cache_peer_access origin allow all
cache_peer_access nobody allow gone
cache_peer_access nobody deny all
http_access allow all
cache deny all
access_log stdio:${logs}/squid.log squid
buffered_logs off
cache_log ${folder}/cache.txt
pid_filename ${folder}/pid
coredump_dir ${folder}
mime_table ${program.root}/usr/share/squid/mime.conf
error_directory ${program.root}/usr/share/squid/errors/English
icon_directory ${program.root}/usr/share/squid/icons
unlinkd_program ${program.root}/usr/lib/squid/unlinkd
shutdown_lifetime 0 seconds
pinger_enable off
`,
    );
    await run(t, `${program.root}/usr/sbin/squid`, ['-N', '-f', join(folder, 'squid.conf')], program.env, port);
    await askAll(port);
    assertAsked(await settled('squid'));
  });

  test('Varnish, its log written by varnishncsa and tailed', async (t) => {
    if (spawnSync('gcc', ['--version']).error !== undefined)
      return t.skip('Varnish compiles its configuration: there is no gcc here');
    const program = unpacked(t, 'varnish');
    if (program === undefined) return;
    const port = await freePort();
    const folder = temporaryFolder(t);
    writeFileSync(
      join(folder, 'site.vcl'),
      `vcl 4.1;
backend origin { .host = "127.0.0.1"; .port = "${origin}"; }
backend nobody { .host = "127.0.0.1"; .port = "${nobody}"; }
sub vcl_recv {
  set req.backend_hint = origin;
  if (req.url == "/502") { set req.backend_hint = nobody; }
  return (pass);
}
`,
    );
    const libraries = `${program.root}/usr/lib/x86_64-linux-gnu`;
    const env = { LD_LIBRARY_PATH: `${libraries}:${libraries}/varnish` };
    const work = join(folder, 'work');
    await run(
      t,
      `${program.root}/usr/sbin/varnishd`,
      [
        '-F',
        '-a',
        `127.0.0.1:${port}`,
        '-f',
        join(folder, 'site.vcl'),
        '-n',
        work,
        '-s',
        'malloc,20M',
        '-j',
        'none',
        '-p',
        `vmod_path=${libraries}/varnish/vmods`,
      ],
      env,
      port,
    );
    const { 502: gone, ...asked } = ASKED;
    for (const [code, times] of Object.entries(asked)) for (let i = 0; i < times; i++) await status(port, `/${code}`);
    for (let i = 0; i < gone; i++) assert.equal(await status(port, '/502'), 503);
    // -d: what is in Varnish's memory, from its start on.
    await run(t, `${program.root}/usr/bin/varnishncsa`, ['-n', work, '-d', '-w', join(logs, 'varnish.log')], env);
    assert.deepEqual(await settled('varnish'), { ...asked, 200: asked[200] + 1, 503: gone });
  });

  test('rsyslog: a file forwarded over TCP in either framing, and to _bulk', async (t) => {
    const program = unpacked(t, 'rsyslog', 'rsyslog-elasticsearch');
    if (program === undefined) return;
    const folder = temporaryFolder(t);
    const modules = `${program.root}/usr/lib/x86_64-linux-gnu/rsyslog`;
    writeFileSync(join(folder, 'access.txt'), '');
    writeFileSync(
      join(folder, 'rsyslog.conf'),
      `
global(workDirectory="${folder}")
module(load="imfile" mode="polling" pollingInterval="1")
module(load="omelasticsearch")
input(type="imfile" file="${folder}/access.txt" tag="rsyslog-octets:" ruleset="ship")
template(name="bulk" type="list" option.json="on") { constant(value="{\\"message\\":\\"") property(name="msg") constant(value="\\"}") }
template(name="lines" type="string" string="<%PRI%>%TIMESTAMP% %HOSTNAME% rsyslog-lines: %msg%\\n")
ruleset(name="ship") {
  action(type="omfwd" target="127.0.0.1" port="${syslog}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")
  action(type="omfwd" target="127.0.0.1" port="${syslog}" protocol="tcp" template="lines")
  action(type="omelasticsearch" server="127.0.0.1" serverport="${new URL(server.url).port}" searchIndex="rsyslog-bulk" searchType="" bulkmode="on" template="bulk" action.resumeRetryCount="-1")
}
`,
    );
    await run(
      t,
      `${program.root}/usr/sbin/rsyslogd`,
      [
        '-n',
        '-f',
        join(folder, 'rsyslog.conf'),
        '-i',
        join(folder, 'pid'),
        '-M',
        `${modules}:/usr/lib/x86_64-linux-gnu/rsyslog`,
      ],
      program.env,
    );
    appendFileSync(join(folder, 'access.txt'), lines());
    for (const source of ['rsyslog-octets', 'rsyslog-lines', 'rsyslog-bulk'])
      assert.deepEqual(await until(() => totals(server.url, source), isWhole), ASKED, source);
  });

  test('syslog-ng: http() to /ingest and network() over TCP', async (t) => {
    const program = unpacked(t, 'syslog-ng-core', 'syslog-ng-mod-http');
    if (program === undefined) return;
    const folder = temporaryFolder(t);
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'access.txt'), '');
    writeFileSync(
      join(folder, 'syslog-ng.conf'),
      `@version: 3.38
@module http
options { stats-freq(0); };
source s { file("${folder}/access.txt" flags(no-parse) program-override("syslog-ng-tcp") follow-freq(0.2)); };
destination web { http(url("${server.url}/ingest/syslog-ng-http") method("POST") batch-lines(10) batch-timeout(200)); };
destination tcp { network("127.0.0.1" port(${syslog}) transport("tcp")); };
log { source(s); destination(web); destination(tcp); };
`,
    );
    await run(
      t,
      `${program.root}/usr/sbin/syslog-ng`,
      [
        '-F',
        '-f',
        join(folder, 'syslog-ng.conf'),
        '-R',
        join(folder, 'persist'),
        '-p',
        join(folder, 'pid'),
        '-c',
        join(folder, 'ctl'),
        '--no-caps',
        `--module-path=${program.root}/usr/lib/syslog-ng/3.38`,
      ],
      { LD_LIBRARY_PATH: `${program.env.LD_LIBRARY_PATH}:${program.root}/usr/lib/syslog-ng` },
    );
    appendFileSync(join(folder, 'access.txt'), lines());
    for (const source of ['syslog-ng-http', 'syslog-ng-tcp'])
      assert.deepEqual(await until(() => totals(server.url, source), isWhole), ASKED, source);
  });
});

const isWhole = (counts: Record<string, number>): boolean =>
  Object.values(counts).reduce((a, b) => a + b, 0) >= OVERALL;

/** An access log with the statuses of ASKED. */
function lines(): string {
  let text = '';
  for (const [code, times] of Object.entries(ASKED)) {
    for (let i = 0; i < times; i++)
      text += `203.0.113.7 - - [${new Date().toUTCString().replace(/^\w+, (\d+) (\w+) (\d+) (\S+).*/, '$1/$2/$3:$4')} +0000] "GET /${code}?n=${i} HTTP/1.1" ${code} 5 "-" "curl \\"quoted\\""\n`;
  }
  return text;
}

const status = (port: number, path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false, timeout: 5000 }, (response: IncomingMessage) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
      response.on('error', reject);
    }).on('error', reject);
  });
