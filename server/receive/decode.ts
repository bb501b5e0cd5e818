// A request's body, decoded, in chunks as they arrive. The limit is on decoded bytes and counted while streaming: nothing
// that a sender compresses makes us hold more than a chunk of it (snappy blocks excepted, which say their size first).
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Transform } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import { uncompress } from 'snappyjs';
import { errors } from '../errors.ts';

export interface DecodeLimits {
  /** Decoded bytes. */
  maxBytes: number;
}

/** Past this many decoded bytes, more than RATIO_MAX of them for each encoded one is an attack, not a log. */
const RATIO_FROM_BYTES = 8 * 1024 * 1024;
const RATIO_MAX = 10_000;
/** zlib hands out its output in pieces of this size: large ones make large chunks to scan. */
const CHUNK_BYTES = 128 * 1024;

/**
 * Calls `take` with each decoded chunk; resolves with the number of decoded bytes when the body has ended whole. Rejects with
 * errors.tooLarge, unknownEncoding, brokenEncoding or brokenOff, or with what `take` threw. The chunk may be reused after.
 */
export async function decodeBody(
  request: IncomingMessage,
  limits: DecodeLimits,
  take: (chunk: Buffer) => void,
): Promise<number> {
  const encoding = (request.headers['content-encoding'] ?? '').trim().toLowerCase();
  const counted = counter(limits.maxBytes, take);
  switch (encoding) {
    case '':
    case 'identity':
    case 'none':
      await inflate(request, packedAnyway, counted);
      break;
    case 'gzip':
    case 'x-gzip':
      await inflate(request, createGunzip({ chunkSize: CHUNK_BYTES }), counted);
      break;
    case 'zstd':
      await inflate(request, createZstdDecompress({ chunkSize: CHUNK_BYTES }), counted);
      break;
    case 'deflate':
    case 'zlib':
      await inflate(request, deflateOf, counted);
      break;
    case 'snappy':
    case 'x-snappy-framed':
      await unsnap(request, limits, counted.take);
      break;
    default:
      request.resume(); // read to its end, so that the sender reads our answer
      throw errors.unknownEncoding(`Unknown Content-Encoding "${encoding.slice(0, 40)}".`);
  }
  return counted.bytes();
}

/** Bodies held whole at the same time, all together: what is read into trees takes several times as much again. */
const HELD_BYTES_MAX = 128 * 1024 * 1024;
let held = 0;

/**
 * The whole decoded body, for the receivers that need it in one piece. It counts as held until its answer is gone; rejects
 * with errors.overloaded when too much is held already.
 */
export async function decodeWhole(
  request: IncomingMessage,
  limits: DecodeLimits,
  answer: Pick<ServerResponse, 'once'>,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isGone = false;
  answer.once('close', () => {
    held -= bytes;
    isGone = true;
  });
  await decodeBody(request, limits, (chunk) => {
    if (isGone) throw errors.brokenOff();
    // One body alone is bounded by its own limit.
    if (held > bytes && held + chunk.length > HELD_BYTES_MAX)
      throw errors.overloaded('More bodies are being read at once than there is memory for.');
    bytes += chunk.length;
    held += chunk.length;
    chunks.push(Buffer.from(chunk));
  });
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

interface Counter {
  take(chunk: Buffer): void;
  bytes(): number;
}

function counter(maxBytes: number, take: (chunk: Buffer) => void): Counter {
  let bytes = 0;
  return {
    take(chunk) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw errors.tooLarge(`The body is larger than ${maxBytes / 1024 / 1024} MiB decoded.`);
      take(chunk);
    },
    bytes: () => bytes,
  };
}

/** Reads the request to its end. After a refusal the rest is read and dropped, so that the sender gets to read the answer. */
function pump(request: IncomingMessage, take: (chunk: Buffer) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown) => {
      request.removeListener('data', onData);
      request.resume();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      try {
        take(chunk);
      } catch (error) {
        refuse(error);
      }
    };
    if (request.readableEnded) return resolve();
    request.on('data', onData);
    request.once('end', resolve);
    request.once('aborted', () => reject(errors.brokenOff()));
    request.once('error', () => reject(errors.brokenOff()));
    request.once('close', () => {
      if (!request.complete) reject(errors.brokenOff());
    });
  });
}

