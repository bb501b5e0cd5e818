// The first minutes with the page: nothing there yet, a first line, a bad line, and a log of long ago.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { combinedLine, send } from '../support/access-log.ts';
import { noBrowser, openBrowser, openPage } from '../support/browser.ts';
import { startServer, temporaryFolder, totals } from '../support/server.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

test('the first line turns the page green and shows what was read', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await page.getByRole('heading', { name: 'Waiting for your first log line' }).waitFor();

  await page.getByRole('tab', { name: 'Vector' }).click();
  assert.match(
    await page.getByRole('tabpanel').innerText(),
    new RegExp(`uri: ${server.url}/ingest/web`),
    'the snippet holds the real address',
  );

  await send(server.url, 'shop', [combinedLine({ code: 503, path: '/checkout' })]);
  await page.getByRole('heading', { name: 'It works: 1 line read' }).waitFor();
  const hero = await page.locator('.hero').innerText();
  assert.match(hero, /shop/);
  assert.match(hero, /combined/);
  await page.locator('.hero').getByRole('link', { name: /503/ }).waitFor();

  await page.getByRole('button', { name: 'Open the dashboard' }).click();
  await page.getByRole('heading', { name: /shop is normal|503/ }).waitFor();
  await assertClean();
});

test('sample traffic starts beside the server, labelled, and ends with it', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Start the demo' }).click();
  await page.getByText('Demo: this is sample traffic').waitFor();
  assert.notEqual(new URL(page.url()).port, new URL(server.url).port);
  await page.getByRole('region', { name: 'Sources' }).getByText('demo-shop').waitFor();
  assert.deepEqual(await totals(server.url), {});
  await assertClean();
  assert.equal(await server.stop(), 0);
  await assert.rejects(fetch(page.url()));
});

test('a line that cannot be read says which field failed', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await page.getByRole('heading', { name: 'Waiting for your first log line' }).waitFor();
  const bad = combinedLine().replace(' 200 ', ' banana ');
  await send(server.url, 'shop', [bad]);
  await page.getByRole('heading', { name: 'A line arrived but could not be read' }).waitFor();
  assert.match(await page.locator('.hero p').first().innerText(), /status/i);
  assert.equal(await page.locator('.hero pre').innerText(), bad);
  await assertClean();
});

test('a log of 2015 is found and offered, not drawn as silence', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  const from = Date.UTC(2015, 4, 17, 10, 5);
  await send(
    server.url,
    'old',
    Array.from({ length: 60 }, (_, i) => combinedLine({ code: i % 20 ? 200 : 404, at: from + i * 60_000 })),
  );
  const { page, assertClean } = await openPage(t, browser, { timezoneId: 'UTC' });
  await page.goto(server.url);
  await page.getByText('No requests in this range. The newest request is from').waitFor();
  await page.getByRole('button', { name: 'Go to that time' }).click();
  await page.getByRole('button', { name: /^2xx/ }).getByText('57').waitFor();
  assert.match(page.url(), /from=2015-05-17/);
  await assertClean();
});
