// What was observed of one code of one source, for tests of its diagnosis.
import { diagnose } from '../../../server/core/diagnose/evidence.ts';
import type { Observed, ObservedStep, ObservedValue } from '../../../server/core/diagnose/observed.ts';

export const value = (name: string, hits: number, traffic: number): ObservedValue => ({
  value: name,
  hits,
  traffic,
  before: null,
});

export const steps = (...shares: number[]): ObservedStep[] =>
  shares.map((share, i) => ({ at: 1_700_000_000_000 + i * 10_000, hits: Math.round(share * 100), total: 100 }));

export function observed(o: Partial<Observed>): Observed {
  const hits = o.hits ?? 100;
  return {
    source: 'web',
    proxy: 'nginx',
    code: 502,
    total: 1000,
    hits,
    from: 1_700_000_000_000,
    to: 1_700_000_600_000,
    dimensions: {},
    series: [],
    deploys: [],
    causes: [
      {
        cause: 'upstream_connection_refused',
        hits,
        sample: {
          proxy: 'nginx',
          code: 502,
          upstream: '10.0.0.3:8080',
          path: '/a?token=1',
          connectMs: null,
          headerMs: null,
        },
      },
    ],
    ...o,
  };
}

export const refinements = (o: Partial<Observed>): string[] => diagnose(observed(o)).refinements.map((r) => r.id);
