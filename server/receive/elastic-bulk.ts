// Elasticsearch's _bulk, as Filebeat, Logstash, Fluent Bit and Vector speak it, and as much of the rest as they ask for before
// they send. Every document is acknowledged, what became of it is in the doctor: Fluent Bit sends a whole chunk again when one
// item has an error, and Logstash drops nothing but blocks.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import { rejected, skipped } from '../formats/misses.ts';
import type { Chunk } from '../formats/format.ts';
import type { Batch } from './batch.ts';
import { decodeWhole } from './decode.ts';
import { LINE_BYTES_MAX } from './body-kind.ts';
import { cleanSource } from './otlp-hit.ts';
import { answered, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';

const SOURCE = 'elastic';
/** For senders that are pointed at http://host:5500/elastic because they share the port with a page at `/`. */
const PREFIX = '/elastic';
/** Senders refuse a server older than themselves, so it is as old as the one that asks, and new when it does not say. */
const VERSION = '9.3.0';

export const elasticBulk: Receiver = {
  name: 'elastic',
  title: 'Elasticsearch _bulk',
  register(app, deps) {
    app.addHook('onSend', (_request, reply, payload, done) => {
      reply.header('x-elastic-product', 'Elasticsearch');
      done(null, payload);
    });
    for (const prefix of ['', PREFIX]) {
      for (const url of [`${prefix}/_bulk`, `${prefix}/:index/_bulk`]) {
        app.route<BulkRoute>({
          method: ['POST', 'PUT'],
          url,
          handler: (request, reply) => receive(request, reply, deps),
        });
      }
      handshake(app, prefix);
    }
    app.get(PREFIX, (request, reply) => sendJson(reply, greeting(request)));
  },
};

/** Filebeat and Logstash greet `/`, where everyone else wants the page: told apart by what they say they are. */
export function greetElastic(request: IncomingMessage): string {
  const { url = '/' } = request;
  const [path] = url.split('?');
  return path === '/' &&
    /filebeat|\w+beat\/|elastic|logstash|manticore|vector\//i.test(request.headers['user-agent'] ?? '')
    ? `${PREFIX}/`
    : url;
}

interface BulkRoute {
  Params: { index?: string };
}

function handshake(app: FastifyInstance, prefix: string): void {
  const license = {
    uid: 'fivealarm',
    type: 'basic',
    mode: 'basic',
    status: 'active',
    expiry_date_in_millis: 4_000_000_000_000,
  };
  app.get(`${prefix}/_license`, (_request, reply) => sendJson(reply, { license }));
  app.get(`${prefix}/_xpack`, (_request, reply) =>
    sendJson(reply, { license, features: { ilm: { available: true, enabled: true } } }),
  );
  app.get(`${prefix}/_cluster/health`, (_request, reply) =>
    sendJson(reply, { cluster_name: 'fivealarm', status: 'green' }),
  );
  // Templates, pipelines, policies: asked for, or set up; there is nothing here that they would change.
  for (const path of [
    '_ilm',
    '_index_template',
    '_component_template',
    '_template',
    '_ingest',
    '_nodes',
    '_logstash',
    '_data_stream',
    '_alias',
    '_cat',
  ]) {
    app.route({
      method: ['GET', 'PUT', 'POST'],
      url: `${prefix}/${path}/*`,
      handler: (request, reply) => {
        request.raw.resume();
        return sendJson(reply, request.method === 'GET' ? {} : { acknowledged: true });
      },
    });
    app.get(`${prefix}/${path}`, (_request, reply) => sendJson(reply, {}));
  }
}

function greeting(request: FastifyRequest): unknown {
  const asked = /(?:beat|elastic|logstash)[\w-]*\/(\d+\.\d+\.\d+)/i.exec(request.headers['user-agent'] ?? '');
  return {
    name: 'fivealarm',
    cluster_name: 'fivealarm',
    cluster_uuid: 'fivealarm',
    version: {
      number: asked?.[1] ?? VERSION,
      build_flavor: 'default',
      lucene_version: '10.0.0',
      minimum_wire_compatibility_version: '7.17.0',
      minimum_index_compatibility_version: '7.0.0',
    },
    tagline: 'You Know, for Search',
  };
}

/** As a Buffer, with the type that Elasticsearch sends: clients compare it. */
const sendJson = (reply: FastifyReply, body: unknown): FastifyReply =>
  reply
    .header('content-type', 'application/json')
    .send(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

async function receive(
  request: FastifyRequest<BulkRoute>,
  reply: FastifyReply,
  deps: ReceiverDeps,
): Promise<FastifyReply> {
  const began = deps.now();
  const body = await decodeWhole(request.raw, deps.limits, reply.raw);
  const batch = deps.open({
    source: sourceOf(request.params.index) ?? SOURCE,
    receiver: elasticBulk.name,
    userAgent: request.headers['user-agent'],
    digest: false,
  });
  const items = count(body, batch);
  const key = batch.digest(body);
  const answer = await batch.commit(
    key === undefined ? undefined : { scope: `${deps.tokenOf(request)}|body|_bulk`, key },
  );
  answered(deps, batch, 200, tallied(answer));
  return sendJson(reply, `{"took":${deps.now() - began},"errors":${items.errors},"items":[${items.texts.join(',')}]}`);
}

const NOT_AN_ACTION = rejected('_bulk: neither an action nor the document of one');
const TOO_LONG = skipped('line over 64 KiB');
const NO_CREATION = skipped('_bulk action that is not an index or create');

// {"create":{"_index":"filebeat-8.13.0"}}
// {"@timestamp":"…","message":"<line>","log":{"file":{"path":"…"}}}
// {"delete":{"_index":"…","_id":"2"}}                                  has no document
function count(body: Buffer, batch: Batch): { texts: string[]; errors: boolean } {
  const chunk: Chunk = { bytes: body, text: body.toString('latin1') };
  const texts: string[] = [];
  let errors = false;
  let action: Action | undefined;
  for (let start = 0; start < body.length;) {
    const newline = chunk.text.indexOf('\n', start);
    const end = newline === -1 ? body.length : newline;
    if (action !== undefined) {
      texts.push(item(action.verb, action.index, action.verb === 'update' ? 200 : 201));
      if (action.verb === 'update') batch.miss(NO_CREATION, action.verb);
      else if (end - start > LINE_BYTES_MAX) batch.miss(TOO_LONG, body.toString('utf8', start, start + 200));
      else batch.line(chunk, start, end, action.source === undefined ? undefined : { source: action.source });
      action = undefined;
    } else if (!isBlank(chunk.text, start, end)) {
      action = actionOf(chunk.text.slice(start, Math.min(end, start + ACTION_LENGTH_MAX)));
      if (action === undefined) {
        errors = true;
        texts.push(
          '{"index":{"status":400,"error":{"type":"illegal_argument_exception","reason":"Malformed action/metadata line"}}}',
        );
        batch.miss(NOT_AN_ACTION, body.toString('utf8', start, Math.min(end, start + 200)));
      } else if (action.verb === 'delete') {
        texts.push(item('delete', action.index, 200));
        batch.miss(NO_CREATION, action.verb);
        action = undefined;
      }
    }
    start = end + 1;
  }
  return { texts, errors };
}

interface Action {
  readonly verb: 'index' | 'create' | 'update' | 'delete';
  readonly index: string;
  readonly source: string | undefined;
}

const ACTION_LENGTH_MAX = 4096;
const VERBS: readonly string[] = ['index', 'create', 'update', 'delete'];
/** A sender's action lines are nearly all the same. */
let lastLine = '';
let lastAction: Action | undefined;

function actionOf(line: string): Action | undefined {
  if (line === lastLine) return lastAction;
  lastLine = line;
  lastAction = undefined;
  try {
    const [[verb, meta]] = Object.entries(JSON.parse(line) as Record<string, { _index?: unknown } | null>);
    const index = typeof meta?._index === 'string' ? meta._index.slice(0, 256) : '';
    if (VERBS.includes(verb)) lastAction = { verb: verb as Action['verb'], index, source: sourceOf(index) };
  } catch {
    // not JSON, or no object
  }
  return lastAction;
}

const item = (verb: string, index: string, status: number): string =>
  `{"${verb}":{"_index":${JSON.stringify(index)},"_version":1,"result":"${status === 201 ? 'created' : 'noop'}","status":${status}}}`;

function isBlank(text: string, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) > 0x20) return false;
  return true;
}

/** filebeat-8.13.0-2026.01.31 → filebeat; logs-nginx.access-default → nginx.access; %{…} that nobody filled in → none. */
function sourceOf(index: string | undefined): string | undefined {
  if (index === undefined || index === '' || index.includes('%{')) return undefined;
  const stream = /^(?:logs|metrics|traces)-(.+?)-[^-]+$/.exec(index)?.[1] ?? index;
  return cleanSource(stream.replace(/[-_.](?:\d+\.\d+\.\d+|\d{4}[.-]\d\d(?:[.-]\d\d)?|\d{6})(?=$|[-_.])/g, ''));
}
