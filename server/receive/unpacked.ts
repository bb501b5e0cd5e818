// The content of a rotated file, compressed or not, from its first byte on.
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { PRINT_BYTES, beginsLike, headWith, holds, markOf, type Head, type Life } from './life.ts';
import { isUnpackable, packingOf, type Packing } from './packing.ts';
import { idOf } from './siblings.ts';

const CHUNK_BYTES = 256 * 1024;
const GZIP_SIZE_MODULUS = 2 ** 32;

export class Unpacked {
  readonly path: string;
  /** Device and inode. */
  readonly id: string;
  readonly packing: Packing;
  /** Of what is not compressed. */
  readonly size: number | undefined;
  /**
   * What gzip noted: the size modulo 4 GiB (of the last member, but logrotate makes one). Meaningless in a file that
   * breaks off.
   */
  readonly #noted: number | undefined;
  /** The first PRINT_BYTES, or fewer when there are no more. */
  readonly first: Buffer;
  /** As they are in the file. */
  readonly #firstPacked: Buffer;
  readonly #file: FileHandle;

  private constructor(
    file: FileHandle,
    of: Pick<Unpacked, 'path' | 'id' | 'packing' | 'size' | 'first'> & { firstPacked: Buffer; noted?: number },
  ) {
    this.path = of.path;
    this.id = of.id;
    this.packing = of.packing;
    this.size = of.size;
    this.first = of.first;
    this.#noted = of.noted;
    this.#firstPacked = of.firstPacked;
    this.#file = file;
  }

  /** Throws what open(2) throws, and what unpacking does: a file that is just being compressed breaks off. */
  static async open(path: string): Promise<Unpacked> {
    const file = await open(path, 'r');
    try {
      const found = await file.stat({ bigint: true });
      const size = Number(found.size),
        id = idOf(found);
      const firstPacked = await readUpTo(file, PRINT_BYTES, 0);
      const packing = packingOf(firstPacked);
      if (packing !== 'none' && !isUnpackable(packing))
        return new Unpacked(file, { path, id, packing, size: undefined, first: Buffer.alloc(0), firstPacked });
      const noted = packing === 'gzip' && size >= 18 ? (await readUpTo(file, 4, size - 4)).readUInt32LE(0) : undefined;
      const first = packing === 'none' ? firstPacked : await firstOf(unpack(file, packing));
      return new Unpacked(file, {
        path,
        id,
        packing,
        size: packing === 'none' ? size : undefined,
        first,
        firstPacked,
        noted,
      });
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get isReadable(): boolean {
    return this.packing === 'none' || isUnpackable(this.packing);
  }

  head(run: number): Head {
    return headWith(this.first, run);
  }

  /** From the first byte on. The file stays open. */
  stream(): Readable {
    return unpack(this.#file, this.packing);
  }

  /** False once the file is being overwritten, as by `shred`: from its beginning on. */
  async isIntact(): Promise<boolean> {
    return (await readUpTo(this.#file, this.#firstPacked.length, 0)).equals(this.#firstPacked);
  }

  /** Does nothing follow this place, for certain? */
  endsAt(place: number): boolean {
    return this.packing === 'none' ? this.size! <= place : this.#noted === place % GZIP_SIZE_MODULUS;
  }

  /**
   * Those of these lives that this holds, as far as it can be seen. Unpacks all that was counted unless there is no
   * doubt.
   */
  async which(lives: readonly Life[]): Promise<Life[]> {
    const alike = lives.filter((life) => beginsLike(this.first, life));
    if (this.packing === 'none') {
      const held: Life[] = [];
      for (const life of alike) if (await holds(this.#file, this.size!, life)) held.push(life);
      return held;
    }
    const [only] = alike;
    const isPlain =
      alike.length === 1 && (only.done === true || this.endsAt(only.end) || (only.marks ?? []).length === 0);
    if (alike.length === 0 || isPlain) return alike;
    const digests = await this.#digestsBefore(alike.flatMap(({ marks = [] }) => marks.map(({ at }) => at)));
    return alike.filter(({ marks = [] }) => marks.every(({ at, digest }) => (digests.get(at) ?? digest) === digest));
  }

  /** Of the bytes before each of these places, as far as the content reaches. */
  async #digestsBefore(places: readonly number[]): Promise<Map<number, string>> {
    const wanted = [...new Set(places)].sort((a, b) => a - b);
    const found = new Map<number, string>();
    let before: Buffer = Buffer.alloc(0);
    let offset = 0;
    for await (const chunk of this.stream() as AsyncIterable<Buffer>) {
      const bytes = before.length === 0 ? chunk : Buffer.concat([before, chunk]);
      const from = offset - before.length;
      for (; wanted.length > 0 && wanted[0] <= offset + chunk.length; wanted.shift()) {
        found.set(wanted[0], markOf(bytes.subarray(0, wanted[0] - from), wanted[0]).digest);
      }
      if (wanted.length === 0) break;
      offset += chunk.length;
      before = bytes.subarray(Math.max(0, bytes.length - PRINT_BYTES));
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** The last PRINT_BYTES of two pieces of one stream of bytes. */
export function tailOf(before: Buffer, bytes: Buffer): Buffer {
  if (bytes.length >= PRINT_BYTES) return Buffer.from(bytes.subarray(bytes.length - PRINT_BYTES));
  return Buffer.concat([before.subarray(Math.max(0, before.length + bytes.length - PRINT_BYTES)), bytes]);
}

function unpack(file: FileHandle, packing: Packing): Readable {
  const raw = Readable.from(chunksOf(file), { objectMode: false });
  if (packing === 'none') return raw;
  const unpacker =
    packing === 'gzip' ? createGunzip({ chunkSize: CHUNK_BYTES }) : createZstdDecompress({ chunkSize: CHUNK_BYTES });
  raw.on('error', (error) => unpacker.destroy(error));
  unpacker.on('close', () => raw.destroy());
  return raw.pipe(unpacker);
}

/** Not the handle's own stream: that closes the file when it is left early. */
async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let at = 0; ;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

async function firstOf(stream: Readable): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    first = Buffer.concat([first, chunk]);
    if (first.length >= PRINT_BYTES) break;
  }
  return Buffer.from(first.subarray(0, PRINT_BYTES));
}

async function readUpTo(file: FileHandle, length: number, from: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, from);
  return bytes.subarray(0, bytesRead);
}
