// Counts the clients that were told to slow down (429) and retried at once: a retry storm. One pass over the hits and one number per
// client; the client of a hit is read only within a second of someone's 429.
import { ASCII } from '../ascii.ts';
import { CLIENT, type Hit } from '../hit.ts';

const { DASH } = ASCII;

/** Retry-After is in whole seconds: a client that is back sooner ignored it, unless it was told 0. */
const SOON_MS = 1000;
/** Clients that were rejected and are not back yet. Further ones replace those that have been away longest. */
const CLIENTS_MAX = 10_000;
const MINUTE = 60_000;
/** An incident is judged by its latest six hours. */
const MINUTES_MAX = 400;

export interface EarlyRetryCounts {
  /** Answers 429. */
  limited: number;
  /** Of these, how many saw the same client again within a second. */
  soon: number;
}

export class EarlyRetries {
  /** Hash of the client → time of its 429, ms. */
  readonly #refused = new Map<number, number>();
  readonly #minutes = new Map<number, EarlyRetryCounts>();
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

  between(from: number, to: number): EarlyRetryCounts {
    const sum = { limited: 0, soon: 0 };
    for (const [minute, { limited, soon }] of this.#minutes) {
      if (minute + MINUTE <= from || minute > to) continue;
      sum.limited += limited;
      sum.soon += soon;
    }
    return sum;
  }

  #minute(at: number): EarlyRetryCounts {
    const start = at - (at % MINUTE);
    let counts = this.#minutes.get(start);
    if (counts === undefined) {
      if (this.#minutes.size >= MINUTES_MAX) this.#minutes.delete(this.#minutes.keys().next().value!);
      this.#minutes.set(start, (counts = { limited: 0, soon: 0 }));
    }
    return counts;
  }
}

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
