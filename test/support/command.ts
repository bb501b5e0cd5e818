// A command without a process of its own.
import { PassThrough } from 'node:stream';
import type { Command } from '../../server/commands/command.ts';

/** One that would go on (the server) is stopped once it says something. */
export async function run(command: Command, ...argv: string[]): Promise<{ code: number; said: string; out: string }> {
  const stop = new AbortController();
  const stdout = new PassThrough(),
    stderr = new PassThrough();
  const out: Buffer[] = [];
  stdout.on('data', (bytes: Buffer) => {
    out.push(bytes);
    stop.abort();
  });
  const code = await command.run(argv, {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    now: Date.now,
    stop: stop.signal,
  });
  await new Promise((resolve) => setImmediate(resolve));
  return { code, said: String(stderr.read() ?? ''), out: Buffer.concat(out).toString() };
}
