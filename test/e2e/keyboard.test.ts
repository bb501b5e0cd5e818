// The keys: one table for handler and help, and nothing fires while somebody types.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { combinedLine, send } from '../support/access-log.ts';
import { noBrowser, openBrowser, openPage } from '../support/browser.ts';
import { startServer, temporaryFolder } from '../support/server.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

test('keys go, help, search and clear', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'shop', [combinedLine()]);
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await page.locator('canvas').waitFor();
  const path = () => new URL(page.url()).pathname;

  for (const [keys, to] of [
    ['gi', '/incidents'],
    ['gs', '/sources'],
    ['gc', '/codes'],
    ['gr', '/rules'],
    ['go', '/'],
  ] as const) {
    await Promise.all([...keys].map((key) => page.keyboard.press(key))); // in one breath: a chord waits a second only
    await page.waitForURL((url) => url.pathname === to);
  }
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('acknowledge the incident').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await page.keyboard.press('Control+k');
  await page.locator('[role="combobox"]:focus').waitFor();
  await page.keyboard.type('504 gateway');
  await page.getByRole('option', { name: /504 Gateway Timeout/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/codes\/504/);
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  // Typing into a box is typing.
  await Promise.all(['g', 'c'].map((key) => page.keyboard.press(key)));
  await page.waitForURL(/\/codes$/);
  await page.keyboard.press('/');
  await page.locator('[type="search"]:focus').waitFor();
  await page.keyboard.type('gateway go t?');
  assert.equal(path(), '/codes');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'gateway go t?');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await assertClean();
});
