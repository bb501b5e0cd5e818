// A network that misbehaves: a TCP proxy that refuses, cuts requests and answers short, swallows answers after the server has
// acted, and sends whole requests a second time, late, on connections of their own.
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** How many exchanges met each. */
  readonly faults: Record<Fault, number>;
  /** From now on everything passes. */
  heal(): void;
  close(): Promise<void>;
}

const FAULTS = ['refuse', 'cut request', 'cut answer', 'swallow answer', 'repeat'] as const;
export type Fault = (typeof FAULTS)[number] | 'none';

export interface FaultProxyOptions {
  target(): { host: string; port: number };
  /** In [0, 1). */
  random(): number;
  /** Share of exchanges with a fault. */
  share: number;
}

export async function openFaultProxy({ target, random, share }: FaultProxyOptions): Promise<FaultProxy> {
  const faults: Record<Fault, number> = {
    none: 0,
    refuse: 0,
    'cut request': 0,
    'cut answer': 0,
    'swallow answer': 0,
    repeat: 0,
  };
  const open = new Set<Socket>();
  let healed = false;

  function roll(): Fault {
    const fault: Fault = healed || random() >= share ? 'none' : FAULTS[Math.floor(random() * FAULTS.length)];
    faults[fault]++;
    return fault;
  }

  function serve(client: Socket): void {
    const server = connect(target());
    for (const [one, other] of [
      [client, server],
      [server, client],
    ]) {
      open.add(one);
      one
        .on('error', () => one.destroy())
        .on('close', () => {
          open.delete(one);
          other.destroy();
        });
    }
    pass(client, server);
  }

  /** Connections are kept alive: each exchange of a request and its answer meets its own fate. */
  function pass(client: Socket, server: Socket): void {
    let fault: Fault = 'none';
    let answered = true;
    let heard: Buffer[] = [];
    client.on('data', (bytes: Buffer) => {
      if (answered) {
        fault = roll();
        answered = false;
        heard = [];
      }
      heard.push(bytes);
      if (fault === 'refuse') return void client.destroy();
      if (fault !== 'cut request') return void server.write(bytes);
      server.write(bytes.subarray(0, Math.floor(bytes.length * random())), () => client.destroy());
    });
    server.on('data', (bytes: Buffer) => {
      // The whole request once more, when its sender has long gone on.
      if (fault === 'repeat' && !answered) setTimeout(replay, 300 * random(), Buffer.concat(heard));
      answered = true;
      if (fault === 'swallow answer') client.destroy();
      else if (fault === 'cut answer') client.end(bytes.subarray(0, Math.floor(bytes.length * random())));
      else client.write(bytes);
    });
  }

  function replay(request: Buffer): void {
    const again = connect(target());
    open.add(again);
    again.on('error', () => again.destroy()).on('close', () => open.delete(again));
    again.on('data', () => {});
    again.write(request);
  }

  const listener = createServer(serve).listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  return {
    port: (listener.address() as AddressInfo).port,
    faults,
    heal() {
      healed = true;
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** A small seeded generator (mulberry32): a failing run can be run again. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
