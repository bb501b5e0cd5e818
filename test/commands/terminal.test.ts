// Whatever stands in a log, in the name of a file or in an option: a terminal gets text, and no line that somebody else wrote.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import { command as check } from '../../server/commands/check.ts';
import type { Command, Io } from '../../server/commands/command.ts';
import { command as explain } from '../../server/commands/explain.ts';
import { command as importing } from '../../server/commands/import.ts';
import { command as parse } from '../../server/commands/parse.ts';
import { command as replay } from '../../server/commands/replay.ts';
import { visibly } from '../../server/commands/terminal.ts';

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fivealarm-terminal-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A title, red, 8-bit CSI, an operating system command, text turned round, a line of its own, one written over. */
const EVIL = '\x1b]0;owned\x07\x1b[31m\u009b2J\u202etxt.exe\u2066\u200b\x7f\x08\r\nINJECTED line';
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;
const raw = EVIL.replace(/[\r\n]/g, '');
const json = JSON.stringify;

const AT = Date.UTC(2026, 0, 2, 15, 4, 5);
const lines = (line: (ts: number) => string): string =>
  Array.from({ length: 400 }, (_, i) => line(AT + i * 1000)).join('\n');
const LOGS: Record<string, string> = {
  'combined.log': lines(
    (ts) =>
      `203.0.113.7 - ${raw} [${clf(ts)}] "GET /${raw} HTTP/1.1" 502 157 "-" "${raw}" ua="10.0.0.1:80${raw}" us="502" uct="-"`,
  ),
  'json.log': lines((ts) =>
    json({
      time: new Date(ts).toISOString(),
      remote_addr: EVIL,
      host: EVIL,
      request_method: 'POST',
      uri: `/x${EVIL}`,
      status: 502,
      upstream_addr: EVIL,
      upstream_status: '502',
      request_time: 0.1,
      body_bytes_sent: 1,
      error: EVIL,
    }),
  ),
  'envoy.log': lines((ts) =>
    json({
      start_time: new Date(ts).toISOString(),
      method: 'GET',
      path: `/${EVIL}`,
      response_code: 503,
      response_flags: `UF${EVIL}`,
      response_code_details: EVIL,
      upstream_host: EVIL,
      authority: EVIL,
      upstream_cluster: EVIL,
      route_name: EVIL,
    }),
  ),
  'haproxy.log': lines(
    (ts) =>
      `203.0.113.7:51234 [${clf(ts).slice(0, 20)}.123] http-in${raw} app/s1${raw} 0/0/-1/-1/110 503 157 - - SC-- 1/1/1/1/0 0/0 "GET /${raw} HTTP/1.1"`,
  ),
  'counts.log': lines((ts) => json({ ts: ts / 1000, source: EVIL, code: ts % 7000 === 0 ? 200 : 503, count: 50 })),
  'none.log': lines(() => `"GET /${raw} HTTP/1.1" nothing ${raw}`),
  'nginx.conf': `log_format ${raw} '$remote_addr ${raw} $status';\naccess_log /x${raw} combined;\n`,
};

function clf(ts: number): string {
  const [, day, month, year, time] = new Date(ts).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}

const commands: Record<string, Command> = { parse, explain, check, replay, import: importing };

/** As the process would say it, without starting one. */
async function saidHere(name: string, ...args: string[]): Promise<string> {
  const written = new PassThrough();
  const stream = visibly(written as unknown as NodeJS.WriteStream);
  const io: Io = {
    stdin: Readable.from([]),
    stdout: stream,
    stderr: stream,
    env: {},
    now: () => AT,
    stop: new AbortController().signal,
  };
  const all = text(written);
  await commands[name].run(args, io);
  written.end();
  return all;
}

function said(...args: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    input: '',
  });
  return stdout + stderr;
}

function isOurs(text: string, what: string): void {
  isText(text, what);
  assert.ok(!/^\s*INJECTED/m.test(text), `${what} has a line of somebody else's: ${text}`);
}

function isText(text: string, what: string): void {
  const at = OBEYED.exec(text)?.index ?? -1;
  assert.equal(at, -1, `${what}: ${json(text.slice(Math.max(0, at - 80), at + 20))}`);
  assert.notEqual(text, '', what);
}

test('no command hands on what a terminal obeys', async () => {
  const named = join(folder, `a${raw}b`);
  mkdirSync(named);
  for (const [name, log] of Object.entries(LOGS)) {
    const file = join(named, name);
    writeFileSync(file, log);
    for (const command of ['parse', 'explain', 'check', 'replay'])
      isOurs(await saidHere(command, file), `${command} ${name}`);
    for (const command of ['explain', 'check', 'replay'])
      isText(await saidHere(command, file, '--json'), `${command} --json ${name}`);
    isOurs(await saidHere('import', file, '--data-dir', join(folder, name)), `import ${name}`);
  }
  isOurs(said('explain', join(named, 'combined.log')), 'the process');
});

test('neither do errors about options, files and settings', async () => {
  for (const command of Object.keys(commands))
    isOurs(await saidHere(command, EVIL, ...(command === 'import' ? ['--data-dir', join(folder, 'd')] : [])), command);
  const settings = join(folder, `fivealarm${raw}.json`);
  writeFileSync(settings, json({ [EVIL]: 1, port: EVIL, sources: { [EVIL]: { format: EVIL } } }));
  for (const args of [
    [EVIL],
    ['parse', '-', '--format', EVIL],
    ['check', '--config', settings],
    ['serve', '--config', settings],
    ['serve', '--data-dir', join(folder, EVIL, 'x'), '--host', EVIL],
  ])
    isText(said(...args), args.map((arg) => json(arg)).join(' '));
});

test('what is escaped in JSON keeps its value', () => {
  const file = join(folder, 'one.log');
  writeFileSync(
    file,
    json({
      time: '2026-01-02T15:04:05Z',
      request_method: 'GET',
      uri: '/\u009b\u202e\u007fx',
      status: 502,
      body_bytes_sent: 1,
    }),
  );
  const printed = said('parse', file);
  isText(printed, 'parse');
  assert.equal((JSON.parse(printed) as { path: string }).path, '/\u009b\u202e\u007fx');
});
