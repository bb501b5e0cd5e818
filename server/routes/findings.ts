// The contract check's findings: listed, dismissed per source, taken back.
import { Type } from 'typebox';
import { Dismissal, Finding, Findings } from '#shared/api.ts';
import { contractChecks } from '../core/contract/index.ts';
import type { ContractCheck } from '../core/contract/check.ts';
import { errors } from '../errors.ts';
import type { FindingRecord, Store } from '../store/store.ts';
import { query, source, type Api } from './route.ts';

export interface FindingsDeps {
  store: Pick<Store, 'findings'>;
  /** Writes down what the checks hold now, so that the list is of this moment. */
  refreshFindings(): Promise<void>;
  now(): number;
}

const checks: ReadonlyMap<string, ContractCheck> = new Map(contractChecks.map((check) => [check.id, check]));

export function registerFindings(app: Api, { store, refreshFindings, now }: FindingsDeps): void {
  app.get(
    '/api/findings',
    {
      schema: {
        summary: 'What the traffic says about the use of status codes; dismissed ones included',
        querystring: query({ source }),
        response: { 200: Findings },
      },
    },
    async ({ query: { source } }) => {
      await refreshFindings();
      const findings = (await store.findings.list())
        .filter((f) => source === undefined || f.source === source)
        .map(findingOf)
        .filter((f) => f !== undefined);
      return { findings };
    },
  );

  app.post(
    '/api/findings/:id/dismiss',
    {
      schema: {
        summary: 'Dismiss a finding for its source, or restore it',
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        body: Dismissal,
        response: { 200: Finding },
      },
    },
    async ({ params: { id }, body: { by = '', undo = false } }) => {
      const record = await store.findings.dismiss(id, undo ? null : { at: now(), by });
      const finding = record && findingOf(record);
      if (finding === undefined) throw errors.notFound('There is no such finding.');
      return finding;
    },
  );
}

/** Undefined for a check that this version no longer has. */
function findingOf(record: FindingRecord): Finding | undefined {
  const check = checks.get(record.check);
  if (check === undefined) return undefined;
  const { subject: _, dismissedAt, dismissedBy, ...rest } = record;
  return {
    ...rest,
    level: check.level,
    rule: check.rule,
    fix: check.fix,
    dismissed: dismissedAt === null ? null : { at: dismissedAt, by: dismissedBy ?? '' },
  };
}
