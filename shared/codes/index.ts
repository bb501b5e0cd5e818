// The status-code reference: every code of RFC 9110 and its neighbours, and those that proxies, CDNs and frameworks made up.
import { classOf, type StatusClass } from '../status.ts';
import { clientErrors } from './client-error.ts';
import type { CodeEntry, CodeRunbook, Comparison } from './code.ts';
import { comparisons } from './comparisons.ts';
import { informationalAndSuccess } from './informational-and-success.ts';
import { redirection } from './redirection.ts';
import { runbooks } from './runbooks.ts';
import { serverErrors } from './server-error.ts';
import { unofficial } from './unofficial.ts';

export type { CodeEntry, CodeRunbook, Comparison };
export { comparisons, runbooks };

/** By number. */
export const codes: readonly CodeEntry[] = [
  ...informationalAndSuccess,
  ...redirection,
  ...clientErrors,
  ...serverErrors,
  ...unofficial,
].sort((a, b) => a.code - b.code);

const byCode: ReadonlyMap<number, CodeEntry> = new Map(codes.map((entry) => [entry.code, entry]));

const CLASS_NAME: Record<StatusClass, string> = {
  '1xx': 'Informational',
  '2xx': 'Success',
  '3xx': 'Redirection',
  '4xx': 'Client error',
  '5xx': 'Server error',
  other: 'Not a status code',
};

/** "Bad Gateway"; what the reference does not know is called by its class, as RFC 9110 has clients treat it. */
export const codeName = (code: number): string => byCode.get(code)?.name ?? CLASS_NAME[classOf(code)];

export const runbookOf = (code: number): CodeRunbook | undefined => runbooks.find((runbook) => runbook.code === code);

export const comparisonsOf = (code: number): Comparison[] =>
  comparisons.filter((comparison) => comparison.codes.includes(code));

/** Everything about one code, for the dashboard and for /api/codes/502. Codes nobody has defined get what their class says. */
export function codeReference(code: number): {
  entry: CodeEntry;
  class: StatusClass;
  runbook: CodeRunbook | null;
  comparisons: Comparison[];
} {
  const known = byCode.get(code);
  const entry: CodeEntry = known ?? {
    code,
    name: codeName(code),
    official: false,
    meaning: `No specification and no known software defines ${code}. Clients treat it as ${code >= 100 && code < 600 ? `${Math.floor(code / 100)}00, the first of its class` : '500'}.`,
    madeBy: 'Whatever logged it: look at the lines.',
    retry: code >= 100 && code < 500 ? `As for ${Math.floor(code / 100)}00.` : 'As for 500.',
    caching: 'Not cached.',
    source: 'RFC 9110, 15',
  };
  return { entry, class: classOf(code), runbook: runbookOf(code) ?? null, comparisons: comparisonsOf(code) };
}
