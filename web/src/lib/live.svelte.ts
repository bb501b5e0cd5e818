// The live connection: keeps trying for ever, says truthfully how old its data is, and refills what it missed.
import type { Annotation, Incident, Pending, Trouble } from '#shared/api.ts';
import {
  LIVE_PROTOCOL,
  type Ask,
  type Delta,
  type Hello,
  type LiveFrame,
  type LiveSource,
  type Overview,
} from '#shared/live.ts';
import { texts } from '../texts/index.ts';
import { clock } from './clock.svelte.ts';
import { LiveCounts } from './live-counts.ts';

/** A delta comes each second, also when nothing happened: this long without one and the line is dead. */
const SILENCE_MS = 5000;
/** A break shorter than this is not worth anybody's attention. */
const BANNER_AFTER_MS = 3000;
/** Incidents and annotations that a page left open for months holds, at most. */
const KEPT = 500;
const BACKOFF_MS = { first: 500, most: 30_000 };

class Live {
  status: 'connecting' | 'live' | 'lost' = $state('connecting');
  /** Server time of the last frame: everything shown is of this moment. */
  asOf: number | null = $state(null);
  /** Grows with every frame that was applied; read it to follow `counts`. */
  version = $state(0);
  /** Of everything; the lists below hold only the first of each. */
  overview: Overview | null = $state.raw(null);
  demo = $state(false);
  serverVersion = $state('');
  problem: string | null = $state(null);
  /** Those that are listed. */
  sources: Map<string, LiveSource> = $state.raw(new Map());
  /** The source that `counts` tells apart from the others; null while they are all one. */
  shown: string | null = $state(null);
  /** Its row, listed or not. */
  viewed: LiveSource | null = $state.raw(null);
  /** One that is told as part of another is none of these. */
  incidents: Incident[] = $state.raw([]);
  pending: Pending[] = $state.raw([]);
  annotations: Annotation[] = $state.raw([]);
  /** What troubles the server itself. */
  troubles: Trouble[] = $state.raw([]);
  readonly counts = new LiveCounts();
  /** True once there is something to show. */
  ready = $derived(this.asOf !== null);
  #lostAt: number | null = $state(null);
  #countedBefore = $state(0);
  /** Requests that were counted since the page opened. */
  arrived = $derived(this.overview === null ? 0 : Math.max(0, this.overview.counted - this.#countedBefore));
  stale = $derived(this.#lostAt !== null && clock.now - this.#lostAt >= BANNER_AFTER_MS);

  #socket: WebSocket | null = null;
  #boot = '';
  #seq = -1;
  #tries = 0;
  /** The source to show. */
  #wanted: string | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #watch: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    this.#connect();
    const now = () => this.status !== 'live' && this.#connect();
    addEventListener('online', now);
    document.addEventListener('visibilitychange', () => !document.hidden && now());
  }

  /** Takes an incident that the server just answered with, ahead of the next frame. */
  putIncident(incident: Incident): void {
    this.incidents = merge(this.incidents, [incident]);
  }

  /** The row of a source, where it is known here. */
  row(source: string): LiveSource | undefined {
    return this.sources.get(source) ?? (this.viewed?.name === source ? this.viewed : undefined);
  }

  /** From now on this source is told apart; null: none. Its counts are here once `shown` says so. */
  show(source: string | null): void {
    if (source === this.#wanted) return;
    this.#wanted = source;
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(JSON.stringify({ view: { source } } satisfies Ask));
  }

  #connect(): void {
    clearTimeout(this.#retry);
    this.#drop();
    const query = new URLSearchParams();
    if (this.#wanted !== null) query.set('source', this.#wanted);
    // What is known of one view says nothing of another.
    if (this.#seq >= 0 && this.#wanted === this.shown) {
      query.set('since', String(this.#seq));
      query.set('boot', this.#boot);
    }
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live?${query}`);
    const asked = this.#wanted;
    socket.onopen = () => {
      if (asked !== this.#wanted) socket.send(JSON.stringify({ view: { source: this.#wanted } } satisfies Ask));
    };
    this.#socket = socket;
    socket.onmessage = (event) => this.#take(JSON.parse(event.data as string) as LiveFrame);
    socket.onclose = () => this.#lost(socket);
    this.#listen(socket);
  }

  #drop(): void {
    clearTimeout(this.#watch);
    const old = this.#socket;
    this.#socket = null;
    if (old) {
      old.onmessage = old.onclose = old.onopen = null;
      old.close();
    }
  }

  #listen(socket: WebSocket): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lost(socket), SILENCE_MS);
  }

  #lost(socket: WebSocket): void {
    if (socket !== this.#socket) return;
    this.#drop();
    if (this.status !== 'lost') this.#lostAt = clock.now;
    this.status = 'lost';
    // With jitter: a server that comes back must not meet all its pages in one instant.
    const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** this.#tries++);
    this.#retry = setTimeout(() => this.#connect(), most / 2 + Math.random() * (most / 2));
  }

  #take(frame: LiveFrame): void {
    if (this.#socket) this.#listen(this.#socket);
    if (frame.type === 'hello') this.#greet(frame);
    else if (frame.type === 'counts') this.#put(frame.counts, frame.names);
    else if (frame.seq === this.#seq + 1) this.#apply(frame);
    else if (frame.seq > this.#seq) this.#connect(); // A hole: come back with ?since= and have it filled.
  }

  #greet(hello: Hello): void {
    if (hello.protocol !== LIVE_PROTOCOL) {
      // The server was upgraded under an open page: its new page speaks the new protocol.
      this.problem = texts.connection.updated;
      return;
    }
    this.#tries = 0;
    this.#lostAt = null;
    this.status = 'live';
    this.demo = hello.demo;
    this.serverVersion = hello.version;
    clock.sync(hello.now);
    if (hello.since === null) this.counts.clear();
    this.asOf = hello.now;
    this.#put(hello.counts, hello.names);
    if (this.overview === null) this.#countedBefore = hello.overview.counted;
    this.overview = hello.overview;
    this.shown = hello.view.source;
    this.viewed = hello.viewed;
    this.sources = new Map(hello.sources.map((s) => [s.name, s]));
    this.incidents = hello.incidents;
    this.pending = hello.pending;
    this.annotations = hello.annotations;
    this.troubles = hello.troubles;
    this.#boot = hello.boot;
    this.#seq = hello.seq;
  }

  #put(counts: Hello['counts'], names: Hello['names']): void {
    this.counts.put({ counts, names }, this.asOf!);
    this.version++;
  }

  #apply(delta: Delta): void {
    this.#seq = delta.seq;
    clock.sync(delta.now);
    this.asOf = delta.now;
    this.#put(delta.counts, delta.names);
    this.overview = delta.overview;
    this.viewed = delta.viewed;
    if (delta.sources.length + delta.unlisted.length > 0)
      this.sources = new Map([
        ...[...this.sources].filter(([name]) => !delta.unlisted.includes(name)),
        ...delta.sources.map((s) => [s.name, s] as const),
      ]);
    if (delta.incidents.length > 0)
      this.incidents = merge(this.incidents, delta.incidents)
        .filter(({ foldedInto }) => foldedInto === null)
        .slice(-KEPT);
    if (delta.pending) this.pending = delta.pending;
    if (delta.troubles) this.troubles = delta.troubles;
    if (delta.annotations.length > 0) this.annotations = merge(this.annotations, delta.annotations).slice(-KEPT);
  }
}

function merge<T extends { id: number }>(old: T[], fresh: T[]): T[] {
  const byId = new Map(old.map((x) => [x.id, x]));
  for (const x of fresh) byId.set(x.id, x);
  return [...byId.values()];
}

export const live = new Live();
