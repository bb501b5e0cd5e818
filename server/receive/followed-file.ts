// One file being followed: reads whole lines from where its counts stopped, and notices when it was truncated under us.
// It keeps nothing: what was counted is asked of the sink (the store here, or the server across a network).
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Head, Position } from './stream.ts';

/** What `deliver` is given: see Stretch. */
export interface Piece {
  readonly inode: string;
  readonly head: Head;
  readonly better?: Head;
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  readonly skipOlder?: boolean;
}

export interface FollowSink {
  /** How far each life of this inode is counted. */
  positions(inode: string): Promise<readonly Position[]>;
  /** Resolves with the position to go on from, once durable; retries what can be retried. The bytes are reused afterwards. */
  deliver(piece: Piece, source: string): Promise<number>;
}

/** A head shorter than this is replaced by a longer one when the file has grown: short ones collide. */
const HEAD_BYTES = 1024;
/** What is sent of a line longer than a buffer: enough that the reader sees a line past its limit (64 KiB) and counts it. */
const LONG_LINE_SENT = 64 * 1024 + 1;
const NEWLINE = 0x0a;

/** `more`: read on at once. `end`: nothing left. `tail`: only an unfinished line is left. `truncated`: the bytes before `offset` are gone. */
export type Step = 'more' | 'end' | 'tail' | 'truncated';

export class FollowedFile {
  readonly inode: string;
  readonly source: string;
  /** For messages, and to find its siblings. */
  path: string;
  /** Everything before is counted. */
  offset = 0;
  head: Head;
  /** All lives of the inode that the sink knows, this one included. */
  lives: readonly Position[] = [];
  readonly #file: FileHandle;
  readonly #sink: FollowSink;
  /** The line end of an over-long last line was looked for up to here. */
  #scanned = 0;

  private constructor(path: string, source: string, inode: string, head: Head, file: FileHandle, sink: FollowSink) {
    this.path = path;
    this.source = source;
    this.inode = inode;
    this.head = head;
    this.#file = file;
    this.#sink = sink;
  }

  /** Opens a file and finds its place in it. Throws what open(2) throws. */
  static async open(path: string, source: string, sink: FollowSink): Promise<FollowedFile> {
    const file = await open(path, 'r');
    try {
      const { ino } = await file.stat();
      const opened = new FollowedFile(path, source, String(ino), await headOf(file, HEAD_BYTES, 0), file, sink);
      await opened.findPlace();
      return opened;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** A copy of a file that has since been truncated: its uncounted rest belongs to the original's stream. */
  static async openCopy(path: string, of: FollowedFile, life: Position): Promise<FollowedFile | undefined> {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    const head = await headOf(file, life.head.length, life.head.run);
    if (size <= life.end || head.digest !== life.head.digest || head.length !== life.head.length) {
      await file.close();
      return undefined;
    }
    const copy = new FollowedFile(path, of.source, of.inode, life.head, file, of.#sink);
    copy.offset = life.end;
    return copy;
  }

  /** Known: go on where it stopped. Unknown, or known but shorter than what was counted: a new life, from its start. */
  async findPlace(): Promise<void> {
    this.lives = await this.#sink.positions(this.inode);
    const { size } = await this.#file.stat();
    for (const life of this.lives.toReversed()) {
      const head = await headOf(this.#file, life.head.length, life.head.run);
      if (life.end > size || head.length === 0 || head.digest !== life.head.digest || head.length !== life.head.length)
        continue;
      this.head = life.head;
      this.offset = this.#scanned = life.end;
      return;
    }
    this.head = await headOf(this.#file, HEAD_BYTES, Math.max(-1, ...this.lives.map((life) => life.head.run)) + 1);
    this.offset = this.#scanned = 0;
  }

  get isKnown(): boolean {
    return this.lives.some((life) => life.head.run === this.head.run);
  }

  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** Leave out the lines that are there already. Durable at once, so that a restart does not skip again. */
  async skipToEnd(): Promise<void> {
    const size = await this.size();
    if (size === 0) return;
    const from = Math.max(0, size - 64 * 1024);
    const last = Buffer.alloc(size - from);
    const { bytesRead } = await this.#file.read(last, 0, last.length, from);
    this.offset = this.#scanned = from + last.lastIndexOf(NEWLINE, bytesRead - 1) + 1;
    await this.#deliver({ start: this.offset, end: this.offset, bytes: Buffer.alloc(0), skipOlder: true });
  }

  /** Reads and delivers at most one buffer of whole lines. `finish`: the writer has gone, an unfinished last line is a line. */
  async step(buffer: Buffer, finish: boolean): Promise<Step> {
    const { size } = await this.#file.stat();
    if (size < this.offset) return 'truncated';
    if (size === this.offset) return 'end';
    const { bytesRead } = await this.#file.read(
      buffer,
      0,
      Math.min(buffer.length - 1, size - this.offset),
      this.offset,
    );
    // Read first, then look: bytes that were read before a truncation are then known to belong to this life.
    const better = await this.#checkHead();
    if (better === 'changed') return 'truncated';
    if (bytesRead === 0) return 'end';
    const last = buffer.lastIndexOf(NEWLINE, bytesRead - 1);
    if (last !== -1) {
      await this.#deliver({
        start: this.offset,
        end: this.offset + last + 1,
        bytes: buffer.subarray(0, last + 1),
        better,
      });
      return 'more';
    }
    if (bytesRead === buffer.length - 1) return this.#longLine(buffer, bytesRead, finish, better);
    if (!finish) return 'tail';
    buffer[bytesRead] = NEWLINE;
    await this.#deliver({
      start: this.offset,
      end: this.offset + bytesRead,
      bytes: buffer.subarray(0, bytesRead + 1),
      better,
    });
    return 'more';
  }