/** zlib-wrapped, or raw as some senders have it: told by the first two bytes (RFC 1950: CM = 8 and a multiple of 31). */
const deflateOf = (first: Buffer): Transform =>
  (first[0] & 0x0f) === 8 && (first.length < 2 || ((first[0] << 8) | first[1]) % 31 === 0)
    ? createInflate({ chunkSize: CHUNK_BYTES })
    : createInflateRaw({ chunkSize: CHUNK_BYTES });

/** Some compress and do not say so. No text begins like this, no protobuf of ours and no msgpack record. */
function packedAnyway(first: Buffer): Transform | undefined {
  if (first[0] === 0x1f && first[1] === 0x8b && first[2] === 8) return createGunzip({ chunkSize: CHUNK_BYTES });
  if (first.length >= 4 && first.readUInt32BE(0) === 0x28b52ffd)
    return createZstdDecompress({ chunkSize: CHUNK_BYTES });
  return undefined;
}

/** `how`: the decoder, or what it is by the first bytes; without one the body is taken as it stands. */
async function inflate(
  request: IncomingMessage,
  how: Transform | ((first: Buffer) => Transform | undefined),
  counted: Counter,
): Promise<void> {
  let encoded = 0;
  let decoder: Transform | undefined;
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => {}); // awaited below, after the pump: an earlier failure is not unhandled
  let failed = false;
  const fail = (error: unknown) => {
    failed = true;
    decoder?.destroy();
    request.resume();
    done.reject(error);
  };
  const open = (first: Buffer): Transform | undefined => {
    const stream = typeof how === 'function' ? how(first) : how;
    if (stream === undefined) return undefined;
    stream.on('data', (chunk: Buffer) => {
      if (failed) return;
      try {
        counted.take(chunk);
        if (counted.bytes() > RATIO_FROM_BYTES && counted.bytes() > encoded * RATIO_MAX)
          throw errors.tooLarge('The body grows too much when it is decoded.');
      } catch (error) {
        fail(error);
      }
    });
    stream.once('end', done.resolve);
    stream.once('error', (error) => fail(errors.brokenEncoding(`The body does not decode: ${error.message}.`)));
    stream.on('drain', () => request.resume());
    return stream;
  };
  await pump(request, (chunk) => {
    if (encoded === 0) decoder = open(chunk);
    encoded += chunk.length;
    if (failed) return;
    if (decoder === undefined) counted.take(chunk);
    else if (!decoder.write(chunk)) request.pause();
  }).catch((error: unknown) => {
    fail(error);
    throw error;
  });
  if (decoder === undefined) return; // no body, or one as it stands
  if (!failed) decoder.end();
  await done.promise;
}

const FRAMED = Buffer.from([0xff, 0x06, 0x00, 0x00, 0x73, 0x4e, 0x61, 0x50, 0x70, 0x59]);

async function unsnap(request: IncomingMessage, limits: DecodeLimits, take: (chunk: Buffer) => void): Promise<void> {
  const encoded: Buffer[] = [];
  let bytes = 0;
  await pump(request, (chunk) => {
    bytes += chunk.length;
    if (bytes > limits.maxBytes) throw errors.tooLarge();
    encoded.push(chunk);
  });
  const whole = encoded.length === 1 ? encoded[0] : Buffer.concat(encoded);
  if (whole.length === 0) return;
  if (!whole.subarray(0, FRAMED.length).equals(FRAMED)) return take(unsnapBlock(whole, limits.maxBytes));
  // The framing format: type, 3-byte length, and for data a 4-byte checksum (skipped: TCP and the block have theirs).
  for (let at = 0; at < whole.length;) {
    const end = at + 4 + (whole.length - at < 4 ? Infinity : whole.readUIntLE(at + 1, 3));
    if (end > whole.length) throw errors.brokenEncoding('A snappy frame is cut off.');
    if (whole[at] === 0) take(unsnapBlock(whole.subarray(at + 8, end), limits.maxBytes));
    else if (whole[at] === 1) take(whole.subarray(at + 8, end));
    else if (whole[at] < 0x80) throw errors.brokenEncoding('Unknown snappy frame.');
    at = end;
  }
}

/** One snappy block. It says its decoded length first, so a bomb is refused before it is unpacked. */
export function unsnapBlock(block: Buffer, maxBytes: number): Buffer {
  try {
    return Buffer.from(uncompress(block, maxBytes));
  } catch (error) {
    const { message } = error as Error;
    throw /too big/.test(message)
      ? errors.tooLarge()
      : errors.brokenEncoding(`The body does not decode as snappy: ${message}`);
  }
}
