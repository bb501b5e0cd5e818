// WS /live: a hello with the state of the view a page shows, then each second what has changed, made once for all who show the same
// view. A client that does not keep up is sent nothing until it has taken what it was sent, and then only what is still news.
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setImmediate as immediately } from 'node:timers/promises';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { LIVE_PROTOCOL, type Delta, type Hello, type MoreCounts } from '#shared/live.ts';
import type { Annotation, Incident } from '#shared/api.ts';
import type { Access } from '../access.ts';
import type { Upgrades } from '../upgrades.ts';
import { LiveClient } from './client.ts';
import { askedOf, CLOSE_MS_MAX, refusalOf, refuse, letGo, viewed } from './door.ts';
import { LiveLists, type ListsDeps } from './lists.ts';
import { messageOf, pongOf, type Message } from './message.ts';
import type { LiveWindow } from './window.ts';

export interface HubDeps extends ListsDeps {
  window: LiveWindow;
  version: string;
  /** A new one: sequences of another mean nothing. */
  newBoot(): string;
  demo: boolean;
  now(): number;
  /** Undefined where there is none of this name yet. */
  sourceId(name: string): number | undefined;
}

export interface LiveHub {
  attach(server: Upgrades, access: Access): void;
  /** Told with the next delta; one that begins to fire, at once. */
  incidentsChanged(incidents: readonly Incident[]): void;
  annotated(annotation: Annotation): void;
  /** Once a second: sends the delta. */
  tick(): Promise<void>;
  /** What was counted live is of another time (the clock jumped): everyone gets a hello with all of it. */
  restart(): void;
  readonly clients: number;
  /** Since the start: messages made, whoever got them, and clients that took nothing and were let go. */
  readonly stats: Readonly<{ made: number; stalled: number }>;
  /** Says goodbye (1001) to all. */
  close(): Promise<void>;
}

/** A client says which view it shows, and nothing else. */
const CLIENT_BYTES_MAX = 4096;
/** No message of a client is in more pieces than this: it has no need of any, and a message without an end could have any number. */
const FRAGMENTS_MAX = 8;
/** Rows of counts in one message: some 55 KB. */
const ROWS_MAX = 2000;
/** Sending to a thousand takes some 20 ms: let others have a turn. */
const SEND_SLICE = 500;
/** A hello is good for this long, if no tick comes before. */
const HELLO_MS = 1000;

export function createHub(deps: HubDeps): LiveHub {
  return new Hub(deps);
}

