// Codes that are taken for each other, side by side.
import type { Comparison } from './code.ts';

export const comparisons: readonly Comparison[] = [
  {
    id: 'redirects',
    title: '301, 302, 303, 307, 308',
    codes: [301, 302, 303, 307, 308],
    columns: ['Code', 'Permanent?', 'Method and body', 'Cached by default', 'Use it for'],
    rows: [
      ['301', 'yes', 'may become GET, body lost', 'yes', 'moved pages that are only read'],
      ['302', 'no', 'may become GET, body lost', 'no', 'a temporary redirect for pages that are only read'],
      ['303', 'no', 'always GET', 'no', 'the page to show after a form was sent'],
      ['307', 'no', 'kept', 'no', 'a temporary redirect for anything, POST included'],
      ['308', 'yes', 'kept', 'yes', 'moved API endpoints, http→https'],
    ],
    choose: 'If anything but GET may arrive there, use 308 (for good) or 307 (for now). After a form, 303.',
  },
  {
    id: 'who-are-you',
    title: '401 and 403',
    codes: [401, 403],
    columns: ['Code', 'Do we know who asks?', 'Does logging in help?', 'It says', 'Must carry'],
    rows: [
      ['401', 'no, or the proof was not accepted', 'yes', 'Who are you?', 'WWW-Authenticate'],
      ['403', 'yes, or it does not matter', 'no', 'Not you.', ''],
    ],
    choose:
      '401 when new credentials could change the answer, 403 when they could not. To hide that a thing exists at all, 404, and then for everything of its kind: a mixture of 403 and 404 tells which ones exist.',
  },
  {
    id: 'server-errors',
    title: '500, 502, 503, 504',
    codes: [500, 502, 503, 504],
    columns: ['Code', 'Who failed', 'What happened', 'How long did it take?', 'Ask first'],
    rows: [
      ['500', "the application's code", 'it ran, and threw', 'any time', 'its log, at that second: the stack trace'],
      [
        '502',
        "the link to the backend, or the backend's answer",
        'refused, hung up, or not valid HTTP',
        'usually at once',
        "the proxy's error log: it names which of the three",
      ],
      [
        '503',
        'capacity: the application, its group, or a limiter',
        'shed, deploying, none in rotation, queue full, rate limit',
        "at once, or the queue's time limit",
        'did the request reach an instance at all?',
      ],
      [
        '504',
        "the backend's speed, or the way to it",
        "no answer within the proxy's patience",
        'exactly the timeout',
        'was the connection established? Yes: slow. No: network',
      ],
    ],
    choose:
      'From your own code: 500 for a bug, 502 when a service you call answered nonsense, 503 with Retry-After when you cannot take more, 504 when a service you call was too slow.',
  },
  {
    id: 'bad-input',
    title: '400 and 422',
    codes: [400, 422],
    columns: ['Code', 'Could it be read?', 'What is wrong', 'Example'],
    rows: [
      ['400', 'no', 'the form', 'JSON that does not parse, a missing parameter'],
      ['422', 'yes', 'the values', 'an e-mail address without @, an end before its start'],
    ],
    choose:
      'Both are right to many people; what matters is to keep to one rule in one API. Never 200 with an error inside.',
  },
  {
    id: 'absent',
    title: '404 and 410',
    codes: [404, 410],
    columns: ['Code', 'Was it ever there?', 'Will it be?', 'Search engines'],
    rows: [
      ['404', 'not said', 'perhaps', 'ask again for a while'],
      ['410', 'yes', 'no', 'drop it soon'],
    ],
    choose: '410 when you removed it on purpose and know it; 404 for everything else.',
  },
  {
    id: 'not-now',
    title: '429 and 503',
    codes: [429, 503],
    columns: ['Code', 'Whose doing', 'Who sees it', 'It says', 'Carry'],
    rows: [
      ['429', "this client's", 'one client', 'You, too often.', 'Retry-After, RateLimit'],
      ['503', 'ours', 'everybody', 'We cannot, now.', 'Retry-After'],
    ],
    choose:
      'A limiter should say 429, so that limits do not look like outages: nginx needs limit_req_status 429 and limit_conn_status 429 for that.',
  },
];
