// Real web servers of Debian, which write logs or speak syslog themselves: each is asked for known statuses, and every count is exact.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { freePort, temporaryFolder, totals, until } from '../support/server.ts';
import { ASKED, OVERALL, askAll, assertAsked, run, settled, siteOfSuite, status, unpacked } from './site.ts';

suite('real web servers', () => {
  const site = siteOfSuite();

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
          access_log ${site.logs}/nginx-tail.log combined;
          access_log syslog:server=127.0.0.1:${site.syslog},tag=nginx_syslog combined;
          location / { proxy_pass http://127.0.0.1:${site.origin}; proxy_redirect off; }
          location /502 { proxy_pass http://127.0.0.1:${site.nobody}; }
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
    assertAsked(await settled(site, 'nginx-tail'));
    assertAsked(await settled(site, 'nginx_syslog'));
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
  log 127.0.0.1:${site.syslog} local0
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
  server a 127.0.0.1:${site.origin}
backend gone
  retries 0
  server b 127.0.0.1:${site.nobody}
`,
    );
    await run(t, `${program.root}/usr/sbin/haproxy`, ['-db', '-f', join(folder, 'haproxy.cfg')], program.env, port);
    const { 502: gone, ...others } = ASKED;
    for (const [code, times] of Object.entries(others)) for (let i = 0; i < times; i++) await status(port, `/${code}`);
    for (let i = 0; i < gone; i++) assert.equal(await status(port, '/502'), 503);
    assert.deepEqual(await settled(site, 'haproxy'), { ...others, 200: ASKED[200] + 1, 503: gone });
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
CustomLog ${site.logs}/apache.log combined
ProxyPass /502 http://127.0.0.1:${(rude.address() as AddressInfo).port}/
ProxyPass / http://127.0.0.1:${site.origin}/
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
    assertAsked(await settled(site, 'apache'));
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
    output file ${site.logs}/caddy.log
  }
  reverse_proxy /502 127.0.0.1:${site.nobody}
  reverse_proxy 127.0.0.1:${site.origin}
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
    assertAsked(await settled(site, 'caddy'));
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
accesslog.filename = "${site.logs}/lighttpd.log"
proxy.server = ("" => (("host" => "127.0.0.1", "port" => ${site.origin})))
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
      () => totals(site.server.url, 'lighttpd'),
      (seen) => Object.values(seen).reduce((a, b) => a + b, 0) > OVERALL - ASKED[502],
    );
    assert.deepEqual(counts, { ...asked, 200: asked[200] + 1 });
  });
});
