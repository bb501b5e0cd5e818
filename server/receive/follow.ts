// Follows log files by path and glob through rotation (rename and create, copytruncate) and truncation. Each file is read by
// a FollowedFile; this decides which files there are, and finds the uncounted rest of those that were rotated away.
import { watch, type FSWatcher } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FollowedFile, headOf, type FollowSink, type Step } from './followed-file.ts';
import { isRotated, pathsOf, rotatedFrom, sourceOf, targetOf, type Rotated } from './log-path.ts';
import type { Position } from './stream.ts';

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

  /** copytruncate leaves a copy: what of this life is not counted yet is read from there. */
  async function readCopy(path: string, file: FollowedFile, life: Position): Promise<void> {
    const copy = await FollowedFile.openCopy(path, file, life);
    if (copy === undefined) return;
    options.say(`reading the rest of ${file.path} from its copy ${path}`);
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
    const seenBefore = await catchUp(file);
    present.add(addTrack(file, true));
    await announce(file, seenBefore);
  }

  function addTrack(file: FollowedFile, present: boolean): Track {
    const track: Track = { file, present, busy: false, idleSince: Date.now() };
    tracks.set(file.inode, track);
    return track;
  }

  async function announce(file: FollowedFile, seenBefore: boolean): Promise<void> {
    const size = await file.size();
    const as = `following ${file.path} as ${file.source}`;
    if (file.isKnown) options.say(`${as}, from byte ${file.offset} where it stopped (${size - file.offset} bytes to catch up)`);
    else if (options.from === 'end' && !seenBefore) {
      await file.skipToEnd();
      options.say(`${as}, new lines only (${file.offset} bytes before are left out)`);
    } else options.say(`${as}, from its start (${size} bytes are there already)`);
  }

  /**
   * What was written to files that were rotated away, or truncated after being copied, while nobody followed them.
   * Tells whether this log was followed before.
   */
  async function catchUp(file: FollowedFile): Promise<boolean> {
    const rotated: { sibling: Rotated; as: FollowedFile; copyOf?: { file: FollowedFile; life: Position } }[] = [];
    let followedSince = Infinity;
    for (const sibling of await rotatedFrom(file.path)) {
      const track = tracks.get(String(sibling.ino));
      if (track !== undefined) followedSince = Math.min(followedSince, sibling.mtimeMs);
      else if (String(sibling.ino) !== file.inode) {
        const as = await FollowedFile.open(sibling.path, file.source, options.sink).catch(() => undefined);
        if (as !== undefined) rotated.unshift({ sibling, as });
      }
    }
    const originals = [file, ...rotated.map(({ as }) => as)];
    for (const each of rotated) {
      each.copyOf = await originalOf(each.sibling.path, originals.filter((other) => other !== each.as));
      if (each.copyOf !== undefined || each.as.lives.length > 0) followedSince = Math.min(followedSince, each.sibling.mtimeMs);
    }
    // Oldest first. One that nobody saw is wanted only if it came after one that was followed, and before the file as it is now.
    for (const { sibling, as, copyOf } of rotated) {
      if (copyOf !== undefined) await readCopy(sibling.path, copyOf.file, copyOf.life);
      const isWanted = copyOf === undefined && (as.lives.length > 0 || (!file.isKnown && sibling.mtimeMs >= followedSince));
      const uncounted = isWanted ? (await as.size()) - as.offset : 0;
      if (uncounted > 0) {
        options.say(`${sibling.path} was rotated away with ${uncounted} bytes uncounted; reading them`);
        await pump(addTrack(as, false));
      } else await as.close();
    }
    return followedSince < Infinity || file.lives.length > 0;
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

async function originalOf(path: string, files: readonly FollowedFile[]): Promise<{ file: FollowedFile; life: Position } | undefined> {
  for (const file of files) {
    const life = await lifeOf(file.lives, path);
    if (life !== undefined) return { file, life };
  }
  return undefined;
}

/** The one of these lives that the file at `path` begins like, the latest first. */
async function lifeOf(lives: readonly Position[], path: string): Promise<Position | undefined> {
  if (lives.length === 0) return undefined;
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    for (const life of lives.toReversed()) {
      const head = await headOf(file, life.head.length, life.head.run);
      if (head.length > 0 && head.length === life.head.length && head.digest === life.head.digest) return life;
    }
    return undefined;
  } finally {
    await file.close();
  }
}
