// Real caches of Debian, whose logs are followed: each is asked for known statuses, and every count is exact.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { freePort, temporaryFolder } from '../support/server.ts';
import { ASKED, askAll, assertAsked, run, settled, siteOfSuite, status, unpacked } from './site.ts';

suite('real caches', () => {
  const site = siteOfSuite();

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
cache_peer 127.0.0.1 parent ${site.origin} 0 no-query originserver name=origin
cache_peer 127.0.0.1 parent ${site.nobody} 0 no-query originserver name=nobody connect-fail-limit=1000
cache_peer_access origin deny gone
cache_peer_access origin allow all
cache_peer_access nobody allow gone
cache_peer_access nobody deny all
http_access allow all
cache deny all
access_log stdio:${site.logs}/squid.log squid
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
    assertAsked(await settled(site, 'squid'));
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
backend origin { .host = "127.0.0.1"; .port = "${site.origin}"; }
backend nobody { .host = "127.0.0.1"; .port = "${site.nobody}"; }
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
    await run(t, `${program.root}/usr/bin/varnishncsa`, ['-n', work, '-d', '-w', join(site.logs, 'varnish.log')], env);
    assert.deepEqual(await settled(site, 'varnish'), { ...asked, 200: asked[200] + 1, 503: gone });
  });
});
