// Syslog over UDP and TCP: nginx's and HAProxy's own, rsyslog, syslog-ng, devices. The protocol has no answers, so trouble of ours
// must not lose lines quietly: TCP senders are made to wait, and datagrams that find no room are counted and shown.
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Envelope } from '../formats/wrapping/envelope.ts';
import type { Chunk, Miss } from '../formats/format.ts';
import { LINE_TOO_LONG, rejected } from '../formats/misses.ts';
import { unwrapSyslog } from '../formats/wrapping/syslog.ts';
import type { Batch } from './batch.ts';
import { cleanSource } from './source-name.ts';
import type { ReceiverDeps } from './receiver.ts';
import { retrying } from './retry.ts';
import { Connection } from './syslog-connection.ts';
import { SyslogFrames } from './syslog-frames.ts';
import { turns } from './turns.ts';

export interface SyslogOptions {
  readonly host: string;
  readonly port: number;
  /** What of a message's header names the source: the program (nginx's `tag=`), the host, or both. */
  readonly sourceFrom?: 'program' | 'host' | 'host/program';
  /** After so long without a byte over TCP, the last message of a sender that marks no ends is whole; a second by default. */
  readonly silenceMs?: number;
  say(message: string): void;
}

export interface Syslog {
  readonly port: number;
  /** Stops taking, and commits what was taken. */
  close(): Promise<void>;
}

const SOURCE = 'syslog';
/** Messages are committed in groups: one transaction a datagram would be waste. */
const GROUP_MS = 100;
/** While one group commits, the next may grow to this; then TCP senders wait, and datagrams are dropped and counted. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
/** A burst must survive the pause of a commit in the kernel's buffer (the system may grant less). */
const UDP_BUFFER_BYTES = 8 * 1024 * 1024;
const CONNECTIONS_MAX = 1000;
const SILENCE_MS = 1000;

/** What a message costs beside its bytes. */
const MESSAGE_OVERHEAD_BYTES = 100;
const SAMPLE_BYTES = 200;
const CLOSE_MS_MAX = 2000;

const CUT_OFF = rejected('syslog-cut-by-connection', 'syslog message cut off by the end of its connection');
const DROPPED = rejected('syslog-dropped', 'syslog datagram dropped: more came than could be counted');

export async function listenSyslog(deps: Pick<ReceiverDeps, 'open'>, options: SyslogOptions): Promise<Syslog> {
  const intake = new Intake(deps, options);
  const tcp = await listenTcp(intake, options);
  const { port } = tcp.address() as AddressInfo;
  const udp = await listenUdp(intake, { ...options, port }).catch(async (error: unknown) => {
    await closed(tcp);
    throw error;
  });
  options.say(`syslog over UDP and TCP on ${options.host}:${port}`);
  return {
    port,
    async close() {
      await new Promise<void>((resolve) => udp.close(() => resolve()));
      intake.endConnections();
      await closed(tcp);
      await intake.close();
    },
  };
}

/** What came since the last commit: kept as it came, so that a commit that fails can be counted anew. */
interface Group {
  readonly messages: Buffer[];
  readonly misses: { miss: Miss; sample: string }[];
}

