// Elasticsearch's _bulk, as Filebeat, Logstash, Fluent Bit and Vector speak it, and as much of the rest as they ask for before
// they send. Every document is acknowledged, what became of it is in the diagnostics: Fluent Bit sends a whole chunk again
// when one item has an error, and Logstash drops nothing but blocks.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { LINE_TOO_LONG, rejected, skipped } from '../formats/misses.ts';
import type { Chunk } from '../formats/format.ts';
import type { Batch } from './batch.ts';
import { Allowance } from './allowance.ts';
import type { FrameSink } from './cutter.ts';
import { decodeBody } from './decode.ts';
import { LineCutter } from './line-cutter.ts';
import { cleanSource } from './source-name.ts';
import { answered, openFor, tallied, type Receiver, type ReceiverDeps } from './receiver.ts';
import { turns } from './turns.ts';

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
    /filebeat|\wbeat\/|elastic|logstash|manticore|vector\//i.test(request.headers['user-agent'] ?? '')
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
  // The bulk helper of the clients has the index that it wrote to refreshed.
  for (const url of [`${prefix}/_refresh`, `${prefix}/:index/_refresh`]) {
    app.route({
      method: ['GET', 'POST'],
      url,
      handler: (request, reply) => {
        request.raw.resume();
        return sendJson(reply, { _shards: { total: 1, successful: 1, failed: 0 } });
      },
    });
  }
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

/** `Elastic-filebeat/8.13.0 (linux; …)`: its own, which is the oldest that it speaks to. */
function versionIn(agent: string): string | undefined {
  for (const word of agent.split(/[\s();,]/)) {
    const slash = word.indexOf('/');
    const version =
      slash !== -1 && /beat|elastic|logstash/i.test(word.slice(0, slash))
        ? /^\d+\.\d+\.\d+/.exec(word.slice(slash + 1))
        : null;
    if (version !== null) return version[0];
  }
  return undefined;
}

function greeting(request: FastifyRequest): unknown {
  const asked = versionIn(request.headers['user-agent'] ?? '');
  return {
    name: 'fivealarm',
    cluster_name: 'fivealarm',
    cluster_uuid: 'fivealarm',
    version: {
      number: asked ?? VERSION,
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
  const allowance = new Allowance(deps.limits, reply.raw);
  const source = sourceOf(request.params.index);
  const batch = openFor(request, deps, {
    source: source ?? SOURCE,
    isNamed: source !== undefined,
    receiver: elasticBulk.name,
    digest: false,
  });
  const hash = createHash('sha256');
  const actions = new Actions(batch, allowance);
  const cutter = new LineCutter(actions);
  const step = (): boolean => cutter.step();
  await decodeBody(request.raw, allowance, (chunk) => {
    hash.update(chunk);
    cutter.give(chunk);
    return turns.run(step);
  });
  cutter.end();
  const key = batch.digest(hash.digest());
  const answer = await batch.commit(key && { scope: `${deps.tokenOf(request)}|body|_bulk`, key });
  answered(deps, batch, 200, tallied(answer));
  const items = itemsOf(actions, deps.now() - began);
  return actions.items.length <= ITEMS_AT_ONCE
    ? sendJson(reply, [...items].join(''))
    : reply.header('content-type', 'application/json').send(Readable.from(items));
}

/** A response of more is made while it is sent. */
const ITEMS_AT_ONCE = 5000;

function* itemsOf({ items, hasErrors }: Actions, took: number): Generator<string> {
  yield `{"took":${took},"errors":${hasErrors},"items":[`;
  for (let i = 0; i < items.length; i += ITEMS_AT_ONCE)
    yield (i === 0 ? '' : ',') + items.slice(i, i + ITEMS_AT_ONCE).join(',');
  yield ']}';
}

const NOT_AN_ACTION = rejected('bulk-no-action', '_bulk: neither an action nor the document of one');
const NO_CREATION = skipped('bulk-other-action', '_bulk action that is not an index or create');
const MALFORMED =
  '{"index":{"status":400,"error":{"type":"illegal_argument_exception","reason":"Malformed action/metadata line"}}}';
const EMPTY: Chunk = { bytes: Buffer.alloc(0), text: '' };

// {"create":{"_index":"filebeat-8.13.0"}}
// {"@timestamp":"…","message":"<line>","log":{"file":{"path":"…"}}}
// {"delete":{"_index":"…","_id":"2"}}                                  has no document
class Actions implements FrameSink {
  /** The response's, one an action. */
  readonly items: string[] = [];
  hasErrors = false;
  readonly #batch: Batch;
  readonly #allowance: Allowance;
  /** That whose document comes next. */
  #action: Action | undefined;

  constructor(batch: Batch, allowance: Allowance) {
    this.#batch = batch;
    this.#allowance = allowance;
  }

  record(chunk: Chunk, start: number, end: number): void {
    if (this.#action !== undefined)
      return this.#document(() => this.#batch.line(chunk, start, end, { source: this.#action?.source }));
    const action = actionOf(chunk.text.slice(start, Math.min(end, start + ACTION_LENGTH_MAX)));
    if (action === undefined) this.#malformed(chunk.bytes.toString('utf8', start, Math.min(end, start + 200)));
    else if (action.verb !== 'delete') this.#action = action;
    else {
      this.#item(action.item);
      this.#batch.miss(NO_CREATION, action.verb);
    }
  }

  tooLong(beginning: string): void {
    if (this.#action === undefined) this.#malformed(beginning);
    else this.#document(() => this.#batch.miss(LINE_TOO_LONG, beginning));
  }

  blank(): void {
    if (this.#action !== undefined)
      this.#document(() => this.#batch.line(EMPTY, 0, 0, { source: this.#action?.source }));
  }

  quoted(): void {}

  #document(count: () => void): void {
    const action = this.#action!;
    this.#item(action.item);
    if (action.verb === 'update') this.#batch.miss(NO_CREATION, action.verb);
    else count();
    this.#action = undefined;
  }

  #malformed(sample: string): void {
    this.hasErrors = true;
    this.#item(MALFORMED);
    this.#batch.miss(NOT_AN_ACTION, sample);
  }

  #item(item: string): void {
    this.#allowance.record();
    // Senders' action lines are nearly all the same, and so are their items.
    if (item !== this.items.at(-1)) this.#allowance.hold(item.length);
    this.items.push(item);
  }
}

interface Action {
  readonly verb: 'index' | 'create' | 'update' | 'delete';
  readonly source: string | undefined;
  /** Its item in the response. */
  readonly item: string;
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
    if (VERBS.includes(verb))
      lastAction = {
        verb: verb as Action['verb'],
        source: sourceOf(index),
        item: item(verb, index, verb === 'index' || verb === 'create' ? 201 : 200),
      };
  } catch {
    // not JSON, or no object
  }
  return lastAction;
}

const item = (verb: string, index: string, status: number): string =>
  `{"${verb}":{"_index":${JSON.stringify(index)},"_version":1,"result":"${status === 201 ? 'created' : 'noop'}","status":${status}}}`;

/** filebeat-8.13.0-2026.01.31 → filebeat; logs-nginx.access-default → nginx.access; %{…} that nobody filled in → none. */
function sourceOf(index: string | undefined): string | undefined {
  if (index === undefined || index === '' || index.includes('%{')) return undefined;
  const stream = /^(?:logs|metrics|traces)-(.+?)-[^-]+$/.exec(index)?.[1] ?? index;
  return cleanSource(stream.replace(/[-_.](?:\d+\.\d+\.\d+|\d{4}[.-]\d\d(?:[.-]\d\d)?|\d{6})(?=$|[-_.])/g, ''));
}
