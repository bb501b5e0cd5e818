// HAProxy's log-format.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { parsed } from '../parsed.ts';
import { read } from './read.ts';

test('a HAProxy log-format is read, its timers and server kept together', () => {
  const format = String.raw`log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"`;
  const line =
    '10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/<NOSRV> 10/0/-1/-1/109 503 2750 - - sC-- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"';
  assert.deepEqual(read(format, line), {
    ts: 1233922454655,
    code: 503,
    method: 'GET',
    path: '/index.html',
    upstream: 'static/<NOSRV>',
    durationMs: 109,
    bytes: 2750,
    client: '10.0.1.2',
  });
  assert.deepEqual(read('%ci %[capture.req.hdr(0)] %HM %HU %ST %Ta', '10.0.1.2 a.example GET /x 404 12'), {
    code: 404,
    method: 'GET',
    path: '/x',
    durationMs: 12,
    client: '10.0.1.2',
  });
  assert.throws(() => openLineReader('%ci:%cp [%tr] %ft %b/%s'), /add it/);
});

test("HAProxy's own format reads lines with captures and without, and blanks as HAProxy prints them", () => {
  const format =
    'log-format "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r"';
  const front = '192.0.2.7:5 [02/Jan/2026:15:04:05.250] fe be/<NOSRV> 0/-1/-1/-1/3 503 512 - - SC-- 1/1/1/1/0 0/0';
  const expected = {
    ts: 1767366245250,
    code: 503,
    method: 'GET',
    path: '/x?a=b',
    upstream: 'be/<NOSRV>',
    durationMs: 3,
    bytes: 512,
    client: '192.0.2.7',
  };
  for (const captured of ['', ' {a.example|curl/8 (x)}', ' {a.example} {}'])
    assert.deepEqual(read(format, `${front}${captured} "GET /x?a=b HTTP/1.1"`), expected, captured);
  assert.equal(read(format, `${front.replace('503 512', '400 187')} "<BADREQ>"`).code, 400);
  assert.equal(read('%ci  %ST   %B', '192.0.2.7 404 12').code, 404, 'several blanks are printed as one');
});

test('of a HAProxy log-format that quotes all texts, numbers and times stand bare', () => {
  const format = String.raw`log-format "%{+Q}o %{-Q}ci - - [%trg] %r %ST %B \"\" \"\" %cp %ms %ft %b %s %TR %Tw %Tc %Tr %Ta %tsc %ac %fc  %bc %sc %rc %sq %bq %CC %CS %hrl %hsl"`;
  const line =
    '192.0.2.7 - - [02/Jan/2026:15:04:05 +0000] "GET /x HTTP/1.1" 200 512 "" "" 444 5 "fe" "be" "s1" 0 0 1 2 3 "----" 1 1 1 0 0 0 0 "-" "-"';
  assert.deepEqual(read(format, line), {
    ts: 1767366245000,
    code: 200,
    method: 'GET',
    path: '/x',
    upstream: 'be',
    durationMs: 3,
    bytes: 512,
    client: '192.0.2.7',
  });
  // as HAProxy 2.6 writes it
  assert.deepEqual(
    read(
      '%{+Q}o %t %ci %HM %HU %HV %ST %b %s %tsc',
      '02/Jan/2026:15:04:05.250 "192.0.2.7" "GET" "/x" "HTTP/1.1" 504 "app" "s1" sH--',
    ),
    { ts: 1767366245250, code: 504, method: 'GET', path: '/x', upstream: 'app', client: '192.0.2.7' },
  );
  assert.deepEqual(
    read(
      String.raw`log-format "%{+Q}o\ backend = %b, path = %HU, status = %ST"`,
      'backend = "be", path = "/x", status = 200',
    ),
    { code: 200, path: '/x', upstream: 'be' },
  );
});

test("HAProxy's sample fetches stand for its variables", () => {
  assert.deepEqual(
    parsed(
      '192.0.2.7 GET "/a?b=1" 502 SC--',
      'log-format "%[src] %[capture.req.method] %{+Q}[capture.req.uri] %ST %tsc"',
    )[0],
    { code: 502, method: 'GET', path: '/a?b=1', client: '192.0.2.7' },
  );
});
