// Common and combined lines as programs really write them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

const tolerated: Record<string, [line: string, expected: Record<string, unknown>]> = {
  'a user with a blank': [
    '192.0.2.1 - john smith [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/a', bytes: 2, client: '192.0.2.1' },
  ],
  'a list of forwarders': [
    '10.0.0.2, 10.0.0.1 - - [10/Oct/2000:13:55:36 +0330] "GET /a HTTP/2.0" 200 -',
    { ts: 971173536000, code: 200, method: 'GET', path: '/a', client: '10.0.0.2' },
  ],
  'an IPv6 address with a port': [
    '[2001:db8::1]:443 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/', bytes: 2, client: '2001:db8::1' },
  ],
  'quotes that nobody escaped': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a"b HTTP/1.1" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/a"b', bytes: 2, client: '192.0.2.1' },
  ],
  'escaped quotes': [
    String.raw`192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a\" 500 1 HTTP/1.1" 200 2`,
    { ts: 971211336000, code: 200, method: 'GET', path: String.raw`/a\" 500 1`, bytes: 2, client: '192.0.2.1' },
  ],
  'a request without protocol': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a" 200 2',
    { ts: 971211336000, code: 200, method: 'GET', path: '/a', bytes: 2, client: '192.0.2.1' },
  ],
  'no request at all': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "-" 408 -',
    { ts: 971211336000, code: 408, client: '192.0.2.1' },
  ],
  'an empty request': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "" 400 0 "-" "-"',
    { ts: 971211336000, code: 400, bytes: 0, client: '192.0.2.1' },
  ],
  'a browser that never ends': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 499 0 "-" "Mozil',
    { ts: 971211336000, code: 499, method: 'GET', path: '/', bytes: 0, client: '192.0.2.1' },
  ],
  'another logger in front': [
    '[2026-01-02 10:00:00 +0000] [7] [INFO] 192.0.2.1 - - [02/Jan/2026:10:00:00 +0000] "GET /a HTTP/1.1" 500 5',
    { ts: 1767348000000, code: 500, method: 'GET', path: '/a', bytes: 5, client: '192.0.2.1' },
  ],
  'an ISO time in the brackets': [
    '192.0.2.1 - - [2026-01-02T10:00:00.250Z] "GET /a HTTP/1.1" 500 5',
    { ts: 1767348000250, code: 500, method: 'GET', path: '/a', bytes: 5, client: '192.0.2.1' },
  ],
  'columns in CSV': [
    '"192.0.2.1","2026-01-02T10:00:00Z","GET /a HTTP/1.1","404","5"',
    { ts: 1767348000000, code: 404, method: 'GET', path: '/a', client: '192.0.2.1' },
  ],
  'a bare request': [
    '2026-01-02 10:00:00 192.0.2.1 GET /a HTTP/1.1 503 12',
    { ts: 1767348000000, code: 503, method: 'GET', path: '/a', bytes: 12, client: '192.0.2.1' },
  ],
  'upstream columns without names': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 502 5 "-" "x" 0.005 0.001, 0.002 10.0.0.1:80, 10.0.0.2:80 504, 502',
    {
      ts: 971211336000,
      code: 502,
      method: 'GET',
      path: '/a',
      upstream: '10.0.0.2:80',
      upstreamStatus: [504, 502],
      durationMs: 5,
      bytes: 5,
      client: '192.0.2.1',
    },
  ],
  "APISIX's columns": [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] a.example:9080 "GET /a HTTP/1.1" 503 5 0.012 "-" "x" 10.0.0.1:80 503 0.011 "http://a.example:9080"',
    {
      ts: 971211336000,
      code: 503,
      method: 'GET',
      path: '/a',
      upstream: '10.0.0.1:80',
      upstreamStatus: [503],
      durationMs: 12,
      bytes: 5,
      client: '192.0.2.1',
    },
  ],
  "an address whose neighbours are not an upstream's": [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 502 5 "-" "x" 0.005 10.0.0.1:80 200',
    { ts: 971211336000, code: 502, method: 'GET', path: '/a', durationMs: 5, bytes: 5, client: '192.0.2.1' },
  ],
  "upstream's variables under shortened names": [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.1" 502 5 "-" "x" reqt=0.005 up_addr=10.0.0.1:80, 10.0.0.2:80 up-stat=504, 502 uhdr=-, -',
    {
      ts: 971211336000,
      code: 502,
      method: 'GET',
      path: '/a',
      upstream: '10.0.0.2:80',
      upstreamStatus: [504, 502],
      durationMs: 5,
      bytes: 5,
      client: '192.0.2.1',
    },
  ],
  "LTSV with the upstream's variables shortened": [
    'time:10/Oct/2000:13:55:36 -0700\tmethod:GET\turi:/a\tstatus:502\tups:10.0.0.1:80\tups_status:502\tupsConnTime:-',
    { ts: 971211336000, code: 502, method: 'GET', path: '/a', upstream: '10.0.0.1:80', upstreamStatus: [502] },
  ],
  'the host in quotes before the request': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "a.example" "GET /a HTTP/1.1" 502 5 "-" "x"',
    { ts: 971211336000, code: 502, method: 'GET', path: '/a', host: 'a.example', bytes: 5, client: '192.0.2.1' },
  ],
  'codes that nobody standardised': [
    '192.0.2.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 009 0 "-" "-"',
    { ts: 971211336000, code: 9, method: 'GET', path: '/', bytes: 0, client: '192.0.2.1' },
  ],
};

for (const [what, [line, expected]] of Object.entries(tolerated)) {
  test(`reads a line with ${what}`, () => assert.deepEqual(parsed(line), [expected]));
}
