// `fivealarm serve`: reads the settings, refuses what would be unsafe, runs the server until it is told to stop.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError, configHelp, isLoopback, readConfig, type Config } from '../config.ts';
import { run, runDemo, syslogAddress, type Running } from './running.ts';
import { databaseIn, followTrouble, startTrouble, textIfThere } from './start-trouble.ts';
import { systemError } from './file-error.ts';
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
      config = readConfig(argv, io.env, textIfThere);
    } catch (error) {
      if (!(error instanceof ConfigError)) return refuse(systemError(error), error, io);
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
    if (config.demo) {
      const beside = besideDemo(argv);
      if (beside !== undefined) {
        io.stderr.write(`fivealarm: ${beside}\n`);
        return 2;
      }
    }
    const trouble = config.demo ? undefined : followTrouble(config.tail);
    return trouble === undefined ? serve(config, io) : refuse(trouble, undefined, io);
  },
} as const satisfies Command;

async function serve(config: Config, io: Io): Promise<number> {
  let broken: Error | undefined;
  const stopped = new AbortController();
  const stop = AbortSignal.any([io.stop, stopped.signal]);
  const common = {
    config,
    now: io.now,
    elapsed: io.elapsed,
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
    return refuse(startTrouble(error, config), error, io);
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
  if (broken !== undefined) io.stderr.write(`fivealarm: ${startTrouble(broken, config) ?? broken.message}\n`);
  return broken === undefined ? 0 : 1;
}

/** What goes wrong before we could start is said in words, unless nobody foresaw it. */
function refuse(trouble: string | undefined, error: unknown, io: Io): number {
  if (trouble === undefined) throw error;
  io.stderr.write(`fivealarm: ${trouble}\n`);
  return 1;
}

/** The demo makes its data up in a folder of its own, and takes nothing else in: who asks for more in the same breath is told so. */
function besideDemo(argv: string[]): string | undefined {
  const flag = ['--data-dir', '--tail', '--syslog'].find((name) =>
    argv.some((arg) => arg === name || arg.startsWith(`${name}=`)),
  );
  if (flag === undefined) return undefined;
  return `--demo and ${flag} exclude each other: the demo keeps its sample data in a temporary directory, removed when it stops, and takes nothing else in. Leave out one of them.`;
}

function greet(io: Io, config: Config, { url, syslogPort }: Running): void {
  io.stdout.write(
    [
      `Fivealarm ${version()} is at ${url}`,
      ...(config.demo
        ? demoWords(config)
        : [`  Data folder: ${resolve(config.dataDir)}`, ...config.tail.map((file) => `  Following ${file}`)]),
      ...(syslogPort === undefined ? [] : [`  Syslog: UDP and TCP, port ${syslogPort}`]),
      `  Send a first line:  echo '203.0.113.7 - - [${clfNow(io.now())}] "GET / HTTP/1.1" 200 12' | curl --data-binary @- ${url}/ingest/my-site`,
      '',
    ].join('\n'),
  );
}

/** Settings may name a data folder and more: it is said that they wait for the real server. */
function demoWords({ dataDir, tail, syslog }: Config): string[] {
  const unused = [
    ...(existsSync(databaseIn(dataDir)) ? [`the data folder ${resolve(dataDir)}`] : []),
    ...tail,
    ...(syslog === '' ? [] : ['syslog']),
  ];
  const words = '  Sample traffic is running; it is kept nowhere and gone when this stops.';
  return unused.length === 0 ? [words] : [words, `  Not used meanwhile: ${unused.join(', ')}.`];
}

function clfNow(now: number): string {
  const [, date, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(now).toUTCString())!;
  return `${date}/${month}/${year}:${time} +0000`;
}

let read: string | undefined;
const version = (): string =>
  (read ??= (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version);
