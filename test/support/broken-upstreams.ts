// Upstreams that are broken on purpose, until closeUpstreams().
import { spawn } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const servers = new Set<Server>();
const stopped: { kill(signal: NodeJS.Signals): boolean }[] = [];
const held: Socket[] = [];

function listening(server: Server): Promise<number> {
  servers.add(server);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

export const answering = (listener: RequestListener) => () => listening(createServer(listener));

export const saying = (code: number, headers: Record<string, string> = {}) =>
  answering((request, response) => {
    request.resume();
    response.writeHead(code, headers).end('said\n');
  });

/** Answers each request with these bytes, as they are, and hangs up. */
export const raw = (bytes: string) => () =>
  listening(createTcpServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(bytes, 'latin1'))));

export const silent = () => listening(createTcpServer((socket) => socket.on('error', () => {}).resume()));

/** TLS without a certificate: no handshake succeeds. */
export const tlsWithoutCertificate = () => listening(createTlsServer({}).on('tlsClientError', () => {}));

/** A process that listens and is stopped: the kernel completes a few connections, then drops what else comes. */
export async function full(): Promise<number> {
  const child = spawn(
    process.execPath,
    [
      '-e',
      'require("net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, function () { console.log(this.address().port); })',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  stopped.push(child);
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes))),
  );
  child.kill('SIGSTOP');
  for (let i = 0; i < 6; i++) held.push(connect(port, '127.0.0.1').on('error', () => {}));
  return port;
}

export function closeUpstreams(): void {
  for (const socket of held.splice(0)) socket.destroy();
  for (const child of stopped.splice(0)) child.kill('SIGKILL');
  for (const each of servers) {
    each.close();
    if ('closeAllConnections' in each) (each as ReturnType<typeof createServer>).closeAllConnections();
    each.unref();
  }
  servers.clear();
}
