// Whether clients that were told to slow down (429) are back at once: what makes a limit a retry storm. One pass over hits, a number a
// client, and a look at the client only while somebody's refusal is fresh.
import { CLIENT, type Hit } from '../hit.ts';

/** Retry-After counts in whole seconds: who is back sooner cannot have honoured one. */
const SOON_MS = 1000;
/** Refused and not yet back; further ones push out those who stay away longest. */
const CLIENTS_MAX = 10_000;
const MINUTE = 60_000;
/** An incident is judged by its latest six hours. */
const MINUTES_MAX = 400;

export interface ReturnCounts {
  limited: number;
  soon: number;
}

export class Returns {
  /** Hash of the client → when it was refused. */
  readonly #refused = new Map<number, number>();
  readonly #minutes = new Map<number, ReturnCounts>();
  #freshUntil = -Infinity;

  see(hit: Hit, at: number): void {
    const limited = hit.code === 429;
    if (!(limited ? at >= 0 : at < this.#freshUntil)) return;
    const client = clientOf(hit);
    if (client === undefined) return;
    const refusedAt = this.#refused.get(client);
    if (refusedAt !== undefined) {
      if (Math.abs(at - refusedAt) < SOON_MS) this.#minute(refusedAt).soon++;
      this.#refused.delete(client);
    }
    if (!limited) return;
    this.#minute(at).limited++;
    if (this.#refused.size >= CLIENTS_MAX) this.#refused.delete(this.#refused.keys().next().value!);
    this.#refused.set(client, at);
    this.#freshUntil = Math.max(this.#freshUntil, at + SOON_MS);
  }

  between(from: number, to: number): ReturnCounts {
    const sum = { limited: 0, soon: 0 };
    for (const [minute, { limited, soon }] of this.#minutes) {
      if (minute + MINUTE <= from || minute > to) continue;
      sum.limited += limited;
      sum.soon += soon;
    }
    return sum;
  }

  #minute(at: number): ReturnCounts {
    const start = at - (at % MINUTE);
    let counts = this.#minutes.get(start);
    if (counts === undefined) {
      if (this.#minutes.size >= MINUTES_MAX) this.#minutes.delete(this.#minutes.keys().next().value!);
      this.#minutes.set(start, (counts = { limited: 0, soon: 0 }));
    }
    return counts;
  }
}

const DASH = 45;

function clientOf(hit: Hit): number | undefined {
  if (!hit.has(CLIENT)) return undefined;
  const bytes = hit.bufferOf(CLIENT),
    start = hit.startOf(CLIENT),
    end = hit.endOf(CLIENT);
  if (end === start || (end === start + 1 && bytes[start] === DASH)) return undefined;
  let hash = 2166136261;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 16777619);
  return hash;
}
