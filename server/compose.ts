// The whole server but its socket and its timers: made here, handed to what needs it, and closed in the opposite order. `serve`
// listens with it; tests inject into it.
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { SNAPSHOT_MS } from '#shared/live.ts';
import { buildApp } from './app.ts';
import type { Step } from './clock.ts';
import type { Config } from './config.ts';
import { openIngest, type Ingest } from './ingest.ts';
import { createHub, type LiveHub } from './live/hub.ts';
import { LiveWindow } from './live/window.ts';
import { Rates } from './receive/rates.ts';
import { sourceStatuses } from './receive/source-status.ts';
import { createDiagnoser } from './watch/diagnosis.ts';
import { createFindings } from './watch/findings.ts';
import { createWatch } from './watch/watch.ts';
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

/** Throws what opening the database throws, and FormatError for a source's format that cannot be read. */
export async function compose(options: ComposeOptions): Promise<Server> {
  const { config, version } = options;
  let app: FastifyInstance | undefined;
  const troubles = new Troubles({
    now: options.now,
    log: (level, text, error) => app?.log[level](error === undefined ? {} : { err: error }, text),
  });
  const failedFor = (step: string) => (error: unknown, of: string) => troubles.note(step, error, of);
  const witness = new TrafficObserver({ maskAddresses: config.maskAddresses, failed: failedFor('looking at lines') });
  const ingest = await openIngest({
    config,
    now: options.now,
    elapsed: options.elapsed,
    witness,
    onBroken(error) {
      app?.log.fatal(`${error.message}. The server stops.`);
      options.onBroken(error);
    },
    onTrouble: (error) => troubles.note('storage', error),
    onJump: (text) => troubles.say('clock', text),
  });
  const { store, pipeline, diagnostics, sampled, clock } = ingest;
  const now = clock.steady,
    startedAt = now();
  troubles.observe(() => store.troubles(now()));
  const findings = createFindings({
    findings: store.findings,
    contract: witness.contract,
    failed: failedFor('findings'),
  });

  const rates = new Rates();
  const window = new LiveWindow();
  await seed(window, startedAt, ingest);
  pipeline.onCommit((delta) => {
    const at = now();
    delta.forEachCount((source, second, code, count) => {
      window.add(source, second, code, count, at);
      rates.count(source, second, count, at);
    });
  });
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
  const incidents = async (from: number) => {
    const ended = await store.incidents.list({ from, to: now() });
    return [...new Map([...ended, ...watch.open].map((incident) => [incident.id, incident])).values()];
  };
  const sources = () =>
    sourceStatuses({ sources: store.sources, registry: ingest.registry, diagnostics, rates, sampled, watch }, now());
  const hub = createHub({
    window,
    version,
    newBoot: () => randomBytes(8).toString('hex'),
    demo: config.demo,
    now,
    failed: failedFor('live'),
    sourceId: (name) => store.sources.find(name),
    sources,
    incidents,
    open: () => watch.open,
    pending: () => watch.pending,
    annotations: (from, to) => store.annotations.list({ from, to }),
    troubles: () => troubles.fresh,
  });
  watch.onChange((incidents) => hub.incidentsChanged(incidents));
  app = await buildApp({
    ...ingest,
    watch,
    config,
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
      sourceName: (id) => pipeline.sourceName(id),
      liveClients: hub.clients,
      live: hub.stats,
      troubles: troubles.counts,
      openIncidents: Object.groupBy(watch.open, ({ severity }) => severity),
      startedAt,
      version,
    }),
  });
  /** What is live goes on at the new time, as after a stop. */
  const followClock = async ({ from, to }: Step): Promise<void> => {
    if (to < from) await store.rewind(to);
    rates.clear();
    window.clear();
    await seed(window, to, ingest);
    await watch.restart(from);
    hub.restart();
  };
  let closing: Promise<void> | undefined;
  return {
    app,
    ingest,
    hub,
    async tick() {
      const step = clock.tick();
      if (step !== undefined) await troubles.step('clock', () => followClock(step));
      troubles.look();
      await troubles.step('detection', () => watch.tick());
      await troubles.step('live', () => hub.tick());
      await troubles.step('findings', () => findings.tick(now()));
    },
    close: () =>
      (closing ??= (async () => {
        await closeApp(app);
        await ingest.pipeline.close();
        await watch.close();
        await ingest.close();
      })()),
  };
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

/** What was counted before the start, for the first snapshots. */
async function seed(window: LiveWindow, now: number, { store }: Ingest): Promise<void> {
  for (const { id, name } of await store.sources.list()) {
    const { from, step, series } = await store.counts.series({
      from: now - SNAPSHOT_MS,
      to: now,
      step: 10_000,
      by: 'code',
      source: name,
    });
    for (const { key, counts } of series)
      counts.forEach((count, i) => {
        if (count > 0) window.seed(id, (from + i * step) / 1000, Number(key), count);
      });
  }
}
