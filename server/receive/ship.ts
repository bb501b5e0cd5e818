// The server's side of `fivealarm ship`: POST /ship asks how far a file is counted, POST /ship/SOURCE brings a stretch of it. The
// answer always says where to go on from; 409 means that bytes before this stretch are missing here.
import type { FastifyRequest } from 'fastify';
import { FormatError } from '../formats/line-reader.ts';
import { errors } from '../errors.ts';
import { Allowance } from './allowance.ts';
import { decodeWhole } from './decode.ts';
import type { Receiver } from './receiver.ts';
import { STRETCH_HEADER, openStreams, type Head, type StretchHeader } from './stream.ts';

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
      return { positions: await streams.positions(headerOf(request).stream) };
    });
    app.post<Route>('/ship/:source', async (request, reply) => {
      const { source } = request.params;
      const header = headerOf(request);
      const { body: bytes } = await decodeWhole(request.raw, new Allowance(deps.limits, reply.raw));
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
        deps.doctor.answered(
          source,
          deps.now(),
          isGap ? 409 : 200,
          isGap
            ? `bytes before ${header.start} are missing`
            : taken.answer === undefined
              ? 'counted before'
              : `${taken.answer.accepted} accepted`,
        );
        return reply.code(isGap ? 409 : 200).send(taken);
      } catch (error) {
        throw error instanceof FormatError ? errors.badFormat(error.message) : error;
      }
    });
  },
};

const STREAM_LENGTH_MAX = 300;

function headerOf(request: FastifyRequest): StretchHeader {
  const text = request.headers[STRETCH_HEADER];
  let header: Partial<StretchHeader> | null = null;
  try {
    header = JSON.parse(String(text)) as Partial<StretchHeader> | null;
  } catch {
    // said below
  }
  const { stream, head, better, start = 0, end = 0, skipOlder } = header ?? {};
  const isWhole =
    typeof stream === 'string' &&
    stream.length > 0 &&
    stream.length <= STREAM_LENGTH_MAX &&
    isHead(head) &&
    (better === undefined || isHead(better));
  if (!isWhole || !isOffset(start) || !isOffset(end) || end < start)
    throw errors.undecodable(
      `The ${STRETCH_HEADER} header is missing or cannot be read. This path is for fivealarm ship.`,
    );
  return { stream, head, better, start, end, skipOlder: skipOlder === true };
}

const isOffset = (given: unknown): given is number => Number.isSafeInteger(given) && (given as number) >= 0;

function isHead(given: Partial<Head> | undefined): given is Head {
  return (
    typeof given === 'object' &&
    isOffset(given.length) &&
    isOffset(given.run) &&
    typeof given.digest === 'string' &&
    /^[0-9a-f]{32}$/.test(given.digest)
  );
}
