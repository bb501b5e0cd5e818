// The container files, read and held against the checkout: every path, setting, port and command in them must be real.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readConfig } from '../server/config.ts';
import { openLineReader } from '../server/formats/line-reader.ts';
import { Hit } from '../server/core/hit.ts';
import { exchangeOf } from '../server/core/exchange.ts';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const compose = parse(read('docker-compose.yml'));
const dockerfile = read('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));
const instructions = (name: string) =>
  dockerfile.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());

test('every file the image copies is in the checkout, and is not ignored', () => {
  const ignored = read('.dockerignore').split('\n').filter(Boolean);
  for (const copy of instructions('COPY')) {
    if (copy.startsWith('--from=build')) continue;
    for (const path of copy.split(/\s+/).slice(0, -1)) {
      assert.ok(existsSync(join(root, path)), `${path} does not exist`);
      assert.ok(!ignored.includes(path), `${path} is in .dockerignore`);
    }
  }
});

test('the image runs the real server as a plain user, with a volume and a health check', () => {
  const [entry] = instructions('ENTRYPOINT');
  const words: string[] = JSON.parse(entry);
  assert.ok(existsSync(join(root, words.at(-1)!)), words.at(-1));
  assert.equal(spawnSync(process.execPath, [...words.slice(1, -1), '--version']).status, 0, 'Node takes the flags');
  const flags = words.slice(1, -1).join(' ');
  assert.ok(
    instructions('RUN').some((line) => line.includes(`node ${flags} `)),
    'what is compiled beforehand is found only under the same flags',
  );
  assert.deepEqual(instructions('USER'), ['node']);
  assert.deepEqual(instructions('VOLUME'), ['/data']);
  assert.match(instructions('HEALTHCHECK')[0], /127\.0\.0\.1:5500\/healthz/);
});

test('settings in the image and in compose exist and have valid values', () => {
  const env: Record<string, string> = Object.fromEntries(
    instructions('ENV')
      .flatMap((line) => line.split(/\s+/))
      .map((pair) => pair.split('=') as [string, string])
      .filter(([name]) => name.startsWith('FIVEALARM_')),
  );
  const config = readConfig([], { ...env, ...compose.services.fivealarm.environment }, () => undefined);
  assert.equal(config.dataDir, '/data');
  assert.equal(config.trustNetwork, true);
  assert.ok(instructions('EXPOSE')[0].includes(String(config.port)));
  assert.ok(compose.services.fivealarm.volumes.includes('data:/data'));
});

test('nothing of compose is published beyond this machine', () => {
  for (const [name, service] of Object.entries<{ ports?: string[] }>(compose.services)) {
    for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, `${name} publishes ${port}`);
  }
});

test('volumes, networks, configs, secrets and services that compose refers to are declared', () => {
  for (const service of Object.values<Record<string, any>>(compose.services)) {
    for (const volume of service.volumes ?? []) assert.ok(volume.split(':')[0] in compose.volumes, volume);
    for (const network of service.networks ?? []) assert.ok(network in compose.networks, network);
    for (const config of service.configs ?? []) assert.ok(config.source in compose.configs, config.source);
    for (const secret of service.secrets ?? []) assert.ok(secret in compose.secrets, secret);
    for (const other of service.depends_on ?? []) assert.ok(other in compose.services, other);
  }
  assert.deepEqual(compose.services.postgres.profiles, ['postgres'], 'PostgreSQL starts only when asked for');
});

const nginxSite: string = compose.configs.nginx_site.content.replaceAll('$$', '$');

test(
  "nginx takes the sample site's configuration",
  { skip: spawnSync('nginx', ['-v']).error ? 'nginx is not installed' : false },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'fivealarm-nginx-'));
    try {
      const site = nginxSite
        .replace('server=fivealarm:5514', 'server=127.0.0.1:5514')
        .replace('listen 80;', 'listen 127.0.0.1:18080;');
      writeFileSync(join(folder, 'nginx.conf'), `pid ${folder}/pid; error_log stderr; events {} http { ${site} }`);
      const run = spawnSync('nginx', ['-t', '-q', '-p', folder, '-c', join(folder, 'nginx.conf')], {
        encoding: 'utf8',
      });
      assert.equal(run.status, 0, run.stderr);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test("a line of the sample site's log_format is read with the evidence that tells its 502 apart", () => {
  const values: Record<string, string> = {
    time_iso8601: '2026-05-04T10:00:00+00:00',
    remote_addr: '203.0.113.7',
    host: 'shop.example',
    request_method: 'GET',
    request_uri: '/cart?id=1',
    status: '502',
    body_bytes_sent: '157',
    request_time: '0.001',
    upstream_addr: '10.0.0.3:3000',
    upstream_status: '502',
    upstream_connect_time: '-',
    upstream_header_time: '-',
    upstream_response_time: '0.001',
    upstream_bytes_received: '0',
  };
  const template = [
    ...nginxSite.slice(nginxSite.indexOf('log_format'), nginxSite.indexOf('access_log')).matchAll(/'([^']*)'/g),
  ]
    .map((m) => m[1])
    .join('');
  const line = template.replace(/\$(\w+)/g, (_, name: string) => values[name]);
  const bytes = Buffer.from(line, 'latin1'),
    hit = new Hit();
  hit.reset(bytes);
  assert.equal(openLineReader().read({ bytes, text: line }, 0, bytes.length, hit), undefined);
  const exchange = exchangeOf(hit);
  assert.equal(exchange.code, 502);
  assert.equal(exchange.upstream, '10.0.0.3:3000');
  assert.equal(exchange.connectMs, null);
});
