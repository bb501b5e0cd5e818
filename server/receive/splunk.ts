// Splunk's HTTP Event Collector, as Vector, Fluent Bit, Docker's splunk driver and Cribl speak it: JSON events one after another,
// or raw lines.
import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { rejected } from '../formats/misses.ts';
import type { Batch } from './batch.ts';
import { Allowance } from './allowance.ts';
import { decodeBody } from './decode.ts';
import type { Take } from './decoder.ts';
import { Framer } from './framing.ts';
import { sourceOf as sourceOfPath } from './log-path.ts';
import { cleanSource } from './source-name.ts';
import { answered, openFor, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';
import { turns } from './turns.ts';

const SOURCE = 'splunk';

export const splunk: Receiver = {
  name: 'splunk',
  title: 'Splunk HTTP Event Collector',
  register(app, deps) {
    for (const url of ['/services/collector', '/services/collector/event', '/services/collector/event/1.0']) {
      app.post(url, (request, reply) => receive(request, reply, deps, events));
      // Docker's driver asks so whether anyone is here, and starts no container unless this is 200.
      app.options(url, async () => ({ text: 'HEC is healthy', code: 17 }));
    }
    for (const url of ['/services/collector/raw', '/services/collector/raw/1.0']) {
      app.post(url, (request, reply) => receive(request, reply, deps, rawLines));
    }
    for (const url of ['/services/collector/health', '/services/collector/health/1.0'])
      app.get(url, async () => ({ text: 'HEC is healthy', code: 17 }));
  },
};

/** What takes the body's chunks, and its end. */
interface Intake {
  write: Take;
  end(): void;
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ReceiverDeps,
  open: (batch: Batch, allowance: Allowance) => Intake,
): Promise<FastifyReply> {
  const { source } = request.query as { source?: string };
  const allowance = new Allowance(deps.limits, reply.raw);
  const named = sourceNamed(source);
  const batch = openFor(request, deps, {
    source: named ?? SOURCE,
    isNamed: named !== undefined,
    receiver: splunk.name,
    digest: false,
  });
  const hash = createHash('sha256');
  const intake = open(batch, allowance);
  await decodeBody(request.raw, allowance, (chunk) => {
    hash.update(chunk);
    return intake.write(chunk);
  });
  intake.end();
  const key = batch.digest(hash.digest());
  const answer = await batch.commit(key && { scope: `${deps.tokenOf(request)}|body|splunk`, key });
  answered(deps, batch, 200, tallied(answer));
  return reply.send({ text: 'Success', code: 0 });
}

const rawLines = (batch: Batch): Intake => ({ write: (chunk) => batch.write(chunk), end: () => {} });

interface Event {
  time?: unknown;
  host?: unknown;
  source?: unknown;
  event?: unknown;
  /** What is indexed with it. */
  fields?: unknown;
}

const NO_EVENT = rejected('splunk-no-event', 'Splunk event without an event');
const TOO_LONG = rejected('splunk-too-long', 'Splunk event over 64 KiB');

// {"time":1426279439.123,"host":"web1","source":"/var/log/nginx/access.log","sourcetype":"access_combined","event":"<line>"}{"event":{…}}
function events(batch: Batch, allowance: Allowance): Intake {
  const framer = new Framer({
    record: (chunk, start, end) => {
      allowance.record();
      countEvent(chunk.bytes.toString('utf8', start, end), batch);
    },
    quoted: (text) => batch.miss(NO_EVENT, text),
    tooLong: (beginning) => batch.miss(TOO_LONG, beginning),
    blank: () => {},
  });
  const step = (): boolean => framer.step();
  return {
    write(chunk) {
      framer.give(chunk);
      return turns.run(step);
    },
    end: () => framer.end(),
  };
}

function countEvent(json: string, batch: Batch): void {
  let event: Event | null;
  try {
    event = JSON.parse(json) as Event | null;
  } catch {
    return batch.miss(NO_EVENT, json);
  }
  const given = event?.event;
  const line =
    typeof given === 'string' ? given : typeof given === 'object' && given !== null ? lineIn(given) : undefined;
  if (line === undefined) return batch.miss(NO_EVENT, json);
  const seconds = Number(event!.time);
  batch.text(line, {
    source: batch.named(event) ?? batch.named(event!.fields) ?? sourceNamed(event!.source) ?? sourceNamed(event!.host),
    ts: seconds > 0 ? seconds * 1000 : undefined,
  });
}

/** Docker's driver wraps the line, which is an object with `splunk-format=json`: {"line":"<line>","source":"stdout","tag":"…"}. Other objects are records themselves. */
function lineIn(event: object): string {
  if (!('line' in event) || event.line === null) return JSON.stringify(event);
  return typeof event.line === 'string' ? event.line : JSON.stringify(event.line);
}

const sourceNamed = (given: unknown): string | undefined =>
  typeof given === 'string' && given !== ''
    ? cleanSource(given.includes('/') ? sourceOfPath(given) : given)
    : undefined;
