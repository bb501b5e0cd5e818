// Loggers of Node as senders: programs that log what they served, and other things, by way of the real packages. What was served is
// counted exactly, and nothing else is.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { before, suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SourceStatus } from '#shared/api.ts';
import {
  exitOf,
  freePort,
  startServer,
  suiteLife,
  temporaryFolder,
  totals,
  until,
  type Running,
} from '../support/server.ts';

/** As in support/loggers/service.mjs. */
const SERVED = { 200: 4, 304: 1, 404: 2, 500: 1, 502: 3 };
const ELSE = 5;
const RECORDS = Object.values(SERVED).reduce((a, b) => a + b) + ELSE;

const LOGGERS = [
  'pino-opentelemetry-transport',
  'pino-loki',
  'winston-loki',
  'elastic-elasticsearch',
  'pino-elasticsearch',
  'splunk-logging',
];

suite('loggers of Node', { concurrency: true }, () => {
  let server: Running;
  let syslog: number;
  const life = suiteLife();
  before(async () => {
    syslog = await freePort();
    server = await startServer(life, { dataDir: temporaryFolder(life), args: ['--syslog', String(syslog)] });
  });

  for (const name of LOGGERS) {
    test(name, async () => {
      const logger = start(`${name}.mjs`, server.url);
      assert.equal(await logger.ended, 0, logger.said());
      await assertCounted(name);
    });
  }

  for (const type of ['RFC5424', 'BSD']) {
    test(`winston-syslog over TCP, ${type}: it marks no end of its messages, and stays connected`, async () => {
      const logger = start('winston-syslog.mjs', String(syslog), type);
      await assertCounted(`winston-syslog-${type}`);
      logger.stop();
      await logger.ended;
    });
  }

  async function assertCounted(name: string): Promise<void> {
    const source = await until(
      () => statusOf(name),
      (status) => status?.received === RECORDS,
      15_000,
    );
    assert.deepEqual([source?.received, source?.skipped, source?.rejected], [RECORDS, ELSE, 0]);
    assert.deepEqual(await totals(server.url, name), SERVED);
  }

  async function statusOf(name: string): Promise<SourceStatus | undefined> {
    const { sources } = (await (await fetch(`${server.url}/api/sources`)).json()) as { sources: SourceStatus[] };
    return sources.find((source) => source.name === name);
  }
});

function start(script: string, ...args: string[]): { ended: Promise<number | null>; said(): string; stop(): void } {
  const path = fileURLToPath(new URL(`../support/loggers/${script}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  return { ended: exitOf(child), said: () => said, stop: () => void child.kill() };
}
