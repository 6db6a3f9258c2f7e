import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Console } from '../../lib/console/server.ts';
import type { Records } from '../../lib/records/records.ts';
import { memoryRecords } from '../support/memory-records.ts';
import { describeInChromium, valueIn } from './chromium.ts';
import { clinicRecords } from './clinic-records.ts';
import { openConsole } from './open-console.ts';

const PHONE = { viewport: { width: 390, height: 844 } };

/** What is wider than its place, and is cut off or has to be moved sideways. */
const CUT = `[...document.querySelectorAll('header, nav, main, .scroll, .card, .field, td')]
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120)).join()`;

describeInChromium('the page', ({ open }) => {
  const now = new Date();
  let served: Console;
  let isDown = false;

  beforeAll(async () => {
    const records = memoryRecords(clinicRecords(now));
    const shaky: Records = {
      ...records,
      unsettled: async () => {
        if (isDown) throw new Error('The sign-in has expired. Sign in again.');
        return records.unsettled();
      },
    };
    served = await openConsole({}, { records: shaky });
  });
  afterAll(() => served.close());

  it('shows connections and what is wrong, with nothing to complain of for the browser', async () => {
    const trouble: string[] = [];
    const page = await open(served.url, '/', { trouble });
    const row = page.getByRole('row', { name: /clinic-jeddah/ });

    expect(await row.innerText()).toMatch(/samva\s+failing\s*key refused\s+for 1 h 35 min/);
    expect(await page.getByText('Standing still: 3 deliveries.').count()).toBe(1);
    expect(page.url()).not.toContain('token');
    for (const name of ['Calls', 'Deliveries', 'Charts', 'Set aside']) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.locator('[aria-busy=false]').first().waitFor();
    }
    expect(trouble).toEqual([]);
  });

  it('is used with the keyboard alone', async () => {
    const page = await open(served.url, '/');
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor();
    await page.keyboard.press('2');
    await page.getByRole('row').nth(5).waitFor();
    for (const key of ['j', 'j', 'j', 'k', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('heading', { name: 'clinic-riyadh/call-1' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1, name: 'Calls' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('+966501234570');
    await page.keyboard.press('Enter');
    await page.getByRole('row').nth(2).waitFor({ state: 'detached' });

    expect(await page.getByRole('row').count()).toBe(2);
    expect(page.url()).toContain('number=%2B966501234570');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  it('keeps filters in the address, so that a view can be kept and handed on', async () => {
    const page = await open(served.url, '/calls');
    await page.getByRole('combobox', { name: 'Outcome' }).selectOption('failed');
    await page.getByRole('combobox', { name: 'Connection' }).selectOption('clinic-jeddah');
    await page.getByLabel('Reason').fill('busy');
    await page.keyboard.press('Enter');
    await page.getByText('completed', { exact: true }).nth(1).waitFor({ state: 'detached' });
    const again = await open(served.url, new URL(page.url()).pathname + new URL(page.url()).search);
    const rows = again.locator('tbody tr');
    await rows.first().waitFor();

    expect(await rows.count()).toBeGreaterThan(0);
    for (const row of await rows.all()) expect(await row.innerText()).toMatch(/busy[\s\S]*jeddah/);
    expect(await again.getByLabel('Reason').inputValue()).toBe('busy');
  });

  it('lists older calls on request, each once', async () => {
    const page = await open(served.url, '/calls');
    const rows = page.locator('tbody tr');
    await page.getByRole('button', { name: 'Older calls' }).click();
    await rows.nth(99).waitFor();
    await page.getByRole('button', { name: 'Older calls' }).click();
    await rows.nth(119).waitFor();
    const links = await valueIn(page, `[...document.querySelectorAll('tbody a')].map(String)`);

    expect(new Set(Array.isArray(links) ? links : []).size).toBe(120);
    expect(await page.getByRole('button', { name: 'Older calls' }).count()).toBe(0);
  });

  it('tells the life of a call hop by hop, and what is missing', async () => {
    const page = await open(served.url, '/calls/clinic-jeddah/call-3');
    const hops = page.locator('.timeline > li');
    await hops.first().waitFor();
    const told = (await hops.allInnerTexts()).join('\n');

    expect(told).toMatch(
      /Created at the provider[\s\S]*Started[\s\S]*Ended[\s\S]*First seen by a poll[\s\S]*Recorded as over[\s\S]*Announced: call.failed/,
    );
    expect(told).toMatch(/delivered\s+crm hubspot[\s\S]*receipt id\s+416291/);
    expect(told).toMatch(
      /parked\s+ops slack\s*channel not found[\s\S]*name another in callwire.yaml/,
    );
    expect(await hops.last().innerText()).toContain('No receipt from ops: channel not found.');
  });

  it('masks numbers until somebody wants to see them', async () => {
    const page = await open(served.url, '/calls/clinic-jeddah/call-3');
    await page.getByText('••• 4570').waitFor();
    expect(await page.getByText('+966501234570').count()).toBe(0);
    await page.getByLabel('Show numbers').check();
    await page.getByText('+966501234570').waitFor();
    expect(page.url()).not.toContain('966');
  });

  it('shows text from outside as text, in the direction in which it is written', async () => {
    const trouble: string[] = [];
    const page = await open(served.url, '/set-aside', { trouble });
    await page.getByRole('button', { name: 'Show the record' }).click();
    await page.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await page.locator('img').count()).toBe(0);

    await page.goto(new URL('/calls/clinic-riyadh/call-5', page.url()).href);
    const summary = page.locator('.summary');
    const name = page.locator('bdi', { hasText: 'مساعد العيادة' });
    await summary.waitFor();
    const directionOf = (selector: string) =>
      valueIn(page, `getComputedStyle(document.querySelector('${selector}')).direction`);

    expect(await name.count()).toBe(1);
    expect([await directionOf('.summary'), await directionOf('.facts dd bdi')]).toEqual([
      'rtl',
      'rtl',
    ]);
    expect(trouble).toEqual([]);
  });

  it('says why something cannot be shown, and goes on once it can', async () => {
    isDown = true;
    const page = await open(served.url, '/deliveries');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.innerText()).toContain('The sign-in has expired. Sign in again.');
    isDown = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('channel not found').first().waitFor();
    expect(await alert.count()).toBe(0);
  });

  it('says what to do where there is nothing yet', async () => {
    const empty = await openConsole({});
    const page = await open(empty.url, '/');
    await page.getByText('There are no connections yet.').waitFor();
    await page.getByRole('link', { name: 'Calls' }).click();
    await page.getByText('No calls here.').waitFor();
    await page.getByRole('link', { name: 'Look at the last 30 days' }).click();
    expect(page.url()).toContain('range=30d');
    await empty.close();
    await page.keyboard.press('r');
    await page.getByText('The console has ended. Start it again: callwire console.').waitFor();
  });

  it('says that it does not know a call or a connection, without facts that it has not', async () => {
    const page = await open(served.url, '/calls/lab-dammam/nobody');
    await page.getByText('No such call is kept.').waitFor();
    expect(await page.getByText('Its connection was never polled.').count()).toBe(1);
    expect(await page.locator('dt').allInnerTexts()).toEqual([]);

    await page.goto(new URL('/connections/nobody', page.url()).href);
    await page.getByText('There is no such connection.').waitFor();
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
  });

  it('is light or dark as one likes, and remembers it', async () => {
    const page = await open(served.url, '/', { colorScheme: 'dark' });
    const paper = () => valueIn(page, 'getComputedStyle(document.body).backgroundColor');
    const dark = await paper();
    await page.getByRole('button', { name: /^Colours: auto/ }).click();
    const light = await paper();
    await page.reload();

    expect(await paper()).toBe(light);
    expect(light).not.toBe(dark);

    for (const theme of ['light', 'dark']) {
      await page.getByRole('button', { name: `Colours: ${theme}` }).click();
    }
    expect(await paper()).toBe(dark);
  });

  it('fits onto a phone', async () => {
    const page = await open(served.url, '/', PHONE);
    const fits = async (view: string) => {
      await page.getByRole('heading', { level: 1, name: view }).waitFor();
      await page.locator('[aria-busy=false]').first().waitFor();
      const width = await valueIn(page, 'document.documentElement.scrollWidth');

      expect([view, width]).toEqual([view, PHONE.viewport.width]);
      expect([view, await valueIn(page, CUT)]).toEqual([view, '']);
    };
    for (const view of ['Connections', 'Deliveries', 'Charts', 'Set aside', 'Calls']) {
      await page.getByRole('link', { name: view, exact: true }).click();
      await fits(view);
    }
    await page.locator('a[href="/calls/clinic-jeddah/call-3"]').click();
    await fits('clinic-jeddah/call-3');
    await page.getByRole('link', { name: 'Connections', exact: true }).click();
    await page.getByRole('link', { name: 'clinic-riyadh' }).click();
    await fits('clinic-riyadh');
  });
});
