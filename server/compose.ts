// The whole server but its socket and its timers: made here, handed to what needs it, and closed in the opposite order. `serve`
// listens with it; tests inject into it.
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { SourceStatus } from '#shared/api.ts';
import { buildApp } from './app.ts';
import type { Step } from './clock.ts';
import type { Config } from './config.ts';
import { openIngest, type Ingest } from './ingest.ts';
import { createHub, type LiveHub } from './live/hub.ts';
import { RecentCounts } from './live/recent-counts.ts';
import { sourceStatuses } from './receive/source-status.ts';
import { createDiagnoser } from './watch/diagnosis.ts';
import { createFindings, type FindingsKeeper } from './watch/findings.ts';
import { createWatch, type Watch } from './watch/watch.ts';
import { Troubles } from './troubles.ts';
import { TrafficObserver } from './watch/traffic-observer.ts';

/** A sender that is still sending after this long when we stop is cut off; it has no answer and sends again. */
const ANSWER_MS_MAX = 4000;
const SWEEP_MS = 50;

export interface Server {
  app: FastifyInstance;
  ingest: Ingest;
  hub: LiveHub;
  /** Once a second: what moves with time. */
  tick(): Promise<void>;
  /** Answers who is being served, says goodbye to pages, flushes, closes the database. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  config: Config;
  now(): number;
  /** ms of a clock that cannot be set: with it, what is live does not follow every jump of the other. */
  elapsed?(): number;
  version: string;
  /** The built page. */
  pageFolder: string;
  log: { write(line: string): void };
  /** Asked by /readyz. */
  stopping(): boolean;
  /** Starts sample traffic beside this server; its address. */
  startDemo?: (() => Promise<string>) | undefined;
  /** The database can no longer be trusted: stop. */
  onBroken(error: Error): void;
}

type Log = (level: 'fatal' | 'error' | 'warn' | 'info' | 'debug', text: string, error?: unknown) => void;

/** What the server is made of, and its app is made from. */
interface Parts {
  options: ComposeOptions;
  troubles: Troubles;
  ingest: Ingest;
  findings: FindingsKeeper;
  recent: RecentCounts;
  watch: Watch;
  hub: LiveHub;
  sources(): Promise<SourceStatus[]>;
}

/** Throws what opening the database throws, and FormatError for a source's format that cannot be read. */
export async function compose(options: ComposeOptions): Promise<Server> {
  let app: FastifyInstance | undefined;
  const parts = await partsOf(options, (level, text, error) =>
    app?.log[level](error === undefined ? {} : { err: error }, text),
  );
  const { ingest, hub } = parts;
  app = await appOf(parts);
  let closing: Promise<void> | undefined;
  return { app, ingest, hub, tick: () => tick(parts), close: () => (closing ??= close(app, parts)) };
}

async function partsOf(options: ComposeOptions, log: Log): Promise<Parts> {
  const { config } = options;
  const troubles = new Troubles({ now: options.now, log });
  const failedFor = (step: string) => (error: unknown, of: string) => troubles.note(step, error, of);
  const witness = new TrafficObserver({ maskAddresses: config.maskAddresses, failed: failedFor('looking at lines') });
  const ingest = await openIngest({
    config,
    now: options.now,
    elapsed: options.elapsed,
    witness,
    onBroken(error) {
      log('fatal', `${error.message}. The server stops.`);
      options.onBroken(error);
    },
    onTrouble: (error) => troubles.note('storage', error),
    onJump: (text) => troubles.say('clock', text),
  });
  const { store, pipeline, diagnostics, sampled, registry, naming } = ingest,
    now = ingest.clock.steady;
  troubles.observe(() => [...store.troubles(now()), ...[ingest.admitter.trouble].filter((one) => one !== undefined)]);
  const findings = createFindings({
    findings: store.findings,
    contract: witness.contract,
    failed: failedFor('findings'),
  });
  const recent = new RecentCounts(store);
  await recent.restart(now());
  pipeline.onCommit((delta) => recent.take(delta, now()));
  const watch = await createWatch({
    store,
    sourceName: (id) => pipeline.sourceName(id),
    diagnose: createDiagnoser({ store, witness, sampled, now }),
    sampled,
    configRules: config.rules,
    now,
    troubles,
  });
  pipeline.onCommit((delta) => watch.take(delta));
  const { rates } = recent;
  const sources = () =>
    sourceStatuses({ sources: store.sources, registry, diagnostics, rates, sampled, naming, watch }, now());
  const before = { options, troubles, ingest, findings, recent, watch, sources };
  const hub = hubOf(before, failedFor('live'));
  watch.onChange((incidents) => hub.incidentsChanged(incidents));
  return { ...before, hub };
}

