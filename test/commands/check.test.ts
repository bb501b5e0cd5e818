// `fivealarm check`: logs, proxies' configurations and our own, each told by what it is.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import test from 'node:test';
import { command } from '../../server/commands/check.ts';
import type { Io } from '../../server/commands/command.ts';
import { combined } from '../support/app.ts';
import { temporaryFolder } from '../support/server.ts';

const AT = Date.UTC(2026, 2, 1, 12);

async function run(args: string[]): Promise<{ exit: number; out: string }> {
  const stdout = new PassThrough(),
    stderr = new PassThrough();
  const io: Io = {
    stdin: Readable.from([]),
    stdout,
    stderr,
    env: {},
    now: () => AT,
    stop: new AbortController().signal,
  };
  const exit = await command.run(args, io);
  return { exit, out: String(stdout.read() ?? '') };
}

test('a log: the lost POST is found, with evidence, rule and fix', async (t) => {
  const file = join(temporaryFolder(t), 'access.log');
  writeFileSync(
    file,
    Array.from(
      { length: 4 },
      (_, i) =>
        `${combined(AT + i * 2000, 301, '/v1/orders').replace('"GET', '"POST')}\n${combined(AT + i * 2000, 405, '/v2/orders')}\n`,
    ).join(''),
  );
  const { exit, out } = await run([file]);
  assert.equal(exit, 0);
  assert.match(out, /! POST \/v1\/orders is answered 301, and clients come back with GET/);
  assert.match(out, /Rule: RFC 9110[\s\S]*Fix: {2}Answer 308/);
  const { findings } = JSON.parse((await run(['--json', file])).out) as { findings: { check: string; hits: number }[] };
  assert.deepEqual(
    findings.map(({ check, hits }) => [check, hits]),
    [['post-redirected', 4]],
  );
});

test('what was over before the log ends is found all the same', async (t) => {
  const file = join(temporaryFolder(t), 'access.log');
  const minute = (m: number, left: number, seconds: string): string =>
    Array.from(
      { length: 60 },
      (_, i) => `${combined(AT + m * 60_000 + i * 1000, i < left ? 499 : 200)} rt=${seconds}\n`,
    ).join('');
  writeFileSync(
    file,
    Array.from({ length: 90 }, (_, m) => (m >= 30 && m < 40 ? minute(m, 12, '0.900') : minute(m, 0, '0.100'))).join(''),
  );
  const { findings } = JSON.parse((await run(['--json', file])).out) as { findings: { check: string; hits: number }[] };
  assert.deepEqual(
    findings.map(({ check }) => check),
    ['impatient-clients'],
  );
  assert.ok(findings[0].hits > 60, `at its worst, not as it ended: ${findings[0].hits}`);
});

test('an nginx.conf: its log_format cannot tell, and the line to paste is there', async (t) => {
  const file = join(temporaryFolder(t), 'nginx.conf');
  writeFileSync(
    file,
    `http {\n  log_format main '$remote_addr "$request" $status $upstream_addr $upstream_status';\n}\n`,
  );
  assert.match(
    (await run([file])).out,
    /cannot tell your 502 from your app's: add \$upstream_connect_time and \$upstream_header_time[\s\S]*log_format main '/,
  );
});

test('our own configuration: every problem at once, and exit code 1', async (t) => {
  const file = join(temporaryFolder(t), 'fivealarm.json');
  writeFileSync(file, JSON.stringify({ prot: 5500, sources: { shop: { format: '$remote_addr $request' } } }));
  const { exit, out } = await run(['--config', file]);
  assert.equal(exit, 1);
  assert.match(out, /there is no setting "prot"; did you mean "port"\?/);
  writeFileSync(
    file,
    JSON.stringify({ sources: { shop: { format: '$remote_addr [$time_local] "$request" $status' } } }),
  );
  assert.match((await run(['--config', file])).out, /the format of source shop cannot tell your 502/);
});

test('a file that is neither, or is not there, is said to be so', async (t) => {
  const file = join(temporaryFolder(t), 'notes.txt');
  writeFileSync(file, 'shopping list\n');
  assert.deepEqual([(await run([file])).exit, (await run(['/nowhere.log'])).exit], [1, 1]);
  assert.match((await run([dirname(file)])).out, /it is a folder; name the files in it/);
});

test('a log whose time is not read is said to count at arrival', async (t) => {
  const file = join(temporaryFolder(t), 'access.json');
  const untimed = '{"method":"GET","path":"/a","status":502,"duration_ms":5,"remote_addr":"203.0.113.7"}\n';
  writeFileSync(file, untimed.repeat(2));
  assert.match(
    (await run([file])).out,
    /no time is read from any of the requests: the server counts such lines at arrival/,
  );
  writeFileSync(file, `${untimed}203.0.113.7 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 5 "-" "x"\n`);
  assert.match((await run([file])).out, /no time is read from 1 of 2 requests/);
  assert.equal((JSON.parse((await run([file, '--json'])).out) as { untimed: number }).untimed, 1);
});
