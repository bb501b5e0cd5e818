// `fivealarm serve`: the composition root of the server. Everything is made here, handed to what needs it, and closed in
// the opposite order.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { leaveAddress, removeAddress } from '../address.ts';
import { buildApp } from '../app.ts';
import { ConfigError, configHelp, isLoopback, readConfig, type Config } from '../config.ts';
import { startDemo } from '../demo/demo.ts';
import { Failure } from '../errors.ts';
import { FormatError } from '../formats/line-reader.ts';
import { openIngest, type Ingest } from '../ingest.ts';
import { createHub, type LiveHub } from '../live/hub.ts';
import { LiveWindow } from '../live/window.ts';
import { Rates, sourceStatuses } from '../receive/source-status.ts';
import { listenSyslog, type Syslog } from '../receive/syslog.ts';
import { tail } from '../receive/tail.ts';
import { SNAPSHOT_MS } from '#shared/live.ts';
import { every } from './every.ts';
import type { Command, Io } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TICK_MS = 1000;
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
  const log = { write: (line: string) => void io.stderr.write(line) };
  let app: FastifyInstance | undefined;
  let ingest: Ingest;
  try {
    ingest = await openIngest({
      config, now: io.now,
      onBroken(error) {
        broken = error;
        stopped.abort();
      },
      onTrouble: (error) => app?.log.error({ err: error }, 'work beside the commits'),
    });
  } catch (error) {
    return refuse(error, io);
  }
  const live = await makeLive(ingest, config, io, (error) => app?.log.error({ err: error }, 'live'));
  app = await buildApp({
    ...ingest, config, version: version(), now: io.now, pageFolder: join(ROOT, 'web', 'dist'), log, hub: live.hub,
    sources: live.sources, annotated: (annotation) => live.hub.annotated(annotation),
    notReady: () => (stop.aborted ? 'The server is stopping.' : undefined),
    gauges: async () => ({
      sourceName: (id) => ingest.pipeline.sourceName(id), queued: 0, liveClients: live.hub.clients, openIncidents: { page: 0, warn: 0 }, startedAt: live.startedAt, version: version(),
    }),
  });
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await app.close();
    await ingest.close();
    return refuse(error, io);
  }
  const url = urlOf(app, config);
  leaveAddress(config.dataDir, url);
  greet(io, config, url);

  const failed = (what: string) => (error: unknown) => app.log.error({ err: error }, what);
  const ticking = every(TICK_MS, () => live.hub.tick(), failed('tick'));
  const following = config.tail.length > 0 ? tail(ingest.receive, { files: config.tail, from: 'start', say: (message) => app.log.info(message) }) : undefined;
  let syslog: Syslog | undefined;
  try {
    syslog = config.syslog === '' ? undefined : await listenSyslog(ingest.receive, { ...syslogAddress(config), say: (message) => app.log.info(message) });
  } catch (error) {
    await Promise.all([following?.close(), ticking.close()]);
    await app.close();
    await ingest.close();
    return refuse(error, io);
  }
  const demo = config.demo ? startDemo(ingest.receive, failed('demo')) : undefined;

  await new Promise<void>((done) => (stop.aborted ? done() : stop.addEventListener('abort', () => done(), { once: true })));
  const hard = setTimeout(() => process.exit(1), STOP_MS_MAX);
  // What feeds itself stops first; senders with a request in flight get their answer; then the last commit.
  await Promise.all([following?.close(), syslog?.close(), demo?.close(), ticking.close()]);
  await app.close();
  await ingest.close();
  removeAddress(config.dataDir);
  clearTimeout(hard);
  if (broken !== undefined) io.stderr.write(`fivealarm: ${broken.message}\n`);
  return broken === undefined ? 0 : 1;
}

/** `5514`, `0.0.0.0:5514`, `[::1]:5514`; a port alone is on the same address as the rest. */
function syslogAddress({ syslog, host }: Config): { host: string; port: number } {
  const [, given, port] = /^(?:(.*):)?(\d+)$/.exec(syslog)!;
  return { host: given === undefined || given === '' ? host : given.replace(/^\[|\]$/g, ''), port: Number(port) };
}

interface Live {
  hub: LiveHub;
  startedAt: number;
  sources(): ReturnType<typeof sourceStatuses>;
}

async function makeLive({ store, pipeline, doctor }: Ingest, config: Config, io: Io, failed: (error: unknown) => void): Promise<Live> {
  const startedAt = io.now();
  const rates = new Rates();
  const window = new LiveWindow();
  const ids = new Map((await store.sources.list()).map(({ id, name }) => [name, id]));
  await seed(window, ids, { from: startedAt - SNAPSHOT_MS, to: startedAt }, store);
  pipeline.onCommit((delta) => {
    const now = io.now();
    delta.forEachCount((source, second, code, count) => {
      window.add(source, second, code, count);
      rates.count(source, count, now);
    });
  });
  const openIncidents = async () => [];
  const sources = () => sourceStatuses({ sources: store.sources, doctor, rates, openIncidents }, io.now());
  const hub = createHub({
    window, version: version(), boot: randomBytes(8).toString('hex'), demo: config.demo, now: io.now, failed,
    sourceName: (id) => pipeline.sourceName(id), sources, openIncidents, annotations: (from, to) => store.annotations.list({ from, to }),
  });
  return { hub, startedAt, sources };
}

/** What was counted before the start, for the first snapshots. */
async function seed(window: LiveWindow, ids: ReadonlyMap<string, number>, range: { from: number; to: number }, { counts }: Pick<Ingest['store'], 'counts'>): Promise<void> {
  for (const [name, id] of ids) {
    const { from, step, series } = await counts.series({ ...range, step: 10_000, by: 'code', source: name });
    for (const { key, counts: buckets } of series) buckets.forEach((count, i) => { if (count > 0) window.seed(id, (from + i * step) / 1000, Number(key), count); });
  }
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

function urlOf(app: FastifyInstance, config: Config): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : config.port;
  const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function greet(io: Io, config: Config, url: string): void {
  io.stdout.write([
    `Fivealarm ${version()} is at ${url}`,
    config.demo ? '  Sample traffic is running; it is kept nowhere and gone when this stops.' : `  Data folder: ${resolve(config.dataDir)}`,
    ...config.tail.map((file) => `  Following ${file}`),
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
