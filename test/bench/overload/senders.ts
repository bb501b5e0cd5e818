// Many senders at once, from another process: they send the next body as soon as the last one is answered, and come again after a
// 503 when Retry-After says so (or at once, when they are impatient).
//   senders.ts FILE URL OPTIONS  →  Sent, as JSON
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

export interface SendOptions {
  bytes: number;
  senders: number;
  seconds: number;
  impatient: boolean;
  /** Every fourth sends gzip. */
  gzip: boolean;
  /** A new connection for every request. */
  dial: boolean;
}

export interface Sent {
  answered: number;
  refused: number;
  /** Statuses and events that are neither, and how often. */
  others: Record<string, number>;
  accepted: number;
  answerMs: number[];
  refusalMs: number[];
}

const [file, url] = process.argv.slice(2),
  options = JSON.parse(process.argv[4]) as SendOptions;
const { hostname, port } = new URL(url);
const log = readFileSync(file);
const bodies: Buffer[] = [];
for (let start = 0; start < log.length;) {
  const end = Math.min(log.length, log.lastIndexOf(10, start + options.bytes) + 1 || log.length);
  bodies.push(log.subarray(start, end));
  start = end;
}
const packed = options.gzip ? bodies.map((body) => gzipSync(body, { level: 1 })) : [];

const RAMP_MS = 2000;
const sent: Sent = { answered: 0, refused: 0, others: {}, accepted: 0, answerMs: [], refusalMs: [] };
let isOver = false,
  open = options.senders,
  posts = 0;

const note = (what: string): void => void (sent.others[what] = (sent.others[what] ?? 0) + 1);

class Sender {
  readonly #number: number;
  readonly #bodies: readonly Buffer[];
  readonly #encoding: string;
  #socket: Socket | undefined;
  #body = bodies[0];
  #startedAt = 0;
  #answer = '';

  constructor(number: number) {
    this.#number = number;
    const isPacked = options.gzip && number % 4 === 0;
    this.#bodies = isPacked ? packed : bodies;
    this.#encoding = isPacked ? 'Content-Encoding: gzip\r\n' : '';
  }

  /** The next body. */
  post(): void {
    this.#body = this.#bodies[posts++ % this.#bodies.length];
    this.#again();
  }

  #again(): void {
    if (isOver) return this.#finish();
    this.#answer = '';
    this.#startedAt = performance.now();
    const socket = (this.#socket ??= this.#dial());
    // A key of its own: the same bodies come round again, and are no repetition.
    socket.write(
      `POST /ingest/load-${this.#number % 8} HTTP/1.1\r\nHost: ${hostname}\r\nIdempotency-Key: ${this.#number}-${posts}-${this.#startedAt}\r\n${this.#encoding}Content-Length: ${this.#body.length}\r\n\r\n`,
    );
    socket.write(this.#body);
  }

  #dial(): Socket {
    const socket = connect(Number(port), hostname);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => {
      if (isOver || socket !== this.#socket) return;
      note('connection lost');
      this.#socket = undefined;
      setTimeout(() => this.#again(), 100);
    });
    socket.on('data', (chunk) => this.#read(chunk));
    return socket;
  }

  #read(chunk: Buffer): void {
    this.#answer += chunk.toString('latin1');
    const head = this.#answer.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(this.#answer);
    if (head === -1 || length === null || this.#answer.length < head + 4 + Number(length[1])) return;
    const ms = performance.now() - this.#startedAt,
      status = this.#answer.slice(9, 12),
      retryS = Number(/retry-after: (\d+)/i.exec(this.#answer.slice(0, head))?.[1]);
    if (options.dial) this.#hangUp();
    if (status === '200') {
      sent.answerMs.push(ms);
      sent.accepted += Number(/"accepted":(\d+)/.exec(this.#answer)?.[1] ?? 0);
      return isOver ? this.#finish() : this.post();
    }
    if (status === '503' && retryS > 0) {
      sent.refusalMs.push(ms);
      setTimeout(() => this.#again(), options.impatient ? 20 : retryS * 1000 * (1 + Math.random() / 2));
    } else {
      note(status);
      setTimeout(() => this.#again(), 1000);
    }
  }

  #hangUp(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #finish(): void {
    this.#hangUp();
    if (--open === 0) report();
  }
}

function report(): void {
  sent.answered = sent.answerMs.length;
  sent.refused = sent.refusalMs.length;
  process.stdout.write(JSON.stringify(sent), () => process.exit());
}

// Not all in one moment: what four hundred bodies take to be copied into sockets would be measured as the server's.
for (let i = 0; i < options.senders; i++) setTimeout(() => new Sender(i).post(), (RAMP_MS * i) / options.senders);
setTimeout(() => {
  isOver = true;
  // Whoever waits for a time to come again is told now; whoever waits for an answer gets it first, or is cut off.
  setTimeout(report, 15_000);
}, options.seconds * 1000);
