// One file being followed: reads whole lines from where its counts stopped, and notices when other bytes came in their
// place. It keeps nothing: what was counted is asked of the sink (the store here, or the server across a network).
import type { BigIntStats } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';
import { ASCII } from '../core/ascii.ts';
import { LONG_LINE_SENT, NOTHING, type FollowSink, type Piece, type Reader, type Step } from './follow-sink.ts';
import {
  PRINT_BYTES,
  digestOf,
  headOf,
  holds,
  markAt,
  markOf,
  type Head,
  type Life,
  type Mark,
  type Position,
} from './life.ts';
import { idOf } from './siblings.ts';

const { LF } = ASCII;

/** A file that changed so lately may change again within the same tick of its modification time. */
const TICK_MS = 2000;

export interface FollowedOptions {
  readonly source: string;
  /** The name of the log: see FollowSink. */
  readonly log: string;
  readonly sink: FollowSink;
  now(): number;
}

export class FollowedFile implements Reader {
  /** Device and inode. */
  readonly id: string;
  readonly source: string;
  /** For messages, and to find its siblings. */
  path: string;
  /** Everything before is counted. */
  offset = 0;
  head: Head;
  /** The sink knows this life. */
  isKnown = false;
  /** What the sink counts it as. */
  #stream: string;
  readonly #options: FollowedOptions;
  readonly #file: FileHandle;
  /** The bytes before `offset`, as they were when they were counted. */
  #mark: Mark | undefined;
  /** The line end of an over-long last line was looked for up to here. */
  #scanned = 0;
  /** As it was when all of it was found counted. */
  #quiet: Pick<BigIntStats, 'size' | 'mtimeNs' | 'ctimeNs'> | undefined;

  private constructor(path: string, file: FileHandle, found: BigIntStats, head: Head, options: FollowedOptions) {
    this.path = path;
    this.source = options.source;
    this.id = idOf(found);
    this.head = head;
    this.#stream = options.sink.host + String(found.ino);
    this.#options = options;
    this.#file = file;
  }