  /** A line longer than the buffer: find its end without keeping it, and send enough of it to be counted as too long. */
  async #longLine(buffer: Buffer, filled: number, finish: boolean, better: Head | undefined): Promise<Step> {
    const scratch = buffer.subarray(LONG_LINE_SENT);
    const begin = Buffer.from(buffer.subarray(0, LONG_LINE_SENT));
    begin[begin.length - 1] = NEWLINE;
    for (let at = Math.max(this.#scanned, this.offset + filled); ;) {
      const { bytesRead } = await this.#file.read(scratch, 0, scratch.length, at);
      const found = bytesRead === 0 ? -1 : scratch.subarray(0, bytesRead).indexOf(NEWLINE);
      if (bytesRead === 0 && !finish) {
        this.#scanned = at;
        return 'tail';
      }
      if (found === -1 && bytesRead > 0) {
        at += bytesRead;
        continue;
      }
      await this.#deliver({ start: this.offset, end: at + found + 1, bytes: begin, better });
      return 'more';
    }
  }

  async #deliver(part: Pick<Piece, 'start' | 'end' | 'bytes' | 'better' | 'skipOlder'>): Promise<void> {
    this.offset = this.#scanned = await this.#sink.deliver(
      { inode: this.inode, head: this.head, ...part },
      this.source,
    );
    if (part.better !== undefined) this.head = part.better;
  }

  /** Is it still the file whose bytes we counted? A head that can be longer by now is returned. */
  async #checkHead(): Promise<Head | 'changed' | undefined> {
    const head = await headOf(this.#file, HEAD_BYTES, this.head.run);
    if (head.length < this.head.length) return 'changed';
    const same = head.length === this.head.length ? head : await headOf(this.#file, this.head.length, this.head.run);
    if (same.digest !== this.head.digest) return 'changed';
    if (head.length === this.head.length) return undefined;
    if (this.offset > 0) return head;
    // Nothing was counted of it yet: no need to tell anyone of the shorter head.
    this.head = head;
    return undefined;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

export async function headOf(file: FileHandle, length: number, run: number): Promise<Head> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await file.read(bytes, 0, length, 0);
  return {
    length: bytesRead,
    digest: createHash('sha256').update(bytes.subarray(0, bytesRead)).digest('hex').slice(0, 32),
    run,
  };
}
