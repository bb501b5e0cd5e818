// Squid's logformat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLineReader } from '../../../server/formats/line-reader.ts';
import { read } from './read.ts';

test('a Squid logformat is read, numbers filled up with blanks included', () => {
  const native =
    'logformat mine %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt "%{Referer}>h" "%>h{User-Agent}"';
  assert.deepEqual(
    read(
      native,
      '1767366245.250     47 192.0.2.7 TCP_MISS/503 4762 GET http://a.example/x - HIER_DIRECT/10.0.0.1 text/html "-" "curl 8"',
    ),
    {
      ts: 1767366245250,
      code: 503,
      method: 'GET',
      path: '/x',
      host: 'a.example',
      upstream: '10.0.0.1',
      durationMs: 47,
      bytes: 4762,
      client: '192.0.2.7',
    },
  );
  assert.deepEqual(
    read(
      '%tl %>a "%rm %ru" %>Hs %<Hs %tr %%',
      '02/Jan/2026:15:04:05 +0000 192.0.2.7 "CONNECT a.example:443" 502 503 1200 %',
    ),
    {
      ts: 1767366245000,
      code: 502,
      method: 'CONNECT',
      path: 'a.example:443',
      upstreamStatus: [503],
      durationMs: 1200,
      client: '192.0.2.7',
    },
  );
  assert.throws(() => openLineReader('logformat x %ts.%03tu %>a %rm %ru %<Hs'), /no %>Hs/);
});
