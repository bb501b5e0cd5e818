// WS /live: a hello with a snapshot, then one coalesced delta a second to everyone, made once. A client that does not keep up
// is dropped (it gets a snapshot when it returns); one that was away for a moment asks for the deltas it missed.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as immediately } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import { LIVE_PROTOCOL, SNAPSHOT_MS, type CountRow, type Delta, type Hello, type LiveSource } from '#shared/live.ts';
import type { Annotation, Incident, Pending } from '#shared/api.ts';
import type { Access } from '../access.ts';
import type { Upgrades } from '../upgrades.ts';
import type { LiveWindow } from './window.ts';

export interface HubDeps {
  window: LiveWindow;
  version: string;
  boot: string;
  demo: boolean;
  now(): number;
  sourceName(id: number): string;
  sources(): Promise<LiveSource[]>;
  /** Open ones, and those that ended since `from`. */
  incidents(from: number): Promise<Incident[]>;
  pending(): Pending[];
  annotations(from: number, to: number): Promise<Annotation[]>;
  /** Something of ours threw while a client was served. */
  failed(error: unknown): void;
}

export interface LiveHub {
  attach(server: Upgrades, access: Access): void;
  /** Told with the next delta; one that begins to fire, at once. */
  incidentsChanged(incidents: readonly Incident[]): void;
  annotated(annotation: Annotation): void;
  /** Once a second: sends the delta. */
  tick(): Promise<void>;
  readonly clients: number;
  /** Says goodbye (1001) to all. */
  close(): Promise<void>;
}

/** Clients send nothing that we read. */
const CLIENT_BYTES_MAX = 4096;
/** More unsent than this: the client, or its line, does not keep up. */
const BUFFERED_BYTES_MAX = 1_000_000;
const CLIENTS_MAX = 5000;
/** How long a reconnect may take before it costs a snapshot: deltas kept, and their bytes together. */
const KEPT_DELTAS_MAX = 180;
const KEPT_BYTES_MAX = 8 * 1024 * 1024;
/** Pinged every so many ticks; whoever has not answered by the next ping is gone. */
const PING_TICKS = 15;
/** With nobody looking, sources are looked at this often: whoever returns meanwhile finds them in the deltas that are kept. */
const UNWATCHED_TICKS = 10;
/** Sending to a thousand takes some 30 ms: let others have a turn. */
const SEND_SLICE = 500;
const CLOSE_MS_MAX = 1000;

interface Client {
  socket: WebSocket;
  answered: boolean;
}

