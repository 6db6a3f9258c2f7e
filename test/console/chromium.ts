import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, vi } from 'vitest';

const PATH = '/usr/bin/chromium';

/** Of a machine that does much else besides. */
const PATIENCE_MS = 90_000;

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser that is started once for a suite. */
export interface Chromium {
  /**
   * Opens a page as somebody would who was given the address, at a view.
   *
   * @param url with its token
   * @param trouble collects what the browser complains of
   */
  open(
    url: string,
    view: string,
    options?: BrowserContextOptions & { trouble?: string[] },
  ): Promise<Page>;
}

/** What an expression is worth in a page. Past its policy, which forbids Playwright's own way. */
export async function valueIn(page: Page, expression: string): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', { expression, returnByValue: true });
  return result.value;
}

/** A suite that needs Chromium; where there is none it says so, and is skipped. */
export function describeInChromium(name: string, suite: (chromium: Chromium) => void): void {
  const isThere = existsSync(PATH);
  const skipped = isThere ? '' : ` (skipped: there is no ${PATH}; apt-get install chromium)`;
  describe.skipIf(!isThere)(`${name}${skipped}`, () => {
    let browser: Browser;
    vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS });
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: PATH, args: ARGS });
    });
    afterAll(() => browser.close());
    // What is left open keeps itself up to date.
    afterEach(async () => {
      for (const context of browser.contexts()) await context.close();
    });
    suite({
      open: async (url, view, { trouble, ...options } = {}) => {
        const context = await browser.newContext(options);
        const page = await context.newPage();
        page.on('pageerror', (error) => trouble?.push(error.message));
        page.on('console', (message) => {
          if (message.type() === 'error') trouble?.push(message.text());
        });
        const { origin, search } = new URL(url);
        const at = new URL(view, origin);
        at.searchParams.set('token', new URLSearchParams(search).get('token') ?? '');
        await page.goto(at.href);
        return page;
      },
    });
  });
}
