// The pages of a SQLite file that SQLite itself may refuse, as they stood at the last commit: those of the write-ahead
// log lie over those of the file. Only reads. https://sqlite.org/fileformat2.html
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';

const MAGIC = Buffer.from('SQLite format 3\0');
/** better-sqlite3's, and so ours: for a file whose first page is gone. */
const PAGE_BYTES = 4096;

export class PageFile {
  readonly pageBytes: number;
  /** What a page holds, less what is reserved at its end. */
  readonly usable: number;
  /** Pages of the database, in the file or not. */
  readonly pages: number;
  /** The first page is one: what it says of the others holds. */
  readonly hasHeader: boolean;
  /** What of the write-ahead log cannot be used; undefined when there is none, or all of it can. */
  readonly logTrouble: string | undefined;
  readonly #file: number;
  readonly #size: number;
  readonly #newer: ReadonlyMap<number, Buffer>;

  /** Throws what open(2) throws. */
  constructor(path: string) {
    this.#file = openSync(path, 'r');
    this.#size = fstatSync(this.#file).size;
    const log = existsSync(`${path}-wal`) ? readLog(readFileSync(`${path}-wal`)) : undefined;
    this.#newer = log?.pages ?? new Map();
    this.logTrouble = log?.trouble;
    const first = this.#newer.get(1) ?? this.#read(0, 100);
    this.hasHeader = first.length >= 100 && first.subarray(0, MAGIC.length).equals(MAGIC) && isPageSize(sizeIn(first));
    this.pageBytes = this.hasHeader ? sizeIn(first) : (log?.pageBytes ?? PAGE_BYTES);
    this.usable = this.pageBytes - (this.hasHeader ? first[20] : 0);
    const isCounted = this.hasHeader && first.readUInt32BE(24) === first.readUInt32BE(92);
    this.pages = log?.databasePages ?? (isCounted ? first.readUInt32BE(28) : Math.floor(this.#size / this.pageBytes));
  }

  /** `PRAGMA user_version`. */
  get version(): number | undefined {
    return this.hasHeader ? (this.#newer.get(1) ?? this.#read(0, 100)).readUInt32BE(60) : undefined;
  }

  /** Undefined for one that is not there; shorter where the file ends in it. */
  page(number: number): Buffer | undefined {
    if (number < 1 || number > this.pages) return undefined;
    const bytes = this.#newer.get(number) ?? this.#read((number - 1) * this.pageBytes, this.pageBytes);
    return bytes.length < 100 ? undefined : bytes;
  }

  /**
   * Pages that hold nothing now, though something of before may be left in them. Undefined when that cannot be told.
   */
  freePages(): Set<number> | undefined {
    const first = this.hasHeader ? this.page(1) : undefined;
    if (first === undefined) return undefined;
    const free = new Set<number>();
    for (let trunk = first.readUInt32BE(32); trunk !== 0;) {
      const bytes = this.page(trunk);
      const leaves = bytes?.readUInt32BE(4) ?? Infinity;
      if (bytes?.length !== this.pageBytes || free.has(trunk) || leaves > this.usable / 4 - 2) return undefined;
      free.add(trunk);
      for (let i = 0; i < leaves; i++) free.add(bytes.readUInt32BE(8 + 4 * i));
      trunk = bytes.readUInt32BE(0);
    }
    return free.size === first.readUInt32BE(36) ? free : undefined;
  }

  #read(from: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.#size - from)));
    try {
      return bytes.subarray(0, bytes.length === 0 ? 0 : readSync(this.#file, bytes, 0, bytes.length, from));
    } catch {
      // A bad sector: the others are still there.
      return Buffer.alloc(0);
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

const sizeIn = (first: Buffer): number => (first.readUInt16BE(16) === 1 ? 65_536 : first.readUInt16BE(16));

const isPageSize = (bytes: number): boolean => bytes >= 512 && bytes <= 65_536 && (bytes & (bytes - 1)) === 0;

interface Log {
  readonly pageBytes: number | undefined;
  /** After the last commit in it; undefined when there is none. */
  readonly databasePages: number | undefined;
  readonly pages: ReadonlyMap<number, Buffer>;
  readonly trouble: string | undefined;
}

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;

/**
 * What was committed to the write-ahead log. Each frame is held by a checksum over all before it: one that fits is as
 * it was written.
 */
function readLog(bytes: Buffer): Log | undefined {
  if (bytes.length < LOG_HEADER_BYTES) return undefined;
  const magic = bytes.readUInt32BE(0),
    pageBytes = bytes.readUInt32BE(8);
  const isBig = magic === 0x377f0683;
  let sum = checksum(bytes.subarray(0, 24), [0, 0], isBig);
  if (
    (!isBig && magic !== 0x377f0682) ||
    !isPageSize(pageBytes) ||
    sum[0] !== bytes.readUInt32BE(24) ||
    sum[1] !== bytes.readUInt32BE(28)
  ) {
    return {
      pageBytes: undefined,
      databasePages: undefined,
      pages: new Map(),
      trouble: 'The write-ahead log (-wal) cannot be read: what was committed last is lost.',
    };
  }
  const pages = new Map<number, Buffer>(),
    uncommitted = new Map<number, Buffer>();
  let databasePages: number | undefined;
  let at = LOG_HEADER_BYTES;
  for (; at + FRAME_HEADER_BYTES + pageBytes <= bytes.length; at += FRAME_HEADER_BYTES + pageBytes) {
    const frame = bytes.subarray(at, at + FRAME_HEADER_BYTES),
      page = bytes.subarray(at + FRAME_HEADER_BYTES, at + FRAME_HEADER_BYTES + pageBytes);
    // Frames of an earlier round, not yet written over.
    if (frame.compare(bytes, 16, 24, 8, 16) !== 0) return { pageBytes, databasePages, pages, trouble: undefined };
    sum = checksum(page, checksum(frame.subarray(0, 8), sum, isBig), isBig);
    if (sum[0] !== frame.readUInt32BE(16) || sum[1] !== frame.readUInt32BE(20)) break;
    uncommitted.set(frame.readUInt32BE(0), page);
    if (frame.readUInt32BE(4) === 0) continue;
    databasePages = frame.readUInt32BE(4);
    for (const [number, committed] of uncommitted) pages.set(number, committed);
    uncommitted.clear();
  }
  const isWhole = at + FRAME_HEADER_BYTES + pageBytes > bytes.length;
  return {
    pageBytes,
    databasePages,
    pages,
    trouble: isWhole ? undefined : 'The write-ahead log (-wal) is damaged: commits after the damage are lost.',
  };
}

function checksum(bytes: Buffer, [a, b]: readonly [number, number], isBig: boolean): [number, number] {
  let s0 = a,
    s1 = b;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    s0 = (s0 + (isBig ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + s1) >>> 0;
    s1 = (s1 + (isBig ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + s0) >>> 0;
  }
  return [s0, s1];
}
