// `fivealarm ship`: follows log files here and counts them on a server elsewhere. It stores nothing; the server knows
// how far each file is counted, so being killed, on either side, or a network that answers twice or not at all, changes
// no count.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { parseArgs, promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { follow } from '../receive/follow.ts';
import type { FollowSink, Known } from '../receive/follow-sink.ts';
import { STRETCH_HEADER, type StretchHeader } from '../receive/stream.ts';
import { UsageError, type Command, type Io } from './command.ts';
import { complain, onOneLine } from './terminal.ts';
import { followTrouble } from './start-trouble.ts';
import { systemError } from './file-error.ts';

/** Four buffers of 1 MiB are all the lines that are ever held. */
const BUFFER_BYTES = 1024 * 1024;
const BUFFERS = 4;
const ANSWER_MS_MAX = 60_000;
const compress = promisify(gzip);

export const command: Command = {
  name: 'ship',
  summary: 'follow log files and count them on a server elsewhere, exactly once',
  usage: `ship FILE… --to URL [--token TOKEN]

  FILE               a file or a glob, also as SOURCE=FILE; rotation and truncation are followed
  --to URL           the server, such as http://fivealarm.example:5500
  --token TOKEN      ingest token; or FIVEALARM_TOKEN, or --token-file FILE
  --source NAME      the source; otherwise it is named after each file
  --format F         how its lines read; otherwise the server finds out
  --host NAME        what this machine is called (its host name); must stay the same, also over a container's restarts
  --from-end         files never seen before: count only lines yet to come
  --once             stop when everything that is in the files now has been counted`,
  run,
};

async function run(argv: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      to: { type: 'string' },
      token: { type: 'string' },
      'token-file': { type: 'string' },
      source: { type: 'string' },
      format: { type: 'string' },
      host: { type: 'string' },
      'from-end': { type: 'boolean' },
      once: { type: 'boolean' },
    },
  });
  if (positionals.length === 0) throw new UsageError('Which files?');
  if (values.to === undefined || !URL.canParse(values.to))
    throw new UsageError('--to must be the address of a server, such as http://127.0.0.1:5500');
  const token =
    values['token-file'] === undefined ? (values.token ?? io.env.FIVEALARM_TOKEN) : await tokenIn(values['token-file']);
  const unreadable = followTrouble(positionals);
  if (unreadable !== undefined) {
    complain(io, unreadable);
    return 1;
  }
  const say = (message: string): void => void io.stderr.write(`${onOneLine(message)}\n`);
  const server = connect({
    to: values.to,
    token,
    format: values.format,
    host: values.host ?? hostname(),
    signal: io.stop,
  });
  const following = follow({
    files: positionals,
    source: values.source,
    from: values['from-end'] ? 'end' : 'start',
    bufferBytes: BUFFER_BYTES,
    buffers: BUFFERS,
    now: io.now,
    say,
    sink: server,
  });
  const stopped = new Promise<void>((resolve) => {
    if (io.stop.aborted) resolve();
    io.stop.addEventListener('abort', () => resolve());
  });
  await (values.once ? Promise.race([following.settled(), stopped]) : stopped);
  await following.close();
  return 0;
}

async function tokenIn(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    throw new UsageError(`--token-file: ${systemError(error) ?? (error as Error).message}`);
  }
}

interface Server {
  readonly to: string;
  readonly token: string | undefined;
  readonly format: string | undefined;
  readonly host: string;
  readonly signal: AbortSignal;
}

/** An answer other than a position; `retryAfter` in seconds. Every one is retried: nothing is ever dropped here. */
class Refused extends Error {
  readonly retryAfter: number;

  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

function connect(server: Server): FollowSink {
  const base = new URL(server.to.endsWith('/') ? server.to : `${server.to}/`);
  const query = server.format === undefined ? '' : `?format=${encodeURIComponent(server.format)}`;

  async function ask<T>(path: string, header: StretchHeader, body: Buffer | undefined): Promise<T> {
    const response = await fetch(new URL(path, base), {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.any([server.signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
      headers: {
        [STRETCH_HEADER]: JSON.stringify(header),
        'user-agent': 'fivealarm-ship',
        ...(server.token === undefined ? {} : { authorization: `Bearer ${server.token}` }),
        ...(body === undefined ? {} : { 'content-type': 'text/plain', 'content-encoding': 'gzip' }),
      },
      body: body === undefined ? undefined : new Uint8Array(body),
    });
    const text = await response.text();
    if (response.ok || response.status === 409) return JSON.parse(text) as T;
    throw new Refused(`${response.status} ${messageIn(text)}`, Number(response.headers.get('retry-after')) || 0);
  }

  /** Errors say whom we asked. */
  async function asked<T>(path: string, header: StretchHeader, body?: Buffer): Promise<T> {
    try {
      return await ask<T>(path, header, body);
    } catch (error) {
      const { message, cause, retryAfter = 0 } = error as Error & { retryAfter?: number };
      throw new Refused(`${base.host}: ${message}${cause instanceof Error ? ` (${cause.message})` : ''}`, retryAfter);
    }
  }

  return {
    host: `${encodeURIComponent(server.host)}/`,
    async known(stream, log) {
      const {
        positions,
        isFollowed = false,
        lives,
      } = await asked<Partial<Known> & Pick<Known, 'positions'>>('ship', { stream, log, ...NO_STRETCH });
      // A server of before tells of the stream only.
      return { positions, isFollowed, lives: lives ?? positions.map((position) => ({ stream, ...position })) };
    },
    async begin(log, leftOut, source) {
      await asked(
        pathOf(source),
        { stream: `${encodeURIComponent(server.host)}/none`, log, ...NO_STRETCH, begin: true },
        await compress(JSON.stringify(leftOut)),
      );
    },
    async deliver({ bytes, ...piece }, source) {
      return (await asked<{ end: number }>(`${pathOf(source)}${query}`, piece, await compress(bytes, { level: 1 })))
        .end;
    },
  };
}

const NO_STRETCH = { head: { length: 0, digest: '0'.repeat(32), run: 0 }, start: 0, end: 0 };

const pathOf = (source: string): string => `ship/${encodeURIComponent(source)}`;

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return text.slice(0, 200);
  }
}
