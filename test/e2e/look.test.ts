// Every page in every look: nothing runs off a phone, axe finds nothing, no policy is violated, no error is logged.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { combinedLine, nginxLine, send } from '../support/access-log.ts';
import { axeProblems, noBrowser, openBrowser, openPage, overflows } from '../support/browser.ts';
import { startServer, temporaryFolder } from '../support/server.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const PAGES = [
  '/',
  '/incidents',
  '/sources',
  '/sources/shop',
  '/codes',
  '/codes/502',
  '/codes/799',
  '/contract',
  '/rules',
  '/setup',
  '/explore',
  '/explore?by=duration',
  '/nowhere',
];
const LOOKS = [
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'light', options: { colorScheme: 'light' } },
  {
    name: 'phone',
    options: { colorScheme: 'dark', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  },
] as const;

for (const { name, options } of LOOKS) {
  test(`every page is accessible, whole and quiet: ${name}`, { skip: noBrowser }, async (t) => {
    const server = await startServer(t, { dataDir: temporaryFolder(t) });
    await send(server.url, 'shop', [
      ...Array.from({ length: 300 }, (_, i) =>
        nginxLine({ code: [200, 200, 200, 304, 404, 301, 500][i % 7], path: `/items/${i}`, at: Date.now() - i * 1000 }),
      ),
      'no log line',
    ]);
    await send(server.url, 'a-source-with-a-rather-long-name.prod.eu-central-1.internal', [
      combinedLine({ path: `/${'long'.repeat(60)}` }),
    ]);
    // a finding, of a source with the longest name there can be
    await send(
      server.url,
      'x'.repeat(120),
      Array.from({ length: 400 }, (_, i) =>
        nginxLine({ code: i % 2 ? 403 : 404, path: `/documents/${i}/${'pages'.repeat(20)}`, at: Date.now() - i * 100 }),
      ),
    );
    const { page, assertClean } = await openPage(t, browser, options);
    await page.goto(`${server.url}/contract`);
    await page.getByRole('button', { name: /^Dismiss for x/ }).waitFor();
    const found: string[] = [];
    for (const path of PAGES) {
      await page.goto(server.url + path);
      await page.locator('main').getByText(/\S/).first().waitFor();
      await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
      if ((await overflows(page)) > 0) found.push(`${path} is wider than the window`);
      found.push(...(await axeProblems(page)).map((problem) => `${path} ${problem}`));
    }
    assert.deepEqual(found, []);
    await assertClean();
  });
}

test(
  'the theme follows the system until one is chosen, and charts follow the theme',
  { skip: noBrowser },
  async (t) => {
    const server = await startServer(t, { dataDir: temporaryFolder(t) });
    await send(server.url, 'shop', [combinedLine()]);
    const { page, assertClean } = await openPage(t, browser);
    await page.goto(server.url);
    await page.locator('canvas').waitFor();
    const theme = (name: string) => page.locator(`html[data-theme="${name}"]`).waitFor({ state: 'attached' });
    await theme('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await theme('light');
    const pixels = () => page.evaluate<string>('document.querySelector("canvas").toDataURL()');
    const light = await pixels();
    await page.keyboard.press('t');
    await theme('dark');
    assert.notEqual(await pixels(), light);
    await page.reload();
    await theme('dark'); // chosen, and kept
    await assertClean();
  },
);

test(
  'on a phone the classes of codes are folded, say what is seen of them, and open by hand or by a filter',
  { skip: noBrowser },
  async (t) => {
    const server = await startServer(t, { dataDir: temporaryFolder(t) });
    await send(server.url, 'shop', [nginxLine({ code: 504 }), nginxLine({ code: 200 })]);
    const { page, assertClean } = await openPage(t, browser, LOOKS[2].options);
    await page.goto(`${server.url}/codes`);
    const failures = page.getByRole('region', { name: 'server error' });
    await failures.getByText('504 seen here').waitFor();
    const row = failures.getByText('Gateway Timeout');
    assert.equal(await row.isVisible(), false);
    await failures.locator('summary').focus();
    await page.keyboard.press('Enter');
    await row.waitFor();
    assert.deepEqual(await axeProblems(page), []);
    await page.getByRole('searchbox').fill('teapot');
    await page.getByText("I'm a Teapot").waitFor();
    assert.ok((await page.evaluate<number>('document.documentElement.scrollHeight')) < 1500);
    await assertClean();
  },
);

test('on a phone a long route has the whole width, and its numbers stand below it', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'shop', [
    nginxLine({ path: `/${'long-route-segment/'.repeat(5)}end` }),
    nginxLine({ path: '/cart' }),
  ]);
  const { page, assertClean } = await openPage(t, browser, LOOKS[2].options);
  await page.goto(`${server.url}/explore`);
  const box = async (text: RegExp) => (await page.getByRole('cell', { name: text }).boundingBox())!;
  const long = await box(/long-route-segment/),
    short = await box(/^\/cart$/);
  assert.ok(long.width > 300 && short.width < 200, `${long.width} and ${short.width} px`);
  assert.deepEqual(await axeProblems(page), []);
  await assertClean();
});

test('on a phone what arrives after the page does not move what is being read', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  await send(server.url, 'shop', [nginxLine({ code: 502 }), nginxLine()]);
  const { page, assertClean } = await openPage(t, browser, LOOKS[2].options);
  // Once drawn, they are in what a page is sent when it opens: what comes later is news, and may move it.
  await page.goto(server.url);
  await page.locator('.legend').getByText('50%').first().waitFor();
  await page.addInitScript({
    content:
      'window.shifts = 0; new PerformanceObserver((list) => { for (const e of list.getEntries()) window.shifts += e.value; }).observe({ type: "layout-shift", buffered: true });',
  });
  for (const path of ['/', '/sources']) {
    await page.goto(server.url + path);
    await page.locator('.status.live').waitFor();
    await page.getByText('shop').first().waitFor();
    const shifts = await page.evaluate<number>('window.shifts');
    assert.ok(shifts < 0.1, `${path}: ${shifts}`);
  }
  await assertClean();
});
