// Hits, stores and pipelines for tests of counting.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Delta } from '../../server/core/count/delta.ts';
import { CLIENT, Hit, HOST, METHOD, PATH, UPSTREAM } from '../../server/core/hit.ts';
import { Values, type Dictionary } from '../../server/core/count/values.ts';
import { createPipeline, type Pipeline, type PipelineOptions } from '../../server/pipeline.ts';
import type { Store, Submission, Tally } from '../../server/store/store.ts';

export interface HitFields {
  code?: number;
  method?: string;
  path?: string;
  host?: string;
  upstream?: string;
  client?: string;
  durationMs?: number;
  count?: number;
}

export function fill(hit: Hit, fields: HitFields): Hit {
  hit.reset(Buffer.alloc(0));
  hit.code = fields.code ?? 200;
  hit.count = fields.count ?? 1;
  hit.durationMs = fields.durationMs ?? NaN;
  const texts = [
    [METHOD, fields.method],
    [PATH, fields.path],
    [HOST, fields.host],
    [UPSTREAM, fields.upstream],
    [CLIENT, fields.client],
  ] as const;
  for (const [field, text] of texts) if (text !== undefined) hit.setText(field, text);
  return hit;
}

export const hitOf = (fields: HitFields): Hit => fill(new Hit(), fields);

/** Calls every 502 refused, and nothing else. */
export const causes = {
  causes: ['unknown', 'upstream_connection_refused'],
  causeOf: (hit: Hit): number => (hit.code === 502 ? 2 : 0),
};

export const valuesOver = (dictionary: Dictionary): Values => new Values({ dictionary, ...causes });

export function pipelineOver(store: Store, options: Partial<PipelineOptions> = {}): Pipeline {
  return createPipeline({
    store,
    ...causes,
    seed: 1,
    now: () => 1_700_000_000_000,
    onBroken: (error) => {
      throw error;
    },
    onTrouble: (error) => {
      throw error;
    },
    ...options,
  });
}

export function tallyOf(source: number, accepted: number, more: Partial<Tally> = {}): Tally {
  return {
    source,
    received: accepted,
    accepted,
    rejected: 0,
    skipped: 0,
    duplicate: 0,
    late: 0,
    reasons: new Map(),
    ...more,
  };
}

/** A batch of one source's hits at given ms, ready to submit. */
export function batchOf(
  pipeline: Pipeline,
  source: string,
  hits: readonly (HitFields & { ts: number })[],
  more: Partial<Submission> = {},
): Submission {
  const id = pipeline.sourceId(source);
  const delta: Delta = pipeline.newDelta();
  const hit = new Hit();
  for (const fields of hits) delta.add(fill(hit, fields), id, fields.ts);
  const accepted = hits.reduce((sum, h) => sum + (h.count ?? 1), 0);
  return { delta, tallies: [tallyOf(id, accepted)], answer: JSON.stringify({ accepted }), ...more };
}

/** A folder that goes with the test. */
export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'fivealarm-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
