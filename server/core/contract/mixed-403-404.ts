// 403 and 404 mixed on one route pattern: whoever asks for ids learns which ones exist.
import { hasTrait } from '#shared/causes/index.ts';
import { percent, plural } from '#shared/numbers.ts';
import { Bounded, largest } from './bounded.ts';
import { extend, span, type ContractCheck, type Span } from './check.ts';

const ROUTES_MAX = 500;
const EACH_MIN = 5;
const SHARE_MIN = 0.1;

export const mixed403And404: ContractCheck = {
  id: 'mixed-403-404',
  title: '403 and 404 mixed on one route',
  level: 'hint',
  rule: 'RFC 9110, 15.5.4: a server that wants to hide that a forbidden thing exists may answer 404 instead of 403. Doing it for some and not for others tells which ones exist.',
  fix: 'Answer 404 for everything of this route that the caller may not see, existing or not; or 403 for all, if existence is no secret.',
  watch() {
    const routes = new Bounded<{ all: Span; forbidden: number; missing: number }>(ROUTES_MAX);
    return {
      see(s) {
        if ((s.code !== 403 && s.code !== 404) || !s.route.includes('{') || hasTrait(s.cause, 'proxy-rule')) return;
        const r = routes.of(s.route, () => ({ all: span(), forbidden: 0, missing: 0 }));
        extend(r.all, s.at, s.weight);
        if (s.code === 403) r.forbidden += s.weight;
        else r.missing += s.weight;
      },
      found() {
        const mixed = [...routes].filter(
          ([, r]) => Math.min(r.forbidden, r.missing) >= Math.max(EACH_MIN, SHARE_MIN * r.all.hits),
        );
        return largest(mixed, 10, ([, r]) => r.all.hits).map(([route, r]) => ({
          subject: route,
          codes: [403, 404],
          ...r.all,
          title: `${route} answers 403 for some and 404 for others`,
          evidence: [
            `${plural(r.forbidden, 'time')} 403 and ${plural(r.missing, 'time')} 404 (${percent(r.missing / r.all.hits)}) on the same pattern: trying ids tells which exist.`,
          ],
        }));
      },
    };
  },
};
