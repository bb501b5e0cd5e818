// A request's body, decoded, in chunks as they arrive, and no faster than they are taken: whoever takes them may say "wait", and
// the sender waits. Limits are in allowance.ts and count while streaming: nothing that a sender compresses makes us hold more
// than a chunk of it (snappy excepted, whose blocks say their size first).
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate, createInflateRaw, createZstdDecompress, Gunzip } from 'node:zlib';
import { errors } from '../errors.ts';
import type { Allowance, AllowancePart } from './allowance.ts';
import { cannotUnpack, packingOf } from './packing.ts';
import { copied, dropped } from './garbage.ts';
import type { Decoder, Take } from './decoder.ts';
import { Snappy } from './snappy-body.ts';

/** zlib hands out its output in pieces of this size: large ones make large chunks to scan. */
const CHUNK_BYTES = 128 * 1024;

/**
 * Calls `take` with each decoded chunk; resolves with the number of decoded bytes when the body has ended whole. Rejects with
 * errors.tooLarge, growsTooMuch, unknownEncoding, brokenEncoding or brokenOff, or with what `take` threw.
 */
export async function decodeBody(request: IncomingMessage, allowance: Allowance, take: Take): Promise<number> {
  const part = allowance.part();
  await pump(request, part, decoderFor(request, allowance, counting(part, take)));
  return part.decodedBytes;
}

const encodingOf = (request: IncomingMessage): string =>
  (request.headers['content-encoding'] ?? '').trim().toLowerCase();
const isPlain = (request: IncomingMessage): boolean => ['', 'identity', 'none'].includes(encodingOf(request));

function decoderFor(request: IncomingMessage, allowance: Allowance, take: Take): Decoder {
  if (isPlain(request)) return new Told(take, packedAnyway);
  const encoding = encodingOf(request);
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return new Told(take, gunzip);
    case 'zstd':
      return new Told(take, unzstd);
    case 'deflate':
    case 'zlib':
      return new Told(take, deflateOf);
    case 'snappy':
    case 'x-snappy-framed':
      return new Snappy(take, allowance);
  }
  request.resume(); // read to its end, so that the sender reads our answer
  throw errors.unknownEncoding(`Unknown Content-Encoding "${encoding.slice(0, 40)}".`);
}

/** Calls `take` with what gzip members inside of a body (a Firehose record, say) decode to. Fails as decodeBody does. */
export function gzipDecoder(allowance: Allowance, take: Take): Decoder {
  const part = allowance.part();
  const inflate = new Inflate(gunzip(), counting(part, take));
  return {
    write(bytes) {
      part.encoded(bytes.length);
      return inflate.write(bytes);
    },
    end: () => inflate.end(),
  };
}

export interface Whole {
  readonly body: Buffer;
  /** Its SHA-256. */
  readonly digest: Buffer;
}

/** The whole decoded body, for receivers that need it in one piece. It counts as held until its response is gone. */
export async function decodeWhole(request: IncomingMessage, allowance: Allowance): Promise<Whole> {
  const hash = createHash('sha256');
  let whole: Gathered | undefined = new Gathered(isPlain(request) ? Number(request.headers['content-length'] ?? 0) : 0);
  try {
    await decodeBody(request, allowance, (chunk, isOwn) => {
      hash.update(chunk);
      allowance.hold(chunk.length);
      whole!.add(chunk, isOwn);
    });
    return { body: whole.bytes, digest: hash.digest() };
  } finally {
    whole = undefined; // the request refers to it until it is over, refused or not
  }
}

/** Bytes put together in one buffer that grows: the system gives its memory as it is written to, so it grows by much at once. */
class Gathered {
  #bytes: Buffer = NOTHING;
  #length = 0;
  readonly #expected: number;

