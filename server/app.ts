// The HTTP server, put together but not listening: receivers, API, page. Everything it needs is handed in; tests use inject.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Fastify, {
  LogController,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import fastifyStatic from '@fastify/static';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { createAccess, Tokens, type Access } from './access.ts';
import { isLoopback, type Config } from './config.ts';
import { maskedUrl } from './core/diagnose/mask.ts';
import { Failure, errors } from './errors.ts';
import type { LiveHub } from './live/hub.ts';
import { looksLikeShipper } from './receive/unknown-requests.ts';
import { greetElastic } from './receive/elastic-bulk.ts';
import type { Admitter } from './receive/admit.ts';
import { receivers } from './receive/index.ts';
import type { ReceiverDeps } from './receive/receiver.ts';
import { turns } from './receive/turns.ts';
import { noPage } from './no-page.ts';
import { registerApi, type ApiDeps } from './routes/index.ts';
import { webSocketsAt } from './upgrades.ts';

export interface AppDeps extends ApiDeps {
  config: Config;
  receive: Omit<ReceiverDeps, 'tokenOf'>;
  admitter: Admitter;
  hub: LiveHub;
  /** The built page. */
  pageFolder: string;
  /** Where the log goes. */
  log: { write(line: string): void };
}

// A sender may need a while for a large batch over a thin line, but nobody may hold a connection for nothing.
const REQUEST_MS_MAX = 120_000;
const HEADERS_MS_MAX = 10_000;
/** How often those two are looked at. */
const CHECKING_MS = 5000;
const IDLE_MS_MAX = 75_000;
const API_MS_MAX = 30_000;
/** 5,000 pages, and those who send. */
const CONNECTIONS_MAX = 8192;
/** The API's own bodies are notes and names. */
const API_BODY_BYTES_MAX = 64 * 1024;

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { config } = deps;
  const access = createAccess({ hosts: config.hosts, trusted: config.trustNetwork && !isLoopback(config.host) });
  const app = Fastify({
    logger: { level: config.logLevel, stream: deps.log },
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: REQUEST_MS_MAX,
    connectionTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: IDLE_MS_MAX,
    bodyLimit: API_BODY_BYTES_MAX,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // without Retry-After; see registerReceivers
    http: { headersTimeout: HEADERS_MS_MAX, connectionsCheckingInterval: CHECKING_MS, maxHeaderSize: 16 * 1024 },
    // Senders join an address and a path, and some leave a slash too many between or behind.
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true },
    rewriteUrl: greetElastic,
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.server.on('connection', () => turns.hurry());
  askForBodies(app);
  app.setErrorHandler((error: FastifyError, request, reply) => answerError(error, request, reply));

  await app.register(async (scope) => registerReceivers(scope, deps, access));
  await app.register(async (scope) => {
    noteStrangers(scope, deps);
    guardSite(scope, access);
    await scope.register(async (api) => {
      api.addHook('onRoute', (route) => {
        route.handlerTimeout ??= API_MS_MAX;
      });
      guardWrites(api, access);
      api.setValidatorCompiler(TypeBoxValidatorCompiler); // converts parameters, never bodies, and refuses what it does not know
      api.setSerializerCompiler(() => JSON.stringify); // what we say is typed by the schema; it need not be checked again
      registerApi(api.withTypeProvider<TypeBoxTypeProvider>(), deps);
    });
    await registerPage(scope, deps);
  });
  deps.hub.attach(webSocketsAt('/live', app.server), access);
  app.addHook('preClose', () => deps.hub.close());
  return app;
}

/** `Expect: 100-continue`: the body is asked for when it is wanted, and never for a request that is refused. */
function askForBodies(app: FastifyInstance): void {
  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response));
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (request.headers.expect !== undefined) reply.raw.writeContinue();
    done(null, payload);
  });
}

/** Bodies stay streams, any Content-Type is taken, and nothing but 503 says that something is wrong with us. */
async function registerReceivers(app: FastifyInstance, deps: AppDeps, access: Access): Promise<void> {
  let isClosing = false;
  app.addHook('preClose', (done) => {
    isClosing = true;
    done();
  });
  const tokens = new Tokens(deps.config.ingestTokens.map((secret) => ({ secret })));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.addHook('onRequest', (request, reply, done) => {
    const { headers } = request.raw;
    // Fastify answers 415 to a type that it cannot parse; the lines are none the worse for it.
    if (
      headers['content-type'] !== undefined &&
      !/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(;|$)/.test(headers['content-type'])
    )
      headers['content-type'] = 'application/octet-stream';
    // No shipper sends an Origin: this is a page of another site (or of a rebound name), posting lines through someone's browser.
    if (headers.origin !== undefined && !(access.originAllowed(headers) && access.hostAllowed(headers.host)))
      return done(errors.wrongOrigin());
    if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return done();
    if (tokens.senderOf(headers) === undefined) return done(errors.needsToken());
    const refusal = isClosing ? errors.stopping() : deps.admitter.admit(request.raw, reply.raw, done);
    if (refusal !== undefined) done(refusal);
  });
  // A body that was refused names no source, a wrong token even less: who sends for nothing, or too much, shows beside those at
  // wrong paths.
  app.addHook('onError', (request, _reply, error, done) => {
    if (error instanceof Failure && (error.status < 500 || error.code === 'overloaded')) {
      const why = `Refused with ${error.status}: ${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`;
      deps.receive.diagnostics.stranger({
        at: deps.receive.now(),
        method: request.method,
        path: request.url,
        userAgent: request.headers['user-agent'],
        why,
      });
    }
    done();
  });
  app.addHook('onResponse', (_request, reply, done) => {
    deps.metrics.answered(reply.statusCode);
    done();
  });
  const receive: ReceiverDeps = { ...deps.receive, tokenOf: (request) => tokens.senderOf(request.raw.headers) ?? '' };
  for (const receiver of receivers) await app.register(async (scope) => receiver.register(scope, receive));
}

