// What a page costs, whatever there is to show and however it reads. A tick stands for a second.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import type { Counts, Delta, Hello } from '#shared/live.ts';
import { until } from '../support/server.ts';
import { openHub, settled, SlowPage, type TestHub } from './support.ts';

const KB = 1024;

/** Ticks, with something new in each, while the page reads so much in each. */
async function ticks(
  world: TestHub,
  n: number,
  pages: readonly { page: SlowPage; bytes: number }[],
  each: () => void = () => {},
): Promise<void> {
  for (let i = 0; i < n; i++) {
    world.window.add(1, world.clock.now / 1000, 502, 1, world.clock.now);
    await world.hub.tick();
    // in small bites, as a line gives it
    for (let bite = 0; bite < 10; bite++) {
      for (const { page, bytes } of pages) page.read(bytes / 10);
      await settled();
    }
    each();
  }
}

const sumOf = (frames: readonly Counts[], name: string | null): number =>
  frames.reduce(
    (sum, { names, counts }) =>
      sum + counts.reduce((n, [, source, , count]) => n + (names[source] === name ? count : 0), 0),
    0,
  );

async function pageOf(world: TestHub, query = ''): Promise<SlowPage> {
  const page = new SlowPage(world.port, query),
    before = world.hub.clients;
  await page.opened;
  await until(
    async () => world.hub.clients,
    (n) => n > before,
    5000,
  );
  return page;
}

/** Reads what is there until everything that was asked for has come. */
async function whole(page: SlowPage): Promise<(Hello | Counts)[]> {
  await until(
    async () => {
      page.read(Infinity);
      const last = page.frames.at(-1);
      return last !== undefined && last.type !== 'delta' && !last.more;
    },
    Boolean,
    10_000,
  );
  return page.frames as (Hello | Counts)[];
}

test('a hello is at most 256 KB at 300 sources with 17 codes, all on fire, with as many incidents and marks; and what it leaves out is counted', async (t) => {
  const world = await openHub(t, { sources: 300, codes: 17, incidents: 300, annotations: 500 });
  const page = await pageOf(world),
    frames = await whole(page);
  const bytes = page.sizes.reduce((a, b) => a + b, 0);
  assert.ok(bytes <= 256 * KB, `${bytes} bytes`);
  const [hello] = frames as [Hello];
  assert.deepEqual(
    [hello.overview.sources, hello.overview.open, hello.overview.firing, hello.overview.pending],
    [300, 300, 300, 300],
  );
  for (const list of [hello.sources, hello.incidents, hello.pending, hello.annotations])
    assert.ok(list.length >= 10 && list.length < 300, String(list.length));
  assert.equal(hello.incidents[0].id, 1, 'the most urgent first');
  assert.equal(
    sumOf(frames, null),
    91 * 300 * Array.from({ length: 17 }, (_, i) => 1000 + i).reduce((a, b) => a + b, 0),
    'and every request is in its counts',
  );
});

test('however many codes there are, no message is longer than 256 KB, and together they hold every count once', async (t) => {
  const world = await openHub(t, { sources: 3, codes: 560 });
  const { name } = world.statuses[1];
  const page = await pageOf(world, `?source=${encodeURIComponent(name)}`),
    frames = await whole(page);
  assert.ok(
    frames.length > 10 && Math.max(...page.sizes) <= 256 * KB,
    `${frames.length} messages, of ${Math.max(...page.sizes)} bytes at most`,
  );
  const one = 91 * Array.from({ length: 560 }, (_, i) => 1000 + i).reduce((a, b) => a + b, 0);
  assert.deepEqual([sumOf(frames, name), sumOf(frames, null)], [one, 2 * one]);
});

test('a reader of 50 KB a second gets its page in some seconds; one of 8 KB a second is never let go, and is told what is news', async (t) => {
  const world = await openHub(t, { sources: 300, codes: 17, incidents: 300, annotations: 500 });
  const [slow, slower] = [
    await pageOf(world),
    await pageOf(world, `?source=${encodeURIComponent(world.statuses[6].name)}`),
  ];
  await ticks(world, 6, [
    { page: slow, bytes: 50 * KB },
    { page: slower, bytes: 8 * KB },
  ]);
  assert.equal(slow.frames[0]?.type, 'hello');
  await ticks(world, 90, [
    { page: slow, bytes: 50 * KB },
    { page: slower, bytes: 8 * KB },
  ]);
  for (const page of [slow, slower]) {
    assert.equal(page.closed, false);
    assert.deepEqual([world.hub.stats.stalled, world.hub.clients], [0, 2]);
    assert.equal(page.frames[0].type, 'hello');
  }
  const last = slow.frames.at(-1) as Delta;
  assert.deepEqual([last.type, last.seq], ['delta', 96], 'it keeps up');
  // All that was counted meanwhile reached the slower one too, in fewer messages.
  const told = slower.frames.filter((frame) => frame.type !== 'counts').map(({ seq }) => seq);
  assert.ok(told.length > 1 && told.at(-1)! > 60, `told at ${told.join()}`);
});

