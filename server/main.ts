// The command line: the only reader of argv, environment, signals and clock. Everything else is handed what it needs.
import { inspect } from 'node:util';
import { UsageError, type Command, type Io } from './commands/command.ts';
import { visible, visibly } from './commands/terminal.ts';
import { systemError } from './commands/file-error.ts';

/** Loaded when asked for, so that `parse` does not wait for the server's modules. */
const commands = {
  serve: async () => (await import('./commands/serve.ts')).command,
  import: async () => (await import('./commands/import.ts')).command,
  parse: async () => (await import('./commands/parse.ts')).command,
  replay: async () => (await import('./commands/replay.ts')).command,
  explain: async () => (await import('./commands/explain.ts')).command,
  ship: async () => (await import('./commands/ship.ts')).command,
  recover: async () => (await import('./commands/recover.ts')).command,
  check: async () => (await import('./commands/check.ts')).command,
} satisfies Record<string, () => Promise<Command>>;

const isCommand = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name);

async function help(): Promise<string> {
  const rows = await Promise.all(Object.values(commands).map(async (load) => load()));
  return [
    'Usage: fivealarm COMMAND [options]     (without a command: serve)',
    '',
    ...rows.map((c) => `  ${c.name.padEnd(9)}${c.summary}`),
    '',
    '`fivealarm COMMAND --help` says more.',
    '',
  ].join('\n');
}

async function main(argv: string[], io: Io): Promise<number> {
  const [first] = argv;
  if (first === 'help' || first === '--help' || first === '-h') {
    io.stdout.write(await help());
    return 0;
  }
  if (first !== undefined && !first.startsWith('-') && !isCommand(first)) {
    io.stderr.write(`fivealarm: there is no command "${first}".\n\n${await help()}`);
    return 2;
  }
  const named = first !== undefined && isCommand(first);
  const command: Command = await commands[named ? first : 'serve']();
  const rest = named ? argv.slice(1) : argv;
  if (rest.includes('--help') || rest.includes('-h')) {
    io.stdout.write(`${command.summary}\n\nUsage: fivealarm ${command.usage.trimEnd()}\n`);
    return 0;
  }
  try {
    return await command.run(rest, io);
  } catch (error) {
    const said = isUsageError(error) ? undefined : systemError(error);
    if (said !== undefined) {
      io.stderr.write(`fivealarm: ${said}\n`);
      return 1;
    }
    if (!isUsageError(error)) throw error;
    io.stderr.write(`fivealarm ${command.name}: ${error.message}\n\nUsage: fivealarm ${command.usage.trimEnd()}\n`);
    return 2;
  }
}

const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_'));

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130); // asked twice: no more patience
    stop.abort();
  });
}
// server/setup.mjs holds the other end of this channel: it closes when that is gone, even killed.
process.once('disconnect', () => stop.abort());
process.channel?.unref();
// `fivealarm parse … | head` closes our output early: that is the end of the work, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

// Of what nobody foresaw, too, a terminal gets no more than text.
process.on('uncaughtException', (error: unknown) => {
  process.stderr.write(visible(`${inspect(error)}\n`), () => process.exit(1));
});

process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: visibly(process.stdout),
  stderr: visibly(process.stderr),
  env: process.env,
  now: Date.now,
  elapsed: () => performance.now(),
  stop: stop.signal,
});
