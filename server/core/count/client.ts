// The client of an exchange as a number: enough to tell clients apart without keeping their addresses.
import { CLIENT, type Hit } from '../hit.ts';

/** No client is known: the line has none, or more than are told apart. */
export const NO_CLIENT = 0;

/** A fingerprint of the client's address, the same in every process; NO_CLIENT when the line has none. */
export function clientOf(hit: Hit): number {
  if (!hit.has(CLIENT)) return NO_CLIENT;
  const bytes = hit.bufferOf(CLIENT),
    start = hit.startOf(CLIENT),
    end = hit.endOf(CLIENT);
  if (end - start <= 1) return NO_CLIENT;
  let h = 0x811c9dc5;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return (h ^ (h >>> 15)) >>> 0 || 1;
}
