// 301 or 302 on a method with a body: many clients turn it into a GET and lose the body.
import type { Cause } from './cause.ts';
import { of } from './exchange-facts.ts';

export const redirectDropsMethod: Cause = {
  id: 'redirect_drops_method',
  culprit: 'app',
  title: 'redirect drops the method',
  headline: 'A redirect turns POST into GET',
  matches: (x) =>
    (x.code === 301 || x.code === 302) &&
    x.method !== undefined &&
    /^[A-Z]{3,}$/.test(x.method) &&
    x.method !== 'GET' &&
    x.method !== 'HEAD',
  examples: [
    { proxy: 'unknown', code: 301, method: 'POST' },
    { proxy: 'unknown', code: 302, method: 'PUT' },
  ],
  evidence: ({ hits, total, code, sample }) =>
    `${of(hits, total)} answer a ${sample?.method ?? 'POST'} with ${code}${sample?.route ? ` on ${sample.route}` : ''}: most clients continue with GET and drop the body.`,
  alternative: (x) =>
    x.code === 302
      ? { text: 'a form that answers 302 to a page means GET and loses nothing; 303 states it explicitly', rare: false }
      : undefined,
  meaning:
    'For 301 and 302 a client may turn POST into GET, and browsers, curl and most libraries do. The request "succeeds" but nothing is created: forms and payments disappear without an error. (A login form that answers 302 to a page is fine: that is the one place where GET is meant, and 303 says so.)',
  owner: 'Whoever put the redirect there: usually http→https, a trailing slash, a host name, or a moved API version.',
  checks: [
    { say: 'Do the same clients send GET to the target right after, and get 404 or 405? That confirms it.' },
    {
      say: 'What does it redirect to?',
      run: 'curl -si -X POST -m 10 http://{host}{path} | grep -iE "^HTTP|^location"',
    },
  ],
  fixes: [
    '308 instead of 301, 307 instead of 302: method and body stay.',
    'After a form has done its work: 303, which asks for GET explicitly.',
    'Let own clients call the final URL.',
  ],
  notToConfuse: ['Not a server error: each part works as configured.'],
  references: ['RFC 9110, 15.4.2 and 15.4.3', 'RFC 9110, 15.4.8 and 15.4.9 (307, 308)'],
  onSuccess: { codes: [301, 302] },
};
