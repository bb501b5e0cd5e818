// The line being read as its values, and how one of them gets into the hit: as a range where it can, as text where it was escaped.
import { CLIENT, HOST, METHOD, PATH, type Hit } from '../../core/hit.ts';
import type { Chunk } from '../format.ts';
import { Keys } from './keys.ts';
import { readRequest, readUrl, setClient } from '../bytes/request.ts';
import { timeIn, unescaped } from '../bytes/scalars.ts';
import { CONTAINER, ESCAPED, Values } from './values.ts';
import { ASCII } from '../bytes/ascii.ts';

const { BRACKET, SLASH } = ASCII;

/** The names of every keyed format, and the line being read: one thread reads one line at a time. */
export const keys = new Keys();
export const values = new Values();

const DASH_TEXT = '-';

export function setText(chunk: Chunk, field: number, i: number, hit: Hit): void {
  const { bytes } = chunk;
  const start = values.starts[i],
    end = values.ends[i],
    kind = values.kinds[i];
  if (values.nothing[i] === 1) hit.setDash(field);
  else if (kind === ESCAPED) hit.setText(field, unescaped(bytes, start, end));
  else if (kind === CONTAINER) hit.setText(field, listed(bytes, start, end));
  else if (field === CLIENT) setClient(bytes, start, end, hit);
  else hit.set(field, start, end);
}

/** `["502","200"]` as nginx writes lists: `502, 200`. Objects say nothing. */
function listed(bytes: Buffer, start: number, end: number): string {
  if (bytes[start] !== BRACKET) return DASH_TEXT;
  const text = bytes.toString('utf8', start + 1, end - 1);
  if (/[[{]/.test(text)) return DASH_TEXT;
  const plain = text.replaceAll('"', '');
  return (
    (plain.includes(',')
      ? plain
          .split(',')
          .map((element) => element.trim())
          .join(', ')
      : plain
    ).trim() || DASH_TEXT
  );
}

export function setPath(chunk: Chunk, i: number, hit: Hit): void {
  const start = values.starts[i],
    end = values.ends[i];
  if (values.kinds[i] !== ESCAPED) return readUrl(chunk, start, end, hit);
  const text = unescaped(chunk.bytes, start, end);
  const url = /^[a-z][a-z0-9+.]{0,9}:\/\/([^/?]*)(.*)/is.exec(text);
  if (url === null) return hit.setText(PATH, text);
  hit.setText(HOST, url[1]);
  hit.setText(PATH, url[2] || '/');
}

export function setRequestLine(chunk: Chunk, i: number, hit: Hit): void {
  const start = values.starts[i],
    end = values.ends[i];
  if (values.kinds[i] !== ESCAPED) {
    if (chunk.bytes[start] === SLASH) hit.set(PATH, start, end);
    else readRequest(chunk, start, end, hit);
    return;
  }
  // Some log all the headers behind it.
  const [first] = unescaped(chunk.bytes, start, end).split(/[\r\n]/, 1);
  const method = /^([A-Za-z][\w-]*) +/.exec(first);
  const target = withoutProtocol(method === null ? first : first.slice(method[0].length));
  if (method !== null) hit.setText(METHOD, method[1]);
  const url = /^[a-z][a-z0-9+.]{0,9}:\/\/([^/?]*)(.*)/is.exec(target);
  if (url !== null) hit.setText(HOST, url[1]);
  hit.setText(PATH, url === null ? target : url[2] || '/');
}

/** Without the ` HTTP/1.1` at its end. */
function withoutProtocol(text: string): string {
  const at = text.lastIndexOf(' HTTP/');
  return at !== -1 && /^[\d.]+$/.test(text.slice(at + 6)) ? text.slice(0, at).trimEnd() : text;
}

export function timeOf(chunk: Chunk, i: number): number {
  const start = values.starts[i],
    end = values.ends[i];
  if (values.kinds[i] === CONTAINER) return NaN;
  if (values.kinds[i] !== ESCAPED) return timeIn(chunk.bytes, start, end);
  const text = Buffer.from(unescaped(chunk.bytes, start, end), 'latin1');
  return timeIn(text, 0, text.length);
}

/** Makes a string; for what is looked at once in a while. */
export function textOf(chunk: Chunk, i: number): string | undefined {
  if (i === -1) return undefined;
  const start = values.starts[i],
    end = values.ends[i];
  return values.kinds[i] === ESCAPED ? unescaped(chunk.bytes, start, end) : chunk.bytes.toString('utf8', start, end);
}
