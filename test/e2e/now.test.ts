// The Now page: live numbers, zoom and back, filters in the address, pausing, and a break of the connection.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { combinedLine, send } from '../support/access-log.ts';
import { noBrowser, openBrowser, openPage } from '../support/browser.ts';
import { freePort, startServer, temporaryFolder } from '../support/server.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const requests = (page: Page, n: string) =>
  page
    .locator('.legend')
    .getByText(new RegExp(`^${n} requests?$`))
    .waitFor();
/** Lines of the last minutes, so that there is something to zoom into; they stay on the page of 15 for as long as a slow test takes. */
const minutes = (n: number, code = 200) =>
  Array.from({ length: n * 6 }, (_, i) => combinedLine({ code, at: Date.now() - i * 10_000 }));

test('counts arrive live, and codes are named', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'web', [combinedLine(), combinedLine({ code: 404 })]);
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await requests(page, '2');
  await send(server.url, 'web', [combinedLine({ code: 404 }), combinedLine({ code: 301 }), combinedLine()]);
  await requests(page, '5');
  const row = page.locator('section[aria-label="Codes"] tr', { hasText: '404' });
  assert.match(await row.innerText(), /Not Found/);
  assert.match(await row.innerText(), /\b2\b/);
  assert.match(
    (await page.locator('canvas').first().getAttribute('aria-label')) ?? '',
    /5 requests in 15.min; 4xx 2, 3xx 1, 2xx 2/,
  );
  await assertClean();
});

test('a drag zooms, the address says so, and Back undoes it', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'web', minutes(11));
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await requests(page, '66');
  const box = (await page.getByRole('slider').boundingBox())!;
  await page.mouse.move(box.x + box.width * 0.3, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + 100, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=\d{4}-.*&to=\d{4}-/);
  const { searchParams } = new URL(page.url());
  const span = Date.parse(searchParams.get('to')!) - Date.parse(searchParams.get('from')!);
  assert.ok(span > 240_000 && span < 320_000, `about 30% of 15 min, not ${span} ms`);
  await page.getByRole('button', { name: 'zoom out' }).waitFor();
  // The pointer still rests on the chart: what it held was the range before.
  await page.getByRole('img', { name: /2\d requests in [45].min/ }).waitFor();
  await page.mouse.move(5, 5);
  await page.goBack();
  await requests(page, '66');
  assert.equal(new URL(page.url()).search, '');
  await send(server.url, 'web', [combinedLine()]);
  await requests(page, '67'); // nothing is held any more

  // The keyboard can do the same.
  await page.getByRole('slider').focus();
  for (const key of [
    'ArrowLeft',
    'ArrowLeft',
    'ArrowLeft',
    'Shift+ArrowLeft',
    'Shift+ArrowLeft',
    'Shift+ArrowLeft',
    'Shift+ArrowLeft',
    'Enter',
  ])
    await page.keyboard.press(key);
  await page.waitForURL(/from=\d{4}-/);
  await page.getByRole('button', { name: 'zoom out' }).click();
  await page.waitForURL((url) => url.search === '');
  await assertClean();
});

test('filters and presets live in the address', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'web', [combinedLine(), combinedLine({ code: 500 }), combinedLine({ code: 404 })]);
  await send(server.url, 'api', [combinedLine({ code: 502 })]);
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await requests(page, '4');
  await page.getByRole('button', { name: '5xx' }).first().click();
  await page.waitForURL(/class=5xx/);
  assert.deepEqual(await page.locator('section[aria-label="Codes"] tbody tr b').allInnerTexts(), ['500', '502']);
  await page.locator('section[aria-label="Sources"]').getByRole('button', { name: 'api' }).click();
  await page.waitForURL(/source=api/);
  await requests(page, '1');
  await page.getByRole('button', { name: '1h', exact: true }).click();
  await page.waitForURL(/from=now-1h/);
  await requests(page, '1');
  await page.getByRole('button', { name: 'share', exact: true }).click();
  await page.waitForURL(/show=share/);
  // Whoever is sent the link sees the same.
  const { page: other } = await openPage(t, browser);
  await other.goto(page.url());
  await requests(other, '1');
  assert.equal(await other.getByRole('button', { name: 'share', exact: true }).getAttribute('aria-pressed'), 'true');
  await page.keyboard.press('Escape');
  await requests(page, '4');
  await assertClean();
});

test('space pauses the drawing, says how much is new, and catches up', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'web', [combinedLine()]);
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await requests(page, '1');
  await page.keyboard.press('Space');
  await page.getByText('Paused').first().waitFor();
  await send(
    server.url,
    'web',
    Array.from({ length: 1284 }, () => combinedLine()),
  );
  await page.getByRole('button', { name: '1,284 new' }).waitFor();
  await requests(page, '1');
  await page.getByRole('button', { name: '1,284 new' }).click();
  await requests(page, '1,285');
  await assertClean();
});

