// W3C extended logs: columns under a header that may change.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codes, parsed } from '../parsed.ts';

test("syslog leaves W3C's directives whole", () => {
  const syslog = 'Jan  2 15:04:05 10.0.0.1 ';
  assert.deepEqual(
    codes(
      [`${syslog}#Fields: date time cs-method cs-uri-stem sc-status`, `${syslog}2026-01-02 10:00:00 GET /a 200`].join(
        '\n',
      ),
    ),
    [null, 200],
  );
});

test('W3C rows longer than their header are read when what it names stands in its place', () => {
  const header = '#Fields: date time time-taken c-ip sc-status s-action sc-bytes cs-method cs-host cs-uri-path s-ip';
  const long =
    '2026-01-02 15:04:05 48 192.0.2.7 302 TCP_NC_MISS 1242 GET a.example /x 10.0.0.1 "Mozilla/5.0 (X11)" more';
  const shifted = '2026-01-02 15:04:05 48 more 192.0.2.7 302 TCP_NC_MISS 1242 GET a.example /x 10.0.0.1';
  assert.deepEqual(parsed([header, long].join('\n'))[1], {
    ts: 1767366245000,
    code: 302,
    method: 'GET',
    path: '/x',
    host: 'a.example',
    durationMs: 48,
    bytes: 1242,
    client: '192.0.2.7',
  });
  assert.deepEqual(codes([header, shifted].join('\n')), [null, null]);
});

test('W3C columns may change in the middle of a file', () => {
  const lines = [
    '#Fields: date time cs-method cs-uri-stem sc-status',
    '2026-01-02 10:00:00 GET /a 200',
    '#Fields: sc-status time date cs-uri-stem cs-method',
    '503 10:00:01 2026-01-02 /b POST',
  ];
  assert.deepEqual(
    parsed(lines.join('\n')).filter(({ code }) => code !== undefined),
    [
      { ts: 1767348000000, code: 200, method: 'GET', path: '/a' },
      { ts: 1767348001000, code: 503, method: 'POST', path: '/b' },
    ],
  );
});
