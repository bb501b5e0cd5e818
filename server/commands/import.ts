// `fivealarm import`: a backfill. Files are cut at fixed places, so that the same file imported again (within the 72 h that
// batches are remembered) counts nothing twice. Into the database itself, or through the server that has it open.
import { createReadStream, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { IngestAnswer } from '#shared/api.ts';
import { count, percent, plural } from '#shared/numbers.ts';
import { ASCII } from '../core/ascii.ts';
import { readAddress } from '../address.ts';
import { ConfigError, readConfig, type Config } from '../config.ts';
import { Failure } from '../errors.ts';
import { FormatError, openLineReader } from '../formats/line-reader.ts';
import { openIngest } from '../ingest.ts';
import { isLines } from '../receive/body-kind.ts';
import { scopeOf } from '../receive/lines.ts';
import { sourceOf } from '../receive/log-path.ts';
import { recordKey } from '../receive/source-naming.ts';
import { cannotUnpack, packingOf } from '../receive/packing.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { complain, onOneLine } from './terminal.ts';
import { startTrouble, textIfThere } from './start-trouble.ts';
import { fileError } from './file-error.ts';

const { LF } = ASCII;

/** One batch: its commit costs little beside its lines, and its lines are at hand when it is sent again. */
const PIECE_BYTES = 4 * 1024 * 1024;
const TRIES_MAX = 30;
const PROGRESS_MS = 200;

export const command = {
  name: 'import',
  summary: 'backfill logs; never pages',
  usage: `import FILE…|- [--source S] [--source-key KEY] [--format F] [--data-dir FOLDER] [--config FILE]

  FILE         logs, gzip or zstd or not; - reads standard input
  --source     the source to count them for; by default the service that a record names, or else after each file's name
  --source-key the key of the records that names the source of each, such as kubernetes.container_name; none: they name no source
  --format     auto (default), the name of a format, or the text of an nginx log_format, an Apache LogFormat or a GoAccess log-format
  --data-dir   folder of the database (data); a server that runs on it is handed the lines`,

  async run(argv: string[], io: Io): Promise<number> {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        source: { type: 'string' },
        'source-key': { type: 'string' },
        format: { type: 'string' },
        'data-dir': { type: 'string' },
        config: { type: 'string' },
      },
    });
    if (positionals.length === 0) throw new UsageError('import wants one FILE or more, or - for standard input');
    checkReading(values);
    const config = configOf(values, io);
    let sink: Sink;
    try {
      sink = await openSink(config, values, io);
    } catch (error) {
      const trouble = startTrouble(error, config);
      if (trouble === undefined) throw error;
      complain(io, trouble);
      return 1;
    }
    try {
      let code = 0;
      for (const file of positionals) code = Math.max(code, await importFile(file, values.source, sink, io));
      return code;
    } finally {
      await sink.close();
    }
  },
} as const satisfies Command;

function checkReading({ format, 'source-key': sourceKey = 'none' }: Reading): void {
  try {
    openLineReader(format);
    recordKey(sourceKey);
  } catch (error) {
    throw error instanceof FormatError || error instanceof Failure ? new UsageError(error.message) : error;
  }
}

function configOf(values: { 'data-dir'?: string; config?: string }, io: Io): Config {
  const argv = [
    ...(values['data-dir'] === undefined ? [] : ['--data-dir', values['data-dir']]),
    ...(values.config === undefined ? [] : ['--config', values.config]),
  ];
  try {
    return readConfig(argv, io.env, textIfThere);
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message) : error;
  }
}

/** Where lines go. */
interface Sink {
  /** Counts these pieces as one batch. `isNamed`: somebody named the source. */
  send(pieces: AsyncIterable<Buffer>, source: string, isNamed: boolean): Promise<IngestAnswer>;
  close(): Promise<void>;
}

/** How lines are read, as it was given. */
interface Reading {
  readonly format?: string;
  readonly 'source-key'?: string;
}