class Hub implements LiveHub {
  readonly stats = { made: 0, stalled: 0 };
  readonly #deps: HubDeps;
  readonly #lists: LiveLists;
  /** By the client, compression takes fifteen times the processor time of a round and 250 KB each; once for all, it makes 8 KB of 42 that nobody waits for. */
  readonly #wss = new WebSocketServer({
    noServer: true,
    maxPayload: CLIENT_BYTES_MAX,
    maxFragments: FRAGMENTS_MAX,
    perMessageDeflate: false,
    clientTracking: false,
    // one message, ping or pong of a client a round of the loop: all that came at once would be worked on in one go
    allowSynchronousEvents: false,
    autoPong: false,
  });
  readonly #clients = new Set<LiveClient>();
  #boot: string;
  #seq = 0;
  #ticks = 0;
  #accepted = 0;
  #closing = false;
  /** Told as firing. */
  readonly #firing = new Set<number>();
  #urgent = false;
  #sending: Promise<void> = Promise.resolve();
  /** The lists were looked at for this sequence: somebody was there. */
  #looked = false;
  /** Hellos of this sequence, by view and what the client knows; and the lists in all of them. */
  #hellos = new Map<string, Promise<Message[]>>();
  #whole: Promise<string> | undefined;
  #hellosAt = 0;

  constructor(deps: HubDeps) {
    this.#deps = deps;
    this.#boot = deps.newBoot();
    this.#lists = new LiveLists(deps);
  }

  get clients(): number {
    return this.#clients.size;
  }

  attach(server: Upgrades, access: Access): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const refusal = refusalOf(request, access, this.#closing ? Infinity : this.#clients.size);
      if (refusal === undefined)
        this.#wss.handleUpgrade(request, socket, head, (ws) =>
          this.#accept(ws, socket, new URL(request.url ?? '/', 'http://live')),
        );
      else socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      socket.on('error', () => socket.destroy());
    });
  }

  #accept(socket: WebSocket, stream: Duplex, { searchParams: query }: URL): void {
    const since = query.get('boot') === this.#boot ? Number(query.get('since') ?? NaN) : NaN;
    const knows = Number.isInteger(since) && since >= 0 && since <= this.#seq ? since : -1;
    const client = new LiveClient(socket, stream, viewed(query.get('source')), knows, this.#accepted++);
    this.#clients.add(client);
    socket.on('message', (data) => {
      if (this.#mayGoOn(client)) this.#asked(client, data);
    });
    socket.on('ping', (payload) => {
      if (this.#mayGoOn(client)) socket.pong(payload);
    });
    socket.on('pong', (payload) => {
      if (client.took(pongOf(payload), this.#ticks)) this.#serve(client);
      else this.#mayGoOn(client);
    });
    socket.on('error', () => letGo(socket));
    socket.on('close', () => this.#clients.delete(client));
    this.#serve(client);
  }

  /** A client that says too much that it was not asked for is told so and let go; what it goes on to send is not read. */
  #mayGoOn(client: LiveClient): boolean {
    const { socket } = client;
    if (!client.open) return false;
    if (client.maySay(this.#ticks)) return true;
    refuse(socket, 'too many messages');
    return false;
  }

  /** {"view":{"source":"api"}} */
  #asked(client: LiveClient, data: RawData): void {
    const source = askedOf(data);
    if (source === undefined) return refuse(client.socket, 'say {"view":{"source":NAME}}');
    client.turnTo(source);
    this.#serve(client);
  }

  /** Sends what the client lacks, as far as it has room for it; what frees more, or the next tick, goes on. */
  #serve(client: LiveClient): void {
    if (client.served) return;
    client.served = true;
    void this.#catchUp(client);
  }

  async #catchUp(client: LiveClient): Promise<void> {
    try {
      while (client.open && client.hasRoom && !client.isAt(this.#seq)) {
        if (client.sendRest(this.#ticks)) continue;
        const { source, seq: since } = client,
          seq = this.#seq;
        const hello = await this.#hello(source, since);
        // While it was made a delta may have gone out, or the client turned to another view: made again, so that nothing is missed.
        if (seq === this.#seq && source === client.source && since === client.seq) client.greet(hello, seq);
      }
    } catch (error) {
      this.#deps.failed(error, 'hello');
      client.socket.close(1011);
    } finally {
      // before anything else runs: what asks from now on is served
      client.served = false;
    }
  }

  #forgetHellos(): void {
    this.#hellos = new Map();
    this.#hellosAt = this.#deps.now();
    this.#whole = undefined;
  }

  /** Made once for all who show the same and know the same, of this second. */
  #hello(source: string | null, since: number): Promise<Message[]> {
    if (Math.abs(this.#deps.now() - this.#hellosAt) >= HELLO_MS) this.#forgetHellos();
    const key = `${since} ${source ?? ''}`;
    let hello = this.#hellos.get(key);
    if (hello === undefined) this.#hellos.set(key, (hello = this.#makeHello(source, since)));
    return hello;
  }

  async #makeHello(source: string | null, since: number): Promise<Message[]> {
    const deps = this.#deps,
      seq = this.#seq,
      now = deps.now();
    const lists = await (this.#whole ??= this.#lists.whole(now, !this.#looked).then((whole) => JSON.stringify(whole)));
    const names = namesOf(source),
      rows = deps.window.rows(this.#idOf(source), since);
    const hello: Omit<Hello, keyof LiveListsOf<Hello>> = {
      type: 'hello',
      protocol: LIVE_PROTOCOL,
      version: deps.version,
      boot: this.#boot,
      demo: deps.demo,
      now,
      seq,
      view: { source },
      since: since < 0 ? null : since,
      viewed: this.#lists.row(source),
      names,
      counts: rows.slice(0, ROWS_MAX),
      more: rows.length > ROWS_MAX,
    };
    const messages = [this.#make(hello, lists)];
    for (let from = ROWS_MAX; from < rows.length; from += ROWS_MAX) {
      messages.push(
        this.#make({
          type: 'counts',
          seq,
          names,
          counts: rows.slice(from, from + ROWS_MAX),
          more: from + ROWS_MAX < rows.length,
        } satisfies MoreCounts),
      );
    }
    return messages;
  }

  /** With the lists that are the same for all views, written already. */
  #make(frame: object, lists?: string): Message {
    this.stats.made++;
    const text = JSON.stringify(frame);
    return messageOf(lists === undefined ? text : `${text.slice(0, -1)},${lists.slice(1)}`);
  }

  #idOf(source: string | null): number | undefined {
    return source === null ? undefined : this.#deps.sourceId(source);
  }

  tick(): Promise<void> {
    this.#ticks++;
    for (const client of this.#clients) {
      if (!client.isStalled(this.#ticks)) continue;
      this.stats.stalled++;
      client.socket.terminate();
      this.#clients.delete(client);
    }
    return this.#send();
  }

  /** The next delta, after the one before has gone out. */
  #send(): Promise<void> {
    return (this.#sending = this.#sending
      .catch(() => undefined)
      .then(async () => {
        const now = this.#deps.now(),
          seq = this.#seq + 1;
        this.#deps.window.tick(now, seq);
        this.#looked = this.#clients.size > 0;
        const news = this.#looked ? JSON.stringify(await this.#lists.renew(now)) : this.#lists.forget();
        this.#forgetHellos();
        this.#seq = seq;
        if (news !== undefined) await this.#broadcast(seq, now, news);
      }));
  }

  async #broadcast(seq: number, now: number, news: string): Promise<void> {
    const deltas = new Map<string | null, Message>();
    let sent = 0;
    for (const client of [...this.#clients]) {
      if (!client.open) continue;
      if (!client.isAt(seq - 1) || !client.hasRoom) {
        this.#serve(client);
        continue;
      }
      let delta = deltas.get(client.source);
      if (delta === undefined) deltas.set(client.source, (delta = this.#delta(client.source, seq, now, news)));
      client.tell(delta, seq, this.#ticks);
      if (++sent % SEND_SLICE === 0) await immediately();
    }
  }

  #delta(source: string | null, seq: number, now: number, news: string): Message {
    const delta: Omit<Delta, keyof LiveListsOf<Delta>> = {
      type: 'delta',
      seq,
      now,
      viewed: this.#lists.row(source),
      names: namesOf(source),
      counts: this.#deps.window.rows(this.#idOf(source), seq - 1),
    };
    return this.#make(delta, news);
  }

  incidentsChanged(changed: readonly Incident[]): void {
    this.#lists.incidentsChanged(changed);
    for (const { id, state } of changed) {
      if (state === 'firing' && !this.#firing.has(id)) {
        this.#firing.add(id);
        this.#soon();
      } else if (state === 'resolved') this.#firing.delete(id);
    }
  }

  annotated(annotation: Annotation): void {
    this.#lists.annotated(annotation);
  }

  #soon(): void {
    if (this.#urgent) return;
    this.#urgent = true;
    setImmediate(() => {
      this.#urgent = false;
      if (!this.#closing) this.#send().catch((error: unknown) => this.#deps.failed(error, 'delta'));
    });
  }

  restart(): void {
    this.#boot = this.#deps.newBoot();
    this.#forgetHellos();
    for (const client of this.#clients) client.turnTo(client.source);
  }

  async close(): Promise<void> {
    this.#closing = true;
    const closed = [...this.#clients].map(
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
  }
}

/** The part of a frame that is the same in every view. */
type LiveListsOf<T> = Pick<
  T,
  Extract<keyof T, 'overview' | 'sources' | 'unlisted' | 'incidents' | 'pending' | 'annotations' | 'troubles'>
>;

const namesOf = (source: string | null): (string | null)[] => (source === null ? [null] : [null, source]);
