// 401 for many from one moment on: a key, secret or clock was changed under the clients.
import { percent } from '#shared/numbers.ts';
import { utc } from '../words.ts';
import { span, type ContractCheck } from './check.ts';
import { Steps, total } from './steps.ts';

const MINUTE = 60_000;
const KEPT = 60;
const CLIENTS_MAX = 200;

export const authStorm: ContractCheck = {
  id: 'auth-storm',
  title: '401 for many, from one moment',
  level: 'problem',
  rule: "RFC 9110, 15.5.2: 401 says that credentials are missing or not accepted. One client is that client's matter; all at once is the server's.",
  fix: 'Which key, secret, certificate or clock changed at that minute? Accept the old one beside the new one until clients have rotated.',
  passes: true,
  watch() {
    const minutes = new Steps(MINUTE, KEPT, ['all', 'unauthorized']);
    const clients = new Map<number, Set<string>>();
    return {
      see(s) {
        const step = minutes.at(s.at);
        if (!step) return;
        step.all += s.weight;
        if (s.code !== 401) return;
        step.unauthorized += s.weight;
        const minute = s.at - (s.at % MINUTE);
        const seen = clients.get(minute) ?? new Set<string>();
        if (seen.size < CLIENTS_MAX && s.client !== '') seen.add(s.client);
        clients.set(minute, seen);
        if (clients.size > KEPT) clients.delete(Math.min(...clients.keys()));
      },
      found() {
        const steps = minutes.all();
        for (let i = 3; i + 1 < steps.length; i++) {
          const before = steps.slice(0, i),
            after = steps.slice(i);
          const was = total(before, 'unauthorized') / Math.max(1, total(before, 'all'));
          const now = total(after, 'unauthorized') / Math.max(1, total(after, 'all'));
          const at = steps[i];
          const many = new Set(after.flatMap((step) => [...(clients.get(step.at) ?? [])])).size;
          if (
            total(before, 'all') < 50 ||
            total(after, 'unauthorized') < 30 ||
            at.unauthorized / Math.max(1, at.all) < 0.15
          )
            continue;
          if (was > 0.05 || now < 0.15 || now < 5 * was || many < 5) continue;
          return [
            {
              subject: 'storm',
              codes: [401],
              ...span(),
              hits: total(after, 'unauthorized'),
              firstAt: at.at,
              lastAt: steps[steps.length - 1].at + MINUTE,
              title: `401 for ${many >= CLIENTS_MAX ? `${CLIENTS_MAX} and more` : many} clients since ${utc(at.at).slice(11, 16)} UTC`,
              evidence: [
                `Before ${utc(at.at)} UTC ${percent(was)} of the requests got 401, since then ${percent(now)}: from one minute to the next, for many clients.`,
              ],
            },
          ];
        }
        return [];
      },
    };
  },
};
