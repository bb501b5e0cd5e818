import { test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, configHelp, configTable, durationMs, isLoopback, readConfig } from '../server/config.ts';

const files = (contents: Record<string, string>) => (path: string) => contents[path];
const none = files({});
const problems = (argv: string[], env: Record<string, string>, contents: Record<string, string>) => {
  try {
    readConfig(argv, env, files(contents));
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
  return assert.fail('no problem was found');
};

test('flags win over variables, variables over the file, the file over the defaults', () => {
  const file = { 'fivealarm.json': '{"port":1,"host":"::1","keep10s":"3d"}' };
  const config = readConfig(['--port', '3'], { FIVEALARM_PORT: '2', FIVEALARM_HOST: '127.0.0.2' }, files(file));
  assert.deepEqual([config.port, config.host, config.keep10s, config.keep1m], [3, '127.0.0.2', '3d', '35d']);
});

test('lists come from repeated flags and from commas', () => {
  assert.deepEqual(readConfig(['--tail', 'a', '--tail', 'b=c'], {}, none).tail, ['a', 'b=c']);
  assert.deepEqual(readConfig([], { FIVEALARM_TAIL: 'a, b=c' }, none).tail, ['a', 'b=c']);
});

test('a switch is on by its name and off by --no-', () => {
  assert.equal(readConfig(['--demo'], {}, none).demo, true);
  assert.equal(readConfig(['--no-demo'], { FIVEALARM_DEMO: '1' }, none).demo, false);
});

test('a secret comes from a file that a variable names', () => {
  assert.deepEqual(
    readConfig([], { FIVEALARM_INGEST_TOKENS_FILE: '/run/secrets/t' }, files({ '/run/secrets/t': 'one\ntwo\n' }))
      .ingestTokens,
    ['one', 'two'],
  );
  assert.match(problems([], { FIVEALARM_INGEST_TOKENS_FILE: '/none' }, {})[0], /no file \/none/);
});

test('what is unknown is an error in the file, the variables and the flags, with the name that was meant', () => {
  assert.deepEqual(problems([], { FIVEALARM_PROT: '1' }, { 'fivealarm.json': '{"hots":[]}' }), [
    'fivealarm.json: there is no setting "hots"; did you mean "hosts"?',
    'FIVEALARM_PROT: there is no such setting; did you mean "FIVEALARM_PORT"?',
  ]);
  assert.throws(() => readConfig(['--prot', '1'], {}, none), { code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' });
});

test('every wrong value is told at once, with what it is', () => {
  const said = problems(
    ['--port', 'x'],
    { FIVEALARM_DEMO: 'maybe' },
    { 'c.json': '{}', 'fivealarm.json': '{"keep1m":"5x","logLevel":"loud","sources":{"a":{"fmt":"x"}}}' },
  );
  for (const pattern of [
    /^--port: takes a number, not "x"/,
    /^FIVEALARM_DEMO: takes true or false/,
    /^keep1m: .*"5x"/,
    /^logLevel: /,
    /^sources\.a: /,
  ]) {
    assert.ok(
      said.some((s) => pattern.test(s)),
      `${pattern} in ${said.join('; ')}`,
    );
  }
});

test('a named config file must be there, hold JSON, and an object', () => {
  assert.match(problems(['--config', 'x.json'], {}, {})[0], /x\.json: there is no such file/);
  assert.match(problems([], { FIVEALARM_CONFIG: 'x.json' }, { 'x.json': '{' })[0], /x\.json: not JSON/);
  assert.match(problems(['--config', 'x.json'], {}, { 'x.json': '[]' })[0], /one JSON object/);
});

test('a secret is not repeated in an error', () => {
  assert.ok(
    !problems([], {}, { 'fivealarm.json': '{"ingestTokens":[""],"port":"hunter2"}' }).some(
      (s) => /hunter2/.test(s) && /ingest/.test(s),
    ),
  );
});

test('help and the table name every setting', () => {
  assert.match(configHelp(), /--data-dir DIRECTORY +Directory of the database\. \(data\)/);
  assert.match(configTable(), /\| `keep10s` \| `--keep-10s` \| `FIVEALARM_KEEP_10S` \| `"2d"` \|/);
});

test('the README has the table as it is', () => {
  assert.ok(
    readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8').includes(
      `<!-- configuration -->\n${configTable()}\n<!-- /configuration -->`,
    ),
    'put what configTable() gives between the marks',
  );
});

test('durations and loopback addresses', () => {
  assert.equal(durationMs('36h'), 36 * 3_600_000);
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1']) assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '127.0.0.1.example.com', '10.0.0.1']) assert.ok(!isLoopback(host), host);
});