test('200 clients that read nothing are let go after ten seconds and cost next to nothing until then; who reads is told each second', async (t) => {
  const world = await openHub(t, { sources: 300, codes: 17, incidents: 300, annotations: 500 });
  const page = await pageOf(world);
  await whole(page);
  const stalled = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const client = new SlowPage(world.port, '');
      await client.opened;
      client.socket.pause();
      return client;
    }),
  );
  await until(
    async () => world.hub.clients,
    (n) => n === 201,
    10_000,
  );
  const { made } = world.hub.stats;
  await ticks(world, 9, [{ page, bytes: Infinity }], () => assert.equal((page.frames.at(-1) as Delta).type, 'delta'));
  assert.equal(world.hub.clients, 201, 'not before');
  assert.ok(world.hub.stats.made - made <= 9 + 9, `${world.hub.stats.made - made} messages were made for all of them`);
  await ticks(world, 6, [{ page, bytes: Infinity }]);
  assert.deepEqual([world.hub.clients, world.hub.stats.stalled], [1, 200]);
  for (const { socket } of stalled) socket.resume();
  assert.equal(await until(async () => stalled.every(({ closed }) => closed), Boolean, 10_000), true);
  assert.deepEqual(
    page.frames.filter(({ type }) => type === 'delta').map(({ seq }) => seq),
    Array.from({ length: 15 }, (_, i) => i + 1),
  );
});

test('a message is made once a view, not once a client; and a hello once for all who come in the same second', async (t) => {
  const world = await openHub(t, { sources: 10, codes: 3 });
  const queries = ['', '', '', '', '', '?source=a', '?source=a', '?source=b', '?source=b', '?source=b'];
  const pages = await Promise.all(Array.from({ length: 60 }, (_, i) => pageOf(world, queries[i % queries.length])));
  await until(
    async () => world.hub.clients,
    (n) => n === 60,
    10_000,
  );
  await Promise.all(pages.map(whole));
  assert.equal(world.hub.stats.made, 3, 'hellos');
  await ticks(
    world,
    5,
    pages.map((page) => ({ page, bytes: Infinity })),
  );
  assert.equal(world.hub.stats.made, 3 + 5 * 3, 'deltas');
  for (const { frames } of pages)
    assert.deepEqual(
      frames.map(({ type }) => type),
      ['hello', 'delta', 'delta', 'delta', 'delta', 'delta'],
    );
});

/** A frame of a client, masked with zeros. */
function frame(first: number, payload = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
const TEXT = 0x81,
  TEXT_BEGINS = 0x01,
  GOES_ON = 0x00,
  PING = 0x89,
  PONG = 0x8a;
const asking = (source: string | null): Buffer => frame(TEXT, Buffer.from(JSON.stringify({ view: { source } })));

test('a client that asks for one view after another costs no more than there are views, and is not sent more than it takes', async (t) => {
  const world = await openHub(t, { sources: 5, codes: 17 });
  const page = await pageOf(world);
  await whole(page);
  const asks = Buffer.concat(
    Array.from({ length: 40 }, (_, i) => asking(i % 3 === 0 ? null : world.statuses[i % 5].name.slice(0, 60))),
  );
  page.socket.write(asks);
  await ticks(world, 5, []);
  assert.equal(world.hub.clients, 1);
  assert.ok(world.hub.stats.made < 60, `${world.hub.stats.made} messages were made`);
  page.socket.write(asking('last'));
  const { view } = await until(
    async () => {
      page.read(Infinity);
      await settled();
      return page.frames.filter((frame): frame is Hello => frame.type === 'hello').at(-1)!;
    },
    (hello) => hello.view.source === 'last',
    10_000,
  );
  assert.equal(view.source, 'last');
});

const FLOODS: Record<string, () => Buffer> = {
  asks: () => Buffer.concat(Array.from({ length: 5000 }, (_, i) => asking(`source-${i}`))),
  'pieces of one message': () => Buffer.concat([frame(TEXT_BEGINS), ...Array<Buffer>(100_000).fill(frame(GOES_ON))]),
  'pieces of a byte each': () =>
    Buffer.concat([frame(TEXT_BEGINS), ...Array<Buffer>(4000).fill(frame(GOES_ON, Buffer.from('x')))]),
  pings: () => Buffer.alloc(131 * 20_000, frame(PING, Buffer.alloc(125))),
  'pongs that nobody asked for': () => Buffer.alloc(12 * 20_000, frame(PONG, Buffer.alloc(6))),
};
for (const [what, bytesOf] of Object.entries(FLOODS)) {
  test(`a client that floods is told so, let go and not read any more: ${what}`, async (t) => {
    const world = await openHub(t, { sources: 5, codes: 17 });
    const page = await pageOf(world);
    await whole(page);
    const made = world.hub.stats.made;
    page.socket.write(bytesOf());
    await until(
      async () => {
        page.read(Infinity);
        await settled();
        return page.closed;
      },
      Boolean,
      10_000,
    );
    assert.equal(page.closedWith, 1008);
    await until(
      async () => world.hub.clients,
      (n) => n === 0,
      10_000,
    );
    assert.equal(world.hub.clients, 0);
    assert.ok(world.hub.stats.made - made <= 51, `${world.hub.stats.made - made} messages were made`);
  });
}
