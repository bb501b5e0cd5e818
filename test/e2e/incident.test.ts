// An outage from the first failing request to the runbook: it opens on an open page, says who failed, and is acknowledged.
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { Browser } from 'playwright-core';
import { nginxLine, send } from '../support/access-log.ts';
import { axeProblems, noBrowser, openBrowser, openPage, overflows } from '../support/browser.ts';
import { startServer, temporaryFolder } from '../support/server.ts';

let browser: Browser;
before(async () => {
  if (!noBrowser) browser = await openBrowser();
});
after(() => browser?.close());

const healthy = (n: number) =>
  Array.from({ length: n }, (_, i) => nginxLine({ path: `/items/${i}`, upstream: `10.0.0.${1 + (i % 3)}:8080` }));
const refused = (n: number) =>
  Array.from({ length: n }, (_, i) =>
    nginxLine({ code: 502, path: `/items/${i}`, upstream: '10.0.0.3:8080', refused: true }),
  );

/** An outage that goes on for as long as the test. A source this young pages only when most of it fails: less may be its normal. */
function outage(t: TestContext, url: string): void {
  // The last one may meet a server that is already gone.
  const timer = setInterval(() => void send(url, 'shop', [...healthy(6), ...refused(34)]).catch(() => {}), 500);
  t.after(() => clearInterval(timer));
}

test(
  'an outage opens on the page by itself, names the broken link, and is taken with one key',
  { skip: noBrowser },
  async (t) => {
    const server = await startServer(t, { dataDir: temporaryFolder(t) });
    await send(server.url, 'shop', healthy(60));
    const { page, assertClean } = await openPage(t, browser);
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'shop is normal' }).waitFor();
    const verdict = page.getByRole('region', { name: 'Verdict' });
    outage(t, server.url);
    await verdict.getByText(/^firing/).waitFor(); // it is shown as pending before
    await verdict.getByText('not acknowledged').waitFor();
    assert.match(await verdict.innerText(), /shop: (502s|server failures, mostly 502,) at \d+% of requests/);
    assert.match(await page.title(), /^\(1\) /);
    assert.match((await page.locator('link[rel="icon"]').getAttribute('href')) ?? '', /^data:image\/png/);
    await page.getByRole('alert').getByText(/502/).waitFor({ state: 'attached' });

    await page.keyboard.press('Enter');
    await page.waitForURL(/\/incidents\/\d+/);
    const path = page.getByRole('region', { name: 'Who failed' });
    await path.getByText('connection failed at once').first().waitFor();
    assert.equal(await path.locator('.link.broken').count(), 1);
    assert.match(await path.locator('.node.bad').innerText(), /10\.0\.0\.3:8080/);
    assert.match(
      await page.getByRole('region', { name: 'Check next' }).innerText(),
      /10\.0\.0\.3/,
      "the commands hold the incident's own values",
    );
    assert.match(await page.getByRole('region', { name: 'Evidence' }).innerText(), /\d+ of \d+/);
    await page.getByRole('region', { name: 'Similar codes' }).getByText('504').first().waitFor();
    await page.getByRole('region', { name: 'Timeline' }).locator('canvas').waitFor();
    await page.getByRole('region', { name: 'Why did this fire' }).getByText('firing').first().waitFor();
    assert.deepEqual(await axeProblems(page), []);

    await page.keyboard.press('a');
    await page.getByText('acknowledged by someone').waitFor();
    await page.getByRole('textbox', { name: 'Note' }).fill('<b>Rolled back</b> 2.4.1');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('region', { name: 'Notes' }).getByText('<b>Rolled back</b> 2.4.1').waitFor();
    await page.getByRole('button', { name: 'Silence' }).click();
    await page.getByRole('button', { name: '1 h', exact: true }).click();
    await page.getByRole('button', { name: 'End silence' }).waitFor();
    assert.doesNotMatch(await page.locator('.verdict .line').innerText(), / {2,}·|·\s*$/);
    await assertClean();

    // On paper: white, nothing to click, nothing cut off or laid over something else.
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 703, height: 1000 });
    const paper = await page.evaluate<{
      grounds: string[];
      buttons: number;
      wide: string[];
      covered: string[];
    }>(`(() => {
    const cards = [...document.querySelectorAll('main > section, main .card')].filter((e) => e.offsetParent);
    const boxes = cards.map((e) => [e.ariaLabel, e.getBoundingClientRect()]);
    return {
      grounds: [...new Set([document.body, ...cards].map((e) => getComputedStyle(e).backgroundColor))],
      buttons: [...document.querySelectorAll('button')].filter((e) => e.checkVisibility()).length,
      wide: [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > 704 && !e.closest('.sr, .scroll-x, svg')).map((e) => e.className || e.tagName),
      covered: boxes.filter(([, box], i) => i > 0 && box.top < boxes[i - 1][1].bottom).map(([name]) => name),
    };
  })()`);
    assert.deepEqual(paper, { grounds: ['rgb(255, 255, 255)'], buttons: 0, wide: [], covered: [] });
    await page.emulateMedia({ media: 'screen' });
    await page.setViewportSize({ width: 1280, height: 900 });

    // The same at night, in one hand.
    const { page: phone, assertClean: assertPhoneClean } = await openPage(t, browser, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    await phone.goto(page.url());
    await phone.getByText('connection failed at once').first().waitFor();
    assert.equal(await overflows(phone), 0);
    const thumb = (await phone.getByRole('button', { name: 'End silence' }).boundingBox())!;
    assert.ok(thumb.y > 844 * 0.8 && thumb.height >= 44, 'within reach of a thumb');
    await assertPhoneClean();

    await page.goto(`${server.url}/incidents`);
    await page
      .getByRole('region', { name: 'Open' })
      .getByRole('link', { name: /10\.0\.0\.3:8080|502/ })
      .first()
      .waitFor();
    await assertClean();
  },
);

test('an incident that is not there says so', { skip: noBrowser }, async (t) => {
  const server = await startServer(t, { dataDir: temporaryFolder(t) });
  const { page, assertClean } = await openPage(t, browser);
  await page.goto(`${server.url}/incidents/99`);
  await page.getByRole('link', { name: 'All incidents' }).waitFor();
  await assertClean(/404/);
});