/** What both transports bring, in groups that commit one after another. */
class Intake {
  readonly connections = new Set<Connection>();
  readonly #deps: Pick<ReceiverDeps, 'open'>;
  readonly #options: SyslogOptions;
  readonly #envelope = new Envelope();
  readonly #closing = new AbortController();
  #group: Group = { messages: [], misses: [] };
  #bytes = 0;
  #dropped = 0;
  #committing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: Pick<ReceiverDeps, 'open'>, options: SyslogOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#bytes >= WAITING_BYTES_MAX;
  }

  message(bytes: Buffer, start: number, end: number): void {
    this.#group.messages.push(Buffer.from(bytes.subarray(start, end)));
    this.#came(end - start);
  }

  tooLong(beginning: Buffer): void {
    this.#missed(LINE_TOO_LONG, beginning.toString());
  }

  cutOff(beginning: Buffer): void {
    this.#missed(CUT_OFF, beginning.toString('utf8', 0, SAMPLE_BYTES));
  }

  datagramDropped(): void {
    this.#dropped++;
  }

  #missed(miss: Miss, sample: string): void {
    this.#group.misses.push({ miss, sample });
    this.#came(sample.length);
  }

  #came(bytes: number): void {
    this.#bytes += bytes + MESSAGE_OVERHEAD_BYTES;
    this.#timer ??= setTimeout(() => this.#flush(), GROUP_MS);
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#committing !== undefined) {
      this.#timer = setTimeout(() => this.#flush(), GROUP_MS);
      return;
    }
    const group = this.#group;
    if (this.#dropped > 0)
      this.#options.say(`${this.#dropped} syslog datagrams were dropped: more came than could be counted`);
    for (; this.#dropped > 0; this.#dropped--) group.misses.push({ miss: DROPPED, sample: '' });
    if (group.messages.length + group.misses.length === 0) return;
    this.#group = { messages: [], misses: [] };
    this.#bytes = 0;
    // Retried until it works: there is nobody to ask for these lines again.
    this.#committing = retrying(async () => (await this.#batchOf(group)).commit(), {
      signal: this.#closing.signal,
      failed: (error, waitMs) => this.#options.say(`syslog: ${error.message} Again in ${waitMs} ms.`),
    })
      .then(
        () => {},
        (error: Error) =>
          this.#options.say(`syslog: ${group.messages.length} messages were not counted: ${error.message}`),
      )
      .finally(() => {
        this.#committing = undefined;
      });
    for (const connection of this.connections) connection.resume();
  }

  async #batchOf(group: Group): Promise<Batch> {
    const batch = this.#deps.open({ source: SOURCE, receiver: SOURCE, digest: false });
    await turns.runAll(this.#count(group, batch));
    return batch;
  }

  *#count({ messages, misses }: Group, batch: Batch): Generator<undefined, void> {
    const envelope = this.#envelope;
    for (const bytes of messages) {
      const chunk: Chunk = { bytes, text: bytes.toString('latin1') };
      envelope.open(chunk);
      if (unwrapSyslog(chunk, 0, bytes.length, envelope)) {
        batch.line(envelope.chunk, envelope.start, envelope.end, {
          source: this.#sourceOf(envelope),
          ts: envelope.ts >= 0 ? envelope.ts : undefined,
        });
      } else batch.line(chunk, 0, bytes.length);
      yield;
    }
    for (const { miss, sample } of misses) {
      batch.miss(miss, sample);
      yield;
    }
  }

  #sourceOf({ program, host }: Envelope): string | undefined {
    const { sourceFrom = 'program' } = this.#options;
    const parts =
      sourceFrom === 'program' ? [program ?? host] : sourceFrom === 'host' ? [host ?? program] : [host, program];
    const name = parts.filter((part) => part !== undefined).join('/');
    return name === '' ? undefined : cleanSource(name);
  }

  endConnections(): void {
    for (const connection of this.connections) connection.break();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#committing;
    this.#flush();
    clearTimeout(this.#timer);
    // A store that fails now must not keep the process from stopping.
    setTimeout(() => this.#closing.abort(), CLOSE_MS_MAX).unref();
    await this.#committing;
  }
}

async function listenTcp(intake: Intake, { host, port, silenceMs = SILENCE_MS }: SyslogOptions): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket, intake, silenceMs);
    intake.connections.add(connection);
    socket.on('close', () => intake.connections.delete(connection));
  });
  server.maxConnections = CONNECTIONS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function listenUdp(intake: Intake, { host, port }: SyslogOptions): Promise<UdpSocket> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', recvBufferSize: UDP_BUFFER_BYTES });
  socket.on('message', (bytes: Buffer, _from: RemoteInfo) => {
    if (intake.isFull) return intake.datagramDropped();
    // One message a datagram; a newline at its end is not part of it, and some senders put several lines into one.
    const frames = new SyslogFrames(intake);
    frames.write(bytes);
    frames.end();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  return socket;
}

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
