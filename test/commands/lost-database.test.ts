// The database is taken away from a server that runs: no line is acknowledged after that, and the server says so and stops, so that
// whatever supervises it starts it anew.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { combined } from '../support/app.ts';
import { startServer, temporaryFolder, totals } from '../support/server.ts';

const losses: [what: string, lose: (dataDir: string) => void][] = [
  ['folder', (dataDir) => rmSync(dataDir, { recursive: true })],
  ['file', (dataDir) => rmSync(join(dataDir, 'fivealarm.db'))],
];
for (const [what, lose] of losses) {
  test(
    `after the database's ${what} is removed no line is acknowledged, the server says so and exits with 1, and the next one counts`,
    { timeout: 60_000 },
    async (t) => {
      const dataDir = join(temporaryFolder(t), 'data');
      const server = await startServer(t, { dataDir: temporaryFolder(t), args: ['--data-dir', dataDir] });
      const post = (url: string) =>
        fetch(`${url}/ingest/shop`, { method: 'POST', body: combined(Date.now(), 502) }).then(
          ({ status }) => status,
          () => 'gone',
        );
      assert.equal(await post(server.url), 200);
      lose(dataDir);
      assert.ok([503, 'gone'].includes(await post(server.url)));
      assert.equal(await server.ended(), 1);
      assert.match(server.log(), /fivealarm\.db was removed while the server had it open/);
      assert.doesNotMatch(server.log(), /\n {4}at /);
      const next = await startServer(t, { dataDir: temporaryFolder(t), args: ['--data-dir', dataDir] });
      assert.equal(await post(next.url), 200);
      assert.deepEqual(await totals(next.url), { 502: 1 });
    },
  );
}
