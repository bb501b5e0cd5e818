// Upgrades that a client offers and nobody here takes, "h2c" above all (curl --http2, Java's HttpClient, with every first
// request): the request is served as if it had not asked, which is what RFC 9110 §7.8 wants. Node hands such a request out
// without its body as soon as anybody listens for upgrades, so its head is put back in front of its connection, without the offer.
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Upgrades {
  on(event: 'upgrade', listener: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): unknown;
}

/** The upgrades of `server` to a WebSocket at `path`. All others are served as plain requests. */
export function webSocketsAt(path: string, server: Server): Upgrades {
  const taken = new EventEmitter();
  /** The last response that each connection is owed. */
  const owed = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => void owed.set(socket, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (request.headers.upgrade?.toLowerCase() === 'websocket' && pathOf(request) === path) {
      taken.emit('upgrade', request, socket, head);
      return;
    }
    const drop = (): void => void socket.destroy();
    const serve = (): void => {
      socket.removeListener('error', drop);
      if (socket.destroyed) return;
      socket.unshift(Buffer.concat([headOf(request), head]));
      server.emit('connection', socket);
    };
    const before = owed.get(socket);
    if (before === undefined || before.closed) return serve();
    socket.on('error', drop);
    before.once('close', serve);
  });
  return taken;
}

const pathOf = ({ url = '' }: IncomingMessage): string | undefined => URL.parse(url, 'http://x')?.pathname;

/** Headers that belong to the offer. */
const OFFER = /^(?:upgrade|http2-settings)$/i;

function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (OFFER.test(name)) continue;
    const value = /^connection$/i.test(name) ? withoutOffer(rawHeaders[i + 1]) : rawHeaders[i + 1];
    lines.push(`${name}: ${value}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

const withoutOffer = (connection: string): string =>
  connection
    .split(',')
    .filter((option) => !OFFER.test(option.trim()))
    .join(',');
