import { readUnsettled } from '../adapters/dynamo-delivery-lists.ts';
import { type AttentionEntry, attentionTo } from '../delivery/attention.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../time.ts';
import { EXIT } from './exit-status.ts';
import { locateStores, type Place, withLocated } from './locate.ts';
import { namingUnreadable, unreadableLine } from './unreadable.ts';

/** In its largest unit: `3 h`. */
function ageOf(since: string, now: Date): string {
  const ms = now.getTime() - Date.parse(since);
  if (ms >= DAY_MS) return `${Math.floor(ms / DAY_MS)} d`;
  return ms >= HOUR_MS ? `${Math.floor(ms / HOUR_MS)} h` : `${Math.floor(ms / MINUTE_MS)} min`;
}

/** What needs attention, for people: two lines each. */
export const attentionLines = (entries: readonly AttentionEntry[], now: Date): string[] =>
  entries.flatMap(({ destination, state, reason, fix, count, since, events }) => [
    `${destination}: ${count} ${state} (${reason}), the first for ${ageOf(since, now)}: ${events.join(', ')}${count > events.length ? ', …' : ''}`,
    `  ${fix}`,
  ]);

/** Lists the deliveries that stand still. Returns the exit status. */
export function attention({ json, ...place }: Place & { json: boolean }): Promise<number> {
  return withLocated(locateStores(place), async ({ tables, output }) => {
    const now = new Date();
    const { onUnreadable, unreadable } = namingUnreadable();
    const table = await output('DeliveriesTableName');
    const unsettled = await readUnsettled(tables, table, onUnreadable);
    const entries = attentionTo(unsettled, now);
    if (json) console.log(JSON.stringify({ entries, unreadable: unreadable() }));
    else {
      const lines = [...attentionLines(entries, now), ...unreadableLine(unreadable())];
      console.log(lines.length === 0 ? 'Nothing needs attention.' : lines.join('\n'));
    }
    return entries.length + unreadable() === 0 ? EXIT.allIsWell : EXIT.needsALook;
  });
}
