// What chats, word processors and web pages make of a line that somebody pastes through them: curly quotes, long dashes, blanks that do not
// break, and the entities of HTML.
import type { Chunk } from '../format.ts';

/** As latin1 of UTF-8: U+2010–U+2015, U+2018–U+201F, U+00A0; entities. */
const SIGNS =
  /\xe2\x80[\x90-\x95\x98-\x9f]|\xc2\xa0|&(?:quot|apos|amp|lt|gt|nbsp|#(?:34|38|39|60|62|160|x22|x26|x27));/gi;

const PLAIN: Readonly<Record<string, string>> = {
  '\xe2\x80\x98': "'",
  '\xe2\x80\x99': "'",
  '\xe2\x80\x9a': "'",
  '\xe2\x80\x9b': "'",
  '\xe2\x80\x9c': '"',
  '\xe2\x80\x9d': '"',
  '\xe2\x80\x9e': '"',
  '\xe2\x80\x9f': '"',
  '\xc2\xa0': ' ',
  '&nbsp;': ' ',
  '&#160;': ' ',
  '&quot;': '"',
  '&#34;': '"',
  '&#x22;': '"',
  '&apos;': "'",
  '&#39;': "'",
  '&#x27;': "'",
  '&amp;': '&',
  '&#38;': '&',
  '&#x26;': '&',
  '&lt;': '<',
  '&#60;': '<',
  '&gt;': '>',
  '&#62;': '>',
};

/** The line of the chunk as it was before it was typeset; undefined when nothing on it looks so. */
export function plainLine(chunk: Chunk, start: number, end: number): Chunk | undefined {
  const line = chunk.text.slice(start, end);
  const text = line.replace(SIGNS, plainSign);
  if (text === line) return undefined;
  return { bytes: Buffer.from(text, 'latin1'), text };
}

/** The same of a format that somebody pasted; its entities may be left. */
export function plainText(text: string, entities = true): string {
  const bytes = Buffer.from(text).toString('latin1');
  const plain = bytes.replace(SIGNS, (sign) => (sign[0] === '&' && !entities ? sign : plainSign(sign)));
  return Buffer.from(plain, 'latin1').toString();
}

const plainSign = (sign: string): string => PLAIN[sign.toLowerCase()] ?? '-';
