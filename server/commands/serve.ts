// `fivealarm serve`: reads the settings, refuses what would be unsafe, runs the server until it is told to stop.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, configHelp, isLoopback, readConfig, type Config } from '../config.ts';
import { Failure } from '../errors.ts';
import { FormatError } from '../formats/line-reader.ts';
import { run, runDemo, syslogAddress, type Running } from './running.ts';
import type { Command, Io } from './command.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
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
      io.stderr.write(
        `fivealarm: listening on ${config.host} would let everyone who reaches this machine read and change everything: there is no login yet.\n` +
          'Keep it on 127.0.0.1 behind a reverse proxy that asks for a password, or, on a network that you trust whole, say so with --trust-network.\n',
      );
      return 2;
    }
    if (config.syslog !== '' && !isLoopback(syslogAddress(config).host) && !config.trustNetwork) {
      io.stderr.write(
        `fivealarm: syslog on ${syslogAddress(config).host} would take lines from everyone who reaches this machine. Say so with --trust-network.\n`,
      );
      return 2;
    }
    return serve(config, io);
  },
} as const satisfies Command;

async function serve(config: Config, io: Io): Promise<number> {
  let broken: Error | undefined;
  const stopped = new AbortController();
  const stop = AbortSignal.any([io.stop, stopped.signal]);
  const common = {
    config,
    now: io.now,
    version: version(),
    log: { write: (line: string) => void io.stderr.write(line) },
    stopping: () => stop.aborted,
    onBroken(error: Error) {
      broken = error;
      stopped.abort();
    },
  };
  let sample: Promise<Running> | undefined;
  /** Only where the page and the demo are on the same machine. A start that failed may be tried again. */
  const startDemo =
    config.demo || !isLoopback(config.host)
      ? undefined
      : async () => {
          sample ??= runDemo({
            ...common,
            config: { ...config, port: 0 },
            onBroken: (error) => void io.stderr.write(`fivealarm: the demo: ${error.message}\n`),
          });
          sample.catch(() => (sample = undefined));
          return (await sample).url;
        };
  let server: Running;
  try {
    server = await (config.demo ? runDemo(common) : run({ ...common, startDemo }));
  } catch (error) {
    return refuse(error, io);
  }
  greet(io, config, server);

  await new Promise<void>((done) =>
    stop.aborted ? done() : stop.addEventListener('abort', () => done(), { once: true }),
  );
  const hard = setTimeout(() => process.exit(1), STOP_MS_MAX);
  await Promise.all([
    server.close(),
    sample?.then(
      (running) => running.close(),
      () => {},
    ),
  ]);
  clearTimeout(hard);
  if (broken !== undefined) io.stderr.write(`fivealarm: ${broken.message}\n`);
  return broken === undefined ? 0 : 1;
}

/** What went wrong before we could start, in words. */
function refuse(error: unknown, io: Io): number {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof Failure)
    io.stderr.write(`fivealarm: ${message}${error.hint === undefined ? '' : ` ${error.hint}`}\n`);
  else if (error instanceof FormatError) io.stderr.write(`fivealarm: in \`sources\`: ${message}\n`);
  else if (code === 'EADDRINUSE')
    io.stderr.write(
      `fivealarm: the port is taken: ${message}. Is it running already? Another one is given with --port.\n`,
    );
  else if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'EROFS' || code === 'ENOTDIR')
    io.stderr.write(`fivealarm: ${message}\n`);
  else throw error;
  return 1;
}

function greet(io: Io, config: Config, { url, syslogPort }: Running): void {
  io.stdout.write(
    [
      `Fivealarm ${version()} is at ${url}`,
      config.demo
        ? '  Sample traffic is running; it is kept nowhere and gone when this stops.'
        : `  Data folder: ${resolve(config.dataDir)}`,
      ...config.tail.map((file) => `  Following ${file}`),
      ...(syslogPort === undefined ? [] : [`  Syslog: UDP and TCP, port ${syslogPort}`]),
      `  Send a first line:  echo '203.0.113.7 - - [${clfNow(io.now())}] "GET / HTTP/1.1" 200 12' | curl --data-binary @- ${url}/ingest/my-site`,
      '',
    ].join('\n'),
  );
}

function clfNow(now: number): string {
  const [, date, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(now).toUTCString())!;
  return `${date}/${month}/${year}:${time} +0000`;
}

let read: string | undefined;
const version = (): string =>
  (read ??= (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version);
