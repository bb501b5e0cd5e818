// The commands of checks carry an incident's own values, and nothing that could break out of them.
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { diagnose } from '../../../server/core/diagnose/evidence.ts';
import { fill, quoted } from '../../../server/core/diagnose/fill.ts';
import { observed } from './observed.ts';

test("checks carry the incident's own values, and leave out what the log does not have", () => {
  const { next } = diagnose(observed({}));
  assert.ok(
    next.some((line) => line.includes('curl -sv -m 3 -o /dev/null http://10.0.0.3:8080/a')),
    next.join('\n'),
  );
  assert.ok(next.every((line) => !line.includes('token=1')));
  const without = diagnose(observed({ causes: [{ cause: 'upstream_connection_refused', hits: 100 }] }));
  assert.ok(without.causes[0].checks.every((check) => !check.run?.includes('{upstream}')));
});

test('text from the log cannot break out of a command', () => {
  assert.equal(quoted("/a'; rm -rf / #"), `'/a'\\''; rm -rf / #'`);
  assert.equal(quoted('-oProxyCommand=x'), "'-oProxyCommand=x'");
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const command = fill(
        'curl http://{upstream}{path} | head',
        new Map([
          ['upstream', 'a:1'],
          ['path', `/${text}`],
        ]),
      )!;
      // Outside of single quotes nothing of the text is left but what is safe.
      const bare = command.slice('curl '.length, -' | head'.length).replace(/'[^']*'|\\'/g, '');
      assert.match(bare, /^[A-Za-z0-9_.:@%+=,/[\]~-]*$/);
    }),
  );
});
