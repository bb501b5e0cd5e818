// A JSON object that holds records in a list, and is none itself: told by what stands in front of the list.

/** A wrapper's opening, up to its array: Vector's payload_prefix, rsyslog's kafkarest, Azure and others. */
const FIRST = new Set(
  'data records events logs entries items messages lines value values hits results rows logevents receivedmessages'.split(
    ' ',
  ),
);
/** The same behind other things: of CloudWatch Logs, of what invokes a Lambda, of Pub/Sub. */
const LATER = new Set(['logEvents', 'Records', 'receivedMessages']);
const NAME_CHARS_MAX = 20;
export const WRAPPER_BYTES_MAX = 2048;

/** `text`: of an object, what stands before an array in it. Looked at from its end, and no further than to the array's name. */
export function opensWrapper(text: string): boolean {
  const colon = beforeBlanks(text, text.length),
    close = beforeBlanks(text, colon);
  if (text[colon] !== ':' || text[close] !== '"') return false;
  const open =
    text.slice(Math.max(0, close - NAME_CHARS_MAX), close).lastIndexOf('"') + Math.max(0, close - NAME_CHARS_MAX);
  const name = text.slice(open + 1, close),
    sign = beforeBlanks(text, open);
  if (text[open] !== '"') return false;
  return text[sign] === ',' ? LATER.has(name) : sign === 0 && text[0] === '{' && FIRST.has(name.toLowerCase());
}

/** Where the last character before `at` stands that is no blank; -1 when there is none. */
function beforeBlanks(text: string, at: number): number {
  for (at--; at >= 0 && text[at] <= ' '; at--);
  return at;
}
