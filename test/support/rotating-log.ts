// A log as a program writes it and as logrotate rotates it, step by step, so that a test can look, stop or kill in
// between; and who follows it, into a store of lines that is as atomic as the real one.
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { ReceiverDeps } from '../../server/receive/receiver.ts';
import type { Follow } from '../../server/receive/follow.ts';
import { tail } from '../../server/receive/tail.ts';

export interface Scheme {
  readonly how: 'rename' | 'copytruncate';
  readonly name: 'number' | 'date';
  readonly compress: 'no' | 'gzip' | 'zstd';
  /** Compress at the rotation after. */
  readonly delay: boolean;
  /** Overwrite what was compressed before it is removed. */
  readonly shred: boolean;
  /** Relative to the log's folder. */
  readonly olddir: '.' | 'old' | '../old';
  /** Rotated files that are kept. */
  readonly keep: number;
}

/** Lines counted, and where files are counted to. Both change together or not at all. */
export class LineStore {
  readonly lines = new Map<string, number>();
  readonly cursors = new Map<string, Buffer>();
  /** In the order in which they were committed. */
  readonly order: string[] = [];
  /** Sources whose lines are refused. */
  readonly refused = new Set<string>();
  /** The next commits: done, done without a word (killed after it), or not done (killed before it). */
  fate: 'done' | 'unanswered' | 'undone' = 'done';

  /** What a process that is still alive uses. */
  deps(isAlive: () => boolean, now: () => number): Pick<ReceiverDeps, 'open' | 'readCursor' | 'now'> {
    const open = ({ source }: { source: string }): ReturnType<ReceiverDeps['open']> => {
      let text = '';
      const cursors: { key: string; value: Buffer }[] = [];
      const batch = {
        write: (bytes: Buffer) => void (text += bytes.toString('latin1')),
        cursor: (cursor: { key: string; value: Buffer }) => void cursors.push(cursor),
        commit: async () => {
          if (!isAlive() || this.fate === 'undone') throw new Error('killed');
          if (this.refused.has(source)) throw new Error('refused');
          for (const line of text.split('\n')) if (line !== '') this.lines.set(line, (this.lines.get(line) ?? 0) + 1);
          if (text !== '') this.order.push(source);
          for (const { key, value } of cursors) this.cursors.set(key, value);
          if (this.fate === 'unanswered') throw new Error('killed');
          return { received: 0, accepted: 0, rejected: 0, skipped: 0, duplicate: false, errors: [] };
        },
      };
      return batch as unknown as ReturnType<ReceiverDeps['open']>;
    };
    return { open, now, readCursor: async (key) => this.cursors.get(key) };
  }
}

export class RotatingLog {
  readonly path: string;
  readonly store = new LineStore();
  /** Whole lines written, in order. */
  readonly written: string[] = [];
  /** Those that no process could have read: cut away while none was looking. */
  readonly mayBeLost = new Set<string>();
  readonly said: string[] = [];
  now = 1_800_000_000_000;
  readonly #scheme: Scheme;
  readonly #old: string;
  readonly #followed: string;
  #writer: number;
  #serial = 0;
  #day = 20_260_101;
  #half = '';
  #following: Follow | undefined;
  #life = 0;

