// One log: what is at its path now, and what of it is elsewhere because it was rotated.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FollowedFile, type FollowedOptions } from './followed-file.ts';
import { FinishedFile } from './finished-file.ts';
import type { FollowSink, Known, Reader } from './follow-sink.ts';
import type { Life } from './life.ts';
import { lookBack } from './rotation.ts';
import { idOf } from './siblings.ts';
import { Unpacked } from './unpacked.ts';

/** What a log needs of those who follow it. */
export interface LogDeps {
  readonly sink: FollowSink;
  readonly from: 'start' | 'end';
  now(): number;
  say(message: string): void;
  /** What is being read now of this log. */
  readersOf(log: FollowedLog): readonly Reader[];
  /** Is the file with this device and inode being read, as whatever log? */
  isRead(id: string): boolean;
  /** From now on this is read. */
  add(reader: Reader, log: FollowedLog, present: boolean): void;
}

/**
 * A life that is nowhere is looked for so long, whenever files come or go: copying and compressing a large log takes
 * minutes.
 */
const OWED_MS = 10 * 60_000;
/** Longer names are replaced by their digest. */
const NAME_LENGTH_MAX = 2000;

export class FollowedLog {
  readonly path: string;
  /** To the sink. */
  readonly name: string;
  readonly source: string;
  /** Folders that files of this log were seen to be moved to. */
  readonly oldFolders = new Set<string>();
  failures = 0;
  isWaiting = false;
  /** Being opened. */
  isBusy = false;
  readonly #deps: LogDeps;
  #lives: readonly Life[] = [];
  readonly #said = new Set<string>();
  /** What is at the path has begun anew, and what was there before was not looked for yet. */
  #mustLook = true;
  /** The life that was begun last is nowhere yet: it is looked for up to this time. */
  #owedUntil = -Infinity;
  /** Counts these: a look that began before the last one settles nothing. */
  #owed = 0;
  /** Where rotated files were looked for, and how these folders were then. */
  #folders: readonly string[] = [];
  #seen: string | undefined;

  constructor(path: string, source: string, deps: LogDeps) {
    this.path = path;
    this.name = nameOf(path, deps.sink);
    this.source = source;
    this.#deps = deps;
  }

