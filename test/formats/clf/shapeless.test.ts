// Access lines of no known shape, as people posted them (addresses replaced): a time, a request and a status in whatever order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed } from '../parsed.ts';

const AGENT =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.61 Safari/537.36';

type Row = readonly [line: string, hit: Readonly<Record<string, unknown>>];

/** Each line is a stream of its own. */
function reads(rows: readonly Row[]): void {
  for (const [line, wanted] of rows) {
    const [row] = parsed(line);
    for (const [field, value] of Object.entries(wanted))
      assert.deepEqual(row[field], value, `${field} of ${line}: ${JSON.stringify(row)}`);
  }
}

test('the status stands before the request, next to it or columns away', () =>
  reads([
    [
      '2020-05-19T12:42:12+00:00 203.0.113.4 10.120.14.13:443 - -:- ios:7.6 BYPASS 10.120.14.33:9000 0.048 502 GET https://shop.example/api/v2/user/x',
      {
        ts: 1589892132000,
        code: 502,
        method: 'GET',
        path: '/api/v2/user/x',
        host: 'shop.example',
        client: '203.0.113.4',
      },
    ],
    [
      `03/Sep/2019:10:04:08 +0800 | 10.10.10.10 | http | 304 | 192.168.2.12 | - | www.example.com | - | - | GET / HTTP/1.1 | 0 | - | ${AGENT} | - | 0.017 | - | - | -`,
      { ts: 1567476248000, code: 304, method: 'GET', path: '/', client: '10.10.10.10' },
    ],
    [
      `[06/Nov/2015:17:25:37 +0000] 203.0.113.242 -> 10.1.5.25:80 "200" [0.000 sec] "www.example.com" "GET /uk/live/23232 HTTP/1.1"  "-" "${AGENT}"`,
      { code: 200, path: '/uk/live/23232', client: '203.0.113.242' },
    ],
    [
      `2018-11-06 00:12:50\t302\tGET /index.html HTTP/1.1\t${AGENT}\t-\t203.0.113.9\t-`,
      { ts: 1541463170000, code: 302, method: 'GET', path: '/index.html' },
    ],
    [
      '[11/Dec/2019:06:25:10 -0300][1576056310.262] 203.0.113.46 | 0.109 s | 400 |  | POST | https://foo.example/api/customers/?token=boo | {\\"identityNumber\\": \\"aaa\\"}',
      { ts: 1576056310000, code: 400, method: 'POST', path: '/api/customers/?token=boo', host: 'foo.example' },
    ],
  ]));

test('a size of three digits behind the request is not its status', () =>
  reads([
    [
      '[03/May/2017:23:58:18 -0400]\t127.0.0.1\t127.0.0.1\t200\t4876\tGET /appQuery?query=x HTTP/1.0\t273\t-\t-',
      { code: 200, path: '/appQuery?query=x', client: '127.0.0.1' },
    ],
  ]));

test('the status stands behind other columns, or last', () =>
  reads([
    [
      `20191018,133018,277,203.0.113.214,1171,"GET / HTTP/1.1",3503,"-","${AGENT}",1127,media.example,200`,
      { ts: 1571405418000, code: 200, method: 'GET', path: '/', client: '203.0.113.214' },
    ],
    [
      `[2018-07-21 20:00:30] [INFO    ] [gunicorn.access:24588] GET /page/1 HTTP/1.1 - 'Mozilla/5.0 (X11)' 200 - 0.055556 127.0.0.1`,
      { ts: 1532203230000, code: 200, method: 'GET', path: '/page/1' },
    ],
    [
      '10.0.3.154 - - [05/Oct/2022:03:35:39 +0700] "POST /v2/auth HTTP/2.0" to: 192.168.200.146:80 422 35 "-" "oxttp/4.5.0"',
      { code: 422, method: 'POST', path: '/v2/auth', bytes: 35, client: '10.0.3.154' },
    ],
    [
      '[04/Sep/2018:18:37:38 +0200]|203.0.113.22|"GET /api/v3/resource HTTP/1.1"|machin|200',
      { code: 200, path: '/api/v3/resource', client: '203.0.113.22' },
    ],
    [
      `2023-02-14 00:00:01 203.0.113.191 GET /fr/revues/ms/ HTTP/1.1 - 80 - 203.0.113.191 "${AGENT}" "-" 404 12454`,
      { ts: 1676332801000, code: 404, path: '/fr/revues/ms/', bytes: 12454 },
    ],
    [
      `203.0.113.4 - - [02/Sep/2022:11:12:13 +0000] "GET / HTTP/1.1" 0.004 200 612 "-" "${AGENT}"`,
      { code: 200, path: '/', bytes: 612 },
    ],
  ]));

test('the status stands in signs, or within the quotes of the request', () =>
  reads([
    ['203.0.113.5 - - [02/Jan/2024:03:04:05 +0000] "GET /a HTTP/1.1 502 157"', { code: 502, path: '/a' }],
    ['203.0.113.5 [02/Jan/2024:03:04:05 +0000] "GET /a HTTP/1.1" [502] 157 0.012', { code: 502, durationMs: 12 }],
    ['203.0.113.5 [02/Jan/2024:03:04:05 +0000] "GET /a HTTP/1.1" (502) 157 0.012', { code: 502, bytes: 157 }],
  ]));

test('the request is columns between signs', () =>
  reads([
    [
      '2022-04-04\t14:00:53\tPOST\t/prweb/x\t400\t0.024',
      { ts: 1649080853000, code: 400, method: 'POST', path: '/prweb/x' },
    ],
    [
      '2024-01-02T03:04:05+00:00;203.0.113.5;GET;/a/b?c=1;HTTP/1.1;502;157;0.012;curl/8',
      {
        ts: 1704164645000,
        code: 502,
        method: 'GET',
        path: '/a/b?c=1',
        client: '203.0.113.5',
        bytes: 157,
        durationMs: 12,
      },
    ],
    [
      '2024-01-02 03:04:05,203.0.113.5,GET,/a/b,502,157,0.012',
      { ts: 1704164645000, code: 502, path: '/a/b', client: '203.0.113.5' },
    ],
    [
      `[23/Apr/2018:13:16:41 +0200] | https://www.example.org/foo/ | 503 | - | ${AGENT} | 203.0.113.8 | 0.359`,
      { code: 503, path: '/foo/', host: 'www.example.org', client: '203.0.113.8' },
    ],
  ]));

test('where two numbers could be the status, none is', () => {
  for (const line of [
    '2024-01-02T03:04:05Z 203.0.113.5 404 "GET /a HTTP/1.1" x1 502 -',
    '2024-01-02T03:04:05Z 203.0.113.5 404 GET /a HTTP/1.1 - 502 157',
  ])
    assert.equal(parsed(line)[0].code, undefined, line);
});

test('what is told of a request, or was sent, is not counted', () => {
  for (const line of [
    '2024-01-02T03:04:05Z 203.0.113.5 GET /a HTTP/1.1 failed with 502',
    '2024-01-02T03:04:05Z ERROR 203.0.113.5 - 502 GET /a HTTP/1.1',
    '2024-01-02T03:04:05Z webhook 502 POST https://hooks.example/x',
    '2024-01-02T03:04:05Z unexpected reply 502 to 203.0.113.5 POST /x',
    '2024-01-02T03:04:05Z | GET | /x | 502 | Bad Gateway |',
  ])
    assert.equal(parsed(line)[0].code, undefined, line);
});
