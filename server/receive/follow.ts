// Follows log files by path and glob through rotation (rename and create, copytruncate) and truncation. Each file is read by
// a FollowedFile; this decides which files there are, and reads what was left of those that were rotated away.
import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FollowedFile, type FollowSink, type Step } from './followed-file.ts';
import { isRotated, pathsOf, sourceOf, targetOf } from './log-path.ts';
import { leftovers, lifeOf } from './rotation.ts';

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
/** A file that was rotated away is held this long after its last byte: its writer may not have reopened yet. */
const RETIRE_MS = 60_000;
/** An unfinished last line of a file that was rotated away is taken for whole after this. */
const FINISH_MS = 5_000;

interface Track {
  readonly file: FollowedFile;
  /** Under one of the paths that we follow; otherwise it was rotated away. */
  present: boolean;
  /** Being read. */
  busy: boolean;
  idleSince: number;
}

export function follow(options: FollowOptions): Follow {
  const tracks = new Map<string, Track>();
  const watchers = new Map<string, FSWatcher>();
  const missing = new Set<string>();
  const targets = options.files.map((given) => targetOf(given, options.source));
  const buffers = Array.from({ length: options.buffers }, () => Buffer.allocUnsafeSlow(options.bufferBytes));
  const waitingForBuffer: (() => void)[] = [];
  const closing = new AbortController();
  const pumping = new Set<Promise<void>>();
  let askedToSettle: (() => void)[] = [];
  let wake: () => void = () => {};

  async function withBuffer<T>(work: (buffer: Buffer) => Promise<T>): Promise<T> {
    while (buffers.length === 0) await new Promise<void>((resolve) => waitingForBuffer.push(resolve));
    const buffer = buffers.pop()!;
    try {
      return await work(buffer);
    } finally {
      buffers.push(buffer);
      waitingForBuffer.shift()?.();
    }
  }

  /** Everything the file holds, one buffer after another. */
  async function pump(track: Track): Promise<void> {
    while (!closing.signal.aborted) {
      const finish = !track.present && Date.now() - track.idleSince > FINISH_MS;
      const step = await withBuffer((buffer) => track.file.step(buffer, finish));
      if (step === 'truncated') await truncated(track.file);
      else if (step !== 'more') return;
      if (step === 'more') track.idleSince = Date.now();
    }
  }

  async function truncated(file: FollowedFile): Promise<void> {
    await file.findPlace();
    options.say(`${file.path} was truncated; reading it from byte ${file.offset}`);
    await catchUp(file);
  }

  /** Counts what was left uncounted of this log before. Tells whether it was followed before. */
  async function catchUp(log: FollowedFile): Promise<boolean> {
    const { followedBefore, rest } = await leftovers(log, options.sink, (inode) => tracks.has(inode));
    for (const { file, isCopy } of rest) {
      options.say(
        `reading what is uncounted of ${file.path}, ${(await file.size()) - file.offset} bytes, ${isCopy ? 'a copy made before a truncation' : 'rotated away'}`,
      );
      if (isCopy) await drain(file);
      else await pump(addTrack(file, 'busy')).finally(() => (tracks.get(file.inode)!.busy = false));
    }
    return followedBefore;
  }

  async function drain(copy: FollowedFile): Promise<void> {
    let step: Step = 'more';
    while (step === 'more' && !closing.signal.aborted) step = await withBuffer((buffer) => copy.step(buffer, true));
    await copy.close();
  }

  /** Opens what stands at this path now, unless it is followed already under another name. */
  async function take(path: string, source: string, present: Set<Track>): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || !found.isFile()) {
      if (!missing.has(path) && found === undefined) options.say(`${path} is not there yet; waiting for it`);
      missing.add(path);
      return;
    }
    missing.delete(path);
    const known = tracks.get(String(found.ino));
    if (known !== undefined) {
      known.file.path = path;
      present.add(known);
      return;
    }
    if (await isCopyOfFollowed(path)) return;
    const file = await FollowedFile.open(path, source, options.sink);
    try {
      const followedBefore = await catchUp(file);
      present.add(addTrack(file));
      await announce(file, followedBefore);
    } catch (error) {
      tracks.delete(file.inode);
      await file.close();
      throw error;
    }
  }

  function addTrack(file: FollowedFile, busy?: 'busy'): Track {
    const track: Track = { file, present: busy === undefined, busy: busy !== undefined, idleSince: Date.now() };
    tracks.set(file.inode, track);
    return track;
  }

  async function announce(file: FollowedFile, followedBefore: boolean): Promise<void> {
    const size = await file.size();
    const as = `following ${file.path} as ${file.source}`;
    if (file.isKnown)
      options.say(`${as}, from byte ${file.offset} where it stopped (${size - file.offset} bytes to catch up)`);
    else if (options.from === 'end' && !followedBefore) {
      await file.skipToEnd();
      options.say(`${as}, new lines only (${file.offset} bytes before are left out)`);
    } else options.say(`${as}, from its start (${size} bytes are there already)`);
  }

  /** A glob may match the copy that copytruncate makes (access.log* matches access.log.1): its lines are counted already. */
  async function isCopyOfFollowed(path: string): Promise<boolean> {
    for (const track of tracks.values()) {
      if (!isRotated(basename(path), basename(track.file.path)) || dirname(path) !== dirname(track.file.path)) continue;
      if ((await lifeOf([...track.file.lives, { head: track.file.head, end: 0 }], path)) !== undefined) return true;
    }
    return false;
  }

  async function scan(): Promise<void> {
    const present = new Set<Track>();
    for (const target of targets) {
      for (const path of await pathsOf(target)) {
        watchDirectory(dirname(path));
        await take(path, target.source ?? sourceOf(path), present).catch((error: Error) => {
          if (!closing.signal.aborted) options.say(`cannot follow ${path}: ${error.message}`);
        });
      }
    }
    for (const track of tracks.values()) track.present = present.has(track);
  }

  function watchDirectory(directory: string): void {
    if (watchers.has(directory)) return;
    try {
      const watcher = watch(directory, { persistent: false }, () => wake());
      // Some file systems give no notices, or stop giving them: polling goes on regardless.
      watcher.on('error', () => watcher.close());
      watchers.set(directory, watcher);
    } catch {
      // Not there yet, or nothing left to watch with: polling finds the files.
    }
  }

  function startPumps(): void {
    for (const track of tracks.values()) {
      if (track.busy) continue;
      track.busy = true;
      const work = pump(track)
        .catch((error: Error) => {
          if (!closing.signal.aborted) options.say(`reading ${track.file.path}: ${error.message}`);
        })
        .finally(() => {
          track.busy = false;
          pumping.delete(work);
        });
      pumping.add(work);
    }
  }

  async function retire(): Promise<void> {
    for (const [inode, track] of tracks) {
      if (track.present || track.busy || Date.now() - track.idleSince < RETIRE_MS) continue;
      tracks.delete(inode);
      await track.file.close();
    }
  }

  async function run(): Promise<void> {
    let scannedAt = -Infinity;
    while (!closing.signal.aborted) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      const settling = askedToSettle;
      askedToSettle = [];
      if (settling.length > 0 || Date.now() - scannedAt >= POLL_MS) {
        await scan();
        await retire();
        scannedAt = Date.now();
      }
      startPumps();
      if (settling.length > 0) void Promise.all(pumping).then(() => settling.forEach((resolve) => resolve()));
      if (askedToSettle.length === 0) await Promise.race([woken, pause(POLL_MS)]);
      await pause(GROUP_MS);
    }
  }

  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal: closing.signal }).catch(() => {});

  const running = run();
  return {
    settled() {
      return new Promise((resolve) => {
        askedToSettle.push(resolve);
        wake();
      });
    },
    async close() {
      closing.abort();
      for (const watcher of watchers.values()) watcher.close();
      await running;
      await Promise.all(pumping);
      for (const track of tracks.values()) await track.file.close();
      askedToSettle.forEach((resolve) => resolve());
    },
  };
}