  /** Opens what is at the path, if anything is, and finds what was left uncounted of the log before. */
  async open(): Promise<void> {
    const { sink, now, add } = this.#deps;
    const file = await FollowedFile.open(this.path, this.#options).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      return undefined;
    });
    try {
      const known = await sink.known(file?.stream ?? `${sink.host}none`, this.name);
      await file?.findPlace(known.positions);
      const wasFollowed = await this.#look(file, known, now());
      if (file === undefined) return this.#sayOnce(this.#missing);
      await this.#announce(file, wasFollowed);
      this.#said.delete(this.#missing);
      add(file, this, true);
    } catch (error) {
      await file?.close();
      throw error;
    }
  }

  /** Other bytes came in the place of those that were counted. */
  async startAnew(file: FollowedFile): Promise<void> {
    const { sink, say } = this.#deps;
    const { positions } = await sink.known(file.stream, this.name);
    await file.findPlace(positions, file.head.run);
    this.#mustLook = true;
    say(`${file.path} was truncated or written anew; reading it from byte ${file.offset}`);
  }

  /** A life of this log ended, and its rest was not found. */
  owe(): void {
    this.#owedUntil = this.#deps.now() + OWED_MS;
    this.#seen = undefined;
    this.#owed++;
  }

  /**
   * Is there reason to look for what is left of the log under other names? `isKnown`: something was counted of what is
   * at the path, so that it cannot be rotated away unnoticed.
   */
  async wantsLook(isKnown: boolean): Promise<boolean> {
    if (this.#mustLook) return true;
    if (isKnown && this.#deps.now() > this.#owedUntil) return false;
    const seen = await stateOf(this.#folders);
    if (seen === this.#seen) return false;
    this.#seen = seen;
    return true;
  }

  async lookAgain(file: FollowedFile): Promise<void> {
    const { sink, now } = this.#deps;
    await this.#look(file, await sink.known(file.stream, this.name), now());
  }

  async #look(file: FollowedFile | undefined, known: Known, at: number): Promise<boolean> {
    const { sink, say, add, readersOf, isRead } = this.#deps;
    const owed = this.#owed;
    const found = await lookBack({
      path: this.path,
      current: file,
      known,
      options: this.#options,
      oldFolders: this.oldFolders,
      readers: readersOf(this).filter((reader) => reader !== file),
      isRead,
      say: (message) => this.#sayOnce(message),
    });
    try {
      if (!known.isFollowed) await sink.begin(this.name, found.leftOut, this.source);
    } catch (error) {
      for (const reader of found.rest) await reader.close();
      throw error;
    }
    for (const reader of found.rest) {
      say(
        `reading what is uncounted of ${reader.path}, ${reader instanceof FinishedFile ? 'a copy' : 'rotated away'}, from byte ${reader.life.end}`,
      );
      add(reader, this, false);
    }
    this.#lives = known.lives;
    this.#mustLook = false;
    this.#folders = found.folders;
    if (found.isUnsure) this.#seen = undefined;
    if (owed !== this.#owed) return found.wasFollowed;
    if (!found.isOwed) this.#owedUntil = -Infinity;
    else if (this.#owedUntil === -Infinity) this.#owedUntil = at + OWED_MS;
    return found.wasFollowed;
  }

  get #missing(): string {
    return `${this.path} is not there yet; waiting for it`;
  }

  get #options(): FollowedOptions {
    const { sink, now } = this.#deps;
    return { source: this.source, log: this.name, sink, now };
  }

  async #announce(file: FollowedFile, wasFollowed: boolean): Promise<void> {
    const { say, from } = this.#deps;
    const size = await file.size();
    const as = `following ${file.path} as ${file.source}`;
    if (file.isKnown) say(`${as}, from byte ${file.offset} where it stopped (${size - file.offset} bytes to catch up)`);
    else if (from === 'end' && !wasFollowed) {
      await file.skipToEnd();
      say(`${as}, new lines only (${file.offset} bytes before are left out)`);
    } else say(`${as}, from its start (${size} bytes are there already)`);
  }

  #sayOnce(message: string): void {
    if (!this.#said.has(message)) this.#deps.say(message);
    this.#said.add(message);
  }

  /** Is this file the one at the path? */
  async isAt(file: FollowedFile): Promise<boolean> {
    const found = await stat(this.path, { bigint: true }).catch(() => undefined);
    return found !== undefined && idOf(found) === file.id;
  }

  /** Notes where a file of this log went, so that later ones are looked for there. */
  async wasMoved(file: FollowedFile): Promise<void> {
    const path = await file.currentPath();
    if (path === undefined) return;
    file.path = path;
    if (dirname(path) !== dirname(this.path)) this.oldFolders.add(dirname(path));
  }

  /** Is what is at this path a copy of something that was read of this log? */
  async isCopiedTo(path: string): Promise<boolean> {
    const content = await Unpacked.open(path).catch(() => undefined);
    if (content === undefined) return false;
    try {
      return (await content.which([...this.#lives, ...this.#deps.readersOf(this).map(({ life }) => life)])).length > 0;
    } finally {
      await content.close();
    }
  }
}

export function nameOf(path: string, { host }: FollowSink): string {
  const name = host + encodeURI(path);
  return name.length <= NAME_LENGTH_MAX ? name : host + createHash('sha256').update(path).digest('hex');
}

/** Changes when a file in one of these comes, goes or is renamed. */
async function stateOf(folders: readonly string[]): Promise<string> {
  const found = await Promise.all(folders.map((folder) => stat(folder, { bigint: true }).catch(() => undefined)));
  return found.map((folder) => folder?.mtimeNs ?? '').join(' ');
}
