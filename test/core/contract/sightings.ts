// Traffic as the checks of the contract see it, and what one of them finds in it.
import type { Found, Sighting } from '../../../server/core/contract/check.ts';
import { contractChecks } from '../../../server/core/contract/index.ts';

export const T = 1_763_849_880_000;

export const sighting = (s: Partial<Sighting>): Sighting => ({
  at: T,
  code: 200,
  method: 'GET',
  path: '/',
  route: '/',
  client: '203.0.113.1',
  upstream: '',
  failedFirst: '',
  bytes: NaN,
  durationMs: NaN,
  cause: '',
  weight: 1,
  ...s,
});

export const times = (n: number, of: (i: number) => Partial<Sighting>): Partial<Sighting>[] =>
  Array.from({ length: n }, (_, i) => of(i));

export function found(id: string, ...traffic: Partial<Sighting>[][]): Found[] {
  const watcher = contractChecks.find((c) => c.id === id)!.watch();
  for (const s of traffic.flat()) watcher.see(sighting(s));
  return watcher.found();
}

export const client = (i: number): string => `203.0.113.${i}`;
