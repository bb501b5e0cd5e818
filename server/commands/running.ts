// A composed server with its socket, its timers and what feeds itself. `serve` runs one, and a second one beside it when somebody
// asks the first page for sample traffic.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { leaveAddress, removeAddress } from '../address.ts';
import { compose, type ComposeOptions } from '../compose.ts';
import type { Config } from '../config.ts';
import { startDemo } from '../demo/demo.ts';
import { listenSyslog, type Syslog } from '../receive/syslog.ts';
import { tail } from '../receive/tail.ts';
import { every } from './every.ts';

const PAGE = fileURLToPath(new URL('../../web/dist', import.meta.url));
const TICK_MS = 1000;
/** Connections that the system keeps waiting for us: a fleet of shippers returns all at once. */
const BACKLOG = 1024;

export interface Running {
  readonly url: string;
  readonly syslogPort: number | undefined;
  close(): Promise<void>;
}

/** Throws what keeps it from starting; nothing is left open then. */
export async function run(options: Omit<ComposeOptions, 'pageFolder'>): Promise<Running> {
  const { config } = options;
  const server = await compose({ ...options, pageFolder: PAGE });
  const { app, ingest } = server;
  let syslog: Syslog | undefined;
  try {
    if (config.syslog !== '')
      syslog = await listenSyslog(ingest.receive, {
        ...syslogAddress(config),
        say: (message) => app.log.info(message),
      });
    await app.listen({ host: config.host, port: config.port, backlog: BACKLOG });
  } catch (error) {
    await syslog?.close();
    await server.close();
    throw error;
  }
  const url = urlOf(app, config);
  leaveAddress(config.dataDir, url);
  const failed = (what: string) => (error: unknown) => app.log.error({ err: error }, what);
  const ticking = every(TICK_MS, () => server.tick(), failed('tick'));
  const following =
    config.tail.length > 0
      ? tail(ingest.receive, { files: config.tail, from: 'start', say: (message) => app.log.info(message) })
      : undefined;
  const demo = config.demo ? startDemo(ingest.receive, failed('demo')) : undefined;
  return {
    url,
    syslogPort: syslog?.port,
    async close() {
      // What feeds itself stops first; senders with a request in flight get their answer; then the last commit.
      await Promise.all([following?.close(), syslog?.close(), demo?.close(), ticking.close()]);
      await server.close();
      removeAddress(config.dataDir);
    },
  };
}

/** The same with sample traffic, in a data folder of its own that goes with it. */
export async function runDemo(options: Omit<ComposeOptions, 'pageFolder'>): Promise<Running> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fivealarm-demo-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true });
  try {
    const running = await run({ ...options, config: { ...options.config, demo: true, dataDir, tail: [], syslog: '' } });
    return { ...running, close: () => running.close().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/** `5514` listens where the server does, `[::1]:5514` where it says. */
export function syslogAddress(config: Config): { host: string; port: number } {
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
