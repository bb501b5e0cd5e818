// The ingest side put together: store, the one writer, and batches into it. Shared by the server and by `import`.
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { causes } from '#shared/causes/index.ts';
import { Clock, CLOCK } from './clock.ts';
import { durationMs, sizeBytes, type Config } from './config.ts';
import { causeOf } from './core/cause.ts';
import { Hit } from './core/hit.ts';
import { SettledTime, type KeptTime } from './core/settled-time.ts';
import { Metrics } from './metrics.ts';
import { createPipeline, learnedRoutes, type Pipeline } from './pipeline.ts';
import { CountingBatch, type Witness } from './receive/batch.ts';
import { Admitter } from './receive/admit.ts';
import { createSenderDiagnostics, type SenderDiagnostics } from './receive/sender-diagnostics.ts';
import type { ReceiverDeps } from './receive/receiver.ts';
import { SourceRegistry } from './receive/source-registry.ts';
import { PARTED, SourceNaming } from './receive/source-naming.ts';
import { SAMPLED, SampledTimes } from './receive/sampled.ts';
import { turns } from './receive/turns.ts';
import type { Retention } from './store/store.ts';
import { openSqlite, type SqliteStore } from './store/sqlite/index.ts';

export interface Ingest {
  store: SqliteStore;
  pipeline: Pipeline;
  registry: SourceRegistry;
  diagnostics: SenderDiagnostics;
  naming: SourceNaming;
  sampled: SampledTimes;
  metrics: Metrics;
  clock: Clock;
  receive: Omit<ReceiverDeps, 'tokenOf'>;
  admitter: Admitter;
  /** Flushes, then closes the database. */
  close(): Promise<void>;
}

export interface IngestOptions {
  config: Pick<Config, 'dataDir' | 'sources' | 'maxSources' | 'maxBodyMiB' | 'keep10s' | 'keep1m' | 'keep1h'> &
    Partial<Pick<Config, 'routes' | 'maxWal' | 'sourceKey'>>;
  now(): number;
  /** ms of a clock that cannot be set. */
  elapsed?(): number;
  witness?: Witness;
  /** The database can no longer be trusted: stop. */
  onBroken(error: Error): void;
  onTrouble(error: unknown): void;
  /** The clock jumped: a sentence about it. */
  onJump?(text: string): void;
}

/** V8 stops inlining halfway through what happens to a line; with room for all of it, a line costs a tenth to a fifth less. */
export const INLINING = '--max-inlined-bytecode-size-cumulative=3000';
const MIB = 1024 * 1024;

/** Throws FormatError for a source's format that cannot be read, and what opening the database throws. */
export async function openIngest(options: IngestOptions): Promise<Ingest> {
  const { config } = options;
  setFlagsFromString(INLINING);
  mkdirSync(config.dataDir, { recursive: true });
  const store = openSqlite(join(config.dataDir, 'fivealarm.db'), {
    retention: retentionOf(config),
    wal: config.maxWal === undefined ? {} : { maxBytes: sizeBytes(config.maxWal) },
  });
  try {
    return await ingestOver(store, options);
  } catch (error) {
    store.close();
    throw error;
  }
}

async function ingestOver(
  store: SqliteStore,
  { config, now, elapsed, witness, onBroken, onTrouble, onJump }: IngestOptions,
): Promise<Ingest> {
  const clock = new Clock({ now, elapsed, kept: await keptTime(store), say: onJump });
  const pipeline = createPipeline({
    store,
    causeOf,
    causes: causes.map((cause) => cause.id),
    now: clock.steady,
    clock: { settled: clock.settled, kept: () => ({ key: CLOCK, value: Buffer.from(JSON.stringify(clock.kept)) }) },
    isBusy: () => turns.waiting > 0,
    seed: randomInt(2 ** 32),
    routes: config.routes,
    learned: await learnedRoutes(store),
    onBroken,
    onTrouble,
  });
  const formats = new Map<string, string>();
  for (const { name, format } of await store.sources.list()) if (format !== null) formats.set(name, format);
  for (const [name, { format }] of Object.entries(config.sources)) if (format !== undefined) formats.set(name, format);
  const registry = new SourceRegistry({ pipeline, formats, max: config.maxSources, now: clock.steady });
  const diagnostics = createSenderDiagnostics((source) => registry.hasPlace(source));
  const sampled = new SampledTimes();
  sampled.restore(await store.cursors.list(SAMPLED), now());
  const metrics = new Metrics();
  pipeline.onCommit((delta) => metrics.committed(delta));
  const naming = new SourceNaming({
    set: config.sources,
    all: config.sourceKey ?? '',
    parted: await store.cursors.list(PARTED),
    hasPlace: (source) => registry.hasPlace(source),
  });
  const settled = clock.settled;
  const batchDeps = { pipeline, registry, diagnostics, naming, hit: new Hit(), witness, metrics, now, settled };
  return {
    store,
    pipeline,
    registry,
    diagnostics,
    naming,
    sampled,
    metrics,
    clock,
    admitter: new Admitter(now),
    receive: {
      diagnostics,
      sampled,
      now,
      open: (options) => new CountingBatch(batchDeps, options),
      limits: { maxBytes: config.maxBodyMiB * MIB },
      readCursor: (key) => store.cursors.get(key),
    },
    async close() {
      await pipeline.close();
      store.close();
    },
  };
}

/** What is known of the time from before: that of an earlier version, when it was last there. */
async function keptTime(store: SqliteStore): Promise<KeptTime | undefined> {
  const kept = await store.cursors.get(CLOCK),
    alive = await store.lastAlive();
  return (kept && SettledTime.read(kept.toString())) ?? (alive === undefined ? undefined : SettledTime.of(alive));
}

const secondsOf = (duration: string): number => durationMs(duration) / 1000;

function retentionOf(config: IngestOptions['config']): Partial<Retention> {
  return {
    counts10s: secondsOf(config.keep10s),
    counts1m: secondsOf(config.keep1m),
    counts1h: secondsOf(config.keep1h),
    values1h: secondsOf(config.keep1h),
  };
}
