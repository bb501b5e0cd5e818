// Follows log files by path and glob through every kind of rotation and truncation. Each file is read by a reader of
// its own, a buffer at a time and in turns, so that the backlog of one keeps no other waiting. What is at a log's path
// and what was left of it under other names is FollowedLog's to say; this finds the logs and gives turns.
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Attempts, refusing, type Trial } from './attempts.ts';
import { FinishedFile } from './finished-file.ts';
import { FollowedFile } from './followed-file.ts';
import { FollowedLog, nameOf, type LogDeps } from './followed-log.ts';
import { FolderWatch } from './folder-watch.ts';
import type { FollowSink, Reader } from './follow-sink.ts';
import { baseNames, isRotated, pathsOf, sourceOf, targetOf, type Target } from './log-path.ts';
import { Pool } from './pool.ts';
import { idOf } from './siblings.ts';

export interface FollowOptions {
  /** Files or globs, each optionally as SOURCE=FILE. */
  readonly files: readonly string[];
  readonly sink: FollowSink;
  /** For files never seen before: count the lines they hold already, or only those to come. */
  readonly from: 'start' | 'end';
  /** Bytes read at once, and how many such buffers there are: the bound on memory. */
  readonly bufferBytes: number;
  readonly buffers: number;
  /** The source, when a file names none itself. */
  readonly source?: string;
  now(): number;
  /** Tells a person what happens. */
  say(message: string): void;
}

export interface Follow {
  /** Resolves when everything that is in the files now has been delivered. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Without a notice from the file system (network mounts have none), files are looked at this often. */
const POLL_MS = 1000;
/** Lines are taken in groups at most this far apart: a commit for each line would be waste. */
const GROUP_MS = 100;
/** A file that was rotated away is held this long after its last byte: not all writers may have reopened. */
const RETIRE_MS = 60_000;
/** An unfinished last line of a file that was rotated away is taken for whole after this. */
const FINISH_MS = 5_000;
/** Rotated files are looked through for so many logs at once: each has up to 64 of them open. */
const LOOKS_MAX = 4;
/** In place of either as long as there is no line in the log's new file. A deleted file that is held takes up room. */
const HELD_MS_MAX = 3600_000;

interface Track extends Trial {
  readonly reader: Reader;
  readonly log: FollowedLog;
  /** Under a path that we follow; otherwise it was rotated away. */
  present: boolean;
  busy: boolean;
  idleSince: number;
}

export const follow = (options: FollowOptions): Follow => new Follower(options);

class Follower implements Follow, LogDeps {
  readonly sink: FollowSink;
  readonly from: 'start' | 'end';
  readonly #options: FollowOptions;
  readonly #targets: readonly Target[];
  readonly #buffers: Pool<Buffer>;
  readonly #looks = new Pool(Array.from({ length: LOOKS_MAX }, (_, i) => i));
  readonly #logs = new Map<string, FollowedLog>();
  readonly #tracks = new Set<Track>();
  readonly #recalled = new Set<string>();
  readonly #folders = new FolderWatch(() => this.#wake());
  readonly #closing = new AbortController();
  readonly #attempts: Attempts;
  readonly #running: Promise<void>;
  #settling: (() => void)[] = [];
  /** Counts what turned up to be read. */
  #news = 0;
  #isDue = true;
  #wake: () => void = () => {};
  #hurry: () => void = () => {};

