// What troubles the server itself, as the dashboard shows it: in every view, only while it lasts.
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Browser } from 'playwright-core';
import { combinedLine, send } from '../support/access-log.ts';
import { noBrowser, openBrowser, openPage } from '../support/browser.ts';
import { startServer, temporaryFolder } from '../support/server.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

test(
  'while another process keeps the database from being written, every view says so and why, and nothing of it stays',
  { skip: noBrowser },
  async (t) => {
    const dataDir = temporaryFolder(t);
    const server = await startServer(t, { dataDir });
    await send(server.url, 'web', [combinedLine()]);
    const { page, assertClean } = await openPage(t, browser);
    await page.goto(server.url);
    await page.getByText('web is normal').waitFor();
    const other = new Sqlite(join(dataDir, 'fivealarm.db'));
    other.exec('BEGIN IMMEDIATE');
    const banner = page.getByText('This server refuses new lines.');
    await banner.first().waitFor();
    await page.getByText('database is locked').waitFor(); // said once
    await page.goto(`${server.url}/rules`);
    await banner.first().waitFor();
    other.exec('ROLLBACK');
    other.close();
    await page.locator('.band').waitFor({ state: 'detached' });
    await assertClean();
  },
);
