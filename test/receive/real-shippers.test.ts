// Real shippers of Debian: what they make of a log with known statuses is counted exactly.
import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { temporaryFolder, totals, until } from '../support/server.ts';
import { ASKED, OVERALL, run, siteOfSuite, unpacked } from './site.ts';

suite('real shippers', () => {
  const site = siteOfSuite();

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
  action(type="omfwd" target="127.0.0.1" port="${site.syslog}" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")
  action(type="omfwd" target="127.0.0.1" port="${site.syslog}" protocol="tcp" template="lines")
  action(type="omelasticsearch" server="127.0.0.1" serverport="${new URL(site.server.url).port}" searchIndex="rsyslog-bulk" searchType="" bulkmode="on" template="bulk" action.resumeRetryCount="-1")
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
      assert.deepEqual(await until(() => totals(site.server.url, source), isWhole), ASKED, source);
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
destination web { http(url("${site.server.url}/ingest/syslog-ng-http") method("POST") batch-lines(10) batch-timeout(200)); };
destination tcp { network("127.0.0.1" port(${site.syslog}) transport("tcp")); };
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
      assert.deepEqual(await until(() => totals(site.server.url, source), isWhole), ASKED, source);
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
