// OTLP over HTTP against a server of the suite: what requests are made of, and how they are sent.
import { readFileSync } from 'node:fs';
import { before } from 'node:test';
import { startServer, suiteLife, temporaryFolder, type Running } from '../support/server.ts';

export const fixture = (name: string): Buffer => readFileSync(new URL(`../fixtures/otlp/${name}`, import.meta.url));
export const TYPES = { json: 'application/json', pb: 'application/x-protobuf' };

export interface OtlpServer {
  running: Running;
  post(path: string, body: Buffer | string, headers?: Record<string, string>): Promise<Response>;
  postJson(path: string, body: unknown): Promise<Response>;
  /** Killed as by the kernel, and started over what it left. */
  restart(): Promise<void>;
}

/** Within a suite: started before its tests, stopped after them. */
export function otlpServer(): OtlpServer {
  const life = suiteLife();
  const server: OtlpServer = {
    running: undefined as unknown as Running,
    post: (path, body, headers = {}) =>
      fetch(`${server.running.url}${path}`, {
        method: 'POST',
        body: new Uint8Array(Buffer.from(body)),
        headers: { 'content-type': TYPES.json, ...headers },
      }),
    postJson: (path, body) => server.post(path, JSON.stringify(body)),
    async restart() {
      await server.running.kill();
      server.running = await startServer(life, { dataDir: server.running.dataDir });
    },
  };
  before(async () => {
    server.running = await startServer(life, { dataDir: temporaryFolder(life), args: ['--max-body-mib', '64'] });
  });
  return server;
}

export const nanos = (ms: number): string => `${BigInt(Date.now() + ms) * 1_000_000n}`;
export const attribute = (key: string, value: unknown) => ({ key, value });
export const service = (name: string) => ({ attributes: [attribute('service.name', { stringValue: name })] });
export const record = (code: number) => ({
  timeUnixNano: nanos(code % 7),
  attributes: [
    attribute('http.response.status_code', { intValue: String(code) }),
    attribute('http.request.method', { stringValue: 'GET' }),
  ],
});
export const logs = (source: string, logRecords: unknown[]) => ({
  resourceLogs: [{ resource: service(source), scopeLogs: [{ logRecords }] }],
});
export const point = (key: string, code: number, value: object) => ({
  startTimeUnixNano: nanos(-60_000),
  timeUnixNano: nanos(0),
  attributes: [attribute(key, { intValue: String(code) })],
  ...value,
});

/** Now, as 10/Oct/2000:13:55:36 +0000. */
export function clf(): string {
  const [, date, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(new Date().toUTCString())!;
  return `${date}/${month}/${year}:${time} +0000`;
}