/** A shipper at a path that is not served: noted before anything else is said of its Host, its type or its body. */
function noteStrangers(app: FastifyInstance, deps: AppDeps): void {
  app.addHook('onRequest', (request, _reply, done) => done(request.is404 ? strangerAt(request, deps) : undefined));
}

/** What a shipper is told where nothing is served; undefined for anyone else. */
function strangerAt(
  { method, url, headers: { 'user-agent': userAgent } }: FastifyRequest,
  { receive }: AppDeps,
): Failure | undefined {
  const [path] = url.split('?');
  if (!looksLikeShipper(method, path, userAgent)) return undefined;
  receive.diagnostics.stranger({ at: receive.now(), method, path, userAgent });
  return nothingAt(method, path);
}

const nothingAt = (method: string, path: string): Failure =>
  errors.notFound(`There is nothing at ${method} ${path.slice(0, 200)}.`);

function guardSite(app: FastifyInstance, access: Access): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers({
      'content-security-policy': CSP,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    done(access.hostAllowed(request.headers.host) ? undefined : errors.wrongHost());
  });
}

/** A form of another site can post anything but JSON, and cannot hide its Origin. */
function guardWrites(app: FastifyInstance, access: Access): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') return done();
    if (!access.originAllowed(request.headers)) return done(errors.wrongOrigin());
    const type = request.headers['content-type'];
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';
    done(
      (hasBody || type !== undefined) && !/^application\/json\s*(;|$)/i.test(type ?? '') ? errors.notJson() : undefined,
    );
  });
}

async function registerPage(app: FastifyInstance, deps: AppDeps): Promise<void> {
  const index = join(deps.pageFolder, 'index.html');
  const isBuilt = () => existsSync(index);
  await app.register(fastifyStatic, {
    root: deps.pageFolder,
    wildcard: true,
    index: ['index.html'],
    dotfiles: 'ignore',
    cacheControl: false,
    suppressWarning: true,
    // Vite puts a hash into the names below assets/: what is under a name never changes.
    setHeaders: (reply, path) =>
      reply.header('cache-control', /[\\/]assets[\\/]/.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache'),
  });
  app.setNotFoundHandler((request, reply) => {
    const stranger = strangerAt(request, deps); // by GET it comes here, from among the page's files
    if (stranger !== undefined) throw stranger;
    const [path] = request.url.split('?');
    const forPage =
      (request.method === 'GET' || request.method === 'HEAD') &&
      /text\/html|\*\/\*/.test(request.headers.accept ?? '*/*');
    const isPageRoute = forPage && !/\.\w+$/.test(path) && !path.startsWith('/api/');
    if (isPageRoute && isBuilt()) return reply.header('cache-control', 'no-cache').sendFile('index.html');
    if (isPageRoute && request.headers.accept?.includes('text/html'))
      return reply.code(errors.noPage().status).type('text/html; charset=utf-8').send(noPage);
    if (isPageRoute) throw errors.noPage();
    throw nothingAt(request.method, path);
  });
}

function answerError(error: FastifyError | Failure, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const failure = failureOf(error);
  if (failure.code === 'internal')
    request.log.error({ err: error, method: request.method, url: maskedUrl(request.url) }, 'unforeseen');
  if (failure.retryAfter !== undefined) reply.header('retry-after', String(failure.retryAfter));
  // Where a body was announced and not asked for, nobody knows what comes next.
  if (request.headers.expect !== undefined && !request.raw.complete) reply.header('connection', 'close');
  return reply.status(failure.status).send(failure.body());
}

/** What fastify says of a request that it refuses, in our words. */
function failureOf(error: FastifyError | Failure): Failure {
  if (error instanceof Failure) return error;
  if (error.validation !== undefined) return errors.badRequest(wordsOf(error));
  if (error.statusCode === 413) return errors.tooLarge(error.message);
  if (error.statusCode === 415) return errors.notJson();
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500)
    return errors.badRequest(error.message);
  return errors.internal();
}

/** "querystring must not have additional properties" does not say which. */
function wordsOf({ message, validation }: FastifyError): string {
  const params = (keyword: string) => validation?.find((error) => error.keyword === keyword)?.params;
  const extra = [params('additionalProperties')?.additionalProperties].flat().filter((name) => name !== undefined);
  if (extra.length > 0) return `There is no parameter "${String(extra[0]).slice(0, 80)}".`;
  const allowed = params('enum')?.allowedValues;
  return Array.isArray(allowed) ? `${message}: ${allowed.join(', ')}` : message;
}
