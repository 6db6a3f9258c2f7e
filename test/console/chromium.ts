import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page, type ViewportSize } from 'playwright-core';
import { afterAll, beforeAll, describe, vi } from 'vitest';

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

const DESK = { width: 1280, height: 720 };

/** Who looks. */
interface Viewer {
  /** Collects what the browser complains of. */
  readonly trouble?: string[];
  readonly viewport?: ViewportSize;
  readonly colorScheme?: 'light' | 'dark';
}

/** A browser that is started once for a suite. */
export interface Chromium {
  /**
   * Opens the page as somebody would who was given the address, at a view. It is loaded anew, in the window of
   * the test before: a window of its own is a process of its own, which takes two seconds on a busy machine.
   *
   * @param url with its token
   */
  open(url: string, view: string, viewer?: Viewer): Promise<Page>;
}

/** What an expression is worth in a page. Past its policy, which forbids Playwright's own way. */
export async function valueIn(page: Page, expression: string): Promise<unknown> {
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', { expression, returnByValue: true });
  await session.detach();
  return result.value;
}

/** A suite that needs Chromium; where there is none it says so, and is skipped. */
export function describeInChromium(name: string, suite: (chromium: Chromium) => void): void {
  const isThere = existsSync(PATH);
  const skipped = isThere ? '' : ` (skipped: there is no ${PATH}; apt-get install chromium)`;
  describe.skipIf(!isThere)(`${name}${skipped}`, () => {
    let browser: Browser;
    let page: Page;
    vi.setConfig({ testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS });
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: PATH, args: ARGS });
      page = await browser.newPage();
    });
    afterAll(() => browser.close());
    suite({
      open: async (url, view, { trouble, viewport = DESK, colorScheme = 'light' } = {}) => {
        page.removeAllListeners();
        page.on('pageerror', (error) => trouble?.push(error.message));
        page.on('console', (message) => {
          if (message.type() === 'error') trouble?.push(message.text());
        });
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        const { origin, search } = new URL(url);
        const at = new URL(view, origin);
        at.searchParams.set('token', new URLSearchParams(search).get('token') ?? '');
        await page.goto(at.href);
        return page;
      },
    });
  });
}
