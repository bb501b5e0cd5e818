// Lines printed for a terminal carry its colours, in front and in the middle: `ESC[31m404ESC[0m`. They are read without.
import type { Chunk } from '../format.ts';

/** Begins every sequence. */
export const ESCAPE = '\x1b[';
const SEQUENCES = /\x1b\[(?:[\d;]*[A-Za-z])?/g;

/** The text of a chunk (or of a line of it), as a chunk without escape sequences. */
export function plainChunk(text: string): Chunk {
  const plain = text.replace(SEQUENCES, '');
  return { bytes: Buffer.from(plain, 'latin1'), text: plain };
}
