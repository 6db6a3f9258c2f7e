import { destinations as kinds } from '../destinations/index.ts';
import type { Replayed, ReplayForecast } from '../routing/replay-calls.ts';
import { unreadableLine } from './unreadable.ts';

/** What becomes of a replayed event that a destination of this kind was never told. */
function fateOf(kind: string): string {
  switch (kinds.find((each) => each.kind === kind)?.replay) {
    case 'skip':
      return 'left out, because people would be alerted again';
    case 'read-back':
      return 'looked for there, and told only where it is missing';
    case undefined:
      return 'told, marked as a replay';
  }
}

const counted = (events: Readonly<Record<string, number>>): string =>
  Object.entries(events)
    .map(([type, count]) => `${count} ${type}`)
    .join(', ');

const NONE = 'No call that was created then is stored.';

/** Who would be told what, for people. */
export function forecastLines(
  calls: number,
  unreadable: number,
  recipients: ReadonlyMap<string, ReplayForecast>,
): string[] {
  const leftOut = unreadableLine(unreadable);
  if (calls === 0) return [NONE, ...leftOut];
  if (recipients.size === 0) {
    return [`No route leads anything of these ${calls} calls anywhere.`, ...leftOut];
  }
  return [
    ...leftOut,
    ...[...recipients].map(([destination, { kind, events, known }]) => {
      const all = Object.values(events).reduce((sum, count) => sum + count, 0);
      const rest = all - known;
      const fate = rest > 0 ? `; ${rest} are new there: ${fateOf(kind)}` : '';
      return `${destination} (${kind}): ${counted(events)}; ${known} known already${fate}`;
    }),
    'Nothing was announced.',
  ];
}

/** What came of a replay, for people. */
export function replayLines({
  calls,
  events,
  refused,
  deliveries,
  unreadable,
  drained,
  only,
}: Replayed & {
  readonly calls: number;
  readonly unreadable: number;
  readonly drained: boolean;
  readonly only: ReadonlySet<string> | undefined;
}): string {
  const leftOut = unreadableLine(unreadable).map((line) => ` ${line}`);
  if (calls === 0) return [NONE, ...leftOut].join('');
  return [
    only
      ? `${deliveries} events of ${calls} calls were sent to ${[...only].join(', ')} as a replay.`
      : `${events} events of ${calls} calls were announced again, as a replay.`,
    refused > 0 ? ` The bus refused ${refused}: do this again.` : '',
    ...leftOut,
    drained ? '' : ' Something is still on its way: the next run lets it arrive.',
  ].join('');
}
