import assert from 'node:assert/strict';
import { test } from 'node:test';
import { causes } from '#shared/causes/index.ts';
import { families, familyOf } from '../../server/core/detect/families.ts';
import { isFailure } from '../../server/core/failing.ts';

const numberOf = (id: string): number => 1 + causes.findIndex((cause) => cause.id === id);

test('a failure is what the server or the client broke off, not what the client got wrong', () => {
  const failing = Array.from({ length: 1000 }, (_, code) => code).filter((code) => isFailure(code, 0));
  assert.deepEqual(failing, [0, 9, 460, 499, ...Array.from({ length: 100 }, (_, i) => 500 + i)]);
});

test('whatever its code, what shows that the client left is one', () => {
  assert.ok(isFailure(200, numberOf('client_gave_up')) && isFailure(400, numberOf('client_gave_up')));
  for (const id of ['unknown', 'proxy_rate_limited', 'bad_request', 'masked_retry'])
    assert.ok(!isFailure(429, numberOf(id)), id);
});

test('detection judges the same codes as failures', () => {
  for (let code = 0; code < 1000; code++)
    assert.equal(families[familyOf(code)].group === 'server', isFailure(code, 0), String(code));
});