export function createHub(deps: HubDeps): LiveHub {
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: CLIENT_BYTES_MAX,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const clients = new Set<Client>();
  const kept: { delta: Delta; bytes: number }[] = [];
  let keptBytes = 0;
  let incidents = new Map<number, Incident>();
  let annotations: Annotation[] = [];
  let seq = 0;
  let closing = false;
  /** Told as firing. */
  const firing = new Set<number>();
  let urgent = false;
  let sending: Promise<void> = Promise.resolve();
  /** What each source looked like when it was last told of. */
  const told = new Map<string, string>();

  /** Rows with source ids → rows with indices into `names`. */
  function named(rows: CountRow[]): { names: string[]; counts: CountRow[] } {
    const index = new Map<number, number>();
    const names: string[] = [];
    const counts = rows.map(([bucket, id, code, count]): CountRow => {
      let at = index.get(id);
      if (at === undefined) {
        index.set(id, (at = names.length));
        names.push(deps.sourceName(id));
      }
      return [bucket, at, code, count];
    });
    return { names, counts };
  }

  function keep(delta: Delta, bytes: number): void {
    kept.push({ delta, bytes });
    keptBytes += bytes;
    while (kept.length > KEPT_DELTAS_MAX || (keptBytes > KEPT_BYTES_MAX && kept.length > 1))
      keptBytes -= kept.shift()!.bytes;
  }

  /** The deltas after `since`, or undefined when they are no longer all here. */
  function missedSince(since: number): Delta[] | undefined {
    if (since === seq) return [];
    if (since > seq || kept.length === 0 || since < kept[0].delta.seq - 1) return undefined;
    return kept.filter(({ delta }) => delta.seq > since).map(({ delta }) => delta);
  }

  async function greet(client: Client, url: URL): Promise<void> {
    const since = url.searchParams.get('boot') === deps.boot ? Number(url.searchParams.get('since') ?? NaN) : NaN;
    const hello = {
      type: 'hello',
      protocol: LIVE_PROTOCOL,
      version: deps.version,
      boot: deps.boot,
      demo: deps.demo,
    } as const;
    let rest: Pick<NonNullable<Hello['snapshot']>, 'sources' | 'incidents' | 'pending' | 'annotations'> | undefined;
    // What is read while a delta goes out is read again: from the hello on, the client misses nothing.
    for (let before = -1; before !== seq;) {
      before = seq;
      if (Number.isInteger(since) && missedSince(since) !== undefined) break;
      const now = deps.now();
      const [sources, recent, notes] = await Promise.all([
        deps.sources(),
        deps.incidents(now - SNAPSHOT_MS),
        deps.annotations(now - SNAPSHOT_MS, now),
      ]);
      rest = { sources, incidents: recent, pending: deps.pending(), annotations: notes };
    }
    if (client.socket.readyState !== client.socket.OPEN) return;
    const now = deps.now();
    const missed = Number.isInteger(since) ? missedSince(since) : undefined;
    const snapshot =
      missed === undefined && rest !== undefined
        ? { from: now - SNAPSHOT_MS, ...named(deps.window.snapshot()), ...rest }
        : null;
    client.socket.send(JSON.stringify({ ...hello, now, seq, snapshot, missed: missed ?? [] } satisfies Hello));
    clients.add(client);
  }

  function accept(socket: WebSocket, request: IncomingMessage): void {
    const client: Client = { socket, answered: true };
    socket.on('pong', () => {
      client.answered = true;
    });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => clients.delete(client));
    greet(client, new URL(request.url ?? '/', 'http://live')).catch((error: unknown) => {
      deps.failed(error);
      socket.close(1011);
    });
  }

  async function broadcast(delta: Delta): Promise<void> {
    const frame = Buffer.from(JSON.stringify(delta));
    keep(delta, frame.length);
    let sent = 0;
    for (const client of [...clients]) {
      const { socket } = client;
      if (socket.readyState !== socket.OPEN) continue;
      if (socket.bufferedAmount > BUFFERED_BYTES_MAX) drop(client);
      else socket.send(frame, { binary: false });
      if (++sent % SEND_SLICE === 0) await immediately();
    }
  }

  function drop(client: Client): void {
    clients.delete(client);
    client.socket.terminate();
  }

  function ping(): void {
    for (const client of [...clients]) {
      if (!client.answered) {
        drop(client);
        continue;
      }
      client.answered = false;
      client.socket.ping();
    }
  }

  async function changedSources(): Promise<LiveSource[]> {
    const changed = (await deps.sources()).filter((source) => {
      const text = JSON.stringify(source);
      if (told.get(source.name) === text) return false;
      told.set(source.name, text);
      return true;
    });
    return changed;
  }

  /** The next delta, after the one before has gone out. */
  function send(): Promise<void> {
    return (sending = sending
      .catch(() => undefined)
      .then(async () => {
        const sources = clients.size > 0 || seq % UNWATCHED_TICKS === 0 ? await changedSources() : [];
        const now = deps.now();
        const delta: Delta = {
          type: 'delta',
          seq: ++seq,
          now,
          ...named(deps.window.tick(now)),
          sources,
          incidents: [...incidents.values()],
          pending: deps.pending(),
          annotations,
        };
        incidents = new Map();
        annotations = [];
        if (seq % PING_TICKS === 0) ping();
        await broadcast(delta);
      }));
  }

  function soon(): void {
    if (urgent) return;
    urgent = true;
    setImmediate(() => {
      urgent = false;
      if (!closing) send().catch(deps.failed);
    });
  }

  return {
    attach(server, access) {
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        const refusal = refusalOf(request, access, closing ? Infinity : clients.size);
        if (refusal === undefined) wss.handleUpgrade(request, socket, head, accept);
        else socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        socket.on('error', () => socket.destroy());
      });
    },
    incidentsChanged(changed) {
      for (const incident of changed) {
        const { id, state } = incident;
        incidents.set(id, incident);
        if (state === 'firing' && !firing.has(id)) {
          firing.add(id);
          soon();
        } else if (state === 'resolved') firing.delete(id);
      }
    },
    annotated(annotation) {
      annotations.push(annotation);
    },
    tick: send,
    get clients() {
      return clients.size;
    },
    async close() {
      closing = true;
      const closed = [...clients].map(
        ({ socket }) =>
          new Promise<void>((resolve) => {
            const timer = setTimeout(() => {
              socket.terminate();
              resolve();
            }, CLOSE_MS_MAX);
            socket.once('close', () => {
              clearTimeout(timer);
              resolve();
            });
            socket.close(1001, 'the server is stopping');
          }),
      );
      await Promise.all(closed);
    },
  };
}

/** The status line to refuse with, if any. */
function refusalOf(request: IncomingMessage, access: Access, clients: number): string | undefined {
  if (
    !URL.canParse(request.url ?? '/', 'http://live') ||
    new URL(request.url ?? '/', 'http://live').pathname !== '/live'
  )
    return '404 Not Found';
  if (!access.hostAllowed(request.headers.host) || !access.originAllowed(request.headers)) return '403 Forbidden';
  return clients >= CLIENTS_MAX ? '503 Service Unavailable\r\nRetry-After: 5' : undefined;
}
