// What commands write, for a terminal: log lines and file names come from anyone, and a terminal obeys escape sequences, shows text
// backwards, or not at all. So no command writes to it but through here.
import type { Output } from './command.ts';

/** Control characters (C0 without tab and newline, DEL, C1), those that turn the direction of text, and those that nobody sees. */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** Each of them as JSON would write it: of JSON the value stays the same. */
export const visible = (text: string): string =>
  text.replace(OBEYED, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** The same of what shall stand on one line: nobody else writes a line of ours. */
export const onOneLine = (text: string): string =>
  visible(text.replace(/[\r\n\t]/g, (c) => ({ '\r': '\\r', '\n': '\\n' })[c] ?? ' '));

/** What went wrong, or else is worth a line beside the output. */
export const complain = (io: { stderr: Output }, text: string): void =>
  void io.stderr.write(`fivealarm: ${onOneLine(text)}\n`);

/** Begins the line anew. */
const ANEW = '\r\x1b[K';

export function visibly(stream: NodeJS.WriteStream): Output {
  return {
    isTTY: stream.isTTY,
    write: (text) => stream.write(visible(text)),
    once: (event, listener) => void stream.once(event, listener),
    over: (text) => void stream.write(ANEW + visible(text)),
  };
}
