// What the name of a source may be. It comes from senders, and is shown in logs, terminals and tables.

const LENGTH_MAX = 120;
/** C0, C1 and the characters that reorder text. */
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]/gu;

export const isSourceName = (name: string): boolean =>
  name.length > 0 && name.length <= LENGTH_MAX && name.search(UNPRINTABLE) === -1;

/** A source name of what a sender wrote; undefined when nothing is left of it. */
export function cleanSource(given: string): string | undefined {
  return given.slice(0, LENGTH_MAX).replace(UNPRINTABLE, '').trim() || undefined;
}
