// A server process under measurement: started with the flags of `npm start`, asked for its peak memory, stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const FLAGS = ['--initial-heap-size=512', '--max-semi-space-size=16'];

/** Linux's clock tick as /proc has it. */
const TICK_MS = 10;

export interface Server {
  url: string;
  /** Largest resident set so far, MB. */
  peak(): number;
  /** Processor time used so far, ms: what other programs on the machine disturb least. */
  cpu(): number;
  stop(): Promise<void>;
}

export async function startServer(args: readonly string[], profile?: string): Promise<Server> {
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const child: ChildProcess = spawn(process.execPath, [...FLAGS, ...profiling, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout!) {
    said += String(chunk);
    if (/is at http\S+/.test(said)) break;
  }
  const url = /is at (http:\/\/[^\s/]+)/.exec(said)?.[1];
  if (url === undefined) throw new Error(`the server did not start: ${said}`);
  return {
    url,
    peak: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))![1]) / 1000,
    cpu() {
      const [utime, stime] = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
        .slice(11, 13)
        .map(Number);
      return (utime + stime) * TICK_MS;
    },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
