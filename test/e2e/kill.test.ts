// The promise behind every 200: killed at any moment, thirty times over, under senders that repeat what was not answered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer, temporaryFolder, totals, type Running } from '../support/server.ts';

const KILLS = 30;
const SENDERS = 6;
const CODES = [200, 200, 200, 304, 404, 500, 502, 503, 504];

/** Lines with their own times, to the ms, so that a body alone says which batch it is. */
function batchOf(n: number): { body: string; codes: number[] } {
  const codes = Array.from({ length: 2 + (n % 60) }, (_, i) => CODES[(n * 7 + i) % CODES.length]);
  const lines = codes.map((code, i) =>
    JSON.stringify({
      time: new Date(Date.UTC(2024, 0, 31) + n * 1000 + i).toISOString(),
      status: code,
      request_uri: `/p/${n}`,
      request_method: 'GET',
    }),
  );
  return { body: `${lines.join('\n')}\n`, codes };
}

test(
  '30 kills under retrying senders: every batch counts once, by Idempotency-Key and by body',
  { timeout: 600_000 },
  async (t) => {
    const dataDir = temporaryFolder(t);
    let server: Promise<Running> = startServer(t, { dataDir });
    const expected: Record<string, number> = {};
    let next = 0,
      answered = 0,
      kills = 0,
      refused = 0;
    let answer: () => void = () => {};

    async function deliver(n: number): Promise<void> {
      const { body, codes } = batchOf(n);
      const headers: Record<string, string> = n % 2 === 0 ? { 'idempotency-key': `batch-${n}` } : {};
      for (;;) {
        try {
          const response = await fetch(`${(await server).url}/ingest/killed`, { method: 'POST', body, headers });
          const said = (await response.json()) as { accepted: number };
          if (response.status === 200) {
            assert.equal(said.accepted, codes.length);
            for (const code of codes) expected[code] = (expected[code] ?? 0) + 1;
            answered++;
            return answer();
          }
          assert.equal(response.status, 503);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          refused++; // cut off: send again
          await new Promise(setImmediate); // let the killer put the next server in place
        }
      }
    }

    async function sender(): Promise<void> {
      while (kills < KILLS) await deliver(next++);
    }

    async function killer(): Promise<void> {
      for (; kills < KILLS; kills++) {
        // After some answers more, while others are on their way: each time at another point of the others' batches.
        const goal = answered + 5 + ((kills * 13) % 40);
        await new Promise<void>((resolve) => {
          answer = () => {
            if (answered >= goal) resolve();
          };
        });
        for (let turns = (kills * 29) % 50; turns > 0; turns--) await new Promise(setImmediate);
        const killed = await server;
        server = killed.kill().then(() => startServer(t, { dataDir }));
        await server;
      }
    }

    await Promise.all([killer(), ...Array.from({ length: SENDERS }, sender)]);
    const { url, stop } = await server;
    assert.deepEqual(await totals(url, 'killed'), expected);
    const { sources } = (await (await fetch(`${url}/api/sources`)).json()) as {
      sources: { received: number; accepted: number; rejected: number; skipped: number; duplicate: number }[];
    };
    const [source] = sources;
    assert.equal(
      source.accepted,
      Object.values(expected).reduce((sum, n) => sum + n, 0),
    );
    assert.equal(source.received, source.accepted + source.rejected + source.skipped + source.duplicate);
    assert.ok(refused > 0);
    t.diagnostic(
      `${answered} batches, ${refused} requests cut off, ${source.duplicate} lines came again and counted once`,
    );
    assert.equal(await stop(), 0);
  },
);
