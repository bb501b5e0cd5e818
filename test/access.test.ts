import { test } from 'node:test';
import assert from 'node:assert/strict';
import { createAccess, Tokens } from '../server/access.ts';

test('in local mode only loopback names and configured ones are answered to', () => {
  const access = createAccess({ hosts: ['Status.example.com'], trusted: false });
  for (const host of [
    'localhost:5500',
    '127.0.0.1:5500',
    '[::1]:5500',
    'app.localhost',
    'status.example.com',
    'STATUS.example.com:443',
  ])
    assert.ok(access.hostAllowed(host), host);
  for (const host of [
    undefined,
    '',
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '192.168.1.5',
    'nas',
  ])
    assert.ok(!access.hostAllowed(host), host);
});

test('on a trusted network addresses and names without a dot are answered to, public names are not', () => {
  const access = createAccess({ hosts: [], trusted: true });
  for (const host of ['192.168.1.5:5500', '[fe80::1]:5500', 'fivealarm:5500'])
    assert.ok(access.hostAllowed(host), host);
  assert.ok(!access.hostAllowed('evil.example:5500'));
});

test('an Origin must be the one that was asked', () => {
  const access = createAccess({ hosts: ['status.example.com'], trusted: false });
  const host = 'localhost:5500';
  assert.ok(access.originAllowed({ host }));
  assert.ok(access.originAllowed({ host, origin: 'http://localhost:5500', 'sec-fetch-site': 'same-origin' }));
  assert.ok(access.originAllowed({ host, origin: 'https://status.example.com' }));
  for (const origin of [
    'http://localhost:3000',
    'http://evil.example',
    'null',
    '',
    'http://localhost:5500.evil.example',
  ])
    assert.ok(!access.originAllowed({ host, origin }), origin);
  assert.ok(!access.originAllowed({ host, 'sec-fetch-site': 'cross-site' }));
});

test('tokens are found wherever a sender puts them, and two are valid at once', () => {
  const tokens = new Tokens([
    { secret: 'old-token', name: 'shop' },
    { secret: 'new-token', name: 'shop' },
    { secret: 'plain' },
  ]);
  const basic = `Basic ${Buffer.from('any:new-token').toString('base64')}`;
  const senders = [
    { authorization: 'Bearer new-token' },
    { authorization: 'bearer  new-token' },
    { authorization: 'Splunk new-token' },
    { authorization: 'ApiKey new-token' },
    { authorization: basic },
    { 'x-amz-firehose-access-key': 'new-token' },
  ].map((headers) => tokens.senderOf(headers));
  assert.deepEqual(new Set(senders), new Set(['shop']));
  for (const headers of [
    {},
    { authorization: 'Bearer wrong' },
    { authorization: 'Bearer' },
    { authorization: 'Digest new-token' },
  ])
    assert.equal(tokens.senderOf(headers), undefined);
});

test("a sender is known by its token's name, whatever the secret; without a name as one who needs no token", () => {
  const tokens = new Tokens([
    { secret: 'old-token', name: 'shop' },
    { secret: 'new-token', name: 'shop' },
    { secret: 'a' },
    { secret: 'b' },
  ]);
  const senderOf = (secret: string) => tokens.senderOf({ authorization: `Bearer ${secret}` });
  assert.deepEqual(['old-token', 'new-token', 'a', 'b'].map(senderOf), ['shop', 'shop', '', '']);
  assert.equal(new Tokens([]).senderOf({}), '');
});
