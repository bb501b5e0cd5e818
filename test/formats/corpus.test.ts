// Real logs of other projects' suites, line by line against what those projects expect. A null status means: no hit may be read.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codes, parsed } from './parsed.ts';

const folder = new URL('../fixtures/formats/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8').replace(/\n$/, '');
const TEXT =
  /^(?:apache|aws-elb|haproxy|iis|lab|nginx|nginx-error|nginx-proxy-manager|other|syslog|traefik)(?:-\w+)?_.*\.log$/;

interface Expected {
  line: number;
  status: number | null;
  method?: string;
  url?: string;
}

for (const name of readdirSync(folder).filter(
  (file) => TEXT.test(file) && existsSync(new URL(`${file}.expected.jsonl`, folder)),
)) {
  test(`${name} reads as its own project expects`, () => {
    const rows = parsed(read(name));
    for (const line of read(`${name}.expected.jsonl`).split('\n')) {
      const expected = JSON.parse(line) as Expected;
      const row = rows[expected.line - 1];
      assert.equal(row.code ?? null, expected.status, `line ${expected.line}: ${JSON.stringify(row)}`);
      if (expected.url === undefined) continue;
      const path = String(row.path);
      // Some projects keep the query apart, some the whole URL of a proxied request.
      assert.ok(
        expected.url.endsWith(path) || path.startsWith(`${expected.url}?`),
        `line ${expected.line}: ${path} for ${expected.url}`,
      );
      assert.equal(row.method, expected.method, `line ${expected.line}`);
    }
  });
}

const known: Record<string, (number | null)[]> = {
  'apache_mtail_combined.log': [200, 200, 200, 200, 304],
  'apache_mtail_common.log': [304, 200, 404],
  'nginx_lnav_bad_access.log': [200, 404, 200],
  'syslog_lnav_syslog_with_access_log.log': [null, 200, 404, null, null],
  'iis_lnav_w3c_0.log': [null, null, null, null, 200],
  'iis_lnav_w3c_1.log': [null, null, null, null, null, null, 200],
  'haproxy_lnav_haproxy.log': [null, null, null, ...Array<number>(10).fill(200), null, 200, 200, 200],
};
for (const [name, expected] of Object.entries(known)) {
  test(`${name} gives the codes that stand in it`, () => assert.deepEqual(codes(read(name)), expected));
}

test('replies of an FTP server in a W3C log are no HTTP statuses', () => {
  assert.ok(codes(read('iis_lnav_w3c_2.log')).every((code) => code === null));
});

test('numbers in error, mail, firewall, database and application logs are no statuses', () => {
  const lines = read('negative.log').split('\n');
  for (const [i, code] of codes(lines.join('\n')).entries()) assert.equal(code, null, lines[i]);
});

test("Traefik's debug log gives no hit", () => {
  assert.ok(codes(read('traefik_crowdsec_debug.log')).every((code) => code === null));
});

test('six hundred lines of a real Apache log add up', () => {
  const totals = Map.groupBy(codes(read('apache_examples_first_600.log')), (code) => code);
  assert.deepEqual(Object.fromEntries([...totals].map(([code, lines]) => [code, lines.length])), {
    200: 526,
    206: 7,
    301: 52,
    304: 8,
    404: 7,
  });
});
