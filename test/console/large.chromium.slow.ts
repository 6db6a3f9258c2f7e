import { expect, it } from 'vitest';
import { DAY_MS } from '../../lib/time.ts';
import { describeInChromium, valueIn } from './chromium.ts';
import { CONNECTIONS, DAY_END, hundredThousandCalls } from './hundred-thousand.ts';
import { openConsole } from './open-console.ts';

describeInChromium('the page with 100,000 stored calls', ({ open }) => {
  it('is painted within a second, and reads no more than it shows', async () => {
    const { records, close } = await hundredThousandCalls();
    let pages = 0;
    const counted = {
      ...records,
      async *calls(range: Parameters<typeof records.calls>[0]) {
        for await (const page of records.calls(range)) {
          pages += 1;
          yield page;
        }
      },
    };
    const served = await openConsole({}, { records: counted, now: () => DAY_END });
    const page = await open(served.url, '/calls');
    await page.locator('tbody tr').nth(49).waitFor();
    const first = await valueIn(
      page,
      `performance.getEntriesByName('first-contentful-paint')[0].startTime`,
    );
    const rows = await valueIn(page, 'performance.now()');

    console.log(
      `first paint ${Math.round(Number(first))} ms, fifty rows ${Math.round(Number(rows))} ms`,
    );
    expect(first).toBeLessThan(1_000);
    expect(pages).toBe(1);
    const day = { from: new Date(DAY_END.getTime() - DAY_MS), to: DAY_END };
    expect(await records.countCalls({ ...day, connections: CONNECTIONS })).toBe(100_000);
    await served.close();
    await close();
  });
});
