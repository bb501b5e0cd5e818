// A 4xx that the application answered, told apart by its code.
import type { Cause } from './cause.ts';
import { upstreamError, mayBeRenamed, of } from './exchange-facts.ts';

/**
 * Codes that only an application has a reason to send, whoever wrote the log line. Not 405, 406, 411, 412, 416 and 417: servers of static
 * files send these too.
 */
const APPLICATION_ONLY = new Set([402, 409, 410, 415, 418, 422, 423, 424, 425, 426, 428, 451]);

const SAYS: ReadonlyMap<number, string> = new Map([
  [400, 'it could not make sense of the request'],
  [401, 'it does not know who is asking: credentials are missing, wrong or expired'],
  [403, 'it knows who is asking, and says no'],
  [404, 'nothing is there, or it hides it'],
  [405, 'the path exists, but not for that method'],
  [409, 'the request conflicts with the current state: a duplicate, or an edit on top of another'],
  [410, 'it was removed permanently'],
  [412, 'the condition in the request did not hold'],
  [415, 'it does not read that content type'],
  [422, 'it understood the request, but a value is invalid'],
]);

export const appClientError: Cause = {
  id: 'app_client_error',
  culprit: 'client',
  title: 'the application refused the request',
  headline: '{app} refuses these requests',
  matches: (x) => {
    const by = upstreamError(x);
    if (typeof by === 'number' && by >= 400 && by < 500) return true;
    return by === undefined && APPLICATION_ONLY.has(x.code);
  },
  examples: [
    {
      proxy: 'nginx',
      code: 404,
      upstream: '10.0.0.3:8080',
      upstreamStatus: [404],
      connectMs: 0,
      headerMs: 4,
      responseMs: 1,
      upstreamBytes: 0,
    },
    { proxy: 'unknown', code: 409, method: 'POST' },
    { proxy: 'iis', code: 401, details: '0.0' },
  ],
  evidence: ({ hits, total, code, upstream }) =>
    `${of(hits, total)} are a ${code} from ${upstream ?? 'the application'} itself: ${SAYS.get(code) ?? 'it considers the request invalid'}.`,
  alternative: mayBeRenamed,
  meaning:
    'The application is healthy and rejects these requests. A steady share is normal. A jump means that something changed: a client release, a rotated key (401), a permission (403), a removed route (404), a new validation rule (422).',
  owner: "The client's author; the application's team if its contract changed.",
  checks: [
    { say: 'When did it begin, and what was released on either side just before?' },
    { say: 'One client or user agent, or all? One route, or all?' },
    { say: 'What does the response say?', run: 'curl -si -m 10 http://{upstream}{path} | head -30' },
    {
      say: '401 for everybody from one moment: key, clock or secret rotation. 404 on a path that worked: a route removed by a deploy. 403 and 404 mixed on one route: see the contract check.',
    },
  ],
  fixes: [
    '401: renew the credential, check clocks; WWW-Authenticate must say how to log in.',
    '404 after a deploy: restore the route, or 308 to the new one.',
    '405: Allow must list the methods.',
  ],
  notToConfuse: ['Not an outage.', "Not the proxy's rule: the application received the request."],
  references: ['RFC 9110, 15.5'],
};
