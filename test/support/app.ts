// The whole server without its socket, on a real database in a temporary folder, with a clock that the test moves.
import type { Config } from '../../server/config.ts';
import { readConfig } from '../../server/config.ts';
import { compose, type Server } from '../../server/compose.ts';
import { temporaryFolder } from './server.ts';

export interface TestApp extends Server {
  /**
   * `now` in ms since the epoch: set it to move time. `stopping` is what SIGTERM sets. With `elapsed` there is a clock that cannot be
   * set beside: move both for time to pass.
   */
  clock: { now: number; stopping: boolean; elapsed?: number };
  dataDir: string;
  config: Config;
  /** Log lines so far. */
  log: string[];
}

interface Cleaning {
  after(work: () => unknown): void;
}

/** 2026-03-01T12:00:00Z, a Sunday. */
export const NOON = Date.UTC(2026, 2, 1, 12);

export async function openApp(
  t: Cleaning,
  settings: Partial<Config> = {},
  pageFolder?: string,
  now = NOON,
  elapsed?: number,
): Promise<TestApp> {
  const dataDir = settings.dataDir ?? temporaryFolder(t);
  const config: Config = { ...readConfig([], {}, () => undefined), logLevel: 'warn', dataDir, ...settings };
  const clock: TestApp['clock'] = { now, stopping: false, elapsed };
  const log: string[] = [];
  const server = await compose({
    config,
    now: () => clock.now,
    ...(elapsed === undefined ? {} : { elapsed: () => clock.elapsed! }),
    version: '0.0.0-test',
    pageFolder: pageFolder ?? dataDir,
    log: { write: (line) => void log.push(line) },
    stopping: () => clock.stopping,
    onBroken: (error) => {
      throw error;
    },
  });
  t.after(() => server.close());
  return Object.assign(server, { clock, dataDir, config, log });
}

/** A combined line, `at` ms since the epoch. */
export function combined(at: number, code: number, path = '/'): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date(at).toUTCString())!;
  return `203.0.113.7 - - [${day}/${month}/${year}:${time} +0000] "GET ${path} HTTP/1.1" ${code} 12 "-" "curl/8.5.0"`;
}