  /** Throws what open(2) throws. Find its place before reading. */
  static async open(path: string, options: FollowedOptions): Promise<FollowedFile> {
    const file = await open(path, 'r');
    try {
      return new FollowedFile(
        path,
        file,
        await file.stat({ bigint: true }),
        await headOf(file, PRINT_BYTES, 0),
        options,
      );
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  get stream(): string {
    return this.#stream;
  }

  get life(): Life {
    return {
      stream: this.#stream,
      head: this.head,
      end: this.offset,
      marks: this.#mark === undefined ? [] : [this.#mark],
    };
  }

  /**
   * Known: go on where it stopped. Unknown, or other bytes than those that were counted: a new life, from its start.
   * Lives up to run `ended` are known to be over, even when the file begins like one of them again.
   */
  async findPlace(lives: readonly Position[], ended = -1): Promise<void> {
    for (const life of lives.toReversed()) {
      if (
        life.head.run > ended &&
        life.head.length <= (await this.size()) &&
        life.end <= (await this.size()) &&
        (await this.holds(life))
      )
        return this.#goOn(life);
    }
    this.head = await headOf(this.#file, PRINT_BYTES, Math.max(ended, ...lives.map((life) => life.head.run)) + 1);
    this.isKnown = false;
    this.#moveTo(0, undefined);
  }

  /**
   * The same content as of a file that is gone: a log that was moved to another disk, or is brought here again and
   * again by rsync.
   */
  continueAs(life: Life): void {
    this.#stream = life.stream;
    this.#goOn(life);
  }

  #goOn(life: Position): void {
    this.head = life.head;
    this.isKnown = true;
    this.#moveTo(
      life.end,
      life.marks?.find(({ at }) => at === life.end),
    );
  }

  async holds(life: Position): Promise<boolean> {
    return holds(this.#file, await this.size(), life);
  }

  /** Does the content begin like this, now? Not when it is just being closed. */
  async beginsLike(first: Buffer): Promise<boolean> {
    const head = await headOf(this.#file, first.length, 0).catch(() => undefined);
    return head?.digest === digestOf(first);
  }

  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  /** Where the file is now, whatever it was renamed to. Undefined where the system does not say, or it is gone. */
  async currentPath(): Promise<string | undefined> {
    const path = await readlink(`/proc/self/fd/${this.#file.fd}`).catch(() => undefined);
    return path?.endsWith(' (deleted)') ? undefined : path;
  }

  /** Makes the life known before anything of it is counted: a restart then goes on with it. */
  async claim(): Promise<void> {
    await this.#deliver({ start: 0, end: 0, bytes: NOTHING, skipOlder: true });
  }

  /** Leave out the lines that are there already. Durable at once, so that a restart does not skip again. */
  async skipToEnd(): Promise<void> {
    const size = await this.size();
    if (size === 0) return;
    const from = Math.max(0, size - 64 * 1024);
    const last = Buffer.alloc(size - from);
    const { bytesRead } = await this.#file.read(last, 0, last.length, from);
    const place = from + (bytesRead === 0 ? 0 : last.lastIndexOf(LF, bytesRead - 1) + 1);
    await this.#deliver({
      start: place,
      end: place,
      bytes: NOTHING,
      mark: await markAt(this.#file, place),
      skipOlder: true,
    });
  }

  /** Tells the sink that this is all: its writer has gone. */
  async finish(): Promise<void> {
    if (this.isKnown)
      await this.#deliver({ start: this.offset, end: this.offset, bytes: NOTHING, mark: this.#mark, done: true });
  }

  async step(buffer: Buffer, finish: boolean): Promise<Step> {
    const found = await this.#file.stat({ bigint: true });
    const size = Number(found.size);
    if (size < this.offset) return 'replaced';
    if (size === this.offset && this.#isQuiet(found)) return 'end';
    const from = Math.max(0, this.offset - PRINT_BYTES);
    const context = this.offset - from;
    const { bytesRead } = await this.#file.read(buffer, 0, Math.min(buffer.length - 1, size - from), from);
    // Read first, then look: bytes that were read before a truncation are then known to belong to this life.
    const better = await this.#checkHead();
    if (better === 'changed' || bytesRead < context || !this.#follows(buffer.subarray(0, context))) return 'replaced';
    if (bytesRead === context) {
      this.#quiet = this.#options.now() - Number(found.mtimeMs) > TICK_MS ? found : undefined;
      return 'end';
    }
    const last = buffer.lastIndexOf(LF, bytesRead - 1);
    if (last >= context) return this.#lines(buffer, context, last + 1, better);
    if (bytesRead === buffer.length - 1) return this.#longLine(buffer, context, bytesRead, finish, better);
    if (!finish) return 'tail';
    buffer[bytesRead] = LF;
    return this.#lines(buffer, context, bytesRead, better, 1);
  }

  /** Delivers [from, to) of the buffer, with `added` bytes that are not in the file. */
  async #lines(buffer: Buffer, from: number, to: number, better: Head | undefined, added = 0): Promise<Step> {
    const end = this.offset + to - from;
    await this.#deliver({
      start: this.offset,
      end,
      bytes: buffer.subarray(from, to + added),
      mark: markOf(buffer.subarray(0, to), end),
      better,
    });
    return 'more';
  }

  /**
   * A line longer than the buffer: find its end without keeping it, and send enough of it to be counted as too long.
   */
  async #longLine(
    buffer: Buffer,
    context: number,
    filled: number,
    finish: boolean,
    better: Head | undefined,
  ): Promise<Step> {
    const begin = Buffer.from(buffer.subarray(context, context + LONG_LINE_SENT));
    begin[begin.length - 1] = LF;
    for (let at = Math.max(this.#scanned, this.offset + filled - context); ;) {
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      const found = bytesRead === 0 ? -1 : buffer.subarray(0, bytesRead).indexOf(LF);
      if (bytesRead === 0 && !finish) {
        this.#scanned = at;
        return 'tail';
      }
      if (found === -1 && bytesRead > 0) {
        at += bytesRead;
        continue;
      }
      const end = at + found + 1;
      const mark = await markAt(this.#file, end);
      if ((await this.#checkHead()) === 'changed') return 'replaced';
      await this.#deliver({ start: this.offset, end, bytes: begin, mark, better });
      return 'more';
    }
  }

  async #deliver(part: Omit<Piece, 'stream' | 'log' | 'head'>): Promise<void> {
    const { sink, log } = this.#options;
    const end = await sink.deliver({ stream: this.#stream, log, head: this.head, ...part }, this.source);
    if (part.better !== undefined) this.head = part.better;
    this.isKnown = true;
    this.#moveTo(end, end === part.end ? part.mark : undefined);
  }

  #moveTo(offset: number, mark: Mark | undefined): void {
    this.offset = this.#scanned = offset;
    this.#mark = mark;
    this.#quiet = undefined;
  }

  #isQuiet(found: BigIntStats): boolean {
    const seen = this.#quiet;
    return (
      seen !== undefined && seen.mtimeNs === found.mtimeNs && seen.ctimeNs === found.ctimeNs && seen.size === found.size
    );
  }

  /** Are these the bytes that were counted last? What nobody noted is believed. */
  #follows(context: Buffer): boolean {
    if (this.offset === 0) return true;
    this.#mark ??= markOf(context, this.offset);
    return this.#mark.digest === digestOf(context);
  }

  /** Is it still the file whose bytes we counted? A head that can be longer by now is returned. */
  async #checkHead(): Promise<Head | 'changed' | undefined> {
    const head = await headOf(this.#file, PRINT_BYTES, this.head.run);
    if (head.length < this.head.length) return 'changed';
    const same = head.length === this.head.length ? head : await headOf(this.#file, this.head.length, this.head.run);
    if (same.digest !== this.head.digest) return 'changed';
    if (head.length === this.head.length) return undefined;
    if (this.isKnown) return head;
    // The sink does not know it: no need to tell anyone of the shorter head.
    this.head = head;
    return undefined;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
