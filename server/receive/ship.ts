// The server's side of `fivealarm ship`: POST /ship asks how far a file is counted, POST /ship/SOURCE brings a stretch
// of it. The answer always says where to go on from; 409 means that bytes before this stretch are missing here.
import type { FastifyRequest } from 'fastify';
import { FormatError } from '../formats/line-reader.ts';
import { errors } from '../errors.ts';
import { Allowance } from './allowance.ts';
import { decodeWhole } from './decode.ts';
import type { Receiver } from './receiver.ts';
import type { Head, Life, Mark } from './life.ts';
import { STRETCH_HEADER, openStreams, type StretchHeader } from './stream.ts';

interface Route {
  Params: { source: string };
  Querystring: { format?: string };
}

export const ship: Receiver = {
  name: 'ship',
  title: 'fivealarm ship',
  register(app, deps) {
    const streams = openStreams(deps);
    app.post('/ship', async (request) => {
      request.raw.resume();
      const { stream, log } = headerOf(request);
      return streams.known(stream, log);
    });
    app.post<Route>('/ship/:source', async (request, reply) => {
      const { source } = request.params;
      const header = headerOf(request);
      const { body: bytes } = await decodeWhole(request.raw, new Allowance(deps.limits, reply.raw));
      if (header.begin) {
        await streams.begin(header.log!, leftOutOf(bytes), source, ship.name);
        return { end: 0 };
      }
      try {
        const taken = await streams.take({
          ...header,
          bytes,
          source,
          format: request.query.format,
          receiver: ship.name,
          userAgent: request.headers['user-agent'],
        });
        const isGap = taken.end < header.start;
        deps.diagnostics.answered(
          source,
          deps.now(),
          isGap ? 409 : 200,
          isGap
            ? `bytes before ${header.start} are missing`
            : taken.answer === undefined
              ? 'counted before'
              : `${taken.answer.accepted} accepted`,
        );
        reply.code(isGap ? 409 : 200);
        return taken;
      } catch (error) {
        throw error instanceof FormatError ? errors.badFormat(error.message) : error;
      }
    });
  },
};

const STREAM_LENGTH_MAX = 300;
const LOG_LENGTH_MAX = 2300;
const LEFT_OUT_MAX = 64;
const HEAD_LINES_MAX = 16;

function headerOf(request: FastifyRequest): StretchHeader {
  const text = request.headers[STRETCH_HEADER];
  const header = parsed(String(text)) as Partial<StretchHeader> | undefined;
  const { stream, log, head, better, start = 0, end = 0, mark, skipOlder, done, begin } = header ?? {};
  const isNamed = isText(stream, STREAM_LENGTH_MAX) && (log === undefined ? !begin : isText(log, LOG_LENGTH_MAX));
  const isWhole =
    isNamed && isHead(head) && (better === undefined || isHead(better)) && (mark === undefined || isMark(mark));
  if (!isWhole || !isOffset(start) || !isOffset(end) || end < start)
    throw errors.undecodable(
      `The ${STRETCH_HEADER} header is missing or cannot be read. This path is for fivealarm ship.`,
    );
  return {
    stream: stream!,
    log,
    head,
    better,
    start,
    end,
    mark,
    skipOlder: skipOlder === true,
    done: done === true,
    begin: begin === true,
  };
}

/** The body of `begin`. */
function leftOutOf(bytes: Buffer): Life[] {
  const lives = parsed(bytes.toString());
  if (!Array.isArray(lives) || lives.length > LEFT_OUT_MAX)
    throw errors.undecodable('The body is not a list of rotated files. This path is for fivealarm ship.');
  const isLife = (given: Partial<Life> | null): given is Life =>
    isText(given?.stream, STREAM_LENGTH_MAX) && isHead(given?.head) && isOffset(given?.end);
  if (!lives.every(isLife))
    throw errors.undecodable('A rotated file in the body cannot be read. This path is for fivealarm ship.');
  return lives.map(({ stream, head, end }) => ({ stream, head, end }));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

const isText = (given: unknown, lengthMax: number): given is string =>
  typeof given === 'string' && given.length > 0 && given.length <= lengthMax;

const isOffset = (given: unknown): given is number => Number.isSafeInteger(given) && (given as number) >= 0;

const isDigest = (given: unknown): boolean => typeof given === 'string' && /^[0-9a-f]{32}$/.test(given);

const isMark = (given: Partial<Mark> | null): given is Mark =>
  typeof given === 'object' && isOffset(given?.at) && isDigest(given?.digest);

function isHead(given: Partial<Head> | null | undefined): given is Head {
  const { length, run, digest, lines = [] } = given ?? {};
  return (
    isOffset(length) &&
    isOffset(run) &&
    isDigest(digest) &&
    Array.isArray(lines) &&
    lines.length <= HEAD_LINES_MAX &&
    lines.every(isHeadLine)
  );
}

const isHeadLine = (given: unknown): boolean =>
  Array.isArray(given) &&
  given.length === 2 &&
  isOffset(given[0]) &&
  typeof given[1] === 'string' &&
  /^[0-9a-f]{8}$/.test(given[1]);
