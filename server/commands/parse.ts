// `fivealarm parse`: one JSON object a line, saying what was read from it or why nothing was. What a person checks a format with,
// and what the contract tests of the formats compare.
import { createReadStream } from 'node:fs';
import { parseArgs } from 'node:util';
import { Hit } from '../core/hit.ts';
import type { Chunk, Miss } from '../formats/format.ts';
import { FormatError, openLineReader, type LineReader } from '../formats/line-reader.ts';
import { LINE_BYTES_MAX } from '../receive/body-kind.ts';
import { hitJson } from '../formats/hit-json.ts';
import { recordsIn } from './json-records.ts';
import { chunksOfLines } from './lines-of-file.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { complain } from './terminal.ts';
import { fileError } from './file-error.ts';

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
      complain(io, `cannot read ${file}: ${fileError(error)}`);
      return 1;
    }
  },
} as const satisfies Command;

const shown = (miss: Miss | undefined, hit: Hit): object =>
  miss === undefined ? hitJson(hit) : { [miss.kind]: miss.text };

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
      if (records === undefined) this.#show(chunk, at, end, out);
      else for (const record of records) this.#show(record, 0, record.bytes.length, out);
      at = end + 1;
    }
    if (out.length > 0 && !this.#io.stdout.write(`${out.join('\n')}\n`))
      await new Promise<void>((resolve) => this.#io.stdout.once('drain', resolve));
  }

  /** A row for each record of the line, in order. */
  #show(chunk: Chunk, start: number, end: number, out: string[]): void {
    const reader = this.#reader,
      hit = this.#hit;
    const put = (said: object): void => void out.push(JSON.stringify({ line: this.#line, ...said }));
    if (end - start > LINE_BYTES_MAX) return put({ skipped: 'line longer than 64 KiB' });
    put(shown(reader.read(chunk, start, end, hit), hit));
    while (reader.hasMore) put(shown(reader.more(hit), hit));
  }
}
