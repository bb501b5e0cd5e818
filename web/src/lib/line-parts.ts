// A log line cut into keys and the rest, for lines that have keys: JSON and logfmt. Nothing is parsed or changed: put together again
// the parts are the line, whole or cut off.
export interface LinePart {
  text: string;
  isKey: boolean;
}

const JSON_KEY = /"(?:[^"\\]|\\.)*"\s*:\s*/g;
const PAIR_KEY = /(?<=^|[\s\t])[A-Za-z_][\w.-]*[=:](?=\S)/g;

export function lineParts(line: string): LinePart[] {
  const parts: LinePart[] = [];
  let at = 0;
  for (const { index, 0: key } of line.matchAll(/^\s*\{/.test(line) ? JSON_KEY : PAIR_KEY)) {
    if (index > at) parts.push({ text: line.slice(at, index), isKey: false });
    parts.push({ text: key, isKey: true });
    at = index + key.length;
  }
  if (at < line.length) parts.push({ text: line.slice(at), isKey: false });
  return parts;
}