  constructor(expected: number) {
    this.#expected = expected;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  add(chunk: Buffer, isOwn = false): void {
    if (isOwn && this.#length === 0) this.#bytes = chunk;
    else {
      const length = this.#length + chunk.length;
      if (length > this.#bytes.length) this.#grow(length);
      chunk.copy(this.#bytes, this.#length);
    }
    this.#length += chunk.length;
    copied(chunk.length, this.#length);
  }

  #grow(length: number): void {
    const room =
      this.#length === 0
        ? Math.min(this.#expected, EXPECTED_BYTES_MAX)
        : Math.min(length * GROWTH, Math.max(length * 2, EXPECTED_BYTES_MAX));
    const grown = Buffer.allocUnsafeSlow(Math.max(length, room));
    this.#bytes.copy(grown, 0, 0, this.#length);
    dropped(this.#bytes.length);
    this.#bytes = grown;
  }
}

const NOTHING: Buffer = Buffer.alloc(0);
/** Room is made for no more than this on the word of a Content-Length. */
const EXPECTED_BYTES_MAX = 64 * 1024 * 1024;
/** What has been outgrown is garbage for a while. */
const GROWTH = 8;

const counting =
  (part: AllowancePart, take: Take): Take =>
  (chunk, isOwn) => {
    part.decoded(chunk.length);
    return take(chunk, isOwn);
  };

/** Reads the request to its end. After a refusal the rest is read and dropped, so that the sender gets to read the answer. */
function pump(request: IncomingMessage, part: AllowancePart, decoder: Decoder): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void => {
      stop();
      request.resume();
      decoder.destroy?.();
      reject(error);
    };
    const stop = consume(request, {
      take(chunk: Buffer) {
        part.encoded(chunk.length);
        return decoder.write(chunk);
      },
      end() {
        const ending = decoder.end();
        if (ending === undefined) resolve();
        else ending.then(resolve, refuse);
      },
      failed: (error) => refuse(error),
    });
    const brokenOff = (): void => refuse(errors.brokenOff());
    request.once('aborted', brokenOff);
    request.once('error', brokenOff);
    request.once('close', () => {
      if (!request.complete) brokenOff();
    });
  });
}

interface Consumer {
  take: Take;
  /** All has been taken. */
  end(): void;
  /** What these two threw, or were rejected with. */
  failed(error: unknown): void;
}

/** Gives a stream's chunks to `take`, one at a time: the stream waits until it is done with each. Returns what stops it. */
function consume(stream: Readable, { take, end, failed }: Consumer): () => void {
  let isBusy = false,
    isEnded = stream.readableEnded;
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failed(error);
    }
  };
  const onData = (chunk: Buffer): void =>
    attempt(() => {
      const taking = take(chunk);
      if (taking === undefined) return;
      isBusy = true;
      stream.pause();
      taking.then(() => {
        isBusy = false;
        if (isEnded) attempt(end);
        else stream.resume();
      }, failed);
    });
  // A stream whose last chunk is out says that it has ended, paused or not.
  const onEnd = (): void => {
    isEnded = true;
    if (!isBusy) attempt(end);
  };
  if (isEnded) onEnd();
  else stream.on('data', onData).once('end', onEnd);
  return () => stream.removeListener('data', onData).removeListener('end', onEnd);
}

type Unpacker = ReturnType<typeof createGunzip | typeof createInflate | typeof createZstdDecompress>;

class Inflate implements Decoder {
  readonly #stream: Unpacker;
  #given = 0;
  readonly #ended = Promise.withResolvers<void>();
  #failure: { error: unknown } | undefined;

  constructor(stream: Unpacker, take: Take) {
    this.#stream = stream;
    this.#ended.promise.catch(() => {}); // thrown where it is awaited: an earlier failure is not unhandled
    const fail = (error: unknown): void => {
      this.#failure ??= { error };
      stream.destroy();
      this.#ended.reject(error);
    };
    consume(stream, {
      take: (chunk) => (this.#failure === undefined ? take(chunk) : undefined),
      end: this.#ended.resolve,
      failed: fail,
    });
    stream.once('error', (error) => fail(errors.brokenEncoding(`The body does not decode: ${error.message}.`)));
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#given += bytes.length;
    if (this.#stream.write(bytes)) return undefined;
    return Promise.race([new Promise<void>((resolve) => this.#stream.once('drain', resolve)), this.#ended.promise]);
  }

  async end(): Promise<void> {
    this.#stream.end();
    await this.#ended.promise;
    // zlib stops at the end that the encoding has, and says nothing of what is behind it. Gzip may be padded; the rest of it is refused.
    if (this.#stream.bytesWritten < this.#given && !(this.#stream instanceof Gunzip))
      throw errors.brokenEncoding('The body does not decode: it goes on behind its end.');
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

/** The decoder is made with, and may be told by, the first bytes; without one the body is taken as it is. */
class Told implements Decoder {
  readonly #take: Take;
  readonly #tell: (first: Buffer) => Unpacker | undefined;
  #isTold = false;
  #inflate: Inflate | undefined;

  constructor(take: Take, tell: (first: Buffer) => Unpacker | undefined) {
    this.#take = take;
    this.#tell = tell;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (!this.#isTold) {
      this.#isTold = true;
      const stream = this.#tell(bytes);
      if (stream !== undefined) this.#inflate = new Inflate(stream, this.#take);
    }
    return this.#inflate === undefined ? (this.#take(bytes) ?? undefined) : this.#inflate.write(bytes);
  }

  end(): Promise<void> | undefined {
    return this.#inflate?.end();
  }

  destroy(): void {
    this.#inflate?.destroy();
  }
}

const gunzip = (): Unpacker => createGunzip({ chunkSize: CHUNK_BYTES });
const unzstd = (): Unpacker => createZstdDecompress({ chunkSize: CHUNK_BYTES });

/** zlib-wrapped, or raw as some senders have it: told by the first two bytes (RFC 1950: CM = 8 and a multiple of 31). */
const deflateOf = (first: Buffer): Unpacker =>
  (first[0] & 0x0f) === 8 && (first.length < 2 || ((first[0] << 8) | first[1]) % 31 === 0)
    ? createInflate({ chunkSize: CHUNK_BYTES })
    : createInflateRaw({ chunkSize: CHUNK_BYTES });

/** Some compress and do not say so. No text begins like this, no protobuf of ours and no msgpack record. */
function packedAnyway(first: Buffer): Unpacker | undefined {
  const packing = packingOf(first);
  if (packing === 'gzip') return first[2] === 8 ? gunzip() : undefined;
  if (packing === 'zstd') return unzstd();
  if (packing !== 'none') throw errors.undecodable(`The body cannot be read: ${cannotUnpack(packing)}.`);
  return undefined;
}
