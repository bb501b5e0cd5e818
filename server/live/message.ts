// A message as bytes on the wire, made once for all who get it. WebSocket frames (RFC 6455 §5.2), written here because a library frames
// a message anew for each client. A long message is cut into fragments with a ping behind each: the pongs that come back say how far
// the client has read, which is all that tells a slow one from one that reads nothing.

const CONTINUATION = 0x0,
  TEXT = 0x1,
  PING = 0x9,
  FIN = 0x80;
/** A client at 2 KB/s takes so much in the time after which one that takes nothing is let go. */
const FRAGMENT_BYTES = 16 * 1024;

export interface Message {
  /** With a ping at the end. */
  readonly bytes: Buffer;
  /** Without: a short message need not be acknowledged each time. */
  readonly plain: Buffer;
  /** What the pong to the last ping says; later messages have higher numbers. */
  readonly ping: number;
  /** How many pings are in `bytes`. */
  readonly pings: number;
}

let pings = 0;

export function messageOf(text: string): Message {
  const payload = Buffer.from(text),
    parts: Buffer[] = [],
    before = pings;
  for (let from = 0; from === 0 || from < payload.length; from += FRAGMENT_BYTES) {
    const to = Math.min(payload.length, from + FRAGMENT_BYTES);
    if (from > 0) parts.push(pingOf(++pings));
    parts.push(
      headerOf((from === 0 ? TEXT : CONTINUATION) | (to === payload.length ? FIN : 0), to - from),
      payload.subarray(from, to),
    );
  }
  const ping = ++pings,
    bytes = Buffer.concat([...parts, pingOf(ping)]);
  return { bytes, plain: bytes.subarray(0, bytes.length - PING_BYTES), ping, pings: pings - before };
}

/** A server masks nothing: first byte, then the length in 1 or 3 bytes; fragments are short. */
function headerOf(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, length]);
  return Buffer.from([first, 126, length >> 8, length & 0xff]);
}

const PING_BYTES = 8;

function pingOf(number: number): Buffer {
  const frame = Buffer.alloc(PING_BYTES);
  frame.set([PING | FIN, PING_BYTES - 2]);
  frame.writeUIntBE(number, 2, 6);
  return frame;
}

/** The number that a pong gives back; NaN for one that nobody asked for. */
export const pongOf = (payload: Buffer): number => (payload.length === PING_BYTES - 2 ? payload.readUIntBE(0, 6) : NaN);
