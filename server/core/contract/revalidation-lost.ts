// The share of 304 collapsed: validators broke, and everything is sent again in full.
import { count, percent } from '#shared/numbers.ts';
import type { ContractCheck } from './check.ts';
import { Steps, total } from './steps.ts';

const TEN_MINUTES = 600_000;
const KEPT = 72;
const READS_MIN = 500;

export const revalidationLost: ContractCheck = {
  id: 'revalidation-lost',
  title: 'The share of 304 collapsed',
  level: 'hint',
  rule: 'RFC 9110, 13: with ETag or Last-Modified a client asks "changed?" and 304 saves the body. Validators must stay the same as long as the content does, on all instances.',
  fix: 'Look for ETags that differ from instance to instance or from build to build, a proxy that strips them, Cache-Control: no-store, or Vary on something that always changes.',
  passes: true,
  watch() {
    const steps = new Steps(TEN_MINUTES, KEPT, ['reads', 'unchanged', 'bytes']);
    return {
      see(s) {
        if ((s.method !== 'GET' && s.method !== '') || (s.code !== 200 && s.code !== 304)) return;
        const step = steps.at(s.at);
        if (!step) return;
        step.reads += s.weight;
        if (s.code === 304) step.unchanged += s.weight;
        if (s.bytes > 0) step.bytes += s.bytes * s.weight;
      },
      found() {
        const all = steps.all();
        const recent = all.slice(-3),
          before = all.slice(0, -3);
        const share = (part: typeof all): number => total(part, 'unchanged') / Math.max(1, total(part, 'reads'));
        if (
          total(before, 'reads') < READS_MIN ||
          total(recent, 'reads') < READS_MIN ||
          share(before) < 0.08 ||
          share(recent) > share(before) / 4
        )
          return [];
        return [
          {
            subject: 'share',
            codes: [304],
            hits: total(recent, 'reads') - total(recent, 'unchanged'),
            firstAt: recent[0].at,
            lastAt: recent[recent.length - 1].at + TEN_MINUTES,
            title: `304 fell from ${percent(share(before))} of reads to ${percent(share(recent))}`,
            evidence: [
              `Bytes per read went from ${count(total(before, 'bytes') / Math.max(1, total(before, 'reads')))} to ${count(total(recent, 'bytes') / Math.max(1, total(recent, 'reads')))}: what clients already had is sent again.`,
            ],
          },
        ];
      },
    };
  },
};
