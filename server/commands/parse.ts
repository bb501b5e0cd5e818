// `fivealarm parse`: one JSON object a line, saying what was read from it or why nothing was. What a person checks a format with,
// and what the contract tests of the formats compare.
import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { Hit } from '../core/hit.ts';
import type { Chunk } from '../formats/format.ts';
import { FormatError, openLineReader, type LineReader } from '../formats/line-reader.ts';
import { LINE_BYTES_MAX } from '../receive/body-kind.ts';
import { hitJson } from '../formats/hit-json.ts';
import { recordsIn } from './json-records.ts';
import { chunksOfLines } from './lines-of-file.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { complain } from './terminal.ts';
import { trouble } from './trouble.ts';

export const command = {
  name: 'parse',
  summary: 'say what is read from each line of a log, or why nothing is',
  usage: `parse FILE|- [--format auto|NAME|'log_format string']

  FILE       a log, gzip or not; - reads standard input
  --format   auto (default), the name of a format, or the text of an nginx log_format, an Apache LogFormat or a GoAccess log-format`,

  async run(argv: string[], io: Io): Promise<number> {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { format: { type: 'string', default: 'auto' } },
      allowPositionals: true,
    });
    if (positionals.length !== 1) throw new UsageError('parse wants one FILE, or - for standard input');
    const [file] = positionals;
    let reader: LineReader;
    try {
      reader = openLineReader(values.format);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      throw new UsageError(error.message);
    }
    const printer = new Printer(reader, io);
    try {
      const input = file === '-' ? io.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
      for await (const chunk of chunksOfLines(input)) {
        if (io.stop.aborted) break;
        await printer.print(chunk);
      }
      return 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') return 0;
      complain(io, `cannot read ${file}: ${trouble(error)}`);
      return 1;
    }
  },
} as const satisfies Command;

class Printer {
  readonly #reader: LineReader;
  readonly #io: Io;
  readonly #hit = new Hit();
  #line = 0;

  constructor(reader: LineReader, io: Io) {
    this.#reader = reader;
    this.#io = io;
  }

  /** Prints the lines of a chunk that ends where a line ends. */
  async print(chunk: Chunk): Promise<void> {
    const out: string[] = [];
    const { length } = chunk.bytes;
    for (let at = 0; at < length;) {
      const newline = chunk.text.indexOf('\n', at);
      const end = newline === -1 ? length : newline;
      this.#line++;
      const records = recordsIn(chunk, at, end);
      if (records === undefined) out.push(this.#shown(chunk, at, end));
      else for (const record of records) out.push(this.#shown(record, 0, record.bytes.length));
      at = end + 1;
    }
    if (out.length > 0 && !this.#io.stdout.write(`${out.join('\n')}\n`))
      await new Promise<void>((resolve) => this.#io.stdout.once('drain', resolve));
  }

  #shown(chunk: Chunk, start: number, end: number): string {
    return JSON.stringify({ line: this.#line, ...this.#read(chunk, start, end) });
  }

  #read(chunk: Chunk, start: number, end: number): object {
    if (end - start > LINE_BYTES_MAX) return { skipped: 'line longer than 64 KiB' };
    const miss = this.#reader.read(chunk, start, end, this.#hit);
    return miss === undefined ? hitJson(this.#hit) : { [miss.kind]: miss.text };
  }
}
