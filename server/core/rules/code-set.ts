// `502`, `5xx`, `500-504`, or several with commas: the codes that a rule is about.

const PART = /^(?:([1-5])xx|(\d{1,3})(?:\s*-\s*(\d{1,3}))?)$/i;

/** A 1 at each code of the set; undefined when the text is none. */
export function codeSet(text: string): Uint8Array | undefined {
  const set = new Uint8Array(1000);
  for (const part of text.split(',')) {
    const match = PART.exec(part.trim());
    if (!match) return undefined;
    const [, digit, first, last] = match;
    const from = digit ? Number(digit) * 100 : Number(first);
    const to = digit ? from + 99 : Number(last ?? first);
    if (from > to) return undefined;
    set.fill(1, from, to + 1);
  }
  return set;
}
