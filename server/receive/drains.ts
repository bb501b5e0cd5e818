// Bodies that nobody wants, of requests that were refused for overload. They are read and dropped, so that their senders get to read
// the response: many read none before they have sent all, and what comes next on a connection is behind them. But no faster
// than leaves time for those that count.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { turns } from './turns.ts';

/** What one read takes at most. */
const READ_BYTES = 64 * 1024;
/** Reading a MiB takes about a millisecond: a quarter of the time at the most, and so long at once. */
const BYTES_A_MS = 256 * 1024;
const BURST_BYTES = 4 * 1024 * 1024;
const AGAIN_MS = 5;

export class Drains {
  /** Those that may not be read from now; each read is given out alone. */
  readonly #waiting = new Set<Socket>();
  #allowed = BURST_BYTES;
  #at = performance.now();
  #timer: NodeJS.Timeout | undefined;

  add(request: IncomingMessage): void {
    const { socket } = request;
    request.on('data', () => {
      if (request.complete || socket.destroyed) return;
      socket.pause();
      this.#waiting.add(socket);
      this.#next();
    });
    request.once('close', () => {
      if (this.#waiting.delete(socket)) socket.resume(); // for what comes next on it
    });
  }

  #next(): void {
    const now = performance.now();
    this.#allowed = Math.min(BURST_BYTES, this.#allowed + (now - this.#at) * BYTES_A_MS);
    this.#at = now;
    for (const socket of this.#waiting) {
      if (this.#allowed <= 0 || turns.isPutOff) break;
      this.#allowed -= READ_BYTES;
      this.#waiting.delete(socket);
      socket.resume();
    }
    if (this.#waiting.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#next();
    }, AGAIN_MS).unref();
  }
}
