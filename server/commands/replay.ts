// `fivealarm replay`: what would have alerted, and when. The engine that watches live, over files or standard input, at event time.
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { causes } from '#shared/causes/index.ts';
import { count, percent, plural } from '#shared/numbers.ts';
import { causeOf } from '../core/cause.ts';
import { Engine } from '../core/detect/engine.ts';
import { familyOf, isServer } from '../core/detect/families.ts';
import { Hit, NO_CODE, SOURCE } from '../core/hit.ts';
import { incidentLine, incidentTable, type IncidentLine } from '../core/detect/incident-line.ts';
import type { Incident } from '../core/detect/incident.ts';
import type { Chunk, Miss } from '../formats/format.ts';
import { FormatError, openLineReader, type LineReader } from '../formats/line-reader.ts';
import { Failure } from '../errors.ts';
import type { RecordKey } from '../formats/keyed/record-key.ts';
import { recordKey } from '../receive/source-naming.ts';
import { OTHER_SOURCE } from '../receive/source-registry.ts';
import { CountLines, widthOf } from './count-lines.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { recordsIn } from './json-records.ts';
import { PlacesOfHits } from './places-of-hits.ts';
import { chunksOfLines } from './lines-of-file.ts';
import { complain, onOneLine } from './terminal.ts';
import { fileError } from './file-error.ts';

const PROGRESS_EVERY_MS = 500;
/** Failures up to this long before an incident are taken for its own, s. */
const CAUSES_FOR = 300;
const NAMES_MAX = 1000;

export const command = {
  name: 'replay',
  summary: 'say what would have alerted, and when, over a log or its counts',
  usage: `replay FILE…|- [--format auto|counts|NAME|'log_format string'] [--source NAME] [--source-key KEY] [--json]

  FILE       logs, gzip or not, oldest first; - reads standard input
  --format   counts: lines {"ts","source","code","count"}; otherwise as for parse (default auto, which tells counts too)
  --source   name of the source for lines that carry none (default: the service that a record names, or else the file's name)
  --source-key KEY
             key of the records that names the source of each, such as kubernetes.container_name; none: they name no source
  --json     one JSON object an incident: source, codes, cause, where, severity, startedAt, openedAt, endedAt, resolvedAt,
             peakShare, baselineShare`,

  async run(argv: string[], io: Io): Promise<number> {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'auto' },
        source: { type: 'string' },
        'source-key': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (positionals.length === 0) throw new UsageError('replay wants a FILE, or - for standard input');
    let replay: Replay;
    try {
      replay = new Replay(values.format, values['source-key'] ?? (values.source === undefined ? 'auto' : 'none'));
    } catch (error) {
      if (!(error instanceof FormatError || error instanceof Failure)) throw error;
      throw new UsageError(error.message);
    }
    for (const file of positionals) {
      try {
        await replayFile(replay, file, values.source ?? (file === '-' ? 'stdin' : basename(file)), io);
      } catch (error) {
        complain(io, `cannot read ${file}: ${fileError(error)}`);
        return 1;
      }
    }
    if (replay.counted === 0) {
      complain(io, `no line of ${positionals.join(', ')} could be read; \`fivealarm parse\` says why`);
      return 1;
    }
    const lines = replay.finish();
    if (values.json) for (const line of lines) io.stdout.write(`${JSON.stringify(line)}\n`);
    else io.stdout.write(`${report(replay, lines)}\n`);
    return 0;
  },
} as const satisfies Command;

function report(replay: Replay, lines: IncidentLine[]): string {
  const pages = lines.filter((line) => line.severity === 'page').length;
  const counted =
    `${count(replay.counted)} requests of ${plural(replay.sources, 'source')}` +
    (replay.unread > 0 ? `, ${count(replay.unread)} lines not read` : '') +
    (replay.late > 0 ? `, ${count(replay.late)} requests over two minutes out of order and so not judged` : '');
  const said = `${plural(pages, 'page')}, ${plural(lines.length - pages, 'warning')} in ${counted}.`;
  return lines.length === 0
    ? said
    : `${incidentTable(lines.map((line) => ({ ...line, source: onOneLine(line.source), says: onOneLine(line.says) })))}\n\n${said}`;
}

async function replayFile(replay: Replay, file: string, source: string, io: Io): Promise<void> {
  const size = file === '-' ? NaN : statSync(file).size;
  const input = file === '-' ? io.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
  let read = 0,
    shown = io.now();
  if (file !== '-')
    input.on('data', (bytes: Buffer) => {
      read += bytes.length;
    });
  for await (const chunk of chunksOfLines(input)) {
    if (io.stop.aborted) break;
    replay.take(chunk, source);
    if (!io.stderr.isTTY || io.now() - shown < PROGRESS_EVERY_MS) continue;
    shown = io.now();
    io.stderr.over?.(`${Number.isNaN(size) ? '' : `${percent(read / size)}, `}${count(replay.counted)} requests`);
  }
  if (io.stderr.isTTY) io.stderr.over?.('');
}

interface IncidentView {
  incident: Incident;
  /** Why it paged, or else why it warned. */
  says: string;
  paged?: boolean;
  causes: Float64Array;
}

class Replay {
  counted = 0;
  unread = 0;
  late = 0;
  readonly #counts = new CountLines();
  readonly #reader: LineReader | undefined;
  /** Of records that name their source. */
  readonly #key: RecordKey | undefined;
  /** Those that records named. */
  readonly #names = new Set<string>();
  #engine: Engine | undefined;
  #isCounts: boolean | undefined;
  #width = 1;
  #now = NaN;
  readonly #hit = new Hit();
  readonly #places = new PlacesOfHits();
  readonly #told = new Map<Incident, IncidentView>();
  /** Causes of each source's failures: of the open incident, or of the last few minutes, which it may open with. */
  readonly #causes = new Map<string, { since: number; seen: Float64Array }>();

