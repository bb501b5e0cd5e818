import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { UsageError, type Io } from '../../server/commands/command.ts';
import { command } from '../../server/commands/parse.ts';

async function run(
  argv: string[],
  input: string | Buffer = '',
): Promise<{ code: number; rows: Record<string, unknown>[]; err: string }> {
  const stdout = new PassThrough(),
    stderr = new PassThrough();
  const out = stdout.toArray(),
    err = stderr.toArray();
  const io = {
    stdin: Readable.from([Buffer.from(input)]),
    stdout,
    stderr,
    env: {},
    now: () => 0,
    stop: new AbortController().signal,
  } as unknown as Io;
  const code = await command.run(argv, io);
  stdout.end();
  stderr.end();
  const rows = Buffer.concat(await out)
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { code, rows, err: Buffer.concat(await err).toString() };
}

const LINE =
  '203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET /a?b=1 HTTP/1.1" 502 157 "-" "curl" rt=0.012 us="502" uct="-" uht="-" ua="10.0.0.1:80"';

test('prints one object a line: what was read, why not, and who failed', async () => {
  const { code, rows } = await run(
    ['-'],
    `${LINE}\n\n203.0.113.7 - - [02/Jan/2026:15:04:05 +0000] "GET / HTTP/1.1" 2x2 1\n`,
  );
  assert.equal(code, 0);
  assert.deepEqual(rows, [
    {
      line: 1,
      ts: 1767366245000,
      code: 502,
      method: 'GET',
      path: '/a?b=1',
      route: '/a',
      upstream: '10.0.0.1:80',
      upstreamStatus: [502],
      durationMs: 12,
      bytes: 157,
      client: '203.0.113.7',
      cause: 'upstream_connection_refused',
      culprit: 'upstream-connect',
    },
    { line: 2, skipped: 'blank line' },
    { line: 3, rejected: 'status is not a code from 0 to 999' },
  ]);
});

test('reads UTF-16, as PowerShell writes it', async () => {
  const { rows } = await run(['-'], Buffer.from(`\ufeff${LINE}\r\n${LINE.replace('/a?b=1', '/ü')}\r\n`, 'utf16le'));
  assert.deepEqual(
    rows.map(({ code, path }) => [code, path]),
    [
      [502, '/a?b=1'],
      [502, '/ü'],
    ],
  );
});

test('reads gzip, from a file or a pipe, whatever it is called', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fivealarm-parse-'));
  try {
    const file = join(folder, 'access.log.1');
    writeFileSync(file, gzipSync(`${LINE}\n${LINE}`));
    assert.deepEqual(
      (await run([file])).rows.map(({ line, code }) => [line, code]),
      [
        [1, 502],
        [2, 502],
      ],
    );
    assert.equal((await run(['-'], gzipSync(LINE))).rows.length, 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the records of an array on one line carry the same line number', async () => {
  const { rows } = await run(
    ['-'],
    '[{"time":"2026-01-02T10:00:00Z","method":"GET","uri":"/c","status":201},{"time":"2026-01-02T10:00:00Z","method":"GET","uri":"/d","status":502}]\n',
  );
  assert.deepEqual(
    rows.map(({ line, code }) => [line, code]),
    [
      [1, 201],
      [1, 502],
    ],
  );
});

test('a line longer than 64 KiB is skipped and the next one read', async () => {
  const { rows } = await run(['-'], `${'x'.repeat(70_000)}\n${LINE}\n`);
  assert.deepEqual(
    rows.map(({ code, skipped }) => code ?? skipped),
    ['line longer than 64 KiB', 502],
  );
});

test('a pasted log_format decides how lines are read; one without a status is wrong usage', async () => {
  assert.deepEqual((await run(['-', '--format', '$status $request_method'], '503 GET\n')).rows, [
    { line: 1, code: 503, method: 'GET', cause: 'unknown', culprit: 'unknown' },
  ]);
  await assert.rejects(run(['-', '--format', '$remote_addr']), UsageError);
  await assert.rejects(run([]), UsageError);
});

test('a file that cannot be read is said and exits with 1', async () => {
  const { code, err } = await run(['/nowhere/access.log']);
  assert.equal(code, 1);
  assert.match(err, /cannot read \/nowhere\/access\.log/);
});