function hubOf(parts: Omit<Parts, 'hub'>, failed: (error: unknown, of: string) => void): LiveHub {
  const { options, ingest, recent, watch, troubles, sources } = parts;
  const { store, clock } = ingest;
  return createHub({
    window: recent.window,
    version: options.version,
    newBoot: () => randomBytes(8).toString('hex'),
    demo: options.config.demo,
    now: clock.steady,
    failed,
    sourceId: (name) => store.sources.find(name),
    sources,
    incidents: async (from) => {
      const ended = await store.incidents.list({ from, to: clock.steady() });
      return [...new Map([...ended, ...watch.open].map((incident) => [incident.id, incident])).values()];
    },
    open: () => watch.open,
    pending: () => watch.pending,
    annotations: (from, to) => store.annotations.list({ from, to }),
    troubles: () => troubles.fresh,
  });
}

function appOf({ options, troubles, ingest, findings, watch, hub, sources }: Parts): Promise<FastifyInstance> {
  const { version } = options,
    now = ingest.clock.steady,
    startedAt = now();
  return buildApp({
    ...ingest,
    watch,
    config: options.config,
    version,
    now,
    hub,
    sources,
    log: options.log,
    pageFolder: options.pageFolder,
    startDemo: options.startDemo,
    annotated: (annotation) => hub.annotated(annotation),
    refreshFindings: () => findings.refresh(),
    troubles: () => troubles.fresh,
    notReady: () => (options.stopping() ? 'The server is stopping.' : troubles.refusal),
    gauges: async () => ({
      sourceName: (id) => ingest.pipeline.sourceName(id),
      liveClients: hub.clients,
      live: hub.stats,
      troubles: troubles.counts,
      openIncidents: Object.groupBy(watch.open, ({ severity }) => severity),
      startedAt,
      version,
    }),
  });
}

async function tick(parts: Parts): Promise<void> {
  const { troubles, ingest, findings, watch, hub } = parts;
  const step = ingest.clock.tick();
  if (step !== undefined) await troubles.step('clock', () => followClock(parts, step));
  troubles.look();
  await troubles.step('detection', () => watch.tick());
  await troubles.step('live', () => hub.tick());
  await troubles.step('findings', () => findings.tick(ingest.clock.steady()));
}

/** What is live goes on at the new time, as after a stop. */
async function followClock({ ingest, recent, watch, hub }: Parts, { from, to }: Step): Promise<void> {
  if (to < from) await ingest.store.rewind(to);
  await recent.restart(to);
  await watch.restart(from);
  hub.restart();
}

async function close(app: FastifyInstance, { ingest, watch }: Parts): Promise<void> {
  await closeApp(app);
  await ingest.pipeline.close();
  await watch.close();
  await ingest.close();
}

/** Who is being answered gets the answer, and then no more time on a connection that is kept alive. */
async function closeApp(app: FastifyInstance): Promise<void> {
  const sweeping = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  const patience = setTimeout(() => app.server.closeAllConnections(), ANSWER_MS_MAX);
  try {
    await app.close();
  } finally {
    clearInterval(sweeping);
    clearTimeout(patience);
  }
}