async function openSink(config: Config, reading: Reading, io: Io): Promise<Sink> {
  try {
    return await openDatabase(config, reading, io);
  } catch (error) {
    const url = readAddress(config.dataDir);
    if (!(error instanceof Failure) || error.code !== 'databaseInUse' || url === undefined) throw error;
    complain(io, `a server has ${config.dataDir} open: sending to ${url}`);
    return {
      send: (pieces, source, isNamed) => {
        const sourceKey = reading['source-key'] ?? (isNamed ? undefined : 'auto');
        return post(url, pieces, source, { format: reading.format, sourceKey }, config);
      },
      close: async () => {},
    };
  }
}

async function openDatabase(config: Config, reading: Reading, io: Io): Promise<Sink> {
  const { receive, close } = await openIngest({
    config,
    now: io.now,
    onBroken: (error) => complain(io, startTrouble(error, config) ?? error.message),
    onTrouble: (error) => complain(io, `${String(error)}`),
  });
  return {
    async send(pieces, source, isNamed) {
      const { format, 'source-key': sourceKey } = reading;
      const batch = receive.open({ source, isNamed, receiver: 'import', format, sourceKey });
      for await (const piece of pieces) await batch.write(piece);
      const key = batch.digest();
      return batch.commit(key && { scope: scopeOf('', 'body', source), key });
    },
    close,
  };
}

async function post(
  url: string,
  pieces: AsyncIterable<Buffer>,
  source: string,
  given: Readonly<Record<string, string | undefined>>,
  config: Config,
): Promise<IngestAnswer> {
  const query = Object.entries(given).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  const target = `${url}/ingest/${encodeURIComponent(source)}?${query.join('&')}`;
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(piece);
  const body = Buffer.concat(parts);
  const headers: Record<string, string> = { 'user-agent': 'fivealarm-import' };
  if (config.ingestTokens[0] !== undefined) headers.authorization = `Bearer ${config.ingestTokens[0]}`;
  for (let tries = 1; ; tries++) {
    const response = await fetch(target, { method: 'POST', body, headers });
    if (response.ok) return (await response.json()) as IngestAnswer;
    const text = await response.text();
    if (response.status !== 503 || tries === TRIES_MAX)
      throw new Error(`${url} answered ${response.status}: ${text.slice(0, 300)}`);
    await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
  }
}

const SAMPLE_CHARS_SHOWN = 160;

async function importFile(file: string, given: string | undefined, sink: Sink, io: Io): Promise<number> {
  const name = file === '-' ? 'standard input' : file;
  const source =
    given ?? (file === '-' ? 'import' : sourceOf(file.replace(/\.(gz|zst)$/, '').replace(/\.\d{1,4}$/, '')));
  const total: IngestAnswer & { repeated: number } = {
    received: 0,
    accepted: 0,
    rejected: 0,
    skipped: 0,
    duplicate: false,
    errors: [],
    repeated: 0,
  };
  const progress = new Progress(name, file === '-' ? undefined : sizeOf(file), io);
  try {
    const input = file === '-' ? io.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
    const pieces = piecesOf(decompressed(counted(input, progress)));
    for (let next = await pieces.next(), line = 0; !next.done && !io.stop.aborted; next = await pieces.next()) {
      const first: Buffer = next.value;
      // A JSON array has no place to be cut at: all of it is one batch.
      const answer = await sink.send(
        line === 0 && !isLines(first) ? from(first, pieces) : from(first),
        source,
        given !== undefined,
      );
      add(total, answer, line);
      line += answer.received;
      progress.counted(total.received);
    }
  } catch (error) {
    progress.end();
    complain(io, `${name}: ${fileError(error)}`);
    return 1;
  }
  progress.end();
  const parts = [
    `${count(total.accepted)} counted`,
    `${count(total.rejected)} rejected`,
    `${count(total.skipped)} skipped`,
  ];
  if (total.repeated > 0) parts.push(`${count(total.repeated)} known from before and not counted again`);
  io.stdout.write(`${onOneLine(`${name} → ${source}`)}: ${plural(total.received, 'line')}: ${parts.join(', ')}\n`);
  for (const { reason, sample } of total.errors.slice(0, 5))
    io.stdout.write(`  ${reason}: ${onOneLine(sample.slice(0, SAMPLE_CHARS_SHOWN))}\n`);
  return total.received > 0 && total.accepted + total.repeated === 0 ? 1 : 0;
}