  constructor(format: string, sourceKey: string) {
    this.#key = recordKey(sourceKey);
    this.#isCounts = format === 'counts' ? true : format === 'auto' ? undefined : false;
    if (format !== 'counts') this.#reader = openLineReader(format);
  }

  get sources(): number {
    return this.#engine?.sources.size ?? 0;
  }

  take(chunk: Chunk, source: string): void {
    this.#isCounts ??= this.#looksLikeCounts(chunk);
    if (!this.#engine) this.#start(chunk);
    const { length } = chunk.bytes;
    for (let at = 0; at < length;) {
      const newline = chunk.text.indexOf('\n', at);
      const end = newline === -1 ? length : newline;
      const records = end > at && !this.#isCounts ? recordsIn(chunk, at, end) : undefined;
      if (records !== undefined) for (const record of records) this.#line(record, 0, record.bytes.length, source);
      else if (end > at) this.#line(chunk, at, end, source);
      at = end + 1;
    }
  }

  #looksLikeCounts(chunk: Chunk): boolean {
    const end = chunk.text.indexOf('\n');
    const first = chunk.text.slice(0, end === -1 ? undefined : end);
    return (
      /^\s*\{/.test(first) && /"count"\s*:/.test(first) && this.#counts.read(chunk.bytes, chunk.text, 0, first.length)
    );
  }

  /** The first chunk tells how wide the buckets are: a count is known only when its bucket has ended. */
  #start(chunk: Chunk): void {
    if (this.#isCounts) {
      const times = new Set<number>();
      for (let at = 0; at < chunk.text.length;) {
        const newline = chunk.text.indexOf('\n', at);
        const end = newline === -1 ? chunk.text.length : newline;
        if (end > at && this.#counts.read(chunk.bytes, chunk.text, at, end)) times.add(this.#counts.line.ts);
        at = end + 1;
      }
      this.#width = widthOf(times);
    }
    this.#engine = new Engine({
      resolution: this.#width,
      textOf: (id) => this.#places.textOf(id),
      onTransition: (incident, { to, verdict }) => {
        if (to === 'pending') return;
        const told = this.#told.get(incident);
        if (!told)
          this.#told.set(incident, { incident, says: incident.verdict.says, causes: this.#causesOf(incident.source) });
        else if (verdict?.level === 'page' && !told.paged) told.says = verdict.says;
        this.#told.get(incident)!.paged ||= incident.severity === 'page';
        // until it is over, what fails goes on counting into the same numbers
        const causesOf = this.#causes.get(incident.source);
        if (causesOf) causesOf.since = to === 'resolved' ? -Infinity : Infinity;
      },
    });
  }

  #line(chunk: Chunk, start: number, end: number, source: string): void {
    if (this.#isCounts) {
      if (!this.#counts.read(chunk.bytes, chunk.text, start, end)) {
        this.unread++;
        return;
      }
      const { line } = this.#counts;
      this.#count(line.source, Math.floor(line.ts) + this.#width - 1, line.code, line.count);
      return;
    }
    const reader = this.#reader!,
      hit = this.#hit,
      key = this.#key;
    for (let from = start; from !== -1;) {
      const name = key?.find(chunk, from, end),
        of = name === undefined ? source : this.#bounded(name);
      this.#take(reader.read(chunk, from, key?.end ?? end, hit), of);
      while (reader.hasMore) this.#take(reader.more(hit), of);
      from = key?.next ?? -1;
    }
  }

  /** As on a server, no more sources than it keeps by default. */
  #bounded(name: string): string {
    if (this.#names.has(name)) return name;
    if (this.#names.size >= NAMES_MAX) return OTHER_SOURCE;
    this.#names.add(name);
    return name;
  }

  #take(miss: Miss | undefined, source: string): void {
    const hit = this.#hit;
    if (miss !== undefined || hit.code === NO_CODE || Number.isNaN(hit.ts)) {
      this.unread++;
      return;
    }
    const name = hit.text(SOURCE) ?? source;
    if (isServer[familyOf(hit.code)]) this.#causesOf(name)[causeOf(hit)] += hit.count;
    const second = Math.floor(hit.ts / 1000);
    if (this.#count(name, second, hit.code, hit.count)) this.#places.count(this.#engine!, name, second, hit);
  }

  #count(source: string, second: number, code: number, count: number): boolean {
    const engine = this.#engine!;
    if (!(second <= this.#now)) {
      this.#now = second;
      engine.tick(second);
    }
    this.counted += count;
    const judged = engine.count(engine.source(source, second), second, code, count);
    if (!judged) this.late += count;
    return judged;
  }

  #causesOf(source: string): Float64Array {
    let of = this.#causes.get(source);
    if (!of || this.#now - of.since > CAUSES_FOR)
      this.#causes.set(source, (of = { since: this.#now, seen: new Float64Array(causes.length + 1) }));
    return of.seen;
  }

  /** The end of the input ends the last bucket; what still fires stays open. */
  finish(): IncidentLine[] {
    this.#now++;
    this.#engine!.tick(this.#now);
    return [...this.#told.values()]
      .map(({ incident, says, causes: seen }) => incidentLine(incident, says, incident.causes[0] ?? topCause(seen)))
      .sort((a, b) => a.openedAt - b.openedAt);
  }
}

/** The cause of most failures, unless nothing is known of them. */
function topCause(seen: Float64Array): string | undefined {
  let top = 0;
  for (let i = 1; i < seen.length; i++) if (seen[i] > (top === 0 ? 0 : seen[top])) top = i;
  return top === 0 ? undefined : causes[top - 1].id;
}