  constructor(options: FollowOptions) {
    this.sink = refusing(options.sink);
    this.from = options.from;
    this.#options = options;
    this.#targets = options.files.map((given) => targetOf(given, options.source));
    this.#buffers = new Pool<Buffer>(
      Array.from({ length: options.buffers }, () => Buffer.allocUnsafeSlow(options.bufferBytes)),
    );
    this.#attempts = new Attempts({
      signal: this.#closing.signal,
      now: options.now,
      say: options.say,
      wake: () => this.#wake(),
    });
    this.#running = this.#run();
  }

  readonly now = (): number => this.#options.now();

  readonly say = (message: string): void => this.#options.say(message);

  readonly readersOf = (log: FollowedLog): Reader[] =>
    [...this.#tracks].filter((track) => track.log === log).map(({ reader }) => reader);

  readonly isRead = (id: string): boolean => [...this.#tracks].some(({ reader }) => reader.id === id);

  readonly add = (reader: Reader, log: FollowedLog, present: boolean): void => {
    this.#tracks.add({ reader, log, present, busy: false, idleSince: this.now(), failures: 0, isWaiting: false });
    this.#news++;
    this.#wake();
  };

  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closing.signal.aborted) return resolve();
      this.#settling.push(resolve);
      this.#wake();
      this.#hurry();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#folders.close();
    this.#wake();
    await this.#running;
    await this.#attempts.all();
    for (const { reader } of this.#tracks) await reader.close();
    for (const resolve of this.#settling) resolve();
  }

  async #run(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      const settling = this.#settling;
      this.#settling = [];
      const news = this.#news;
      if (settling.length > 0 || this.#isDue) {
        this.#isDue = false;
        void this.#attempts.pause(POLL_MS).then(() => {
          this.#isDue = true;
          this.#wake();
        });
        await this.#scan();
        this.#retire();
      }
      this.#startPumps();
      if (settling.length > 0) void this.#attempts.all().then(() => this.#roundOver(settling, news));
      if (this.#settling.length === 0) await woken;
      // Whoever waits for all to be settled does not wait for company.
      if (this.#settling.length === 0)
        await Promise.race([this.#attempts.pause(GROUP_MS), new Promise<void>((resolve) => (this.#hurry = resolve))]);
    }
  }

  /** Everything that was there has been read, unless more turned up or something has to be tried again. */
  #roundOver(settling: (() => void)[], news: number): void {
    const isAgain = [...this.#tracks, ...this.#logs.values()].some(({ failures }) => failures > 0);
    if (this.#closing.signal.aborted || (this.#news === news && !isAgain))
      return settling.forEach((resolve) => resolve());
    const again = (): void => {
      this.#settling.push(...settling);
      this.#wake();
      this.#hurry();
    };
    if (isAgain) void this.#attempts.pause(GROUP_MS).then(again);
    else again();
  }

  async #scan(): Promise<void> {
    const before = [...this.#tracks];
    const present = new Set<Track>();
    for (const target of this.#targets) {
      for (const path of await pathsOf(target)) {
        this.#folders.add(dirname(path));
        if (target.isGlob && (await this.#isRotatedFile(path))) continue;
        await this.#visit(this.#logAt(path, target), present);
      }
    }
    for (const track of before) {
      const wasPresent = track.present;
      track.present = present.has(track);
      if (wasPresent && !track.present && track.reader instanceof FollowedFile) await track.log.wasMoved(track.reader);
    }
  }

  #logAt(path: string, { source }: Target): FollowedLog {
    let log = this.#logs.get(path);
    if (log === undefined) this.#logs.set(path, (log = new FollowedLog(path, source ?? sourceOf(path), this)));
    return log;
  }

  /** Opens what is at the path of this log now, unless it is being read already, maybe under an older name. */
  async #visit(log: FollowedLog, present: Set<Track>): Promise<void> {
    const found = await stat(log.path, { bigint: true }).catch(() => undefined);
    if (found !== undefined && !found.isFile())
      return this.#attempts.tell(`cannot follow ${log.path}: it is not a file`);
    const track =
      found && [...this.#tracks].find(({ reader }) => reader instanceof FollowedFile && reader.id === idOf(found));
    if (track !== undefined) {
      (track.reader as FollowedFile).path = log.path;
      present.add(track);
    } else if (!log.isBusy && !log.isWaiting && (found !== undefined || (await log.wantsLook(false)))) this.#open(log);
  }

  #open(log: FollowedLog): void {
    log.isBusy = true;
    void this.#attempts
      .work(log, `cannot follow ${log.path}`, () => this.#looks.with(() => log.open()))
      .then(() => (log.isBusy = false));
  }

  /** A glob may match what was rotated while its log is not there: `access.log*` means access.log. */
  async #isRotatedFile(path: string): Promise<boolean> {
    if (this.#logs.has(path)) return false;
    await this.#recall(path);
    if (baseNames(path).some((base) => this.#logs.has(base))) return true;
    for (const log of this.#logs.values()) {
      if (isRotated(basename(path), basename(log.path)) && (await log.isCopiedTo(path))) return true;
    }
    return false;
  }

  /** The log of a rotated file that is matched alone may have been followed before: then that is the log. */
  async #recall(path: string): Promise<void> {
    if (this.#recalled.has(path)) return;
    for (const base of baseNames(path)) {
      if (this.#logs.has(base)) continue;
      const { isFollowed } = await this.sink.known(`${this.sink.host}none`, nameOf(base, this.sink));
      if (isFollowed) this.#logs.set(base, new FollowedLog(base, this.#options.source ?? sourceOf(base), this));
    }
    this.#recalled.add(path);
  }

  #startPumps(): void {
    for (const track of this.#tracks) {
      if (track.busy || track.isWaiting) continue;
      track.busy = true;
      void this.#attempts
        .work(track, `cannot read ${track.reader.path}`, () => this.#pump(track))
        .then(async (broken) => {
          if (broken !== undefined && track.reader instanceof FinishedFile) await this.#abandon(track);
          track.busy = false;
        });
    }
  }

  /** Everything the file holds, one buffer after another. */
  async #pump(track: Track): Promise<void> {
    const { reader, log } = track;
    while (!this.#closing.signal.aborted) {
      if (track.present && reader instanceof FollowedFile && (await log.wantsLook(reader.isKnown)))
        await this.#looks.with(() => log.lookAgain(reader));
      const finish = this.#isLeft(track, FINISH_MS);
      const step = await this.#buffers.with((buffer) => reader.step(buffer, finish));
      if (step === 'more') track.idleSince = this.now();
      else if (step !== 'replaced')
        return step === 'end' && reader instanceof FinishedFile ? this.#drop(track) : undefined;
      else if (reader instanceof FollowedFile && (await log.isAt(reader))) await log.startAnew(reader);
      // A file that was rotated away and is overwritten (shred): what it held is in a compressed copy.
      else return this.#abandon(track);
    }
  }

  async #abandon(track: Track): Promise<void> {
    await this.#drop(track);
    track.log.owe();
    this.#news++;
  }

  async #drop(track: Track): Promise<void> {
    this.#tracks.delete(track);
    await track.reader.close();
  }

  /** Was it rotated away, and not written to for so long? Its writer may have it until its log goes on elsewhere. */
  #isLeft({ log, present, idleSince }: Track, ms: number): boolean {
    if (present) return false;
    const goesOn = [...this.#tracks].some((other) => other.log === log && other.present && other.reader.life.end > 0);
    return this.now() - idleSince > (goesOn ? ms : HELD_MS_MAX);
  }

  /** Files that were rotated away, and that nobody has written to for long. */
  #retire(): void {
    for (const track of this.#tracks) {
      const { reader, busy, isWaiting } = track;
      if (busy || isWaiting || !(reader instanceof FollowedFile) || !this.#isLeft(track, RETIRE_MS)) continue;
      track.busy = true;
      void this.#attempts
        .work(track, `cannot finish ${reader.path}`, async () => {
          await reader.finish();
          await this.#drop(track);
        })
        .then(() => (track.busy = false));
    }
  }
}
