// Sample lines of failures: few, newest kept, bounded, and without secrets.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Hit } from '../../server/core/hit.ts';
import { openLineReader } from '../../server/formats/line-reader.ts';
import { Samples } from '../../server/watch/samples.ts';
import { combined } from '../support/app.ts';

const AT = Date.UTC(2026, 2, 1, 12);

function see(samples: Samples, line: string, source: string, arrival: number): void {
  const bytes = Buffer.from(line),
    chunk = { bytes, text: bytes.toString('latin1') },
    hit = new Hit();
  assert.equal(openLineReader().read(chunk, 0, bytes.length, hit), undefined, line);
  samples.see(hit, source, hit.ts, arrival, chunk, 0, bytes.length);
}

test('what failed is kept with its cause, without query and token; what is fine is not', () => {
  const samples = new Samples();
  see(samples, combined(AT, 499, '/pay?card=4111111111111111'), 'shop', AT);
  see(samples, combined(AT, 200), 'shop', AT);
  const [kept, ...more] = samples.of('shop', 499);
  assert.deepEqual(
    [kept.cause, kept.exchange.path, more.length, samples.of('shop', 200).length],
    ['client_gave_up', '/pay', 0, 0],
  );
  assert.ok(kept.line.includes('/pay?card=… HTTP') && !kept.line.includes('4111'), kept.line);
});

test('after a burst it is one a second, and the newest stay', () => {
  const samples = new Samples();
  for (let i = 0; i < 5000; i++) see(samples, combined(AT + i * 20, 502, `/${i}`), 'shop', AT + i * 20);
  const kept = samples.of('shop', 502);
  assert.equal(kept.length, 40);
  assert.ok(kept[0].at >= AT + 98_000, new Date(kept[0].at).toISOString());
  assert.deepEqual(samples.of('shop', 502, AT, AT + 1000), []);
});

test('addresses are shortened when asked', () => {
  const samples = new Samples({ maskAddresses: true });
  see(samples, combined(AT, 502), 'shop', AT);
  assert.match(samples.of('shop', 502)[0].line, /^203\.0\.113\.x - -/);
});

test('many sources push out the longest idle', () => {
  const samples = new Samples();
  for (let i = 0; i < 600; i++) see(samples, combined(AT, 502), `s${i}`, AT + i);
  assert.deepEqual([samples.of('s0', 502).length, samples.of('s599', 502).length], [0, 1]);
});
