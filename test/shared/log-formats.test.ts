// The log format that the runbook, the setup page and the README give: one text, taken by the real nginx, and JSON whatever is logged.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { addToLog } from '#shared/causes/unknown.ts';
import { NGINX_LOG_FORMAT } from '#shared/log-formats.ts';
import { exchangeOf } from '../../server/core/exchange.ts';
import { Hit } from '../../server/core/hit.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { exitOf, freePort, temporaryFolder, until } from '../support/server.ts';

const root = join(import.meta.dirname, '..', '..');

function exchangeIn(line: string) {
  const bytes = Buffer.from(line),
    hit = new Hit();
  assert.equal(openLineReader().read({ bytes, text: bytes.toString('latin1') }, 0, bytes.length, hit), undefined, line);
  return { ...exchangeOf(hit), ts: hit.ts };
}

test('the README, the runbook and the setup page have the same format', () => {
  const indented = NGINX_LOG_FORMAT.replace(/^/gm, '    ');
  assert.ok(readFileSync(join(root, 'README.md'), 'utf8').includes(`${indented}\n    access_log syslog:`));
  assert.ok(addToLog('nginx').paste.startsWith(`${NGINX_LOG_FORMAT}\n`));
  assert.match(
    readFileSync(join(root, 'web/src/lib/snippets.ts'), 'utf8'),
    /\$\{NGINX_LOG_FORMAT\}\naccess_log syslog:/,
  );
});

test('a line of it is JSON whatever the values are, and 009 is read', () => {
  const template = [...NGINX_LOG_FORMAT.matchAll(/'([^']*)'/g)].map(([, text]) => text).join('');
  const line = template.replace(/\$(\w+)/g, (_, name: string) =>
    name === 'status' ? '009' : name === 'time_iso8601' ? '2026-05-04T10:00:00+00:00' : '-',
  );
  assert.equal((JSON.parse(line) as { status: string }).status, '009');
  assert.equal(exchangeIn(line).code, 9);
});

test(
  'nginx takes it, and a request of it is read with every field',
  { skip: spawnSync('nginx', ['-v']).error ? 'nginx is not installed' : false },
  async (t) => {
    const folder = temporaryFolder(t),
      log = join(folder, 'access.log'),
      [port, nobody] = [await freePort(), await freePort()];
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.txt; events {}
      http {
        client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
        ${NGINX_LOG_FORMAT}
        server { listen 127.0.0.1:${port}; access_log ${log} fivealarm; location / { proxy_pass http://127.0.0.1:${nobody}; } }
      }`,
    );
    const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.txt')];
    const checked = spawnSync('nginx', ['-t', ...args], { encoding: 'utf8' });
    assert.equal(checked.status, 0, checked.stderr);
    const nginx = spawn('nginx', args, { stdio: 'ignore' });
    const exited = exitOf(nginx);
    t.after(async () => {
      nginx.kill('SIGTERM');
      await exited;
    });
    const status = await until(
      () =>
        fetch(`http://127.0.0.1:${port}/cart?a="b"`).then(
          (response) => response.status,
          () => 0,
        ),
      (code) => code > 0,
    );
    assert.equal(status, 502);
    const text = await until(
      async () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
      (logged) => logged.endsWith('\n'),
    );
    const exchange = exchangeIn(text.split('\n')[0]);
    assert.deepEqual(
      [exchange.code, exchange.method, exchange.upstream, exchange.upstreamStatus, exchange.client],
      [502, 'GET', `127.0.0.1:${nobody}`, [502], '127.0.0.1'],
    );
    assert.ok(exchange.ts > 0);
    assert.equal(exchange.host, '127.0.0.1');
  },
);