function add(total: IngestAnswer & { repeated: number }, answer: IngestAnswer, line: number): void {
  total.received += answer.received;
  if (answer.duplicate) total.repeated += answer.received;
  else for (const outcome of ['accepted', 'rejected', 'skipped'] as const) total[outcome] += answer[outcome];
  for (const error of answer.errors)
    if (total.errors.length < 20) total.errors.push({ ...error, line: error.line + line });
}

const sizeOf = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.size;

async function* from(first: Buffer, rest?: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  if (rest !== undefined) yield* rest;
}

async function* counted(input: Readable, progress: Progress): AsyncGenerator<Buffer> {
  for await (const chunk of input as AsyncIterable<Buffer>) {
    progress.read(chunk.length);
    yield chunk;
  }
}

async function* decompressed(input: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const { value: first, done } = await input.next();
  if (done) return;
  const all = from(first, input);
  const packing = packingOf(first);
  if (packing === 'gzip')
    yield* Readable.from(all).compose(createGunzip({ chunkSize: 1 << 18 })) as AsyncIterable<Buffer>;
  else if (packing === 'zstd')
    yield* Readable.from(all).compose(createZstdDecompress({ chunkSize: 1 << 18 })) as AsyncIterable<Buffer>;
  else if (packing !== 'none') throw new Error(cannotUnpack(packing));
  else yield* all;
}

/** Pieces of PIECE_BYTES less the last, unfinished line: the same cuts whatever the chunks that come in. */
async function* piecesOf(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let length = 0;
  for await (const chunk of input) {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(chunk.length - at, PIECE_BYTES - length);
      chunk.copy(piece, length, at, at + taken);
      at += taken;
      length += taken;
      if (length < PIECE_BYTES) continue;
      const cut = piece.lastIndexOf(LF) + 1 || length;
      yield piece.subarray(0, cut);
      const rest = piece.subarray(cut, length);
      piece = Buffer.allocUnsafe(PIECE_BYTES);
      rest.copy(piece);
      length = rest.length;
    }
  }
  if (length > 0) yield piece.subarray(0, length);
}

/** One line on a terminal that is written over. */
class Progress {
  readonly #name: string;
  readonly #size: number | undefined;
  readonly #io: Io;
  readonly #startedAt: number;
  #bytes = 0;
  #lines = 0;
  #shownAt = 0;

  constructor(name: string, size: number | undefined, io: Io) {
    this.#name = name;
    this.#size = size;
    this.#io = io;
    this.#startedAt = io.now();
  }

  read(bytes: number): void {
    this.#bytes += bytes;
  }

  counted(lines: number): void {
    this.#lines = lines;
    const now = this.#io.now();
    if (!this.#io.stderr.isTTY || now - this.#shownAt < PROGRESS_MS) return;
    this.#shownAt = now;
    const share = this.#size ? percent(Math.min(1, this.#bytes / this.#size)) : `${Math.round(this.#bytes / 1e6)} MB`;
    const perSecond = Math.round(this.#lines / Math.max(0.001, (now - this.#startedAt) / 1000));
    this.#io.stderr.over?.(`${this.#name}: ${share}, ${count(this.#lines)} lines, ${count(perSecond)} per second`);
  }

  end(): void {
    if (this.#shownAt > 0) this.#io.stderr.over?.('');
  }
}