test('a moving range is asked for anew as time goes on', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'web', [combinedLine({ code: 500 })]);
  const { page, assertClean } = await openPage(t, browser);
  const asked = (dimension: string, not?: string) =>
    page.waitForRequest((request) => {
      const { pathname, searchParams } = new URL(request.url());
      return (
        pathname === '/api/breakdown' && searchParams.get('dimension') === dimension && searchParams.get('to') !== not
      );
    });
  const first = asked('cause');
  await page.goto(server.url);
  const { searchParams } = new URL((await first).url());
  await asked('cause', searchParams.get('to')!);
  await assertClean();
});

test('a lost connection is told with the age of the data, and made good on return', { skip: noBrowser }, async (t) => {
  const dataDir = temporaryFolder(t);
  const port = await freePort();
  const first = await startServer(t, { dataDir, port });
  await send(first.url, 'web', [combinedLine()]);
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(first.url);
  await requests(page, '1');
  await first.kill();
  await page.getByText(/Reconnecting….*data as of \d\d:\d\d:\d\d/).waitFor();
  const second = await startServer(t, { dataDir, port });
  await send(second.url, 'web', [combinedLine(), combinedLine()]);
  await requests(page, '3');
  await page.getByText('Reconnecting…').waitFor({ state: 'hidden' });
  await assertClean(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection/);
});

test('Explore says of which codes and which source it tells, as its address does', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'web', [combinedLine({ code: 502, path: '/cart' }), combinedLine()]);
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(`${server.url}/explore?codes=502&source=web`);
  await page.getByRole('cell', { name: '/cart' }).waitFor();
  await page.getByRole('columnheader', { name: 'of 502s' }).waitFor();
  assert.deepEqual(
    await page
      .locator('select')
      .evaluateAll((all) => all.map((select) => (select as unknown as { value: string }).value)),
    ['502', 'web'],
  );
  await page.locator('select').first().selectOption('5xx');
  await page.waitForURL(/codes=5xx/);
  await assertClean();
});

test(
  'of lines that cannot be read the newest comes first, on the overview and in the doctor',
  { skip: noBrowser },
  async (t) => {
    const server = await startServer(t, { dataDir: temporaryFolder(t) });
    const broken = (path: string) => combinedLine({ path }).replace(' 200 ', ' abc ');
    for (const line of [combinedLine(), broken('/first'), broken('/second')]) await send(server.url, 'shop', [line]);
    const { page, assertClean } = await openPage(t, browser);
    await page.goto(server.url);
    const sources = page.getByRole('region', { name: 'Sources' });
    await sources.getByText('last rejected line').waitFor();
    assert.match(await sources.locator('.miss code').innerText(), /\/second/);
    await page.goto(`${server.url}/sources/shop`);
    const doctor = page.getByRole('region', { name: 'Not read' });
    await doctor.getByText('/second').waitFor();
    assert.deepEqual(
      (await doctor.locator('code').allInnerTexts()).map((text) => /\/(first|second)/.exec(text)?.[1]),
      ['second', 'first'],
    );
    await assertClean();
  },
);

test(
  'a source of which nothing is read is not called normal, and one whose lines are of another time says so',
  { skip: noBrowser },
  async (t) => {
    const server = await startServer(t, { dataDir: temporaryFolder(t) });
    await send(
      server.url,
      'chatty',
      Array.from({ length: 12 }, (_, i) => `the application says ${i}`),
    );
    await send(
      server.url,
      'slow-clock',
      Array.from({ length: 5 }, (_, i) => combinedLine({ at: Date.now() - 1_200_000 - i * 1000 })),
    );
    const { page, assertClean } = await openPage(t, browser);
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'No line from chatty can be read' }).waitFor();
    await page
      .getByRole('button', { name: /slow-clock sends lines from 20.min ago: old data, or its clock is behind/ })
      .waitFor();
    await assertClean();
  },
);

test(
  'one of many sources is shown by itself, live, whether or not it is among those that are listed',
  { skip: noBrowser },
  async (t) => {
    const server = await startServer(t, { dataDir: temporaryFolder(t) });
    for (let i = 0; i < 30; i++)
      await send(
        server.url,
        `busy-${i}`,
        Array.from({ length: 40 }, () => combinedLine()),
      );
    await send(server.url, 'quiet', [combinedLine(), combinedLine({ code: 404 })]);
    const { page, assertClean } = await openPage(t, browser);
    await page.goto(server.url);
    await requests(page, '1,202');
    await page.getByText('all 31 sources').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('quiet');
    await page.getByRole('option', { name: 'source quiet' }).click();
    await page.waitForURL(/source=quiet/);
    await requests(page, '2');
    await page.getByRole('region', { name: 'Sources' }).getByRole('button', { name: 'quiet' }).waitFor();
    await send(server.url, 'quiet', [combinedLine()]);
    await send(server.url, 'busy-3', [combinedLine()]);
    await requests(page, '3');
    await page
      .getByRole('region', { name: 'Sources' })
      .getByRole('button', { name: 'busy-1', exact: false })
      .first()
      .click();
    await requests(page, '40');
    await page.keyboard.press('Escape');
    await requests(page, '1,204');
    await assertClean();
  },
);
