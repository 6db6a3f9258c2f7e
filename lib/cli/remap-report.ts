import type { Difference, RemapPlan } from '../remap/remap-connection.ts';

type Standing = Difference['before'];

const standing = ({ outcome, status, reason }: Standing): string =>
  `${outcome} (${reason === null || reason === status ? status : `${status}, ${reason}`})`;

/** A call that is understood otherwise today, as people read it. */
export function differenceLine({ id, before, after, changes, silent }: Difference): string {
  const [was, is] = [standing(before), standing(after)];
  const changed = was === is ? `${is}, other ${changes.join(', ')}` : `${was} → ${is}`;
  return `${id}: ${changed}${silent ? '; silent' : ''}`;
}

/** What came of reading everything again, for people. */
export function planLines(
  { calls, differences, records }: RemapPlan,
  done: {
    readonly recorded: number;
    readonly retaken: number;
    readonly dryRun: boolean;
    readonly drained: boolean;
  },
): string[] {
  const read = Object.values(calls).reduce((sum, count) => sum + count, 0);
  const left = [
    [calls['stays final'], 'would be open again, and stay final'],
    [calls['told otherwise'], 'were last told of by something else than the record that is kept'],
    [calls.unreadable, 'have records that cannot be read any more'],
    [calls['without record'], 'have no record any more'],
  ] as const;
  return [
    `${read} calls were read again: ${differences.length} are understood otherwise today.`,
    ...left.flatMap(([count, words]) => (count > 0 ? [`${count} ${words}.`] : [])),
    ...(records.news + records.known + records.unreadable > 0
      ? [
          `Of records that were set aside, ${records.news + records.known} can be read now, ${records.news} of them news; ${records.unreadable} cannot.`,
        ]
      : []),
    done.dryRun
      ? 'Nothing was recorded.'
      : `Recorded: ${done.recorded} versions, and ${done.retaken} records taken out of quarantine.`,
    ...(done.drained ? [] : ['Something is still on its way: the next run lets it arrive.']),
  ];
}
