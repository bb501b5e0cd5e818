// Refused clients that come back at once: counted a client, forgotten after a second, bounded.
import assert from 'node:assert/strict';
import test from 'node:test';
import { EarlyRetries } from '../../../server/core/diagnose/early-retries.ts';
import { CLIENT, Hit } from '../../../server/core/hit.ts';

const AT = Date.UTC(2026, 2, 1, 12);

function see(returns: EarlyRetries, code: number, client: string, at: number): void {
  const hit = new Hit();
  hit.reset(Buffer.alloc(0));
  hit.code = code;
  hit.setText(CLIENT, client);
  returns.see(hit, at);
}

test('a client that is back within a second of its 429 did not wait; one that is back later did', () => {
  const returns = new EarlyRetries();
  see(returns, 429, '203.0.113.1', AT);
  see(returns, 200, '203.0.113.2', AT + 100);
  see(returns, 200, '203.0.113.1', AT + 200);
  see(returns, 200, '203.0.113.1', AT + 300);
  see(returns, 429, '203.0.113.2', AT + 400);
  see(returns, 429, '203.0.113.2', AT + 1400);
  assert.deepEqual(returns.between(AT, AT + 1), { limited: 3, soon: 1 });
});

test('what has no client or no time counts nothing', () => {
  const returns = new EarlyRetries();
  see(returns, 429, '-', AT);
  see(returns, 429, '', AT);
  see(returns, 429, '203.0.113.1', NaN);
  assert.deepEqual(returns.between(-Infinity, Infinity), { limited: 0, soon: 0 });
});

test('only the minutes asked for are summed', () => {
  const returns = new EarlyRetries();
  for (let minute = 0; minute < 600; minute++) see(returns, 429, `c${minute}`, AT + minute * 60_000);
  assert.equal(returns.between(AT + 598 * 60_000, AT + 600 * 60_000).limited, 2);
  // and the oldest are forgotten
  assert.equal(returns.between(AT, AT + 60_000).limited, 0);
});
