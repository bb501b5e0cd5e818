// Shares as they are said everywhere: in evidence, on the dashboard, in the terminal.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { exactPercent, percent } from '#shared/numbers.ts';

test('a share has more digits the closer it is to nothing or to everything', () => {
  const said = [0, 0.0002, 0.006, 0.01, 0.046, 0.1424, 0.38, 0.994, 0.9991, 1].map((share) => percent(share));
  assert.deepEqual(said, ['0%', '0.02%', '0.6%', '1%', '4.6%', '14.2%', '38%', '99.4%', '99.91%', '100%']);
  assert.equal(percent(9420 / 9422), '99.98%');
  assert.equal(percent(1 / 1e6), '<0.01%');
  assert.equal(percent(1 - 1e-9), '>99.99%');
  assert.equal(percent(0 / 0), '–');
});

test('some is never 0%, less than all is never 100%, and more is never said as less (law)', () => {
  const part = fc
    .integer({ min: 2, max: 1e9 })
    .chain((n) => fc.tuple(fc.integer({ min: 1, max: n - 1 }), fc.constant(n)));
  const valueOf = (text: string): number => Number(text.replace(/[<>%]/g, ''));
  fc.assert(
    fc.property(part, part, ([k, n], [l, m]) => {
      const said = percent(k / n);
      assert.ok(!['0%', '100%'].includes(said), `${k} of ${n}: ${said}`);
      assert.ok(said.startsWith('<') || said.startsWith('>') || Math.abs(valueOf(said) - (100 * k) / n) <= 0.5, said);
      if (k / n <= l / m) assert.ok(valueOf(said) <= valueOf(percent(l / m)), `${said} before ${percent(l / m)}`);
    }),
    { numRuns: 2000 },
  );
});

test('two shares that are compared in a sentence are told apart', () => {
  assert.equal(percent(0.0504, 0.05), '5.04%');
  assert.equal(percent(0.05, 0.05), '5%');
  assert.equal(percent(0.38, 0.05), '38%');
  assert.equal(percent(0.5000001, 0.5), '50%');
});

test('what somebody set is said as it was set', () => {
  assert.deepEqual([0.999, 0.99995, 0.0144, 0.29, 0].map(exactPercent), ['99.9%', '99.995%', '1.44%', '29%', '0%']);
});

// formats have the percent signs of pattern languages
test('nothing else makes percentages', () => {
  const root = join(import.meta.dirname, '../..');
  const found = globSync('{server,shared,web/src}/**/*.{ts,svelte}', { cwd: root })
    .filter((file) => file !== 'shared/numbers.ts' && !file.startsWith('server/formats/'))
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .filter((line) => /\}\s?%(?!\})/.test(line) && !/width|inset|left:|top:|style/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
  assert.deepEqual(found, []);
});