  constructor(folder: string, scheme: Scheme, followed = 'access.log') {
    this.path = join(folder, 'logs', 'access.log');
    this.#scheme = scheme;
    this.#followed = join(folder, 'logs', followed);
    mkdirSync(dirname(this.path));
    this.#old = join(dirname(this.path), scheme.olddir);
    mkdirSync(this.#old, { recursive: true });
    this.#writer = openSync(this.path, 'a');
  }

  // The program that logs.

  write(n: number): void {
    for (let i = 0; i < n; i++) {
      const line = `${this.#half}${this.#serial++} ${'x'.repeat((this.#serial * 37) % 300)}`;
      writeSync(this.#writer, `${line.slice(this.#half.length)}\n`);
      this.#half = '';
      this.written.push(line);
    }
  }

  /** The beginning of a line; the next write goes on with it. */
  writeHalf(): void {
    if (this.#half !== '') return;
    this.#half = `half-${this.#serial++} `;
    writeSync(this.#writer, this.#half);
  }

  reopen(): void {
    if (this.#half !== '') this.write(1);
    closeSync(this.#writer);
    this.#writer = openSync(this.path, 'a');
  }

  /** Somebody empties the log. What was not read of it is lost. */
  empty(): void {
    if (this.#half !== '') this.write(1);
    if (fstatSync(this.#writer).ino !== statSync(this.path).ino) return;
    this.#lose(0);
    truncateSync(this.path, 0);
  }

  #lose(from: number): void {
    if (this.#half !== '') this.write(1);
    for (const line of readFileSync(this.path).subarray(from).toString('latin1').split('\n'))
      if (line !== '') this.mayBeLost.add(line);
  }

  // logrotate.

  /** Yields between the steps. */
  *rotate(): Generator<void> {
    const { how, name, delay, compress } = this.#scheme;
    if (statSync(this.path).size === 0) return;
    if (compress !== 'no' && delay) yield* this.#compressAll();
    if (name === 'number') this.#shift();
    const to = join(this.#old, `access.log${name === 'number' ? '.1' : `-${this.#day++}`}`);
    if (how === 'rename') {
      renameSync(this.path, to);
      yield;
      appendFileSync(this.path, '');
      yield;
      this.reopen();
    } else {
      // A line that is cut in two by a copy is lost.
      if (this.#half !== '') this.write(1);
      copyFileSync(this.path, `${to}.part`);
      renameSync(`${to}.part`, to);
      yield;
      // copytruncate loses what is written after the copy.
      this.#lose(statSync(to).size);
      truncateSync(this.path, 0);
    }
    yield;
    if (compress !== 'no' && !delay) yield* this.#compressAll();
    this.#remove();
  }

  *#compressAll(): Generator<void> {
    const { compress, shred } = this.#scheme;
    const extension = compress === 'gzip' ? '.gz' : '.zst';
    for (const plain of this.#rotated().filter((path) => !path.endsWith(extension))) {
      const bytes = readFileSync(plain);
      const packed = compress === 'gzip' ? gzipSync(bytes) : zstdCompressSync(bytes);
      writeFileSync(plain + extension, packed.subarray(0, packed.length / 2));
      yield;
      writeFileSync(plain + extension, packed);
      // A file that was overwritten before anything of it was read cannot be told from a log.
      if (
        shred &&
        bytes
          .toString('latin1')
          .split('\n')
          .some((line) => this.store.lines.has(line))
      ) {
        yield;
        writeFileSync(plain, randomBytes(Math.ceil(bytes.length / 4096) * 4096), { flag: 'r+' });
      }
      yield;
      rmSync(plain);
    }
  }

  #shift(): void {
    const numbers = this.#rotated().map((path) => ({ path, n: Number(/\.(\d+)/.exec(basename(path))![1]) }));
    for (const { path, n } of numbers.sort((a, b) => b.n - a.n))
      renameSync(path, path.replace(/\.\d+(?=(\.gz|\.zst)?$)/, `.${n + 1}`));
  }

  #remove(): void {
    const order = (path: string): number =>
      this.#scheme.name === 'number'
        ? Number(/\.(\d+)/.exec(basename(path))![1])
        : -Number(/-(\d+)/.exec(basename(path))![1]);
    for (const path of this.#rotated()
      .sort((a, b) => order(a) - order(b))
      .slice(this.#scheme.keep))
      rmSync(path);
  }

  #rotated(): string[] {
    return readdirSync(this.#old)
      .filter((name) => /^access\.log[.-]\d/.test(name))
      .map((name) => join(this.#old, name));
  }

  // Who follows it.

  get isFollowed(): boolean {
    return this.#following !== undefined;
  }

  start(from: 'start' | 'end' = 'start'): void {
    if (this.#following !== undefined) return;
    const life = this.#life;
    this.store.fate = 'done';
    this.#following = tail(
      this.store.deps(
        () => life === this.#life,
        () => this.now,
      ),
      { files: [this.#followed], from, say: (message) => void this.said.push(message) },
    );
  }

  async settle(): Promise<void> {
    await this.#following?.settled();
  }

  async stop(): Promise<void> {
    const following = this.#following;
    this.#following = undefined;
    await following?.close();
  }

  /** In the middle of whatever it does. */
  async kill(fate: 'unanswered' | 'undone'): Promise<void> {
    this.store.fate = fate;
    // What it is in the middle of: let it get there.
    if (this.#following !== undefined) await new Promise((resolve) => setTimeout(resolve, 2));
    this.#life++;
    await this.stop();
    this.store.fate = 'done';
  }

  /** Reads to the end, and long enough that whoever wrote to rotated files has gone. */
  async finish(): Promise<void> {
    if (this.#half !== '') this.write(1);
    this.start();
    await this.settle();
    this.now += 10_000;
    await this.settle();
  }

  /** Lines that are not counted once, as they should. */
  wrong(): { line: string; counted: number }[] {
    const all = new Map(this.written.map((line) => [line, 0]));
    for (const [line, n] of this.store.lines) all.set(line, n);
    const own = new Set(this.written);
    return [...all]
      .filter(([line, n]) => (n !== 1 && !(n === 0 && this.mayBeLost.has(line))) || !own.has(line))
      .map(([line, counted]) => ({ line: line.slice(0, 40), counted }));
  }

  close(): void {
    closeSync(this.#writer);
  }
}
