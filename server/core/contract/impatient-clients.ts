// 499 rising together with durations: the backend is slow, and clients say so before any 5xx does.
import { percent } from '#shared/numbers.ts';
import { seconds } from '../words.ts';
import type { ContractCheck } from './check.ts';
import { Steps, total } from './steps.ts';

const MINUTE = 60_000;
const KEPT = 120;
const RECENT = 10;

export const impatientClients: ContractCheck = {
  id: 'impatient-clients',
  title: '499 rising with durations',
  level: 'problem',
  rule: '499 and 460 are no answers: the client left. When answers take longer at the same time, they are timeouts that happen on the other side, and no 5xx counts them.',
  fix: 'Treat it as a slow backend: look at the slowest routes, as for 504. Count it in latency alerts, not in error rates.',
  passes: true,
  watch() {
    const minutes = new Steps(MINUTE, KEPT, ['all', 'left', 'timed', 'sumMs']);
    return {
      see(s) {
        const step = minutes.at(s.at);
        if (!step) return;
        step.all += s.weight;
        if (s.code === 499 || s.code === 460) step.left += s.weight;
        else if (s.durationMs >= 0 && s.code < 400) {
          step.timed += s.weight;
          step.sumMs += s.durationMs * s.weight;
        }
      },
      found() {
        const steps = minutes.all();
        const recent = steps.slice(-RECENT),
          before = steps.slice(0, -RECENT);
        const share = (part: typeof steps): number => total(part, 'left') / Math.max(1, total(part, 'all'));
        const mean = (part: typeof steps): number => total(part, 'sumMs') / Math.max(1, total(part, 'timed'));
        if (
          before.length < 5 ||
          total(recent, 'left') < 20 ||
          share(recent) < 0.01 ||
          share(recent) < 3 * share(before) ||
          mean(recent) < 2 * mean(before) ||
          total(before, 'timed') < 50
        )
          return [];
        return [
          {
            subject: 'slower',
            codes: [499],
            hits: total(recent, 'left'),
            firstAt: recent[0].at,
            lastAt: recent[recent.length - 1].at + MINUTE,
            title: `Clients disconnect before the response: ${percent(share(recent))} in the last ${recent.length} min`,
            evidence: [
              `Before, ${percent(share(before))} left; now ${percent(share(recent))}. In the same time the mean duration of answers went from ${seconds(mean(before))} to ${seconds(mean(recent))}.`,
            ],
          },
        ];
      },
    };
  },
};
