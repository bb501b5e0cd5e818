// A headless Chromium for the tests that look at the page. Every page opened here remembers what a user must never get:
// script errors, console errors, violations of the content security policy, and dialogs that injected text would open.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** Debian's package; elsewhere CHROMIUM names one. */
const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** For what is awaited: a machine may be busy with other tests. */
const WAIT_MS = 60_000;

/** Why tests of the page cannot run here; false when they can. Give it to `skip`. */
export const noBrowser: string | false = existsSync(EXECUTABLE)
  ? false
  : `no Chromium at ${EXECUTABLE} (apt-get install chromium, or set CHROMIUM)`;

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: EXECUTABLE, args: FLAGS });

export interface Opened {
  page: Page;
  /** Fails with everything that went wrong on this page so far. `allowed` leaves out what a test provokes. */
  assertClean(allowed?: RegExp): Promise<void>;
}

interface Cleaning {
  after(work: () => unknown): void;
}

export async function openPage(t: Cleaning, browser: Browser, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'dark', ...options });
  context.setDefaultTimeout(WAIT_MS);
  t.after(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction('reportViolation', (text: string) => void problems.push(`CSP: ${text}`));
  await page.addInitScript({
    content:
      'document.addEventListener("securitypolicyviolation", (e) => void reportViolation(e.violatedDirective + " " + e.blockedURI + " " + e.sample));',
  });
  return {
    page,
    async assertClean(allowed) {
      assert.deepEqual(
        problems.filter((text) => !allowed?.test(text)),
        [],
      );
    },
  };
}

/** What axe finds wrong, as lines that say where. */
export async function axeProblems(page: Page): Promise<string[]> {
  // Through the debugger, since the policy of the page forbids what addScriptTag does.
  await page.evaluate(readFileSync(AXE, 'utf8'));
  const { violations } = await page.evaluate<{
    violations: { id: string; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }[];
  }>('axe.run()');
  return violations.flatMap((v) =>
    v.nodes.map((n) => `${v.id}: ${v.help} at ${n.target.join(' ')}: ${n.failureSummary ?? ''}`),
  );
}

/** How many pixels the page is wider than the window: somebody would have to scroll sideways. */
export const overflows = (page: Page): Promise<number> =>
  page.evaluate<number>('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)');
