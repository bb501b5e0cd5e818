// `fivealarm serve`: gives the composed server its socket, its timers and what feeds itself, and stops them in order.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { leaveAddress, removeAddress } from '../address.ts';
import { compose, type Server } from '../compose.ts';
import { ConfigError, configHelp, isLoopback, readConfig, type Config } from '../config.ts';
import { startDemo } from '../demo/demo.ts';
import { Failure } from '../errors.ts';
import { FormatError } from '../formats/line-reader.ts';
import { listenSyslog, type Syslog } from '../receive/syslog.ts';
import { tail } from '../receive/tail.ts';
import { every } from './every.ts';
import type { Command, Io } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TICK_MS = 1000;
/** Connections that the system keeps waiting for us: a fleet of shippers returns all at once. */
const BACKLOG = 1024;
/** A stop that takes longer than this ends hard: what was acknowledged is durable anyway. */
const STOP_MS_MAX = 8000;

export const command = {
  name: 'serve',
  summary: 'the server: page, API, receivers (the default)',
  usage: `[serve] [options]\n\n${configHelp()}\n`,

  async run(argv: string[], io: Io): Promise<number> {
    let config: Config;
    try {
      config = readConfig(argv, io.env, (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      for (const problem of error.problems) io.stderr.write(`fivealarm: ${problem}\n`);
      return 2;
    }
    if (!isLoopback(config.host) && !config.trustNetwork) {
      io.stderr.write(`fivealarm: listening on ${config.host} would let everyone who reaches this machine read and change everything: there is no login yet.\n`
        + 'Keep it on 127.0.0.1 behind a reverse proxy that asks for a password, or, on a network that you trust whole, say so with --trust-network.\n');
      return 2;
    }
    if (config.syslog !== '' && !isLoopback(syslogAddress(config).host) && !config.trustNetwork) {
      io.stderr.write(`fivealarm: syslog on ${syslogAddress(config).host} would take lines from everyone who reaches this machine. Say so with --trust-network.\n`);
      return 2;
    }
    if (config.demo) config = { ...config, dataDir: mkdtempSync(join(tmpdir(), 'fivealarm-demo-')), tail: [], syslog: '' };
    try {
      return await serve(config, io);
    } finally {
      if (config.demo) rmSync(config.dataDir, { recursive: true, force: true });
    }
  },
} as const satisfies Command;

async function serve(config: Config, io: Io): Promise<number> {
  let broken: Error | undefined;
  const stopped = new AbortController();
  const stop = AbortSignal.any([io.stop, stopped.signal]);
  let server: Server;
  try {
    server = await compose({
      config, now: io.now, version: version(), pageFolder: join(ROOT, 'web', 'dist'), log: { write: (line) => void io.stderr.write(line) },
      stopping: () => stop.aborted,
      onBroken(error) {
        broken = error;
        stopped.abort();
      },
    });
  } catch (error) {
    return refuse(error, io);
  }
  const { app, ingest } = server;
  let syslog: Syslog | undefined;
  try {
    if (config.syslog !== '') syslog = await listenSyslog(ingest.receive, { ...syslogAddress(config), say: (message) => app.log.info(message) });
    await app.listen({ host: config.host, port: config.port, backlog: BACKLOG });
  } catch (error) {
    await syslog?.close();
    await server.close();
    return refuse(error, io);
  }
  const url = urlOf(app, config);
  leaveAddress(config.dataDir, url);
  greet(io, config, url, syslog);

  const failed = (what: string) => (error: unknown) => app.log.error({ err: error }, what);
  const ticking = every(TICK_MS, () => server.tick(), failed('tick'));
  const following = config.tail.length > 0 ? tail(ingest.receive, { files: config.tail, from: 'start', say: (message) => app.log.info(message) }) : undefined;
  const demo = config.demo ? startDemo(ingest.receive, failed('demo')) : undefined;

  await new Promise<void>((done) => (stop.aborted ? done() : stop.addEventListener('abort', () => done(), { once: true })));
  const hard = setTimeout(() => process.exit(1), STOP_MS_MAX);
  // What feeds itself stops first; senders with a request in flight get their answer; then the last commit.
  await Promise.all([following?.close(), syslog?.close(), demo?.close(), ticking.close()]);
  await server.close();
  removeAddress(config.dataDir);
  clearTimeout(hard);
  if (broken !== undefined) io.stderr.write(`fivealarm: ${broken.message}\n`);
  return broken === undefined ? 0 : 1;
}

/** What went wrong before we could start, in words. */
function refuse(error: unknown, io: Io): number {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof Failure) io.stderr.write(`fivealarm: ${message}${error.hint === undefined ? '' : ` ${error.hint}`}\n`);
  else if (error instanceof FormatError) io.stderr.write(`fivealarm: in \`sources\`: ${message}\n`);
  else if (code === 'EADDRINUSE') io.stderr.write(`fivealarm: the port is taken: ${message}. Is it running already? Another one is given with --port.\n`);
  else if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'EROFS' || code === 'ENOTDIR') io.stderr.write(`fivealarm: ${message}\n`);
  else throw error;
  return 1;
}

/** `5514` listens where the server does, `[::1]:5514` where it says. */
function syslogAddress(config: Config): { host: string; port: number } {
  const colon = config.syslog.lastIndexOf(':');
  const host = colon === -1 ? config.host : config.syslog.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host, port: Number(config.syslog.slice(colon + 1)) };
}

function urlOf(app: FastifyInstance, config: Config): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function greet(io: Io, config: Config, url: string, syslog: Syslog | undefined): void {
  io.stdout.write([
    `Fivealarm ${version()} is at ${url}`,
    config.demo ? '  Sample traffic is running; it is kept nowhere and gone when this stops.' : `  Data folder: ${resolve(config.dataDir)}`,
    ...config.tail.map((file) => `  Following ${file}`),
    ...(syslog === undefined ? [] : [`  Syslog: UDP and TCP, port ${syslog.port}`]),
    `  Send a first line:  echo '203.0.113.7 - - [${clfNow(io.now())}] "GET / HTTP/1.1" 200 12' | curl --data-binary @- ${url}/ingest/my-site`,
    '',
  ].join('\n'));
}

function clfNow(now: number): string {
  const [, date, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(now).toUTCString())!;
  return `${date}/${month}/${year}:${time} +0000`;
}

let read: string | undefined;
const version = (): string => (read ??= (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version);
