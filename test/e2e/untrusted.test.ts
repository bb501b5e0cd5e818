// Text from outside is text: markup in paths, agents, hosts, upstreams, source names, notes and the address never runs.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { combinedLine, nginxLine, send } from '../support/access-log.ts';
import { noBrowser, openBrowser, openPage } from '../support/browser.ts';
import { startServer, temporaryFolder } from '../support/server.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const ATTACKS = [
  '<img src=x onerror=alert(1)>',
  '<script>alert(1)</script>',
  '"><svg/onload=alert(1)>',
  "';alert(1)//",
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '</title><script>alert(1)</script>',
  '__proto__',
  'constructor',
];

test('injected markup is shown as text and never runs', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  for (const attack of ATTACKS) {
    const path = `/${attack.replaceAll(' ', '%20').replaceAll('"', "'")}`;
    await send(server.url, attack.slice(0, 60).replaceAll('/', '|'), [
      ...Array.from({ length: attack === ATTACKS[0] ? 20 : 8 }, () =>
        nginxLine({ code: 502, path, host: attack, upstream: attack, refused: true }),
      ),
      combinedLine({ code: 500, path, agent: attack }),
      `${attack} this line cannot be read`,
    ]);
  }
  await fetch(`${server.url}/api/annotations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: ATTACKS[0], kind: 'deploy' }),
  });
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(server.url);
  await page.locator('section[aria-label="What changed"]').getByText(ATTACKS[0], { exact: true }).first().waitFor();
  await page.getByRole('slider').hover();

  const first = encodeURIComponent(ATTACKS[0]);
  for (const path of [
    '/sources',
    `/sources/${first}`,
    `/?source=${first}`,
    `/codes?q=${first}`,
    `/incidents?q=${first}`,
    `/incidents`,
    `/contract`,
    `/${first}`,
    `/?from=${first}&to=${first}&class=${first}&code=${first}&show=${first}`,
  ]) {
    await page.goto(server.url + path);
    await page.locator('main').getByText(/\S/).first().waitFor();
    assert.equal(await page.locator('main :is(script, img, [onerror], [onload])').count(), 0, path);
  }
  await page.goto(`${server.url}/setup`);
  await page
    .getByLabel('Log lines')
    .fill(ATTACKS.map((attack) => combinedLine({ agent: attack.replaceAll('"', "'") })).join('\n'));
  await page.getByText('of 9 lines read').waitFor();
  await assertClean();
});
