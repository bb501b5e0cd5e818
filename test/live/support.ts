// A hub over made-up traffic, with its socket but without the rest of the server; and clients that read as fast as a test lets them.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { Annotation, Incident, Pending, SourceStatus } from '#shared/api.ts';
import type { LiveFrame } from '#shared/live.ts';
import { createAccess } from '../../server/access.ts';
import { createHub, type LiveHub } from '../../server/live/hub.ts';
import { LiveWindow } from '../../server/live/window.ts';
import { NOON } from '../support/app.ts';

interface Cleaning {
  after(work: () => unknown): void;
}

export interface World {
  sources: number;
  codes: number;
  /** So many of each. */
  incidents?: number;
  annotations?: number;
}

export interface TestHub {
  hub: LiveHub;
  port: number;
  window: LiveWindow;
  statuses: SourceStatus[];
  clock: { now: number };
}

const nameOf = (i: number): string => `source-${String(i).padStart(4, '0')}-${'é'.repeat(20)}`;

/** Sources that are all on fire, with lines that could not be read. */
function statusOf(i: number): SourceStatus {
  const miss = { at: NOON - i, kind: 'rejected' as const, reason: 'no status code', sample: '\u0001"\\'.repeat(60) };
  return {
    name: nameOf(i),
    format: 'combined',
    formatChosen: 'auto',
    receiver: 'http',
    userAgent: 'x'.repeat(200),
    firstSeen: NOON,
    lastSeen: NOON,
    lastEvent: NOON,
    lagMs: 1,
    clockAheadMs: null,
    clockBehindMs: null,
    services: null,
    rate: i,
    received: 1e9,
    accepted: 1e9,
    rejected: 5,
    skipped: 0,
    duplicate: 0,
    late: 0,
    reasons: [],
    lastMisses: Array.from({ length: 10 }, () => miss),
    answers: [],
    flags: ['sampled', 'errors-only'],
    alarm: 'page',
  };
}

function incidentOf(id: number, sources: number): Incident {
  const text = `502s at 38% of requests (normally 0.02%) ${'x'.repeat(300)}`;
  return {
    id,
    source: nameOf(id),
    sources: Array.from({ length: sources }, (_, i) => nameOf(i)),
    foldedInto: null,
    codes: [502, 503, 504],
    rule: 'error-share',
    cause: 'upstream_connection_refused',
    culprit: 'upstream-connect',
    severity: 'page',
    state: 'firing',
    where: [],
    startedAt: NOON - id,
    endedAt: null,
    openedAt: NOON - id,
    resolvedAt: null,
    lastBadAt: NOON,
    share: 0.38,
    peakShare: 0.4,
    baselineShare: 0.0002,
    failed: 1e6,
    total: 1e7,
    summary: text,
    headline: text,
    acknowledged: null,
    silencedUntil: null,
  };
}

const pendingOf = ({ source, codes, rule, severity, openedAt, share, baselineShare, summary }: Incident): Pending => ({
  source,
  codes,
  rule,
  severity,
  since: openedAt,
  lastBadAt: NOON,
  firesAt: NOON,
  share,
  baselineShare,
  summary,
});

export async function openHub(
  t: Cleaning,
  { sources, codes, incidents = 0, annotations = 0 }: World,
): Promise<TestHub> {
  const window = new LiveWindow(),
    clock = { now: NOON };
  const statuses = Array.from({ length: sources }, (_, i) => statusOf(i + 1));
  const ids = new Map(statuses.map(({ name }, i) => [name, i + 1]));
  for (let bucket = NOON / 1000 - 900; bucket <= NOON / 1000; bucket += 10) {
    for (let source = 1; source <= sources; source++)
      for (let code = 0; code < codes; code++) window.seed(source, bucket, code === 0 ? 200 : 400 + code, 1000 + code);
  }
  const open = Array.from({ length: incidents }, (_, i) => incidentOf(i + 1, sources));
  const marks = Array.from({ length: annotations }, (_, i): Annotation => ({
    id: i,
    at: NOON - i,
    kind: 'deploy',
    text: '"\u0001'.repeat(100),
    source: null,
  }));
  const hub = createHub({
    window,
    version: 'test',
    newBoot: () => String(Math.random()),
    demo: false,
    now: () => clock.now,
    sourceId: (name) => ids.get(name),
    sources: async () => statuses,
    incidents: async () => open,
    open: () => open,
    pending: () => open.map(pendingOf),
    annotations: async () => marks,
    troubles: () => [],
    failed: (error) => {
      throw error;
    },
  });
  const server = createServer(),
    sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => void sockets.push(socket));
  hub.attach(server, createAccess({ hosts: [], trusted: false }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await hub.close();
    server.close();
  });
  return { hub, window, statuses, clock, port: (server.address() as AddressInfo).port };
}

/** A page on a thin line: it reads as many bytes as it is let, and answers the pings among them. */
export class SlowPage {
  readonly socket: Socket;
  readonly frames: LiveFrame[] = [];
  /** Bytes of messages so far, a number each. */
  readonly sizes: number[] = [];
  closed = false;
  /** The code it was told at the end. */
  closedWith: number | undefined;
  #buffer = Buffer.alloc(0);
  #greeted = false;
  #parts: Buffer[] = [];

  constructor(port: number, query = '') {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
    });
    this.socket.write(
      `GET /live${query} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  }

  get opened(): Promise<unknown> {
    return once(this.socket, 'readable');
  }

  read(bytes: number): void {
    const chunk = this.socket.read(Math.min(Math.ceil(bytes), this.socket.readableLength)) as Buffer | null;
    if (chunk === null) return;
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    if (!this.#greeted) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.#greeted = true;
      this.#buffer = this.#buffer.subarray(end + 4);
    }
    while (this.#frame());
  }

  /** One frame, if it is here whole. */
  #frame(): boolean {
    const [first, short] = this.#buffer;
    if (this.#buffer.length < 2 || (short === 126 && this.#buffer.length < 4)) return false;
    const head = short === 126 ? 4 : 2,
      length = short === 126 ? this.#buffer.readUInt16BE(2) : short;
    if (this.#buffer.length < head + length) return false;
    const payload = this.#buffer.subarray(head, head + length),
      opcode = first & 0xf;
    this.#buffer = this.#buffer.subarray(head + length);
    if (opcode === 9) this.socket.write(Buffer.concat([Buffer.from([0x8a, 0x80 | length, 0, 0, 0, 0]), payload]));
    else if (opcode === 8) {
      this.closed = true;
      this.closedWith = payload.readUInt16BE(0);
    } else if (opcode !== 10) {
      this.#parts.push(payload);
      if ((first & 0x80) !== 0) this.#message(Buffer.concat(this.#parts.splice(0)));
    }
    return true;
  }

  #message(bytes: Buffer): void {
    this.sizes.push(bytes.length);
    this.frames.push(JSON.parse(bytes.toString()) as LiveFrame);
  }
}

/** Lets what was written arrive, and what comes back. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await turn();
}
