// One page: what it shows, what it was told, and how much of that it has taken. Nothing waits for it here but frames that are shared.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Message } from './message.ts';

/** So much may be on its way to a client; until it has taken that, it gets nothing more, and then only what is still news. */
const UNTAKEN_BYTES_MAX = 128 * 1024;
/** A client that takes no byte for this long is stalled, in ticks (s). */
const STALLED_TICKS = 10;
/** Of what it was not asked for (another view, pings of its own) so much is taken at once, and so much in each tick. */
const UNASKED_MAX = 50,
  UNASKED_PER_TICK = 5;
/** A short message is acknowledged every so many ticks. */
const PING_TICKS = 4;

export class LiveClient {
  readonly socket: WebSocket;
  readonly #stream: Duplex;
  /** The source it shows beside the sum of the others. */
  source: string | null;
  /** It knows its view up to this sequence; -1 knows nothing. */
  seq: number;
  /** What it lacks is being sent. */
  served = false;
  /** It has been greeted, with this view. */
  #greeted = false;
  /** Messages of its hello that are still to be sent. */
  #rest: readonly Message[] = [];
  /** The ticks at which it is pinged: not all clients in the same second. */
  readonly #phase: number;
  /** Pings without an answer yet, and the bytes up to each; bytes since the last of them. */
  readonly #asked: { ping: number; bytes: number }[] = [];
  #lastPing = -1;
  #untaken = 0;
  #unasked = 0;
  /** The tick at which it last took something, or was first asked. */
  #heardAt = 0;
  /** Pongs that it was asked for and has not given: it may leave some out. */
  #owed = 0;
  /** What it may still say without being asked, as of this tick. */
  #unaskedLeft = UNASKED_MAX;
  #unaskedAt = 0;

  constructor(socket: WebSocket, stream: Duplex, source: string | null, seq: number, phase: number) {
    this.socket = socket;
    this.#stream = stream;
    this.source = source;
    this.seq = seq;
    this.#phase = phase % PING_TICKS;
  }

  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  /** It has taken enough of what it was sent to be sent more. */
  get hasRoom(): boolean {
    return this.#untaken < UNTAKEN_BYTES_MAX && this.#stream.writableLength < UNTAKEN_BYTES_MAX;
  }

  /** It has been sent everything up to this sequence. */
  isAt(seq: number): boolean {
    return this.#greeted && this.seq === seq && this.#rest.length === 0;
  }

  /** It shows another view from now on: of that it knows nothing. */
  turnTo(source: string | null): void {
    this.source = source;
    this.seq = -1;
    this.#greeted = false;
    this.#rest = [];
  }

  /** Sends the next message of its hello; false when there is none. */
  sendRest(tick: number): boolean {
    if (this.#rest.length === 0) return false;
    this.#send(this.#rest[0], tick, true);
    this.#rest = this.#rest.slice(1);
    return true;
  }

  /** A hello is to be sent, which tells everything up to this sequence. */
  greet(hello: readonly Message[], seq: number): void {
    this.#rest = hello;
    this.#greeted = true;
    this.seq = seq;
  }

  tell(delta: Message, seq: number, tick: number): void {
    this.seq = seq;
    this.#send(delta, tick, false);
  }

  /** Every message of a hello asks for an answer; of the others one in a few. */
  #send(message: Message, tick: number, asks: boolean): void {
    const withPing = asks || tick % PING_TICKS === this.#phase,
      bytes = withPing ? message.bytes : message.plain;
    this.#stream.write(bytes);
    this.#untaken += bytes.length;
    this.#unasked += bytes.length;
    this.#owed += withPing ? message.pings : message.pings - 1;
    if (!withPing) return;
    if (this.#asked.length === 0) this.#heardAt = tick;
    this.#asked.push({ ping: message.ping, bytes: this.#unasked });
    this.#lastPing = message.ping;
    this.#unasked = 0;
  }

  /** It has taken everything up to this ping; false when it was not asked. */
  took(ping: number, tick: number): boolean {
    if (this.#owed === 0) return false;
    this.#owed--;
    if (!(ping <= this.#lastPing)) return true;
    this.#heardAt = tick;
    while (this.#asked.length > 0 && this.#asked[0].ping <= ping) this.#untaken -= this.#asked.shift()!.bytes;
    return true;
  }

  /** It says something that it was not asked for; false when that is too much. */
  maySay(tick: number): boolean {
    this.#unaskedLeft = Math.min(UNASKED_MAX, this.#unaskedLeft + UNASKED_PER_TICK * (tick - this.#unaskedAt));
    this.#unaskedAt = tick;
    return --this.#unaskedLeft >= 0;
  }

  isStalled(tick: number): boolean {
    return this.#asked.length > 0 && tick - this.#heardAt >= STALLED_TICKS;
  }
}
